"""A block of the greatest hall beside the field's tools, and halls far greater than any cinema."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Protocol

import numpy as np
from rich.console import Console
from rich.status import Status

import dsp
from benchmarks import _peers
from benchmarks._audience_picture import draw
from benchmarks._ceilings import Ceilings, ceilings
from benchmarks._halls import BLOCK_MS, Ran, run_hall
from benchmarks._measure import (
    FULL,
    Effort,
    Floats,
    UnavailableError,
    figure,
    interleave,
    need_proc,
    ratio,
)
from benchmarks._one_core import one_core
from benchmarks._peers import BLOCK, CHANNELS, LEAD_IN_S, RATE
from benchmarks._report import RATIO, Table
from benchmarks._timeflux import interpreter, timeflux, version
from benchmarks._vectorised import Vectorised
from benchmarks._work import octets, operations

HALLS = (64, 256, 1_024, 4_096, 16_384, 50_000)
GREAT = 10_000
"""From this many seats on a hall is measured for half the time."""

LOOP_S = 10
COMPARED_S, COMPARED_SEATS = 16, 8

OURS, NUMPY = "Neural Hall: Analyzer.push", "numpy + scipy, one matrix"
QUICK = (OURS, NUMPY)
PEERS: dict[str, tuple[type[_peers.Peer], str]] = {
    OURS: (_peers.Hall, "all"),
    NUMPY: (Vectorised, "all"),
    "MNE-Python, 4 s windows": (_peers.Mne, "band powers"),
    "BrainFlow DataFilter, per seat": (_peers.BrainFlow, "band powers"),
}
TIMEFLUX = {
    "timeflux, a graph per seat": True,
    "timeflux, one graph": False,
}

_COMPUTES = (
    "All: mains notch, five band-passes with powers over 4 s, four log indices, blinks, running "
    "robust scale, clipping, component, correlation over 10 s with its null and seat by seat over "
    "60 s, doubled seats, electrode quality, baseline, smoothed z, trimmed mean, t. numpy + scipy "
    "does the same, but starts no filter anew after a gap, counts every rise as a blink, knows no "
    "admission and gives neither reasons nor trends. MNE filters the last 4 s again (FIR, made "
    "by every call; its low-pass takes the mains out) and takes Welch's spectrum; BrainFlow takes "
    "offset and mains out of each channel's last 4 s and gives a seat's mean band powers as "
    "shares; timeflux filters sample by sample (notch, three bands) and takes the mean square of "
    "4 s. These three know no quality, no scale, no baseline, no correlation and no pooling."
)
_OFF = (
    "Off scipy: RMS relative difference of every seat's band powers and their ratios (parietal "
    "beta / (alpha + theta) and (theta + alpha) / (alpha + beta), theta / alpha on the forehead, "
    "and but for BrainFlow, which knows shares only, occipital alpha) from what scipy finds by the "
    "same method with the whole recording at hand: filters for ours, numpy and timeflux, Welch's "
    "spectrum for MNE and BrainFlow (whose bands reach past their upper edges)."
)


class Contestant(Protocol):
    """Takes turns, and has looked at enough of the audience to give its indices."""

    def turn(self, blocks: int) -> list[float]:
        """Push some blocks, and tell how long each took, in s."""


def run(effort: Effort, picture: Path | None = None) -> list[Table]:
    """Measure one block in every hand, then ever greater halls, then the core itself.

    Parameters
    ----------
    effort : Effort
        How much; `HALLS` are scaled to its seats.
    picture : Path, optional
        Where to draw cost against seats.

    Raises
    ------
    UnavailableError
        No /proc tells what a process costs, or a hall did not fit into memory.
    """
    need_proc()
    python, left_out = _timeflux_python()
    with Console(stderr=True).status("") as status:
        costs, block = _one_block(effort, python, left_out, status)
        halls = [_hall(seats, effort, status) for seats in _sizes(effort)]
        status.update("What the core can do ...")
        core = ceilings()
    if picture:
        peers = {name: float(cost.mean()) * 1e3 for name, cost in costs.items() if name != OURS}
        draw(peers, halls, picture)
    return [block, _halls_table(halls), _ceilings_table(halls[-1], core)]


def _timeflux_python() -> tuple[Path | None, tuple[str, ...]]:
    """Give timeflux's Python, or None and why there is none."""
    try:
        return interpreter(), ()
    except UnavailableError as error:
        return None, (f"timeflux is left out: {error}.",)


def _one_block(
    effort: Effort, python: Path | None, left_out: Sequence[str], status: Status
) -> tuple[dict[str, Floats], Table]:
    """Let everyone take turns at the same blocks, on one core."""
    with one_core():
        status.update("The same audience in every hand, to compare what comes out ...")
        outputs = _outputs(min(COMPARED_SEATS, effort.seats), python)
        noise = _peers.audience_noise(LOOP_S, effort.seats)
        with _contestants(noise, python) as contestants:
            for name, (contestant, lead_in_s) in contestants.items():
                status.update(f"{name}: the lead-in ...")
                contestant.turn(lead_in_s * dsp.TICKS_PER_SECOND)
            status.update("Everyone in turn ...")
            turns = {
                name: partial(contestant.turn, _blocks(name, effort))
                for name, (contestant, _) in contestants.items()
            }
            costs = interleave(turns, effort.rounds)
    rows = tuple(_block_row(name, cost, costs[OURS], outputs[name]) for name, cost in costs.items())
    return costs, Table(
        f"One block of {BLOCK_MS:g} ms on one core: {effort.seats} seats x {len(CHANNELS)} "
        f"channels x {RATE} Hz",
        ("", "computes", "mean ms", "p50", "p99", "worst", RATIO, "off scipy", "ISC"),
        rows,
        (
            f"{_blocks(OURS, effort)} blocks a round (MNE, BrainFlow, timeflux: "
            f"{dsp.TICKS_PER_SECOND}), {effort.rounds} rounds, whole seconds: every tenth block "
            "closes one.",
            _COMPUTES,
            f"{_OFF} {_method_note()}",
            *((f"Timeflux has an environment of its own: {version(python)}.",) if python else ()),
            *left_out,
        ),
    )


@contextmanager
def _contestants(
    noise: _peers.Samples, python: Path | None
) -> Iterator[dict[str, tuple[Contestant, int]]]:
    """Give everyone who takes part, with the seconds each needs before it is measured."""
    seats = noise.shape[1]
    with ExitStack() as stack:
        found: dict[str, tuple[Contestant, int]] = {
            name: (_peers.Fed(kind(seats), noise), kind.lead_in_s)
            for name, (kind, _) in PEERS.items()
        }
        for name, per_seat in TIMEFLUX.items() if python else ():
            assert python
            process = stack.enter_context(timeflux(python, noise, seats if per_seat else 1))
            found[name] = (process, process.lead_in_s)
        yield found


def _blocks(name: str, effort: Effort) -> int:
    """Tell how many blocks a turn has: one second of those that are slow."""
    return dsp.TICKS_PER_SECOND * (max(1, round(effort.seconds)) if name in QUICK else 1)


def _outputs(seats: int, python: Path | None) -> dict[str, tuple[float, float | None]]:
    """Tell how far each one's indices are off scipy's, and its correlation."""
    noise = _peers.audience_noise(COMPARED_S, seats)
    found: dict[str, tuple[float, float | None]] = {}
    for name, (kind, _) in PEERS.items():
        fed = _peers.Fed(kind(seats), noise)
        fed.turn(len(noise) // BLOCK)
        found[name] = (
            off(fed.peer.indices(), kind.offline(noise)),
            fed.peer.synchrony(),
        )
    for name, per_seat in TIMEFLUX.items() if python else ():
        assert python
        with timeflux(python, noise, seats if per_seat else 1) as process:
            process.turn(len(noise) // BLOCK)
            found[name] = (off(process.indices(), _peers.Hall.offline(noise)), None)
    return found


def off(indices: Floats, reference: Floats) -> float:
    """Give the RMS relative difference of the ratios whose logarithms these are."""
    return float(np.sqrt((np.expm1(indices - reference) ** 2).mean()))


def _method_note() -> str:
    """Tell how far the two methods are from each other, so that nobody takes it for an error."""
    noise = _peers.audience_noise(COMPARED_S, COMPARED_SEATS)
    apart = off(_peers.Mne.offline(noise), _peers.Hall.offline(noise))
    return f"On 4 s of this noise the two methods are {figure(100 * apart)} % apart."


def _block_row(
    name: str, cost: Floats, ours: Floats, output: tuple[float, float | None]
) -> tuple[str, ...]:
    ms = cost * 1e3
    off_scipy, correlation = output
    return (
        name,
        PEERS[name][1] if name in PEERS else "band powers",
        *map(figure, (ms.mean(), *np.percentile(ms, (50, 99)).tolist(), ms.max())),
        ratio(cost, ours),
        f"{figure(100 * off_scipy)} %",
        "–" if correlation is None else f"{correlation:.4f}",
    )


def _sizes(effort: Effort) -> list[int]:
    return [round(seats * effort.seats / FULL.seats) for seats in HALLS]


def _hall(seats: int, effort: Effort, status: Status) -> Ran:
    status.update(f"{seats:,} seats on one core ...")
    seconds = max(1, round(effort.seconds)) * (1 if seats > GREAT else 2)
    return run_hall(seats, LEAD_IN_S, seconds)


def _halls_table(halls: Sequence[Ran]) -> Table:
    """Set halls of all sizes beside each other."""
    first = np.mean(halls[0].seconds)
    grown = np.array([hall.grown_mb for hall in halls])
    line = np.polyfit([hall.seats for hall in halls], grown, 1)
    left = grown - np.polyval(line, [hall.seats for hall in halls])
    unknown: dict[str, list[str]] = {}
    for hall in halls:
        for reason in hall.unknown:
            unknown.setdefault(reason, []).append(f"{hall.seats:,}")
    return Table(
        f"Cost against seats, one core: {len(CHANNELS)} channels x {RATE} Hz, everything on",
        ("", "mean ms", "p50", "p99", "worst", "times real time", "MB", "kB per seat", RATIO),
        tuple(_hall_row(hall, float(first)) for hall in halls),
        (
            f"{_seconds(halls)} after a lead-in of {LEAD_IN_S} s, whole seconds; times real time "
            f"is {BLOCK_MS:g} ms over the mean. ratio: beside the first row. MB: most resident "
            "memory of the process less what it held, the input included, before the analyzer was "
            "made. "
            f"Least squares: {figure(line[0] * 1e3)} kB per seat, R² "
            f"{1 - float((left**2).sum() / ((grown - grown.mean()) ** 2).sum()):.6f}.",
            *(
                f"Unknown at the end, with {', '.join(seats)} seats: {reason}."
                for reason, seats in unknown.items()
            ),
        ),
    )


def _seconds(halls: Sequence[Ran]) -> str:
    lengths = sorted({len(hall.seconds) // dsp.TICKS_PER_SECOND for hall in halls})
    return f"{' or '.join(map(str, lengths))} s each"


def _hall_row(hall: Ran, first: float) -> tuple[str, ...]:
    ms = np.array(hall.seconds) * 1e3
    return (
        f"{hall.seats:,} seats",
        *map(figure, (ms.mean(), *np.percentile(ms, (50, 99)).tolist(), ms.max())),
        figure(BLOCK_MS / float(ms.mean())),
        figure(hall.grown_mb),
        figure(hall.grown_mb * 1e3 / hall.seats),
        figure(float(ms.mean()) / 1e3 / first),
    )


def _ceilings_table(hall: Ran, core: Ceilings) -> Table:
    """Tell how much of what the core can do the greatest hall makes use of."""
    columns = hall.seats * len(CHANNELS)
    flop, byte = operations() * columns * BLOCK, octets() * columns
    ours_s = float(np.mean(hall.seconds))
    floors = {
        "float32 multiply-adds": (core.gflops_single, "GFlop/s", flop),
        "float64 multiply-adds": (core.gflops_double, "GFlop/s", flop),
        "a triad over memory": (core.gb, "GB/s", byte),
    }
    ours = f"{figure(flop / ours_s / 1e9)} GFlop/s, {figure(byte / ours_s / 1e9)} GB/s"
    return Table(
        f"The core's ceilings, and a block of {hall.seats:,} seats",
        ("", "a second", "ms for a block", RATIO),
        (
            (f"Neural Hall, {hall.seats:,} seats", ours, figure(ours_s * 1e3), "1"),
            *(
                (
                    f"floor: {name}",
                    f"{figure(best)} {unit}",
                    figure(work / best / 1e6),
                    figure(work / best / 1e9 / ours_s),
                )
                for name, (best, unit, work) in floors.items()
            ),
        ),
        (
            f"A block is counted as {operations():g} operations per sample of a channel and "
            f"{figure(octets())} bytes per channel (benchmarks/_work.py says which); what is "
            "not counted makes the share look smaller than it is. ratio of a floor: the share of "
            "that ceiling which the hall reaches.",
        ),
    )
