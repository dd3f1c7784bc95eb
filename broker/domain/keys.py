"""The key ring as the others see it: operations, never key bytes."""

from __future__ import annotations

from typing import Protocol


class Signer(Protocol):
    """Signs checkpoints under a name; hands out no key bytes."""

    name: str
    public: bytes

    def sign(self, message: bytes) -> bytes:
        """Return the Ed25519 signature (64 bytes); raises KeyUnavailable when the key may not be used now."""


class Keys(Protocol):
    """What the key ring does for others: it hands out operations, never key bytes."""

    def log_signer(self) -> Signer:
        """Return the signer of checkpoints; raises KeyUnavailable when the log key may not be used now."""

    @property
    def vkey(self) -> str:
        """The log's verifier key, also while the key itself may not be used."""

    def recall_checkpoint(self) -> str | None:
        """Return the note of the newest checkpoint that was remembered beside the log key; None when there is none."""

    def check(self) -> None:
        """Raise KeyUnavailable when one of the keys may not be used now; older storage keys may have expired."""

    def remember_checkpoint(self, note: str) -> None:
        """Have this checkpoint on disk beside the log key, outside the database, when this returns."""

    def wrap_data_key(self, data_key: bytes, *, context: bytes) -> bytes:
        """Wrap a data key under the storage key, bound to its context."""

    def unwrap_data_key(self, wrapped: bytes, *, context: bytes) -> bytes:
        """Return the data key, with whichever storage key wrapped it, expired or not.

        Raises KeyUnavailable when that key is not on the ring, SealError when the bytes or the context are others.
        """

    def rewrap_data_key(self, wrapped: bytes, *, context: bytes) -> bytes | None:
        """Return the same data key under the first storage key; None when it is under that already.

        Raises as `unwrap_data_key` and `wrap_data_key` do.
        """

    def webhook_secret(self, organisation: str) -> bytes:
        """Return what the organisation's webhook is signed with; the same as long as the pseudonym key is."""

    def pseudonym(self, *, purpose: str, organisation: str, identifier: str) -> str:
        """Return the stand-in for a person, different for each purpose and organisation."""
