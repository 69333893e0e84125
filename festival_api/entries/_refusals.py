"""Why the service does not do with an entry what it was asked."""

from __future__ import annotations

from festival_api.refusals import Kind

UNKNOWN_ENTRY = Kind(
    "unknown_entry", 404, "There is no such entry here, or it is not yours to see."
)
UNKNOWN_SNAPSHOT = Kind("unknown_snapshot", 404, "This entry has no snapshot {number}.")
WRONG_STATE = Kind(
    "wrong_state",
    409,
    "An entry that is {state} does not take {action}. `allowed` names what can be done now.",
)
STALE = Kind(
    "stale",
    409,
    "The entry was changed since you read it: this is version {version}. Read it again, then"
    " repeat your change.",
)
HELD = Kind(
    "entry_held",
    409,
    "The entry waits for its student proof to be decided or its fee to be settled.",
)
PAYMENT_UNDER_WAY = Kind(
    "payment_under_way",
    409,
    "A payment for this entry is made or under way, so it stays as it is. Withdraw the entry to"
    " end it.",
)
FINALISED_BEFORE = Kind(
    "finalised_before",
    409,
    "This entry was finalised before, and what was finalised is kept. Withdraw it instead.",
)
QUOTE_MISMATCH = Kind(
    "quote_mismatch",
    409,
    "The price is {price}, which is not what was sent. Look at the new quote and send its amount.",
)
UNKNOWN_QUOTE = Kind(
    "unknown_quote", 409, "This entry has no quote {quote} any more. Ask for a new one."
)
NOTHING_DUE = Kind("nothing_due", 409, "Nothing is to be paid for this entry.")
NO_STUDENT_PROOF = Kind(
    "no_student_proof", 409, "There is no student proof to decide on: it is {proof}."
)

INCOMPLETE = Kind(
    "incomplete", 422, "{place} is not filled in. Fill it in before the entry can be finalised."
)
TRANSLATION_MISSING = Kind(
    "translation_missing",
    422,
    "{place} is missing. Public texts are needed in English and in Traditional Chinese: write it.",
)
AI_DECLARATION_REQUIRED = Kind(
    "ai_declaration_required",
    422,
    "The AI declaration is not whole: {place} is missing. Say which tools made what, how a human"
    " guided them, with which prompts and process, and that you hold the rights.",
)
CONSENT_REQUIRED = Kind(
    "consent_required",
    422,
    "{place}: each person whose likeness or voice is used must have consented. Name them with"
    " their consent, or state that nobody is depicted.",
)
FILM_REQUIRED = Kind(
    "film_required", 422, "There is nothing to watch: upload the film, or give a link to it."
)
ENTRY_POINT_REQUIRED = Kind(
    "entry_point_required",
    422,
    "{place} is missing. An interactive work needs instructions for playing, and a build or the"
    " address at which it begins.",
)
PACKAGE_REQUIRED = Kind(
    "package_required",
    422,
    "{place} is missing. A generative system is entered as a package file, with instructions for"
    " running it.",
)
RUN_EVIDENCE_REQUIRED = Kind(
    "run_evidence_required",
    422,
    "{place}: evidence of runs is missing or not whole. Name each run with its seed, or give its"
    " recording with SHA-256; the entry of a generative system needs both, of two runs with"
    " different seeds.",
)
FILE_UNFINISHED = Kind(
    "file_unfinished",
    422,
    "The file {name} is not whole ({state}). Finish its upload, or delete it.",
)
FILE_MISSING = Kind(
    "file_missing",
    422,
    "{place} names a file that is not among this entry's uploads of that kind. Upload it, or take"
    " the name out.",
)
PROOF_REQUIRED = Kind(
    "proof_required",
    422,
    "The student's fee needs proof: upload a student card or letter, or enter without the"
    " student's fee.",
)
LINK_DEAD = Kind(
    "link_dead",
    422,
    "The link {url} does not lead to the work; `links` says why. Mend it, or give another.",
)
