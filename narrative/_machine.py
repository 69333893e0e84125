"""The narrative machine: film, state, times and readings in; states out. `_deciding` asks it.

Pure: every function gives a new state, and leaves the one it was given. What is shown is the
player's affair; the machine is told by `enter` and follows, also where what it decided came too
late to be taken.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from narrative._decision import Reading
from narrative._film import Branch, Film, Scene
from narrative._hearing import LATEST_S, fresh, handed_on, hear, taken_over
from narrative._problem import MachineError
from narrative._program import Program, Question, program_of
from narrative._state import Heard, MachineState, moment_of

__all__ = [
    "begin",
    "check_branch",
    "commit",
    "enter",
    "observe",
    "sets_of",
    "target_of",
    "to_decide",
]


def begin(film: Film, seed: int = 0) -> MachineState:
    """Give the state before the film's first scene.

    Parameters
    ----------
    film : Film
        From `load_film`. What is made of it is kept for this very object: use one throughout.
    seed : int
        Of the film's chances.
    """
    start = tuple(variable.start for variable in film.variables.values())
    return MachineState(seed, start, (0,) * len(program_of(film).written))


def enter(
    film: Film, state: MachineState, visit: int, scene: str, film_time_s: float
) -> MachineState:
    """Follow the film into a scene.

    Any scene of the film may come, and visits may be left out: the player skips a scene whose clip
    it cannot play, and an engine that starts late joins where the film is. What the way into it
    sets is set: by the branch that was decided (`commit`) if it leads here; otherwise by the first
    that does, unless here is where the default leads; then by the scene itself.

    Parameters
    ----------
    film : Film
        The film.
    state : MachineState
        Where it stands.
    visit : int
        Number of the scene shown, higher each time.
    scene : str
        A scene of the film.
    film_time_s : float
        Film time of the scene's first frame, in seconds.

    Raises
    ------
    MachineError
        If there is no such scene, or visit or time run backwards.
    """
    if visit <= state.visit:
        raise MachineError(f"visit {visit} cannot follow visit {state.visit}: visits count up")
    if scene not in film.scenes:
        raise MachineError(f'there is no scene "{scene}" in this film')
    if not state.entered_s <= film_time_s <= LATEST_S:
        raise MachineError(
            f"film time {film_time_s} s cannot follow {state.entered_s} s: give the film time of"
            " the scene's first frame"
        )
    program, entered = program_of(film), film.scenes[scene]
    before = film.scenes.get(state.scene) if visit == state.visit + 1 else None
    goes_on = before is not None and entered.continues and before.of == entered.of
    own, ahead = _heard_in(program, state, entered, before if goes_on else None)
    return MachineState(
        seed=state.seed,
        variables=_on_entering(program, state, before, entered),
        visits=_counted(program, state.visits, entered),
        visit=visit,
        scene=scene,
        entered_s=film_time_s,
        began=state.began if goes_on else visit,
        own=own,
        ahead=ahead,
    )


def _heard_in(
    program: Program, state: MachineState, entered: Scene, before: Scene | None
) -> tuple[Heard, Heard]:
    """Give what has been heard for a scene's branches and ahead, as it is entered."""
    own, ahead = program.asked(entered)
    if before is None:
        return fresh(own), fresh(ahead)
    if entered.cosmetic:
        asked = program.asked(before)[0]
        return handed_on(asked, state.own, own), taken_over(state.ahead, ahead)
    return taken_over(state.ahead, own), Heard()


def _on_entering(
    program: Program, state: MachineState, before: Scene | None, entered: Scene
) -> tuple[int, ...]:
    """Set what the branch that led here sets, and what the scene does."""
    branch = _led_by(state, before, entered.name) if before else None
    return program.changed(
        program.changed(state.variables, branch.sets if branch else ()), entered.sets
    )


def _led_by(state: MachineState, before: Scene, to: str) -> Branch | None:
    """Give the branch that led to a scene; None where it was the default, or none does."""
    if state.decided and to == target_of(before, state.branch):
        return None if state.branch is None else before.branches[state.branch]
    if to == before.default:
        return None
    return next((branch for branch in before.branches if branch.to == to), None)


def target_of(scene: Scene, branch: int | None) -> str | None:
    """Give the scene that a branch leads to; None asks for the default."""
    return scene.default if branch is None else scene.branches[branch].to


def _counted(program: Program, visits: tuple[int, ...], entered: Scene) -> tuple[int, ...]:
    """Count a visit: a scene of several shots or rounds is visited with the first."""
    if entered.turn:
        return visits
    at = program.visits[entered.of]
    return (*visits[:at], visits[at] + 1, *visits[at + 1 :])


def observe(
    film: Film,
    state: MachineState,
    ticks: Iterable[tuple[float, Mapping[str, Reading]]],
    ahead: Iterable[tuple[float, Mapping[str, Reading]]] | None = None,
) -> MachineState:
    """Take in readings, tick by tick.

    Ignored outside the reading window, and where time does not go on. Ticks more than
    `LONGEST_SILENCE_S` apart break the runs that `for` counts.

    Parameters
    ----------
    film : Film
        The film.
    state : MachineState
        Where it stands; before the first scene nothing is taken in.
    ticks : iterable of (float, Mapping of str to Reading)
        Seconds since the scene's first frame, and readings by name (`engagement`,
        `engagement.zone(left)`); a missing one is unknown, and so is a number that is not finite.
    ahead : iterable of (float, Mapping of str to Reading), optional
        The same ticks for the branches that are asked ahead, where those read with another
        confidence; without it, `ticks`.
    """
    scene = film.scenes.get(state.scene)
    if scene is None:
        return state
    own, later = program_of(film).asked(scene)
    if later is None:
        return state if own is None else replace(state, own=_hear(own, state, state.own, ticks))
    ticks = tuple(ticks)
    heard = state.own if own is None else _hear(own, state, state.own, ticks)
    read_ahead = ticks if ahead is None else ahead
    return replace(state, own=heard, ahead=_hear(later, state, state.ahead, read_ahead))


def commit(film: Film, state: MachineState, branch: int | None) -> MachineState:
    """Remember which branch has been decided, None for the default, until the next `enter`.

    Raises
    ------
    MachineError
        If no scene runs, nothing follows it, or it has no such branch.
    """
    check_branch(to_decide(film, state), branch)
    return replace(state, decided=True, branch=branch)


def sets_of(film: Film, state: MachineState, branch: int | None) -> tuple[tuple[str, int], ...]:
    """Give the variables that change if the film leaves its scene by a branch, None by default.

    Returns
    -------
    tuple of (str, int)
        Names and new values, in the film's order: what the branch sets, and the scene it leads to.

    Raises
    ------
    MachineError
        As `commit`.
    """
    program, decided = program_of(film), commit(film, state, branch)
    scene = film.scenes[state.scene]
    target = film.scenes[target_of(scene, branch) or ""]
    after = _on_entering(program, decided, scene, target)
    return tuple(
        (name, new)
        for name, old, new in zip(film.variables, state.variables, after, strict=True)
        if new != old
    )


def to_decide(film: Film, state: MachineState) -> Scene:
    """Give the scene that runs, and is followed by another.

    Raises
    ------
    MachineError
        There is none.
    """
    scene = film.scenes.get(state.scene)
    if scene is None or scene.default is None:
        why = f'"{scene.name}" is an ending' if scene else "no scene runs: call enter first"
        raise MachineError(f"nothing to decide: {why}")
    return scene


def check_branch(scene: Scene, branch: int | None) -> None:
    """Refuse a branch that a scene does not have; None is its default."""
    if branch is not None and not 0 <= branch < len(scene.branches):
        raise MachineError(f'"{scene.name}" has {len(scene.branches)} branches, none is {branch}')


def _hear(
    question: Question,
    state: MachineState,
    heard: Heard,
    ticks: Iterable[tuple[float, Mapping[str, Reading]]],
) -> Heard:
    return hear(question, heard, moment_of(state), state.entered_s, ticks)
