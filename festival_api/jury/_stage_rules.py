"""What the two stages in which jurors write ask for, out of the edition."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from festival_api.editions import Edition
from festival_api.jury._blindness import stage_state
from festival_api.jury._refusals import STAGE_NOT_OPEN, STOPPED, UNKNOWN_STAGE


@dataclass(frozen=True, slots=True)
class StageRules:
    """Who judges in a stage, and how many of them each work needs.

    Attributes
    ----------
    factions : tuple of str
        Who may write.
    per_work : int
        Jurors that each work needs, of whichever faction.
    per_faction : mapping of str to int
        Jurors that it needs of each faction; they count among these.
    entry_state : str
        State of the entries that take part.
    """

    factions: tuple[str, ...]
    per_work: int
    per_faction: Mapping[str, int]
    entry_state: str

    def lacks(self, factions: Iterable[str]) -> tuple[int, dict[str, int]]:
        """Return how many opinions a work lacks, and of which factions.

        Parameters
        ----------
        factions : iterable of str
            Of the jurors whose opinions on the work count.
        """
        heard = Counter(factions)
        of = {one: least - heard[one] for one, least in self.per_faction.items()}
        of = {one: missing for one, missing in of.items() if missing > 0}
        return max(self.per_work - heard.total(), sum(of.values()), 0), of


def stage_rules(edition: Edition, stage: int) -> StageRules:
    """Return what a stage asks for.

    Raises
    ------
    Refusal
        `unknown_stage`.
    """
    if stage == 1:
        first = edition.stage_1
        return StageRules(first.factions, 0, dict(first.minimum), "in_recognition")
    if stage == 2:
        second = edition.stage_2
        one_of_each = dict.fromkeys(second.factions, 1) if second.coverage == "per_work" else {}
        return StageRules(second.factions, second.minimum, one_of_each, "in_evaluation")
    raise UNKNOWN_STAGE(stage=stage)


def require_open(c: Connection, edition: str, stage: int) -> None:
    """Let pass while a stage is open.

    Raises
    ------
    Refusal
        `stage_not_open` before, `stopped` after.
    """
    state = stage_state(c, edition, stage)
    if state == "before":
        raise STAGE_NOT_OPEN(stage=stage)
    if state != "open":
        raise STOPPED(stage=stage)
