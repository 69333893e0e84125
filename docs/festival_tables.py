"""The festival documents' tables, made from what the service itself goes by.

`python docs/festival_tables.py` writes them into the pages, each between its two comments; a test
holds the pages to it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from http import HTTPStatus
from pathlib import Path
from typing import get_args

import festival_api.web
from festival_api import editions, entries, jury, uploads
from festival_api.refusals import Kind

DOCS = Path(__file__).parent
SHIPPED = DOCS.parent / "examples" / "festival" / "hkaiiff-2026.yaml"
PAGES = ("festival.md", "jury.md", "festival-refusals.md")

_MARKED = re.compile(r"(<!-- table: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def prices() -> str:
    """Every price of the shipped edition."""
    edition = editions.load(SHIPPED).edition
    rows = []
    for fee in edition.fees:
        for student in (False, True):
            shown = [
                editions.format_money(price.amount, price.currency, "en")
                for price in editions.table(edition)
                if (price.fee_class, price.student) == (fee.id, student)
            ]
            rows.append([fee.name.en, "student" if student else "standard", *shown])
    shares = [f"{p.factor.numerator}/{p.factor.denominator}" for p in edition.periods]
    names = [
        f"{period.name.en}, {share}" for period, share in zip(edition.periods, shares, strict=True)
    ]
    return _table(["fee class", "who", *names], rows, right=len(names))


def decisions() -> str:
    """What the shipped edition decides where the festival's text is open."""
    edition = editions.load(SHIPPED).edition
    return _table(
        ["", "question", "decided", "setting"],
        [
            [str(one.number), one.question.en, one.answer.en, f"`{one.setting}`"]
            for one in editions.decisions(edition)
        ],
    )


def states() -> str:
    """Where an entry can stand, and how it gets there."""
    return f"```mermaid\n{entries.states_as_mermaid()}```\n"


def files() -> str:
    """What an entry may hold."""
    return _table(
        ["kind", "at most", "each up to", "PDF or picture", "seen by jurors"],
        [
            [
                f"`{name}`",
                str(kind.files),
                _bytes(kind.bytes),
                *_yes(kind.document, not kind.personal),
            ]
            for name, kind in uploads.KINDS.items()
        ],
    )


def visibility() -> str:
    """From which phase of a stage on who sees what of a work."""
    roles = get_args(jury.Role)
    rows = [[what.value, *(_from(role, what) for role in roles)] for what in jury.What]
    return _table(["", *roles], rows)


def refusals() -> str:
    """Every kind of refusal, by status."""
    assert festival_api.web  # which imports every package that refuses
    by_status = defaultdict(list)
    for kind in Kind.ALL.values():
        by_status[kind.status].append(kind)
    parts = []
    for status, kinds in sorted(by_status.items()):
        rows = [[f"`{kind.code}`", kind.detail] for kind in sorted(kinds, key=lambda k: k.code)]
        parts.append(f"## {_name(status)}\n\n{_table(['code', 'detail'], rows)}")
    return "\n".join(parts)


TABLES: dict[str, Callable[[], str]] = {
    made.__name__: made for made in (prices, decisions, states, files, visibility, refusals)
}


def written(page: str) -> str:
    """Return a page's text with its tables as they are now."""
    return _MARKED.sub(lambda found: f"{found[1]}\n{TABLES[found[2]]()}\n{found[3]}", page)


def main() -> None:
    """Write the tables into the pages."""
    for name in PAGES:
        path = DOCS / name
        path.write_text(written(path.read_text("utf-8")), "utf-8")


def _table(heads: list[str], rows: Iterable[list[str]], right: int = 0) -> str:
    rule = ["---"] * (len(heads) - right) + ["---:"] * right
    lines = [heads, rule, *([cell.replace("|", r"\|") for cell in row] for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _from(role: jury.Role, what: jury.What) -> str:
    phases: tuple[jury.Phase, ...] = get_args(jury.Phase)
    seen = [what in jury.visibility(role, phase) for phase in phases]
    if not any(seen):
        return "-"
    first = seen.index(True)
    if not all(seen[first:]):
        raise ValueError(f"{role} loses sight of {what.value}")
    return f"once {phases[first].partition(',')[0]}" if first else "always"


def _bytes(size: int) -> str:
    for unit, name in ((2**30, "GiB"), (2**20, "MiB")):
        if size >= unit:
            return f"{size // unit} {name}"
    return f"{size} bytes"


def _name(status: int) -> str:
    # 460 is of the upload protocol, and of no standard of HTTP.
    return f"{status} {HTTPStatus(status).phrase}" if status in set(HTTPStatus) else f"{status}"


def _yes(*given: bool) -> list[str]:
    return ["yes" if one else "no" for one in given]


if __name__ == "__main__":
    main()
