"""Where the service keeps everything: tables, their database, and its steps between versions.

Time, identifiers and hashes come in from outside; nothing here knows a rule of the festival.
"""

from festival_api.store import _tables as tables
from festival_api.store._database import BUSY, UNAVAILABLE, Database, DatabaseError
from festival_api.store._migrations import downgrade, migrate, state
from festival_api.store._types import new_id

__all__ = [
    "BUSY",
    "UNAVAILABLE",
    "Database",
    "DatabaseError",
    "downgrade",
    "migrate",
    "new_id",
    "state",
    "tables",
]
