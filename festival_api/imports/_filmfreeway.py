"""FilmFreeway's table of submissions: what its columns mean for a draft here.

The columns are those of the export "all submissions". What an entry needs beside them, the AI
declaration before all, its maker adds here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from pydantic import TypeAdapter, ValidationError

from festival_api.accounts import checked_email
from festival_api.editions import Edition
from festival_api.entries import Draft
from festival_api.imports._tables import TableRow, read_table
from festival_api.imports._values import countries, languages, names, seconds, year
from festival_api.refusals import Refusal
from festival_api.speech import say
from festival_api.texts import Line

SOURCE: Final = "filmfreeway"

_REQUIRED: Final = (
    "Tracking Number",
    "Project Title",
    "Email",
    "Submission Status",
    "Submission Categories",
)
_OPTIONAL: Final = (
    "First Name",
    "Last Name",
    "Phone",
    "Project Title (Original Language)",
    "Synopsis",
    "Duration",
    "Country of Origin",
    "Language",
    "Completion Date",
    "Directors",
    "Trailer URL",
    "Submission Link",
    "Submission Password",
    "Submission Fee",
)
_WANTED: Final = ("in consideration", "incomplete")
_UNWANTED: Final = ("withdrawn", "disqualified")
_SHOWN: Final = 80
_LINE: Final[TypeAdapter[str]] = TypeAdapter(Line)


@dataclass(frozen=True, slots=True)
class Note:
    """A sentence about a row, with what its placeholders stand for."""

    text: str
    words: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Submission:
    """A row that can be imported.

    Attributes
    ----------
    number : str
        FilmFreeway's own for it.
    email, name : str
        Of the submitter.
    draft : Draft
        What is known.
    fee : str
        What was paid there, as it is written; empty for nothing.
    notes : tuple of Note
        What was left out.
    """

    line: int
    number: str
    title: str
    email: str
    name: str
    draft: Draft
    fee: str
    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that is not imported, and why."""

    line: int
    number: str
    title: str
    outcome: Literal["refused", "skipped"]
    reason: Note


def read_submissions(
    data: bytes, edition: Edition, categories: Mapping[str, str]
) -> tuple[Submission | Rejected, ...]:
    """Read a file, row by row.

    Parameters
    ----------
    categories : mapping of str to str
        Ids of the edition's categories by FilmFreeway's names; others are found by their own.

    Raises
    ------
    Refusal
        `table_unreadable`, `columns_missing`, `columns_twice`.
    """
    known = {
        name.casefold(): one.id
        for one in edition.categories
        for name in (one.id, one.name.en, one.name.zh_hant)
    } | {name.casefold(): id_ for name, id_ in categories.items()}
    seen: dict[str, int] = {}
    rows: list[Submission | Rejected] = []
    for row in read_table(data, _REQUIRED, _OPTIONAL):
        read = _read(row, known)
        if isinstance(read, Submission) and read.number in seen:
            words = {"number": read.number, "line": seen[read.number]}
            text = say("The number {number} was used before, in line {line}.")
            read = _rejected(row, "refused", text, **words)
        elif isinstance(read, Submission):
            seen[read.number] = row.line
        rows.append(read)
    return tuple(rows)


def _read(row: TableRow, known: Mapping[str, str]) -> Submission | Rejected:
    if row.found != row.expected:
        text = say("The row has {found} cells, but there are {expected} columns.")
        return _rejected(row, "refused", text, found=row.found, expected=row.expected)
    for column in ("Tracking Number", "Project Title", "Email"):
        if not row.cells[column]:
            return _rejected(row, "refused", say("{column} is empty."), column=column)
    status = row.cells["Submission Status"].casefold()
    if status in _UNWANTED:
        return _rejected(row, "skipped", say("Its status is {status}."), status=status)
    if status not in _WANTED:
        text = say("The status {status} is not known.")
        return _rejected(row, "refused", text, status=shortened(status))
    return _submission(row, known)


def _submission(row: TableRow, known: Mapping[str, str]) -> Submission | Rejected:
    cells = row.cells
    unusable = say("{column} cannot be used: it is too long, or holds what is not text.")
    number, title = _line(cells["Tracking Number"]), _line(cells["Project Title"])
    if not number or not title:
        column = "Project Title" if number else "Tracking Number"
        return _rejected(row, "refused", unusable, column=column)
    try:
        email = checked_email(cells["Email"])
    except Refusal:
        return _rejected(row, "refused", say("Email is no address that letters can be sent to."))
    name = _line(" ".join(filter(None, (cells.get("First Name"), cells.get("Last Name")))))
    draft, notes = Draft(), []
    for column, section in _sections(cells, known, email, name or email):
        if isinstance(section, Note):
            notes.append(section)
            continue
        try:
            draft = draft.with_(Draft.model_validate(section))
        except ValidationError:
            notes.append(_left_out(column, cells[column]))
    fee = _line(cells.get("Submission Fee", "")) or ""
    paid = fee if any(digit in fee for digit in "123456789") else ""
    return Submission(row.line, number, title, email, name or "", draft, paid, tuple(notes))


def _sections(
    cells: Mapping[str, str], known: Mapping[str, str], email: str, name: str
) -> Iterable[tuple[str, dict[str, Any] | Note]]:
    """Give each section that the cells fill, with the column that it comes from."""
    original = cells.get("Project Title (Original Language)") or None
    title = cells["Project Title"]
    yield (
        "Project Title",
        {"title": {"en": title} if _is_latin(title) else {"original": title}},
    )
    if original and _is_latin(title):
        yield "Project Title (Original Language)", {"title": {"en": title, "original": original}}
    if (synopsis := cells.get("Synopsis")) and _is_latin(synopsis):
        yield "Synopsis", {"synopsis": {"en": synopsis}}
    yield "Email", {"contact": {"name": name, "email": email}}
    if phone := cells.get("Phone"):
        yield "Phone", {"contact": {"name": name, "email": email, "phone": phone}}
    yield "Submission Categories", _category(cells["Submission Categories"], known)
    for column, section, read in (
        ("Duration", "runtime_seconds", seconds),
        ("Country of Origin", "countries", countries),
        ("Language", "languages", languages),
        ("Completion Date", "year", year),
    ):
        if text := cells.get(column):
            value: Any = read(text)
            yield column, _left_out(column, text) if value is None else {section: value}
    if directors := names(cells.get("Directors", "")):
        yield "Directors", {"makers": [{"name": one, "role": "director"} for one in directors]}
    yield from _links(cells)


def _category(text: str, known: Mapping[str, str]) -> dict[str, Any] | Note:
    if text.casefold() in known:
        return {"category": known[text.casefold()]}
    found = {known[name.casefold()] for name in names(text) if name.casefold() in known}
    if len(found) == 1:
        return {"category": found.pop()}
    if found:
        told = say("“{value}” names several categories; the entrant chooses one.")
    else:
        told = say("No category here is called “{value}”; the entrant chooses one.")
    return Note(told, {"value": shortened(text)})


def _links(cells: Mapping[str, str]) -> Iterable[tuple[str, dict[str, Any]]]:
    links: list[dict[str, str]] = []
    if film := cells.get("Submission Link"):
        secret = cells.get("Submission Password")
        links.append({"kind": "film", "url": film} | ({"password": secret} if secret else {}))
        yield "Submission Link", {"links": links}
    if trailer := cells.get("Trailer URL"):
        yield "Trailer URL", {"links": [*links, {"kind": "trailer", "url": trailer}]}


def _is_latin(text: str) -> bool:
    return any(letter.isascii() and letter.isalnum() for letter in text)


def _line(text: str) -> str | None:
    """Return text as one line of an entry; None when it cannot be one."""
    try:
        return _LINE.validate_python(text)
    except ValidationError:
        return None


def _left_out(column: str, value: str) -> Note:
    told = say("{column}: “{value}” was not understood and is left out.")
    return Note(told, {"column": column, "value": shortened(value)})


def _rejected(
    row: TableRow, outcome: Literal["refused", "skipped"], text: str, **words: object
) -> Rejected:
    number, title = (shortened(row.cells[name]) for name in ("Tracking Number", "Project Title"))
    return Rejected(row.line, number, title, outcome, Note(text, words))


def shortened(text: str) -> str:
    """Return text as it can be shown in a report: one line, not long."""
    shown = "".join(letter if letter.isprintable() else " " for letter in text)
    return shown if len(shown) <= _SHOWN else shown[: _SHOWN - 1] + "…"
