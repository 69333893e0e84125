"""Guards and decisions in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from narrative._decision import By, GuardReport, Term, Verdict
from narrative._film import Branch, Film, Scene
from narrative._guard import Compare, Expr, For, SignalValue, format_guard, format_number, walk
from narrative._logic import Facts, Run, judge

__all__ = ["explain", "report", "terms"]


def report(
    branch: Branch, facts: Facts, runs: Mapping[For, Run], stood: tuple[Term, ...] | None
) -> GuardReport:
    """Report one branch; `stood` are its terms as they were when its run was reached."""
    tree = branch.when.tree
    run = (runs[tree].longest_ns / 1e9, tree.duration_s) if isinstance(tree, For) else (None, None)
    return GuardReport(
        when=branch.when.text,
        to=branch.to,
        verdict=_verdict(judge(tree, facts, runs)),
        held_s=run[0],
        needed_s=run[1],
        terms=terms(tree, facts, runs) if stood is None else stood,
    )


def terms(tree: Expr, facts: Facts, runs: Mapping[For, Run]) -> tuple[Term, ...]:
    """Return a guard's comparisons and inner `for`s, in the order of the text."""
    nodes = (node for node in walk(tree) if node is not tree or isinstance(node, Compare))
    return tuple(_term(node, facts, runs) for node in nodes if isinstance(node, (Compare, For)))


def _term(node: Compare | For, facts: Facts, runs: Mapping[For, Run]) -> Term:
    verdict = _verdict(judge(node, facts, runs))
    if isinstance(node, For):
        held_s = runs[node].longest_ns / 1e9
        why = "the readings do not tell" if verdict == "unknown" else ""
        return Term(format_guard(node), held_s, None, verdict, why)
    value, why = facts.look(node.quantity)
    confidence = None
    if isinstance(node.quantity, SignalValue) and node.quantity.signal in facts.readings:
        confidence = facts.readings[node.quantity.signal].confidence
    return Term(format_guard(node), value, confidence, verdict, why)


def _verdict(value: bool | None) -> Verdict:
    return "unknown" if value is None else "true" if value else "false"


def explain(
    film: Film, scene: Scene, to: str, branch: int | None, by: By, reasons: Sequence[GuardReport]
) -> str:
    """Say in one line where the film goes and why."""
    match by:
        case "operator":
            return f"{to}: taken by the operator."
        case "hold":
            return f"{to} by default: the operator holds."
        case "max_runtime":
            longest = format_number(film.max_runtime_s)
            return f"{to} by default: the film has run its {longest} s, branches are closed."
        case "audience" if branch is not None:
            return f"{to}: {_met(reasons[branch])}."
        case _ if not scene.branches:
            return f"{to}: nothing else follows."
    return " ".join(f"{to} by default: {'; '.join(map(_failed, reasons))}.".split())


def _met(reason: GuardReport) -> str:
    """Say what met a guard."""
    shown = ", ".join(_shown(term) for term in reason.terms if term.verdict == "true")
    text = f"{shown or reason.when}{_held(reason)}"
    confidences = [term.confidence for term in reason.terms if term.confidence is not None]
    return f"{text}; confidence {min(confidences):.3f}" if confidences else text


def _failed(reason: GuardReport) -> str:
    """Say what kept a guard from being met: false terms, and unknown ones by their cause."""
    parts = [_shown(term) for term in reason.terms if term.verdict == "false"]
    unknown: dict[str, list[str]] = {}
    for term in reason.terms:
        if term.verdict == "unknown":
            unknown.setdefault(term.why, []).append(term.text)
    parts += [f"{', '.join(texts)} unknown ({why})" for why, texts in unknown.items()]
    return f"not {reason.to}, {', '.join(parts) or reason.when}{_held(reason)}"


def _held(reason: GuardReport) -> str:
    if reason.held_s is None or reason.needed_s is None:
        return ""
    return f", held {reason.held_s:.1f} s of {format_number(reason.needed_s)} s"


def _shown(term: Term) -> str:
    value = "" if term.value is None else f" ({format_number(round(term.value, 2))})"
    return f"{term.text}{value}"
