"""The festival's two languages, and the catalogue between them.

English sentences are written where they are said and are the keys of
``locale/zh_Hant/LC_MESSAGES/festival.po``.
After a change of messages (the first two lines are one)::

    pybabel extract -F festival_api/web/pages/messages.cfg -k say -k Kind:3
        --no-location -o festival.pot festival_api
    pybabel update --ignore-obsolete -i festival.pot -d festival_api/locale -D festival
    pybabel compile -d festival_api/locale -D festival

A test holds every sentence to having its translation, with the same placeholders.
"""

from __future__ import annotations

import gettext
from functools import cache
from pathlib import Path
from typing import Literal

__all__ = ["LANGUAGES", "Language", "asked_language", "say", "translated"]

Language = Literal["en", "zh-Hant"]
LANGUAGES: tuple[Language, ...] = ("en", "zh-Hant")

_LOCALE = Path(__file__).parent / "locale"


def say(message: str) -> str:
    """Mark a sentence for the catalogue; it is translated when it is known for whom."""
    return message


def translated(message: str, language: Language) -> str:
    """Return `message` in `language`; what has no translation stays English."""
    return _catalogue(language).gettext(message)


def asked_language(accept: str) -> Language:
    """Choose from the value of an `Accept-Language` header; English when nothing fits."""
    asked = []
    for part in accept[:1000].split(","):
        tag, _, parameters = part.strip().partition(";")
        try:
            quality = float(parameters.strip().removeprefix("q=") or 1)
        except ValueError:
            continue
        asked.append((quality, tag.strip().lower()))
    for quality, tag in sorted(asked, key=lambda one: one[0], reverse=True):
        if quality > 0 and tag.startswith("zh"):
            return "zh-Hant"
        if quality > 0 and tag.startswith("en"):
            return "en"
    return "en"


@cache
def _catalogue(language: Language) -> gettext.NullTranslations:
    name = language.replace("-", "_")
    return gettext.translation("festival", _LOCALE, [name], fallback=True)
