"""Real recordings against the measured figures and against an offline twin in plain numpy.

The figures are those of the reference measurements: 44 Muse seats, and 35 people at rest and in
mental arithmetic.
"""

from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pytest
from scipy import signal, stats

from dsp import AudienceState, Group, Settings
from dsp._pool import Pool
from dsp._quality import UNUSABLE
from dsp._synchrony import correlation, independent_share, null_sd

Samples = np.ndarray
Run = Callable[..., list[AudienceState]]
Fires = Callable[..., bool]

MEAN_ISC = 0.01842
WINDOW_MEAN = 0.0181
WINDOW_NULL_SD = 0.0019


@pytest.fixture(scope="module")
def states(muse: tuple[Group, Samples], run: Run) -> list[AudienceState]:
    group, x = muse
    return run([group], [x], freeze_at=600)


def hops(states: list[AudienceState], first_s: int = 13) -> list:
    """Synchrony at the end of every second from the first full window on."""
    return [state.signals[-1] for state in states[first_s * 10 - 1 :: 10]]


def test_synchrony_is_the_offline_twins_window_by_window(
    muse: tuple[Group, Samples], states: list[AudienceState], twin: SimpleNamespace
) -> None:
    group, x = muse
    want = twin.windows(twin.scaled(x, group.rate)[..., [0, 3]].mean(axis=2), group.rate)
    got = np.array([pooled.raw for pooled in hops(states)])
    assert len(got) == len(want)
    np.testing.assert_allclose(got, want, rtol=0.01)


def test_synchrony_is_near_that_of_one_scale_for_the_whole_recording(
    muse: tuple[Group, Samples], states: list[AudienceState], twin: SimpleNamespace
) -> None:
    group, x = muse
    y = twin.broad_band(x, group.rate)[..., [0, 3]]
    y = y / (1.4826 * np.median(np.abs(y), axis=0))
    want = twin.windows(np.where(np.abs(y) > 4, 0, y).mean(axis=2), group.rate)
    got = np.array([pooled.raw for pooled in hops(states)])
    np.testing.assert_allclose(got, want, rtol=0.1)
    assert got.mean() == pytest.approx(want.mean(), rel=0.02)


def test_synchrony_reaches_the_measured_figures(states: list[AudienceState]) -> None:
    found = hops(states)
    assert np.mean([pooled.raw for pooled in found[::10]]) == pytest.approx(MEAN_ISC, rel=0.1)
    assert np.mean([pooled.raw for pooled in found]) == pytest.approx(WINDOW_MEAN, rel=0.1)
    assert found[-1].standard_error == pytest.approx(WINDOW_NULL_SD, rel=0.05)
    assert all(pooled.value > 3 and pooled.seats == 44 for pooled in found)


def test_a_muse_audience_has_a_forehead_and_no_engagement(states: list[AudienceState]) -> None:
    engagement, forehead, *_ = states[-1].signals
    assert engagement.reason == "no seat has parietal or temporal electrodes"
    assert forehead.value is not None


def test_without_scaling_and_clipping_most_of_it_is_lost(
    muse: tuple[Group, Samples], twin: SimpleNamespace
) -> None:
    group, x = muse
    y = twin.broad_band(x, group.rate)[..., [0, 3]].mean(axis=2)
    between, within = np.sum(y.sum(axis=1) ** 2) - np.sum(y**2), np.sum(y**2)
    assert between / (43 * within) < 0.25 * MEAN_ISC


def test_seats_that_leave_the_timeline_fall_out_of_synchrony(
    muse: tuple[Group, Samples], run: Run
) -> None:
    group, x = muse
    apart = x.copy()
    # Random lags: the images come at a nearly even pace, so that even lags would find it again.
    lags = np.random.default_rng(4).integers(0, 57 * 256, 44)
    for seat, lag in enumerate(lags):
        apart[50 * 256 :, seat] = np.roll(x[50 * 256 :, seat], lag, axis=0)
    found = hops(run([group], [apart]))
    values = {13 + i: pooled.value for i, pooled in enumerate(found)}
    assert all(values[second] > 3 for second in range(13, 51))
    assert np.mean([values[second] < 3 for second in range(57, 107)]) > 0.97


@pytest.mark.parametrize(("lost", "least"), [(0.02, 0.0180), (0.1, 0.0165), (0.2, 0.0149)])
def test_lost_packets_cost_no_more_than_measured(
    muse: tuple[Group, Samples], run: Run, lost: float, least: float
) -> None:
    group, x = muse
    rng = np.random.default_rng(1)
    packets = rng.random((len(x) // 12 + 1, 44)) < lost
    holed = np.where(np.repeat(packets, 12, axis=0)[: len(x), :, None], np.float32(np.nan), x)
    found = hops(run([group], [holed]))
    assert np.mean([pooled.raw for pooled in found]) >= 0.95 * least


def test_broken_seats_cost_their_pairs_and_no_more(muse: tuple[Group, Samples], run: Run) -> None:
    group, x = muse
    broken = x.copy()
    rng = np.random.default_rng(2)
    broken[:, ::10] = rng.normal(0, 500, (len(x), 5, 4))
    found = hops(run([group], [broken]))
    assert np.mean([pooled.raw for pooled in found]) >= 0.0141


def test_strangers_stay_within_the_closed_form_null(
    arithmetic: tuple[Group, dict[str, Samples]],
    twin: SimpleNamespace,
    pool_of: Callable[..., Pool],
) -> None:
    group, parts = arithmetic
    sites = [group.channels.index(name) for name in ("T5", "T6", "P3", "Pz", "P4", "O1", "O2")]
    rng = np.random.default_rng(1)
    z = []
    for x in (parts["rest_first60"], parts["rest_last60"]):
        component = twin.scaled(x, group.rate)[1000:, :, sites].mean(axis=2)
        for first in range(0, len(component) - 2499, 2500):
            for _ in range(60):
                y = component[first : first + 2500, rng.choice(35, 8, replace=False)]
                part = pool_of(250, y).partial(np.zeros(8, dtype=np.bool_))
                value, pairs = correlation(part.sums)
                z.append(value / null_sd(independent_share(part.lagged, 8, part.step), pairs))
    assert 0.85 < np.std(z) < 1.1
    assert abs(np.mean(z)) < 0.15
    assert 0.02 < np.mean(np.array(z) > 1.645) < 0.07


# --- band-power indices


def play(
    run: Run,
    arithmetic: tuple[Group, dict[str, Samples]],
    seats: np.ndarray,
    channels: tuple[str, ...],
) -> tuple[list[AudienceState], list[AudienceState]]:
    """Rest as lead-in, the second rest, the task; joins are gaps. Gives the last two."""
    group, parts = arithmetic
    columns = [group.channels.index(name) for name in channels]
    gap = np.full((250, len(seats), len(columns)), np.nan, dtype=np.float32)
    cut = {name: x[:, seats][:, :, columns] for name, x in parts.items()}
    x = np.concatenate([cut["rest_first60"], gap, cut["rest_last60"], gap, cut["task"]])
    audience = Group(tuple(f"B{seat}" for seat in seats), channels, 250.0)
    states = run([audience], [x], freeze_at=600)
    return states[610:1210], states[1220:1820]


def test_the_task_takes_the_branch_and_rest_the_default(
    run: Run, arithmetic: tuple[Group, dict[str, Samples]], fires: Fires
) -> None:
    rest, task = play(run, arithmetic, np.arange(35), arithmetic[0].channels)
    for name in ("engagement", "forehead_theta_alpha"):
        assert not fires(rest, name)
        assert fires(task, name)
    assert task[-1].signals[0].seats == 35


def offline_indices(x: Samples, rate: float, sites: list[int], up: list, down: list) -> np.ndarray:
    """Log index of every 4 s, hop 1 s, plainly; shape (seconds, seats)."""
    notch = signal.tf2sos(*signal.iirnotch(50, 30, fs=rate))
    power = {}
    for edge in (*up, *down):
        sos = np.vstack([notch, signal.butter(2, edge, "bandpass", fs=rate, output="sos")])
        start = signal.sosfilt_zi(sos)[:, :, None, None] * x[0, :, sites].T
        y = signal.sosfilt(sos, x[:, :, sites].astype(np.float64), axis=0, zi=start)[0]
        seconds = (y**2).reshape(-1, round(rate), *y.shape[1:]).mean(axis=1).mean(axis=2)
        power[edge] = np.stack([seconds[i - 3 : i + 1].mean(axis=0) for i in range(5, 60)])
    return np.log(sum(power[e] for e in up)) - np.log(sum(power[e] for e in down))


@pytest.mark.parametrize(
    ("row", "names", "up", "down"),
    [
        (0, ("P3", "Pz", "P4"), [(13, 30)], [(8, 13), (4, 8)]),
        (1, ("Fp1", "Fp2"), [(4, 8)], [(8, 13)]),
    ],
)
def test_indices_are_the_offline_twins(
    run: Run,
    arithmetic: tuple[Group, dict[str, Samples]],
    row: int,
    names: tuple[str, ...],
    up: list,
    down: list,
) -> None:
    group, parts = arithmetic
    x = parts["rest_first60"]
    sites = [group.channels.index(name) for name in names]
    want = offline_indices(x, group.rate, sites, up, down)
    states = run([group], [x])[9::10]
    got = np.array([state.seats.values[row] for state in states[5:]], dtype=np.float64)
    faulty = UNUSABLE
    flagged = np.array([[flags & faulty for flags in state.flags] for state in states])
    # Where a second was left out the twin, which leaves none out, says something else.
    clean = np.stack([~flagged[i - 3 : i + 1].any(axis=0) for i in range(5, 60)])
    assert clean.mean() > 0.5
    np.testing.assert_allclose(got[clean], want[clean], rtol=0, atol=1e-4)


def test_temporal_sites_serve_where_there_are_no_parietal_ones(
    run: Run, arithmetic: tuple[Group, dict[str, Samples]], fires: Fires
) -> None:
    rest, task = play(run, arithmetic, np.arange(35), ("Fp1", "T5", "T6"))
    assert not fires(rest, "engagement")
    assert fires(task, "engagement")


def test_smaller_audiences_fire_falsely_no_more_often_than_measured(
    run: Run, arithmetic: tuple[Group, dict[str, Samples]], fires: Fires
) -> None:
    rng = np.random.default_rng(3)
    fired = {(n, part): 0 for n in (16, 32) for part in ("rest", "task")}
    for n in (16, 32):
        for _ in range(5):
            seats = np.sort(rng.choice(35, n, replace=False))
            rest, task = play(run, arithmetic, seats, ("Fp1", "Fp2", "P3", "Pz", "P4"))
            for name in ("engagement", "forehead_theta_alpha"):
                fired[n, "rest"] += fires(rest, name)
                fired[n, "task"] += fires(task, name)
    assert fired[16, "rest"] == fired[32, "rest"] == 0
    assert fired[32, "task"] == 10
    assert fired[16, "task"] >= 5


GOLDEN_AUC = {
    ("engagement", "parietal"): {1: 0.692, 4: 0.816, 8: 0.897, 16: 0.971, 32: 0.999},
    ("engagement", "temporal"): {1: 0.710, 4: 0.855, 8: 0.919, 16: 0.980, 32: 1.000},
    ("forehead_theta_alpha", "parietal"): {1: 0.713, 4: 0.844, 8: 0.937, 16: 0.991, 32: 1.0},
}


def audience_auc(rest: np.ndarray, task: np.ndarray, seats: int) -> float:
    """Mean area under the curve of 4 s windows, over draws of this many seats."""
    rng = np.random.default_rng(seats)
    areas = []
    for _ in range(200):
        drawn = rng.choice(rest.shape[1], seats, replace=False)
        a, b = (np.nanmean(z[:, drawn], axis=1) for z in (rest, task))
        areas.append(stats.mannwhitneyu(b[~np.isnan(b)], a[~np.isnan(a)]).statistic)
        areas[-1] /= np.count_nonzero(~np.isnan(a)) * np.count_nonzero(~np.isnan(b))
    return float(np.mean(areas))


@pytest.mark.parametrize("case", GOLDEN_AUC)
def test_windows_of_task_and_rest_are_told_apart_as_measured(
    run: Run, arithmetic: tuple[Group, dict[str, Samples]], case: tuple[str, str]
) -> None:
    name, site = case
    sites = {"parietal": ("P3", "Pz", "P4"), "temporal": ("T5", "T6")}[site]
    group, parts = arithmetic
    columns = [group.channels.index(channel) for channel in ("Fp1", "Fp2", *sites)]
    audience = Group(group.seats, ("Fp1", "Fp2", *sites), 250.0)
    row = ("engagement", "forehead_theta_alpha").index(name)
    values = {}
    for part, x in parts.items():
        seconds = run([audience], [np.ascontiguousarray(x[:, :, columns])])[59::10]
        values[part] = np.array([s.seats.values[row] for s in seconds], dtype=np.float64)
    base = values["rest_first60"]
    centre = np.nanmedian(base, axis=0)
    spread = np.maximum(1.4826 * np.nanmedian(np.abs(base - centre), axis=0), 0.05)
    rest, task = (
        np.clip((values[part] - centre) / spread, -3, 3) for part in ("rest_last60", "task")
    )
    assert abs(np.nanmean(rest)) < 0.15
    assert np.nanmean(task) > 0.65
    for seats, golden in GOLDEN_AUC[case].items():
        if seats > 1:
            # The filter bank uses every sample alike, three Hann segments do not: it does better.
            assert audience_auc(rest, task, seats) >= golden - 0.03


def test_settings_reach_the_figures(muse: tuple[Group, Samples], run: Run) -> None:
    group, x = muse
    short = [x[: 256 * 30]]
    longer = run([group], short, settings=Settings(isc_window_s=20))[-1].signals[-1]
    plain = run([group], short)[-1].signals[-1]
    assert longer.standard_error == pytest.approx(plain.standard_error / np.sqrt(2), rel=0.1)
    unclipped = run([group], short, settings=Settings(clip=1e3))[-1].signals[-1]
    assert unclipped.raw < plain.raw
