"""Why stages, decisions and the committee's work are refused."""

from __future__ import annotations

from festival_api.refusals import Kind

WRONG_STAGE_STATE = Kind(
    "wrong_stage_state",
    409,
    "Stage {stage} is {state} and does not take {action}. `allowed` names what can be done now.",
)
PREVIOUS_STAGE_DUE = Kind(
    "previous_stage_due", 409, "Stage {stage} opens once stage {previous} is published."
)
ENTRIES_STILL_TAKEN = Kind(
    "entries_still_taken",
    409,
    "Entries are taken until {until}; stage 1 closes after that, so that all are judged.",
)
ENTRIES_WAITING = Kind(
    "entries_waiting",
    409,
    "{count} entries are not before the jury yet; `waiting` names them. Settle what holds them,"
    " then admit them.",
)
INSUFFICIENT_REVIEWS = Kind(
    "insufficient_reviews",
    409,
    "{count} works cannot be decided yet; `works` names them and the opinions they lack.",
)
LINE_NEEDS_JURORS = Kind(
    "line_needs_jurors",
    409,
    "{count} works lie within one standard error of the line; `works` names them. Let each have one"
    " more juror, or give a reason why not.",
)
TIE_OPEN = Kind(
    "tie_open",
    409,
    "Nothing tells apart {count} works on the line, for {places} places; `works` names them. Close"
    " with the committee's choice and its reason.",
)
CHOICE_INVALID = Kind(
    "choice_invalid",
    422,
    "The committee chooses exactly {places} of the works that are level on the line, with a reason;"
    " `works` names them.",
)
NOTHING_TO_CHOOSE = Kind(
    "nothing_to_choose", 422, "There is nothing for the committee to choose here. Leave it out."
)
DECISION_OUTDATED = Kind(
    "decision_outdated",
    409,
    "Since stage {stage} was closed, works or opinions that it was decided from have changed. Open"
    " it again and close it anew.",
)
NOT_REPRODUCED = Kind(
    "not_reproduced",
    409,
    "The decision {decision} does not follow from its own records; `differences` names what"
    " differs. Nothing is published from it.",
)
UNKNOWN_DECISION = Kind(
    "unknown_decision", 404, "There is no such decision, or it is not yours to see."
)
NOT_DECIDED = Kind("not_decided", 409, "Stage {stage} is not decided yet, or its result is sealed.")

SEED_REQUIRED = Kind(
    "seed_required",
    409,
    "This edition draws lots for works that are level on the line. Commit the seed first.",
)
SEED_COMMITTED = Kind("seed_committed", 409, "A seed is committed already, and stays.")
TOO_LATE_FOR_SEED = Kind(
    "too_late_for_seed", 409, "Stage {stage} has been opened: a seed is committed before that."
)

AWARD_LIST_INCOMPLETE = Kind(
    "award_list_incomplete",
    409,
    "The list of awards must be whole before the committee works: {announced} of {expected} are"
    " announced.",
)
COMMITTEE_TOO_SMALL = Kind(
    "committee_too_small",
    409,
    "The core committee has {members} members, and its quorum is {quorum}. Appoint more.",
)
NOT_IN_COMMITTEE = Kind("not_in_committee", 403, "This is for members of the core committee only.")
NOT_ON_PANEL = Kind(
    "not_on_panel", 403, "On this award only these factions of the committee vote: {allowed}."
)
NOT_FOR_COMMITTEE = Kind(
    "not_for_committee", 409, "The award {award} is decided by token holders, not by the committee."
)
UNKNOWN_AWARD = Kind("unknown_award", 404, "This edition has no award {award}.")
NOT_A_FINALIST = Kind(
    "not_a_finalist", 422, "This entry does not stand for it; `candidates` names those that do."
)
NOT_VIEWED = Kind(
    "not_viewed",
    409,
    "No viewing of this work with you present is recorded. A member votes for what they have seen.",
)
RECUSED = Kind(
    "recused",
    409,
    "You have a conflict of interest with a work that stands for this award, and do not vote on"
    " it.",
)
DOUBLE_VOTE = Kind("double_vote", 409, "Your ballot on this award is cast already, and stays.")
AWARD_COUNTED = Kind("award_counted", 409, "The ballots on the award {award} are counted already.")
QUORUM_MISSING = Kind(
    "quorum_missing", 409, "{cast} ballots are cast on the award {award}; {needed} are needed."
)
AWARDS_UNDECIDED = Kind(
    "awards_undecided", 409, "{count} awards are not decided yet; `awards` names them."
)
NOT_HELD_YET = Kind(
    "not_held_yet", 422, "A viewing or defence is recorded once it was held, not before."
)
NOBODY_THERE = Kind(
    "nobody_there",
    422,
    "Name who was there. Only a correction may name nobody, for what did not take place.",
)
UNKNOWN_HEARING = Kind("unknown_hearing", 404, "There is no such viewing or defence to correct.")
HEARING_REPLACED = Kind(
    "hearing_replaced", 409, "This record was corrected already. Correct the newer one."
)
