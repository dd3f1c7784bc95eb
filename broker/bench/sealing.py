"""Sealing and opening one part, against the bare HPKE call underneath: what our signature, context and padding cost."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from broker.bench.sample import interleaved
from broker.bench.table import Result, Row
from broker.crypto.seal import SEED_BYTES, OpeningKey, RecipientKey, SealContext, open_sealed, seal

MEASURE = "sealing"

_SIZES = {"1 kB": 1_000, "100 kB": 100_000}


def measure_sealing(*, rounds: int) -> Iterator[Result]:
    """Yield `seal` and `open_sealed` against encrypting and decrypting as many bytes with the same suite."""
    own = OpeningKey.from_seed(secrets.token_bytes(SEED_BYTES))
    recipient, signing = RecipientKey(own.public), Ed25519PrivateKey.generate()
    responder = signing.public_key().public_bytes_raw()
    context = SealContext(
        request="req_0123456789abcdefghjkmnpqrs",
        question="q1",
        category="veiligheid",
        person="child1",
        decision="dec_0123456789abcdefghjkmnpqrs",
        requester="org:vt-amsterdam",
        responder="org:praktijk-linnaeus",
        recipient=own.key_id,
    )
    suite = hpke.Suite(hpke.KEM.MLKEM768_X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)
    private = hpke.MLKEM768X25519PrivateKey(MLKEM768PrivateKey.generate(), X25519PrivateKey.generate())
    public = private.public_key()
    for name, size in _SIZES.items():
        text = secrets.token_bytes(size)
        sealed = seal(plaintext=text, context=context, recipient=recipient, sign=signing.sign)
        bare = suite.encrypt(text, public, context.info)

        def seal_once(_: int, text: bytes = text) -> None:
            seal(plaintext=text, context=context, recipient=recipient, sign=signing.sign)

        def encrypt_once(_: int, text: bytes = text) -> None:
            suite.encrypt(text, public, context.info)

        def open_once(_: int, sealed: bytes = sealed) -> None:
            open_sealed(sealed=sealed, context=context, private=own, responder_public=responder)

        def decrypt_once(_: int, bare: bytes = bare) -> None:
            suite.decrypt(bare, private, context.info)

        calls = {"seal": seal_once, "encrypt": encrypt_once, "open": open_once, "decrypt": decrypt_once}
        taken = interleaved(calls, rounds=rounds)
        for ours, other in (("seal", "encrypt"), ("open", "decrypt")):
            yield Row(
                measure=MEASURE,
                subject=f"{ours} {name}",
                ours=taken[ours],
                other=taken[other],
                against=f"HPKE {other}",
                ratio=taken[ours].median / taken[other].median,
                reads=f"{ours} / bare",
            )
