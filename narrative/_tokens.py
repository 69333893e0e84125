"""A guard's text as tokens, read one after another, and what is wrong with them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, NoReturn

__all__ = ["EQUALS", "GuardProblem", "GuardSyntaxError", "Token", "Tokens"]

_TOKEN: Final = re.compile(
    r"(?P<number>-?[0-9]+(?:\.[0-9]+)?)"
    r"|(?P<word>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<mark><=|>=|==|!=|&&|\|\||[^\s])",
    re.ASCII,
)
EQUALS: Final = ("=", "==", "!=")
"""Signs that the language does not have, of which most who write them mean the same."""

_NOT_OURS: Final = {
    "=": "Readings are never exactly equal: use >= or <=.",
    "==": "Readings are never exactly equal: use >= or <=.",
    "!=": "Readings are never exactly equal: use > or <.",
    "≤": "Write <=.",
    "≥": "Write >=.",
    "&&": 'Write "and".',
    "||": 'Write "or".',
    "!": 'Write "not".',
}
