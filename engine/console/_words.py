"""The console's languages.

Messages live in ``locale/<language>/LC_MESSAGES/console.po``, keyed by their English text. After a
change of messages::

    pybabel extract -k say -k _say -k later --no-location -o console.pot engine/console
    pybabel update --ignore-obsolete -i console.pot -d engine/console/locale -D console
    pybabel compile -d engine/console/locale -D console

Player, engine and stages speak English sentences; `Words.sentence` knows their patterns, and gives
those it does not know as they are.
"""

from __future__ import annotations

import gettext
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from babel import Locale, negotiate_locale

from engine.console._sentences import CONSENTS, LIST, SENTENCES, TERMS

LANGUAGES = {"en": "English", "zh-Hant": "繁體中文"}
"""Language tags of the page, and each language's own name."""

_LOCALE = Path(__file__).parent / "locale"
_WHO = re.compile(r"(?P<what>.+) \((?P<who>[\w.-]+)\)")
_REFUSED = re.compile(r"(?P<kind>\w+)(?: \((?P<who>[\w.-]+)\))?: (?P<why>.+)")
_WORD = re.compile(r"[A-Za-z_]\w*(?:\.\w+)*")


class Words:
    """The texts of one language.

    Parameters
    ----------
    language : str
        One of `LANGUAGES`.
    scenes : mapping of str to str
        Name of each scene to its title in this language.
    """

    def __init__(self, language: str, scenes: Mapping[str, str]) -> None:
        self.language = language
        self.scenes = scenes
        name = str(Locale.parse(language, sep="-"))
        self._catalogue = gettext.translation("console", _LOCALE, [name], fallback=True)
        # What says more comes first: "{scene} follows" would fit a TAKE's answer as well.
        self._patterns = [(_pattern(text), text) for text in sorted(SENTENCES, key=len)[::-1]]

    def __call__(self, text: str, **values: object) -> str:
        """Translate a message and fill in its values."""
        return self._catalogue.gettext(text).format(**values)

    def sentence(self, text: str) -> str:
        """Translate what player, engine or a stage said."""
        for pattern, known in self._patterns:
            if found := pattern.fullmatch(text):
                return self(known, **{k: self._value(k, v) for k, v in found.groupdict().items()})
        if found := _WHO.fullmatch(text):
            return f"{self.sentence(found['what'])} ({found['who']})"
        if found := _REFUSED.fullmatch(text):
            who = f" ({found['who']})" if found["who"] else ""
            return f"{found['kind'].upper()}{who}: {self.sentence(found['why'])}"
        return text

    def guard(self, text: str) -> str:
        """Translate the words of a guard, and leave its numbers and signs."""
        return _WORD.sub(lambda word: self._guard_word(word[0]), text)

    def signal(self, name: str) -> str:
        """Name a signal."""
        return self._guard_word(name)

    def scene(self, name: str) -> str:
        """Title of a scene."""
        return self.scenes.get(name, name)

    def _guard_word(self, word: str) -> str:
        if word in self.scenes:
            return self.scene(word)
        name, _, attribute = word.partition(".")
        known = self(TERMS[name]) if name in TERMS else self.scene(name)
        what = self(TERMS[attribute]) if attribute in TERMS else attribute
        return f"{known} {what}" if attribute else known

    def _value(self, kind: str, text: str) -> str:
        if kind == "scenes":
            return self(LIST).join(map(self.scene, text.split(", ")))
        if kind in ("before", "after"):
            return self(CONSENTS[text])
        return self.scene(text) if kind in _SCENES else text


def preferred(accepted: str) -> str:
    """Choose the page's language by the browser's Accept-Language header.

    Parameters
    ----------
    accepted : str
        For example ``zh-TW,zh;q=0.9,en;q=0.8``.
    """
    tags = [_parsed(part) for part in accepted.split(",")]
    wanted = [tag for quality, tag in sorted(tags, key=lambda tag: -tag[0]) if quality > 0]
    found = negotiate_locale(_widened(wanted), list(LANGUAGES), sep="-")
    return next((tag for tag in LANGUAGES if tag.lower() == (found or "en").lower()), "en")


def _parsed(part: str) -> tuple[float, str]:
    tag, _, quality = part.strip().partition(";q=")
    try:
        return float(quality or 1), tag
    except ValueError:
        return 0.0, tag


def _widened(tags: Iterable[str]) -> list[str]:
    """Every Chinese reader is served by our only Chinese."""
    return ["zh-Hant" if tag.lower().split("-")[0] == "zh" else tag for tag in tags]


_NUMBERS = frozenset({"number", "frame", "count", "seats", "needed", "term", "highest"})
_SCENES = frozenset({"scene", "other"})


def _pattern(text: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", text)
    for index in range(1, len(parts), 2):
        name = parts[index]
        form = "[0-9]+" if name in _NUMBERS else r"[\w.]+" if name in _SCENES else ".+?"
        parts[index] = f"(?P<{name}>{form})"
    parts[::2] = map(re.escape, parts[::2])
    return re.compile("".join(parts))
