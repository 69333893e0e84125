"""What the records of every decision have in common."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Record(BaseModel):
    """A part of a decision's record: nothing unknown, nothing converted, nothing changed later."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Share(Record):
    """An exact share."""

    numerator: int
    denominator: int


class Points(Record):
    """A mean as a sum and a count, so that it is exact."""

    total: int
    count: int


class WorkLeft(Record):
    """A work that was before the jury in the stage and has left the competition."""

    entry: str
    state: str


class Void(Record):
    """An opinion that was submitted and does not count; jurors stand under their pseudonyms."""

    entry: str
    juror: str
    revision: int
    why: str


class Inputs(Record):
    """Of what a decision is: the edition's text by its hash, the stage, the award if it is one."""

    edition: str
    edition_sha256: str
    stage: int
    subject: str

    @property
    def reasons(self) -> str:
        """What people gave as reasons, as it stands in the minutes."""
        return ""
