"""Running robust scale of every channel."""

import numba
import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]

EVERY = 8
"""Every 8th sample is remembered: at 20 Hz bandwidth its neighbours say nothing new."""

_TO_SD = 1.4826  # of a normal distribution's median absolute value


@numba.njit(cache=True, nogil=True, error_model="numpy")
def remember(
    broad: npt.NDArray[np.float64],
    samples: int,
    first_slot: int,
    verdict: Ints,
    dead: int,
    ring: npt.NDArray[np.float32],
    held: Ints,
) -> None:
    """Keep the magnitude of every 8th valid sample of electrodes that are not dead.

    Parameters
    ----------
    broad : ndarray, shape (at least samples, channels)
        Microvolts, NaN where not valid.
    samples, first_slot
        Length of the block and its first sample slot.
    verdict : ndarray, shape (channels,)
        Flags of the last second.
    dead
        Flags that keep a channel out.
    ring : ndarray, shape (channels, capacity)
        Changed in place.
    held : ndarray, shape (channels,)
        How many were ever kept; changed in place.
    """
    capacity = ring.shape[1]
    for t in range(-first_slot % EVERY, samples, EVERY):
        for k in range(broad.shape[1]):
            value = broad[t, k]
            if value == value and not verdict[k] & dead:
                ring[k, held[k] % capacity] = abs(value)
                held[k] += 1


@numba.njit(cache=True, nogil=True, error_model="numpy")
def rescale(
    ring: npt.NDArray[np.float32], held: Ints, least: int, scale: npt.NDArray[np.float64]
) -> None:
    """Robust standard deviation 1.4826 * median of the ring; NaN below `least` values.

    The median is the upper one where the number is even. It is found exactly by bisection on the
    bit pattern, which for non-negative floats rises with the value: 31 counting passes that the
    compiler can vectorise.

    Parameters
    ----------
    ring : ndarray, shape (channels, capacity)
        Magnitudes in microvolts.
    held : ndarray, shape (channels,)
        How many were ever kept.
    least
        Needed for a scale.
    scale : ndarray, shape (channels,)
        Written: microvolts.
    """
    capacity = ring.shape[1]
    bits = ring.view(np.int32)
    for k in range(ring.shape[0]):
        count = min(held[k], capacity)
        if count < least:
            scale[k] = np.nan
            continue
        rank = count // 2
        values = bits[k, :count]
        found = np.int32(0)
        for bit in range(30, -1, -1):
            trial = np.int32(found | np.int32(1 << bit))
            below = np.int32(0)
            for i in range(count):
                below += np.int32(values[i] < trial)
            if below <= rank:
                found = trial
        magnitude = _as_float(found)
        scale[k] = _TO_SD * magnitude if magnitude > 0.0 else np.nan


@numba.njit(cache=True, nogil=True)
def _as_float(bits: np.int32) -> float:
    """Read a float32's bit pattern."""
    box = np.empty(1, dtype=np.int32)
    box[0] = bits
    return np.float64(box.view(np.float32)[0])
