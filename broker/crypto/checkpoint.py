"""Checkpoints: what a log says it contained at one size, as the text of a signed note (c2sp.org/tlog-checkpoint).

    example.com/behind-the-sofa
    20852163
    CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

Three lines: the origin (the log's name), the number of leaves, the base64 root of the Merkle tree. Extension lines are
refused: nobody audits them and ML-DSA cosignatures do not cover them. Signing is `note`'s.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from broker.crypto.base64text import decode_base64, encode_base64
from broker.crypto.merkle import EMPTY_ROOT, HASH_BYTES
from broker.crypto.note import VerifierKey, parse_note, verify_note
from broker.kernel.errors import ParseError, SignatureError

# The size goes into signed 64-bit columns here and in the tools that read tiles.
MAX_SIZE = 2**63 - 1
# Cosignature formats write the length of the origin in one byte.
MAX_ORIGIN_BYTES = 255

_LINES = re.compile(r"([^\n]+)\n(0|[1-9][0-9]{0,18})\n([^\n]{44})\n")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The head of a log: who says so (`origin`), how many leaves (`size`), and the 32-byte root over them.

    Raises ParseError when it could not be written down and read back, or when a log without leaves claims a root.
    """

    origin: str
    size: int
    root: bytes

    def __post_init__(self) -> None:
        _check_origin(self.origin)
        if not 0 <= self.size <= MAX_SIZE:
            raise ParseError("a log has 0 to 2**63 - 1 leaves")
        if len(self.root) != HASH_BYTES:
            raise ParseError("a root has 32 bytes")
        if self.size == 0 and self.root != EMPTY_ROOT:
            raise ParseError("the root of a log without leaves is that of the empty tree")


def format_checkpoint(checkpoint: Checkpoint) -> str:
    """Format a checkpoint as the text of a note, with its final newline."""
    return f"{checkpoint.origin}\n{checkpoint.size}\n{encode_base64(checkpoint.root)}\n"


def parse_checkpoint(text: str) -> Checkpoint:
    """Parse exactly what `format_checkpoint` writes; leading zeros, other base64 or a fourth line are a ParseError."""
    match = _LINES.fullmatch(text)
    if match is None:
        raise ParseError("a checkpoint is three lines: origin, size, root")
    origin, size, root = match.groups()
    return Checkpoint(origin, int(size), decode_base64(root))


def read_checkpoint(text: str) -> Checkpoint:
    """Return what a signed note says, whoever signed it; raises ParseError for what is no checkpoint."""
    return parse_checkpoint(parse_note(text).text)


def verify_checkpoint(text: str, keys: Sequence[VerifierKey]) -> Checkpoint:
    """Return what a signed note says, when one of these keys signed it under the log's own name.

    Raises ParseError for what is no checkpoint, SignatureError otherwise.
    """
    note = parse_note(text)
    names = verify_note(note, keys)
    checkpoint = parse_checkpoint(note.text)
    if checkpoint.origin not in names:
        raise SignatureError("the checkpoint is not signed by the log itself")
    return checkpoint


def _check_origin(origin: str) -> None:
    # The specification only recommends the shape of a URL, and readers may not count on it.
    if not origin or any(character < " " or "\ud800" <= character <= "\udfff" for character in origin):
        raise ParseError("an origin is one line of text")
    if len(origin.encode()) > MAX_ORIGIN_BYTES:
        raise ParseError("an origin has at most 255 bytes")
