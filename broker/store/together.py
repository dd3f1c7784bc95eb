"""Several statements to PostgreSQL in one piece, all of whose answers are waited for at once (libpq's pipeline mode).

psycopg has pipelines too, in which each statement is still a piece of its own, and is waited with where a transaction
begins and where it ends. This is made of the same parts of it, without that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
from psycopg import pq
from psycopg.abc import PQGen
from psycopg.adapt import Transformer
from psycopg.generators import send

Statement = tuple[str, Mapping[str, Any]]
"""A text and its values, as `Cursor.execute` takes them."""


def say_together(
    line: psycopg.Connection[Any], statements: Sequence[Statement], *, commit: bool = False
) -> list[psycopg.Cursor[Any]]:
    """Say these in turn, and then commit if so; return a cursor for each, with its answer.

    A transaction begins with the first, where `execute` would begin one. When one fails, those after it are not said,
    nothing is committed, and what psycopg raises for it is raised.
    """
    cursors = [line.cursor() for _ in statements]
    with line.lock:
        line.wait(_together(line, list(zip(cursors, statements, strict=True)), commit=commit))
    return cursors


def _together(line: Any, said: list[tuple[Any, Statement]], *, commit: bool) -> PQGen[None]:
    pipeline = line._pipeline = psycopg.Pipeline(line)
    try:
        line.pgconn.enter_pipeline_mode()
        if not line._autocommit and line.pgconn.transaction_status == pq.TransactionStatus.IDLE:
            yield from line._exec_command(line._get_tx_start_command())
        for cursor, (text, values) in said:
            cursor._tx = Transformer(cursor)
            yield from cursor._maybe_prepare_gen(cursor._convert_query(text, values))
        if commit:
            yield from line._exec_command(b"COMMIT")
        pipeline._enqueue_sync()
        for command in pipeline.command_queue:
            command()
        yield from send(line.pgconn)
        yield from pipeline._fetch_gen(flush=False)
    finally:
        line._pipeline = None
        try:
            line.pgconn.exit_pipeline_mode()
        except psycopg.OperationalError:  # answers are left on it, or it broke: nobody can use it any more
            line.pgconn.finish()
    yield from line._prepared.maintain_gen(line)
