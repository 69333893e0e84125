"""The page of a session: its picture and tables, in one HTML file that needs no network."""

from __future__ import annotations

import base64
import importlib.resources
import math
from collections.abc import Iterable, Sequence
from html import escape

import msgspec

import dsp
import narrative
from engine.signals._film import Choice
from engine.signals._picture import DPI, clock, summary_of
from engine.signals._reading import Signals
from engine.signals._summary import seat_rows, signal_rows

_NONE = "–"


def page(signals: Signals, png: bytes) -> str:
    """Write a session's page.

    Parameters
    ----------
    signals : Signals
        Read by `read_signals`.
    png : bytes
        Its picture, from `png_of`.
    """
    style = importlib.resources.files("engine.signals").joinpath("page.css").read_text("utf-8")
    title = signals.configuration.title
    body = [
        f"<header><h1>{escape(title)}</h1><p>{escape(summary_of(signals))}</p></header>",
        "<main>",
        _picture(signals, png),
        _scenes(signals),
        _choices(signals),
        _signals(signals),
        _seats(signals),
        _configuration(signals),
        "</main>",
    ]
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8"/>\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1"/>\n'
        f"<title>{escape(title)}: signals</title>\n<style>\n{style}</style>\n</head>\n<body>\n"
        + "\n".join(body)
        + "\n</body>\n</html>\n"
    )


def _picture(signals: Signals, png: bytes) -> str:
    names = ", ".join(name.replace("_", " ") for name in signals.offered) or "no signal"
    told = (
        f"Panels over {clock(signals.length_s)} of hall time: the film's scenes with the choices "
        f"between them, the quality of {len(signals.seats.names)} seats, and {names}. "
        "The tables below tell the same in numbers."
    )
    # A PNG file tells its width in bytes 16 to 19; a page has 96 pixels to the inch.
    width = round(int.from_bytes(png[16:20], "big") * 96 / DPI)
    image = base64.b64encode(png).decode("ascii")
    return (
        f'<figure><img width="{width}" alt="{escape(told)}" '
        f'src="data:image/png;base64,{image}"/></figure>'
    )


def _scenes(signals: Signals) -> str:
    rows = []
    for visit in signals.visits:
        title = signals.film.scenes[visit.scene].title.get("en", "")
        rows.append(
            (
                visit.scene,
                title or _NONE,
                clock(visit.start_s),
                f"{visit.stop_s - visit.start_s:.1f} s",
                visit.by or _NONE,
            )
        )
    caption = "What was on the screen, and whose cut it was: the player's record."
    heads = ("scene", "title", "at", "length", "cut by")
    table = _table(caption, heads, rows, numbers=(2, 3)) if rows else "<p>Nothing was shown.</p>"
    pauses = "".join(
        f"<p>The slate was up from {clock(start_s)} to {clock(stop_s)}.</p>"
        for start_s, stop_s in signals.pauses
    )
    breaks = "".join(
        f"<p>The hall was interrupted at {clock(at_s)}; the time until it went on is left out.</p>"
        for at_s in signals.breaks_s
    )
    return f"<h2>Scenes</h2>\n{table}{pauses}{breaks}"


def _choices(signals: Signals) -> str:
    if not signals.choices:
        return "<h2>Decisions</h2>\n<p>There was nothing to decide.</p>"
    numbered = list(enumerate(signals.choices, 1))
    rows = [
        (
            str(number),
            clock(choice.at_s),
            choice.scene,
            choice.to,
            choice.by or _NONE,
            _why(choice),
        )
        for number, choice in numbered
    ]
    caption = "Where the film could have gone another way; the numbers are those of the picture."
    heads = ("", "at", "scene", "to", "by", "why")
    table = _table(caption, heads, rows, numbers=(1,))
    details = "\n".join(_details(number, choice) for number, choice in numbered)
    return f"<h2>Decisions</h2>\n{table}\n<h2>Readings behind the decisions</h2>\n{details}"


def _why(choice: Choice) -> str:
    """Tell the engine's reasons, also where another's choice was followed."""
    if choice.record is None:
        return "no engine decided; the player went on by itself"
    decision = choice.record.decision
    own = choice.by == decision.by
    return decision.explanation if own else f"the engine's own decision: {decision.explanation}"


def _details(number: int, choice: Choice) -> str:
    if choice.record is None:
        return ""
    decision = choice.record.decision
    head = f"{number}. {clock(choice.at_s)} {choice.scene} → {choice.to}"
    return (
        f'<section class="decision"><h3>{escape(head)}</h3>'
        f"{_readings(decision)}{_guards(decision)}</section>"
    )


def _readings(decision: narrative.Decision) -> str:
    rows = [
        (
            name.replace("_", " "),
            _number(reading.value),
            _number(reading.t),
            _number(reading.confidence, 3),
            str(reading.seats),
            reading.reason or _NONE,
        )
        for name, reading in decision.readings
    ]
    heads = ("signal", "value", "t", "confidence", "seats", "unknown because")
    return _table("Readings at the decision", heads, rows, numbers=(1, 2, 3, 4)) if rows else ""


def _guards(decision: narrative.Decision) -> str:
    rows = [
        (
            report.to,
            report.when,
            report.verdict,
            _number(report.held_s, 1, " s"),
            _number(report.needed_s, 1, " s"),
            "; ".join(_term(term) for term in report.terms),
        )
        for report in decision.reasons
    ]
    heads = ("branch", "condition", "met", "held", "needed", "terms")
    return _table("Conditions of the branches", heads, rows, numbers=(3, 4)) if rows else ""


def _term(term: narrative.Term) -> str:
    value = f" ({term.value:.3g})" if term.value is not None else ""
    why = f", {term.why}" if term.why else ""
    return f"{term.text}{value}: {term.verdict}{why}"


def _signals(signals: Signals) -> str:
    rows = [
        (
            row.name.replace("_", " "),
            f"{row.known:.1%}",
            _number(row.mean),
            _number(row.seats, 0),
            _shares(row.reasons),
        )
        for row in signal_rows(signals)
    ]
    caption = "Shares of the hall's seconds; mean value and median of valid seats while known."
    heads = ("signal", "known", "mean", "seats", "unknown because")
    return "<h2>Signals</h2>\n" + _table(caption, heads, rows, numbers=(1, 2, 3))


def _seats(signals: Signals) -> str:
    rest = signals.everyone - len(signals.seats.names)
    others = ""
    if rest:
        who = "1 seat does" if rest == 1 else f"{rest} seats do"
        others = f"<p>{who} not allow recording and can be seen in the pooled values only.</p>"
    rows = [
        (
            row.name,
            f"{row.good:.1%}",
            _number(row.weight),
            _number(row.share, 4),
            _shares(row.flags),
        )
        for row in seat_rows(signals)
    ]
    caption = (
        "Shares of the recorded seconds. Good: without any flag. Weight: mean weight in the "
        "audience while a signal of the seat's montage was known. Correlation: the seat's own "
        "with the others, mean."
    )
    heads = ("seat", "good", "weight", "correlation", "flags")
    table = _table(caption, heads, rows, numbers=(1, 2, 3)) if rows else ""
    return f"<h2>Seats</h2>\n{table}{others}"


def _configuration(signals: Signals) -> str:
    configuration = signals.configuration
    facts = [
        ("film", f"{configuration.film_name} {configuration.film_sha256[:12]}".strip()),
        ("started", configuration.started_at),
    ]
    if (control := configuration.control) is not None:
        seed = "" if control.seed is None else f", seed {control.seed}"
        facts.append(("study", f"{control.kind}, arm {control.arm}{seed}"))
        if control.session:
            facts.append(("yoked to", control.session))
    facts += [(f"version of {name}", text) for name, text in configuration.versions.items()]
    usual = msgspec.to_builtins(dsp.Settings())
    changed = [
        (name, str(value), str(usual[name]))
        for name, value in msgspec.to_builtins(configuration.settings).items()
        if value != usual[name]
    ]
    heads = ("setting", "value", "default")
    settings = (
        _table("Settings that differ from their defaults", heads, changed, numbers=(1, 2))
        if changed
        else "<p>All settings have their defaults.</p>"
    )
    table = _table("The show", ("what", "value"), facts)
    return f"<h2>Configuration</h2>\n{settings}\n{table}"


def _shares(shares: Sequence[tuple[str, float]]) -> str:
    return ", ".join(f"{text} {share:.1%}" for text, share in shares) or _NONE


def _number(value: float | None, digits: int = 2, unit: str = "") -> str:
    if value is None or math.isnan(value):
        return _NONE
    return f"{value:.{digits}f}{unit}"


def _table(
    caption: str,
    heads: Sequence[str],
    rows: Iterable[Sequence[str]],
    numbers: Sequence[int] = (),
) -> str:
    """Write a table whose first column heads its rows."""

    def kind(column: int) -> str:
        return ' class="number"' if column in numbers else ""

    head = "".join(
        f'<th scope="col"{kind(column)}>{escape(text)}</th>' for column, text in enumerate(heads)
    )
    lines = [
        "<tr>"
        + f'<th scope="row">{escape(first)}</th>'
        + "".join(f"<td{kind(i)}>{escape(text)}</td>" for i, text in enumerate(rest, 1))
        + "</tr>"
        for first, *rest in rows
    ]
    return (
        f'<div class="scroll"><table><caption>{escape(caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>\n" + "\n".join(lines) + "\n</tbody></table></div>"
    )
