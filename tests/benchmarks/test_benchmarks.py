"""Every benchmark runs, says what it compared, and its figures come from a run."""

import re

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from benchmarks.__main__ import DOCUMENT, LONG, NAMES, bench, measure, page
from benchmarks._measure import SMALLEST, UnavailableError, ages_s, interleave, spread
from benchmarks._report import RATIO, DocumentError, Table, machine, write

QUICK = [name for name in NAMES if name not in ("headsets", "replay")]


def check(tables: list[Table]) -> None:
    assert tables
    for table in tables:
        assert RATIO in table.columns
        assert len(table.rows) > 1
        assert {len(row) for row in table.rows} == {len(table.columns)}
        column = table.columns.index(RATIO)
        assert table.rows[0][column] == "1"
        assert all(float(row[column].split()[0].replace(",", "")) >= 0 for row in table.rows)


@pytest.mark.parametrize("name", QUICK)
def test_a_benchmark_runs_in_its_smallest_form(name):
    check(measure(name, SMALLEST))


@pytest.mark.usefixtures("data_root")
def test_replay_runs_in_its_smallest_form():
    check(measure("replay", SMALLEST))


def test_replay_says_what_it_needs(tmp_path, monkeypatch):
    monkeypatch.setenv("HALL_DATA", str(tmp_path))
    with pytest.raises(UnavailableError, match="HALL_DATA"):
        measure("replay", SMALLEST)


@pytest.mark.full
def test_headset_processes_are_measured():
    check(measure("headsets", SMALLEST))


def test_contenders_take_turns():
    calls: list[str] = []
    costs = interleave(
        {name: lambda name=name: calls.append(name) or [float(len(calls))] for name in "abc"}, 2
    )
    assert "".join(calls) == "abc" + "abc" + "bca"
    assert costs["a"].tolist() == [[4.0], [9.0]]


def test_ages_grow_until_newer_samples_are_in_hand():
    """Drained at 0 and 2 s, in hand 0.5 s later."""
    ages = ages_s([(0.5, 0.0), (2.5, 2.0), (4.5, 4.0)])
    assert ages.min() == pytest.approx(0.5)
    assert ages.max() == pytest.approx(2.5, abs=0.002)
    assert np.median(ages) == pytest.approx(1.5, abs=0.01)


def test_a_figure_says_its_extremes():
    assert spread([0.5, 1000.4, 2.0]) == "2 (0.5-1,000)"
    assert spread([1.0, 1.0]) == "1"


def test_results_go_between_their_markers(tmp_path):
    document = tmp_path / "b.md"
    document.write_text("one\n<!-- begin: x -->\nold\n<!-- end: x -->\ntwo\n", "utf-8")
    table = Table("A \\1 title", ("", "ms", RATIO), (("us", "1", "1"), ("them", "2", "2")))
    for _ in range(2):
        write(document, "x", [table], machine())
    text = document.read_text("utf-8")
    assert text.startswith("one\n<!-- begin: x -->\n")
    assert text.endswith("<!-- end: x -->\ntwo\n")
    assert text.count("| them | 2 | 2 |") == 1
    assert "old" not in text
    with pytest.raises(DocumentError, match="begin: y"):
        write(document, "y", [table], machine())


def test_every_benchmark_has_its_place_in_the_document():
    text = DOCUMENT.read_text("utf-8")
    expected = [name for name in (*NAMES, *LONG) if page(name) == DOCUMENT]
    assert re.findall(r"<!-- begin: (\w+) -->", text) == expected
    assert re.findall(r"<!-- end: (\w+) -->", text) == expected


@pytest.mark.parametrize("name", LONG)
def test_a_long_benchmark_has_its_place(name):
    text = page(name).read_text("utf-8")
    assert f"<!-- begin: {name} -->" in text
    assert f"<!-- end: {name} -->" in text


def test_every_figure_of_the_document_was_printed():
    """Outside the markers the page has no table, so no figure is typed by hand."""
    typed = re.sub(r"<!-- begin.*?<!-- end: \w+ -->", "", DOCUMENT.read_text("utf-8"), flags=re.S)
    assert "|" not in typed


def test_every_module_without_underscore_is_a_benchmark():
    modules = {path.stem for path in (DOCUMENT.parent.parent / "benchmarks").glob("[a-z]*.py")}
    assert modules == {*NAMES, *LONG}


def test_an_unknown_name_is_refused():
    app = typer.Typer()
    app.command()(bench)
    result = CliRunner().invoke(app, ["filter"])
    assert result.exit_code == 2
    assert "rehearsal" in result.output
