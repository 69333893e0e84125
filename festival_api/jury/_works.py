"""A work as its jurors see it: what was made, without who made it."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, JsonValue
from sqlalchemy import Connection, ScalarSelect, func, select

from festival_api.jury._masking import Mask
from festival_api.jury._refusals import UNKNOWN_PART
from festival_api.store import tables as t
from festival_api.texts import Id32, Sha256

# Members of a snapshot's work that say what a juror needs to know; whatever else there is or will
# be (year, countries, premiere, prices, answers of links) stays hidden.
_SHOWN = (
    "category",
    "kind",
    "title",
    "synopsis",
    "runtime_seconds",
    "languages",
    "warnings",
    "accessibility",
    "declaration",
)

OUT = frozenset({"withdrawn", "disqualified"})
"""States of entries that are judged no longer."""


class FileView(BaseModel):
    """An upload; its own name stays hidden."""

    model_config = ConfigDict(frozen=True)

    id: Id32
    kind: str
    size: int
    sha256: Sha256


class LinkView(BaseModel):
    """A link, by its number: following it shows where the makers keep their work."""

    model_config = ConfigDict(frozen=True)

    number: int
    kind: str
    outside_blind: bool = Field(
        default=True, description="Whoever opens this link may learn who made the work."
    )


class RunView(BaseModel):
    """One recorded run of a generative system."""

    model_config = ConfigDict(frozen=True)

    run: str
    seed: str
    recording_sha256: Sha256


class MakerView(BaseModel):
    """One who made the work."""

    model_config = ConfigDict(frozen=True)

    name: str
    role: str


class ShownWork(BaseModel):
    """What a work is; names of its makers in its texts are blacked out where the jury is blind."""

    model_config = ConfigDict(
        frozen=True,
        json_schema_extra={
            "examples": [
                {
                    "category": "generative_linear",
                    "kind": "generative_linear",
                    "title": {"en": "The Lamp That Waits", "zh-Hant": "守候的燈"},
                    "synopsis": {
                        "en": "A lamp waits for a ship of ▇▇▇.",
                        "zh-Hant": "一盞燈守候一艘船。",
                    },
                    "runtime_seconds": 5400,
                    "languages": ["yue"],
                    "links": [{"number": 0, "kind": "film", "outside_blind": True}],
                    "makers": None,
                    "company": None,
                }
            ]
        },
    )

    category: str | None = None
    kind: str | None = None
    title: dict[str, str] = {}
    synopsis: dict[str, str] = {}
    runtime_seconds: int | None = None
    languages: tuple[str, ...] = ()
    warnings: dict[str, JsonValue] = {}
    accessibility: dict[str, JsonValue] = {}
    declaration: dict[str, JsonValue] = {}
    instructions: str = ""
    runs: tuple[RunView, ...] = ()
    files: tuple[FileView, ...] = ()
    links: tuple[LinkView, ...] = ()
    makers: tuple[MakerView, ...] | None = Field(
        default=None, description="Who made it; hidden where the jury is blind."
    )
    company: str | None = None


class LinkAddress(BaseModel):
    """Where a link leads."""

    model_config = ConfigDict(
        frozen=True,
        json_schema_extra={
            "examples": [{"url": "https://films.example.org/lamp", "password": None}]
        },
    )

    url: str
    password: str | None


@dataclass(frozen=True, slots=True)
class Work:
    """A work's newest snapshot.

    Attributes
    ----------
    entry, state : str
        The entry, and where it stands.
    made : mapping
        The snapshot's work.
    people : mapping
        Who made it; empty once erased.
    owner_name : str or None
        Name of the account that entered it.
    """

    entry: str
    state: str
    made: Mapping[str, Any]
    people: Mapping[str, Any]
    owner_name: str | None

    def shown(self, *, people: bool) -> ShownWork:
        """Return the work as jurors see it; with its makers, or with their names blacked out."""
        made = {name: self.made[name] for name in _SHOWN if self.made.get(name) is not None}
        made["instructions"] = self.made.get("evidence", {}).get("instructions", "")
        made["runs"] = [
            {name: run[name] for name in ("run", "seed", "recording_sha256")}
            for run in self.made.get("runs", [])
        ]
        if people:
            makers = [MakerView.model_validate(maker) for maker in self.people.get("makers", [])]
            made |= {"makers": makers, "company": self.people.get("company")}
        else:
            made = self._mask().document(made)
        made["files"] = [FileView.model_validate(file) for file in self.made.get("files", [])]
        made["links"] = [
            LinkView(number=number, kind=kind) for number, (kind, _) in enumerate(self._links())
        ]
        return ShownWork.model_validate(made)

    def link(self, number: int) -> LinkAddress:
        """Return where a link leads.

        Raises
        ------
        Refusal
            `unknown_part`.
        """
        links = self._links()
        if not 0 <= number < len(links):
            raise UNKNOWN_PART()
        return links[number][1]

    def _links(self) -> list[tuple[str, LinkAddress]]:
        links = [
            (link["kind"], LinkAddress(url=link["url"], password=link.get("password")))
            for link in self.made.get("links", [])
        ]
        if entry_point := self.made.get("evidence", {}).get("entry_point"):
            links.append(("entry_point", LinkAddress(url=entry_point, password=None)))
        recordings = [run["link"] for run in self.made.get("runs", []) if "link" in run]
        links += [("run_recording", LinkAddress(url=url, password=None)) for url in recordings]
        return links

    def _mask(self) -> Mask:
        makers = [maker["name"] for maker in self.people.get("makers", [])]
        contact = self.people.get("contact", {}).get("name")
        names = [*makers, contact, self.owner_name]
        company = self.people.get("company")
        return Mask([name for name in names if name], [company] if company else [])


def works(c: Connection, entries: Collection[str]) -> dict[str, Work]:
    """Return the works of entries that were ever finalised, by entry."""
    e, s, a = t.entries.c, t.snapshots.c, t.accounts.c
    query = (
        select(e.id, e.state, s.content, s.people, a.name)
        .join_from(t.entries, t.snapshots, (s.entry == e.id) & (s.number == newest_number()))
        .join(t.accounts, a.id == e.owner)
        .where(e.id.in_(list(entries)))
    )
    return {
        row.id: Work(
            entry=row.id,
            state=row.state,
            made=json.loads(row.content)["work"],
            people=json.loads(row.people or "{}"),
            owner_name=row.name,
        )
        for row in c.execute(query)
    }


def newest_number() -> ScalarSelect[int]:
    """Return the number of an entry's newest snapshot, within a query of entries."""
    newest = t.snapshots.alias()
    return (
        select(func.max(newest.c.number))
        .where(newest.c.entry == t.entries.c.id)
        .correlate(t.entries)
        .scalar_subquery()
    )
