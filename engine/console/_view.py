"""What the page shows, computed from what is known: pure functions of state, time and language."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

import dsp
from engine.config import Show
from engine.console._sentences import CONSENTS, later
from engine.console._state import SILENT_NS, Press, State
from engine.console._words import Words
from engine.directing import COMMIT_FRAMES
from engine.status import SeatStatus
from narrative import Decision, Film, GuardReport, Reading, Term, Verdict

SILENT_SEAT_S = 3.0
"""A seat without samples for this long counts as silent."""

SeatKind: TypeAlias = Literal["good", "degraded", "silent", "withdrawn", "baseline"]
By: TypeAlias = Literal["operator", "hold", "audience", "predicted", "study", "default", "none"]

SEAT_KINDS: dict[SeatKind, str] = {
    "good": later("good"),
    "degraded": later("degraded"),
    "baseline": later("no baseline"),
    "silent": later("silent"),
    "withdrawn": later("withdrawn"),
}

FLAGS: dict[dsp.Flag, str] = {
    dsp.Flag.FLAT: later("an electrode is flat"),
    dsp.Flag.RAILED: later("an electrode is at its limit"),
    dsp.Flag.PEAK_TO_PEAK: later("large swings"),
    dsp.Flag.NOISY: later("noisy"),
    dsp.Flag.CLIPPED: later("often clipped"),
    dsp.Flag.LOSS: later("samples are lost"),
    dsp.Flag.SETTLING: later("filters are settling"),
    dsp.Flag.ABSENT: later("no electrode gives samples"),
    dsp.Flag.NO_BASELINE: later("no baseline yet"),
    dsp.Flag.NOT_ADMITTED: later("not counted"),
    dsp.Flag.MAINS: later("mains hum: poor contact"),
    dsp.Flag.MUSCLE: later("muscles"),
    dsp.Flag.DUPLICATE: later("the same signal as another seat"),
    dsp.Flag.EYES_CLOSED: later("eyes closed"),
}

KEYS = {
    "start": ("S", later("START")),
    "hold": ("H", later("HOLD")),
    "auto": ("A", later("AUTO")),
    "take": ("", later("TAKE")),
    "default": ("D", later("DEFAULT")),
    "resume": ("R", later("RESUME")),
    "panic": ("Esc", later("PANIC")),
    "seat": ("", later("SEAT")),
}
"""Key and name of each thing an operator can press."""


@dataclass(frozen=True, slots=True)
class SeatView:
    """One seat: its name, its kind, and the same in words."""

    seat: str
    kind: SeatKind
    words: str


@dataclass(frozen=True, slots=True)
class Clock:
    """Where the film is in its scene, in seconds; None where it does not count down.

    Parameters
    ----------
    at_s, length_s : float
        Film time in the scene, and the scene's length.
    decision_s : float or None
        Until the reading window closes, or the last moment for a choice, whichever is first.
    cut_s : float or None
        Until the scene's last frame; None in front of the film.
    """

    at_s: float
    length_s: float
    decision_s: float | None
    cut_s: float | None


@dataclass(frozen=True, slots=True)
class Branch:
    """One branch of the scene on the screen.

    Parameters
    ----------
    number : int
        TAKE n.
    scene : str
        Where it leads.
    report : GuardReport or None
        How its condition stands; None while the engine does not say.
    guard : str
        The condition.
    readings : mapping of str to Reading
        What was read last, by signal.
    """

    number: int
    scene: str
    report: GuardReport | None
    guard: str
    readings: Mapping[str, Reading]

    @property
    def verdict(self) -> Verdict:
        """How the condition stands; unknown while nobody says."""
        return self.report.verdict if self.report else "unknown"


@dataclass(frozen=True, slots=True)
class Next:
    """What follows the scene as things stand, and by whom."""

    scene: str
    by: By


@dataclass(frozen=True, slots=True)
class Alarm:
    """A part of the hall that is silent, in big letters and in a sentence."""

    title: str
    text: str


def titles(show: Show, language: str) -> dict[str, str]:
    """Title of each scene in a language, or else in English, or else its name.

    Shots and rounds have the title of the scene that they belong to, which is among the names;
    behind it stands a shot's thread, so that the operator knows what he takes.
    """
    found = {}
    for scene in show.film.scenes.values():
        title = scene.title.get(language) or scene.title.get("en") or scene.of
        found[scene.of] = title
        found[scene.name] = f"{title} · {scene.thread}" if scene.thread else title
    return found


def entered(film: Film, scenes: Iterable[str]) -> tuple[str, ...]:
    """Give the scenes as the filmmaker wrote them, without the shots and rounds within one."""
    shots = (film.scenes[name] for name in scenes)
    return tuple(shot.of for shot in shots if not shot.turn)


def ways(film: Film) -> dict[str, tuple[str, ...]]:
    """Give where each scene leads, as the filmmaker wrote them."""
    following: dict[str, dict[str, None]] = {}
    for scene in film.scenes.values():
        targets = entered(film, scene.candidates)
        following.setdefault(scene.of, {}).update(dict.fromkeys(targets))
    return {name: tuple(targets) for name, targets in following.items()}


def film_title(show: Show, language: str) -> str:
    """Title of the show; the film's in the language, if the show has no title of its own."""
    titles = show.film.title
    own = show.title not in (show.path.stem, *titles.values())
    return show.title if own else titles.get(language) or titles.get("en") or show.title


def seat_view(seat: SeatStatus, say: Words) -> SeatView:
    """Give a seat's kind and its tooltip."""
    kind = seat_kind(seat)
    told = dsp.Flag.NO_BASELINE if kind == "baseline" else 0
    flags = [say(text) for flag, text in FLAGS.items() if seat.flags & ~told & flag]
    if kind == "silent":
        flags.append(say("no samples for {seconds:.0f} s", seconds=seat.silent_s))
    state = say(SEAT_KINDS[kind])
    consent = say(CONSENTS[seat.consent])
    return SeatView(seat.seat, kind, " · ".join([f"{seat.seat}: {state}", *flags, consent]))


def seat_kind(seat: SeatStatus) -> SeatKind:
    """Say which of the five kinds a seat is."""
    if seat.consent == "withdrawn":
        return "withdrawn"
    if seat.silent_s > SILENT_SEAT_S or seat.flags & dsp.Flag.ABSENT:
        return "silent"
    if seat.flags & dsp.FAULTS:
        return "degraded"
    return "baseline" if seat.flags & dsp.Flag.NO_BASELINE else "good"


def frame_now(state: State, now_ns: int) -> int:
    """Film position in the scene on the screen, carried on from the player's last word."""
    if state.position is None:
        return 0
    table = state.show.table
    length = next(entry.clip.frames for entry in table.scenes if entry.scene == state.scene)
    frame = state.position.frame
    if not (state.paused or state.ended):
        passed_ns = min(max(0, now_ns - state.position_ns), SILENT_NS)
        frame += int(passed_ns * 1e-9 * float(table.fps))
    return min(frame, length)


def clock(state: State, now_ns: int) -> Clock | None:
    """Count down in the scene on the screen; None before the film and after it."""
    if state.visit < 0 or state.ended:
        return None
    table, scene = state.show.table, state.show.film.scenes[state.scene]
    fps = float(table.fps)
    frames = next(entry.clip.frames for entry in table.scenes if entry.scene == state.scene)
    at_s = frame_now(state, now_ns) / fps
    decision_s = None
    if scene.reading is not None and state.decided() is None:
        decision_s = max(0.0, min(scene.reading.to_s, (frames - COMMIT_FRAMES) / fps) - at_s)
    return Clock(at_s, frames / fps, decision_s, max(0.0, frames / fps - at_s))


def branches(state: State) -> tuple[Branch, ...]:
    """Give the branches of the scene on the screen, as the engine sees them."""
    if state.visit < 0 or state.ended:
        return ()
    said = state.decided() or _preview(state)
    reports = said.reasons if said else ()
    readings = dict(said.readings) if said else {}
    scene = state.show.film.scenes[state.scene]
    return tuple(
        Branch(
            number,
            branch.to,
            reports[number - 1] if number <= len(reports) else None,
            branch.when.text,
            readings,
        )
        for number, branch in enumerate(scene.branches, 1)
    )


def term_value(term: Term, readings: Mapping[str, Reading]) -> float | None:
    """Give what a term compares: also a reading that is not sure enough to be compared."""
    reads = r"(\w+(?:\.zone\(\w+\))?)(?:\.(value|t|confidence|trend))? [<>]"
    found = re.match(reads, term.text)
    if term.value is not None or found is None or found[1] not in readings:
        return term.value
    reading = readings[found[1]]
    known = {"t": reading.t, "confidence": reading.confidence, "trend": reading.trend}
    return known.get(found[2], reading.value)


def following(state: State) -> Next:
    """Tell what follows the scene on the screen: the player's own order of who decides."""
    if state.ended:
        return Next("", "none")
    if state.visit < 0:
        return Next(state.show.film.start, "default")
    default = state.show.film.scenes[state.scene].default
    if default is None:
        return Next("", "none")
    if state.taken:
        return Next(state.taken, "operator")
    if state.holding:
        return Next(default, "hold")
    if (decided := state.decided()) is not None:
        return Next(decided.to, _by(decided))
    if (preview := _preview(state)) is not None and (by := _by(preview)) != "default":
        return Next(preview.to, "predicted" if by == "audience" else by)
    return Next(default, "default")


def _by(decision: Decision) -> By:
    if decision.by in ("yoked", "sham", "study"):
        return "study"
    return "audience" if decision.by == "audience" else "default"


def _preview(state: State) -> Decision | None:
    preview = state.status.preview if state.status else None
    return preview if preview is not None and preview.visit == state.visit else None


def next_words(following: Next, say: Words) -> str:
    """Say who or what makes the next scene follow."""
    return {
        "operator": say("taken by the operator"),
        "hold": say("HOLD: the default follows"),
        "audience": say("decided by the audience"),
        "predicted": say("predicted: the condition is met now"),
        "study": study_words(say),
        "default": say("by default"),
        "none": say("nothing follows"),
    }[following.by]


def study_words(say: Words) -> str:
    """Say that somebody else than the audience of now may decide, and no more."""
    return say("a study is under way")


def player_words(state: State, say: Words) -> str:
    """Say what the player is doing."""
    if state.ended:
        return say("the film has ended")
    if state.visit < 0:
        return say("slate: the film has not started")
    if state.paused:
        return say("PANIC: the slate is up")
    return say("on the screen")


def alarms(state: State, now_ns: int, say: Words) -> tuple[Alarm, ...]:
    """Tell which parts are silent, and what that means for the audience."""
    found = []
    if (silent_s := state.player_silent_s(now_ns)) is not None:
        found.append(
            Alarm(
                say("THE PLAYER HAS BEEN SILENT FOR {seconds:.0f} s", seconds=silent_s),
                say("Look at the screen. What is shown below is what was known last."),
            )
        )
    if (silent_s := state.engine_silent_s(now_ns)) is not None:
        found.append(
            Alarm(
                say("THE ENGINE HAS BEEN SILENT FOR {seconds:.0f} s", seconds=silent_s),
                say("The film goes on along its defaults. PANIC, HOLD and TAKE work."),
            )
        )
    return tuple(found)


def can_start(state: State, now_ns: int) -> bool:
    """Tell whether START may be pressed: not once it runs, nor while the engine gets ready."""
    ready = state.status is not None or state.engine_silent_s(now_ns) is not None
    return ready and not state.started


def press_name(press: Press, say: Words) -> str:
    """Name what was pressed."""
    name = say(KEYS[press.kind][1])
    return f"{name} {press.number}" if press.number is not None else name


def press_answer(press: Press, say: Words) -> str:
    """Say what came of a press."""
    match press.outcome:
        case "waiting":
            return say("sent, waiting for the answer")
        case "silent":
            return say("no answer")
    return say.sentence(press.answer)


def decision_words(decision: Decision, say: Words) -> str:
    """Explain a decision in one line."""
    scene = say.scene(decision.to)
    match decision.by:
        case "operator":
            return say("{scene}: taken by the operator", scene=scene)
        case "hold":
            return say("{scene} by default: the operator holds", scene=scene)
        case "max_runtime":
            return say("{scene} by default: the film has run its time", scene=scene)
        case "audience" if decision.branch is not None:
            met = report_words(decision.reasons[decision.branch], say)
            return say("{scene}: {why}", scene=scene, why=met)
        case "yoked" | "sham" | "study":
            return say("{scene}: {why}", scene=scene, why=study_words(say))
    failed = [
        say("not {scene}, {why}", scene=say.scene(report.to), why=report_words(report, say))
        for report in decision.reasons
    ]
    return say("{scene} by default: {why}", scene=scene, why="; ".join(failed))


def report_words(report: GuardReport, say: Words) -> str:
    """Tell how a condition stood: its deciding terms with their values, and how long it held."""
    telling = [term for term in report.terms if term.verdict == report.verdict] or report.terms
    unknown = {term.why for term in telling if term.verdict == "unknown"}
    if unknown:
        words = [say("unknown ({why})", why=say.sentence(why)) for why in sorted(unknown)]
    else:
        words = [_stood(term, say) for term in telling]
    if report.needed_s is not None:
        held = say("held {held:.1f} of {needed:g} s", held=report.held_s, needed=report.needed_s)
        words.append(held)
    return ", ".join(words)


def _stood(term: Term, say: Words) -> str:
    """Give a condition with its value; a flag has none."""
    text = say.guard(term.text)
    return text if term.value is None else f"{text} ({term.value:.2f})"


def clock_text(seconds: float) -> str:
    """Write a time as h:mm:ss."""
    whole = max(0, int(seconds))
    return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"
