"""What the scenes must keep together: every way ends, every scene can be reached."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from itertools import groupby

from narrative._film import Film, Scene
from narrative._problem import Problem
from narrative._signals import SIGNALS

__all__ = ["graph_problems"]


def graph_problems(film: Film, uses: Mapping[str, str]) -> Iterator[Problem]:
    """Yield what is wrong with the film's graph.

    Parameters
    ----------
    film : Film
        Written out; may hold targets that do not exist, and scenes without default.
    uses : Mapping of str to str
        Scenes that use a part -> their places.

    Yields
    ------
    Problem
        In no particular order.
    """
    if not film.scenes:
        return
    if not any(scene.ending for scene in film.scenes.values()):
        remedy = "Add ending: true to at least one scene."
        yield Problem(film.source["scenes"], "the film has no ending", remedy)
    yield from _loops(film)
    targets = {target for scene in film.scenes.values() for target in scene.candidates}
    if targets <= film.scenes.keys() and film.start in film.scenes:
        # With a target misspelt, what it meant would look unreachable too.
        yield from _unreachable(film, uses)
        yield from _lead_ins(film) if film.calibrated else _without_baseline(film)


def _loops(film: Film) -> Iterator[Problem]:
    """Find the circles one is led in by following defaults, or the director's path."""
    for circle in _circles(film, lambda scene: scene.default):
        where = film.scenes[circle[-1]].source["default"]
        remedy = "Let one of these defaults lead towards an ending."
        yield Problem(where, f"the defaults never reach an ending: {_shown(film, circle)}", remedy)
    for circle in _circles(film, lambda scene: scene.linear or scene.default):
        led = [film.scenes[name] for name in circle if film.scenes[name].linear]
        if led:
            what = f"the linear path never reaches an ending: {_shown(film, circle)}"
            remedy = "Let one of these scenes lead towards an ending."
            yield Problem(led[-1].source["linear"], what, remedy)


def _circles(film: Film, follows: Callable[[Scene], str | None]) -> Iterator[list[str]]:
    done: set[str] = set()
    for name in film.scenes:
        path: dict[str, None] = {}
        at: str | None = name
        while at is not None and at in film.scenes and at not in done and at not in path:
            path[at] = None
            at = follows(film.scenes[at])
        if at is not None and at in path:
            names = list(path)
            yield names[names.index(at) :]
        done.update(path)


def _shown(film: Film, circle: list[str]) -> str:
    """Name the scenes of a circle as they are written."""
    written = [of for of, _ in groupby(film.scenes[name].of for name in circle)]
    around = written if len(written) > 1 and written[0] == written[-1] else [*written, written[0]]
    return " -> ".join(around)


def _reachable(film: Film, stop: Collection[str] = ()) -> set[str]:
    """Return the scenes that can be reached from the start, going on from none in `stop`."""
    found: set[str] = set()
    frontier = [film.start]
    while frontier:
        name = frontier.pop()
        if name not in found:
            found.add(name)
            frontier.extend(() if name in stop else film.scenes[name].candidates)
    return found


def _unreachable(film: Film, uses: Mapping[str, str]) -> Iterator[Problem]:
    """Find written scenes that no way leads to; of a part the scene that uses it."""
    reachable = _reachable(film)
    missed: dict[str, str] = {}
    for scene in film.scenes.values():
        if scene.turn == 0 and scene.name not in reachable:
            use = _missed_use(scene, film, uses, reachable)
            missed[use or scene.of] = uses[use] if use else scene.where()
    for name, where in missed.items():
        what = f'scene "{name}" cannot be reached from "{film.scenes[film.start].of}"'
        yield Problem(where, what, "Let a branch or a default lead to it, or remove it.")


def _missed_use(
    scene: Scene, film: Film, uses: Mapping[str, str], reachable: Collection[str]
) -> str:
    """Return the outermost scene whose part this one is in, if nothing of that is reached."""
    names = scene.of.split(".")
    outer = (".".join(names[:depth]) for depth in range(1, len(names)))
    missed = (use for use in outer if use in uses and film.entrances[use] not in reachable)
    return next(missed, "")


def _lead_ins(film: Film) -> Iterator[Problem]:
    """Find lead-ins in a film whose viewers bring their baselines along."""
    for scene in film.scenes.values():
        if scene.lead_in:
            what = f'"{scene.of}" is a lead-in, but the film takes its baselines elsewhere'
            remedy = "Remove lead_in: true, or baseline: calibration."
            yield Problem(scene.source["lead_in"], what, remedy)


def _without_baseline(film: Film) -> Iterator[Problem]:
    """Find guards on baseline signals that can be met before any lead-in."""
    lead_ins = {scene.name for scene in film.scenes.values() if scene.lead_in}
    for name in sorted(_reachable(film, lead_ins) - lead_ins):
        yield from _baseline_guards(film.scenes[name])


def _baseline_guards(scene: Scene) -> Iterator[Problem]:
    for index, branch in enumerate(scene.branches):
        signals = sorted(name for name in branch.when.signals if SIGNALS[name].needs_baseline)
        if signals:
            what = f'{", ".join(signals)} unknown in "{scene.of}": no lead-in comes before it'
            remedy = (
                "Put a scene with lead_in: true and 60 s of quiet film before it, or write "
                "baseline: calibration."
            )
            yield Problem(scene.source[f"branches.{index}.when"], what, remedy)
