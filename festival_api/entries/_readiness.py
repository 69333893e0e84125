"""What an entry lacks before it can be finalised: one list for who fills it in and for the gate."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from festival_api.editions import RUNTIME_REQUIRED, UNKNOWN_CATEGORY, Edition
from festival_api.entries._draft import Declaration, Draft, Likeness, Paragraph, Title
from festival_api.entries._evidence import File, Missing, evidence
from festival_api.entries._refusals import (
    AI_DECLARATION_REQUIRED,
    CONSENT_REQUIRED,
    FILE_MISSING,
    FILE_UNFINISHED,
    INCOMPLETE,
    PROOF_REQUIRED,
    TRANSLATION_MISSING,
)
from festival_api.refusals import Refusal
from festival_api.speech import LANGUAGES, translated

_ASKED = ("languages", "countries", "year", "makers", "contact", "warnings")


def missing(edition: Edition, draft: Draft, files: Sequence[File]) -> list[Missing]:
    """Return all that an entry lacks, in the order of the form; empty when it can be finalised.

    Links are looked at separately: that takes the network.
    """
    return [
        *_texts(draft),
        *(Missing.at(INCOMPLETE, f"/{name}") for name in _ASKED if not getattr(draft, name)),
        *_category(edition, draft, files),
        *_declaration(draft.declaration or Declaration()),
        *_consents((draft.declaration or Declaration()).likeness, files),
        *_files(files),
        *_student(draft, files),
    ]


def unready(found: Sequence[Missing]) -> Refusal:
    """Make the refusal of an entry that lacks something: named after the first, with all of it."""
    first = found[0]
    return first.kind({"where": first.where, "missing": told(found)}, **first.words)


def told(found: Sequence[Missing]) -> list[dict[str, Any]]:
    """Return what is missing as plain values, said in both languages."""
    return [
        {
            "code": one.kind.code,
            "where": one.where,
            "detail": {
                language: translated(one.kind.detail, language).format(**one.words)
                for language in LANGUAGES
            },
        }
        for one in found
    ]


def _texts(draft: Draft) -> Iterator[Missing]:
    yield from _both("/title", draft.title)
    yield from _both("/synopsis", draft.synopsis)
    if draft.warnings is not None and draft.warnings.note is not None:
        yield from _both("/warnings/note", draft.warnings.note)


def _both(where: str, text: Title | Paragraph | None) -> Iterator[Missing]:
    if text is None or not text.en:
        yield Missing.at(TRANSLATION_MISSING, f"{where}/en")
    if text is None or not text.zh_hant:
        yield Missing.at(TRANSLATION_MISSING, f"{where}/zh-Hant")


def _category(edition: Edition, draft: Draft, files: Sequence[File]) -> Iterator[Missing]:
    if not draft.category:
        yield Missing.at(INCOMPLETE, "/category")
        return
    category = edition.category(draft.category)
    if category is None:
        known = ", ".join(one.id for one in edition.categories)
        words = {"category": draft.category, "categories": known}
        yield Missing(UNKNOWN_CATEGORY, "/category", words)
        return
    timed = category.kind == "generative_linear" or not isinstance(category.fee, str)
    if timed and not draft.runtime_seconds:
        yield Missing(RUNTIME_REQUIRED, "/runtime_seconds", {"category": category.id})
    yield from evidence(category.kind, draft, files)


def _declaration(declaration: Declaration) -> Iterator[Missing]:
    process, rights = declaration.process, declaration.rights
    given = {
        "tools": declaration.tools,
        "human_role": declaration.human_role,
        "process/statement": process and process.statement,
        "rights/statement": rights and rights.statement,
        "rights/held": rights and rights.held,
    }
    for name, value in given.items():
        if not value:
            yield Missing.at(AI_DECLARATION_REQUIRED, f"/declaration/{name}")


def _consents(likeness: Likeness | None, files: Sequence[File]) -> Iterator[Missing]:
    if likeness is None or not (likeness.none_depicted or likeness.persons):
        yield Missing.at(CONSENT_REQUIRED, "/declaration/likeness")
        return
    documents = {f.id for f in files if f.kind == "consent"}
    for n, person in enumerate(likeness.persons):
        where = f"/declaration/likeness/persons/{n}"
        if not person.consent:
            yield Missing.at(CONSENT_REQUIRED, f"{where}/consent")
        if person.document is not None and person.document not in documents:
            yield Missing.at(FILE_MISSING, f"{where}/document")


def _files(files: Sequence[File]) -> Iterator[Missing]:
    for one in files:
        if not one.whole:
            yield Missing(
                FILE_UNFINISHED, f"/files/{one.id}", {"name": one.name, "state": one.state}
            )


def _student(draft: Draft, files: Sequence[File]) -> Iterator[Missing]:
    if draft.student and not any(f.kind == "student_proof" and f.whole for f in files):
        yield Missing(PROOF_REQUIRED, "/files")
