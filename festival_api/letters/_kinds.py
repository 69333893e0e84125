"""The letters that the service writes.

English is the key of the Chinese in the catalogue. The letters that go to an address nobody has
proven yet say nothing that their sender could choose: otherwise anybody could have the festival
send his words to strangers.
"""

from __future__ import annotations

import string
from dataclasses import dataclass

from festival_api.speech import say


@dataclass(frozen=True, slots=True)
class LetterKind:
    """A kind of letter: its subject and text, with ``{placeholders}``."""

    subject: str
    text: str

    @property
    def words(self) -> set[str]:
        """Names of the placeholders."""
        parts = string.Formatter().parse(self.subject + self.text)
        return {name for _, name, _, _ in parts if name is not None}


KINDS: dict[str, LetterKind] = {
    "confirm": LetterKind(
        say("Confirm your e-mail address"),
        say(
            "Somebody, most likely you, opened an account with this address at the festival.\n\n"
            "To confirm that the address is yours, open this page within 48 hours and press the"
            " button:\n{link}\n\n"
            "Or give this code where you are asked for it:\n{code}\n\n"
            "If it was not you, do nothing: without this step the account is of no use to anybody."
        ),
    ),
    "already_registered": LetterKind(
        say("You have an account already"),
        say(
            "Somebody, most likely you, wanted to open an account or to confirm one with this"
            " address at the festival."
            " There is one already, and nothing was changed.\n\n"
            "Sign in with your password. If you no longer know it, ask for a new one.\n\n"
            "If it was not you, do nothing."
        ),
    ),
    "reset": LetterKind(
        say("Choose a new password"),
        say(
            "Somebody, most likely you, asked for a new password for the account with this address"
            " at the festival.\n\n"
            "To choose one, open this page within two hours:\n{link}\n\n"
            "Or give this code where you are asked for it:\n{code}\n\n"
            "If it was not you, do nothing: your password stays as it is."
        ),
    ),
    "change_email": LetterKind(
        say("Confirm your new e-mail address"),
        say(
            "The holder of an account at the festival wants to use this address from now on.\n\n"
            "To confirm that the address is yours, open this page within 48 hours and press the"
            " button:\n{link}\n\n"
            "Or give this code where you are asked for it:\n{code}\n\n"
            "If it was not you, do nothing."
        ),
    ),
    "email_changed": LetterKind(
        say("Your e-mail address was changed"),
        say(
            "Your account at the festival now has another e-mail address. No further letters come"
            " to this one.\n\n"
            "If it was not you, write to the festival office at once."
        ),
    ),
    "password_changed": LetterKind(
        say("Your password was changed"),
        say(
            "The password of your account at the festival was changed, and all other sessions were"
            " ended.\n\n"
            "If it was not you, ask for a new password at once."
        ),
    ),
    "imported": LetterKind(
        say("Your entry from FilmFreeway: {title}"),
        say(
            "The office of {edition} has brought your entry “{title}” (number {number}) over from"
            " FilmFreeway. It is a draft: it is not complete before you add the AI declaration and"
            " finalise it.\n\n"
            "To take it up, open this page, enter this e-mail address and choose a password; if you"
            " have an account already, sign in:\n{link}\n\n"
            "If the entry is not yours, do nothing."
        ),
    ),
    "finalised": LetterKind(
        say("To pay: {title}"),
        say(
            "Your entry “{title}” is complete and was fixed as it stands.\n\n"
            "The fee is {price}. This price is held for you until {expires}. Please pay by then:"
            " with the payment the"
            " entry is submitted. Otherwise it lapses, and the price is worked out anew when you"
            " complete it again."
        ),
    ),
    "paid": LetterKind(
        say("Submitted: {title}"),
        say(
            "We have received your payment. Your entry “{title}” is submitted.\n\n"
            "Receipt\n"
            "Amount: {price}\n"
            "Category: {category}\n"
            "Student: {student}\n"
            "Period: {period}\n"
            "Fee table: version {version}\n"
            "Received: {at}"
        ),
    ),
    "payment_failed": LetterKind(
        say("Payment failed: {title}"),
        say(
            "Your payment for the entry “{title}” did not succeed, and nothing was taken.\n\n"
            "The price of {price} is held for you until {expires}. Please try again by then."
        ),
    ),
    "lapsing_soon": LetterKind(
        say("Still to pay: {title}"),
        say(
            "Your entry “{title}” is not paid yet. The price of {price} is held for you until"
            " {expires}; after that the"
            " entry lapses."
        ),
    ),
    "accepted_free": LetterKind(
        say("Submitted: {title}"),
        say(
            "The festival office waives the fee of your entry “{title}”. It is submitted; nothing"
            " is to be paid.\n\n"
            "Reason: {reason}"
        ),
    ),
    "lapsed": LetterKind(
        say("Lapsed: {title}"),
        say(
            "Your entry “{title}” was not paid in time and has lapsed. Nothing is lost: as long as"
            " entries are open, you"
            " can take it up again at the price of that day."
        ),
    ),
    "refunded": LetterKind(
        say("Refund: {title}"),
        say(
            "For your entry “{title}” we have given back {price}, by the way that you paid. It may"
            " take some days to"
            " arrive.\n\n"
            "Reason: {reason}"
        ),
    ),
    "withdrawn": LetterKind(
        say("Withdrawn: {title}"),
        say("Your entry “{title}” is withdrawn. It takes no further part in the festival."),
    ),
    "disqualified": LetterKind(
        say("Disqualified: {title}"),
        say(
            "Your entry “{title}” was disqualified and takes no further part in the"
            " competition.\n\n"
            "Reason: {reason}\n\n"
            "If you think this is a mistake, write to the festival office."
        ),
    ),
    "student_proof_accepted": LetterKind(
        say("Student proof accepted: {title}"),
        say("We have accepted the student proof of your entry “{title}”. The student fee stands."),
    ),
    "student_proof_refused": LetterKind(
        say("Student proof refused: {title}"),
        say(
            "We could not accept the student proof of your entry “{title}”.\n\n"
            "Reason: {reason}\n\n"
            "The standard fee applies; {price} is still to be paid before the entry can be judged."
        ),
    ),
    "result_recognised": LetterKind(
        say("Recognised: {title}"),
        say(
            "Your entry “{title}” passed the first stage: it is recognised as an AI-native work"
            " and goes on to the"
            " evaluation by all four factions of the jury."
        ),
    ),
    "result_not_recognised": LetterKind(
        say("Result of the first stage: {title}"),
        say(
            "Your entry “{title}” did not pass the first stage and takes no further part in the"
            " competition.\n\n"
            "{reasons}\n\n"
            "Thank you for showing us your work."
        ),
    ),
    "result_finalist": LetterKind(
        say("Finalist: {title}"),
        say(
            "Your entry “{title}” is a finalist. The core committee will see it, and may invite"
            " you to speak about it,"
            " before it votes on the awards."
        ),
    ),
    "result_not_selected": LetterKind(
        say("Result of the second stage: {title}"),
        say(
            "Your entry “{title}” was evaluated by the jury and is not among the finalists.\n\n"
            "Thank you for showing us your work."
        ),
    ),
    "juror_appointed": LetterKind(
        say("You are on the jury"),
        say(
            "You are appointed to the jury of {edition}, in this faction: {faction}.\n\n"
            "Please sign in and declare your conflicts of interest before works are assigned to"
            " you."
        ),
    ),
    "assigned": LetterKind(
        say("Works to review"),
        say(
            "Works are assigned to you at {edition}. Stage: {stage}. Number of works: {count}.\n\n"
            "Please sign in to see them. If you know who made one of them, declare the conflict"
            " and leave it alone."
        ),
    ),
}
