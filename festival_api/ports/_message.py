"""A message, and the text that goes over the wire (RFC 5322)."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

__all__ = ["MailError", "Message", "checked_address", "rfc5322"]

# RFC 5321 section 4.1.2, without quoted local parts and address literals: nobody enters a festival
# from these.
_ADDRESS = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
)
_LONGEST_ADDRESS = 254
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")
_MESSAGE_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_LONGEST_SUBJECT = 250

# Categories that no line of text holds: controls, halves of surrogate pairs, separators of lines
# and paragraphs. Python's and others' readers take some of them for the end of a line.
_NOT_IN_A_LINE = frozenset({"Cc", "Cs", "Zl", "Zp"})

# Seven bits only, so that every server takes it as it is.
_WIRE = SMTP.clone(cte_type="7bit")


class MailError(Exception):
    """A message cannot be made or was not handed over; the text says what failed and what to do."""


@dataclass(frozen=True, slots=True)
class Message:
    """Plain text for one recipient.

    Parameters
    ----------
    to : str
        Bare address; a name beside it is refused, as is anything that could become a second header
        or recipient. Domains beyond ASCII are written in their ``xn--`` form.
    subject : str
        One line, 1 to 250 characters of any script.
    text : str
        Body, any script; no control characters but line ends and tabs.
    language : str
        Language tag of the text (BCP 47), such as "en" or "zh-Hant".

    Raises
    ------
    MailError
        One of these cannot stand in a message.
    """

    to: str
    subject: str
    text: str
    language: str

    def __post_init__(self) -> None:
        checked_address(self.to)
        if not self.subject.strip() or len(self.subject) > _LONGEST_SUBJECT:
            raise MailError(
                f"the subject has {len(self.subject)} characters: write 1 to {_LONGEST_SUBJECT}"
            )
        _refuse_characters("subject", self.subject, allowed="")
        _refuse_characters("text", self.text, allowed="\r\n\t\u2028\u2029")
        if not _LANGUAGE.fullmatch(self.language):
            raise MailError(
                f"{self.language!r} is no language tag: write one such as en or zh-Hant"
            )


def checked_address(address: str) -> str:
    """Give back an address that can stand in a message.

    Raises
    ------
    MailError
        It cannot.
    """
    if len(address) > _LONGEST_ADDRESS or not _ADDRESS.fullmatch(address):
        raise MailError(
            f"{address[:_LONGEST_ADDRESS]!r} is not an address that mail can be sent to: write one"
            " such as name@example.org, without a name, spaces or brackets"
        )
    return address


def rfc5322(message: Message, sender: str, now: datetime, message_id: str) -> bytes:
    """Write a message out as it is sent and stored.

    Parameters
    ----------
    message : Message
        What to say, and to whom.
    sender : str
        Bare address.
    now : datetime
        Aware.
    message_id : str
        1 to 64 letters, digits, ``-`` and ``_``.

    Raises
    ------
    MailError
        `message_id` is another text.
    ValueError
        `now` is not aware.
    """
    if not _MESSAGE_ID.fullmatch(message_id):
        raise MailError(
            f"message id {message_id!r}: write 1 to 64 letters, digits, - and _, and never the same"
        )
    if now.tzinfo is None:
        raise ValueError("the time of a message has no time zone")
    headers = {
        "From": sender,
        "To": message.to,
        "Subject": _encoded(message.subject),
        "Date": format_datetime(now),
        "Message-ID": f"<{message_id}@{sender.rpartition('@')[2]}>",
        "Content-Language": message.language,
        "Auto-Submitted": "auto-generated",  # keeps holiday notices from answering (RFC 3834)
    }
    # All were checked, so they are written as they are: EmailMessage folds long addresses and
    # subjects so that they read differently.
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    body = EmailMessage(policy=_WIRE)
    body.set_content(message.text)
    return head.encode("ascii") + body.as_bytes()


def _encoded(subject: str) -> str:
    """Subject as header text: all of it encoded words (RFC 2047), or none of it."""
    plain = len(subject) <= 60 and subject.isascii() and " ".join(subject.split()) == subject
    if plain and "=?" not in subject:
        return subject
    return Header(subject, "utf-8", header_name="Subject").encode(linesep="\r\n")


def _refuse_characters(field: str, text: str, *, allowed: str) -> None:
    for at, character in enumerate(text):
        if unicodedata.category(character) in _NOT_IN_A_LINE and character not in allowed:
            raise MailError(
                f"the {field} has U+{ord(character):04X} at character {at + 1}: leave it out"
            )
