"""What Alembic runs for each command: on the connection it is given, in the transaction that is already open."""

from __future__ import annotations

from alembic import context

import broker.store.base  # noqa: F401  all tables
from broker.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,  # SQLite's too, since the engine begins transactions itself
)
context.run_migrations()
