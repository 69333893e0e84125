"""What jurors wrote of works that were not recognised, as those who entered them read it."""

from __future__ import annotations

from sqlalchemy import Connection, select

from festival_api.jury._counted import submitted_opinions
from festival_api.jury._masking import Mask
from festival_api.jury._recognition import RecognitionResult
from festival_api.store import tables as t

# A letter's line holds 2,000 characters, and a work has some verdicts.
_LONGEST = 400


def reasons_told(c: Connection, edition: str, result: RecognitionResult) -> dict[str, list[str]]:
    """Return, by work, the reasons that counted verdicts give for the checks it did not pass.

    No juror is named, neither as the author nor, as far as it can be told, in the texts.
    """
    failed = {
        work.entry: [id_ for id_, count in work.checks.items() if count.outcome == "failed"]
        for work in result.by_work
        if work.recognised is False
    }
    a, j = t.accounts.c, t.jurors.c
    called = c.execute(
        select(a.name, j.pseudonym)
        .join_from(t.jurors, t.accounts, a.id == j.account)
        .where(j.edition == edition)
    )
    mask = Mask(name for row in called for name in row if name)
    told: dict[str, list[str]] = {}
    for one in submitted_opinions(c, edition, 1):
        for check in failed.get(one.entry, ()):
            outcome = one.content["checks"][check]
            text = mask.text(" ".join(outcome["reason"].split()))
            if outcome["passed"] or not text:
                continue
            told.setdefault(one.entry, []).append(_short(text))
    # Their order tells no more than they do.
    return {entry: sorted(set(texts)) for entry, texts in told.items()}


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
