"""The page of a simulation: one HTML file that needs no network and no scripts."""

from __future__ import annotations

import importlib.resources
from collections.abc import Sequence
from html import escape
from typing import Final

import numpy as np

from engine.authoring._findings import Finding
from engine.authoring._histogram import histogram
from engine.authoring._simulation import Simulation
from engine.authoring._table import Row, table
from engine.authoring._tally import Share
from engine.authoring._telling import clock, endings, percent, running_times
from narrative import Film, as_svg

_NONE: Final = "–"


def simulation_page(
    film: Film, simulation: Simulation, found: Sequence[Finding], command: str
) -> str:
    """Write a simulation's page.

    Parameters
    ----------
    film : Film
        As it was simulated.
    simulation : Simulation
        From `simulate_film`.
    found : sequence of Finding
        From `findings`.
    command : str
        What shows a pass again, to which ` --pass 17` is added.
    """
    style = importlib.resources.files("engine.authoring").joinpath("report.css").read_text("utf-8")
    title = film.title.get("en") or next(iter(film.title.values()), "A film")
    told = (
        f"{simulation.passes:,} simulated passes, seed {simulation.seed}. Intervals are those "
        "of 95 % confidence (Wilson)."
    )
    parts = [
        f'<header><h1>{escape(title)}</h1><p class="dim">{escape(told)}</p>',
        f"{_figures(film, simulation)}</header>",
        "<main>",
        _graph(film, simulation),
        _endings(film, simulation),
        _times(film, simulation),
        _found(found, command),
        _scenes(film, simulation),
        _ways(film, simulation),
        _audience(simulation),
        "</main>",
    ]
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8"/>\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1"/>\n'
        f"<title>{escape(title)}: simulated</title>\n<style>\n{style}</style>\n</head>\n<body>\n"
        + "\n".join(parts)
        + "\n</body>\n</html>\n"
    )


def _figures(film: Film, simulation: Simulation) -> str:
    tally = simulation.tally
    times = running_times(tally.lasted)
    ends = endings(film)
    decided = [s for s in film.scenes.values() if s.is_decision_point]
    visits = sum(simulation.visits(scene.name) for scene in decided)
    default = sum(simulation.taken(scene, None).hits for scene in decided)
    figures = [
        ("running time, median", clock(times.median)),
        ("shortest to longest", f"{clock(times.shortest)} to {clock(times.longest)}"),
        ("scenes shown", _of(tally.shown.times > 0)),
        ("endings reached", f"{sum(simulation.ended(e).hits > 0 for e in ends)} of {len(ends)}"),
        ("ways taken", _of(tally.taken.times > 0)),
        ("decisions by default", percent(default / visits) if visits else _NONE),
    ]
    items = (f"<div><dt>{escape(name)}</dt><dd>{escape(text)}</dd></div>" for name, text in figures)
    return f'<dl class="figures">{"".join(items)}</dl>'


def _of(true: np.typing.NDArray[np.bool_]) -> str:
    return f"{np.count_nonzero(true):,} of {true.size:,}"


def _found(found: Sequence[Finding], command: str) -> str:
    if not found:
        return "<h2>Findings</h2>\n<p>Nothing that asks for a second look.</p>"
    return "<h2>Findings</h2>\n" + "\n".join(_finding(one, command) for one in found)


def _finding(finding: Finding, command: str) -> str:
    again = ""
    if finding.number is not None:
        again = f"<p>Again: <code>{escape(f'{command} --pass {finding.number}')}</code></p>"
    return (
        f'<section class="finding"><p><span class="what">{escape(finding.what)}.</span> '
        f'<span class="where">{escape(finding.where)}</span></p>'
        f"<p>{escape(finding.remedy)}</p>{again}</section>"
    )


def _graph(film: Film, simulation: Simulation) -> str:
    shares: dict[str, float] = {}
    ways: dict[tuple[str, int | None], float] = {}
    told = set[str]()
    for name, scene in film.scenes.items():
        if scene.turn == 0 and scene.of not in told:
            told.add(scene.of)
            shares[name] = simulation.shown(scene.of).value
        for branch in (*range(len(scene.branches)), *([None] if scene.default else [])):
            taken = simulation.taken(scene, branch).hits / simulation.passes
            ways[name, branch] = min(1.0, taken)
    svg = as_svg(film, share=shares, edge_share=ways)
    note = "Colour: share of passes that show the scene. Width: how often a way is taken."
    return (
        f'<h2>The film</h2>\n<p class="dim">{note}</p>\n<div class="picture">'
        '<input type="checkbox" id="full"/> <label for="full">at full size</label>\n'
        f"<figure>{svg}</figure></div>"
    )


def _endings(film: Film, simulation: Simulation) -> str:
    rows = []
    for name in endings(film):
        share = simulation.ended(name)
        first = simulation.tally.ended.first_pass(simulation.places.written[name])
        cells = (name, _title(film, name), *_share(share), _number(first))
        rows.append(Row(cells, share.value, never=not share.hits))
    heads = ("ending", "title", "of passes", "interval", "first in pass")
    caption = "How the film ends."
    return "<h2>Endings</h2>\n" + table(caption, heads, rows, numbers=(2, 3, 4), bar=4)


def _scenes(film: Film, simulation: Simulation) -> str:
    visits, decided, default = _by_written(film, simulation)
    rows = []
    for name, place in simulation.places.written.items():
        share = simulation.shown(name)
        asked = percent(default[name] / decided[name]) if decided.get(name) else _NONE
        cells = (
            name,
            _title(film, name),
            *_share(share),
            f"{visits[name] / simulation.passes:.2f}",
            asked,
            _number(simulation.tally.shown.first_pass(place)),
        )
        rows.append(Row(cells, share.value, never=not share.hits))
    heads = (
        "scene",
        "title",
        "of passes",
        "interval",
        "times in one",
        "by default",
        "first in pass",
    )
    caption = (
        "Share of passes that show each scene, how often on average, and how many of its "
        "decisions took the default."
    )
    return "<h2>Scenes</h2>\n" + table(caption, heads, rows, numbers=(2, 3, 4, 5, 6), bar=4)


def _by_written(
    film: Film, simulation: Simulation
) -> tuple[dict[str, int], dict[str, int], dict[str, int]]:
    """Count entries, decisions and defaults of written scenes; cuts between threads are none."""
    visits: dict[str, int] = dict.fromkeys(simulation.places.written, 0)
    decided: dict[str, int] = {}
    default: dict[str, int] = {}
    for scene in film.scenes.values():
        times = simulation.visits(scene.name)
        if scene.turn == 0:
            visits[scene.of] += times
        if scene.is_decision_point:
            taken = simulation.taken(scene, None).hits
            decided[scene.of] = decided.get(scene.of, 0) + times
            default[scene.of] = default.get(scene.of, 0) + taken
    return visits, decided, default


def _ways(film: Film, simulation: Simulation) -> str:
    rows = []
    for name, branch in simulation.places.ways:
        scene = film.scenes[name]
        if not scene.branches or scene.cosmetic:
            continue
        share = simulation.taken(scene, branch)
        first = simulation.tally.taken.first_pass(simulation.places.way(scene, branch))
        if branch is None:
            when, to = "default", scene.default or ""
            verdicts: tuple[str, ...] = (_NONE,) * 3
        else:
            when, to = scene.branches[branch].when.text, scene.branches[branch].to
            verdicts = tuple(f"{times:,}" for times in simulation.judged(scene, branch))
        cells = (name, when, to, *_share(share), *verdicts, _number(first))
        rows.append(Row(cells, share.value, never=not share.hits))
    heads = (
        "scene",
        "when",
        "to",
        "of decisions",
        "interval",
        "false",
        "unknown",
        "true",
        "first in pass",
    )
    caption = (
        "Share of a scene's decisions that took each way, and what its condition was: the first "
        "true one is taken. Cuts between parallel threads are left out."
    )
    return "<h2>Ways</h2>\n" + table(
        caption, heads, rows, numbers=(3, 4, 5, 6, 7, 8), bar=5, code=1
    )


def _times(film: Film, simulation: Simulation) -> str:
    note = (
        f"max_runtime is {clock(film.max_runtime_s)}; it led to a default in "
        f"{percent(simulation.cut.value)} of passes."
    )
    return (
        f'<h2>Running time</h2>\n<p class="dim">{escape(note)}</p>\n'
        f"<figure>{histogram(simulation.tally.lasted)}</figure>"
    )


def _audience(simulation: Simulation) -> str:
    model = simulation.audience
    rows = [
        Row(
            (
                name,
                " / ".join(f"{mean:g}" for mean in (round(m, 2) for m in one.means)),
                f"{one.sd:.2f}",
                f"{one.autocorrelation:.3f}",
                f"{one.standard_error:.3f}",
                f"{one.seats:.0f}" if one.seats < np.inf else _NONE,
                percent(one.unknown),
            )
        )
        for name, one in model.signals.items()
    ]
    heads = (
        "signal",
        "mean at level -1 / 0 / 1",
        "sd",
        "autocorrelation, 1 s",
        "standard error",
        "seats",
        "unknown",
    )
    caption = "What the audiences were drawn from."
    told = (
        f"Each audience is drawn in each scene to a level of its own: normal, sd {model.spread:g}, "
        "kept from -1 to 1, about what the scene is said to do. That spread is assumed."
    )
    responses = ", ".join(f"{scene} {level:+g}" for scene, level in model.responses.items())
    if responses:
        told += f" Scenes: {responses}; 0 for all others."
    return (
        "<h2>The simulated audiences</h2>\n"
        + table(caption, heads, rows, numbers=(1, 2, 3, 4, 5, 6))
        + f"<p>{escape(told)}</p>"
    )


def _share(share: Share) -> tuple[str, str]:
    low, high = share.interval
    return percent(share.value), f"{percent(low)} to {percent(high)}" if share.trials else _NONE


def _number(number: int | None) -> str:
    return "never" if number is None else f"{number:,}"


def _title(film: Film, name: str) -> str:
    scene = film.scenes[film.entrances.get(name, name)]
    return scene.title.get("en") or next(iter(scene.title.values()), _NONE)
