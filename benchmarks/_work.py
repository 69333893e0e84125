"""How much arithmetic and memory traffic a block is, counted by hand off the hall's kernels."""

from __future__ import annotations

import dsp
from benchmarks._peers import BLOCK, CHANNELS, POWER_BANDS, RATE, SETTINGS
from dsp._filters import ORDER

_BANDS = 2 + len(POWER_BANDS)  # with the broad one and the muscles'
_SECTIONS = 1 + _BANDS * ORDER  # the notch once


def operations() -> int:
    """Count the arithmetic that every sample of every channel needs.

    Comparisons, and what happens once a second, are left out.
    """
    biquad = 5 + 4  # multiplications and additions, direct form II transposed
    bank = biquad * _SECTIONS
    mains = 3  # off the notch's input, a square and a sum
    powers = 2 * _BANDS  # a square and a sum
    scaled = 1  # by the robust scale
    component = 2  # a weight and a sum
    return bank + mains + powers + scaled + component


def octets() -> float:
    """Count the bytes that a block must move per channel, if nothing stays in a cache."""
    long, single, short, code = 8, 4, 2, 1
    channels = len(CHANNELS)
    there_and_back = 2
    samples = BLOCK * single  # read once
    memory = _SECTIONS * 2 * single * there_and_back  # of the filters
    begun = 4 * single * there_and_back  # offset, last sample, gap, samples until it counts
    sums = (_BANDS + 2) * single * there_and_back  # of squares, of the mains', and their number
    tallies = 8 * single * there_and_back  # of the electrode's second
    scale = single  # read
    kept = BLOCK / 8 * code  # every eighth magnitude, written
    component = BLOCK * short / channels  # written, one for all channels of a seat
    each_block = samples + memory + begun + sums + tallies + scale + kept + component

    # Once a second: the histogram of magnitudes, the second that enters it and the one that
    # leaves; the sums of the power window; and, one for all channels of a seat, the second's
    # component, its lagged products (written, and read over the window), the seat's own
    # correlation.
    second = RATE / 8 * code
    histogram = 256 * short + 3 * second
    powers = SETTINGS.power_window_s * (_BANDS + 1) * single
    lags = 1 + round(0.5 * RATE / int(RATE / (3.2 * SETTINGS.low_pass_hz)))
    products = lags * long * (1 + SETTINGS.isc_window_s)
    shares = 2 * long * SETTINGS.share_window_s
    seat = (RATE * short + products + shares) / channels
    return each_block + (histogram + powers + seat) / dsp.TICKS_PER_SECOND
