"""An edition of the festival: every rule that a year may change, as data.

What the festival's own text leaves open or says twice is a setting here, never code. The values
come from a YAML file (`_load`), are held against each other (`_check`), and are printed by the
service with the sentence that each decides (`_decisions`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import Discriminator, Field, Tag

from festival_api.editions._basics import (
    Clock,
    Day,
    Fraction,
    Frozen,
    Id,
    Positive,
    Text,
    Whole,
)


class Period(Frozen):
    """A stretch of the entry season, from midnight to midnight in the edition's time zone.

    Attributes
    ----------
    first, until : date
        Half open: entries are taken from 00:00 of `first` up to, and not at, 00:00 of `until`.
    factor : Fraction
        Of the fee.
    support : str
        Tier of technical support: priority, standard, limited.
    """

    id: Id
    name: Text
    description: Text
    first: Day
    until: Day
    factor: Fraction
    support: Literal["priority", "standard", "limited"]


class FeeClass(Frozen):
    """One row of the fee table, in minor units of the edition's currency."""

    id: Id
    name: Text
    standard: Positive
    student: Positive


class ByRuntime(Frozen):
    """Which fee class a category has when it depends on the runtime."""

    boundary_minutes: Positive
    below: Id
    from_boundary: Id


def _kind_of_fee(value: object) -> str:
    return "<id>" if isinstance(value, str) else "<by runtime>"


class Category(Frozen):
    """One competition category.

    Attributes
    ----------
    kind : str
        What the category asks of an entry (`entries` has the list for each kind).
    fee : Id or ByRuntime
        Fee class.
    """

    id: Id
    name: Text
    description: Text
    kind: Literal["generative_linear", "interactive", "generative_system", "synthetic_performance"]
    fee: Annotated[
        Annotated[Id, Tag("<id>")] | Annotated[ByRuntime, Tag("<by runtime>")],
        Discriminator(_kind_of_fee),
    ]


class Faction(Frozen):
    """One faction of the jury."""

    id: Id
    name: Text


class Dimension(Frozen):
    """One dimension of the evaluation matrix: its weight, and the names it also goes by."""

    id: Id
    name: Text
    weight: Positive
    aliases: tuple[Text, ...] = ()


class Scale(Frozen):
    """Whole-number scores from `lowest` to `highest`, both allowed."""

    lowest: Whole
    highest: Positive


class Check(Frozen):
    """One of the pass-or-fail checks of the first stage."""

    id: Id
    name: Text


class FirstStage(Frozen):
    """Recognition: pass or fail, absolutely; the pass rate is watched, not enforced.

    Attributes
    ----------
    factions : tuple of Id
        Who may write verdicts.
    minimum : mapping of Id to int
        Jurors of each faction that a work needs.
    expected : Fraction
        Share of works that the festival expects to pass.
    """

    description: Text
    factions: tuple[Id, ...]
    checks: tuple[Check, ...]
    minimum: Mapping[Id, Positive]
    expected: Fraction


class SecondStage(Frozen):
    """Evaluation on the matrix.

    Attributes
    ----------
    factions : tuple of Id
        Who may review.
    minimum : int
        Valid reviews without which a work cannot be decided.
    coverage : str
        "pool": any jurors make up the minimum; "per_work": at least one of each faction reviews
        each work.
    quota : Fraction
        Share of the works that pass; the number of places is rounded up.
    ties : str
        What becomes of works tied on the line after extra jurors and faction means: the committee
        decides with reasons, all pass, or a draw from a seed committed before.
    adjustment : str
        "two_way" (juror severity taken out) or "raw".
    blind : bool
        Whether reviewers do not see who made the work.
    """

    description: Text
    factions: tuple[Id, ...]
    minimum: Positive
    coverage: Literal["pool", "per_work"]
    quota: Fraction
    ties: Literal["committee", "all_pass", "draw"]
    adjustment: Literal["two_way", "raw"]
    blind: bool


class ThirdStage(Frozen):
    """The core committee: viewing, defence, one ballot per member and award."""

    description: Text
    quorum: Positive


class Award(Frozen):
    """One award.

    Attributes
    ----------
    dimension : Id or None
        Dimension of the matrix it honours; None for awards across all.
    decided_by : str
        "committee" ballots, or "token_holders" by poll.
    panel : tuple of Id
        Factions whose committee members vote on it; empty for all.
    trophy : str
        Kind of trophy that is minted for it, or "none".
    counted : bool
        Whether it counts among the festival's number of awards.
    announced : bool
        Whether the festival has named it; False for a place kept in the list.
    """

    id: Id
    name: Text
    citation: Text | None = None
    dimension: Id | None = None
    decided_by: Literal["committee", "token_holders"] = "committee"
    panel: tuple[Id, ...] = ()
    benefits: tuple[Text, ...] = ()
    trophy: Literal["standard", "distinct", "none"] = "standard"
    counted: bool = True
    announced: bool = True


class Space(Frozen):
    """One of the festival's spaces; what is not yet described has only a name."""

    id: Id
    name: Text
    description: Text | None = None
    capacity: Positive | None = None


class Item(Frozen):
    """One item of the programme, in the edition's time zone."""

    id: Id
    title: Text
    description: Text
    day: Day
    starts: Clock
    ends: Clock
    space: Id | None = None


class Venue(Frozen):
    """Where the festival is."""

    name: Text
    address: Text
    directions: Text
    description: Text


class Token(Frozen):
    """A ledger code and what it is for.

    Attributes
    ----------
    votes : bool
        Whether its holders vote by it on what token holders decide.
    """

    code: Annotated[str, Field(pattern=r"^[A-Za-z]{2,12}$")]
    name: Text
    purpose: Text
    votes: bool


class Quotes(Frozen):
    """When a price is fixed, and for how long it holds."""

    fixed_at: Literal["finalise", "draft", "paid"]
    locked_hours: Annotated[int, Field(ge=1, le=8760)]


class Settings(Frozen):
    """The choices that belong to no table of their own.

    Attributes
    ----------
    students_discounted : bool
        Whether student fees take part in a period's discount. Where they do not, a factor below 1
        leaves them as they are; a surcharge applies to them all the same.
    awards_counted, spaces_counted : int
        How many awards and spaces the festival says it has; the lists must agree.
    award_dimensions : tuple of Id
        Dimensions that the awards cover.
    token_holding_jurors : str
        Whether a juror who holds tokens may vote on what token holders decide.
    chinese_says_more : str
        What holds where the Chinese text says more than the English: "union" of both, or "english".
    language_deltas : tuple of Text
        Where the two differ.
    minted : str
        Which awards get their trophy minted; "best_film_only": those whose trophy is "distinct".
    defaults_note : Text or None
        What the reader should know about these choices.
    """

    students_discounted: bool
    awards_counted: Positive
    spaces_counted: Positive
    award_dimensions: tuple[Id, ...]
    token_holding_jurors: Literal["barred_from_token_award", "allowed"]
    chinese_says_more: Literal["union", "english"]
    language_deltas: tuple[Text, ...]
    minted: Literal["all_winners", "best_film_only"]
    defaults_note: Text | None = None


class Edition(Frozen):
    """One edition, whole.

    Attributes
    ----------
    id : str
        As it stands in addresses, such as "hkaiiff-2026".
    first_day, last_day : date
        Of the festival itself, both included.
    """

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{1,39}$")]
    name: Text
    motto: Text
    about: tuple[Text, ...]
    time_zone: Annotated[str, Field(min_length=1, max_length=64)]
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    first_day: Day
    last_day: Day
    venue: Venue
    periods: tuple[Period, ...]
    fees: tuple[FeeClass, ...]
    quotes: Quotes
    categories: tuple[Category, ...]
    factions: tuple[Faction, ...]
    dimensions: tuple[Dimension, ...]
    scale: Scale
    stage_1: FirstStage
    stage_2: SecondStage
    stage_3: ThirdStage
    awards: tuple[Award, ...]
    spaces: tuple[Space, ...]
    programme: tuple[Item, ...]
    tokens: tuple[Token, ...]
    platforms: tuple[Text, ...]
    settings: Settings

    @property
    def zone(self) -> ZoneInfo:
        """The edition's time zone."""
        return ZoneInfo(self.time_zone)

    def midnight(self, day: date) -> datetime:
        """Return the instant at which `day` begins here.

        In UTC: Python compares times of one zone by their wall clocks, which repeat and skip.
        """
        return datetime.combine(day, time.min, self.zone).astimezone(UTC)

    @property
    def days(self) -> tuple[date, ...]:
        """The festival's days."""
        span = (self.last_day - self.first_day).days
        return tuple(self.first_day + timedelta(n) for n in range(span + 1))

    def category(self, id_: str) -> Category | None:
        """Return the category of that id, if there is one."""
        return next((c for c in self.categories if c.id == id_), None)

    def fee_class(self, id_: str) -> FeeClass | None:
        """Return the fee class of that id, if there is one."""
        return next((f for f in self.fees if f.id == id_), None)

    def period(self, id_: str) -> Period | None:
        """Return the period of that id, if there is one."""
        return next((p for p in self.periods if p.id == id_), None)

    def award(self, id_: str) -> Award | None:
        """Return the award of that id, if there is one."""
        return next((a for a in self.awards if a.id == id_), None)
