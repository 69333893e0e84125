"""An edition's check as a page for the terminal: prices, periods, decisions, counts."""

from __future__ import annotations

from datetime import timedelta

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text as Line

from festival_api.editions._decisions import decisions
from festival_api.editions._load import LoadedEdition
from festival_api.editions._model import Edition, FeeClass
from festival_api.editions._prices import format_money, table

__all__ = ["check_report"]

_LAST = timedelta(seconds=1)


def check_report(loaded: LoadedEdition) -> RenderableType:
    """Return what an edition comes to, for whoever has to agree to it before it is served."""
    edition = loaded.edition
    parts: list[RenderableType] = [
        Line(f"{edition.name.en} ({edition.id}), SHA-256 {loaded.sha256}", style="bold"),
        _prices(edition),
        _periods(edition),
        _counts(edition),
        _decided(edition),
    ]
    parts += [Line(f"warning: {problem}", style="yellow") for problem in loaded.warnings]
    return Group(*parts)


def _prices(edition: Edition) -> Table:
    prices = table(edition)
    page = Table(title=f"{len(prices)} prices in {edition.currency}", title_justify="left")
    page.add_column("Fee class")
    page.add_column("Who")
    for period in edition.periods:
        share = f"{period.factor.numerator}/{period.factor.denominator}"
        page.add_column(Line(f"{period.name.en}\n{share}"), justify="right")
    for fee in edition.fees:
        for student in (False, True):
            page.add_row(
                Line(fee.name.en),
                "student" if student else "standard",
                *_row(edition, fee, student),
            )
    return page


def _row(edition: Edition, fee: FeeClass, student: bool) -> list[Line]:
    return [
        Line(format_money(price.amount, price.currency, "en"))
        for price in table(edition)
        if price.fee_class == fee.id and price.student == student
    ]


def _periods(edition: Edition) -> Table:
    page = Table(title="Periods, first and last second", title_justify="left")
    for heading in ("Period", f"From ({edition.time_zone})", "To", "From (UTC)", "To", "Support"):
        page.add_column(Line(heading))
    for period in edition.periods:
        first, last = edition.midnight(period.first), edition.midnight(period.until) - _LAST
        local = [f"{at.astimezone(edition.zone):%Y-%m-%d %H:%M:%S}" for at in (first, last)]
        page.add_row(
            Line(period.name.en),
            *local,
            *(f"{at:%Y-%m-%d %H:%M:%S}" for at in (first, last)),
            period.support,
        )
    return page


def _counts(edition: Edition) -> Table:
    counted = sum(award.counted for award in edition.awards)
    named = sum(award.announced for award in edition.awards)
    described = sum(space.description is not None for space in edition.spaces)
    rows = {
        "Categories": f"{len(edition.categories)}",
        "Factions": f"{len(edition.factions)}",
        "Dimensions": f"{len(edition.dimensions)}",
        "Awards": f"{counted} counted, {len(edition.awards) - counted} beside, {named} announced",
        "Spaces": f"{len(edition.spaces)}, {described} described",
        "Programme": f"{len(edition.programme)} items on {len(edition.days)} days",
        "Tokens": f"{len(edition.tokens)}",
    }
    page = Table(title="Counts", title_justify="left", show_header=False)
    for name, value in rows.items():
        page.add_row(name, value)
    return page


def _decided(edition: Edition) -> Table:
    page = Table(title="What was open, and is decided here", title_justify="left", show_lines=True)
    for heading in ("", "Question", "Decided", "Setting"):
        # Chinese has no spaces to break at.
        page.add_column(heading, overflow="fold")
    for one in decisions(edition):
        page.add_row(
            str(one.number),
            Line(f"{one.question.en}\n{one.question.zh_hant}"),
            Line(f"{one.answer.en}\n{one.answer.zh_hant}"),
            Line(one.setting),
        )
    return page
