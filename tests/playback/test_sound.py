"""The loudspeaker: no clicks at cuts, and a queue that keeps its level."""

import numpy as np
import pytest

from playback._sound import RAMP, Loudspeaker

BLOCK = 2000


class Tape:
    """A device that plays `rate` samples per tick and keeps what it was given."""

    def __init__(self, rate: float = BLOCK, backlog: int = 0) -> None:
        self._rate, self.level, self.given = rate, float(-backlog), []

    @property
    def queued(self) -> int:
        return max(0, int(self.level))

    def push(self, samples: np.ndarray) -> None:
        self.level += len(samples)
        self.given.append(samples)

    def run(self) -> None:
        self.running = True

    def play(self) -> None:
        self.level = max(0.0, self.level - self._rate)

    def close(self) -> None:
        self.running = False


def steady(level: int = 8000) -> np.ndarray:
    return np.full((BLOCK, 2), level, np.int16)


def steps(tape: Tape, since: int) -> float:
    sound = np.concatenate(tape.given[since:]).astype(float)
    return float(np.abs(np.diff(sound, axis=0)).max())


def test_cuts_and_ends_are_ramped() -> None:
    tape = Tape()
    speaker = Loudspeaker(tape, 0.125)
    speaker.play(steady(), 1.0, joins=False, leaves=False)
    tape.play()
    speaker.play(steady(), 1.0, joins=True, leaves=True)
    tape.play()
    speaker.play(steady(-8000), 1.0, joins=False, leaves=False)
    tape.play()
    speaker.play(np.zeros((BLOCK, 2), np.int16), 1.0, joins=False, leaves=False)
    tape.play()
    assert steps(tape, 0) < 8000 * np.pi / RAMP


def test_what_joins_is_left_alone() -> None:
    tape = Tape()
    speaker = Loudspeaker(tape, 0.125)
    speaker.play(steady(), 1.0, joins=False, leaves=False)
    tape.play()
    speaker.play(steady(), 1.0, joins=True, leaves=False)
    tape.play()
    assert (tape.given[-1] == 8000).all()


def test_levels_are_reached_without_a_step() -> None:
    tape = Tape()
    speaker = Loudspeaker(tape, 0.125)
    for level in (1.0, 0.5, 0.0, 0.5):
        speaker.play(steady(), level, joins=True, leaves=False)
        tape.play()
    assert steps(tape, 1) <= 5
    assert abs(int(tape.given[-2][-1, 0])) <= 1


@pytest.mark.parametrize("rate", [1998.0, 1999.5, 2000.0, 2000.5, 2002.0])
@pytest.mark.parametrize("backlog", [0, 3000, -6000])
def test_the_queue_keeps_its_level_for_any_device(rate: float, backlog: int) -> None:
    tape = Tape(rate, backlog)
    speaker = Loudspeaker(tape, 0.125)
    target = 0.125 * 48000
    levels = []
    for _ in range(600):
        levels.append(tape.level)
        speaker.play(steady(), 1.0, joins=True, leaves=False)
        tape.play()
    assert np.abs(np.array(levels[60:]) - target).max() < 0.030 * 48000


def test_after_a_stall_the_queue_is_filled_at_once() -> None:
    tape = Tape()
    speaker = Loudspeaker(tape, 0.125)
    for k in range(100):
        speaker.play(steady(), 1.0, joins=True, leaves=False)
        tape.play()
        if k == 50:
            tape.level = 0.0
        if k > 52:
            assert tape.level > 0.080 * 48000
