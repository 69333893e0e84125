"""What many passes tell the filmmaker, each with a pass that shows it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from engine.authoring._simulation import Simulation
from engine.authoring._telling import clock, endings, percent, running_times
from narrative import Film, Flow, Scene, flow_of, in_words, place_of, satisfiable, witness

MOSTLY: Final = 0.95
"""A decision that takes its default more often asks nobody."""

RARELY: Final = 0.01
"""An ending that comes less often is filmed for nobody."""

_ENOUGH: Final = 20
"""Visits of a scene before its decision is judged."""

_SAID: Final = 3
"""Reasons that are told of one scene."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that the passes show.

    Parameters
    ----------
    where : str
        Place in the film file.
    what : str
        What was seen, without a full stop.
    remedy : str
        What it means or what can be done, as whole sentences.
    number : int or None
        A pass that shows it; None for what no pass did.
    """

    where: str
    what: str
    remedy: str
    number: int | None = None

    def __str__(self) -> str:
        return f"{self.where}: {self.what}. {self.remedy}"


def findings(film: Film, simulation: Simulation) -> tuple[Finding, ...]:
    """Tell what is worth a filmmaker's look.

    Parameters
    ----------
    film : Film
        As it was simulated.
    simulation : Simulation
        From `simulate_film`.

    Returns
    -------
    tuple of Finding
        In file order; what concerns the whole film first.
    """
    flow = flow_of(film)
    found = [
        *_unread(film, simulation),
        *_too_long(film, simulation),
        *_never_shown(film, simulation, flow),
        *_never_taken(film, simulation, flow),
        *_mostly_default(film, simulation, flow),
        *_rare_endings(film, simulation),
    ]
    return tuple(sorted(found, key=lambda finding: place_of(finding.where)))


def _unread(film: Film, simulation: Simulation) -> Iterator[Finding]:
    if simulation.missing:
        names = ", ".join(simulation.missing)
        remedy = "It stays unknown: what hangs on it was not tried. Take another audience."
        yield Finding(film.source[""], f"the simulated audiences give no {names}", remedy)


def _too_long(film: Film, simulation: Simulation) -> Iterator[Finding]:
    cut = simulation.cut
    if not cut.hits:
        return
    lasted = simulation.tally.lasted
    longest = running_times(lasted).longest
    yield Finding(
        film.where("max_runtime"),
        f"max_runtime ended the audience's say in {percent(cut.value)} of passes",
        f"The longest lasted {clock(longest)} (pass {lasted.first_pass(longest)}). Make "
        "max_runtime longer, or the loops shorter.",
        simulation.tally.cut.first_pass(0),
    )


def _never_shown(film: Film, simulation: Simulation, flow: Flow) -> Iterator[Finding]:
    """Find scenes that no pass showed, and say why of those that a shown scene leads to."""
    missed = {name for name in simulation.places.written if not simulation.shown(name).hits}
    ways = _ways_to(film)
    for name in (name for name in simulation.places.written if name in missed):
        tried = [(s, b) for s, b in ways.get(name, ()) if simulation.visits(s.name)]
        if not tried:
            continue
        behind = len(_behind(film, name, missed)) - 1
        more = f", nor the {_scenes(behind)} behind it" if behind else ""
        below = simulation.shown(name).interval[1]
        yield Finding(
            film.scenes[film.entrances.get(name, name)].source[""],
            f'"{name}" was never shown{more}: it comes in less than {percent(below)} of passes',
            " ".join(_way_in(simulation, flow, scene, branch) for scene, branch in tried[:_SAID]),
            _asked_first(simulation, *tried[0]),
        )


def _way_in(simulation: Simulation, flow: Flow, scene: Scene, branch: int | None) -> str:
    visits = f'"{scene.name}" ({_times(simulation.visits(scene.name), "visit")})'
    if branch is None:
        return f"{visits} never took its default."
    return f"{visits}: {_why_not(simulation, flow, scene, branch)}"


def _asked_first(simulation: Simulation, scene: Scene, branch: int | None) -> int | None:
    """Find the pass in which a way was first looked at: where its guard was true if it ever was."""
    if branch is None:
        ways = range(simulation.places.way(scene, 0), simulation.places.way(scene, None))
        firsts = [simulation.tally.taken.first_pass(way) for way in ways]
        return min((number for number in firsts if number is not None), default=None)
    column = 3 * simulation.places.way(scene, branch)
    false, unknown, true = (simulation.tally.verdicts.first_pass(column + i) for i in range(3))
    return true or min((number for number in (false, unknown) if number is not None), default=None)


def _why_not(simulation: Simulation, flow: Flow, scene: Scene, branch: int) -> str:
    """Tell what a guard was that was never followed, and what it waits for."""
    guard = scene.branches[branch].when
    false, unknown, true = simulation.judged(scene, branch)
    if true:
        was = f"was true {_times(true)}, but an earlier branch was taken each time"
        return f"“{guard.text}” {was}."
    was = " and ".join(
        f"{word} {_times(count)}"
        for word, count in (("false", false), ("unknown", unknown))
        if count
    )
    told = f"“{guard.text}” was {was}"
    domain = flow.domains.get(scene.name)
    if domain is None or satisfiable(guard.tree, domain) is False:
        return f"{told}; it can never come true there."
    example = witness(guard.tree, domain)
    return f"{told}; it would be true with {in_words(example)}." if example else f"{told}."


def _never_taken(film: Film, simulation: Simulation, flow: Flow) -> Iterator[Finding]:
    """Find branches that no pass took, into scenes that were shown by other ways."""
    for scene in _deciding(film, simulation):
        never = [
            number
            for number in _untaken(simulation, scene)
            if simulation.shown(film.scenes[scene.branches[number].to].of).hits
        ]
        if never and not _is_mostly_default(simulation, scene):
            yield Finding(
                scene.source[f"branches.{never[0]}.when"],
                f'"{scene.name}" ({_times(simulation.visits(scene.name), "visit")}) never took '
                f"{len(never)} of its {_times(len(scene.branches), 'branch', 'branches')}",
                _reasons(simulation, flow, scene, never),
                _asked_first(simulation, scene, never[0]),
            )


def _mostly_default(film: Film, simulation: Simulation, flow: Flow) -> Iterator[Finding]:
    for scene in _deciding(film, simulation):
        if not _is_mostly_default(simulation, scene):
            continue
        share = simulation.taken(scene, None)
        reads = any(branch.when.signals for branch in scene.branches)
        remedy = (
            "Ask for less: a lower threshold, a shorter time, a longer reading window."
            if reads
            else "See where what it asks for is set."
        )
        told = _reasons(simulation, flow, scene, _untaken(simulation, scene))
        yield Finding(
            scene.where("branches"),
            f'"{scene.name}" takes its default in {percent(share.value)} of its decisions',
            f"{told} {remedy}".lstrip(),
            simulation.tally.taken.first_pass(simulation.places.way(scene, None)),
        )


def _is_mostly_default(simulation: Simulation, scene: Scene) -> bool:
    return simulation.taken(scene, None).value > MOSTLY


def _untaken(simulation: Simulation, scene: Scene) -> list[int]:
    branches = range(len(scene.branches))
    return [number for number in branches if not simulation.taken(scene, number).hits]


def _reasons(simulation: Simulation, flow: Flow, scene: Scene, never: Sequence[int]) -> str:
    """Tell of the first branches why they were never taken."""
    reasons = [_why_not(simulation, flow, scene, number) for number in never[:_SAID]]
    if len(never) > _SAID:
        reasons.append(f"So it is with {len(never) - _SAID} more; the table of ways has them.")
    return " ".join(reasons)


def _rare_endings(film: Film, simulation: Simulation) -> Iterator[Finding]:
    for name in endings(film):
        share = simulation.ended(name)
        if share.hits and share.value < RARELY:
            low, high = share.interval
            yield Finding(
                film.scenes[film.entrances.get(name, name)].source[""],
                f'the ending "{name}" comes in {percent(share.value)} of passes',
                f"Between {percent(low)} and {percent(high)}, with 95 % confidence.",
                simulation.tally.ended.first_pass(simulation.places.written[name]),
            )


def _deciding(film: Film, simulation: Simulation) -> Iterator[Scene]:
    """Give the scenes whose decisions were tried often enough; cuts between threads are none."""
    for scene in film.scenes.values():
        if scene.is_decision_point and simulation.visits(scene.name) >= _ENOUGH:
            yield scene


def _ways_to(film: Film) -> Mapping[str, list[tuple[Scene, int | None]]]:
    """Find the ways into each written scene from outside of it."""
    ways: dict[str, list[tuple[Scene, int | None]]] = {}
    for scene in film.scenes.values():
        targets: list[tuple[int | None, str]] = [*enumerate(b.to for b in scene.branches)]
        if scene.default is not None:
            targets.append((None, scene.default))
        for branch, target in targets:
            if film.scenes[target].of != scene.of:
                ways.setdefault(film.scenes[target].of, []).append((scene, branch))
    return ways


def _behind(film: Film, name: str, missed: set[str]) -> set[str]:
    """Find the missed scenes that a missed scene leads to, itself among them."""
    leads: dict[str, set[str]] = {}
    for scene in film.scenes.values():
        leads.setdefault(scene.of, set()).update(film.scenes[to].of for to in scene.candidates)
    found, frontier = set[str](), [name]
    while frontier:
        at = frontier.pop()
        if at in missed and at not in found:
            found.add(at)
            frontier.extend(leads[at])
    return found


def _scenes(count: int) -> str:
    return "scene" if count == 1 else f"{count} scenes"


def _times(count: int, one: str = "time", more: str = "") -> str:
    return f"{count:,} {one if count == 1 else more or one + 's'}"
