"""What the signals tell in real recordings, and what they do not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

import numpy as np
from scipy import signal
from scipy.stats import mannwhitneyu

import dsp
from benchmarks._measure import Effort, Floats, figure
from benchmarks._minutes import LEAD_IN_S, MINUTE_S, PEOPLE, RUNS, Shown, arithmetic, muse
from benchmarks._report import Table
from benchmarks._rule import analyze

SITES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"P3 Pz P4": ("P3", "Pz", "P4"), "P7 P8": ("P7", "P8"), "Fp1 Fp2": ("Fp1", "Fp2")}
)
ROWS = (
    ("engagement", "P3 Pz P4"),
    ("engagement", "P7 P8"),
    ("engagement", "Fp1 Fp2"),
    ("forehead_theta_alpha", "Fp1 Fp2"),
    ("relaxation", "P3 Pz P4"),
    ("drowsiness", "P3 Pz P4"),
)
SIZES = (1, 4, 8, 16, 32)

_SETTLED_S = 6
_LEAST_SPREAD = dsp.Settings().baseline_floor
_ALPHA_HZ = (8.0, 13.0)


def run(effort: Effort) -> list[Table]:
    """Compute from the recordings what the page quotes of them.

    Parameters
    ----------
    effort : Effort
        60 draws of seats a round.

    Raises
    ------
    UnavailableError
        The recordings are not there.
    """
    return [_tasks(60 * effort.rounds), _correlations(), _phases()]


def _tasks(draws: int) -> Table:
    """Tell rest from work by each signal at each site."""
    shown = arithmetic(PEOPLE, 0)
    rows = []
    for name, sites in ROWS:
        rest, task = _against_rest(shown, name, SITES[sites])
        areas = (f"{_area(rest, task, size, draws):.2f}" for size in SIZES)
        means = (f"{np.nanmean(z):+.2f}" for z in (rest, task))
        rows.append((f"{name}, {sites}", *areas, *means))
    return Table(
        "Rest against mental arithmetic: area under the ROC curve of windows of 4 s, by seats",
        ("", *(str(size) for size in SIZES), "z at rest", "z in the task"),
        tuple(rows),
        (
            f"{draws} draws of each number of seats from {PEOPLE} people; z against each one's "
            "first minute of rest; 0.5 is chance, below 0.5 the signal falls in the task. The "
            "hall refuses engagement on the forehead: Fp1 and Fp2 were given to it as P3 and P4.",
        ),
    )


def _against_rest(shown: Shown, name: str, sites: Sequence[str]) -> tuple[Floats, Floats]:
    """Give clipped z [seconds, seats] in the second rest and in the task."""
    group = shown.group
    columns = [group.channels.index(site) for site in sites]
    called = ("P3", "P4") if (name, *sites) == ("engagement", "Fp1", "Fp2") else tuple(sites)
    found = []
    for start, _ in ((0.0, MINUTE_S), *shown.judged.values()):
        first = round(start * group.rate)
        part = shown.samples[first : first + round(MINUTE_S * group.rate), :, columns]
        some = Shown(dsp.Group(group.seats, called, group.rate), np.ascontiguousarray(part), {})
        seconds = analyze(some)[dsp.TICKS_PER_SECOND - 1 :: dsp.TICKS_PER_SECOND]
        found.append(np.array([_values(state, name) for state in seconds[_SETTLED_S:]]))
    base, *others = found
    centre = np.nanmedian(base, axis=0)
    spread = np.maximum(1.4826 * np.nanmedian(np.abs(base - centre), axis=0), _LEAST_SPREAD)
    rest, task = (np.clip((values - centre) / spread, -3, 3) for values in others)
    return rest, task


def _values(state: dsp.AudienceState, name: str) -> Floats:
    """Read a signal of every seat, before any baseline."""
    assert state.seats is not None
    return np.array(state.seats.values[dsp.SIGNALS.index(name)], np.float64)


def _area(rest: Floats, task: Floats, size: int, draws: int) -> float:
    rng = np.random.default_rng(size)
    areas = []
    for _ in range(draws):
        drawn = rng.choice(rest.shape[1], size, replace=False)
        known = (z[:, drawn][~np.isnan(z[:, drawn]).all(axis=1)] for z in (rest, task))
        a, b = (np.nanmean(z, axis=1) for z in known)
        areas.append(float(mannwhitneyu(b, a).statistic) / len(a) / len(b))
    return float(np.mean(areas))


def _correlations() -> Table:
    """Tell how the correlation of the Muse audience stands damage."""
    shown = muse(RUNS, 0)
    rng = np.random.default_rng(1)
    x = shown.samples
    broken, lost, apart = x.copy(), x.copy(), x.copy()
    broken[:, ::10] = rng.normal(0, 500, broken[:, ::10].shape)
    packets = rng.random((len(x) // 12 + 1, RUNS)) < 0.1
    lost[np.repeat(packets, 12, axis=0)[: len(x)]] = np.nan
    for seat in range(RUNS):
        apart[:, seat] = np.roll(x[:, seat], int(rng.integers(len(x))), axis=0)
    plain = dsp.Settings()
    cases = {
        "as recorded": (x, plain),
        "without clipping": (x, replace(plain, clip=1000.0)),
        "one seat in ten broken": (broken, plain),
        "one packet in ten lost": (lost, plain),
        "every seat turned by a lag of its own": (apart, plain),
    }
    return Table(
        f"Inter-subject correlation of the Muse audience: {RUNS} seats, windows of 10 s",
        ("", "mean", "sd", "sd of chance", "windows with z > 3"),
        tuple((name, *_windows(replace(shown, samples=y), s)) for name, (y, s) in cases.items()),
        ("sd of chance: closed form. broken: noise of 500 uV.",),
    )


def _windows(shown: Shown, settings: dsp.Settings) -> tuple[str, ...]:
    place = dsp.SIGNALS.index(dsp.SYNCHRONY)
    first = round(settings.isc_window_s) + 3
    seconds = analyze(shown, settings)[first * dsp.TICKS_PER_SECOND - 1 :: dsp.TICKS_PER_SECOND]
    pooled = [state.signals[place] for state in seconds]
    raw = [one.raw for one in pooled if one.raw is not None]
    chance = [one.standard_error for one in pooled if one.standard_error is not None]
    above = np.mean([one.value is not None and one.value > 3 for one in pooled])
    return (
        f"{np.mean(raw):.4f}",
        f"{np.std(raw):.4f}",
        f"{np.mean(chance):.4f}",
        f"{100 * above:.0f} %",
    )


def _phases() -> Table:
    """Tell how much phase locking strangers have who were recorded apart."""
    shown = arithmetic(PEOPLE, 0)
    rate = shown.group.rate
    pz = shown.samples[: round(LEAD_IN_S * rate), :, shown.group.channels.index("Pz")]
    sos = signal.butter(4, _ALPHA_HZ, "bandpass", fs=rate, output="sos")
    alpha = signal.hilbert(signal.sosfiltfilt(sos, pz.astype(np.float64), axis=0), axis=0)
    turns = alpha / np.abs(alpha)
    one, other = np.triu_indices(PEOPLE, 1)
    rows = []
    for seconds in (1, 2, 4, 10):
        size = round(seconds * rate)
        locked = [
            np.abs(part.T @ part.conj())[one, other] / size
            for part in (turns[at : at + size] for at in range(0, len(turns) - size + 1, size))
        ]
        means = (np.mean(locked), np.quantile(locked, 0.95))
        rows.append((f"{seconds} s", *(figure(round(float(value), 2)) for value in means)))
    return Table(
        "Phase locking of alpha at Pz between strangers, each recorded alone at rest",
        ("window", "mean", "95 % of pairs below"),
        tuple(rows),
        (f"{len(one)} pairs; 0 is none, 1 is complete.",),
    )
