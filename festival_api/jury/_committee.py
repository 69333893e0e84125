"""The core committee at work: ballots, and counting them.

A member votes once on each award, for a finalist that they have seen at a recorded viewing, and not
at all where they have a conflict of interest with a work that stands. Ballots are counted when the
office asks for it; what they came to is sealed until stage 3 is published.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection, Row, delete, insert, select

from festival_api.editions import Award, Edition, LoadedEdition
from festival_api.jury._blindness import stage_state
from festival_api.jury._decisions import keep
from festival_api.jury._finding import find_conflicts, kinds_with
from festival_api.jury._refusals import STAGE_NOT_OPEN, STOPPED
from festival_api.jury._sitting import (
    Sitting,
    Voting,
    award_inputs,
    committee_award,
    committee_awards,
    is_decided,
    sitting,
    voting,
)
from festival_api.jury._stage_refusals import (
    AWARD_COUNTED,
    AWARDS_UNDECIDED,
    DOUBLE_VOTE,
    NOT_A_FINALIST,
    NOT_IN_COMMITTEE,
    NOT_ON_PANEL,
    NOT_VIEWED,
    QUORUM_MISSING,
    RECUSED,
)
from festival_api.jury._tally import needed
from festival_api.store import tables as t
from festival_api.texts import Id32

_ENTRY = Field(examples=["0f1e2d3c4b5a69788796a5b4c3d2e1f0"])
_AWARD = Field(examples=["best_ai_native_film"])


class BallotView(BaseModel):
    """One's own ballot."""

    model_config = ConfigDict(frozen=True)

    award: str = _AWARD
    round: int = Field(examples=[1])
    entry: Id32 = _ENTRY
    cast_at: datetime = Field(examples=["2026-05-06T08:00:00Z"])


class AwardView(BaseModel):
    """How far an award is; nothing of what its ballots say."""

    model_config = ConfigDict(frozen=True)

    award: str = _AWARD
    round: int = Field(description="2: among works that were level in the first.", examples=[1])
    state: Literal["open", "counted"]
    entitled: int = Field(description="Members who may vote in this round.", examples=[7])
    needed: int = Field(description="Ballots without which it is not counted.", examples=[5])
    cast: int = Field(description="Ballots that count so far.", examples=[6])
    candidates: tuple[Id32, ...] | None = Field(
        description="Works that stand, for members of the committee and auditors.", examples=[None]
    )
    own: Id32 | None = Field(description="For what one voted oneself.", examples=[None])
    may_vote: bool = Field(description="Whether one may still vote on it oneself.")


def cast(
    c: Connection, loaded: LoadedEdition, award_id: str, juror: str, entry: str, now: datetime
) -> BallotView:
    """Cast a member's ballot.

    Raises
    ------
    Refusal
        `unknown_award`, `not_for_committee`, `not_in_committee`, `not_on_panel`, `stage_not_open`,
        `stopped`, `award_counted`, `recused`, `double_vote`, `not_a_finalist`, `not_viewed`.
    """
    edition = loaded.edition
    award = committee_award(edition, award_id)
    who = sitting(c, edition.id)
    _require_vote(who, award, juror)
    require_stage_3(c, edition.id)
    if is_decided(c, loaded, award, who):
        raise AWARD_COUNTED(award=award.id)
    round_ = voting(c, edition.id, award.id, who.finalists)
    if kinds_with(c, edition.id, juror, round_.candidates):
        raise RECUSED()
    earlier = _own_ballot(c, edition.id, award.id, juror, round_)
    if earlier is not None and _counts(earlier, round_, who):
        raise DOUBLE_VOTE()
    if entry not in round_.candidates:
        raise NOT_A_FINALIST({"candidates": list(round_.candidates)})
    if (juror, entry) not in who.seen:
        raise NOT_VIEWED()
    key = {"edition": edition.id, "award": award.id, "round": round_.number, "juror": juror}
    # A ballot for a work that has left since, or was not seen after all, is a ballot for nothing.
    c.execute(delete(t.ballots).filter_by(**key))
    c.execute(insert(t.ballots).values(**key, entry=entry, cast_at=now))
    return BallotView(award=award.id, round=round_.number, entry=entry, cast_at=now)


def count(c: Connection, loaded: LoadedEdition, award_id: str, by: str, now: datetime) -> AwardView:
    """Count the ballots of an award; what they came to is sealed.

    Raises
    ------
    Refusal
        `unknown_award`, `not_for_committee`, `stage_not_open`, `stopped`, `award_counted`,
        `quorum_missing`.
    """
    edition = loaded.edition
    award = committee_award(edition, award_id)
    require_stage_3(c, edition.id)
    find_conflicts(c, edition.id, sitting(c, edition.id).finalists, now)
    who = sitting(c, edition.id)
    if is_decided(c, loaded, award, who):
        raise AWARD_COUNTED(award=award.id)
    inputs = award_inputs(c, loaded, award, who)
    ballots, least = len(inputs.rounds[-1].ballots), needed(inputs.quorum, len(inputs.entitled))
    if ballots < least:
        raise QUORUM_MISSING(
            {"cast": ballots, "needed": least}, award=award.id, cast=ballots, needed=least
        )
    keep(c, inputs, by, now)
    return _award_view(c, loaded, award, who, None, candidates=False)


def awards(
    c: Connection, loaded: LoadedEdition, juror: str | None, *, candidates: bool
) -> tuple[AwardView, ...]:
    """Return how far each award of the committee is.

    Parameters
    ----------
    juror : str or None
        The member who asks.
    candidates : bool
        Whether the works that stand are told: after a first round they tell who was level.
    """
    who = sitting(c, loaded.edition.id)
    return tuple(
        _award_view(c, loaded, award, who, juror, candidates=candidates)
        for award in committee_awards(loaded.edition)
    )


def is_member(c: Connection, edition: str, account: str) -> bool:
    """Tell whether an account sits on the core committee."""
    return any(member.account == account for member in sitting(c, edition).members)


def require_all_decided(c: Connection, loaded: LoadedEdition) -> None:
    """Let pass when every award of the committee is decided.

    Raises
    ------
    Refusal
        `awards_undecided`.
    """
    who = sitting(c, loaded.edition.id)
    missing = [
        award.id
        for award in committee_awards(loaded.edition)
        if not is_decided(c, loaded, award, who)
    ]
    if missing:
        raise AWARDS_UNDECIDED({"awards": missing}, count=len(missing))


def require_stage_3(c: Connection, edition: str) -> None:
    """Let pass while stage 3 is open.

    Raises
    ------
    Refusal
        `stage_not_open`, `stopped`.
    """
    state = stage_state(c, edition, 3)
    if state == "before":
        raise STAGE_NOT_OPEN(stage=3)
    if state != "open":
        raise STOPPED(stage=3)


def _require_vote(who: Sitting, award: Award, juror: str) -> None:
    if juror not in {member.account for member in who.members}:
        raise NOT_IN_COMMITTEE()
    if juror not in {member.account for member in who.panel(award)}:
        raise NOT_ON_PANEL({"allowed": list(award.panel)}, allowed=", ".join(award.panel))


def _counts(ballot: Row[Any], round_: Voting, who: Sitting) -> bool:
    return ballot.entry in round_.candidates and (ballot.juror, ballot.entry) in who.seen


def _own_ballot(
    c: Connection, edition: str, award: str, juror: str, round_: Voting
) -> Row[Any] | None:
    key = {"edition": edition, "award": award, "round": round_.number, "juror": juror}
    return c.execute(select(t.ballots).filter_by(**key)).first()


def _award_view(
    c: Connection,
    loaded: LoadedEdition,
    award: Award,
    who: Sitting,
    juror: str | None,
    *,
    candidates: bool,
) -> AwardView:
    edition: Edition = loaded.edition
    round_ = voting(c, edition.id, award.id, who.finalists)
    inputs = award_inputs(c, loaded, award, who)
    counted = is_decided(c, loaded, award, who)
    own = _own_ballot(c, edition.id, award.id, juror, round_) if juror else None
    votes = {member.account: member.pseudonym for member in who.panel(award)}
    entitled = juror in votes and votes[juror] in inputs.entitled
    has_voted = own is not None and _counts(own, round_, who)
    running = stage_state(c, edition.id, 3) == "open" and not counted
    return AwardView(
        award=award.id,
        round=round_.number,
        state="counted" if counted else "open",
        entitled=len(inputs.entitled),
        needed=needed(inputs.quorum, len(inputs.entitled)),
        cast=len(inputs.rounds[-1].ballots),
        candidates=round_.candidates if candidates else None,
        own=own.entry if own else None,
        may_vote=running and entitled and not has_voted,
    )
