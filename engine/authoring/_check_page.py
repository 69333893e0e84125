"""The page of a check: the film's graph, its problems, its clips' loudness, its flashes."""

from __future__ import annotations

import base64
import importlib.resources
from collections.abc import Iterator, Sequence
from html import escape
from typing import Final

from engine.authoring._checking import Checked, Figures
from engine.authoring._media import TARGET_LUFS, TOLERANCE_LU, Looked
from engine.authoring._simulation import Simulation
from engine.authoring._table import Row, table
from engine.authoring._telling import clock
from narrative import Film, Problem, as_svg
from playback import Flashing

__all__ = ["check_page"]

_STYLE: Final = """\
.error { border-left: 6px solid #b3261e } .warning { border-left: 6px solid #c98a00 }
.note { border-left: 6px solid #9aa3b0 }
li { padding: .2rem .6rem; margin: .35rem 0; list-style: none } ul { padding: 0 }
li .place { color: var(--dim); font-variant-numeric: tabular-nums }
figure.graph { border: 1px solid var(--rule); max-height: 80vh; overflow: auto }
figure.flash { display: inline-block; margin: .5rem 1rem .5rem 0 }
"""
_ROW: Final = 22
_LEVELS: Final = (-40.0, -5.0)
"""Ends of the loudness chart, in LUFS."""


def check_page(
    checked: Checked,
    name: str,
    simulation: Simulation | None = None,
    findings: Sequence[Problem] = (),
) -> str:
    """Write a check as one HTML file that needs no network and no scripts.

    Parameters
    ----------
    checked : Checked
        What was found.
    name : str
        The film's file name.
    simulation : Simulation, optional
        Colours the graph by how likely each scene is.
    findings : sequence of Problem, optional
        What the simulation shows; listed behind the check's own.
    """
    style = importlib.resources.files("engine.authoring").joinpath("report.css").read_text("utf-8")
    title = _title(checked.film, name)
    body = [
        f"<header><h1>{escape(title)}</h1><p>{escape(_verdict(checked, name))}</p></header>",
        "<main>",
        *_figures(checked.figures),
        *_simulated(checked.film, simulation),
        *_problems("Problems", checked.problems),
        *_problems("What the simulated audiences show", findings),
        *_graph(checked.film, simulation),
        *_loudness(checked.looked),
        *_flashes(checked.looked),
        "</main>",
    ]
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8"/>\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1"/>\n'
        f"<title>{escape(title)}: check</title>\n<style>\n{style}{_STYLE}</style>\n</head>\n"
        "<body>\n" + "\n".join(body) + "\n</body>\n</html>\n"
    )


def _title(film: Film | None, name: str) -> str:
    if film is None:
        return name
    return film.title.get("en") or next(iter(film.title.values()), name)


def _verdict(checked: Checked, name: str) -> str:
    counts = [
        (sum(problem.severity == severity for problem in checked.problems), severity)
        for severity in ("error", "warning", "note")
    ]
    said = ", ".join(f"{n} {what}{'s' * (n > 1)}" for n, what in counts if n) or "no problems"
    fit = "is fit to be shown" if checked.fit else "cannot be shown yet"
    return f"{name} {fit}: {said}."


def _figures(figures: Figures | None) -> Iterator[str]:
    if figures is None:
        return
    p = f"{figures.p:.2g}" if figures.p is not None else "–"
    rows = (
        ("scenes", str(figures.scenes)),
        ("endings", str(figures.endings)),
        ("running time", f"{clock(figures.shortest_s)} to {clock(figures.longest_s)}"),
        ("if every branch is as likely as the default", clock(figures.expected_s)),
        ("decision points on the longest path", str(figures.decision_points)),
        ("each reading must have p below", p),
        ("most candidates to pre-roll at once", str(figures.candidates)),
    )
    yield "<h2>Figures</h2>"
    yield table("", ("what", "value"), map(Row, rows), numbers=(1,))


def _simulated(film: Film | None, simulation: Simulation | None) -> Iterator[str]:
    if film is None or simulation is None:
        return
    rows = []
    for name in dict.fromkeys(scene.of for scene in film.scenes.values()):
        low, high = simulation.shown(name).interval
        share = simulation.shown(name).value
        cells = (name, f"{share:.1%}", f"{low:.1%} to {high:.1%}")
        rows.append(Row(cells, share, never=not share))
    yield f"<h2>{simulation.passes} simulated audiences</h2>"
    heads = ("scene", "is shown in", "95 % interval")
    yield table("", heads, rows, numbers=(1, 2), bar=1)


def _problems(heading: str, problems: Sequence[Problem]) -> Iterator[str]:
    if not problems:
        return
    yield f"<h2>{escape(heading)}</h2><ul>"
    for severity in ("error", "warning", "note"):
        for problem in problems:
            if problem.severity == severity:
                yield (
                    f'<li class="{severity}"><b>{severity}</b> '
                    f'<span class="place">{escape(problem.where)}</span> '
                    f"{escape(problem.what)}. {escape(problem.remedy)}</li>"
                )
    yield "</ul>"


def _graph(film: Film | None, simulation: Simulation | None) -> Iterator[str]:
    if film is None:
        return
    yield '<h2>Graph</h2><figure class="graph">'
    if simulation is None:
        yield as_svg(film)
    else:
        passes = simulation.passes
        share = {name: min(1.0, simulation.visits(name) / passes) for name in film.scenes}
        edges = {
            (name, branch): min(1.0, simulation.taken(film.scenes[name], branch).hits / passes)
            for name, branch in simulation.places.ways
        }
        yield as_svg(film, share=share, edge_share=edges)
    yield "</figure>"


def _loudness(looked: Sequence[Looked]) -> Iterator[str]:
    """Draw every clip's loudness beside what it should be."""
    levels = [
        (one.clip, one.inspection.loudness.integrated_lufs)
        for one in looked
        if not isinstance(one.inspection, str)
        and one.inspection.loudness is not None
        and one.inspection.loudness.integrated_lufs is not None
    ]
    if not levels:
        return
    height = _ROW * (len(levels) + 2)
    low, high = _across(TARGET_LUFS - TOLERANCE_LU), _across(TARGET_LUFS + TOLERANCE_LU)
    yield "<h2>Loudness</h2><figure>"
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="900" height="{height}" '
        f'viewBox="0 0 900 {height}" role="img" font-family="sans-serif" font-size="13">'
        f"<title>Loudness of {len(levels)} clips in LUFS</title>"
        f'<rect x="{low:.1f}" y="0" width="{high - low:.1f}" height="{height - _ROW}" '
        'fill="#dcebdd"/>'
    )
    for mark in range(-40, -4, 5):
        x = _across(mark)
        yield f'<line x1="{x:.1f}" x2="{x:.1f}" y1="0" y2="{height - _ROW}" stroke="#d5dae2"/>'
        yield f'<text x="{x:.1f}" y="{height - 5}" text-anchor="middle">{mark}</text>'
    for row, (clip, level) in enumerate(levels):
        x, y = _across(level), _ROW * (row + 1)
        colour = "#2f7d45" if abs(level - TARGET_LUFS) <= TOLERANCE_LU else "#b3261e"
        short = clip if len(clip) <= 34 else f"…{clip[-33:]}"
        yield f'<text x="0" y="{y + 4}">{escape(short)}</text>'
        yield f'<circle cx="{x:.1f}" cy="{y}" r="5" fill="{colour}"/>'
        yield f'<text x="{x + 9:.1f}" y="{y + 4}" fill="{colour}">{level:.1f}</text>'
    yield "</svg><figcaption>Integrated loudness in LUFS; green is -23 ± 1 (EBU R 128)."
    yield "</figcaption></figure>"


def _across(level: float) -> float:
    low, high = _LEVELS
    return 260 + 580 * (min(max(level, low), high) - low) / (high - low)


def _flashes(looked: Sequence[Looked]) -> Iterator[str]:
    found = [
        (one.clip, flashing)
        for one in looked
        if not isinstance(one.inspection, str)
        for flashing in one.inspection.flashes
    ]
    if not found:
        return
    yield "<h2>Flashes beyond the guideline</h2>"
    yield "<p>WCAG 2.3.1 and ITU-R BT.1702: at most three in any second.</p>"
    for clip, flashing in found:
        yield f"<h3>{escape(clip)}, {flashing.from_s:.1f} to {flashing.to_s:.1f} s</h3>"
        yield (
            f"<p>{flashing.flashes} {flashing.kind} flashes in the second from "
            f"{flashing.worst_s:.1f} s, over {flashing.area:.0%} of the picture.</p>"
        )
        yield from _pictures(clip, flashing)


def _pictures(clip: str, flashing: Flashing) -> Iterator[str]:
    for number, picture in enumerate(flashing.pictures, start=1):
        data = base64.b64encode(picture).decode("ascii")
        told = escape(f"{clip}: picture {number} of a flash")
        yield (
            f'<figure class="flash"><img width="320" alt="{told}" '
            f'src="data:image/png;base64,{data}"/></figure>'
        )
