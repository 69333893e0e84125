"""Contradictions of the entry season: periods, fees, and which category pays which."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import pairwise

from festival_api.editions._model import Edition
from festival_api.editions._prices import exact_amount, factor_for
from festival_api.editions._problem import Problem

# What runs as often as it is played has no running time to be priced by.
_WITHOUT_RUNTIME = ("interactive", "generative_system")


def check_periods(edition: Edition) -> Iterator[Problem]:
    """Periods follow each other without gap or overlap, and end before the festival begins."""
    if not edition.periods:
        yield Problem("no_periods", ("periods",), "there is no entry period", "Write one.")
        return
    for number, period in enumerate(edition.periods):
        path = ("periods", number)
        if period.until <= period.first:
            what = f'"{period.id}" ends on {period.until} before it has begun on {period.first}'
            remedy = "until is the first day that no longer belongs to it: write a later one."
            yield Problem("period_order", (*path, "until"), what, remedy)
        if period.factor.numerator == 0:
            remedy = "Write a share above 0, such as 75/100."
            yield Problem(
                "zero_factor", (*path, "factor"), "the factor makes every entry free", remedy
            )
        for key, day in (("first", period.first), ("until", period.until)):
            if (day.month, day.day) == (2, 29):
                yield _leap_day((*path, key), day)
    for number, (earlier, later) in enumerate(pairwise(edition.periods)):
        first = ("periods", number + 1, "first")
        both = f'"{later.id}" begins on {later.first}, "{earlier.id}" runs until {earlier.until}'
        remedy = f"Write {earlier.until}: a period begins on the day that the one before it ends."
        if later.first < earlier.first:
            what = f'"{later.id}" stands after "{earlier.id}" but begins before it'
            yield Problem(
                "period_order", first, what, "List the periods as they follow each other."
            )
        elif later.first < earlier.until:
            yield Problem("periods_overlap", first, f"two prices hold at once: {both}", remedy)
        elif later.first > earlier.until:
            yield Problem("periods_gap", first, f"no price holds in between: {both}", remedy)
    closes = max(period.until for period in edition.periods)
    if edition.first_day < closes:
        what = f"the festival begins on {edition.first_day}, entries are taken until {closes}"
        remedy = "Let the festival begin after entries have closed."
        yield Problem("festival_before_close", ("first_day",), what, remedy)


def _leap_day(path: tuple[str | int, ...], day: date) -> Problem:
    what = f"a boundary on {day} puts the leap day into the later period, last of its month"
    remedy = f"Write {day.year}-03-01, so that February is whole, or an earlier day."
    return Problem("leap_day", path, what, remedy)


def check_fees(edition: Edition) -> Iterator[Problem]:
    """Every price is a whole number of minor units, and no student pays more than others."""
    if not edition.fees:
        yield Problem("no_fees", ("fees",), "there is no fee class", "Write one.")
    for number, fee in enumerate(edition.fees):
        for key, student in (("standard", False), ("student", True)):
            amount = fee.student if student else fee.standard
            for period in edition.periods:
                factor = factor_for(edition, period, student=student)
                if exact_amount(amount, factor) is None:
                    share = f"{factor.numerator}/{factor.denominator}"
                    what = f'{share} of {amount} in "{period.id}" is no whole minor unit'
                    remedy = f"Write a fee of which {share} is whole; prices are never rounded."
                    yield Problem("fraction_of_a_cent", ("fees", number, key), what, remedy)
        if fee.student > fee.standard:
            what = f"students pay more ({fee.student}) than others ({fee.standard})"
            yield Problem("student_dearer", ("fees", number, "student"), what, "Lower it.")


def check_categories(edition: Edition) -> Iterator[Problem]:
    """Every category leads to one fee class, and every fee class is led to."""
    if not edition.categories:
        yield Problem("no_categories", ("categories",), "there is no category", "Write one.")
    used: set[str] = set()
    for number, category in enumerate(edition.categories):
        fee, path = category.fee, ("categories", number, "fee")
        if isinstance(fee, str):
            used.add(fee)
            continue
        used |= {fee.below, fee.from_boundary}
        if fee.below == fee.from_boundary:
            what = f'both sides of the boundary are "{fee.below}"'
            yield Problem("same_fee", path, what, f"Write fee: {fee.below}, or two fee classes.")
        if category.kind in _WITHOUT_RUNTIME:
            what = f"entries of kind {category.kind} have no running time to be priced by"
            yield Problem("no_runtime", path, what, "Write the id of one fee class.")
    for number, fee_class in enumerate(edition.fees):
        if fee_class.id not in used:
            what = f'no category pays the fee "{fee_class.id}"'
            remedy = "Name it in a category's fee, or remove it."
            yield Problem("unmapped_fee", ("fees", number), what, remedy)
