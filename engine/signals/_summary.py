"""Seats and signals in a few numbers each."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

import dsp
from engine.signals._reading import MEASURES, Ints, Signals

_TOO_FEW = re.compile(r"\d+ valid seats?, (\d+) needed")


@dataclass(frozen=True, slots=True)
class Kind:
    """What a seat is in a second, as the map shows it: its name, the flags that make it so."""

    name: str
    flags: dsp.Flag


KINDS = (
    Kind("good", dsp.Flag(0)),
    Kind("eyes closed", dsp.Flag.EYES_CLOSED),
    Kind("no baseline", dsp.Flag.NO_BASELINE),
    Kind("settling", dsp.Flag.SETTLING),
    Kind(
        "degraded",
        dsp.Flag.FLAT
        | dsp.Flag.RAILED
        | dsp.Flag.PEAK_TO_PEAK
        | dsp.Flag.NOISY
        | dsp.Flag.CLIPPED
        | dsp.Flag.LOSS
        | dsp.Flag.MAINS
        | dsp.Flag.MUSCLE,
    ),
    Kind("duplicate", dsp.Flag.DUPLICATE),
    Kind("absent", dsp.Flag.ABSENT),
    Kind("not admitted", dsp.Flag.NOT_ADMITTED),
)
"""From the best to the worst."""


@dataclass(frozen=True, slots=True)
class SeatRow:
    """One seat over the session.

    Parameters
    ----------
    name : str
        The seat.
    good : float
        Share of the recorded seconds without any flag.
    flags : tuple of (str, float)
        The flags that occur, and in which share of the recorded seconds; the most frequent first.
    weight : float
        Mean weight in the audience while a signal of its montage was known; NaN if none ever was.
    share : float
        Mean of its own correlation with the others; NaN where there was none.
    """

    name: str
    good: float
    flags: tuple[tuple[str, float], ...]
    weight: float
    share: float


@dataclass(frozen=True, slots=True)
class SignalRow:
    """One signal over the session.

    Parameters
    ----------
    name : str
        The signal.
    known : float
        Share of the seconds in which it is known.
    mean : float
        Its mean while known; NaN where it never was.
    seats : float
        Median of the seats behind it while known; NaN where it never was.
    reasons : tuple of (str, float)
        Why it is unknown, and in which share of the seconds; the most frequent first.
    """

    name: str
    known: float
    mean: float
    seats: float
    reasons: tuple[tuple[str, float], ...]


def worst(flags: Ints) -> npt.NDArray[np.int8]:
    """Tell the worst kind of each second and seat.

    Parameters
    ----------
    flags : ndarray of int32, any shape
        Bit masks of `dsp.Flag`; -1 where there is no record.

    Returns
    -------
    ndarray of int8, of the same shape
        Index into `KINDS`; -1 where there is no record.
    """
    kinds = np.zeros(flags.shape, np.int8)
    for number, kind in enumerate(KINDS):
        kinds[(flags & int(kind.flags)) != 0] = number
    kinds[flags < 0] = -1
    return kinds


def seat_rows(signals: Signals) -> tuple[SeatRow, ...]:
    """Sum up every seat that may be named."""
    return tuple(_seat_row(signals, number) for number in range(len(signals.seats.names)))


def signal_rows(signals: Signals) -> tuple[SignalRow, ...]:
    """Sum up every signal."""
    return tuple(_signal_row(signals, number) for number in range(len(dsp.SIGNALS)))


def _seat_row(signals: Signals, number: int) -> SeatRow:
    seats = signals.seats
    recorded = seats.flags[:, number] >= 0
    flags = seats.flags[recorded, number]
    counts = ~np.isnan(signals.value[:MEASURES]) & seats.offered[:, number, None] & recorded
    return SeatRow(
        seats.names[number],
        _share(flags == 0),
        _sorted((_words(flag), _share((flags & int(flag)) != 0)) for flag in dsp.Flag),
        _mean(np.nan_to_num(seats.weight[:, :, number])[counts]),
        _mean(seats.share[:, number]),
    )


def _signal_row(signals: Signals, number: int) -> SignalRow:
    known = ~np.isnan(signals.value[number])
    shares: dict[str, float] = {}
    for code, text in enumerate(signals.reasons[1:], 1):
        told = _TOO_FEW.sub(r"fewer than \1 valid seats", text)
        shares[told] = shares.get(told, 0.0) + _share(signals.why[number] == code)
    return SignalRow(
        dsp.SIGNALS[number],
        _share(known),
        _mean(signals.value[number]),
        float(np.median(signals.count[number, known])) if known.any() else float("nan"),
        _sorted(shares.items()),
    )


def _words(flag: dsp.Flag) -> str:
    return (flag.name or "").lower().replace("_", " ")


def _sorted(shares: Iterable[tuple[str, float]]) -> tuple[tuple[str, float], ...]:
    """Leave out what never occurs; the most frequent first."""
    return tuple(sorted((item for item in shares if item[1] > 0), key=lambda item: -item[1]))


def _share(what: npt.NDArray[np.bool_]) -> float:
    return float(what.mean()) if what.size else 0.0


def _mean(values: npt.NDArray[np.floating]) -> float:
    there = values[~np.isnan(values)]
    return float(there.mean()) if there.size else float("nan")
