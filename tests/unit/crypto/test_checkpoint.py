from __future__ import annotations

import pytest

from broker.crypto.checkpoint import Checkpoint, format_checkpoint, parse_checkpoint
from broker.crypto.merkle import EMPTY_ROOT
from broker.kernel.errors import ParseError


def test_checkpoint_of_an_empty_log_reads_and_writes_back():
    checkpoint = Checkpoint("log.example.nl", 0, EMPTY_ROOT)
    assert parse_checkpoint(format_checkpoint(checkpoint)) == checkpoint


def test_checkpoint_origin_may_have_spaces():
    checkpoint = Checkpoint("a log + more", 2**63 - 1, bytes(32))
    assert parse_checkpoint(format_checkpoint(checkpoint)) == checkpoint


@pytest.mark.parametrize(
    ("origin", "size", "root"),
    [
        ("", 1, bytes(32)),
        ("a\nb", 1, bytes(32)),
        ("\ud800", 1, bytes(32)),
        ("é" * 128, 1, bytes(32)),
        ("a", -1, bytes(32)),
        ("a", 2**63, bytes(32)),
        ("a", 1, bytes(31)),
        ("a", 0, bytes(32)),
    ],
)
def test_checkpoint_that_could_not_be_read_back_is_refused(origin, size, root):
    with pytest.raises(ParseError):
        Checkpoint(origin, size, root)
