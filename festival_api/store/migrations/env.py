"""Runs a migration on the connection that it is given; Alembic loads this file by its name."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext

from festival_api.store import tables
from festival_api.store._types import Instant


def _as_stored(kind: str, item: Any, _autogen: AutogenContext) -> str | Literal[False]:
    """Write columns down as the databases know them: a migration must not change with our types."""
    return "sa.BigInteger()" if kind == "type" and isinstance(item, Instant) else False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=tables.metadata,
    render_as_batch=True,
    render_item=_as_stored,
)
with context.begin_transaction():
    context.run_migrations()
