"""Delivering letters: after the transaction that wrote them, and again when it fails."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Row, func, select, update

from festival_api.ports import Mailer, MailError, Message
from festival_api.store import Database
from festival_api.store import tables as t

_TRIES = 10
_FIRST_WAIT = timedelta(minutes=1)
_LONGEST_WAIT = timedelta(hours=6)
# When so many fail one after the other, it is the mail server: the others wait for the next round.
_IN_VAIN = 5

_Letter = Row[str, str, str, str, str, int]
_GONE = {"recipient": "", "subject": "", "text": ""}


@dataclass(frozen=True, slots=True)
class Delivered:
    """How many letters were handed over in one round, and how many could not be."""

    sent: int
    failed: int


def deliver(database: Database, mailer: Mailer, now: datetime) -> Delivered:
    """Send every letter that is due.

    A letter is claimed by moving its next try into the future, so two deliverers do not send the
    same one; one that was claimed and not sent, because the service ended there, is tried again at
    that time with the same message id. No transaction is open while the mailer works.
    """
    sent = failed = in_vain = 0
    while in_vain < _IN_VAIN:
        with database.write() as c:
            letter = _claim(c, now)
        if letter is None:
            break
        trouble = _send(mailer, letter, now)
        with database.write() as c:
            _record(c, letter, trouble, now)
        sent, failed, in_vain = (
            (sent + 1, failed, 0) if trouble is None else (sent, failed + 1, in_vain + 1)
        )
    return Delivered(sent, failed)


def waiting(c: Connection) -> int:
    """Count the letters that are still to be sent."""
    k = t.letters.c
    query = select(func.count()).where(k.sent_at.is_(None), k.tries < _TRIES)
    return c.execute(query).scalar_one()


def _claim(c: Connection, now: datetime) -> _Letter | None:
    k = t.letters.c
    letter = c.execute(
        select(k.id, k.recipient, k.subject, k.text, k.language, k.tries)
        .where(k.sent_at.is_(None), k.tries < _TRIES, k.next_try_at <= now)
        .order_by(k.next_try_at, k.queued_at, k.id)
        .limit(1)
    ).first()
    if letter is not None:
        wait = min(_FIRST_WAIT * 2**letter.tries, _LONGEST_WAIT)
        c.execute(
            update(t.letters)
            .where(k.id == letter.id)
            .values(tries=letter.tries + 1, next_try_at=now + wait)
        )
    return letter


def _send(mailer: Mailer, letter: _Letter, now: datetime) -> str | None:
    try:
        message = Message(letter.recipient, letter.subject, letter.text, letter.language)
        mailer.send(message, now, letter.id)
    except MailError as error:
        return str(error)[:500]
    return None


def _record(
    c: Connection,
    letter: _Letter,
    trouble: str | None,
    now: datetime,
) -> None:
    # What was sent, and what never can be, is nobody's business here any more.
    if trouble is None:
        values = {"sent_at": now, "trouble": None, **_GONE}
    else:
        values = {"trouble": trouble, **(_GONE if letter.tries + 1 == _TRIES else {})}
    c.execute(update(t.letters).where(t.letters.c.id == letter.id).values(values))
