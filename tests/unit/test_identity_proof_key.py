"""A proof key that goes from one process to another stays the same key, and nothing else is taken for one."""

from __future__ import annotations

import pytest

from broker.proof import ProofMaker


def test_proof_key_written_and_read_is_the_same_key() -> None:
    maker = ProofMaker()
    assert ProofMaker.from_jwk(maker.as_jwk()).thumbprint == maker.thumbprint


def test_proof_key_is_not_shown_by_repr() -> None:
    maker = ProofMaker()
    assert maker.as_jwk()["d"] not in repr(maker)


@pytest.mark.parametrize("change", [{"d": "AAAA"}, {"crv": "P-521"}, {"kty": "oct"}, {"x": "!"}])
def test_proof_key_refuses_what_is_no_private_p256_key(change: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="P-256"):
        ProofMaker.from_jwk({**ProofMaker().as_jwk(), **change})


def test_proof_key_refuses_a_public_key() -> None:
    public = {name: value for name, value in ProofMaker().as_jwk().items() if name != "d"}
    with pytest.raises(ValueError, match="P-256"):
        ProofMaker.from_jwk(public)
