"""Guards that are never or always met, and scenes that nobody comes to see."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations, islice
from typing import Final

from narrative._domain import Domain
from narrative._film import Film, Scene
from narrative._flow import Flow
from narrative._guard import (
    And,
    Compare,
    Count,
    Elapsed,
    Expr,
    Flag,
    For,
    Not,
    SignalValue,
    Visits,
    format_guard,
    walk,
)
from narrative._problem import Problem
from narrative._satisfy import always, implied, overlap, satisfiable, shadowed
from narrative._words import and_more

__all__ = ["branching_problems"]

_MOST_PAIRS: Final = 2_000
"""So many pairs of one scene's branches are looked at, those written first."""


@dataclass(frozen=True, slots=True)
class _Place:
    """A scene as written, and all shots or rounds that have the same branches of it."""

    scenes: tuple[Scene, ...]
    domains: tuple[Domain, ...]

    @property
    def scene(self) -> Scene:
        return self.scenes[0]

    @property
    def trees(self) -> tuple[Expr, ...]:
        return tuple(branch.when.tree for branch in self.scene.branches)

    def where(self, index: int) -> str:
        return self.scene.where(f"branches.{index}.when")


def branching_problems(film: Film, flow: Flow) -> Iterator[Problem]:
    """Yield what guards and variables make of a film's graph.

    Parameters
    ----------
    film : Film
        From `load_film`.
    flow : Flow
        From `flow_of`.

    Yields
    ------
    Problem
        Warnings and notes.
    """
    unreached = _unreached(film, flow)
    yield from _unreachable(film, flow, unreached)
    yield from _endless(film, flow)
    for place in _places(film, flow):
        yield from _branches(film, place, unreached)


def _places(film: Film, flow: Flow) -> Iterator[_Place]:
    """Take together what was written once and is written out several times."""
    found: dict[tuple[str, ...], list[Scene]] = {}
    for name in flow.domains:
        scene = film.scenes[name]
        if scene.branches:
            marks = (
                scene.source.get(f"branches.{i}.when", name) for i in range(len(scene.branches))
            )
            found.setdefault((scene.of, *marks), []).append(scene)
    for scenes in found.values():
        yield _Place(tuple(scenes), tuple(flow.domains[scene.name] for scene in scenes))


# scenes ---------------------------------------------------------------------------


def _unreached(film: Film, flow: Flow) -> frozenset[str]:
    return frozenset(film.scenes.keys() - flow.domains.keys() - flow.late)


def _unreachable(film: Film, flow: Flow, unreached: frozenset[str]) -> Iterator[Problem]:
    """Name the scenes behind closed ways, and which others are lost with them."""
    closed: dict[str, list[str]] = {}
    for name, domain in flow.domains.items():
        scene = film.scenes[name]
        for branch in scene.branches:
            if branch.to in unreached:
                why = f'{_reason(film, branch.when.tree, domain)} in "{scene.of}"'
                closed.setdefault(branch.to, []).append(why)
    for name, whys in closed.items():
        scene = film.scenes[name]
        reasons = list(dict.fromkeys(whys))
        more = f", and {len(reasons) - 1} more" if len(reasons) > 1 else ""
        what = f'scene "{scene.of}" cannot be reached: {reasons[0]}{more}'
        lost = _lost(film, name, unreached - closed.keys())
        also = f" With it {and_more(lost, 3)} cannot be reached." if lost else ""
        remedy = f"Set what is asked for on a way to it, or change the condition.{also}"
        yield Problem(scene.where(), what, remedy, "warning")


def _endless(film: Film, flow: Flow) -> Iterator[Problem]:
    if not any(film.scenes[name].ending for name in flow.domains):
        what = "no audience comes to an ending before max_runtime"
        remedy = "Look for conditions that are always met: they keep the film going round."
        yield Problem(film.where("start"), what, remedy, "warning")


def _lost(film: Film, name: str, unreached: frozenset[str]) -> list[str]:
    found: dict[str, None] = {}
    frontier = [name]
    while frontier:
        for target in film.scenes[frontier.pop()].candidates:
            if target in unreached and target not in found:
                found[target] = None
                frontier.append(target)
    names = dict.fromkeys(film.scenes[lost].of for lost in found)
    return [of for of in names if of != film.scenes[name].of]


# guards ---------------------------------------------------------------------------


def _branches(film: Film, place: _Place, unreached: frozenset[str]) -> Iterator[Problem]:
    never = {i for i, tree in enumerate(place.trees) if _in_all(satisfiable, tree, place, False)}
    for index in sorted(never):
        if place.scene.branches[index].to not in unreached:
            yield _never(film, place, index)
    closed = None
    for index, tree in enumerate(place.trees):
        if index in never:
            continue
        if _in_all(always, tree, place, True):
            closed = index
            yield _always(place, index)
            break
        if all(shadowed(place.trees, index, domain) is True for domain in place.domains):
            never.add(index)
            yield _shadowed(place, index)
    if not place.scene.cosmetic:
        open_ = [i for i in range(len(place.trees)) if i not in never and i != closed]
        yield from _overlap(place, open_)


def _in_all(
    ask: Callable[[Expr, Domain], bool | None], tree: Expr, place: _Place, answer: bool
) -> bool:
    """Whether a question has the same sure answer in all shots and rounds."""
    return all(ask(tree, domain) is answer for domain in place.domains)


def _never(film: Film, place: _Place, index: int) -> Problem:
    branch = place.scene.branches[index]
    why = _reason(film, branch.when.tree, place.domains[0])
    what = f'"{branch.when.text}" is never met in "{place.scene.of}": {why}'
    return Problem(
        place.where(index), what, "Change the condition, or remove the branch.", "warning"
    )


def _always(place: _Place, index: int) -> Problem:
    scene = place.scene
    guard = scene.branches[index].when
    later = len(scene.branches) - index - 1
    dead = (
        f"the {later} behind it and the default are"
        if later > 1
        else ("the one behind it and the default are" if later else "the default is")
    )
    known = f" wherever {', '.join(sorted(guard.signals))} can be read" if guard.signals else ""
    what = f'"{guard.text}" is always met in "{scene.of}"{known}: {dead} never taken'
    remedy = "Change the condition; or let the default lead there, and remove the branch."
    return Problem(place.where(index), what, remedy, "warning")


def _shadowed(place: _Place, index: int) -> Problem:
    branches = place.scene.branches
    tree, domain = branches[index].when.tree, place.domains[0]
    cover = next((b for b in branches[:index] if implied(b.when.tree, tree, domain) is True), None)
    by = f'"{cover.when.text}"' if cover else "one of those before it"
    what = (
        f'"{branches[index].when.text}" is never tried in "{place.scene.of}":'
        f" where it is met, so is {by}"
    )
    return Problem(place.where(index), what, "Write the narrower condition first.", "warning")


def _overlap(place: _Place, open_: list[int]) -> Iterator[Problem]:
    """Find branches that can be met at once, where neither is the narrower."""
    scene = place.scene
    pairs = [
        (first, second)
        for first, second in islice(combinations(open_, 2), _MOST_PAIRS)
        if (scene.branches[first].to, scene.branches[first].sets)
        != (scene.branches[second].to, scene.branches[second].sets)
    ]
    reads = {index: _read(place.trees[index]) for index in open_}
    akin = (pair for pair in pairs if reads[pair[0]] & reads[pair[1]])
    pair = next((pair for pair in akin if _meet(place, *pair)), None)
    if pair is not None:
        one, two = (scene.branches[index].when.text for index in pair)
        what = f'"{one}" and "{two}" of "{scene.of}" can be met at once: the first is taken'
    else:
        pair = next((pair for pair in pairs if not reads[pair[0]] & reads[pair[1]]), None)
        what = "branches that ask about different things can be met at once: the first is taken"
    if pair is not None:
        remedy = "Order them by what matters more to the story."
        yield Problem(place.where(pair[1]), what, remedy, "note")


def _read(tree: Expr) -> frozenset[object]:
    """What a guard looks at, attributes of one signal taken for one."""
    found: set[object] = set()
    for node in walk(tree):
        match node:
            case Compare(SignalValue() as quantity):
                found.add(quantity.reading)
            case Compare(quantity):
                found.add(quantity)
            case Flag():
                found.add(node)
    return frozenset(found)


def _meet(place: _Place, first: int, second: int) -> bool:
    """Whether two guards can be met at once, and either without the other."""
    one, two, domain = place.trees[first], place.trees[second], place.domains[0]
    return (
        overlap(one, two, domain) is True
        and implied(one, two, domain) is False
        and implied(two, one, domain) is False
    )


# reasons --------------------------------------------------------------------------


def _reason(film: Film, tree: Expr, domain: Domain) -> str:
    """Say why a guard cannot be met in a scene."""
    for part in _parts(tree):
        if satisfiable(part, domain) is False:
            return _word(part, domain)
    if satisfiable(tree, Domain.of(film)) is False:
        return "its parts exclude one another"
    return "what it asks for never comes together there"


def _parts(tree: Expr) -> Iterator[Expr]:
    match tree:
        case And(parts):
            for part in parts:
                yield from _parts(part)
        case For(body):
            yield from _parts(body)
        case _:
            yield tree


def _word(part: Expr, domain: Domain) -> str:
    match part:
        case Flag(name):
            return f"{name} is never true"
        case Not(Flag(name)):
            return f"{name} is always true"
        case Compare(Count(name), _, _) if name in domain.variables:
            return f"{name} is never {_range(part)}, only {_values(domain.variables[name])}"
        case Compare(Visits(name), _, _) if name in domain.visits:
            return f"visits({name}) is never {_range(part)}, only {_values(domain.visits[name])}"
        case Compare(Elapsed(), _, _):
            return f"elapsed is never {_range(part)}"
        case _:
            return f'"{format_guard(part)}" is never true'


def _range(part: Compare) -> str:
    return format_guard(part).removeprefix(f"{part.quantity} ")


def _values(values: Iterable[int]) -> str:
    listed = [str(value) for value in sorted(values)]
    if len(listed) > 4:
        return f"{listed[0]} to {listed[-1]}"
    return " or ".join(listed)
