"""The page's panels as HTML, each a pure function of state, time and language."""

from __future__ import annotations

from collections import Counter
from html import escape

import dsp
from engine.console._curves import interval
from engine.console._drawing import Course, graph, seat_grid, seat_shape
from engine.console._layout import Layout
from engine.console._sentences import later
from engine.console._state import Press, State
from engine.console._view import (
    SEAT_KINDS,
    Branch,
    alarms,
    branches,
    clock,
    clock_text,
    decision_words,
    entered,
    following,
    next_words,
    player_words,
    press_answer,
    press_name,
    seat_view,
    study_words,
    term_value,
)
from engine.console._words import Words
from narrative import GuardReport, Term, Verdict
from playback import PlayerEvent

_LOG_LINES = 40

_SIGNS = {"true": "✓", "false": "✗", "unknown": "?"}
_OUTCOMES = {"waiting": "…", "accepted": "✓", "refused": "✗", "silent": "!"}
_EVENTS = {
    "started": ("▶", later("on the screen")),
    "paused": ("■", later("paused")),
    "resumed": ("▶", later("resumed")),
    "planned": ("·", later("plan")),
    "claimed": ("·", later("engine")),
    "refused": ("✗", later("refused")),
    "held": ("●", later("operator")),
    "released": ("●", later("operator")),
    "taken": ("●", later("operator")),
    "underflow": ("▲", later("frames")),
    "fault": ("▲", later("FAULT")),
    "ended": ("■", later("the end")),
}
_SPEAKING = frozenset({"paused", "resumed", "claimed", "held", "released", "taken", "underflow"})
"""Events whose detail says it all."""

_BY = {
    "engine": later("by the engine"),
    "default": later("by default"),
    "operator": later("by the operator"),
    "player": later("by the player"),
}


def alarm_bar(state: State, now_ns: int, say: Words) -> str:
    """What is silent, in big letters."""
    return "".join(
        f'<div class="alarm"><b>▲ {escape(alarm.title)}</b><span>{escape(alarm.text)}</span></div>'
        for alarm in alarms(state, now_ns, say)
    )


def lights(state: State, now_ns: int, say: Words) -> str:
    """Engine and player, alive or not."""
    engine, player = state.engine_silent_s(now_ns), state.player_silent_s(now_ns)
    waiting = state.status is None
    return _light(say("Engine"), None if waiting else engine is None) + _light(
        say("Player"), None if state.player_ns < 0 else player is None
    )


def _light(name: str, alive: bool | None) -> str:
    kind, sign = {True: ("good", "●"), False: ("bad", "▲"), None: ("idle", "○")}[alive]
    return f'<span class="light {kind}"><i>{sign}</i>{escape(name)}</span>'


def phase(state: State, say: Words) -> str:
    """The show's phase in words: the player's word goes before the engine's."""
    if state.ended or state.paused:
        return player_words(state, say)
    if state.status is None:
        return say("the engine gets ready")
    words = say.sentence(state.status.phase)
    return f"{words} · {study_words(say)}" if state.status.study else words


def hall_clock(state: State, now_ns: int) -> str:
    """Time since the show's origin."""
    return clock_text(state.hall_s(now_ns))


def stage(state: State, now_ns: int, say: Words) -> str:
    """The scene on the screen and what the player does."""
    now = clock(state, now_ns)
    title = say.scene(state.scene) if state.visit >= 0 else say("Slate")
    kind = "panic" if state.paused and not state.ended else "calm"
    parts = [f'<div class="now {kind}"><b>{escape(title)}</b>']
    parts.append(f"<span>{escape(player_words(state, say))}</span></div>")
    if now is not None:
        share = 100 * now.at_s / now.length_s
        parts.append(f'<div class="run"><i style="width:{share:.1f}%"></i></div>')
        parts.append(f'<div class="at">{now.at_s:.0f} / {now.length_s:.0f} s</div>')
    return "".join(parts)


def countdown(state: State, now_ns: int, say: Words) -> str:
    """Seconds to the decision and to the cut."""
    now = clock(state, now_ns)
    decision = now.decision_s if now else None
    cut = now.cut_s if now else None
    ending = now is not None and state.show.film.scenes[state.scene].ending
    stands = state.paused and now is not None
    decided = now is not None and state.decided() is not None
    first = "✓" if decided and decision is None else _seconds(decision)
    under = say("decided") if decided and decision is None else say("to the decision")
    until = say("to the end") if ending else say("to the cut")
    near = "near" if decision is not None and decision < 5 and not stands else ""
    still = "still" if stands else ""
    return (
        f'<div class="count {near} {still}"><b>{first}</b><span>{escape(under)}</span></div>'
        f'<div class="count {still}"><b>{_seconds(cut)}</b><span>{escape(until)}</span></div>'
    )


def _seconds(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}<small> s</small>"


def standby(state: State, say: Words) -> str:
    """What follows, what is read, and how each condition stands."""
    then = following(state)
    title = say.scene(then.scene) if then.scene else "–"
    words = [next_words(then, say)]
    scene = state.show.film.scenes.get(state.scene)
    if scene is not None and scene.reading is not None and not state.ended:
        window = scene.reading
        words.append(say("reads {start:g}–{stop:g} s", start=window.from_s, stop=window.to_s))
    parts = [
        f'<div class="next by-{then.by}"><b>◆ {escape(title)}</b>'
        f"<span>{escape(' · '.join(words))}</span></div>"
    ]
    if scene is None or state.ended:
        return parts[0]
    parts += [_branch(branch, then.scene, say) for branch in branches(state)]
    if scene.default is not None:
        title, what = escape(say.scene(scene.default)), escape(say("the default"))
        parts.append(f'<div class="branch"><kbd>D</kbd><b>{title}</b><em>{what}</em></div>')
    return "".join(parts)


def _branch(branch: Branch, following: str, say: Words) -> str:
    report = branch.report
    if report is None:
        terms = f'<div class="term">{escape(say.guard(branch.guard))}</div>'
    else:
        terms = "".join(_term(term, branch, say) for term in report.terms) + _held(report, say)
    mark = " predicted" if branch.scene == following else ""
    return (
        f'<div class="branch {branch.verdict}{mark}"><kbd>{branch.number}</kbd>'
        f"<b>{escape(say.scene(branch.scene))}</b>{_sign(branch.verdict)}"
        f'<div class="terms">{terms}</div></div>'
    )


def _held(report: GuardReport, say: Words) -> str:
    """How long a condition has held, as a bar; where it is unknown, the reasons stand there."""
    causes = dict.fromkeys(say.sentence(term.why) for term in report.terms if term.why)
    why = f"<em>{escape('; '.join(causes))}</em>" if causes else ""
    if report.held_s is None or not report.needed_s:
        return f'<div class="held">{why}</div>' if why else ""
    words = say("held {held:.1f} of {needed:g} s", held=report.held_s, needed=report.needed_s)
    share = min(100.0, 100 * report.held_s / report.needed_s)
    bar = f'<div class="run"><i style="width:{share:.0f}%"></i></div>'
    return f'<div class="held"><span>{escape(words)}</span>{why or bar}</div>'


def _term(term: Term, branch: Branch, say: Words) -> str:
    value = term_value(term, branch.readings)
    shown = f"{value:.2f}" if value is not None else "–"
    return (
        f'<div class="term {term.verdict}"><span>{escape(say.guard(term.text))}</span>'
        f"<b>{shown}</b>{_sign(term.verdict)}</div>"
    )


def _sign(verdict: Verdict) -> str:
    return f'<i class="sign {verdict}">{_SIGNS[verdict]}</i>'


def seats_legend(state: State, say: Words) -> str:
    """How many seats are of each kind."""
    views = [seat_view(seat, say) for seat in (state.status.seats if state.status else ())]
    counts = Counter(view.kind for view in views)
    return "".join(
        f'<span class="kind{"" if counts[kind] else " none"}">{seat_shape(kind)}'
        f"<b>{counts[kind]}</b>{escape(say(words))}</span>"
        for kind, words in SEAT_KINDS.items()
    )


def seats(state: State, say: Words) -> str:
    """Every seat."""
    found = state.status.seats if state.status else ()
    return seat_grid([seat_view(seat, say) for seat in found])


def film(state: State, layout: Layout, say: Words) -> str:
    """The film's graph and the way so far."""
    shown = state.show.film
    current = shown.scenes.get(state.scene) if not state.ended else None
    follows = following(state).scene
    course = Course(
        current=current.of if current else "",
        path=entered(shown, (scene for _, scene in sorted(state.path.items()))),
        following="".join(entered(shown, [follows] if follows else [])),
        branches=entered(shown, current.candidates) if current else (),
        endings={scene.of for scene in shown.scenes.values() if scene.ending},
    )
    return graph(layout, {scene: say.scene(scene) for scene in layout.places}, course)


def signal_line(signal: dsp.Pooled, silent: bool, say: Words) -> str:
    """A signal's name and its value now, or why it is unknown: also while the engine is silent."""
    name = escape(say.signal(signal.name))
    ends = interval(signal)
    if silent or signal.value is None or ends is None:
        reason = say("the engine is silent") if silent else say.sentence(signal.reason)
        why = escape(say("unknown: {why}", why=reason))
        return f'<b>{name}</b><span class="unknown">? {why}</span>'
    half = (ends[1] - ends[0]) / 2
    seats = say("{seats} seats", seats=signal.seats)
    confidence = say("confidence {value:.3f}", value=signal.confidence or 0.0)
    return (
        f'<b>{name}</b><span class="value">{signal.value:+.2f}<small> ± {half:.2f}</small></span>'
        f"<span>{escape(confidence)}</span><span>{escape(seats)}</span>"
    )


def decisions(state: State, say: Words) -> str:
    """The last decisions, newest first."""
    made = reversed(state.status.decisions if state.status else ())
    lines = [
        f"<li><b>{escape(say.scene(decision.scene))} →</b> "
        f"{escape(decision_words(decision, say))}</li>"
        for decision in made
    ]
    nothing = escape(say("none yet"))
    return f"<ul>{''.join(lines)}</ul>" if lines else f"<p>{nothing}</p>"


def log(state: State, say: Words) -> str:
    """What the player did and which faults there are, newest first."""
    faults = state.status.faults if state.status else {}
    lines = [
        f'<li class="fault"><i>▲</i><span>{escape(name)}: {escape(say.sentence(why))}</span></li>'
        for name, why in faults.items()
    ]
    newest = list(reversed(state.log))[:_LOG_LINES]
    lines += [_log_line(event, state.origin_ns, say) for event in newest]
    return f"<ul>{''.join(lines)}</ul>"


def _log_line(event: PlayerEvent, origin_ns: int | None, say: Words) -> str:
    sign, kind = _EVENTS.get(event.kind, ("·", event.kind))
    at = clock_text((event.hall_ns - origin_ns) * 1e-9) if origin_ns is not None else ""
    words = [] if event.kind in _SPEAKING and event.detail else [say(kind)]
    if event.kind == "started":
        words.append(say.scene(event.scene))
        words.append(say(_BY[event.by]) if event.by in _BY else event.by)
    if event.detail:
        words.append(say.sentence(event.detail))
    text = " · ".join(words)
    return (
        f'<li class="{escape(event.kind)}"><time>{at}</time><i>{sign}</i>'
        f"<span>{escape(text)}</span></li>"
    )


def answer(press: Press | None, say: Words) -> str:
    """The last press, and what came of it."""
    if press is None:
        invitation = escape(say("Keys and buttons are answered here."))
        return f'<span class="idle">{invitation}</span>'
    return (
        f'<div class="answer {press.outcome}" data-serial="{press.serial}">'
        f"<i>{_OUTCOMES[press.outcome]}</i><b>{escape(press_name(press, say))}</b>"
        f"<span>{escape(press_answer(press, say))}</span></div>"
    )
