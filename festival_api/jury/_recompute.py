"""A decision computed again from its own record: no database, no clock, nothing but the record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import ValidationError

from festival_api.jury import _recognition, _selection, _tally
from festival_api.jury._recognition import RecognitionInputs, RecognitionResult, recognise
from festival_api.jury._record import Record
from festival_api.jury._selection import SelectionInputs, SelectionResult, select
from festival_api.jury._stage_refusals import NOT_REPRODUCED
from festival_api.jury._tally import AwardInputs, AwardResult, tally
from festival_api.texts import canonical, sha256_hex

AnyInputs = RecognitionInputs | SelectionInputs | AwardInputs
AnyResult = RecognitionResult | SelectionResult | AwardResult

Difference = Literal[
    "inputs_sha256",
    "result_sha256",
    "method",
    "inputs",
    "edition",
    "stage",
    "subject",
    "reasons",
    "kind",
    "result",
]


@dataclass(frozen=True, slots=True)
class DecisionRecord:
    """What is kept of a decision and follows from its inputs.

    Attributes
    ----------
    kind : str
        "recognition", "selection", "tie" (a second round is due) or "award".
    subject : str
        The award; empty for a stage.
    method : str
        Which rules of counting, with their version.
    inputs, result : str
        Canonical JSON (RFC 8785), exactly as it was hashed.
    inputs_sha256, result_sha256 : str
        Of these.
    reasons : str
        What people gave as reasons.
    """

    edition: str
    stage: int
    kind: str
    subject: str
    method: str
    inputs: str
    inputs_sha256: str
    result: str
    result_sha256: str
    reasons: str

    @property
    def name(self) -> str:
        """What it is called in refusals."""
        return self.subject or f"{self.kind} ({self.stage})"


def written(document: AnyInputs | AnyResult) -> str:
    """Write inputs or a result as they are stored and hashed."""
    return canonical(document.model_dump(mode="json"))


def result_of(inputs: AnyInputs) -> AnyResult:
    """Decide.

    Raises
    ------
    ValueError
        The inputs contradict themselves.
    """
    if isinstance(inputs, RecognitionInputs):
        return recognise(inputs)
    return select(inputs) if isinstance(inputs, SelectionInputs) else tally(inputs)


def record_of(inputs: AnyInputs) -> tuple[DecisionRecord, AnyResult]:
    """Decide, and return the decision's record and its result.

    Raises
    ------
    ValueError
        The inputs contradict themselves.
    """
    result = result_of(inputs)
    asked, told = written(inputs), written(result)
    record = DecisionRecord(
        edition=inputs.edition,
        stage=inputs.stage,
        kind=result.kind,
        subject=inputs.subject,
        method=inputs.method,
        inputs=asked,
        inputs_sha256=sha256_hex(asked),
        result=told,
        result_sha256=sha256_hex(told),
        reasons=inputs.reasons,
    )
    return record, result


def recompute(record: DecisionRecord) -> tuple[Difference, ...]:
    """Compute a decision again from its record.

    Returns
    -------
    tuple of str
        The members that are not what they must be; empty for a sound record. "inputs": they cannot
        be read, are not written canonically, or contradict themselves.
    """
    differences: list[Difference] = []
    if sha256_hex(record.inputs) != record.inputs_sha256:
        differences.append("inputs_sha256")
    if sha256_hex(record.result) != record.result_sha256:
        differences.append("result_sha256")
    model = _INPUTS.get(record.method)
    if model is None:
        return (*differences, "method")
    try:
        inputs = model.model_validate_json(record.inputs)
        again, _ = record_of(inputs)
    except (ValidationError, ValueError, ArithmeticError, LookupError):
        return (*differences, "inputs")
    names: tuple[Difference, ...] = (
        *("method", "inputs", "edition", "stage", "subject", "reasons", "kind", "result"),
    )
    differences += [name for name in names if getattr(again, name) != getattr(record, name)]
    return tuple(differences)


def read_inputs(record: DecisionRecord) -> Any:
    """Return a record's inputs as what its method takes.

    Raises
    ------
    Refusal
        `not_reproduced`, when they cannot be read.
    """
    return _read(record, _INPUTS, record.inputs, "inputs")


def read_result(record: DecisionRecord) -> Any:
    """Return a record's result as what its method gives.

    Raises
    ------
    Refusal
        `not_reproduced`, when it cannot be read.
    """
    return _read(record, _RESULTS, record.result, "result")


def _read(
    record: DecisionRecord, models: Mapping[str, type[Record]], text: str, part: Difference
) -> Record:
    model = models.get(record.method)
    if model is None:
        raise NOT_REPRODUCED({"differences": ["method"]}, decision=record.name)
    try:
        return model.model_validate_json(text)
    except ValidationError:
        raise NOT_REPRODUCED({"differences": [part]}, decision=record.name) from None


_INPUTS: Mapping[str, type[AnyInputs]] = {
    _recognition.METHOD: RecognitionInputs,
    _selection.METHOD: SelectionInputs,
    _tally.METHOD: AwardInputs,
}
_RESULTS: Mapping[str, type[AnyResult]] = {
    _recognition.METHOD: RecognitionResult,
    _selection.METHOD: SelectionResult,
    _tally.METHOD: AwardResult,
}
