"""What the festival's office does with entries: it runs the festival, and judges nothing."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select, update

from festival_api import letters
from festival_api.editions import LoadedEdition
from festival_api.entries._money import due, held, locked_quote
from festival_api.entries._quotes import requote
from festival_api.entries._records import Entry, find
from festival_api.entries._refusals import NO_STUDENT_PROOF
from festival_api.entries._states import move, require
from festival_api.store import tables as t


def disqualify(c: Connection, entry: Entry, actor: str, reason: str, now: datetime) -> Entry:
    """Take an entry out of the competition, with the reason that its owner is told.

    Raises
    ------
    Refusal
        `wrong_state`.
    """
    move(c, entry.id, "disqualify", actor, now, reason)
    letters.queue(c, entry.owner, "disqualified", {"title": entry.title, "reason": reason}, now)
    return find(c, entry.id)


def accept_free(c: Connection, entry: Entry, actor: str, reason: str, now: datetime) -> Entry:
    """Waive an entry's fee, with the reason, and take it in.

    Raises
    ------
    Refusal
        `wrong_state`.
    """
    move(c, entry.id, "accept_free", actor, now, reason)
    letters.queue(c, entry.owner, "accepted_free", {"title": entry.title, "reason": reason}, now)
    return find(c, entry.id)


def decide_student_proof(
    c: Connection, loaded: LoadedEdition, entry: Entry, accepted: bool, reason: str, now: datetime
) -> Entry:
    """Accept or refuse the proof that an entrant is a student.

    Refused, the entry costs the standard fee of the period in which it was finalised, and goes
    before the jury once the difference is paid. A refusal can be taken back as long as the entry
    waits.

    Raises
    ------
    Refusal
        `wrong_state`; `no_student_proof` when there is nothing to decide.
    """
    require(entry.state, "decide_student_proof")
    if entry.student_proof not in (("waiting", "refused") if accepted else ("waiting",)):
        raise NO_STUDENT_PROOF(proof=entry.student_proof)
    c.execute(
        update(t.entries)
        .where(t.entries.c.id == entry.id)
        .values(student_proof="accepted" if accepted else "refused", changed_at=now)
    )
    quote = locked_quote(c, entry.id)
    if quote is not None and quote.student is not accepted:
        requote(c, loaded, entry, accepted, now)
    if accepted:
        letters.queue(c, entry.owner, "student_proof_accepted", {"title": entry.title}, now)
    else:
        owed = due(c, entry.id)
        words: dict[str, letters.Word] = {
            "title": entry.title,
            "reason": reason,
            "price": letters.money(owed.amount, owed.quote.currency) if owed else "—",
        }
        letters.queue(c, entry.owner, "student_proof_refused", words, now)
    return find(c, entry.id)


def ready_for_recognition(c: Connection, edition: str) -> tuple[list[str], dict[str, list[str]]]:
    """Tell which submitted entries can go before the jury.

    Returns
    -------
    ready : list of str
        Their ids.
    held : dict of str to list of str
        The others, with what holds them: "student_proof", "fee".
    """
    e = t.entries.c
    ids = c.execute(
        select(e.id).where(e.edition == edition, e.state == "submitted").order_by(e.id)
    ).scalars()
    why = {entry_id: held(c, entry_id) for entry_id in ids}
    return [one for one in why if not why[one]], {one: why[one] for one in why if why[one]}
