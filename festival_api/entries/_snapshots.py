"""Snapshots: what was finalised, frozen under a hash.

The content holds the work and its price, and of the people only a salted hash: who made it lies
beside it and can be erased without touching what was hashed. A later change of the draft makes a
further snapshot, and never touches an earlier one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, func, insert, select

from festival_api.editions import LoadedEdition
from festival_api.entries._draft import Declaration, Draft
from festival_api.entries._evidence import File
from festival_api.entries._links import Looked, answer
from festival_api.entries._money import Quote
from festival_api.entries._records import Entry
from festival_api.entries._refusals import UNKNOWN_SNAPSHOT
from festival_api.store import new_id
from festival_api.store import tables as t
from festival_api.texts import canonical, sha256_hex

DECLARATION_VERSION: Final = 1
"""Of the declaration's form, kept with each entry: what was asked of it."""

# Papers about persons, not parts of the work.
_PAPERS: Final = ("student_proof", "consent")
_AS_GIVEN: Final = (
    "title",
    "synopsis",
    "languages",
    "countries",
    "year",
    "premiere",
    "warnings",
    "accessibility",
)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One snapshot of an entry.

    Attributes
    ----------
    sha256 : str
        Of `content` in UTF-8.
    content : str
        Canonical JSON.
    people : str or None
        Canonical JSON, whose SHA-256 behind `people_salt` stands in `content`; None once it was
        erased.
    """

    entry: str
    number: int
    sha256: str
    content: str
    people: str | None
    people_salt: str | None
    edition_sha256: str
    made_at: datetime


def take(
    c: Connection,
    loaded: LoadedEdition,
    entry: Entry,
    files: Sequence[File],
    looked: Looked,
    quote: Quote,
    now: datetime,
) -> Snapshot:
    """Freeze an entry as it stands."""
    s = t.snapshots.c
    last = c.execute(select(func.max(s.number)).where(s.entry == entry.id)).scalar_one()
    number = (last or 0) + 1
    people, salt = canonical(_people(entry.draft, files)), new_id()
    content = canonical(
        {
            "entry": entry.id,
            "number": number,
            "edition": loaded.edition.id,
            "edition_sha256": loaded.sha256,
            "work": _work(loaded, entry.draft, files, looked),
            "people_sha256": sha256_hex(salt + people),
            "quote": _price(quote),
            "recognition": {
                "checks": [check.id for check in loaded.edition.stage_1.checks],
                "declaration_version": DECLARATION_VERSION,
            },
        }
    )
    snapshot = Snapshot(
        entry=entry.id,
        number=number,
        sha256=sha256_hex(content),
        content=content,
        people=people,
        people_salt=salt,
        edition_sha256=loaded.sha256,
        made_at=now,
    )
    values = {name: getattr(snapshot, name) for name in Snapshot.__slots__}
    c.execute(insert(t.snapshots).values(**values))
    return snapshot


def snapshot(c: Connection, entry_id: str, number: int) -> Snapshot:
    """Return one snapshot of an entry.

    Raises
    ------
    Refusal
        `unknown_snapshot`.
    """
    s = t.snapshots.c
    row = c.execute(select(t.snapshots).where(s.entry == entry_id, s.number == number)).first()
    if row is None:
        raise UNKNOWN_SNAPSHOT(number=number)
    return Snapshot(**{name: getattr(row, name) for name in Snapshot.__slots__})


def snapshots(c: Connection, entry_id: str) -> list[int]:
    """Return the numbers of an entry's snapshots, the latest last."""
    s = t.snapshots.c
    return list(c.execute(select(s.number).where(s.entry == entry_id).order_by(s.number)).scalars())


def latest_snapshot(c: Connection, entry_id: str) -> Snapshot:
    """Return what an entry was last finalised as.

    Raises
    ------
    Refusal
        `unknown_snapshot` for an entry that never was.
    """
    numbers = snapshots(c, entry_id)
    return snapshot(c, entry_id, numbers[-1] if numbers else 0)


def _work(
    loaded: LoadedEdition, draft: Draft, files: Sequence[File], looked: Looked
) -> dict[str, Any]:
    given = draft.plain()
    category = loaded.edition.category(draft.category or "")
    links: list[dict[str, Any]] = [link.model_dump(exclude_none=True) for link in draft.links or ()]
    evidence: dict[str, Any] = (
        draft.evidence.model_dump(exclude_none=True) if draft.evidence else {}
    )
    if "entry_point" in evidence:
        evidence["answer"] = answer(looked, evidence["entry_point"])
    runs = (draft.runs or ()) if category and category.kind == "generative_system" else ()
    return {
        **{name: given[name] for name in _AS_GIVEN if name in given},
        "category": draft.category,
        "kind": category and category.kind,
        "runtime_seconds": draft.runtime_seconds,
        "declaration": _declaration(draft.declaration or Declaration()),
        "evidence": evidence,
        "files": [_file(one) for one in files if one.kind not in _PAPERS],
        "links": [{**link, "answer": answer(looked, link["url"])} for link in links],
        "runs": [
            {
                **run.model_dump(exclude_none=True),
                **({"answer": answer(looked, run.link)} if run.link else {}),
            }
            for run in runs
        ],
    }


def _declaration(declaration: Declaration) -> dict[str, Any]:
    """Return the declaration without the names of who is depicted: those are people's."""
    given = declaration.model_dump(mode="json", exclude_none=True)
    likeness = given.get("likeness", {})
    for person in likeness.get("persons", ()):
        person.pop("name")
        person.pop("document", None)
    return given


def _people(draft: Draft, files: Sequence[File]) -> dict[str, Any]:
    given = draft.plain()
    likeness = draft.declaration and draft.declaration.likeness
    persons = likeness.persons if likeness else ()
    return {
        **{name: given[name] for name in ("makers", "contact", "company") if name in given},
        "depicted": [person.model_dump(exclude_none=True) for person in persons],
        "documents": [_file(one) for one in files if one.kind in _PAPERS],
    }


def _file(one: File) -> dict[str, Any]:
    return {
        "id": one.id,
        "kind": one.kind,
        "name": one.name,
        "size": one.size,
        "sha256": one.sha256,
    }


def _price(quote: Quote) -> dict[str, Any]:
    return {
        "id": quote.id,
        "amount": quote.amount,
        "currency": quote.currency,
        "category": quote.category,
        "fee_class": quote.fee_class,
        "student": quote.student,
        "period": quote.period,
        "support": quote.support,
        "factor": [quote.factor_numerator, quote.factor_denominator],
        "base": quote.base,
        "edition_sha256": quote.edition_sha256,
    }
