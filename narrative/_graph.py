"""What the scenes must keep together: no way leads nowhere, every way ends."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from narrative._film import Film, Scene
from narrative._problem import Problem, did_you_mean
from narrative._signals import SIGNALS

__all__ = ["graph_problems"]


def graph_problems(film: Film) -> Iterator[Problem]:
    """Yield what is wrong with the film's graph.

    Parameters
    ----------
    film : Film
        May hold targets that do not exist, and scenes without default.

    Yields
    ------
    Problem
        In no particular order.
    """
    if not film.scenes:
        return
    nowhere = list(_nowhere(film))
    yield from nowhere
    if not any(scene.ending for scene in film.scenes.values()):
        remedy = "Add ending: true to at least one scene."
        yield Problem(film.source["scenes"], "the film has no ending", remedy)
    yield from _loops(film)
    if not nowhere and film.start:
        # With a target misspelt, what it meant would look unreachable too.
        yield from _unreachable(film)
        yield from _lead_ins(film) if film.calibrated else _without_baseline(film)


def _nowhere(film: Film) -> Iterator[Problem]:
    """Find names of scenes that do not exist."""
    if film.start and film.start not in film.scenes:
        remedy = did_you_mean(film.start, film.scenes)
        yield Problem(film.source["start"], f'start: there is no scene "{film.start}"', remedy)
    for scene in film.scenes.values():
        targets = {f"branches.{i}.to": branch.to for i, branch in enumerate(scene.branches)}
        if scene.default is not None:
            targets["default"] = scene.default
        for key, target in targets.items():
            if target not in film.scenes:
                what = f'"{scene.name}" leads to "{target}", which is no scene'
                yield Problem(scene.source[key], what, did_you_mean(target, film.scenes))


def _loops(film: Film) -> Iterator[Problem]:
    """Find the circles one is led in by following defaults."""
    done: set[str] = set()
    for name in film.scenes:
        path: list[str] = []
        at: str | None = name
        while at is not None and at in film.scenes and at not in done and at not in path:
            path.append(at)
            at = film.scenes[at].default
        if at in path:
            circle = path[path.index(at) :]
            shown = " -> ".join([*circle, circle[0]])
            where = film.scenes[circle[-1]].source["default"]
            remedy = "Let one of these defaults lead towards an ending."
            yield Problem(where, f"the defaults never reach an ending: {shown}", remedy)
        done.update(path)


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


def _unreachable(film: Film) -> Iterator[Problem]:
    reachable = _reachable(film)
    for scene in film.scenes.values():
        if scene.name not in reachable:
            what = f'scene "{scene.name}" cannot be reached from "{film.start}"'
            yield Problem(
                scene.source[""], what, "Let a branch or a default lead to it, or remove it."
            )


def _lead_ins(film: Film) -> Iterator[Problem]:
    """Find lead-ins in a film whose viewers bring their baselines along."""
    for scene in film.scenes.values():
        if scene.lead_in:
            what = f'"{scene.name}" is a lead-in, but the film takes its baselines elsewhere'
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
            what = f'{", ".join(signals)} unknown in "{scene.name}": no lead-in comes before it'
            remedy = (
                "Put a scene with lead_in: true and 60 s of quiet film before it, or write "
                "baseline: calibration."
            )
            yield Problem(scene.source[f"branches.{index}.when"], what, remedy)
