"""The field's tools at our work: the same input gives the same figures, each by its own method."""

import os

import numpy as np
import pytest

import dsp
from benchmarks import audience
from benchmarks._audience_picture import draw
from benchmarks._ceilings import ceilings
from benchmarks._halls import Ran, run_hall
from benchmarks._measure import SMALLEST
from benchmarks._one_core import one_core
from benchmarks._peers import (
    BLOCK,
    FOREHEAD,
    OCCIPITAL,
    PARIETAL,
    RATE,
    BrainFlow,
    Fed,
    Hall,
    Mne,
    audience_noise,
    log_indices,
)
from benchmarks._report import RATIO
from benchmarks._vectorised import Vectorised
from benchmarks._work import octets, operations

SEATS, SECONDS = 3, 14
# Streaming filters repeat scipy to the last digits of their precision; the others differ by their
# windows' edges.
TOLERANCE = {Hall: 1e-4, Vectorised: 1e-9, Mne: 0.02, BrainFlow: 0.2}


def rising_alpha():
    """A recording whose last 6 s hold more alpha than what came before, in each seat otherwise."""
    noise = audience_noise(SECONDS, SEATS)
    times = np.arange(6 * RATE) / RATE
    noise[-len(times) :] += np.arange(4, 4 + SEATS)[:, None] * np.sin(
        2 * np.pi * 10 * times[:, None, None]
    )
    return noise


def at_the_end(kind, noise):
    """Show a peer a whole recording."""
    fed = Fed(kind(noise.shape[1]), noise)
    fed.turn(len(noise) // BLOCK)
    return fed.peer


@pytest.mark.parametrize("kind", TOLERANCE)
def test_a_peer_finds_what_scipy_finds(kind):
    noise = rising_alpha()
    found = at_the_end(kind, noise).indices()
    assert found.shape == kind.offline(noise).shape
    assert audience.off(found, kind.offline(noise)) < TOLERANCE[kind]
    # What was there before the last window would not do.
    assert audience.off(found, kind.offline(noise[: -6 * RATE])) > 2 * TOLERANCE[kind]


def test_the_correlation_is_the_same_in_numpy():
    noise = audience_noise(SECONDS, SEATS)
    rng = np.random.default_rng(3)
    together = noise + np.float32(3) * rng.standard_normal((len(noise), 1, 1), np.float32)
    alone = noise + np.float32(3) * rng.standard_normal((len(noise), SEATS, 1), np.float32)
    found = [[at_the_end(k, x).synchrony() for k in (Hall, Vectorised)] for x in (together, alone)]
    for ours, numpy in found:
        assert numpy == pytest.approx(ours, abs=0.002)
    assert found[0][1] > found[1][1] + 0.1


def test_numpy_looks_past_a_gap_as_the_hall_does():
    """A gap that the filters bridge, and an electrode that is flat for a while."""
    noise = audience_noise(SECONDS, SEATS)
    noise[10 * RATE : 10 * RATE + 60, 0] = np.nan
    noise[11 * RATE : 12 * RATE, 1] = 1000.0
    ours, numpy = (at_the_end(kind, noise) for kind in (Hall, Vectorised))
    np.testing.assert_allclose(numpy.indices(), ours.indices(), rtol=0, atol=1e-4)
    assert numpy.synchrony() == pytest.approx(ours.synchrony(), abs=0.002)


def test_indices_are_read_where_the_hall_reads_them():
    powers = np.ones((3, 1, len(FOREHEAD)))
    powers[0][:, FOREHEAD] = 2.0
    powers[2][:, PARIETAL] = 6.0
    powers[1][:, OCCIPITAL] = 5.0
    np.testing.assert_allclose(log_indices(powers), np.log([[3.0], [2.0], [5.0], [2 / 7]]))


def test_a_hall_is_run_in_a_process_of_its_own():
    # Large enough to stand out from what a process gives back after its start.
    dsp.warm_up()
    ran = run_hall(400, 1, 1)
    assert ran.seats == 400
    assert len(ran.seconds) == 10
    assert min(ran.seconds) > 0
    assert 0 < ran.base_mb < ran.most_mb
    assert [name.split()[0] for name in ran.unknown][-1] == "synchrony"


def test_halls_are_set_beside_each_other():
    halls = [Ran(n, (n * 1e-6,) * 9 + (n * 3e-6,), 100.0, 100.0 + n / 10, ()) for n in (10, 20)]
    table = audience._halls_table(halls)
    row = dict(zip(table.columns, table.rows[1], strict=True))
    assert row[""] == "20 seats"
    assert row["mean ms"] == "0.024"
    assert row["worst"] == "0.06"
    assert row["kB per seat"] == "100"
    assert row[RATIO] == "2"
    assert "100 kB per seat, R² 1.000000" in table.notes[0]


def test_the_ceilings_are_above_what_the_hall_does():
    core = ceilings()
    assert core.gflops_single > core.gflops_double > 0
    ran = Ran(1000, (0.1,) * 10, 0.0, 1.0, ())
    table = audience._ceilings_table(ran, core)
    column = table.columns.index(RATIO)
    work = operations() * 1000 * 8 * 25 / 0.1 / 1e9
    assert float(table.rows[1][column]) == pytest.approx(work / core.gflops_single, rel=0.01)
    assert float(table.rows[3][column]) == pytest.approx(
        octets() * 8000 / 0.1 / 1e9 / core.gb, rel=0.01
    )


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="needs Linux")
def test_one_core_is_given_back():
    before = os.sched_getaffinity(0)
    with one_core():
        assert len(os.sched_getaffinity(0)) == 1
    assert os.sched_getaffinity(0) == before


def test_the_picture_is_drawn(tmp_path):
    halls = [Ran(n, (n * 1e-6,) * 10, 100.0, 100.0 + n / 10, ()) for n in (64, 256, 1024)]
    draw({"a peer": 3.0, "another": 3.1}, halls, tmp_path / "pictures" / "audience.png")
    assert (tmp_path / "pictures" / "audience.png").stat().st_size > 10_000


@pytest.mark.full
def test_the_whole_benchmark_runs_in_its_smallest_form():
    tables = audience.run(SMALLEST)
    assert [table.rows[0][table.columns.index(RATIO)] for table in tables] == ["1", "1", "1"]
    assert [row[0] for row in tables[0].rows][: len(audience.PEERS)] == list(audience.PEERS)
    assert len(tables[1].rows) == len(audience.HALLS)
    peers = len(tables[0].rows) - len(audience.PEERS)
    assert peers == len(audience.TIMEFLUX) or "left out" in tables[0].notes[-1]
