"""Whatever jurors, entrants and the office do, and in whatever order."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, update

from festival_api import jury
from festival_api.refusals import Refusal
from festival_api.store import tables as t

EDITION = "hkaiiff-2026"
NOW = datetime(2026, 4, 1, tzinfo=UTC)
DIMENSIONS = (
    "technological_innovation",
    "artistic_achievement",
    "commercial_value",
    "social_impact",
)
STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            [
                *("draw", "assign", "unassign", "abstain", "retire", "appoint", "withdraw"),
                *("save", "submit") * 3,
                *("declare", "lift", "find", "publish"),
            ]
        ),
        # Mostly on one pair, so that much happens to it.
        st.sampled_from([0, 0, 0, 1, 2]),
        st.sampled_from([0, 0, 0, 1]),
        st.integers(0, 100),
    ),
    min_size=15,
    max_size=30,
)


def test_no_conflicted_opinion_counts_and_nothing_submitted_changes(
    people, database, shipped, clock
):
    edition = shipped.edition
    owner, office = people.account(), people.office().account
    jurors = [people.juror(faction).account for faction in ("art", "ethics", "community")]
    works = people.works(2, owner=owner, state="in_evaluation")

    def do(c, action, juror, entry, score):
        pair = (juror, entry)
        scores = dict.fromkeys(DIMENSIONS, score)
        match action:
            case "draw":
                jury.assign_stage(c, edition, 2, str(score), office, NOW)
            case "assign":
                jury.assign_one(c, edition, 2, pair, office, NOW)
            case "unassign":
                jury.end_assignment(c, edition, 2, pair, "ill", NOW)
            case "abstain":
                jury.abstain(c, edition, 2, pair, "ill", NOW)
            case "retire":
                jury.retire(c, EDITION, juror, NOW)
            case "appoint":
                jury.appoint(c, edition, juror, jury.Seat(faction="art"), NOW)
            case "save":
                review = jury.Review(scores=scores, reason="again")
                jury.save_review(c, edition, pair, review, NOW)
            case "submit":
                jury.submit(c, edition, 2, pair, NOW)
            case "declare":
                jury.declare(c, EDITION, pair, jury.NewConflict(kind="family"), owner, NOW)
            case "lift":
                k = t.conflicts.c
                last = select(k.id).where(k.juror == juror, k.lifted_at.is_(None))
                if conflict := c.execute(last).scalar():
                    jury.lift(c, EDITION, conflict, "no cousins", office, NOW)
            case "find":
                jury.find_conflicts(c, EDITION, works, NOW)
            case "withdraw":
                state = "withdrawn" if score % 2 else "in_evaluation"
                c.execute(update(t.entries).where(t.entries.c.id == entry).values(state=state))
            case "publish":
                c.execute(update(t.stages).values(state="published" if score > 50 else "open"))

    @settings(
        max_examples=25,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        # Without shrinking: each try is a hundred transactions.
        phases=[Phase.explicit, Phase.generate],
    )
    @given(STEPS)
    def check(steps):
        start_again(database, people)
        with database.write() as c:
            jury.assign_stage(c, edition, 2, "s", office, NOW)
        submitted = {}
        for action, juror, entry, score in steps:
            try:
                with database.write() as c:
                    do(c, action, jurors[juror], works[entry], score)
            except Refusal:
                pass
            with database.read() as c:
                submitted = hold(c, submitted)

    check()


def start_again(database, people):
    with database.write() as c:
        for table in (t.opinions, t.assignments, t.conflicts, t.letters):
            c.execute(delete(table))
        c.execute(update(t.entries).values(state="in_evaluation"))
        c.execute(update(t.jurors).values(retired_at=None))
    people.stage(2, "open")


def hold(c, before):
    """Hold the state to the laws; return what was submitted, for the next step."""
    opinions = c.execute(select(t.opinions)).all()
    rows = {(one.entry, one.juror, one.revision): one for one in opinions}
    submitted = {key: one for key, one in rows.items() if one.submitted_at is not None}
    for key, old in before.items():
        new = submitted[key]
        assert (new.content, new.reason, new.submitted_at) == (
            old.content,
            old.reason,
            old.submitted_at,
        )
        assert old.void_at is None or (new.void_at, new.void_why) == (old.void_at, old.void_why)

    a, k = t.assignments.c, t.conflicts.c
    running = select(a.juror, a.entry).where(a.ended_at.is_(None))
    running = [tuple(row) for row in c.execute(running)]
    assert len(running) == len(set(running)), "nobody is assigned twice"
    conflicted = select(k.juror, k.entry).where(k.lifted_at.is_(None))
    conflicted = {tuple(row) for row in c.execute(conflicted)}

    counted = jury.submitted_opinions(c, EDITION, 2)
    pairs = [(one.juror, one.entry) for one in counted]
    assert len(pairs) == len(set(pairs)), "each juror counts once for a work"
    assert set(pairs) <= set(running)
    published = jury.stage_state(c, EDITION, 2) == "published"
    assert published or not set(pairs) & conflicted
    for one in counted:
        row = submitted[one.entry, one.juror, one.revision]
        assert row.void_at is None
        later = [r for e, j, r in submitted if (e, j) == (one.entry, one.juror)]
        assert one.revision == max(later)
    return submitted
