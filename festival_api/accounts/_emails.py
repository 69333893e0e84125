"""E-mail addresses: checked, and folded for comparing."""

from __future__ import annotations

from email_validator import EmailNotValidError, validate_email

from festival_api.refusals import Kind, Refusal

EMAIL_INVALID = Kind(
    "email_invalid",
    422,
    "Letters cannot be sent to this e-mail address; write one such as name@example.org.",
)


def checked_email(text: str) -> str:
    """Return an address as letters are sent to it.

    Domains beyond ASCII come back in their ``xn--`` form, so that two that look alike stay two;
    names before the @ are ASCII, as the mail servers of most recipients want it.

    Raises
    ------
    Refusal
        `email_invalid`.
    """
    try:
        checked = validate_email(
            text, check_deliverability=False, allow_smtputf8=False, strict=True
        )
    except EmailNotValidError as error:
        raise EMAIL_INVALID() from error
    if checked.ascii_email is None:
        raise EMAIL_INVALID()
    return checked.ascii_email


def email_key(text: str) -> str:
    """Fold any text as an address for comparing: capitals do not tell mailboxes apart."""
    try:
        return checked_email(text.strip()).casefold()
    except Refusal:
        # Nobody has it; but a database takes neither NUL nor half a character.
        shown = (letter if letter.isprintable() else "\ufffd" for letter in text.strip())
        return "".join(shown).casefold()
