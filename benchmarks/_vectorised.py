"""The audience's state as one would write it in numpy and scipy."""

from __future__ import annotations

import warnings
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy import fft, signal
from scipy.special import ndtr, stdtr

import dsp
from benchmarks._measure import Floats
from benchmarks._peers import (
    CHANNELS,
    FOREHEAD,
    LEAD_IN_S,
    POSTERIOR,
    POWER_BANDS,
    RATE,
    SETTINGS,
    WINDOW,
    Bools,
    Samples,
    filtered_powers,
    log_indices,
    sections,
)

Ints = NDArray[np.int64]

_RELEASE = 0.8  # of its limit; a flag that is up goes down only below it
_EVERY = 8  # every 8th magnitude goes into the robust scale
_TO_SD = 1.4826  # of a normal distribution's median absolute value
_SETTLING = round(SETTINGS.settling_s * RATE)
_DEAD = int(dsp.Flag.FLAT | dsp.Flag.RAILED)
_UNUSABLE = _DEAD | int(dsp.Flag.PEAK_TO_PEAK | dsp.Flag.NOISY | dsp.Flag.CLIPPED | dsp.Flag.MUSCLE)
_BROAD, _POWERS, _MUSCLE = 0, slice(1, 4), 4


class Vectorised:
    """The hall's work in numpy and scipy: one matrix, no loop over seats or channels.

    It has these favours: a channel that comes back after a gap keeps its old filter state
    (`sosfilt` cannot start one in mid-block), a blink is every rise above the level, nobody is
    admitted or leaves, there is one group and no zone, weights are 0 or 1, and neither reasons nor
    trends are given.
    """

    lead_in_s: ClassVar[int] = LEAD_IN_S

    def __init__(self, seats: int) -> None:
        self._shape = (seats, len(CHANNELS))
        total = seats * len(CHANNELS)
        self._notch, self._bands = sections()
        self._states: list[Floats] = []
        self._seen = 0
        self._held: Floats = np.zeros(total)

        self._raw: Floats = np.zeros((total, RATE))
        self._broad: Floats = np.zeros((total, RATE))
        self._mains: Floats = np.zeros(total)
        self._clipped: Ints = np.zeros(total, dtype=np.int64)
        self._verdict: Ints = np.zeros(total, dtype=np.int64)
        self._calm: Floats = np.full(total, np.nan)
        self._scale: Floats = np.full(total, np.nan)
        remembered = round(SETTINGS.scale_window_s * RATE / _EVERY)
        self._magnitudes: Samples = np.full((total, remembered), np.nan, dtype=np.float32)
        self._remembered = 0

        seconds = round(SETTINGS.power_window_s)
        self._squares: Floats = np.zeros((seconds, len(self._bands), total))
        self._counts: Floats = np.zeros((seconds, total))

        longest = round(SETTINGS.share_window_s)
        self._component: Floats = np.full((seats, longest * RATE), np.nan)
        self._shared: Floats = np.zeros((longest, seats))
        self._own: Floats = np.zeros((longest, seats))
        self._shares: Floats = np.full(seats, np.nan)
        self._twin: Ints = np.full(seats, -1, dtype=np.int64)
        self._synchrony: tuple[float, float] | None = None

        self._blinks: Ints = np.zeros((round(SETTINGS.blink_window_s), seats), dtype=np.int64)
        self._high: Bools = np.zeros(seats, dtype=np.bool_)
        self._level: Floats = np.full(seats, np.nan)

        self._index: Floats = np.full((5, seats), np.nan)
        self._lead_in: list[Floats] = []
        self._centre: Floats = np.full((5, seats), np.nan)
        self._spread: Floats = np.full((5, seats), np.nan)
        self._total: Floats = np.zeros((5, seats))
        self._weight: Floats = np.zeros((5, seats))
        self._signals: list[tuple[float, ...]] = []
        self._flags: Ints = np.zeros(seats, dtype=np.int64)

    def push(self, block: Samples) -> tuple[list[tuple[float, ...]], Ints]:
        """Take in a block; gives the pooled signals and each seat's flags."""
        x = block.reshape(len(block), -1).T.astype(np.float64, order="C")
        missing = ~np.isfinite(x)
        lost = bool(missing.any())
        if lost:
            x = self._hold(x, missing)
        self._held = x[:, -1].copy()
        clean, bands = self._filter(x)
        counts = self._seen + len(block) > _SETTLING
        if not counts:
            missing[:] = True
        second = self._seen // RATE % len(self._squares)
        at = slice(self._seen % RATE, self._seen % RATE + len(block))
        if counts:
            self._add_squares(x - clean, bands, second, missing if lost else None)
        if lost or not counts:
            bands[_BROAD][missing] = np.nan
        if lost:
            x[~np.isfinite(block.reshape(len(block), -1).T)] = np.nan
        self._raw[:, at], self._broad[:, at] = x, bands[_BROAD]
        self._combine(bands[_BROAD])
        self._remember(bands[_BROAD])
        self._count_blinks(bands[_BROAD])
        self._seen += len(block)
        if self._seen % RATE == 0:
            self._close_second(second)
        return self._signals, self._flags

    def indices(self) -> Floats:
        """Give the four log indices of the last window, [4, seats]."""
        return self._index[:4]

    def synchrony(self) -> float | None:
        """Give the correlation of the last window."""
        return self._synchrony[0] if self._synchrony else None

    @staticmethod
    def offline(samples: Samples) -> Floats:
        """Give what scipy's filters find with the whole recording at hand."""
        return log_indices(filtered_powers(samples))

    def _hold(self, x: Floats, missing: Bools) -> Floats:
        """Put the last sample seen in the place of missing ones."""
        with_last = np.concatenate((self._held[:, None], x), axis=1)
        newest = np.where(missing, 0, np.arange(1, x.shape[1] + 1))
        np.maximum.accumulate(newest, axis=1, out=newest)
        return np.take_along_axis(with_last, newest, axis=1)

    def _filter(self, x: Floats) -> tuple[Floats, list[Floats]]:
        if not self._states:
            # The band-passes are at rest under a constant, which the notch hands on unchanged.
            self._states = [
                signal.sosfilt_zi(sos)[:, None, :] * x[:, :1] for sos in (self._notch, *self._bands)
            ]
        clean, self._states[0] = signal.sosfilt(self._notch, x, zi=self._states[0])
        out = []
        for i, sos in enumerate(self._bands, start=1):
            band, self._states[i] = signal.sosfilt(sos, clean, zi=self._states[i])
            out.append(band)
        return clean, out

    def _add_squares(
        self, hum: Floats, bands: list[Floats], second: int, missing: Bools | None
    ) -> None:
        self._counts[second] += hum.shape[1] if missing is None else (~missing).sum(axis=1)
        totals = (self._mains, *self._squares[second])
        for wave, total in zip((hum, *bands), totals, strict=True):
            known = wave if missing is None else np.where(missing, 0.0, wave)
            np.add(total, np.einsum("kt,kt->k", known, known), out=total)

    def _combine(self, broad: Floats) -> None:
        """Scale and clip each channel, and put the component into its window."""
        y = broad / self._scale[:, None]
        beyond = np.abs(y) > SETTINGS.clip
        y[beyond] = 0.0
        self._clipped += beyond.sum(axis=1)
        at = self._seen % self._component.shape[1]
        seats = y.reshape(*self._shape, -1)
        self._component[:, at : at + y.shape[1]] = seats[:, POSTERIOR].mean(axis=1)

    def _remember(self, broad: Floats) -> None:
        kept = np.abs(broad[:, -self._seen % _EVERY :: _EVERY])
        kept[(self._verdict & _DEAD) != 0] = np.nan
        slots = (self._remembered + np.arange(kept.shape[1])) % self._magnitudes.shape[1]
        self._magnitudes[:, slots] = kept
        self._remembered += kept.shape[1]

    def _count_blinks(self, broad: Floats) -> None:
        """Count where the forehead rises above the seat's level."""
        forehead = broad.reshape(*self._shape, -1)[:, FOREHEAD].mean(axis=1)
        high = forehead > self._level[:, None]
        before = np.concatenate((self._high[:, None], high[:, :-1]), axis=1)
        self._blinks[self._seen // RATE % len(self._blinks)] += (high & ~before).sum(axis=1)
        self._high = high[:, -1]

    def _close_second(self, second: int) -> None:
        self._judge(self._squares[second], self._counts[second])
        unusable = (self._verdict & _UNUSABLE) != 0
        self._counts[second, unusable] = 0.0
        self._squares[second][:, unusable] = 0.0
        dead = ((self._verdict & _DEAD) != 0).reshape(self._shape)[:, POSTERIOR].any(axis=1)
        if dead.any():
            self._component[np.ix_(dead, self._last(1))] = np.nan
        self._rescale()
        self._index = self._measure()
        self._smooth()
        self._correlate()
        self._look_for_twins()
        self._signals = self._pool()
        self._flags = np.bitwise_or.reduce(self._verdict.reshape(self._shape), axis=1)
        self._flags[self._twin >= 0] |= int(dsp.Flag.DUPLICATE)
        following = (second + 1) % len(self._squares)
        self._squares[following] = 0.0
        self._counts[following] = 0.0
        self._blinks[self._seen // RATE % len(self._blinks)] = 0
        self._clipped[:] = 0
        self._mains[:] = 0.0

    def _judge(self, power: Floats, counts: Floats) -> None:
        """Judge every electrode's last second."""
        flag, settings, raw, broad = dsp.Flag, SETTINGS, self._raw, self._broad

        def ease(of: dsp.Flag) -> Floats:
            return np.where(self._verdict & int(of), _RELEASE, 1.0)

        seen = np.isfinite(raw).sum(axis=1)
        # What is missing is neither least nor most; a channel without a sample is NaN.
        least, most = np.fmin.reduce(raw, axis=1), np.fmax.reduce(raw, axis=1)
        range_uv = np.fmax.reduce(broad, axis=1) - np.fmin.reduce(broad, axis=1)
        at_edge = np.maximum(
            (raw == least[:, None]).sum(axis=1), (raw == most[:, None]).sum(axis=1)
        )
        known = counts > 0
        mean = power / np.where(known, counts, np.nan)
        flat = mean[_BROAD] < (settings.flat_sd_uv / ease(flag.FLAT)) ** 2
        railed = (np.fmax(-least, most) >= settings.rail_uv) | (
            (at_edge > settings.stuck_share * seen) & (most - least > settings.flat_sd_uv)
        )
        mains = settings.mains_share * ease(flag.MAINS) * (self._mains + power[_BROAD])
        strained = mean[_MUSCLE]
        found = {
            flag.FLAT: flat | (most == least),
            flag.RAILED: railed,
            flag.PEAK_TO_PEAK: range_uv > settings.peak_to_peak_uv * ease(flag.PEAK_TO_PEAK),
            flag.NOISY: known & (self._scale > settings.noisy_sd_uv * ease(flag.NOISY)),
            flag.CLIPPED: self._clipped > settings.clipped_share * ease(flag.CLIPPED) * counts,
            flag.LOSS: RATE - seen > settings.lost_share * RATE,
            flag.MAINS: known & (self._mains > mains),
            flag.MUSCLE: strained > settings.muscle_rise * ease(flag.MUSCLE) * self._calm,
        }
        raised = [rises * int(of) for of, rises in found.items()]
        self._verdict = np.bitwise_or.reduce(raised)
        usual = np.where(self._calm > 0.0, self._calm, strained)
        moved = usual * np.where(strained > usual, 1.05, 0.95)
        self._calm = np.where(known, moved, self._calm)

    def _rescale(self) -> None:
        """Take the running robust scale: a median over 30 s of magnitudes."""
        kept = self._magnitudes[:, : self._remembered]
        whole = not np.isnan(kept).any()
        with warnings.catch_warnings():
            # A channel without a magnitude has no median.
            warnings.simplefilter("ignore", RuntimeWarning)
            median = np.median(kept, axis=1) if whole else np.nanmedian(kept, axis=1)
        self._scale = np.where(median > 0.0, _TO_SD * median, np.nan)
        forehead = self._scale.reshape(self._shape)[:, FOREHEAD].mean(axis=1)
        self._level = np.maximum(SETTINGS.blink_uv, SETTINGS.clip * forehead)

    def _measure(self) -> Floats:
        """Give the four indices and the root of the blinks per minute, [5, seats]."""
        counts = self._counts.sum(axis=0)
        enough = counts >= SETTINGS.coverage * WINDOW
        squares = self._squares[:, _POWERS].sum(axis=0)
        powers = squares / np.where(enough, counts, np.nan)
        indices = log_indices(powers.reshape(len(POWER_BANDS), *self._shape))
        minutes = min(self._seen / RATE, len(self._blinks)) / 60
        rate = np.sqrt(self._blinks.sum(axis=0) / minutes)
        return np.concatenate((indices, rate[None]))

    def _smooth(self) -> None:
        """Take the second into the lead-in, or into each seat's smoothed z."""
        if self._seen <= self.lead_in_s * RATE:
            self._lead_in.append(self._index)
        if self._seen == self.lead_in_s * RATE:
            known = np.stack([index for index in self._lead_in if np.isfinite(index).all()])
            self._centre = np.median(known, axis=0)
            spread = _TO_SD * np.median(np.abs(known - self._centre), axis=0)
            floors = np.array([SETTINGS.baseline_floor] * 4 + [SETTINGS.blink_floor])
            self._spread = np.maximum(spread, floors[:, None])
        value = (self._index - self._centre) / self._spread
        decay = np.exp(-1.0 / SETTINGS.smoothing_s)
        valid = np.isfinite(value)
        limited = np.clip(np.where(valid, value, 0.0), -SETTINGS.z_limit, SETTINGS.z_limit)
        self._total = decay * self._total + (1.0 - decay) * limited
        self._weight = decay * self._weight + (1.0 - decay) * valid

    def _last(self, seconds: float) -> Ints:
        """Tell where the last seconds' components lie."""
        slots = np.arange(self._seen - round(seconds) * RATE, self._seen)
        places: Ints = slots % self._component.shape[1]
        return places

    def _correlate(self) -> None:
        """Correlate the component over its window, with its closed-form null, and seat by seat."""
        places = self._last(SETTINGS.isc_window_s)
        window = self._component[:, places]
        present = np.isfinite(window)
        counted = present.sum(axis=1) >= SETTINGS.coverage * len(places)
        y = np.where(present & counted[:, None], window, 0.0)
        self._share(y[:, -RATE:])
        if counted.sum() < 2:
            return
        number = (present & counted[:, None]).sum(axis=0)
        squares = np.einsum("kt,kt->t", y, y)
        shared = (y.sum(axis=0) ** 2 - squares).sum()
        pairs = (number * (number - 1) / 2).sum()
        step = int(RATE / (3.2 * SETTINGS.low_pass_hz))
        lags = round(0.5 * RATE / step)
        share = 1.0 / (step * (1.0 + 2.0 * self._lagged(y[:, ::step], lags)))
        self._synchrony = (
            float(shared / ((number - 1) * squares).sum()),
            float(1.0 / np.sqrt(share * pairs)),
        )

    def _lagged(self, y: Floats, lags: int) -> float:
        """Sum the squares of the seats' mean autocorrelation, by way of the spectrum."""
        size = fft.next_fast_len(y.shape[1] + lags, real=True)
        energy = np.einsum("kt,kt->k", y, y)
        alive = energy > 0.0
        spectrum = fft.rfft(y[alive], size, axis=1)
        power = (spectrum.real**2 + spectrum.imag**2) / energy[alive, None]
        mean = fft.irfft(power.mean(axis=0), size)[1 : lags + 1]
        return float(mean @ mean)

    def _share(self, y: Floats) -> None:
        """Take each seat's own correlation with the others, over its window."""
        slot = self._seen // RATE % len(self._shared)
        self._shared[slot] = np.einsum("kt,kt->k", y, y.sum(axis=0) - y)
        self._own[slot] = np.einsum("kt,kt->k", y, y)
        shared, own = self._shared.sum(axis=0), self._own.sum(axis=0)
        others = len(own) - 1
        whole = own + (own.sum() - own) / others
        self._shares = 2 / others * shared / np.where(whole > 0.0, whole, np.nan)

    def _look_for_twins(self) -> None:
        """Hold a thirtieth of the seats against all others, over half a minute."""
        step = 2 * int(RATE / (3.2 * SETTINGS.low_pass_hz))
        turns = round(SETTINGS.duplicate_s)
        mine = np.arange(self._seen // RATE % turns, self._shape[0], turns)
        if not mine.size:
            return
        window = self._component[:, self._last(SETTINGS.duplicate_s)[::step]]
        present = np.isfinite(window)
        y = np.where(present, window, 0.0)
        both = y[mine] @ y.T
        norms = np.sqrt((y[mine] ** 2 @ present.T) * (present[mine] @ (y**2).T))
        r = both / np.where(norms > 0.0, norms, np.inf)
        r[np.arange(len(mine)), mine] = -1.0
        limit = SETTINGS.duplicate_r * np.where(self._twin[mine] >= 0, _RELEASE, 1.0)
        self._twin[mine] = np.where(r.max(axis=1) > limit, r.argmax(axis=1), -1)

    def _pool(self) -> list[tuple[float, ...]]:
        """Pool: trimmed mean, standard error, t and confidence; synchrony last."""
        pooled: list[tuple[float, ...]] = []
        for total, weight in zip(self._total, self._weight, strict=True):
            enough = (weight >= SETTINGS.coverage) & (self._twin < 0)
            z = np.sort(total[enough] / weight[enough])
            error = z.std(ddof=1) / np.sqrt(len(z)) if len(z) >= SETTINGS.min_seats else 0.0
            if not error:
                continue
            cut = int(SETTINGS.trim * len(z))
            mean = z[cut : len(z) - cut].mean()
            t = mean / error
            pooled.append((mean, error, t, 1.0 - 2.0 * stdtr(len(z) - 1, -abs(t)), len(z)))
        if self._synchrony:
            value, null_sd = self._synchrony
            z_value = value / null_sd
            pooled.append((z_value, null_sd, value, 1.0 - 2.0 * ndtr(-abs(z_value))))
        return pooled
