"""Writing a letter."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, insert, select

from festival_api.letters._kinds import KINDS
from festival_api.letters._words import Word, in_language
from festival_api.speech import Language, translated
from festival_api.store import new_id
from festival_api.store import tables as t

# A title of 300 characters would fill a reader's screen, and mail programs refuse very long
# subjects.
_LONGEST_SUBJECT = 200


def queue(
    c: Connection,
    account: str,
    kind: str,
    words: Mapping[str, Word],
    now: datetime,
    *,
    to: str | None = None,
) -> None:
    """Write a letter to an account; it is sent once the transaction is kept.

    An erased account gets none.

    Parameters
    ----------
    c : Connection
        Of the transaction that causes the letter.
    account : str
        To whom.
    kind : str
        One of `KINDS`.
    words : mapping of str to Word
        What its placeholders stand for, exactly these.
    now : datetime
        From when on it may be sent.
    to : str, optional
        Another address than the account's present one.

    Raises
    ------
    KeyError, ValueError
        There is no such kind, or these are not its words.
    """
    letter = KINDS[kind]
    if set(words) != letter.words:
        raise ValueError(
            f"a letter {kind} is filled with {sorted(letter.words)}, not {sorted(words)}"
        )
    a = t.accounts.c
    row = c.execute(select(a.email, a.language).where(a.id == account)).one()
    if row.email is None:
        return
    language: Language = "zh-Hant" if row.language == "zh-Hant" else "en"
    filled = {name: in_language(word, language) for name, word in words.items()}
    c.execute(
        insert(t.letters).values(
            id=new_id(),
            account=account,
            kind=kind,
            recipient=to or row.email,
            language=language,
            subject=translated(letter.subject, language).format(**filled)[:_LONGEST_SUBJECT],
            text=translated(letter.text, language).format(**filled),
            queued_at=now,
            tries=0,
            next_try_at=now,
        )
    )
