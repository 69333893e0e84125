"""Where the service keeps everything: tables, the database behind them, and the steps from one version to the next.

Time, identifiers and hashes come in from outside; nothing here knows a rule of the festival.
"""

from festival_api.store import _tables as tables
from festival_api.store._database import BUSY, Database
from festival_api.store._types import new_id

__all__ = ["BUSY", "Database", "new_id", "tables"]
