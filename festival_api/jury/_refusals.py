"""Why the jury's work is refused."""

from __future__ import annotations

from festival_api.refusals import Kind

ONE_FACTION = Kind(
    "one_faction",
    422,
    "A juror belongs to exactly one faction; {count} were named. Name one of: {allowed}.",
)
UNKNOWN_FACTION = Kind(
    "unknown_faction", 422, "This edition has no faction {faction}. Name one of: {allowed}."
)
FACTION_FIXED = Kind(
    "faction_fixed",
    409,
    "This juror has submitted opinions for the faction {faction} and stays in it for this edition.",
)
UNKNOWN_JUROR = Kind("unknown_juror", 404, "There is no such juror in this edition.")
UNKNOWN_WORK = Kind("unknown_work", 404, "There is no such work on your desk, or not any more.")
UNKNOWN_STAGE = Kind(
    "unknown_stage", 404, "The jury works in stages 1 and 2; there is no stage {stage}."
)
UNKNOWN_CONFLICT = Kind("unknown_conflict", 404, "There is no such conflict of interest.")
UNKNOWN_ASSIGNMENT = Kind(
    "unknown_assignment", 404, "This juror is not assigned to this work in this stage."
)
UNKNOWN_PART = Kind("unknown_part", 404, "This work has no such file or link.")

STAGE_NOT_OPEN = Kind("stage_not_open", 409, "Stage {stage} is not open yet.")
STOPPED = Kind("stopped", 409, "Stage {stage} is closed; nothing in it changes any more.")
NOT_IN_STAGE = Kind("not_in_stage", 409, "The work {entry} does not take part in stage {stage}.")
FACTION_NOT_IN_STAGE = Kind(
    "faction_not_in_stage",
    403,
    "The faction {faction} does not take part in stage {stage}, only: {allowed}.",
)

SEALED = Kind(
    "sealed",
    409,
    "What the jury thinks is sealed: for the office until stage {stage} is closed, for jurors"
    " until its results are published and the work is judged no further.",
)

CONFLICT_OF_INTEREST = Kind(
    "conflict_of_interest",
    409,
    "This juror has a conflict of interest with this work ({kinds}). Assign another juror.",
)
OWN_WORK = Kind(
    "own_work", 409, "A juror's own work stays a conflict of interest; it cannot be lifted."
)
LIFTED_ALREADY = Kind("lifted_already", 409, "This conflict of interest is lifted already.")

OPINION_SUBMITTED = Kind(
    "opinion_submitted",
    409,
    "An opinion on this work is submitted and stays, but for a conflict of interest.",
)
NOTHING_TO_SUBMIT = Kind(
    "nothing_to_submit", 409, "Nothing is written on this work yet. Write it first, then submit."
)
REASON_REQUIRED = Kind("reason_required", 422, "A reason is missing: fill in {what}.")
CHECKS_INVALID = Kind(
    "checks_invalid", 422, "The verdict does not fit this edition's checks: {wrong}."
)
SCORE_INVALID = Kind(
    "score_invalid",
    422,
    "One whole number from {lowest} to {highest} is needed for each dimension. Not so: {wrong}.",
)
UNKNOWN_DIMENSION = Kind(
    "unknown_dimension",
    422,
    "This edition's matrix has no dimension {dimension}; it has: {allowed}.",
)
