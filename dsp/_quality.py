"""Quality of every electrode, second by second."""

from enum import IntFlag

import numba
import numpy as np
import numpy.typing as npt

from dsp._types import Settings

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


class Flag(IntFlag):
    """What is wrong with a seat: any of its electrodes in the last second, or the seat itself."""

    FLAT = 1
    """Standard deviation below `Settings.flat_sd_uv`."""
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
    """An index that the montage gives has no baseline yet."""
    NOT_ADMITTED = 512
    """Withdrawn or empty: nothing about this seat is computed."""


DEAD = int(Flag.FLAT | Flag.RAILED)
"""Flags that make an electrode count as missing for synchrony.

The robust scale and the clipping deal with the others: the reference figures were measured with
the noisy seats left in.
"""

UNUSABLE = int(DEAD | Flag.PEAK_TO_PEAK | Flag.NOISY | Flag.CLIPPED)
"""Flags that make an electrode's second count as missing for band power.

Not LOSS: samples that are missing are missing already, and `Settings.coverage` rules them.
"""

# Kernels see plain numbers.
_FLAT, _RAILED, _PEAK_TO_PEAK = int(Flag.FLAT), int(Flag.RAILED), int(Flag.PEAK_TO_PEAK)
_NOISY, _TOO_CLIPPED, _LOSS = int(Flag.NOISY), int(Flag.CLIPPED), int(Flag.LOSS)
_SETTLING, _ABSENT = int(Flag.SETTLING), int(Flag.ABSENT)

TALLIES = 13
(
    _SEEN,
    _LOST,
    _FIRST,
    _SUM,
    _SQUARES,
    _MIN,
    _MAX,
    _AT_MIN,
    _AT_MAX,
    _LOW,
    _HIGH,
    _SCALED,
    _CLIPPED,
) = range(TALLIES)


def reset(tally: Floats) -> None:
    """Begin a second; `tally` has shape (TALLIES, channels)."""
    tally[:] = 0.0
    tally[[_MIN, _LOW]] = np.inf
    tally[[_MAX, _HIGH]] = -np.inf


@numba.njit(cache=True, nogil=True, error_model="numpy")
def observe(
    x: npt.NDArray[np.float32],
    broad: Floats,
    scale: Floats,
    clip: float,
    tally: Floats,
    scaled: Floats,
) -> None:
    """Count what `judge` needs, and scale and clip the broad band.

    Each channel is scaled and clipped by itself before channels are combined: pooled variance
    lets a few broken seats drown the rest (measured: correlation 0.0004 instead of 0.0141).

    Parameters
    ----------
    x : ndarray, shape (samples, channels)
        Raw microvolts, NaN where missing.
    broad : ndarray, shape (at least samples, channels)
        Broad band of the filter bank, microvolts.
    scale : ndarray, shape (channels,)
        Robust standard deviations, NaN where not known yet.
    clip
        Beyond this many of them a sample becomes 0.
    tally : ndarray, shape (TALLIES, channels)
        Changed in place.
    scaled : ndarray, shape (at least samples, channels)
        Written: dimensionless, NaN where not valid.
    """
    samples, channels = x.shape
    for t in range(samples):
        for k in range(channels):
            value = np.float64(x[t, k])
            if not np.isfinite(value):
                tally[_LOST, k] += 1.0
                scaled[t, k] = np.nan
                continue
            if tally[_SEEN, k] == 0.0:
                tally[_FIRST, k] = value
            tally[_SEEN, k] += 1.0
            shifted = value - tally[_FIRST, k]
            tally[_SUM, k] += shifted
            tally[_SQUARES, k] += shifted * shifted
            if value < tally[_MIN, k]:
                tally[_MIN, k] = value
                tally[_AT_MIN, k] = 0.0
            if value > tally[_MAX, k]:
                tally[_MAX, k] = value
                tally[_AT_MAX, k] = 0.0
            if value == tally[_MIN, k]:
                tally[_AT_MIN, k] += 1.0
            if value == tally[_MAX, k]:
                tally[_AT_MAX, k] += 1.0
            filtered = broad[t, k]
            if filtered < tally[_LOW, k]:
                tally[_LOW, k] = filtered
            if filtered > tally[_HIGH, k]:
                tally[_HIGH, k] = filtered
            y = filtered / scale[k]
            if y == y:
                tally[_SCALED, k] += 1.0
                if abs(y) > clip:
                    tally[_CLIPPED, k] += 1.0
                    y = 0.0
            scaled[t, k] = y


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
        ]
    )


@numba.njit(cache=True, nogil=True, error_model="numpy")
def judge(tally: Floats, scale: Floats, limit: Floats, verdict: Ints) -> None:
    """Turn a second's tally into flags per channel.

    Parameters
    ----------
    tally : ndarray, shape (TALLIES, channels)
        From `observe`.
    scale : ndarray, shape (channels,)
        Robust standard deviations in microvolts.
    limit : ndarray, shape (7,)
        From `limits`.
    verdict : ndarray, shape (channels,)
        Written: bit masks of `Flag`.
    """
    flat_sd, rail, stuck, peak_to_peak, noisy_sd, clipped, lost = limit
    for k in range(tally.shape[1]):
        seen = tally[_SEEN, k]
        flags = 0
        if seen > 0.0:
            mean = tally[_SUM, k] / seen
            flat = tally[_SQUARES, k] / seen - mean * mean < flat_sd * flat_sd
            if flat:
                flags |= _FLAT
            edge = max(tally[_AT_MIN, k], tally[_AT_MAX, k])
            beyond = max(-tally[_MIN, k], tally[_MAX, k]) >= rail
            if beyond or (edge > stuck * seen and not flat):
                flags |= _RAILED
            if tally[_HIGH, k] - tally[_LOW, k] > peak_to_peak:
                flags |= _PEAK_TO_PEAK
            if scale[k] > noisy_sd:
                flags |= _NOISY
        if tally[_CLIPPED, k] > clipped * tally[_SCALED, k]:
            flags |= _TOO_CLIPPED
        if tally[_LOST, k] > lost * (seen + tally[_LOST, k]):
            flags |= _LOSS
        verdict[k] = flags


@numba.njit(cache=True, nogil=True, error_model="numpy")
def seat_flags(
    verdict: Ints, gap: Ints, unsettled: Ints, max_gap: int, channels: int, flags: Ints
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
