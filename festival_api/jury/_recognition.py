"""Stage 1 decided: pure, from its records alone.

A work passes a check when more of the verdicts that count pass it than fail it, and fails it when
more fail it. It is recognised when it passes every check, and not recognised when it fails one.
Where neither is so, because verdicts are level, one more verdict is needed: the stage does not
close before that. The share that passes is written beside what the festival expects, and enforces
nothing.
"""

from __future__ import annotations

from collections import Counter
from typing import Final, Literal

from festival_api.jury._record import Inputs, Record, Share, Void, WorkLeft

METHOD: Final = "recognition-1"

CheckResult = Literal["passed", "failed", "level"]


class CountedVerdict(Record):
    """A verdict that counts; `sha256` is of all that the juror wrote."""

    entry: str
    juror: str
    faction: str
    revision: int
    sha256: str
    checks: dict[str, bool]


class RecognitionRules(Record):
    """What the edition asks of stage 1."""

    checks: tuple[str, ...]
    minimum: dict[str, int]
    expected: Share


class RecognitionInputs(Inputs):
    """All that stage 1 is decided from."""

    method: Literal["recognition-1"] = METHOD
    rules: RecognitionRules
    works: tuple[str, ...]
    left: tuple[WorkLeft, ...]
    opinions: tuple[CountedVerdict, ...]
    void: tuple[Void, ...]


class CheckCount(Record):
    """How many verdicts pass and fail a work in one check."""

    passed: int
    failed: int
    outcome: CheckResult


class RecognisedWork(Record):
    """What became of a work; `recognised` is null while verdicts are level."""

    entry: str
    recognised: bool | None
    checks: dict[str, CheckCount]


class RecognitionResult(Record):
    """What stage 1 came to: `recognised` of `works`, beside the share that was expected."""

    works: int
    recognised: int
    expected: Share
    by_work: tuple[RecognisedWork, ...]

    @property
    def kind(self) -> str:
        """What sort of decision it is."""
        return "recognition"

    @property
    def level(self) -> tuple[str, ...]:
        """The works that need one more verdict."""
        return tuple(work.entry for work in self.by_work if work.recognised is None)


def recognise(inputs: RecognitionInputs) -> RecognitionResult:
    """Decide stage 1.

    Raises
    ------
    ValueError
        A verdict is not on these works or not of these checks, or a juror has two on a work.
    """
    if len({(one.entry, one.juror) for one in inputs.opinions}) < len(inputs.opinions):
        raise ValueError("a juror judged a work twice")
    passes: Counter[tuple[str, str]] = Counter()
    fails: Counter[tuple[str, str]] = Counter()
    for verdict in inputs.opinions:
        if verdict.entry not in inputs.works or set(verdict.checks) != set(inputs.rules.checks):
            raise ValueError(f"the verdict of {verdict.juror} on {verdict.entry} fits no work here")
        for check, passed in verdict.checks.items():
            (passes if passed else fails)[verdict.entry, check] += 1
    by_work = []
    for entry in inputs.works:
        checks = {
            check: _count(passes[entry, check], fails[entry, check])
            for check in inputs.rules.checks
        }
        by_work.append(RecognisedWork(entry=entry, recognised=_recognised(checks), checks=checks))
    return RecognitionResult(
        works=len(by_work),
        recognised=sum(work.recognised is True for work in by_work),
        expected=inputs.rules.expected,
        by_work=tuple(by_work),
    )


def _count(passed: int, failed: int) -> CheckCount:
    outcome: CheckResult = "passed" if passed > failed else "failed" if failed > passed else "level"
    return CheckCount(passed=passed, failed=failed, outcome=outcome)


def _recognised(checks: dict[str, CheckCount]) -> bool | None:
    outcomes = {count.outcome for count in checks.values()}
    if "failed" in outcomes:
        return False
    return None if "level" in outcomes else True
