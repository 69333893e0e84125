"""What scripts say on pages, and what things of the service are called there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from babel import Locale
from babel.dates import get_timezone_name

from festival_api.editions import Edition
from festival_api.speech import Language, say, translated
from festival_api.web.pages._front import LOCALES

STATES: Mapping[str, tuple[str, str]] = {
    "draft": (say("Draft"), say("Fill in what is missing and finalise it before entries close.")),
    "finalised": (say("Waiting for payment"), say("Pay before the price runs out.")),
    "lapsed": (
        say("Not paid in time"),
        say("The price has run out: make it a draft again, and finalise it anew."),
    ),
    "submitted": (
        say("Submitted"),
        say("Nothing is to be done: the jury begins after entries close."),
    ),
    "in_recognition": (
        say("In the first stage"),
        say("The jury checks it; you hear of the result."),
    ),
    "recognised": (say("Passed the first stage"), say("The jury's evaluation comes next.")),
    "not_recognised": (
        say("Not passed the first stage"),
        say("The reasons were sent to you; this is the end of this entry."),
    ),
    "in_evaluation": (say("In evaluation"), say("The jury reviews it; you hear of the result.")),
    "finalist": (say("Finalist"), say("The core committee decides the awards at the festival.")),
    "not_selected": (say("Not selected"), say("This is the end of this entry. Thank you for it.")),
    "withdrawn": (say("Withdrawn"), say("This entry is out of the festival.")),
    "disqualified": (say("Disqualified"), say("The reason was sent to you.")),
}
"""By state: what it is called, and what its owner does next."""

GROUPS: Mapping[str, Mapping[str, str]] = {
    "premieres": {
        "world": say("World premiere"),
        "international": say("International premiere"),
        "asian": say("Asian premiere"),
        "hong_kong": say("Hong Kong premiere"),
        "none": say("No premiere"),
    },
    "uses": {
        "picture": say("Picture"),
        "sound": say("Sound"),
        "voice": say("Voice"),
        "music": say("Music"),
        "script": say("Script"),
        "edit": say("Editing"),
        "interaction": say("Interaction"),
        "other": say("Other"),
    },
    "shown": {
        "likeness": say("Likeness"),
        "voice": say("Voice"),
        "both": say("Likeness and voice"),
    },
    "links": {
        "film": say("Film"),
        "trailer": say("Trailer"),
        "build": say("Playable build"),
        "other": say("Other"),
    },
    "files": {
        "film": say("Film"),
        "trailer": say("Trailer"),
        "still": say("Still"),
        "poster": say("Poster"),
        "subtitles": say("Subtitles"),
        "build": say("Playable build"),
        "system_package": say("Package of the system"),
        "run_recording": say("Recording of a run"),
        "student_proof": say("Student proof"),
        "consent": say("Consent of a person"),
        "other": say("Other"),
    },
    "warnings": {
        "violence": say("Violence"),
        "sexual_content": say("Sexual content"),
        "strong_language": say("Strong language"),
        "drugs": say("Drugs"),
        "self_harm": say("Self-harm"),
        "other": say("Other"),
    },
    "confidence": {
        "low": say("Not very sure"),
        "medium": say("Fairly sure"),
        "high": say("Very sure"),
    },
    "conflicts": {
        "own": say("It is mine"),
        "family": say("Family or close friends made it"),
        "employer": say("Same employer or school"),
        "collaborator": say("We work or worked together"),
        "financial": say("Money"),
        "token_stake": say("A stake in tokens"),
        "other": say("Something else"),
    },
    "ties": {
        "own": say("It is the juror's own work"),
        "family": say("Family or close friends"),
        "employer": say("Same employer or school"),
        "collaborator": say("They work or worked together"),
        "financial": say("Money"),
        "token_stake": say("A stake in tokens"),
        "other": say("Something else"),
    },
    "tellers": {
        "juror": say("the juror"),
        "entrant": say("the entrant"),
        "office": say("the office"),
        "service": say("the service"),
    },
    "hearings": {"viewing": say("Viewing"), "defence": say("Defence")},
    "payments": {
        "started": say("started"),
        "failed": say("failed"),
        "expired": say("not paid in time"),
        "mismatch": say("not what was asked for"),
        "paid": say("paid"),
    },
    "refunds": {
        "asked": say("not done yet"),
        "failed": say("not done by the provider"),
        "void": say("went back another way"),
        "done": say("given back"),
    },
    "outcomes": {
        "begun": say("new draft"),
        "updated": say("draft brought up to date"),
        "unchanged": say("unchanged"),
        "kept": say("its owner's by now, left alone"),
        "skipped": say("withdrawn or disqualified there"),
        "refused": say("not imported"),
    },
    "roles": {"office": say("Office"), "auditor": say("Auditor")},
    "opinions": {
        "todo": say("To do"),
        "draft": say("Draft of yours"),
        "submitted": say("Submitted by you"),
    },
    "stage_states": {
        "before": say("not open yet"),
        "open": say("open"),
        "closed": say("closed"),
        "published": say("results published"),
    },
    "proofs": {
        "none": say("none"),
        "waiting": say("to be looked at"),
        "accepted": say("accepted"),
        "refused": say("refused"),
    },
    "actions": {
        "finalise": say("Finalised"),
        "reopen": say("Made a draft again"),
        "withdraw": say("Withdrawn"),
        "accept_free": say("Fee waived"),
        "disqualify": say("Disqualified"),
        "pay": say("Paid"),
        "lapse": say("Not paid in time"),
        "open_recognition": say("First stage opened"),
        "recognise": say("Passed the first stage"),
        "refuse_recognition": say("Not passed the first stage"),
        "open_evaluation": say("Evaluation opened"),
        "select": say("Selected as a finalist"),
        "pass_over": say("Not selected"),
    },
    "askers": {
        "owner": say("by you"),
        "office": say("by the office"),
        "service": say("by the service"),
    },
    "parts": {
        "tools": say("AI tools"),
        "name": say("Name"),
        "version": say("Version"),
        "maker": say("Made by"),
        "used_for": say("Used for"),
        "share": say("Share, in per cent"),
        "human_role": say("How a human conducts the system"),
        "process": say("Prompts and process"),
        "statement": say("Statement"),
        "excerpts": say("Excerpts of prompts"),
        "rights": say("Rights and training data"),
        "held": say("All rights held"),
        "third_party": say("Material of others"),
        "what": say("What"),
        "licence": say("Licence"),
        "likeness": say("Real persons"),
        "none_depicted": say("No real person in it"),
        "persons": say("Persons"),
        "shown": say("Shown"),
        "consent": say("Has consented"),
        "document": say("Document"),
        "provenance": say("Marks of origin"),
        "c2pa_manifest": say("C2PA manifest"),
        "note": say("Note"),
        "run": say("Run"),
        "seed": say("Seed"),
        "recording_sha256": say("SHA-256 of the recording"),
        "flashing_light": say("Flashing light"),
        "kinds": say("Shows"),
        "subtitles": say("Subtitles"),
        "captions": say("Captions for the deaf"),
        "audio_description": say("Audio description for the blind"),
        "en": say("English"),
        "zh-Hant": say("Chinese"),
    },
}
"""Names by group and id; an id without a name is shown as it is."""

WORDS: Mapping[str, str] = {
    "abstained": say("You gave the work back."),
    "accept_proof": say("Accept the proof"),
    "agree": say("I agree to the price of {price}, and what is filled in here is true."),
    "appointed": say("{name} sits on the jury."),
    "awaiting_payment": say("We wait to hear of your payment; this takes a moment."),
    "ballot_cast": say("Your ballot is cast, for {title}. It stays."),
    "ballot_in": say("Your ballot is cast."),
    "ballots": say("{cast} of {entitled} ballots are cast; {needed} are needed."),
    "ballots_counted": say("The ballots are counted; what they came to is sealed."),
    "basis": say("{fee}, {category}, {period}: {share} of {base}."),
    "begun": say("Begun"),
    "changed_at": say("Last changed on {moment}"),
    "choose_file": say("Choose a file first."),
    "confirmed": say("Your address is confirmed: you can sign in now."),
    "conflict_noted": say("Your conflict of interest is noted; the work has left your desk."),
    "correct": say("Correct it"),
    "corrects": say("Corrects an earlier record: {reason}"),
    "count": say("Count: {award}"),
    "decide": say("Decide"),
    "declaration": say("AI declaration"),
    "delete": say("Delete"),
    "disqualify": say("Disqualify"),
    "done": say("Done."),
    "download": say("Download"),
    "draft_kept": say("Your draft is kept. It counts once you submit it."),
    "due_until": say("To be paid before {moment}."),
    "email_changed": say("This address is yours from now on."),
    "end_seat": say("End the seat of {name}"),
    "fault": say("Something on this page went wrong. Load it again; what was saved is kept."),
    "file_complete": say("Complete and verified."),
    "file_damaged": say("Damaged: not what was announced. Delete it and upload it again."),
    "file_hashing": say("All bytes are here and are being verified."),
    "file_incoming": say("Unfinished."),
    "follow_letter": say("Open the letter and follow its link; then you can sign in."),
    "give_back": say("Give money back"),
    "given_back": say("The money is on its way back."),
    "go_on": say("Go on: choose {name} again"),
    "greeting": say("Welcome, {name}."),
    "import_done": say("What was imported"),
    "import_empty": say("The file holds no rows."),
    "import_tried": say("What an import would do"),
    "juror_named": say("Noted: this juror does not judge your entry."),
    "lacks": say("{lacks} opinions are missing"),
    "lift": say("Lift"),
    "link_password": say("password: {password}"),
    "look_into": say("To be looked into."),
    "minutes": say("{minutes} min"),
    "my_account": say("My account"),
    "my_desk": say("My desk"),
    "name_erased": say("(name erased)"),
    "no": say("no"),
    "no_amount": say("This is no amount. Write it like {example}."),
    "no_entries": say("You have no entries yet."),
    "no_hearings": say("Nothing is recorded yet."),
    "no_vote": say(
        "You do not vote on this award: it is another faction's, or you have a conflict of interest"
        " with a work that stands for it."
    ),
    "no_works": say("No works are on your desk in this stage."),
    "not_saved": say("Not saved yet."),
    "offer_until": say(
        "This price holds for the entry as it is until {moment}; finalising locks it."
    ),
    "offline": say("The service cannot be reached. Look whether you are online, then try again."),
    "open_link": say("Open the link: {kind}"),
    "opinion_draft": say("You have a draft of {moment}. It does not count before you submit it."),
    "opinion_submitted": say(
        "Submitted on {moment}. You may change it, with a reason, while the stage is open."
    ),
    "opinion_todo": say("You have not judged this work yet."),
    "other_file": say("That is another file: its name or size is not that of {name}."),
    "outside_blind": say("What is behind this link may tell who made the work."),
    "paid_so_far": say("Paid: {paid}. Still to be paid: {due}."),
    "password_changed": say("Your password is changed."),
    "pause": say("Pause"),
    "payment_came": say("Your payment came: thank you."),
    "payment_open": say(
        "We have not heard of a payment yet. If you paid, a letter tells you when it came."
    ),
    "progress": say(
        "{works} works; {submitted} of {assigned} opinions submitted; {lacking} works lack some."
    ),
    "ready": say("Nothing is missing. Links are looked at when you finalise."),
    "received": say("{received} of {size} are here."),
    "refund_again": say("Try again"),
    "refuse_proof": say("Refuse the proof"),
    "replaced": say("Corrected: this record no longer holds."),
    "retired": say("ended on {moment}"),
    "runs": say("Recorded runs"),
    "save_first": say("There are sections that are not saved yet: save them first."),
    "saved": say("Saved."),
    "second_round": say("Works are level: a second round among them has begun."),
    "see_it": say("See, play or run it"),
    "send_letter_again": say("Send the letter again"),
    "shortfalls": say("Done, but {works} works could not get all their jurors."),
    "sign_in": say("Sign in"),
    "snapshot": say("Snapshot {n}"),
    "stage": say("Stage {stage}"),
    "stage_not_open": say("This stage is {state}; you can read, not write."),
    "standard_fee": say("Standard fee."),
    "student_fee": say("Student's fee."),
    "submitted": say("Submitted: it counts now."),
    "take_role": say("Take the role of {name} away"),
    "tick_first": say("Tick the box first."),
    "unreadable": say("The service gave an answer that cannot be read ({status}). Try again."),
    "untitled": say("Untitled"),
    "uploaded": say("{name} is uploaded."),
    "waive": say("Waive the fee"),
    "warnings": say("Warnings and access"),
    "was_at_defence": say("You were at its makers' defence on {moment}."),
    "was_at_viewing": say("You were at its viewing on {moment}."),
    "works_lacking": say("Works that lack opinions"),
    "works_left": say("{left} of {works} works are still to be judged."),
    "wrong_missing": say("is needed"),
    "wrong_not_whole": say("must be a whole number"),
    "wrong_outside": say("is outside the scale"),
    "wrong_unknown": say("is not known here"),
    "yes": say("yes"),
}
"""Sentences that scripts fill in and show."""


# Babel's unions of countries and private codes.
_NO_COUNTRIES = frozenset({"ZZ", "EU", "EZ", "UN", "QO", "XA", "XB"})


def countries(language: Language) -> list[tuple[str, str]]:
    """Return every country and region with its code and name, by name."""
    territories = Locale.parse(LOCALES[language]).territories
    found = [
        (code, name)
        for code, name in territories.items()
        if len(code) == 2 and code.isalpha() and code not in _NO_COUNTRIES
    ]
    return sorted(found, key=lambda one: one[1])


def spoken(edition: Edition, language: Language) -> dict[str, Any]:
    """Return all that scripts say of an edition, in `language`."""

    def said(messages: Mapping[str, str]) -> dict[str, str]:
        return {id_: translated(message, language) for id_, message in messages.items()}

    groups = {group: said(messages) for group, messages in GROUPS.items()}
    uses = {"values": {**groups["uses"], **groups["shown"], **groups["warnings"]}}
    return {
        **groups,
        **uses,
        "words": said(WORDS),
        "states": {
            state: [translated(text, language) for text in texts] for state, texts in STATES.items()
        },
        "state_names": {state: translated(name, language) for state, (name, _) in STATES.items()},
        "categories": {one.id: one.name.in_(language) for one in edition.categories},
        "factions": {one.id: one.name.in_(language) for one in edition.factions},
        "awards": {one.id: one.name.in_(language) for one in edition.awards},
        "fees": {one.id: one.name.in_(language) for one in edition.fees},
        "periods": {one.id: one.name.in_(language) for one in edition.periods},
        "locale": LOCALES[language].replace("_", "-"),
        "zone": edition.time_zone,
        "zone_name": get_timezone_name(
            edition.zone, width="long", zone_variant="standard", locale=LOCALES[language]
        ),
    }
