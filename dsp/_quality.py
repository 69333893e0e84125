"""Quality of every electrode, second by second."""

from enum import IntFlag

import numba
import numpy as np
import numpy.typing as npt

from dsp._settings import Settings

Floats = npt.NDArray[np.float64]
Singles = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]
Counts = npt.NDArray[np.int32]


class Flag(IntFlag):
    """What is wrong with a seat: any of its electrodes in the last second, or the seat itself."""

    FLAT = 1
    """Standard deviation below `Settings.flat_sd_uv`, between 1 and 20 Hz."""
    RAILED = 2
    """Beyond the rail, or stuck at its extreme for part of the second."""
    PEAK_TO_PEAK = 4
    """Beyond `Settings.peak_to_peak_uv` within the second, between 1 and 20 Hz."""
    NOISY = 8
    """Running robust scale above `Settings.noisy_sd_uv`."""
    CLIPPED = 16
    """More than `Settings.clipped_share` of the second was clipped."""
    LOSS = 32
    """More than `Settings.lost_share` of the second was missing."""
    SETTLING = 64
    """Filters started less than `Settings.settling_s` ago."""
    ABSENT = 128
    """No electrode gives samples."""
    NO_BASELINE = 256
    """A signal that the montage gives has no baseline yet."""
    NOT_ADMITTED = 512
    """Withdrawn or empty: nothing about this seat is computed."""
    MAINS = 1024
    """The mains hold more than `Settings.mains_share` of the power: a poor contact."""
    MUSCLE = 2048
    """Power between 30 and 45 Hz beyond `Settings.muscle_rise` times the electrode's usual one."""
    DUPLICATE = 4096
    """The same signal as another seat's: one device opened twice, or two that touch."""
    EYES_CLOSED = 8192
    """Alpha far above the seat's own baseline, and no blink: eyes closed, or asleep."""


FAULTS = ~(Flag.NO_BASELINE | Flag.EYES_CLOSED)
"""Flags that tell of something wrong with the headset."""

DEAD = int(Flag.FLAT | Flag.RAILED)
"""Flags that make an electrode count as missing for synchrony.

The robust scale and the clipping deal with the others: the reference figures were measured with
the noisy seats left in.
"""

UNUSABLE = int(DEAD | Flag.PEAK_TO_PEAK | Flag.NOISY | Flag.CLIPPED | Flag.MUSCLE)
"""Flags that make an electrode's second count as missing for band power.

Not LOSS: samples that are missing are missing already, and `Settings.coverage` rules them. Not
MAINS: the notch has taken them out.
"""

# Kernels see plain numbers.
_FLAT, _RAILED, _PEAK_TO_PEAK = int(Flag.FLAT), int(Flag.RAILED), int(Flag.PEAK_TO_PEAK)
_NOISY, _TOO_CLIPPED, _LOSS = int(Flag.NOISY), int(Flag.CLIPPED), int(Flag.LOSS)
_MAINS, _MUSCLE = int(Flag.MAINS), int(Flag.MUSCLE)
_CALM_STEP = 0.05  # a second: a rise that lasts becomes the usual within a minute
_SETTLING, _ABSENT = int(Flag.SETTLING), int(Flag.ABSENT)

_ZERO, _ONE, _INF = (np.float32(value) for value in (0, 1, np.inf))

TALLIES = 8
_SEEN, _MIN, _MAX, _AT_MIN, _AT_MAX, _LOW, _HIGH, _CLIPPED = range(TALLIES)

RELEASE = 0.8
"""A flag that is up goes down only below this share of its limit (above its inverse for FLAT)."""


def reset(tally: Singles) -> None:
    """Begin a second; `tally` has shape (TALLIES, channels)."""
    tally[:] = 0.0
    tally[[_MIN, _LOW]] = np.inf
    tally[[_MAX, _HIGH]] = -np.inf


@numba.njit(cache=True, nogil=True, error_model="numpy")
def observe(
    x: Singles,
    first: int,
    stop: int,
    absent: Singles,
    broad: Singles,
    unit: Singles,
    clip: float,
    tally: Singles,
    scaled: Singles,
) -> None:
    """Count what `judge` needs of a piece of channels, and scale and clip the broad band.

    Each channel is scaled and clipped by itself before channels are combined: pooled variance
    lets a few broken seats drown the rest (measured: correlation 0.0004 instead of 0.0141).

    Parameters
    ----------
    x : ndarray, shape (samples, channels)
        Raw microvolts, NaN where missing.
    first, stop
        The piece's channels.
    absent : ndarray, shape (channels,)
        NaN takes every sample of a channel for missing; otherwise 0.
    broad : ndarray, shape (samples, at least stop - first)
        The piece's broad band in microvolts, from `dsp._filters.filter_piece`.
    unit : ndarray, shape (channels,)
        One over the robust standard deviations; NaN where not known yet.
    clip
        Beyond this many of them a sample becomes 0.
    tally : ndarray, shape (TALLIES, channels)
        Changed in place.
    scaled : ndarray, shape (samples, at least stop - first)
        Written: dimensionless, NaN where not valid.
    """
    width = stop - first
    limit = np.float32(clip)
    gone = absent[first:stop]
    for t in range(x.shape[0]):
        row = x[t, first:stop]
        seen = tally[_SEEN, first:stop]
        for k in range(width):
            seen[k] += _ONE if abs(row[k] + gone[k]) < _INF else _ZERO
        least, at_least = tally[_MIN, first:stop], tally[_AT_MIN, first:stop]
        for k in range(width):
            value = row[k] + gone[k]
            again = at_least[k] + (_ONE if value == least[k] else _ZERO)
            at_least[k] = _ONE if value < least[k] else again
            least[k] = value if value < least[k] else least[k]
        most, at_most = tally[_MAX, first:stop], tally[_AT_MAX, first:stop]
        for k in range(width):
            value = row[k] + gone[k]
            again = at_most[k] + (_ONE if value == most[k] else _ZERO)
            at_most[k] = _ONE if value > most[k] else again
            most[k] = value if value > most[k] else most[k]
        filtered = broad[t]
        low, high = tally[_LOW, first:stop], tally[_HIGH, first:stop]
        for k in range(width):
            low[k] = filtered[k] if filtered[k] < low[k] else low[k]
            high[k] = filtered[k] if filtered[k] > high[k] else high[k]
        clipped, scale, out = tally[_CLIPPED, first:stop], unit[first:stop], scaled[t]
        for k in range(width):
            y = filtered[k] * scale[k]
            clipped[k] += _ONE if abs(y) > limit else _ZERO
            out[k] = _ZERO if abs(y) > limit else y


def limits(settings: Settings) -> Floats:
    """List the settings that `judge` compares with, in its order."""
    return np.array(
        [
            settings.flat_sd_uv,
            settings.rail_uv,
            settings.stuck_share,
            settings.peak_to_peak_uv,
            settings.noisy_sd_uv,
            settings.clipped_share,
            settings.lost_share,
            settings.mains_share,
            settings.muscle_rise,
        ]
    )


@numba.njit(cache=True, nogil=True, error_model="numpy")
def judge(
    tally: Singles,
    expected: int,
    power: Singles,
    mains: Singles,
    counts: Singles,
    scale: Singles,
    limit: Floats,
    calm: Singles,
    verdict: Ints,
) -> None:
    """Turn a second's tally into flags per channel.

    Parameters
    ----------
    tally : ndarray, shape (TALLIES, channels)
        From `observe`.
    expected
        Samples the second should have had.
    power : ndarray, shape (bands, channels)
        Sums of squares of the second; the first band is the broad one, the last the muscles'.
    mains : ndarray, shape (channels,)
        Sum of squares of what the notch took out.
    counts : ndarray, shape (channels,)
        Samples behind both.
    scale : ndarray, shape (channels,)
        Robust standard deviations in microvolts.
    limit : ndarray, shape (9,)
        From `limits`.
    calm : ndarray, shape (channels,)
        Usual mean square of the muscles' band: a running median in steps of 5 %, microvolts
        squared, NaN at first; changed in place. What is usual differs between electrodes by more
        than muscles raise it (measured: dry ones have 30 times the share of gel ones).
    verdict : ndarray, shape (channels,)
        The last second's bit masks of `Flag`; written with this one's.
    """
    flat_sd, rail, stuck, peak_to_peak, noisy_sd, clipped, lost, mains_share, muscle_rise = limit
    muscle = power.shape[0] - 1
    for k in range(tally.shape[1]):
        seen, count, was = tally[_SEEN, k], counts[k], verdict[k]
        flags = 0
        if count > 0.0:
            broad = power[0, k]
            if broad < count * (flat_sd / _held(was & _FLAT)) ** 2:
                flags |= _FLAT
            if tally[_HIGH, k] - tally[_LOW, k] > peak_to_peak * _held(was & _PEAK_TO_PEAK):
                flags |= _PEAK_TO_PEAK
            if scale[k] > noisy_sd * _held(was & _NOISY):
                flags |= _NOISY
            if tally[_CLIPPED, k] > clipped * _held(was & _TOO_CLIPPED) * count:
                flags |= _TOO_CLIPPED
            if mains[k] > mains_share * _held(was & _MAINS) * (mains[k] + broad):
                flags |= _MAINS
            strained = power[muscle, k] / count
            if strained > muscle_rise * _held(was & _MUSCLE) * calm[k]:
                flags |= _MUSCLE
            usual = calm[k] if calm[k] > 0.0 else strained
            calm[k] = usual * (1.0 + _CALM_STEP if strained > usual else 1.0 - _CALM_STEP)
        if seen > 0.0:
            spread = tally[_MAX, k] - tally[_MIN, k]
            edge = max(tally[_AT_MIN, k], tally[_AT_MAX, k])
            beyond = max(-tally[_MIN, k], tally[_MAX, k]) >= rail
            if beyond or (edge > stuck * seen and spread > flat_sd):
                flags |= _RAILED
            if spread == 0.0 and seen > 1.0:
                flags |= _FLAT
        if expected - seen > lost * expected:
            flags |= _LOSS
        verdict[k] = flags


@numba.njit(cache=True, nogil=True, error_model="numpy")
def _held(up: int) -> float:
    """Give the part of its limit below which a flag goes down, or does not go up."""
    return RELEASE if up else 1.0


@numba.njit(cache=True, nogil=True, error_model="numpy")
def seat_flags(
    verdict: Ints, gap: Counts, unsettled: Counts, max_gap: int, channels: int, flags: Ints
) -> None:
    """Bring channels' flags together per seat, with those that change within a second."""
    for seat in range(flags.shape[0]):
        mask = 0
        absent = True
        for k in range(seat * channels, (seat + 1) * channels):
            mask |= verdict[k]
            if unsettled[k] > 0:
                mask |= _SETTLING
            if gap[k] <= max_gap:
                absent = False
        flags[seat] = _ABSENT if absent else mask
