"""Whole shows on virtual time under random faults: what must hold holds, and bugs are found."""

from collections import Counter

import pytest

from engine import logs
from engine.screening import warm_up
from engine.simulation import FAULTS, PLANTS, Simulated, simulate, simulate_many

FOUND_BY = {
    "no-default-table": "did not end",
    "no-flush-before-decision": "has no recorded decision",
    "no-term-check": "was taken after term",
    "no-consent-filter": "recorded",
}
"""What gives each planted bug away."""


@pytest.fixture(autouse=True)
def quiet() -> None:
    logs.silence()
    warm_up()


def told(shows: list[Simulated]) -> str:
    return "\n".join(
        f"hall simulate --shows 1 --seed {show.seed} --story\n" + "\n".join(show.story)
        for show in shows
        if show.broken
    )


def check(shows: list[Simulated]) -> None:
    """Everything held, and everything that can befall a show has befallen one."""
    assert not any(show.broken for show in shows), told(shows)
    befallen = Counter(fault for show in shows for fault in show.faults)
    assert set(befallen) == set(FAULTS)
    story = "\n".join(line for show in shows for line in show.story)
    for recovery in ("the engine runs (start 2)", "the player runs (start 2)", "show --resume"):
        assert recovery in story


def test_three_hundred_shows():
    check(list(simulate_many(range(300))))


@pytest.mark.full
def test_two_thousand_more_shows():
    check(list(simulate_many(range(10_000, 12_000))))


def test_a_seed_gives_the_same_show_again():
    first, again = simulate(7), simulate(7)
    assert first.story == again.story
    assert first.hall_s == again.hall_s
    assert first.story != simulate(8).story


@pytest.mark.full
@pytest.mark.parametrize("bug", PLANTS)
def test_a_planted_bug_is_found(bug):
    """Within two thousand shows, and by what it breaks."""
    tried = 0
    for show in simulate_many(range(2_000), bug):
        tried += 1
        if any(FOUND_BY[bug] in what for what in show.broken):
            return
    pytest.fail(f"{bug} was not found in {tried} shows")


def test_an_unknown_bug_cannot_be_planted():
    with pytest.raises(KeyError):
        simulate(0, "no-such-bug")
