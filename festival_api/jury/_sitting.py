"""The core committee of stage 3: who sits on it, what stands for each award, who may vote on it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, select

from festival_api.editions import Award, Edition, LoadedEdition
from festival_api.jury._conflicts import Pair, active
from festival_api.jury._decisions import latest, record_in
from festival_api.jury._recompute import read_inputs, read_result, written
from festival_api.jury._record import Points
from festival_api.jury._selection import METHOD as SELECTION
from festival_api.jury._stage_refusals import (
    AWARD_LIST_INCOMPLETE,
    COMMITTEE_TOO_SMALL,
    NOT_FOR_COMMITTEE,
    UNKNOWN_AWARD,
)
from festival_api.jury._tally import AwardInputs, Ballot, Finalist, Round, VoidBallot
from festival_api.store import tables as t


@dataclass(frozen=True, slots=True)
class Member:
    """A core juror who has not retired."""

    account: str
    pseudonym: str
    faction: str


@dataclass(frozen=True, slots=True)
class Sitting:
    """The committee and the finalists, as they are now.

    Attributes
    ----------
    members : tuple of Member
        By pseudonym.
    finalists : tuple of str
        Entries, by id.
    conflicted : set of pairs
        Jurors and works between which a recorded conflict stands.
    standings : tuple of Finalist
        Where the finalists stood in stage 2.
    seen : set of pairs
        Jurors and the works whose viewing they attended.
    """

    members: tuple[Member, ...]
    finalists: tuple[str, ...]
    conflicted: frozenset[Pair]
    standings: tuple[Finalist, ...]
    seen: frozenset[Pair]

    def panel(self, award: Award) -> tuple[Member, ...]:
        """Return the members who vote on an award, those with a conflict among them."""
        return tuple(one for one in self.members if not award.panel or one.faction in award.panel)

    def is_recused(self, account: str, candidates: tuple[str, ...]) -> bool:
        """Tell whether a member has a conflict with a work that stands."""
        return any((account, entry) in self.conflicted for entry in candidates)


@dataclass(frozen=True, slots=True)
class Voting:
    """The round of an award that runs, or ran last.

    Attributes
    ----------
    number : int
        1, or 2 among those that were level.
    candidates : tuple of str
        Works that stand.
    earlier : tuple of Round
        Rounds before, as they were counted.
    """

    number: int
    candidates: tuple[str, ...]
    earlier: tuple[Round, ...]


def sitting(c: Connection, edition: str) -> Sitting:
    """Return the committee and the finalists."""
    e, j = t.entries.c, t.jurors.c
    members = c.execute(
        select(j.account, j.pseudonym, j.faction)
        .where(j.edition == edition, j.core, j.retired_at.is_(None))
        .order_by(j.pseudonym)
    )
    query = select(e.id).where(e.edition == edition, e.state == "finalist").order_by(e.id)
    finalists = tuple(c.execute(query).scalars())
    return Sitting(
        members=tuple(Member(row.account, row.pseudonym, row.faction) for row in members),
        finalists=finalists,
        conflicted=frozenset(active(c, edition)),
        standings=_standings(c, edition, finalists),
        seen=_seen(c, edition),
    )


def voting(c: Connection, edition: str, award: str, finalists: tuple[str, ...]) -> Voting:
    """Return the round that an award is in.

    A second round is among the works that were level in the first, as long as two of them stand.
    """
    d = t.decisions.c
    tie = c.execute(
        select(t.decisions)
        .where(d.edition == edition, d.stage == 3, d.subject == award, d.kind == "tie")
        .order_by(d.turn.desc())
        .limit(1)
    ).first()
    if tie is not None:
        record = record_in(tie)
        tied = tuple(entry for entry in read_result(record).tied if entry in finalists)
        if len(tied) > 1:
            return Voting(2, tied, read_inputs(record).rounds)
    return Voting(1, finalists, ())


def award_inputs(c: Connection, loaded: LoadedEdition, award: Award, now: Sitting) -> AwardInputs:
    """Gather what an award is decided from, as it is now."""
    edition = loaded.edition
    round_ = voting(c, edition.id, award.id, now.finalists)
    panel = now.panel(award)
    recused = {one.account for one in panel if now.is_recused(one.account, round_.candidates)}
    return AwardInputs(
        edition=edition.id,
        edition_sha256=loaded.sha256,
        stage=3,
        subject=award.id,
        quorum=edition.stage_3.quorum,
        panel=award.panel,
        entitled=tuple(one.pseudonym for one in panel if one.account not in recused),
        recused=tuple(one.pseudonym for one in panel if one.account in recused),
        finalists=now.standings,
        rounds=(*round_.earlier, _round(c, edition.id, award.id, round_, panel, recused, now.seen)),
    )


def is_decided(c: Connection, loaded: LoadedEdition, award: Award, now: Sitting) -> bool:
    """Tell whether an award is decided, and from what is still so."""
    row = latest(c, loaded.edition.id, 3, award.id)
    if row is None or row.kind != "award":
        return False
    record = record_in(row)
    then = read_inputs(record)
    fresh = award_inputs(c, loaded, award, now)
    fresh = fresh.model_copy(update={"edition_sha256": then.edition_sha256})
    return written(fresh) == record.inputs


def committee_award(edition: Edition, id_: str) -> Award:
    """Return an award that the committee decides.

    Raises
    ------
    Refusal
        `unknown_award`, `not_for_committee`.
    """
    award = edition.award(id_)
    if award is None:
        raise UNKNOWN_AWARD(award=id_)
    if award.decided_by != "committee":
        raise NOT_FOR_COMMITTEE(award=id_)
    return award


def committee_awards(edition: Edition) -> tuple[Award, ...]:
    """Return the awards that the committee decides."""
    return tuple(award for award in edition.awards if award.decided_by == "committee")


def require_committee(c: Connection, edition: Edition) -> None:
    """Let pass when the committee can begin.

    Raises
    ------
    Refusal
        `award_list_incomplete`, unless exactly the edition's number of awards is announced and
        none is a mere place; `committee_too_small`.
    """
    expected = edition.settings.awards_counted
    announced = sum(award.counted and award.announced for award in edition.awards)
    places = [award.id for award in edition.awards if not award.announced]
    if announced != expected or places:
        facts = {"announced": announced, "expected": expected, "places": places}
        raise AWARD_LIST_INCOMPLETE(facts, announced=announced, expected=expected)
    members, quorum = len(sitting(c, edition.id).members), edition.stage_3.quorum
    if members < quorum:
        raise COMMITTEE_TOO_SMALL(members=members, quorum=quorum)


def _round(
    c: Connection,
    edition: str,
    award: str,
    round_: Voting,
    panel: tuple[Member, ...],
    recused: set[str],
    seen: frozenset[Pair],
) -> Round:
    b, j = t.ballots.c, t.jurors.c
    rows = c.execute(
        select(b.juror, b.entry, j.pseudonym)
        .join_from(t.ballots, t.jurors, (j.edition == b.edition) & (j.account == b.juror))
        .where(b.edition == edition, b.award == award, b.round == round_.number)
        .order_by(j.pseudonym)
    )
    votes, ballots, void = {one.account for one in panel}, [], []
    for row in rows:
        ballot = {"juror": row.pseudonym, "entry": row.entry}
        if row.juror not in votes:
            void.append(VoidBallot(**ballot, why="retired"))
        elif row.juror in recused:
            void.append(VoidBallot(**ballot, why="conflict_of_interest"))
        elif row.entry not in round_.candidates:
            void.append(VoidBallot(**ballot, why="work_left"))
        elif (row.juror, row.entry) not in seen:
            void.append(VoidBallot(**ballot, why="not_viewed"))
        else:
            ballots.append(Ballot(**ballot))
    return Round(candidates=round_.candidates, ballots=tuple(ballots), void=tuple(void))


def _seen(c: Connection, edition: str) -> frozenset[Pair]:
    h, a, later = t.hearings.c, t.attendances.c, t.hearings.alias()
    rows = c.execute(
        select(a.juror, h.entry)
        .join_from(t.hearings, t.attendances, a.hearing == h.id)
        .outerjoin(later, later.c.replaces == h.id)
        .where(h.edition == edition, h.kind == "viewing", later.c.id.is_(None))
    )
    return frozenset((row.juror, row.entry) for row in rows)


def _standings(c: Connection, edition: str, finalists: tuple[str, ...]) -> tuple[Finalist, ...]:
    row = latest(c, edition, 2)
    works = {}
    if row is not None and row.method == SELECTION:
        works = {work.entry: work for work in read_result(record_in(row)).by_work}
    nothing = Points(total=0, count=1)
    return tuple(
        Finalist(
            entry=entry,
            micro=works[entry].adjusted.micro if entry in works else 0,
            lowest_faction=works[entry].lowest_faction if entry in works else nothing,
        )
        for entry in finalists
    )
