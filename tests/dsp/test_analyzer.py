"""Laws of the analyzer, on noise: who counts, from when, and what comes out."""

import functools
import operator
import sys
import tracemalloc
from collections.abc import Callable
from dataclasses import asdict, replace
from itertools import pairwise
from math import isfinite

import numba
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsp import (
    SIGNALS,
    Analyzer,
    Audience,
    AudienceState,
    Flag,
    Group,
    Partial,
    Settings,
    tick_slots,
    warm_up,
)

Samples = np.ndarray
Run = Callable[..., list[AudienceState]]
Noise = Callable[..., Samples]

EIGHT = ("Fp1", "Fp2", "P3", "Pz", "P4", "T5", "T6", "O1")
SHORT = Settings(baseline_lead_in_s=8, baseline_own_s=12, blink_window_s=5)
BRAIN = tuple(name for name in SIGNALS if name not in ("blink_rate", "heart_rate"))
"""Noise does not blink, and no electrode shows a pulse."""


def hall(seats: int, channels: tuple[str, ...] = EIGHT, prefix: str = "s") -> Group:
    return Group(tuple(f"{prefix}{i}" for i in range(seats)), channels, 250.0)


def of(state: AudienceState, name: str) -> object:
    return state.signals[SIGNALS.index(name)]


def numbers(value: object) -> list[float]:
    """Every float anywhere in a state."""
    if isinstance(value, dict):
        value = tuple(value.values())
    if isinstance(value, (tuple, list)):
        return [number for part in value for number in numbers(part)]
    return [value] if isinstance(value, float) else []


def leaves(value: object) -> set[type]:
    """Types of everything in a state: nothing of numpy's may be left."""
    if isinstance(value, dict):
        value = tuple(value.values())
    if isinstance(value, (tuple, list)):
        return set().union(*(leaves(part) for part in value))
    return {type(value)}


@pytest.fixture(scope="module")
def room(noise: Noise) -> Samples:
    """Ten seats, 30 s."""
    return noise(7, 30, 10, 8, 250.0)


def test_states_have_the_promised_shape_and_hold_no_nan(run: Run, room: Samples) -> None:
    x = room.copy()
    x[2000:4000, 3] = np.nan
    x[3000:3010] = np.nan
    x[:, 4, 0] = np.inf
    states = run([hall(10)], [x], settings=SHORT, freeze_at=150)
    assert [state.tick for state in states] == list(range(300))
    for state in states:
        assert tuple(pooled.name for pooled in state.signals) == SIGNALS
        assert len(state.flags) == 10
        assert (state.seats is None) == (state.tick % 10 != 9)
        assert all(isfinite(number) for number in numbers(asdict(state)))
        assert leaves(asdict(state)) <= {int, float, str, type(None)}
        assert all((pooled.value is None) == bool(pooled.reason) for pooled in state.signals)
    for name in BRAIN:
        assert of(states[-1], name).value is not None
    assert of(states[-1], "blink_rate").reason == "no blinks"


def test_the_same_samples_give_the_same_states(run: Run, room: Samples) -> None:
    first = run([hall(10)], [room], settings=SHORT, freeze_at=150)
    assert run([hall(10)], [room.copy()], settings=SHORT, freeze_at=150) == first


def test_one_altered_sample_is_noticed(run: Run, room: Samples) -> None:
    first = run([hall(10)], [room], settings=SHORT, freeze_at=150)
    x = room.copy()
    x[5000, 2, 3] += np.float32(0.5)
    again = run([hall(10)], [x], settings=SHORT, freeze_at=150)
    differ = [state.tick for state, other in zip(first, again, strict=True) if state != other]
    assert differ[0] == 209  # the end of the second that holds slot 5000


def test_the_order_of_seats_changes_nothing(run: Run, room: Samples) -> None:
    order = np.random.default_rng(1).permutation(10)
    plain = run([hall(10)], [room], settings=SHORT, freeze_at=150)[-1]
    mixed = run([hall(10)], [room[:, order].copy()], settings=SHORT, freeze_at=150)[-1]
    for i in range(len(SIGNALS) - 1):
        assert mixed.seats.zs[i] == tuple(plain.seats.zs[i][k] for k in order)
    assert mixed.signals == plain.signals


def test_groups_of_one_montage_are_one_audience(run: Run, room: Samples) -> None:
    whole = run([hall(10)], [room], settings=SHORT, freeze_at=150)
    parts = [np.ascontiguousarray(part) for part in (room[:, :4], room[:, 4:])]
    halves = run([hall(4), hall(6, prefix="t")], parts, settings=SHORT, freeze_at=150)
    assert halves == whole


@given(cuts=st.lists(st.integers(1, 9), max_size=3, unique=True).map(sorted))
@settings(max_examples=6, deadline=None)
def test_any_partition_of_the_seats_gives_the_same_audience(
    run: Run, room: Samples, cuts: list[int]
) -> None:
    """Two zones and nobody's: the parts know only their own seats."""
    zones = {"front": ("s0", "s3", "s9"), "back": ("s1", "s2", "s4", "s5")}
    recipe = replace(SHORT, min_seats=2)

    def part(first: int, stop: int) -> list[Partial]:
        group = Group(tuple(f"s{i}" for i in range(first, stop)), EIGHT, 250.0)
        analyzer = Analyzer([group], recipe, zones=zones)
        partials = []
        for tick in range(250):
            if tick == 150:
                analyzer.freeze_baseline()
            block = room[slice(*tick_slots(250.0, tick)), first:stop]
            state = analyzer.push(tick, [block], admitted=np.ones(stop - first, dtype=np.bool_))
            if state.seats is not None:
                partials.append(analyzer.partial)
        return partials

    def pooled(parts: list[list[Partial]]) -> list[object]:
        audience = Audience(tuple(zones), recipe)
        return [
            audience.pool(functools.reduce(operator.add, seconds))
            for seconds in zip(*parts, strict=True)
        ]

    bounds = [0, *cuts, 10]
    whole = pooled([part(0, 10)])
    assert pooled([part(first, stop) for first, stop in pairwise(bounds)]) == whole
    assert all(of_.value is not None for of_ in whole[-1][0] if of_.name in BRAIN)


def test_a_zone_is_the_audience_of_its_seats(run: Run, room: Samples) -> None:
    recipe = replace(SHORT, min_seats=3)
    zones = {"left": ("s1", "s4", "s5", "s8")}
    analyzer = Analyzer([hall(10)], recipe, zones=zones)
    alone = Analyzer([Group(zones["left"], EIGHT, 250.0)], recipe)
    for tick in range(300):
        if tick == 150:
            analyzer.freeze_baseline()
            alone.freeze_baseline()
        block = room[slice(*tick_slots(250.0, tick))]
        state = analyzer.push(tick, [block], admitted=np.ones(10, dtype=np.bool_))
        want = alone.push(
            tick, [np.ascontiguousarray(block[:, [1, 4, 5, 8]])], admitted=np.ones(4, np.bool_)
        )
    assert len(state.zones) == 1
    for got, expected in zip(state.zones[0][:-1], want.signals[:-1], strict=True):
        assert got == expected
    # The closed form's autocorrelation is the whole hall's.
    assert state.zones[0][-1].raw == want.signals[-1].raw
    assert state.zones[0][-1].value == pytest.approx(want.signals[-1].value, rel=0.2)
    with pytest.raises(ValueError, match="two zones"):
        Analyzer([hall(2)], recipe, zones={"a": ("s0",), "b": ("s0", "s1")})


def test_a_device_opened_twice_counts_once(run: Run, noise: Noise) -> None:
    x = noise(11, 70, 10, 8, 250.0)
    x[:, 7] = x[:, 2]
    states = run([hall(10)], [x], settings=SHORT, freeze_at=150)
    doubled = [seat for seat in range(10) if states[-1].flags[seat] & Flag.DUPLICATE]
    assert doubled == [2, 7]
    for name in BRAIN:
        assert of(states[-1], name).seats == 9
    assert states[-1].seats.weights[0][7] == 0
    assert states[-1].seats.weights[0][2] > 0.9


def test_a_shared_pick_up_is_no_synchrony(run: Run, room: Samples, noise: Noise) -> None:
    hum = noise(12, 30, 1, 1, 250.0)
    state = run([hall(10)], [room + np.float32(0.4) * hum], settings=SHORT)[-1]
    assert of(state, "synchrony").raw > 0.1
    assert "pick-up" in of(state, "synchrony").reason


def test_closed_eyes_leave_engagement_and_are_told_from_boredom(run: Run, noise: Noise) -> None:
    x = noise(13, 60, 10, 8, 250.0)
    t = np.arange(len(x))
    blinks = 150 * np.exp(-((((t - 100) % 900 - 100) / 20) ** 2))
    x[:, :, :2] += blinks.astype(np.float32)[:, None, None]
    x[30 * 250 :, 0, :2] -= blinks.astype(np.float32)[30 * 250 :, None]  # seat 0 stops blinking
    alpha = 30 * np.sin(2 * np.pi * 10 * t / 250)
    x[30 * 250 :, :2, 2:] += alpha.astype(np.float32)[30 * 250 :, None, None]  # 0 and 1: alpha
    states = run([hall(10)], [x], settings=SHORT, freeze_at=150)
    asleep = [seat for seat in range(10) if states[-1].flags[seat] & Flag.EYES_CLOSED]
    assert asleep == [0]
    assert of(states[-1], "engagement").seats == 9
    assert of(states[-1], "relaxation").seats == 10
    assert of(states[-1], "blink_rate").value is not None


def test_a_trend_is_the_slope_of_the_last_seconds(run: Run, room: Samples) -> None:
    states = run([hall(10)], [room], settings=SHORT, freeze_at=150)
    values = [of(state, "engagement").value for state in states[9::10]][-10:]
    want = np.polyfit(np.arange(10), values, 1)[0]
    assert of(states[-1], "engagement").trend == pytest.approx(want)


def test_after_the_warm_up_nothing_is_compiled(run: Run, noise: Noise) -> None:
    warm_up()
    kernels = {
        f"{module}.{name}": kernel
        for module in sys.modules
        if module.startswith("dsp._")
        for name, kernel in vars(sys.modules[module]).items()
        if isinstance(kernel, numba.core.registry.CPUDispatcher)
    }
    before = {name: len(kernel.signatures) for name, kernel in kernels.items()}
    assert len(before) > 15
    muse = ("TP9", "AF7", "AF8", "TP10", "PPG")
    groups = [hall(9), hall(9, muse, "m"), hall(2, ("Fp1", "Fp2"), "f")]
    audience = [
        noise(seed, 24, len(g.seats), len(g.channels), 250.0) for seed, g in enumerate(groups)
    ]
    audience[0][1000:1600, 2] = np.nan
    audience[0][:, 4] = audience[0][:, 5]

    def leaving(tick: int) -> np.ndarray:
        return np.arange(20) != (3 if tick > 170 else 99)

    run(groups, audience, settings=SHORT, freeze_at=100, admitted=leaving, excluded=range(60, 80))
    assert {name: len(kernel.signatures) for name, kernel in kernels.items()} == before


@pytest.mark.parametrize("channels", [EIGHT, (*EIGHT[:7], "PPG")])
def test_between_seconds_nothing_grows_with_the_hall(
    noise: Noise, channels: tuple[str, ...]
) -> None:
    """The hot loop allocates nothing: what a tick leaves is a state, whatever the hall's size."""

    def peak(seats: int) -> int:
        x = np.tile(noise(1, 3, 4, 8, 250.0), (1, seats // 4, 1))
        analyzer = Analyzer([hall(seats, channels)], Settings())
        everybody = np.ones(seats, dtype=np.bool_)
        worst = 0
        tracemalloc.start()
        try:
            for tick in range(30):
                block = np.ascontiguousarray(x[slice(*tick_slots(250.0, tick))])
                tracemalloc.reset_peak()
                before = tracemalloc.get_traced_memory()[0]
                analyzer.push(tick, [block], admitted=everybody)
                used = tracemalloc.get_traced_memory()[1] - before
                worst = max(worst, used if tick > 20 and tick % 10 not in (0, 9) else 0)
        finally:
            tracemalloc.stop()
        return worst

    peak(4)  # whatever is made once
    small, large = peak(16), peak(512)
    # One byte for every seat that is not admitted, eight for its flags.
    assert large - small < 64 * 512
    assert large < 512 * 8 * 25 * 4 / 8  # an eighth of the block itself


def test_of_two_montages_the_larger_one_gives_the_synchrony(run: Run, noise: Noise) -> None:
    muse = noise(3, 15, 4, 4, 250.0)
    caps = noise(4, 15, 9, 8, 250.0)
    groups = [hall(4, ("TP9", "AF7", "AF8", "TP10"), "m"), hall(9)]
    assert of(run(groups, [muse, caps])[-1], "synchrony").seats == 9


def plain(states: list[AudienceState]) -> list[AudienceState]:
    """States without what differs by right when a seat leaves: trends, the telling of seats."""
    return [
        replace(
            state,
            signals=tuple(replace(pooled, trend=None) for pooled in state.signals),
            seats=state.seats if state.tick % 10 == 9 else None,
        )
        for state in states
    ]


def test_a_seat_that_withdraws_leaves_as_if_it_had_never_been(run: Run, room: Samples) -> None:
    gone_at = 273  # in the middle of a second

    def leaving(tick: int) -> np.ndarray:
        return np.array([seat != 5 or tick < gone_at for seat in range(10)])

    def absent(tick: int) -> np.ndarray:
        return np.arange(10) != 5

    left = run([hall(10)], [room], settings=SHORT, freeze_at=150, admitted=leaving)
    never = run([hall(10)], [room], settings=SHORT, freeze_at=150, admitted=absent)
    assert left[gone_at - 1] != never[gone_at - 1]
    assert plain(left[gone_at:]) == plain(never[gone_at:])
    assert left[gone_at - 1].signals[0].trend is not None
    assert left[gone_at].signals[0].trend is None
    assert left[gone_at].flags[5] == Flag.NOT_ADMITTED
    assert left[gone_at].signals[-1].seats == 9


def test_a_seat_admitted_again_begins_anew(run: Run, room: Samples) -> None:
    def returning(tick: int) -> np.ndarray:
        return np.array([seat != 5 or tick != 230 for seat in range(10)])

    states = run([hall(10)], [room], settings=SHORT, freeze_at=150, admitted=returning)
    assert states[229].seats.zs[0][5] is not None
    assert states[-1].seats.zs[0][5] is None
    assert states[-1].flags[5] & Flag.NO_BASELINE
    assert states[-1].seats.values[0][5] is not None


def test_nothing_is_known_before_the_baseline_is_complete(run: Run, room: Samples) -> None:
    states = run([hall(10)], [room], settings=SHORT)
    assert of(states[0], "synchrony").reason == "0 valid seats, 8 needed"
    assert of(states[-1], "engagement").reason == "baseline not complete"
    assert of(states[-1], "synchrony").value is not None


def test_fresh_means_wait(run: Run, room: Samples) -> None:
    states = run([hall(10)], [room], settings=SHORT, freeze_at=150)
    assert of(states[160], "engagement").reason == "too few seconds since the baseline"
    assert next(s.tick for s in states if of(s, "engagement").value is not None) == 209


def test_a_seat_that_missed_the_lead_in_counts_after_its_own_time(run: Run, noise: Noise) -> None:
    x = noise(9, 50, 10, 8, 250.0)
    x[: 20 * 250, 0] = np.nan  # joins 20 s into the show
    states = run([hall(10)], [x], settings=SHORT, freeze_at=150)
    assert states[199].flags[0] == Flag.ABSENT | Flag.NO_BASELINE
    known = next(s.tick for s in states[9::10] if s.seats.zs[0][0] is not None)
    # Two seconds settling and two more for half a window: the first valid second ends at 24 s,
    # the twelfth at 35 s, and six of them, that one included, make a mean.
    assert known == 40 * 10 - 1
    others = next(s.tick for s in states[9::10] if s.seats.zs[0][1] is not None)
    assert others < known


def test_too_few_seats_are_counted_and_their_correlation_still_told(
    run: Run, room: Samples
) -> None:
    x = np.ascontiguousarray(room[:, :7])
    state = run([hall(7)], [x], settings=SHORT, freeze_at=150)[-1]
    for name in BRAIN:
        assert of(state, name).reason == "7 valid seats, 8 needed"
    assert of(state, "synchrony").raw is not None
    enough = run([hall(7)], [x], settings=replace(SHORT, min_seats=7), freeze_at=150)[-1]
    for name in BRAIN:
        assert of(enough, name).seats == 7
        assert of(enough, name).value is not None


def test_synchrony_is_its_z(run: Run, room: Samples) -> None:
    synchrony = of(run([hall(10)], [room])[-1], "synchrony")
    assert synchrony.value == synchrony.t
    assert synchrony.raw == pytest.approx(synchrony.value * synchrony.standard_error)


def test_a_montage_without_the_regions_says_so(run: Run, noise: Noise) -> None:
    band = run([hall(9, ("Fp1", "Fp2"))], [noise(1, 5, 9, 2, 250.0)])[-1]
    assert of(band, "engagement").reason == "no seat has parietal or temporal electrodes"
    assert "TP9 and TP10" in of(band, "synchrony").reason
    cap = run([hall(9, ("Pz", "Oz"))], [noise(1, 5, 9, 2, 250.0)])[-1]
    assert of(cap, "forehead_theta_alpha").reason == "no seat has forehead electrodes"


@pytest.mark.parametrize("rail", [187_500, -187_500, "square", "zero"])
def test_an_audience_of_railed_electrodes_is_unknown(run: Run, rail: object) -> None:
    n = 20 * 250
    levels = {"square": np.where(np.arange(n) % 40 < 20, 187_500, -187_500), "zero": np.zeros(n)}
    level = levels.get(str(rail), np.full(n, rail if isinstance(rail, int) else 0))
    x = np.repeat(level.astype(np.float32), 64).reshape(n, 8, 8)
    for state in run([hall(8)], [x], settings=SHORT, freeze_at=120):
        assert all(pooled.value is None for pooled in state.signals)
    assert all(flags & (Flag.RAILED | Flag.FLAT) for flags in state.flags)


def test_a_dead_electrode_takes_its_seat_out_of_what_needs_it(run: Run, room: Samples) -> None:
    x = room.copy()
    x[4000:, 0, 3] = 187_500  # Pz of one seat
    state = run([hall(10)], [x], settings=SHORT, freeze_at=150)[-1]
    assert state.seats.values[0][0] is None
    assert state.seats.values[1][0] is not None
    for name, seats in (("engagement", 9), ("forehead_theta_alpha", 10), ("synchrony", 9)):
        assert of(state, name).seats == seats


def test_an_empty_hall_is_unknown(run: Run) -> None:
    nobody = np.full((2500, 12, 8), np.nan, dtype=np.float32)
    for state in run([hall(12)], [nobody], freeze_at=60):
        assert all(pooled.value is None and pooled.seats == 0 for pooled in state.signals)
        assert all(flags & Flag.ABSENT for flags in state.flags)
    analyzer = Analyzer([], Settings())
    empty = analyzer.push(9, [], admitted=np.zeros(0, dtype=np.bool_))
    assert all(pooled.value is None and pooled.reason for pooled in empty.signals)


def test_seats_that_are_copies_of_each_other_prove_nothing(run: Run, room: Samples) -> None:
    x = np.repeat(room[:, :1], 9, axis=1)
    state = run([hall(9)], [x], settings=SHORT, freeze_at=150)[-1]
    assert "alike" in of(state, "engagement").reason
    assert of(state, "synchrony").raw == pytest.approx(1)


def test_ticks_after_a_cut_never_enter_a_correlation(run: Run, room: Samples) -> None:
    x = room.copy()
    flash = np.random.default_rng(5).normal(0, 60, (500, 1, 8)).astype(np.float32)
    x[4000:4500] += flash  # all seats alike, 16 s to 18 s
    cut = run([hall(10)], [x], excluded=range(160, 185))
    marked = max(of(state, "synchrony").raw or 0 for state in cut)
    assert max(of(state, "synchrony").raw or 0 for state in run([hall(10)], [x])) > 0.2
    assert marked < 0.05


def test_a_window_that_is_all_cut_is_unknown(run: Run, room: Samples) -> None:
    state = run([hall(10)], [room], excluded=range(300))[-1]
    assert of(state, "synchrony").value is None


def test_missing_samples_keep_the_correlation_unbiased(run: Run, noise: Noise) -> None:
    own, shared = noise(1, 30, 20, 2, 250.0), noise(2, 30, 1, 2, 250.0)
    x = own + np.float32(0.5) * shared
    group = Group(tuple(map(str, range(20))), ("TP9", "TP10"), 250.0)
    whole = of(run([group], [x])[-1], "synchrony").raw
    x[np.random.default_rng(3).random(x.shape[:2]) < 0.1] = np.nan
    assert of(run([group], [x])[-1], "synchrony").raw == pytest.approx(whole, rel=0.1)


@given(
    first=st.integers(1500, 4000),
    length=st.integers(1, 1500),
    seat=st.integers(0, 9),
    electrode=st.integers(0, 7),
)
@settings(max_examples=10, deadline=None)
def test_a_gap_never_spreads(
    run: Run, room: Samples, first: int, length: int, seat: int, electrode: int
) -> None:
    x = room.copy()
    x[first : first + length, seat, electrode] = np.nan
    whole = run([hall(10)], [room], settings=SHORT, freeze_at=60)
    holed = run([hall(10)], [x], settings=SHORT, freeze_at=60)
    assert whole[first // 25 - 1] == holed[first // 25 - 1]
    for before, after in zip(whole, holed, strict=True):
        if before.seats is None or after.seats is None:
            assert before.seats is after.seats
            continue
        rows = before.seats.values + before.seats.zs
        others = after.seats.values + after.seats.zs
        for row, other in zip(rows, others, strict=True):
            assert row[:seat] + row[seat + 1 :] == other[:seat] + other[seat + 1 :]
    # Two seconds to settle, half a power window, and what is left of a second.
    back = (first + length) // 25 + (2 + 2 + 1) * 10
    for state in holed[back:]:
        assert state.seats is None or all(None not in row for row in state.seats.values[:4])


def test_what_does_not_follow_or_fit_is_refused() -> None:
    everybody = np.ones(2, dtype=np.bool_)
    analyzer = Analyzer([hall(2)], Settings())
    block = np.zeros((25, 2, 8), dtype=np.float32)
    analyzer.push(4, [block], admitted=everybody)
    with pytest.raises(ValueError, match="push every tick"):
        analyzer.push(6, [block], admitted=everybody)
    with pytest.raises(ValueError, match="admitted"):
        analyzer.push(5, [block], admitted=np.ones(3, dtype=np.bool_))
    with pytest.raises(ValueError, match="blocks"):
        analyzer.push(5, [], admitted=everybody)
    with pytest.raises(ValueError, match="must be float32"):
        analyzer.push(5, [block.astype(np.float64)], admitted=everybody)
    with pytest.raises(ValueError, match="must be float32"):
        analyzer.push(5, [block[:24]], admitted=everybody)
    with pytest.raises(ValueError, match="two groups"):
        Analyzer([hall(2), hall(1)], Settings())
    analyzer.push(5, [block], admitted=everybody)


def test_a_show_may_begin_at_any_tick(run: Run, room: Samples) -> None:
    def states(start: int) -> list[AudienceState]:
        analyzer = Analyzer([hall(10)], SHORT)
        ticks = range(start, start + 120)
        first = tick_slots(250.0, start)[0]
        return [
            analyzer.push(
                tick,
                [room[slice(*(slot - first for slot in tick_slots(250.0, tick)))]],
                admitted=np.ones(10, dtype=np.bool_),
            )
            for tick in ticks
        ]

    late = [replace(state, tick=state.tick - 540_000) for state in states(540_000)]
    early = states(0)
    assert late[-1].seats.values[0] == pytest.approx(early[-1].seats.values[0])
    assert late[-1].signals[-1].raw == pytest.approx(early[-1].signals[-1].raw)


@pytest.mark.parametrize("seed", range(6))
def test_noise_never_takes_a_cut(
    run: Run, noise: Noise, fires: Callable[..., bool], seed: int
) -> None:
    x = noise(seed, 150, 12, 8, 250.0)
    states = run([hall(12)], [x], freeze_at=600)
    assert any(of(state, "engagement").value is not None for state in states)
    assert not any(fires(states, name) for name in SIGNALS)


def halves(run: Run, room: Samples, at: int) -> tuple[Analyzer, list[AudienceState]]:
    """An analyzer that was stopped at a tick, and the states of one that was not."""
    whole = run([hall(10)], [room], settings=SHORT, freeze_at=100)
    analyzer = Analyzer([hall(10)], SHORT)
    everybody = np.ones(10, dtype=np.bool_)
    for tick in range(at):
        if tick == 100:
            analyzer.freeze_baseline()
        analyzer.push(tick, [room[slice(*tick_slots(250.0, tick))]], admitted=everybody)
    return analyzer, whole


def test_another_analyzer_goes_on_with_everybodys_baseline(run: Run, room: Samples) -> None:
    first, whole = halves(run, room, 200)
    memory = first.memory()
    second = Analyzer([hall(10)], SHORT, memory)
    everybody = np.ones(10, dtype=np.bool_)
    states = [
        second.push(tick, [room[slice(*tick_slots(250.0, tick))]], admitted=everybody)
        for tick in range(200, 300)
    ]
    assert second.memory().centre == memory.centre
    # Its filters begin anew; once they have settled it measures what the first would have.
    assert of(states[9], "engagement").value is None
    want, got = (np.array(state.seats.values[0], float) for state in (whole[-1], states[-1]))
    np.testing.assert_allclose(got, want, atol=0.02)
    # The seconds of settling are missing from its mean, and no more than that.
    error = of(whole[-1], "engagement").standard_error
    assert of(states[-1], "engagement").value == pytest.approx(
        of(whole[-1], "engagement").value, abs=2 * error
    )
    without = Analyzer([hall(10)], SHORT)
    for tick in range(200, 300):
        last = without.push(tick, [room[slice(*tick_slots(250.0, tick))]], admitted=everybody)
    assert of(last, "engagement").value is None


def test_a_memory_taken_in_the_lead_in_goes_on_collecting(run: Run, room: Samples) -> None:
    first, whole = halves(run, room, 60)
    second = Analyzer([hall(10)], SHORT, first.memory())
    everybody = np.ones(10, dtype=np.bool_)
    for tick in range(60, 300):
        if tick == 100:
            second.freeze_baseline()
        last = second.push(tick, [room[slice(*tick_slots(250.0, tick))]], admitted=everybody)
    assert of(last, "engagement").value is not None
    assert of(whole[-1], "engagement").value is not None


def test_a_memory_leaves_out_whom_it_is_told_to(run: Run, room: Samples) -> None:
    first, _ = halves(run, room, 200)
    keep = [seat != 3 for seat in range(10)]
    memory = first.memory().only(keep)
    for rows in (memory.centre, memory.spread, memory.total, memory.weight):
        for row in rows:
            assert row[3] is None
    assert all(row[3] == () for row in memory.lead_in)
    kept = [row[:3] + row[4:] for row in memory.centre]
    assert kept == [row[:3] + row[4:] for row in first.memory().centre]
    with pytest.raises(ValueError, match="a memory of 10 seats, not 9"):
        Analyzer([hall(9)], SHORT, memory)
