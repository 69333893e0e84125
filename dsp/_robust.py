"""Running robust scale of every channel."""

import numba
import numpy as np
import numpy.typing as npt

Singles = npt.NDArray[np.float32]
Codes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]

EVERY = 8
"""Every 8th sample is remembered: at 20 Hz bandwidth its neighbours say nothing new."""

CODES = 256
MISSING = 255
"""Code of a sample that is not there; 0 to 254 are magnitudes."""

TO_SD = 1.4826
"""Standard deviation of a normal distribution over its median absolute value."""

_BLOCK = 32  # codes summed at once in the search for a median

_STEPS = 4  # bits of mantissa in a code: 16 steps an octave, 3 to 6 % wide
_BASE = (127 - 5) << _STEPS  # code 0 ends at 2**-5 uV, code 254 begins at 1,920 uV


@numba.njit(cache=True, nogil=True, error_model="numpy")
def encode(
    broad: Singles, first_slot: int, samples: int, first: int, stop: int, codes: Codes, held: int
) -> int:
    """Write down the magnitude of every 8th sample of a piece of channels, as a code of one byte.

    A code is a positive float's exponent and its first bits of mantissa, which rise with it.

    Parameters
    ----------
    broad : ndarray, shape (at least samples, at least stop - first)
        Microvolts, NaN where not valid.
    first_slot, samples
        The block's first sample slot, and its length.
    first, stop
        The piece's channels.
    codes : ndarray, shape (a second's, channels)
        Written from row `held` on.
    held
        Rows that the second has so far.

    Returns
    -------
    int
        Rows that it has now.
    """
    for t in range(-first_slot % EVERY, samples, EVERY):
        bits = broad[t].view(np.int32)
        out = codes[held, first:stop]
        for k in range(stop - first):
            magnitude = bits[k] & 0x7FFFFFFF
            code = (magnitude >> (23 - _STEPS)) - _BASE
            code = min(max(code, 0), MISSING - 1)
            out[k] = MISSING if magnitude > 0x7F800000 else code
        held += 1
    return held


@numba.njit(cache=True, nogil=True, error_model="numpy")
def rescale(
    codes: Codes,
    held: int,
    oldest: int,
    verdict: Ints,
    dead: int,
    ring: Codes,
    histogram: npt.NDArray[np.uint16],
    least: int,
    scale: Singles,
    unit: Singles,
) -> None:
    """Let a second into the window and the oldest out; robust sd 1.4826 * median magnitude.

    The median is read off a histogram of codes, linearly within its bin (measured: within 1 % of
    the exact median).

    Parameters
    ----------
    codes : ndarray of uint8, shape (a second's, channels)
        From `encode`.
    held
        Rows of it that count.
    oldest
        The window's second that leaves.
    verdict : ndarray, shape (channels,)
        Flags of this second.
    dead
        Flags whose channels' second stays out.
    ring : ndarray of uint8, shape (seconds, channels, a second's)
        The window; changed in place.
    histogram : ndarray of uint16, shape (channels, CODES)
        How often each code is in the window; changed in place.
    least
        Samples needed for a scale.
    scale, unit : ndarray, shape (channels,)
        Written: microvolts and one over them; NaN where not known.
    """
    leaving = ring[oldest]
    for k in range(leaving.shape[0]):
        counted, row = histogram[k], leaving[k]
        for i in range(row.shape[0]):
            counted[row[i]] -= np.uint16(1)
            code = codes[i, k] if i < held and not verdict[k] & dead else MISSING
            row[i] = code
            counted[code] += np.uint16(1)
        scale[k] = _median(counted, ring.shape[0] * ring.shape[2], least)
        unit[k] = np.float32(1.0) / scale[k]


@numba.njit(cache=True, nogil=True, error_model="numpy")
def _median(counted: npt.NDArray[np.uint16], places: int, least: int) -> float:
    """Robust standard deviation off a histogram of codes; NaN where there is too little."""
    total = places - np.int64(counted[MISSING])
    if total < least or 2 * counted[0] >= total:
        return np.nan
    below, code = np.int64(0), 0
    while True:  # block by block, whose sums the compiler vectorises, then code by code
        part = np.int32(0)
        for count in counted[code : code + _BLOCK]:
            part += np.int32(count)
        if 2 * (below + part) >= total:
            break
        below += part
        code += _BLOCK
    while 2 * (below + counted[code]) < total:
        below += counted[code]
        code += 1
    within = (0.5 * total - below) / counted[code]
    low, high = _edge(code), _edge(code + 1)
    return float(TO_SD * (low + within * (high - low)))


@numba.njit(cache=True, nogil=True, error_model="numpy")
def _edge(code: int) -> float:
    """Give the least magnitude of a code, in microvolts."""
    whole = code + _BASE
    octave = (whole >> _STEPS) - 127
    return float((1.0 + (whole & ((1 << _STEPS) - 1)) / (1 << _STEPS)) * 2.0**octave)
