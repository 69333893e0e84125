"""Contradictions of the programme: days, times, spaces, tokens."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from festival_api.editions._model import Edition, Item
from festival_api.editions._problem import Problem


def check_spaces(edition: Edition) -> Iterator[Problem]:
    """There are as many spaces as the festival says."""
    said = edition.settings.spaces_counted
    if len(edition.spaces) != said:
        what = f"{len(edition.spaces)} spaces are listed, the edition says {said}"
        remedy = "List them all; one that is not described yet has only a name."
        yield Problem("space_list_incomplete", ("spaces",), what, remedy)


def check_programme(edition: Edition) -> Iterator[Problem]:
    """Items lie within the festival, and end after they start."""
    if edition.last_day < edition.first_day:
        what = f"the festival ends on {edition.last_day}, before it begins on {edition.first_day}"
        yield Problem("festival_order", ("last_day",), what, "Write a later day.")
    for number, item in enumerate(edition.programme):
        path = ("programme", number)
        if not edition.first_day <= item.day <= edition.last_day:
            days = f"{edition.first_day} to {edition.last_day}"
            what = f'"{item.id}" is on {item.day}, the festival is from {days}'
            yield Problem("outside_festival", (*path, "day"), what, "Choose one of its days.")
        if item.ends <= item.starts:
            what = (
                f'"{item.id}" ends at {item.ends:%H:%M}, not after its start at {item.starts:%H:%M}'
            )
            remedy = "Write a later time; split what runs past midnight."
            yield Problem("item_order", (*path, "ends"), what, remedy)


def check_bookings(edition: Edition) -> Iterator[Problem]:
    """No space holds two items at one time; one may begin when another ends."""
    booked = [(n, item) for n, item in enumerate(edition.programme) if item.space is not None]
    until: dict[tuple[str | None, date], Item] = {}
    for number, item in sorted(booked, key=lambda one: (one[1].day, one[1].starts, one[0])):
        place = item.space, item.day
        other = until.get(place)
        if other is not None and item.starts < other.ends:
            what = f'"{item.id}" and "{other.id}" are in "{item.space}" at the same time'
            remedy = "Move one of them to another time or space."
            yield Problem("space_busy", ("programme", number, "space"), what, remedy)
        if other is None or item.ends > other.ends:
            until[place] = item


def check_tokens(edition: Edition) -> Iterator[Problem]:
    """A holder's vote is counted in one token, so that nobody votes in two."""
    voting = [number for number, token in enumerate(edition.tokens) if token.votes]
    for number in voting[1:]:
        what = f'"{edition.tokens[number].code}" votes beside "{edition.tokens[voting[0]].code}"'
        remedy = "Let one token vote: amounts of two cannot be added."
        yield Problem("two_voting_tokens", ("tokens", number, "votes"), what, remedy)
