"""What a verdict and a review must hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, WithJsonSchema

from festival_api.editions import Edition
from festival_api.entries import RUN_EVIDENCE_REQUIRED
from festival_api.jury._refusals import (
    CHECKS_INVALID,
    REASON_REQUIRED,
    SCORE_INVALID,
    UNKNOWN_DIMENSION,
)
from festival_api.texts import Body, Line, Prose, Sha256

# A name that a reader of a refusal need not read whole.
_SHOWN = 40

Confidence = Literal["low", "medium", "high"]

Scores = Annotated[
    dict[Line, Any],
    Field(max_length=100),
    WithJsonSchema({"type": "object", "additionalProperties": {"type": "integer"}}),
]
"""Scores as they came: what is no whole number is refused by name, dimension by dimension."""


class CheckOutcome(Body):
    """One check of the first stage."""

    passed: StrictBool
    reason: Annotated[
        Prose,
        Field(
            description="Needed where the check is not passed. Where the work is not recognised for"
            " it, whoever entered it reads this, without your name."
        ),
    ] = ""


class Verdict(Body):
    """A verdict of the first stage: every check of the edition, passed or not."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "checks": {
                        "ai_native": {"passed": True},
                        "feasibility": {"passed": True},
                        "ethics": {"passed": False, "reason": "Nobody consented."},
                    },
                    "comment": "",
                }
            ]
        }
    )

    checks: Annotated[dict[Line, CheckOutcome], Field(max_length=100)]
    comment: Prose = ""
    note: Annotated[Prose, Field(description="For you alone; never shown to anybody else.")] = ""
    reason: Annotated[Prose, Field(description="Why a submitted verdict changes.")] = ""


class Run(Body):
    """Which run of a system the juror saw: its number and seed, or the hash of a recording."""

    run: Line = ""
    seed: Line = ""
    recording_sha256: Sha256 | None = None

    @property
    def is_evidence(self) -> bool:
        """Whether the run can be found again."""
        return self.recording_sha256 is not None or bool(self.run and self.seed)


class Review(Body):
    """A review of the second stage: one score for every dimension of the edition's matrix."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "scores": {
                        "technological_innovation": 70,
                        "artistic_achievement": 85,
                        "commercial_value": 40,
                        "social_impact": 55,
                    },
                    "comment": "Patient and strange.",
                }
            ]
        }
    )

    scores: Scores
    comments: Annotated[dict[Line, Prose], Field(max_length=100)] = Field(
        default_factory=dict, description="By dimension."
    )
    comment: Prose = ""
    note: Annotated[Prose, Field(description="For you alone; never shown to anybody else.")] = ""
    confidence: Confidence | None = None
    runs: Annotated[
        tuple[Run, ...],
        Field(max_length=50, description="Which runs you saw; needed for a generative system."),
    ] = ()
    reason: Annotated[Prose, Field(description="Why a submitted review changes.")] = ""


class VerdictContent(BaseModel):
    """What is stored, counted and shown of a verdict."""

    model_config = ConfigDict(
        frozen=True,
        json_schema_extra={
            "examples": [
                {
                    "checks": {
                        "ai_native": {"passed": True},
                        "feasibility": {"passed": True},
                        "ethics": {"passed": False, "reason": "Nobody consented."},
                    },
                    "comment": "",
                }
            ]
        },
    )

    checks: dict[str, CheckOutcome]
    comment: str


class ReviewContent(BaseModel):
    """What is stored, counted and shown of a review."""

    model_config = ConfigDict(
        frozen=True,
        json_schema_extra={
            "examples": [
                {
                    "scores": {
                        "technological_innovation": 70,
                        "artistic_achievement": 85,
                        "commercial_value": 40,
                        "social_impact": 55,
                    },
                    "comments": {},
                    "comment": "Patient and strange.",
                    "confidence": None,
                    "runs": [],
                }
            ]
        },
    )

    scores: dict[str, int]
    comments: dict[str, str]
    comment: str
    confidence: Confidence | None
    runs: tuple[Run, ...]


def verdict_content(edition: Edition, verdict: Verdict) -> VerdictContent:
    """Check a verdict, and return what is stored of it.

    Raises
    ------
    Refusal
        `checks_invalid` names the checks that are missing or unknown; `reason_required` the failed
        ones without a reason.
    """
    expected = [check.id for check in edition.stage_1.checks]
    wrong = {id_: "missing" for id_ in expected if id_ not in verdict.checks}
    wrong |= {id_: "unknown" for id_ in verdict.checks if id_ not in expected}
    if wrong:
        facts = {"wrong": _listed(wrong, "check"), "expected": expected}
        raise CHECKS_INVALID(facts, wrong=_told(wrong))
    silent = [
        id_ for id_ in expected if not verdict.checks[id_].passed and not verdict.checks[id_].reason
    ]
    if silent:
        places = [f"checks/{id_}/reason" for id_ in silent]
        raise REASON_REQUIRED({"where": places}, what=", ".join(places))
    checks = {id_: verdict.checks[id_] for id_ in expected}
    return VerdictContent(checks=checks, comment=verdict.comment)


def review_content(edition: Edition, category_kind: str, review: Review) -> ReviewContent:
    """Check a review, and return what is stored of it.

    Parameters
    ----------
    category_kind : str
        Kind of the work's category; a "generative_system" is another work on every run, so that its
        review says which.

    Raises
    ------
    Refusal
        `score_invalid` names every dimension that is missing, unknown, or without a whole number on
        the scale; `unknown_dimension` a comment on none; `run_evidence_required`.
    """
    dimensions = [dimension.id for dimension in edition.dimensions]
    _check_scores(edition, dimensions, review.scores)
    for id_ in review.comments:
        if id_ not in dimensions:
            raise UNKNOWN_DIMENSION(
                {"allowed": dimensions}, dimension=id_[:_SHOWN], allowed=", ".join(dimensions)
            )
    if not all(run.is_evidence for run in review.runs) or (
        category_kind == "generative_system" and not review.runs
    ):
        raise RUN_EVIDENCE_REQUIRED(place="runs")
    return ReviewContent(
        scores={id_: review.scores[id_] for id_ in dimensions},
        comments={id_: review.comments[id_] for id_ in dimensions if review.comments.get(id_)},
        comment=review.comment,
        confidence=review.confidence,
        runs=review.runs,
    )


def _check_scores(edition: Edition, dimensions: list[str], scores: Mapping[str, Any]) -> None:
    lowest, highest = edition.scale.lowest, edition.scale.highest
    wrong = {id_: "missing" for id_ in dimensions if id_ not in scores}
    for id_, score in scores.items():
        if id_ not in dimensions:
            wrong[id_] = "unknown"
        elif type(score) is not int:
            wrong[id_] = "not_whole"
        elif not lowest <= score <= highest:
            wrong[id_] = "outside"
    if wrong:
        facts = {
            "wrong": _listed(wrong, "dimension"),
            "expected": dimensions,
            "lowest": lowest,
            "highest": highest,
        }
        raise SCORE_INVALID(facts, lowest=lowest, highest=highest, wrong=_told(wrong))


def _listed(wrong: Mapping[str, str], of: str) -> list[dict[str, str]]:
    return [{of: id_[:_SHOWN], "what": what} for id_, what in sorted(wrong.items())]


def _told(wrong: Mapping[str, str]) -> str:
    return ", ".join(id_[:_SHOWN] for id_ in sorted(wrong))
