"""Decisions: where the film goes after the scene that runs, and why."""

from __future__ import annotations

from typing import Final

from narrative._decision import By, Decision, GuardReport
from narrative._duration import to_ns
from narrative._film import Film, Scene
from narrative._hearing import LATEST_S, LONGEST_SILENCE_S
from narrative._logic import Moment
from narrative._machine import check_branch, sets_of, target_of, to_decide
from narrative._problem import MachineError
from narrative._program import Question, program_of
from narrative._report import explain, report
from narrative._state import MachineState, moment_of

__all__ = ["choose", "decide", "preview", "verdicts"]

_SILENCE_NS: Final = to_ns(LONGEST_SILENCE_S)


def choose(film: Film, state: MachineState, scene_time_s: float) -> tuple[By, int | None]:
    """Decide without words: as `decide`, for who needs only the choice.

    Returns
    -------
    by : {"audience", "default", "max_runtime"}
        Who decides.
    branch : int or None
        Which; None for the default.

    Raises
    ------
    MachineError
        If no scene runs, nothing follows it, or the time is none.
    """
    scene = _decided_at(film, state, scene_time_s)
    if _is_late(film, state, scene_time_s):
        return "max_runtime", None
    question = program_of(film).asked(scene)[0]
    if question is None:
        return "default", None
    moment = _at(question, state, scene_time_s)
    for number, guard in enumerate(question.guards):
        if guard.judge(moment):
            return "audience", number
    return "default", None


def verdicts(film: Film, state: MachineState, scene_time_s: float) -> tuple[bool | None, ...]:
    """Judge every branch of the scene, without words; None is unknown.

    Raises
    ------
    MachineError
        As `choose`.
    """
    question = program_of(film).asked(_decided_at(film, state, scene_time_s))[0]
    if question is None:
        return ()
    moment = _at(question, state, scene_time_s)
    return tuple(guard.judge(moment) for guard in question.guards)


def decide(
    film: Film,
    state: MachineState,
    scene_time_s: float,
    *,
    hold: bool = False,
    take: int | None = None,
) -> Decision:
    """Decide where the film goes after the scene that runs, and say why.

    The first branch whose guard is true, else the default. A guard's value is that at the last
    tick of the reading window; a `for` once reached stays so. Nothing is remembered before
    `commit`: the operator may take back what he took, and the audience's decision is there again.

    Parameters
    ----------
    film : Film
        The film.
    state : MachineState
        Where it stands.
    scene_time_s : float
        Time since the scene's first frame, in seconds; usually the window's end.
    hold : bool
        The operator holds: the default.
    take : int, optional
        The operator takes this branch. It goes before `hold`, and is open after the film's
        `max_runtime` too: that is a person's choice.

    Returns
    -------
    Decision
        With the reasons of every branch, also where the operator decided.

    Raises
    ------
    MachineError
        If no scene runs, nothing follows it, or it has no such branch.
    """
    scene = _decided_at(film, state, scene_time_s)
    check_branch(scene, take)
    by, branch = choose(film, state, scene_time_s)
    if take is not None:
        by, branch = "operator", take
    elif hold:
        by, branch = "hold", None
    to = target_of(scene, branch)
    assert to is not None
    question = program_of(film).asked(scene)[0]
    reasons = () if question is None else _reasons(question, state, scene_time_s)
    return Decision(
        visit=state.visit,
        scene=scene.name,
        to=to,
        branch=branch,
        by=by,
        scene_time_s=scene_time_s,
        reasons=reasons,
        readings=state.own.readings,
        explanation=explain(film, scene, question, to, branch, by, reasons),
        sets=sets_of(film, state, branch),
    )


def preview(film: Film, state: MachineState) -> Decision | None:
    """Give what would be decided if the window ended at the last tick.

    Returns
    -------
    Decision or None
        None before the first scene and in an ending.
    """
    scene = film.scenes.get(state.scene)
    if scene is None or scene.default is None:
        return None
    tick_ns = state.own.tick_ns
    now_ns = to_ns(state.entered_s)
    return decide(film, state, 0.0 if tick_ns is None else (tick_ns - now_ns) / 1e9)


def _decided_at(film: Film, state: MachineState, scene_time_s: float) -> Scene:
    scene = to_decide(film, state)
    if not abs(scene_time_s) <= LATEST_S:
        raise MachineError(f"scene time {scene_time_s} s: give seconds since the first frame")
    return scene


def _is_late(film: Film, state: MachineState, scene_time_s: float) -> bool:
    return to_ns(state.entered_s) + to_ns(scene_time_s) >= to_ns(film.max_runtime_s)


def _at(question: Question, state: MachineState, scene_time_s: float) -> Moment:
    """Give the moment at which a decision looks: the window's end, if that has passed."""
    now_s = min(scene_time_s, question.window.to_s)
    entered_ns, moment = to_ns(state.entered_s), moment_of(state)
    now_ns = entered_ns + to_ns(now_s)
    moment.silence = _silence(question, state.own.tick_ns, now_ns, entered_ns)
    moment.readings = {} if moment.silence else dict(state.own.readings)
    moment.elapsed_s, moment.runs = now_ns / 1e9, state.own.runs
    return moment


def _silence(question: Question, tick_ns: int | None, now_ns: int, entered_ns: int) -> str:
    """Say why there are no readings at `now_ns`; empty where there are."""
    if tick_ns is None:
        opened = now_ns - entered_ns >= to_ns(question.window.from_s)
        return "no readings in the window" if opened else "the window is not open yet"
    if now_ns - tick_ns > _SILENCE_NS:
        return f"no readings after {(tick_ns - entered_ns) / 1e9:.1f} s"
    return ""


def _reasons(
    question: Question, state: MachineState, scene_time_s: float
) -> tuple[GuardReport, ...]:
    moment, stood = _at(question, state, scene_time_s), dict(state.own.stood)
    return tuple(
        report(question, number, moment, stood.get(number))
        for number in range(len(question.branches))
    )
