"""Encryption at rest: fields under a data key, the data key under a key that is kept elsewhere.

Each person has a data key; it is stored only wrapped, under a key-encryption key that lives in a token or key service.
Destroying the wrapped key destroys every field under it at once, backups included: that is how we erase.

AES-256-GCM (NIST SP 800-38D). Layout of both wrapped keys and fields: version byte 0x01 || 12-byte nonce || ciphertext
|| 16-byte tag. Where the bytes belong is associated data: a value moved to another row or column does not open.

Nonces are random. SP 800-38D section 8.3 allows 2**32 encryptions under one key with random nonces. A data key serves
one person's fields, some thousands; a key-encryption key wraps one data key per person, and is to be replaced long
before four billion.
"""

from __future__ import annotations

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from broker.crypto.canonical import canonical
from broker.kernel.errors import InputError, KeyUnavailable, SealError

KEY_BYTES = 32

_VERSION = b"\x01"
_NONCE_BYTES = 12
_WRAP_PREFIX = b"deelgrond/wrap/v1\x00"
_FIELD_PREFIX = b"deelgrond/field/v1\x00"


def new_data_key() -> bytes:
    """Return a fresh 256-bit key from the library's generator."""
    return AESGCM.generate_key(bit_length=8 * KEY_BYTES)


def wrap(data_key: bytes, *, key_encryption_key: bytes, context: bytes) -> bytes:
    """Encrypt a data key for storage; `context` says whose key it is and must be given again to unwrap it.

    Raises KeyUnavailable when either key is not 32 bytes.
    """
    if len(data_key) != KEY_BYTES:
        raise KeyUnavailable("a data key has 32 bytes", code="key.wrong_kind")
    return _encrypt_with(key_encryption_key, data_key, _WRAP_PREFIX + context, nonce=_new_nonce())


def unwrap(wrapped: bytes, *, key_encryption_key: bytes, context: bytes) -> bytes:
    """Return the data key; raises SealError when the bytes, the key or the context are not those of `wrap`."""
    return _decrypt(key_encryption_key, wrapped, _WRAP_PREFIX + context)


def encrypt_field(data_key: bytes, plaintext: str, *, table: str, column: str, row: str) -> bytes:
    """Encrypt one text for one place in the database; two encryptions of one text differ.

    Raises InputError for text that is not valid UTF-8, KeyUnavailable when the key is not 32 bytes.
    """
    try:
        encoded = plaintext.encode("utf-8")
    except UnicodeEncodeError:
        raise InputError("the field is not valid text") from None
    return _encrypt_with(data_key, encoded, _place(table, column, row), nonce=_new_nonce())


def decrypt_field(data_key: bytes, encrypted: bytes, *, table: str, column: str, row: str) -> str:
    """Return the text; raises SealError when the bytes were changed, belong elsewhere or are under another key."""
    return _decrypt(data_key, encrypted, _place(table, column, row)).decode("utf-8")


def _place(table: str, column: str, row: str) -> bytes:
    # JSON keeps ("a", "bc") and ("ab", "c") apart.
    return _FIELD_PREFIX + canonical([table, column, row])


def _new_nonce() -> bytes:
    return secrets.token_bytes(_NONCE_BYTES)


def _encrypt_with(key: bytes, plaintext: bytes, associated: bytes, *, nonce: bytes) -> bytes:
    """Encrypt with a given nonce: the seam for vectors."""
    return _VERSION + nonce + _cipher(key).encrypt(nonce, plaintext, associated)


def _decrypt(key: bytes, data: bytes, associated: bytes) -> bytes:
    if data[:1] != _VERSION:
        raise SealError("the encrypted value is of an unknown version", code="integrity.seal.version")
    try:
        return _cipher(key).decrypt(data[1 : 1 + _NONCE_BYTES], data[1 + _NONCE_BYTES :], associated)
    except (InvalidTag, ValueError) as error:  # ValueError: cut off within the nonce
        raise SealError("the encrypted value was changed, belongs elsewhere or is under another key") from error


def _cipher(key: bytes) -> AESGCM:
    if len(key) != KEY_BYTES:
        raise KeyUnavailable("an AES-256 key has 32 bytes", code="key.wrong_kind")
    return AESGCM(key)
