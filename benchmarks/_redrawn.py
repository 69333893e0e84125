"""Decision rules side by side, on thousands of audiences drawn from the same seats.

Until seats are pooled nothing that one seat does depends on another. So each seat's rest minute is
analyzed once for each of some turns, and audiences are drawn from these and pooled all at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import product

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track
from scipy.special import stdtr

import dsp
from benchmarks._measure import Effort, Floats
from benchmarks._minutes import PEOPLE, Shown, arithmetic, surrogate
from benchmarks._report import Table
from benchmarks._rule import AFTER_CUT_S, analyze

SIGNALS = ("engagement", "forehead_theta_alpha")
RULES = ((0.4, 3.0, 0.95), (0.5, 3.0, 0.95), (0.6, 3.0, 0.95), (0.7, 3.0, 0.95), (0.7, 3.0, 0.99))
"""Least mean z, least t, least confidence; all held 5 s."""

HELD_S = 5

Bools = NDArray[np.bool_]


def compare_rules(effort: Effort, sizes: Sequence[int]) -> Table:
    """Tell how often each rule branches in surrogate rest, and in the task.

    Parameters
    ----------
    effort : Effort
        Three turns a round of every seat, and 600 audiences a round for each size, at ten
        seconds.
    sizes : sequence of int
        Seats of an audience.
    """
    turns = 3 * effort.rounds
    draws = max(1, round(60 * effort.rounds * effort.seconds))
    bar = partial(track, console=Console(stderr=True))
    turned = [seat_zs(surrogate(PEOPLE, i), "minute") for i in bar(range(turns), "Turns")]
    stretches = {
        "rest": np.stack(turned, axis=1),
        "task": seat_zs(arithmetic(PEOPLE, 0), "task")[:, np.newaxis],
    }
    rng = np.random.default_rng(1)
    shares: dict[tuple[str, int, str], list[float]] = {}
    for size, (name, seats) in bar(list(product(sizes, stretches.items())), "Draws"):
        drawn = draw(seats, size, draws, rng)
        for row, signal in enumerate(SIGNALS):
            pooled = pool(*drawn[:, row])
            shares[signal, size, name] = [float(held(met(pooled, *rule)).mean()) for rule in RULES]
    columns = tuple(f"{size} {name}" for size in sizes for name in ("rest", "task"))
    rows = tuple(
        (
            f"{signal} > {least:g}, t > {t:g}, confidence {confidence:g}",
            *(
                f"{100 * shares[signal, size, name][i]:.2f} %"
                for size in sizes
                for name in ("rest", "task")
            ),
        )
        for signal in SIGNALS
        for i, (least, t, confidence) in enumerate(RULES)
    )
    return Table(
        "Rules beside one another: minutes in which they branch, held 5 s",
        ("", *columns),
        rows,
        (
            f"{draws} audiences of each size, drawn from {PEOPLE} people: surrogates of rest "
            f"({turns} turns of each person), and the task minute. Rules were chosen on the same "
            "people whom they are shown on here.",
        ),
    )


def seat_zs(shown: Shown, stretch: str) -> Floats:
    """Give every seat's smoothed z at the end of each second of a stretch, and its weight.

    Returns
    -------
    float64 [2, signals, seats, seconds]
        In the order of `SIGNALS` and of the seats' names; weight 0 and z 0 where there is none.
    """
    start, stop = (round(s * dsp.TICKS_PER_SECOND) for s in shown.judged[stretch])
    ends = analyze(shown)[start:stop][dsp.TICKS_PER_SECOND - 1 :: dsp.TICKS_PER_SECOND]
    rows = [dsp.SIGNALS.index(signal) for signal in SIGNALS]
    by_name = np.argsort(shown.group.seats)
    return np.stack([_zs(state)[:, rows][:, :, by_name] for state in ends], axis=3)


def _zs(state: dsp.AudienceState) -> Floats:
    """Read smoothed z and weight of every signal but synchrony, and seat."""
    assert state.seats is not None
    z, weight = (np.array(rows, np.float64) for rows in (state.seats.zs, state.seats.weights))
    there = ~np.isnan(z) & (weight > 0)
    return np.where(there, np.stack([z, weight]), 0.0)


def draw(seats: Floats, size: int, draws: int, rng: np.random.Generator) -> Floats:
    """Draw audiences; nobody is twice in one, and of everyone one turn is taken, by lot.

    Parameters
    ----------
    seats : float64 [2, turns, signals, seats, seconds]
        z and weight.
    size, draws : int
        Seats of an audience, and how many audiences.
    rng : numpy.random.Generator
        Chooses.

    Returns
    -------
    float64 [2, signals, draws, size, seconds]
    """
    everybody = np.tile(np.arange(seats.shape[3]), (draws, 1))
    who = rng.permuted(everybody, axis=1)[:, :size]
    turn = rng.integers(seats.shape[1], size=who.shape)
    return seats.transpose(0, 2, 1, 3, 4)[:, :, turn, who]


def pool(z: Floats, weight: Floats) -> Floats:
    """Pool audiences as `dsp.Audience` does, all of them at once.

    Parameters
    ----------
    z, weight : float64 [draws, seats, seconds]
        Weight 0 leaves a seat out.

    Returns
    -------
    float64 [3, draws, seconds]
        Mean, t and confidence; NaN where fewer than `Settings.min_seats` count.
    """
    settings = dsp.Settings()
    order = np.argsort(z, axis=1)
    z, weight = (np.take_along_axis(values, order, axis=1) for values in (z, weight))
    with np.errstate(invalid="ignore", divide="ignore"):
        share = weight / weight.sum(axis=1, keepdims=True)
        above = np.cumsum(share, axis=1)
        edges = settings.trim, 1 - settings.trim
        inner = np.clip(above, *edges) - np.clip(above - share, *edges)
        mean = (inner * z).sum(axis=1) / inner.sum(axis=1)
        whole = (share * z).sum(axis=1, keepdims=True)
        effective = 1 / (share**2).sum(axis=1)
        variance = (share * (z - whole) ** 2).sum(axis=1) / (effective - 1)
        t = mean / np.sqrt(variance)
        confidence = 1 - 2 * stdtr(effective - 1, -np.abs(t))
    out = np.stack([mean, t, confidence])
    out[:, np.count_nonzero(weight, axis=1) < settings.min_seats] = np.nan
    return out


def met(pooled: Floats, least: float, t: float, confidence: float) -> Bools:
    """Tell in which seconds a rule is met: [draws, seconds], from the first that a film may read.

    An unknown second never meets it.
    """
    # The first is the state at the end of the first second.
    mean, ratio, sure = pooled[:, :, round(AFTER_CUT_S) - 1 :]
    result: Bools = (mean > least) & (ratio > t) & (sure >= confidence)
    return result


def held(seconds: Bools) -> Bools:
    """Tell which rows hold 5 s without a break.

    A state stands for a second: from one's first tick to another's are 5 s if they are six in row.
    """
    windows: Bools = np.lib.stride_tricks.sliding_window_view(seconds, HELD_S + 1, axis=1)
    result: Bools = np.any(np.all(windows, axis=2), axis=1)
    return result
