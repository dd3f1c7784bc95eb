"""The bare application that acts are measured against: FastAPI and SQLAlchemy as in their first pages.

Sign-in is the broker's own, token and proof and all; then what was sent becomes one row, with one commit. It reads,
decides, encrypts and logs nothing. What a call costs here, no application on this stack with this sign-in can save.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Annotated, Any

import uvicorn
from fastapi import Depends, FastAPI, HTTPException, Request
from sqlalchemy import JSON, BigInteger, Column, DateTime, MetaData, Table, Text, create_engine, insert

from broker.app import build_verifier
from broker.bench.server import Broker, served
from broker.clock import system_clock
from broker.identity import Caller
from broker.kernel.errors import IdentityError
from broker.listen import LISTENING
from broker.settings import read_settings

SAID = "/said"
"""Where something is said to it."""

_metadata = MetaData()
_said = Table(
    "said",
    _metadata,
    Column("id", BigInteger, primary_key=True),
    Column("subject", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("body", JSON, nullable=False),
)
_SAY = insert(_said).returning(_said.c.id)


def application() -> FastAPI:
    """Return the application of the environment's settings; its engine has as many connections as the broker's."""
    settings = read_settings()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> Any:
        yield
        app.state.verifier.close()
        app.state.engine.dispose()

    app = FastAPI(lifespan=lifespan)
    app.state.verifier, app.state.engine = build_verifier(settings), create_engine(settings.database.url)
    app.state.public_url = settings.http.public_url
    app.get("/v1/health")(_health)
    app.post(SAID, status_code=201)(_say)
    return app


@contextmanager
def serving(broker: Broker, url: str) -> Iterator[tuple[str, int]]:
    """Run one process of it with the settings of this broker, on the database at `url`; yield its address."""
    with served("broker.bench.bare", environment={**broker.environment, "BROKER_DATABASE__URL": url}) as (address, _):
        yield address


def make_table(url: str) -> None:
    """Make its one table in the database at this URL, which has the broker's, because sign-in keeps proofs there."""
    engine = create_engine(url)
    _metadata.create_all(engine)
    engine.dispose()


def _caller(request: Request) -> Caller:
    state = request.app.state
    try:
        found: Caller = state.verifier.verify(
            authorization=request.headers.get("authorization"),
            proof=request.headers.get("dpop"),
            method=request.method,
            url=state.public_url + request.url.path,
            now=system_clock(),
        )
    except IdentityError as error:
        raise HTTPException(401, error.code) from error
    return found


def _say(request: Request, body: dict[str, Any], caller: Annotated[Caller, Depends(_caller)]) -> dict[str, int]:
    with request.app.state.engine.begin() as connection:
        said = {"subject": caller.subject, "at": system_clock(), "body": body}
        return {"id": connection.scalar(_SAY, said)}


def _health() -> dict[str, str]:
    return {"status": "up"}


if __name__ == "__main__":
    http = read_settings().http
    uvicorn.run("broker.bench.bare:application", factory=True, host=http.host, port=http.port, **LISTENING)
