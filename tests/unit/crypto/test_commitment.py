from __future__ import annotations

import pytest

from broker.crypto.commitment import commit, new_salt, verify_commitment
from broker.kernel.errors import InputError, IntegrityError

DETAIL = {"outcome": "allowed", "persons": ["ps_1"]}


def test_commitment_verifies_for_its_detail_and_salt():
    salt = new_salt()
    verify_commitment({"persons": ["ps_1"], "outcome": "allowed"}, salt=salt, commitment=commit(DETAIL, salt=salt))


def test_commitment_refuses_another_detail_or_salt():
    salt = new_salt()
    made = commit(DETAIL, salt=salt)
    for detail, other in (({**DETAIL, "outcome": "refused"}, salt), (DETAIL, new_salt())):
        with pytest.raises(IntegrityError):
            verify_commitment(detail, salt=other, commitment=made)


def test_commitment_refuses_text_that_is_no_commitment():
    with pytest.raises(IntegrityError):
        verify_commitment(DETAIL, salt=new_salt(), commitment="é")


def test_commitment_with_another_salt_cannot_be_linked():
    assert commit(DETAIL, salt=new_salt()) != commit(DETAIL, salt=new_salt())


@pytest.mark.parametrize("salt", [b"", bytes(16)])
def test_commitment_refuses_a_short_salt(salt):
    with pytest.raises(InputError):
        commit(DETAIL, salt=salt)
