"""What a client needs to know before it can sign in: who vouches for callers here (RFC 9728)."""

from __future__ import annotations

from fastapi import APIRouter, Request

from broker.api.problems import PROBLEMS, PROTECTED_RESOURCE
from broker.api.shapes import Out
from broker.proof import PROOF_ALGORITHMS

router = APIRouter(responses=PROBLEMS, tags=["health"])


class ProtectedResourceOut(Out):
    """The metadata of RFC 9728 section 2."""

    resource: str
    authorization_servers: list[str]
    bearer_methods_supported: list[str]
    dpop_signing_alg_values_supported: list[str]
    dpop_bound_access_tokens_required: bool


@router.get(PROTECTED_RESOURCE)
def protected_resource(request: Request) -> ProtectedResourceOut:
    """Say where one signs in to call this broker, and how tokens are bound; open to everybody."""
    verifier = request.app.state.verifier
    return ProtectedResourceOut(
        resource=request.app.state.public_url,
        authorization_servers=[verifier.issuer],
        bearer_methods_supported=["header"],
        dpop_signing_alg_values_supported=list(PROOF_ALGORITHMS),
        dpop_bound_access_tokens_required=verifier.require_proof,
    )
