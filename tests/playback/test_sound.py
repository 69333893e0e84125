"""The loudspeaker: no clicks at cuts, and a queue that keeps its level."""

import numpy as np
import pytest

from playback._sound import GAIN_RAMP, RAMP, Loudspeaker, Ramp

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


def test_a_clip_that_goes_on_after_its_end_is_left_alone() -> None:
    tape = Tape()
    speaker = Loudspeaker(tape, 0.125)
    for leaves in (False, True, False):
        speaker.play(steady(), 1.0, joins=True, leaves=leaves)
        tape.play()
    assert (np.concatenate(tape.given[1:]) == 8000).all()
    assert sum(map(len, tape.given[1:])) == 3 * BLOCK


def test_what_waits_for_the_next_block_does_not_move_the_queue() -> None:
    tape = Tape()
    speaker = Loudspeaker(tape, 0.125)
    for k in range(400):
        speaker.play(steady(), 1.0, joins=True, leaves=k % 2 == 0)
        tape.play()
    assert sum(map(len, tape.given[1:])) == 400 * BLOCK
    assert (np.concatenate(tape.given[1:]) == 8000).all()


def test_a_level_is_reached_over_100_ms_without_a_step() -> None:
    tape = Tape()
    speaker = Loudspeaker(tape, 0.125)
    speaker.play(steady(), 1.0, joins=True, leaves=False)
    tape.play()
    speaker.set_gain(-6.0, at_once=False)
    for _ in range(4):
        speaker.play(steady(), 1.0, joins=True, leaves=False)
        tape.play()
    sound = np.concatenate(tape.given[2:])[:, 0].astype(float)
    low = 8000 * 10 ** (-6 / 20)
    assert steps(tape, 1) <= 2
    assert sound[GAIN_RAMP // 2] == pytest.approx((8000 + low) / 2, abs=2)
    assert sound[GAIN_RAMP - 2] > low + 0.5
    assert np.allclose(sound[GAIN_RAMP:], low, atol=1)


def test_at_a_cut_the_level_is_there_at_once_and_the_cut_is_ramped() -> None:
    tape = Tape()
    speaker = Loudspeaker(tape, 0.125)
    speaker.play(steady(), 1.0, joins=True, leaves=False)
    tape.play()
    speaker.set_gain(6.0, at_once=True)
    speaker.play(steady(-8000), 1.0, joins=False, leaves=False)
    assert steps(tape, 1) < 2 * 8000 * np.pi / RAMP
    assert np.allclose(tape.given[-1][RAMP:], -8000 * 10 ** (6 / 20), atol=1)


def test_what_is_under_a_clip_is_not_ramped_with_its_cuts_but_fades_with_the_whole() -> None:
    tape = Tape()
    speaker = Loudspeaker(tape, 0.125)
    bed = np.full((BLOCK, 2), 1000.0)
    silence = np.zeros((BLOCK, 2), np.int16)
    for joins, leaves, level in ((True, False, 1.0), (True, True, 1.0), (False, False, 1.0)):
        speaker.play(silence, level, joins=joins, leaves=leaves, under=bed)
        tape.play()
    assert (np.concatenate(tape.given[1:]) == 1000).all()
    speaker.play(silence, 0.5, joins=True, leaves=False, under=bed)
    assert tape.given[-1][-1, 0] == 500
    assert steps(tape, 2) <= 2


@pytest.mark.parametrize("samples", [1, 7, 100])
def test_a_ramp_goes_in_a_straight_line_however_it_is_cut_up(samples: int) -> None:
    ramp = Ramp(0.0)
    ramp.go(1.0, 50)
    gains = np.concatenate([ramp.take(samples) for _ in range(-(-100 // samples))])
    assert np.allclose(gains[:100], np.minimum(1, np.arange(1, 101) / 50))
    assert ramp.still
    ramp.go(0.25, 10)
    ramp.take(4)
    ramp.go(1.0, 2)
    assert np.allclose(ramp.take(3), [0.85, 1.0, 1.0])
    ramp.go(0.5, 0)
    assert ramp.take(1)[0] == 0.5


def test_what_is_too_late_is_cut_away_without_a_click() -> None:
    tape = Tape()
    speaker = Loudspeaker(tape, 0.125)
    for k in range(30):
        block = np.concatenate([steady(), steady()]) if k == 20 else steady(8000 - 400 * (k > 20))
        speaker.play(block, 1.0, joins=True, leaves=False)
        tape.play()
    assert abs(tape.level - 0.125 * 48000) <= RAMP
    assert steps(tape, 1) <= 8000 * np.pi / RAMP
