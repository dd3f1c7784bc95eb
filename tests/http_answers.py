"""What all answers of the broker over HTTP promise, and what a problem document says."""

from __future__ import annotations

import re
from typing import Any

import httpx

from broker.api.headers import VERSION

_ENGLISH = re.compile(r"\b(the|should|must|not|required|permitted|valid|with|than|which|who|than|cannot)\b")

EVERY_ANSWER = {
    "api-version": VERSION,
    "cache-control": "no-store",
    "content-security-policy": "frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
    "strict-transport-security": "max-age=31536000",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}
"""The headers of every answer (NL API Design Rules, /transport/security-headers and /core/version-header)."""


def check_answer(answer: httpx.Response) -> None:
    """Hold any answer of the broker to what all answers promise."""
    for name, value in EVERY_ANSWER.items():
        assert answer.headers.get_list(name) == [value], (name, answer.request.url.path, answer.headers)
    assert "server" not in answer.headers
    if answer.is_error and answer.request.method != "HEAD":
        answer.read()
        problem_of(answer)


def problem_of(answer: httpx.Response) -> dict[str, Any]:
    """Return the problem document of an answer; it has everything that RFC 9457 and the design rules ask for."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    problem: dict[str, Any] = answer.json()
    assert problem["status"] == answer.status_code
    of_a_standard = problem["type"].startswith("urn:openid:authzen:access-request:error:")
    assert of_a_standard or problem["type"] == f"urn:deelgrond:problem:{problem['code']}"
    assert problem["title"].endswith(".")
    assert problem["detail"].endswith(".")
    assert problem["title"] != problem["detail"]
    assert all(set(finding) == {"detail"} for finding in problem.get("errors", ()))
    assert [one for one in problem.get("errors", ()) if _ENGLISH.search(one["detail"])] == []
    return problem


def codes_of(answer: httpx.Response) -> tuple[int, str]:
    """Return the status and code of a problem."""
    return answer.status_code, str(problem_of(answer)["code"])


def findings_of(answer: httpx.Response) -> list[str]:
    """Return the single findings of a problem."""
    return [str(finding["detail"]) for finding in problem_of(answer).get("errors", ())]
