"""What every part of an edition is made of: texts in both languages, exact shares, names, dates."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import date, time
from typing import Annotated, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from festival_api.speech import Language

_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_CLOCK: Final = re.compile(r"\d{2}:\d{2}(:00)?", re.ASCII)
_MOST: Final = 1_000_000_000


def _day(value: object) -> object:
    return _read(value, _DAY, date.fromisoformat, "day")


def _clock(value: object) -> object:
    return _read(value, _CLOCK, time.fromisoformat, "clock")


def _read(value: object, form: re.Pattern[str], read: Callable[[str], object], kind: str) -> object:
    """Read a text of one form only; Python and pydantic take many more, numbers among them."""
    if not isinstance(value, str):
        return value
    if form.fullmatch(value):
        with suppress(ValueError):
            return read(value)
    raise PydanticCustomError(kind, "not in its form")


Id = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Whole = Annotated[int, Field(ge=0, le=_MOST)]
Positive = Annotated[int, Field(ge=1, le=_MOST)]

# Bounded, so that no time zone can carry a midnight beyond what a datetime holds.
Day = Annotated[date, Field(ge=date(2000, 1, 1), le=date(2100, 12, 31)), BeforeValidator(_day)]
Clock = Annotated[time, BeforeValidator(_clock)]


class Frozen(BaseModel):
    """A part of an edition: nothing it does not know, nothing converted, nothing changed later."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Text(Frozen):
    """One public text in both of the festival's languages; neither may be empty."""

    en: Annotated[str, Field(min_length=1, examples=["Short Film"])]
    zh_hant: Annotated[str, Field(min_length=1, alias="zh-Hant", examples=["短片"])]

    def in_(self, language: Language) -> str:
        """Return the text in `language`."""
        return self.en if language == "en" else self.zh_hant


def both(en: str, zh_hant: str) -> Text:
    """Return the text that says `en` in English and `zh_hant` in Traditional Chinese."""
    return Text.model_validate({"en": en, "zh-Hant": zh_hant})


class Fraction(Frozen):
    """An exact share, such as 75/100."""

    numerator: Whole
    denominator: Positive
