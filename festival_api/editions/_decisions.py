"""Everything that an edition decides where the festival's own text is open or says two things."""

from __future__ import annotations

from festival_api.editions._decided import Decided
from festival_api.editions._decisions_awards import AWARDS
from festival_api.editions._decisions_jury import JURY
from festival_api.editions._decisions_season import SEASON
from festival_api.editions._model import Edition

__all__ = ["decisions"]


def decisions(edition: Edition) -> tuple[Decided, ...]:
    """Return the decisions of a checked edition in the order of their numbers, 1 to 18."""
    return tuple(tell(edition) for tell in (*SEASON, *JURY, *AWARDS))
