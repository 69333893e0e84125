"""From descriptions to sources, with every refusal said before anything is opened."""

import difflib
from collections import Counter as Tally
from collections.abc import Sequence
from pathlib import Path

from acquisition._boards import PARAMETERS, find_board
from acquisition._brainflow import BrainFlowSource
from acquisition._playback import DirectSource, PlaybackSource, rows_of
from acquisition._recordings import RECORDINGS, find_file
from acquisition._specs import BrainFlowSpec, RecordingSpec, SimulatedSpec, SourceSpec
from acquisition._types import Headset, Source, SourceError
from hardware import PULSE, canonical, electrodes_of, unknown_channels

_ADDRESSES = ("serial_port", "mac_address", "ip_address", "ip_port", "serial_number")
_SHARES = ("loss", "noisy", "railed")
_STRENGTHS = ("synchrony", "mains", "blinks", "clenches", "alpha_rise", "late_ms")


def describe(spec: SourceSpec) -> tuple[Headset, ...]:
    """Tell what a source will give, without opening it.

    Parameters
    ----------
    spec : BrainFlowSpec, RecordingSpec or SimulatedSpec
        The source.

    Returns
    -------
    tuple of Headset
        One per seat, in their order.

    Raises
    ------
    SourceError
        If the description cannot work: unknown board or recording, missing file, records that
        are not there, wrong number of channels, names that are no electrodes.
    """
    if not spec.seats:
        raise SourceError("a source has no seat: name one at least")
    _refuse_twice("seat", spec.seats)
    match spec:
        case BrainFlowSpec():
            return _describe_board(spec)
        case RecordingSpec():
            return _describe_recording(spec)
        case SimulatedSpec():
            return _describe_simulated(spec)


def device_key(spec: SourceSpec) -> tuple[str, ...]:
    """Name the device behind each seat; equal names in a show are the same device twice.

    Parameters
    ----------
    spec : BrainFlowSpec, RecordingSpec or SimulatedSpec
        A source that `describe` accepts.

    Returns
    -------
    tuple of str
        One per seat.
    """
    match spec:
        case BrainFlowSpec(board="SYNTHETIC_BOARD"):
            return tuple(f"SYNTHETIC_BOARD {seat}" for seat in spec.seats)
        case BrainFlowSpec():
            params = dict(spec.params)
            where = [f"{field}={params[field]}" for field in _ADDRESSES if field in params]
            return tuple(" ".join([spec.board, *where]) for _ in spec.seats)
        case RecordingSpec():
            file = find_file(spec.recording, spec.path).resolve()
            return tuple(f"{file} record {row}" for row in rows_of(spec))
        case SimulatedSpec():
            return tuple(f"simulated {spec.seed} {seat}" for seat in spec.seats)


def make_source(spec: SourceSpec, cache: Path) -> Source:
    """Make the source of a description; nothing is opened yet.

    Parameters
    ----------
    spec : BrainFlowSpec, RecordingSpec or SimulatedSpec
        The source.
    cache : Path
        Folder in which converted recordings are kept; made when needed.

    Returns
    -------
    Source
        Closed.

    Raises
    ------
    SourceError
        As `describe`.
    """
    headsets = describe(spec)
    match spec:
        case BrainFlowSpec():
            return BrainFlowSource(spec, find_board(spec.board), headsets)
        case RecordingSpec(boards=True):
            return PlaybackSource(spec, headsets, cache)
        case RecordingSpec():
            return DirectSource(spec, headsets)
        case SimulatedSpec():
            # Its filters need scipy.signal: 80 MB that no headset's process should pay for.
            from acquisition._simulated import SimulatedSource

            return SimulatedSource(spec, headsets)


def _describe_board(spec: BrainFlowSpec) -> tuple[Headset, ...]:
    kind = find_board(spec.board)
    if len(spec.seats) > 1 and spec.board != "SYNTHETIC_BOARD":
        raise SourceError(
            f"seats {', '.join(spec.seats)} share one {spec.board}: write one source per headset"
        )
    for field, value in spec.params:
        _check_parameter(spec.board, field, value)
    if spec.channels is None and len(kind.channels) != len(kind.layout.eeg):
        raise SourceError(
            f"nobody names the electrodes of {spec.board}: give its {len(kind.layout.eeg)} channels"
        )
    count, pulse = len(kind.layout.eeg), kind.pulse is not None
    channels = _montage(spec.board, spec.channels, kind.channels, count, pulse=pulse)
    return tuple(Headset(seat, channels, kind.rate, live=True) for seat in spec.seats)


def _check_parameter(board: str, field: str, value: str | int) -> None:
    """Refuse a parameter that BrainFlow does not have, or of the wrong type."""
    if field not in PARAMETERS:
        near = difflib.get_close_matches(field, PARAMETERS, 1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(PARAMETERS)}"
        raise SourceError(f"{board} has no parameter {field!r}: {hint}")
    if not isinstance(value, PARAMETERS[field]):
        kind = "a whole number" if PARAMETERS[field] is int else "text in quotes"
        raise SourceError(f"{board}: {field} = {value!r} must be {kind}")


def _describe_recording(spec: RecordingSpec) -> tuple[Headset, ...]:
    if spec.recording not in RECORDINGS:
        known = ", ".join(RECORDINGS)
        raise SourceError(f"there is no recording {spec.recording!r}: choose one of {known}")
    known_as = RECORDINGS[spec.recording]
    find_file(spec.recording, spec.path)
    rows = rows_of(spec)
    if len(rows) != len(spec.seats):
        raise SourceError(
            f"{spec.recording}: {len(spec.seats)} seats but {len(rows)} records: give one per seat"
        )
    absent = [row for row in rows if not 0 <= row < known_as.records]
    if absent:
        raise SourceError(
            f"{spec.recording} holds records 0 to {known_as.records - 1}, not {absent[0]}: "
            f"give it at most {known_as.records} seats"
        )
    _refuse_twice("record", [str(row) for row in rows])
    stop = known_as.seconds if spec.stop_s is None else spec.stop_s
    if not 0 <= spec.start_s < stop <= known_as.seconds:
        raise SourceError(
            f"{spec.recording} lasts {known_as.seconds:.1f} s: an excerpt from {spec.start_s:g} "
            f"to {stop:g} s is not in it"
        )
    count = len(known_as.channels)
    channels = _montage(spec.recording, spec.channels, known_as.channels, count)
    return tuple(Headset(seat, channels, known_as.rate, live=False) for seat in spec.seats)


def _describe_simulated(spec: SimulatedSpec) -> tuple[Headset, ...]:
    if not 64 <= spec.rate <= 2000:
        raise SourceError(f"a simulated audience has 64 to 2000 samples a second, not {spec.rate}")
    if spec.seed < 0:
        raise SourceError(f"simulated audience: seed {spec.seed} must not be negative")
    for scene, engagement in spec.responses:
        if not -1 <= engagement <= 1:
            raise SourceError(f"scene {scene!r}: engagement {engagement} is not within -1 to 1")
    for name in _SHARES:
        if not 0 <= getattr(spec, name) <= 1:
            raise SourceError(f"simulated audience: {name} is a share, 0 to 1")
    for name in _STRENGTHS:
        if getattr(spec, name) < 0:
            raise SourceError(f"simulated audience: {name} cannot be negative")
    count = len(electrodes_of(spec.channels))
    channels = _montage("simulated audience", spec.channels, (), count, pulse=True)
    return tuple(Headset(seat, channels, spec.rate, live=False) for seat in spec.seats)


def _montage(
    what: str,
    given: tuple[str, ...] | None,
    usual: tuple[str, ...],
    count: int,
    *,
    pulse: bool = False,
) -> tuple[str, ...]:
    """Check channels that were given, or take the usual ones: electrodes, then the pulse."""
    if given is None:
        return usual
    names = tuple(canonical(name) for name in given)
    electrodes = electrodes_of(names)
    if names != electrodes and not pulse:
        raise SourceError(f"{what} has no pulse sensor: take {PULSE} out of its channels")
    if len(electrodes) != count or not electrodes:
        beside = "" if names == electrodes else f" beside {PULSE}"
        raise SourceError(
            f"{what} has {count} channels{beside}, but {len(electrodes)} names are given"
        )
    unknown = unknown_channels(given)
    if unknown:
        raise SourceError(f"{what}: {', '.join(unknown)}: no electrodes of the 10-20 system")
    _refuse_twice("channel", names)
    if names[: len(electrodes)] != electrodes:
        raise SourceError(f"{what}: {PULSE} must be the last of its channels")
    return names


def _refuse_twice(what: str, names: Sequence[str]) -> None:
    """Refuse a name that appears twice."""
    twice = [name for name, times in Tally(names).items() if times > 1]
    if twice:
        raise SourceError(f"{what} {twice[0]} is named twice: every {what} may appear once")
