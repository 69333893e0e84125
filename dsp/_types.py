"""What goes into the analyzer and what comes out of it: plain frozen values."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import isfinite
from typing import TypeAlias

from hardware import electrodes_of

TICKS_PER_SECOND = 10

_WEIGHTS_OFF = 1e-6  # rounding that weights from a file may carry


def tick_slots(rate: float, tick: int) -> tuple[int, int]:
    """Sample slots of one tick, in exact integer arithmetic.

    Slot ``s`` lies at ``s / rate`` seconds of hall time; it belongs to the tick with
    ``tick * rate / 10 <= s < (tick + 1) * rate / 10``, so that a tick of 256 Hz holds 25 or 26.

    Parameters
    ----------
    rate
        Sampling rate in Hz.
    tick
        Tick number, 100 ms each.

    Returns
    -------
    tuple of int
        First slot, and one past the last.
    """
    numerator, denominator = rate.as_integer_ratio()
    parts = denominator * TICKS_PER_SECOND
    return -(-tick * numerator // parts), -(-(tick + 1) * numerator // parts)


@dataclass(frozen=True, slots=True)
class Group:
    """Seats that share a sampling rate and a montage: one array per group and tick.

    Parameters
    ----------
    seats
        Seat names, unique in the hall.
    channels
        10-20 names in the order of the array's last axis; older names are understood. A pulse
        sensor ("PPG") is the last one.
    rate
        Sampling rate in Hz.
    weights
        Of the synchrony component, one per channel, magnitudes adding up to 1, 0 for a pulse
        sensor: fitted in a calibration. Empty takes the montage's own.

    Raises
    ------
    ValueError
        Where a name occurs twice, there is no electrode, a pulse sensor stands before one, the
        rate is not positive, or the weights do not fit.
    """

    seats: tuple[str, ...]
    channels: tuple[str, ...]
    rate: float
    weights: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        for what, names in (("seat", self.seats), ("channel", self.channels)):
            if len(set(names)) != len(names):
                raise ValueError(f"a {what} occurs twice in the group {names}: name each once")
        electrodes = len(electrodes_of(self.channels))
        if not electrodes:
            raise ValueError(f"the group {self.seats} has no electrode: give its montage")
        if electrodes_of(self.channels) != self.channels[:electrodes]:
            raise ValueError(f"the pulse sensor must come last in the channels {self.channels}")
        if not (isfinite(self.rate) and self.rate > 0):
            raise ValueError(f"rate is {self.rate} Hz: give a positive sampling rate")
        if self.weights and len(self.weights) != len(self.channels):
            raise ValueError(
                f"{len(self.weights)} weights for the channels {self.channels}: give one for each"
            )
        if self.weights and not abs(sum(map(abs, self.weights)) - 1) < _WEIGHTS_OFF:
            raise ValueError(f"the weights are {self.weights}: their magnitudes must add up to 1")
        if any(self.weights[electrodes:]):
            raise ValueError(f"the weights are {self.weights}: the pulse sensor's must be 0")


Rows: TypeAlias = tuple[tuple[float | None, ...], ...]
"""Per index signal and seat; None where there is no value."""


def kept(rows: Rows, keep: Sequence[bool]) -> Rows:
    """Leave out the values of all other seats."""
    return tuple(tuple(v if k else None for v, k in zip(row, keep, strict=True)) for row in rows)


@dataclass(frozen=True, slots=True)
class Memory:
    """What an analyzer knows that no minute of samples can tell: another goes on with it.

    Parameters
    ----------
    frozen
        Whether the lead-in has ended.
    centre, spread
        Baselines, in the measure's units; None where there is none yet.
    total, weight
        Weighted sum and sum of weights of the smoothed z; None where there is none.
    lead_in
        Per index signal and seat: the one-second indices that its baseline is to be made of.
    """

    frozen: bool
    centre: Rows
    spread: Rows
    total: Rows
    weight: Rows
    lead_in: tuple[tuple[tuple[float, ...], ...], ...]

    def only(self, keep: Sequence[bool]) -> "Memory":
        """Leave out what is known of all other seats.

        Parameters
        ----------
        keep : sequence of bool
            Per seat.
        """
        lead_in = tuple(
            tuple(seat if k else () for seat, k in zip(row, keep, strict=True))
            for row in self.lead_in
        )
        return Memory(
            self.frozen,
            kept(self.centre, keep),
            kept(self.spread, keep),
            kept(self.total, keep),
            kept(self.weight, keep),
            lead_in,
        )


@dataclass(frozen=True, slots=True)
class Pooled:
    """One signal, pooled over the valid seats of the hall or of a zone.

    Parameters
    ----------
    name
        A name of `dsp.SIGNALS`.
    value
        Trimmed mean baseline z over seats, each weighted by how much of its window was good; for
        synchrony the correlation's z. None is unknown.
    standard_error
        The standard error of `value`. Synchrony: the closed-form null standard deviation of
        `raw`, so that ``value = raw / standard_error`` (that of `value` itself is 1 by
        construction and would say nothing).
    t
        One-sample t over seats, `effective` - 1 degrees of freedom. Synchrony: equal to `value`.
    confidence
        1 - p, two-sided for every signal: Student's t, and the normal law for synchrony.
    seats
        Valid seats that contributed.
    effective
        Effective number of seats behind `value`; None where it is unknown.
    trend
        Slope of `value` per second over `Settings.trend_s`; None where too little is known.
    raw
        Synchrony: the correlation itself, given whenever it can be computed, also below
        `Settings.min_seats`. Otherwise None.
    reason
        Why the signal is unknown, in plain English; empty when it is known.
    """

    name: str
    value: float | None
    standard_error: float | None
    t: float | None
    confidence: float | None
    seats: int
    effective: float | None = None
    trend: float | None = None
    raw: float | None = None
    reason: str = ""

    def with_trend(self, trend: float) -> "Pooled":
        """Give the same with a trend."""
        return replace(self, trend=trend)


@dataclass(frozen=True, slots=True)
class Seats:
    """What is known of every seat at the end of a second; groups concatenated.

    Parameters
    ----------
    values
        Per signal but synchrony, and seat: log power ratio (natural log), the root of blinks per
        minute, or heart beats per minute; None where not valid.
    zs
        The same as smoothed z against the seat's own baseline.
    weights
        The weight that each z has in the audience, 0 to 1.
    shares
        Per seat: its own correlation with the others over `Settings.share_window_s`; None where
        there is none.
    """

    values: Rows
    zs: Rows
    weights: Rows
    shares: tuple[float | None, ...]

    def only(self, keep: Sequence[bool]) -> "Seats":
        """Leave out what is known of all other seats.

        Parameters
        ----------
        keep : sequence of bool
            Per seat.
        """
        return Seats(
            kept(self.values, keep),
            kept(self.zs, keep),
            kept(self.weights, keep),
            kept((self.shares,), keep)[0],
        )


@dataclass(frozen=True, slots=True)
class AudienceState:
    """The audience at one tick; holds no NaN and no infinity.

    Parameters
    ----------
    tick
        Number of the 100 ms tick.
    signals
        One per name of `dsp.SIGNALS`, in that order, pooled over the hall.
    zones
        The same for every zone.
    flags
        Per seat, groups concatenated: a bit mask of `dsp.Flag`.
    seats
        Seat by seat, at the end of every second and where a seat has left; otherwise None.
    """

    tick: int
    signals: tuple[Pooled, ...]
    zones: tuple[tuple[Pooled, ...], ...]
    flags: tuple[int, ...]
    seats: Seats | None
