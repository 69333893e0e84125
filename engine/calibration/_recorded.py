"""A calibration session as arrays: samples on the grid, states by the second, scenes in time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import dsp
from engine.calibration._file import CalibrationError
from engine.calibration._film import FILM_TEXT, FPS, SCENES
from engine.grid import TICK_NS, Float32, Grid
from engine.records import EventRecord, Frame, SeatRequest, StateRecord
from engine.session import (
    Configuration,
    EegSecond,
    StepsRecord,
    decode,
    frames_of,
    read,
    read_configuration,
)


@dataclass(frozen=True, slots=True, eq=False)
class Recorded:
    """What a calibration session holds.

    Attributes
    ----------
    configuration : Configuration
        Its first message.
    groups : tuple of dsp.Group
        Seats by rate and montage.
    samples : tuple of float32 [samples, seats, channels]
        Of each group, in uV, from the show's origin on; NaN where nothing is recorded.
    scenes : dict of str to (float, float)
        First and last moment of every scene, in s since the origin.
    states : tuple of StateRecord
        At the end of every second.
    left_out : frozenset of str
        Seats that allow no record, or not any more; they have no samples here.
    """

    configuration: Configuration
    groups: tuple[dsp.Group, ...]
    samples: tuple[Float32, ...]
    scenes: dict[str, tuple[float, float]]
    states: tuple[StateRecord, ...]
    left_out: frozenset[str]


def load(path: Path, progress: Callable[[float], None]) -> Recorded:
    """Read a calibration session.

    Parameters
    ----------
    path : Path
        The session.
    progress : callable
        Called with the seconds read so far.

    Raises
    ------
    SessionError
        The file is no session.
    CalibrationError
        It is of another film, or the film did not run through.
    """
    configuration = read_configuration(path)
    if configuration.film_text != FILM_TEXT:
        raise CalibrationError(
            f"{path}: shows {configuration.film_name}, not this version's calibration film; "
            "run hall calibrate without --session"
        )
    placing = _Placing(configuration)
    events, states = [], []
    consents = dict(configuration.consents)
    engines = 0
    for topic, _, data in read(path):
        if topic == "/configuration":
            engines += 1
        elif topic == "/eeg/local":
            placing.keep(decode(topic, data))
        elif topic == "/engine/steps":
            progress(placing.close(decode(topic, data)))
        elif topic == "/seat/consent":
            request: SeatRequest = decode(topic, data).request
            consents[request.seat] = request.consent
        elif topic == "/player/event":
            events.append(decode(topic, data))
        elif topic == "/audience/state":
            state: StateRecord = decode(topic, data)
            if (state.state.tick + 1) % dsp.TICKS_PER_SECOND == 0:
                states.append(state)
    if engines != 1:
        raise CalibrationError(f"{path}: the engine was replaced in the middle; calibrate again")
    scenes = _scenes(events, configuration.origin_ns, path)
    groups, samples = placing.whole()
    left_out = frozenset(seat for seat, consent in consents.items() if not consent.records)
    for group, own in zip(groups, samples, strict=True):
        own[:, [seat in left_out for seat in group.seats]] = np.nan
    return Recorded(configuration, groups, samples, scenes, tuple(states), left_out)


class _Placing:
    """Puts the recorded samples on the grid, step by step, as the show did."""

    def __init__(self, configuration: Configuration) -> None:
        self._grid = Grid(configuration.sources, configuration.origin_ns)
        self._channels = [len(source[0].channels) for source in configuration.sources]
        self._frames: dict[int, list[Frame]] = {}
        self._blocks: list[list[Float32]] = []

    def keep(self, second: EegSecond) -> None:
        for source in second.sources:
            for step, frame in frames_of(source, self._channels[source.source]):
                self._frames.setdefault(step, []).append(frame)

    def close(self, steps: StepsRecord) -> float:
        """Close the ticks of a second; gives the seconds so far."""
        for step, closed in enumerate(steps.closed, start=steps.first_step):
            for frame in self._frames.pop(step, []):
                channels = self._channels[frame.source]
                samples = frame.samples_array(channels)
                self._grid.place(frame.source, frame.read_ns, frame.runs_array(), samples)
            while self._grid.tick < closed:
                self._blocks.append(self._grid.close())
        return self._grid.tick / dsp.TICKS_PER_SECOND

    def whole(self) -> tuple[tuple[dsp.Group, ...], tuple[Float32, ...]]:
        """Give each group, and its samples in one piece."""
        by_group = zip(*self._blocks, strict=True)
        return self._grid.groups, tuple(np.concatenate(blocks) for blocks in by_group)


def _scenes(
    events: list[EventRecord], origin_ns: int, path: Path
) -> dict[str, tuple[float, float]]:
    """When each scene was on the screen."""
    starts: dict[str, float] = {}
    end = None
    for record in events:
        event = record.event
        at_s = (event.hall_ns - origin_ns) * 1e-9
        if event.kind == "paused":
            raise CalibrationError(
                f"{path}: the film was stopped in {event.scene}; calibrate again"
            )
        if event.kind == "started":
            starts.setdefault(event.scene, at_s - event.frame / FPS)
        elif event.kind == "ended":
            end = at_s
    if end is None or set(starts) != set(SCENES):
        missing = next((scene for scene in SCENES if scene not in starts), SCENES[-1])
        raise CalibrationError(f"{path}: {missing} was not shown to its end; calibrate again")
    edges = [*(starts[scene] for scene in SCENES), end]
    return {scene: (edges[i], edges[i + 1]) for i, scene in enumerate(SCENES)}


def last_tick_s(record: StateRecord) -> float:
    """End of a state's tick, in s since the origin."""
    return (record.state.tick + 1) * TICK_NS * 1e-9
