"""The API before anything is wired to it: its routes and how it describes itself (OpenAPI).

The app serves it and `broker openapi` prints it; both are made here, so that they cannot differ.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from starlette.types import Lifespan

from broker.api import ROUTERS, authzen, authzen_requests
from broker.api.headers import VERSION


def unwired_api(lifespan: Lifespan[FastAPI] | None = None) -> FastAPI:
    """Return an app with every route of the API; it serves once the composition root gave it what routes ask for."""
    app = FastAPI(
        title="Deelgrond",
        version=VERSION,
        description="Rechtmatig informatie delen rond huiselijk geweld en kindermishandeling.",
        openapi_url="/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
    )
    for router in (*ROUTERS, authzen.router, authzen.everybody, authzen_requests.router):
        app.include_router(router)
    return app


def describe() -> dict[str, Any]:
    """Return the OpenAPI document of the API."""
    return unwired_api().openapi()


def operations_of(document: dict[str, Any]) -> Iterator[str]:
    """Yield the lines of a Markdown table with every operation of an OpenAPI document, in its order."""
    yield "| call | what it does | body | answer |"
    yield "|---|---|---|---|"
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            asked = [one["name"] for one in operation.get("parameters", ()) if one["in"] == "query"]
            address = path + ("?" + "&".join(asked) if asked else "")
            said = operation["description"].partition("\n")[0]
            if "security" not in operation:
                said += " *(no sign-in)*"
            body = _shape(operation.get("requestBody", {}))
            yield f"| `{method.upper()} {address}` | {said} | {body} | {_answers(operation['responses'])} |"


def _answers(responses: dict[str, Any]) -> str:
    good = {status: said for status, said in responses.items() if status.startswith("2")}
    return ", ".join(f"{status} {_shape(said)}".strip() for status, said in sorted(good.items()))


def _shape(content: dict[str, Any]) -> str:
    """Return the schema's name, where it has one; else what kind of content it is."""
    for media, said in content.get("content", {}).items():
        schema = said["schema"]
        # A body that may be left out is its schema with a default beside it.
        candidates = (schema, schema.get("items", {}), *schema.get("allOf", ()))
        named = next((one for one in candidates if "$ref" in one), None)
        if named is None:
            return "JSON" if media == "application/json" else f"`{media}`"
        name = f"`{named['$ref'].rpartition('/')[2]}`"
        return f"list of {name}" if "items" in schema else name
    return ""
