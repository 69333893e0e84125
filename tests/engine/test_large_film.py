"""A film of the size of the largest known one runs from its first scene to an ending."""

import random

import pytest

import dsp
from benchmarks._large_film import large_film
from engine.config import planned_table
from engine.directing import Directing
from engine.records import StateRecord
from narrative import load_film
from playback import Command, Player, SilentDriver

SECOND_NS = 1_000_000_000


def state(rng: random.Random) -> dsp.AudienceState:
    """An audience of 32 that is moved or not, as it happens, and surely so."""
    signals = []
    for name in dsp.SIGNALS:
        value = rng.choice([-2.0, 0.0, 2.0, 4.0])
        signals.append(dsp.Pooled(name, value, 0.1, value * 10, 0.999999, 32, 32.0, 0.0))
    return dsp.AudienceState(0, tuple(signals), (), (), None)


@pytest.mark.parametrize("seed", [1, 2])
def test_the_large_film_is_played_to_an_ending(seed):
    film = load_film(large_film(), "film.yaml")
    table = planned_table(film)
    player = Player(table, SilentDriver())
    directing = Directing(film, table, term=1, origin_ns=0, seed=seed)
    rng = random.Random(seed)
    player.command(Command("start"))
    seen, decided, frame, mood = [], 0, 0, state(rng)
    while not player.finished:
        now_ns = round(frame / film.fps * SECOND_NS)
        for event in player.tick(now_ns):
            assert event.kind not in ("fault", "underflow")
            if event.kind == "started":
                seen.append(event.scene)
            if (plan := directing.on_event(event)) is not None:
                assert player.plan(plan).accepted
        if frame % 25 == 0:
            # Moods last: for five seconds a reading is like the one before.
            mood = state(rng) if frame % 125 == 0 else mood
            directing.observe(StateRecord(now_ns, True, 0, mood))
        if frame % 5 == 0 and (record := directing.decide(now_ns, step=frame)) is not None:
            decided += record.decision.by == "audience"
            assert player.plan(record.plan).accepted
        frame += 1
    assert film.scenes[seen[-1]].ending
    assert decided > 10
    assert len(set(seen)) > 30
    # No way round is without end: from max_runtime on the defaults lead out.
    assert frame / film.fps < film.max_runtime_s + sum(
        s.length_s or 0 for s in film.scenes.values()
    )
