"""What people send: bodies, lines and numbers that cannot hurt; and documents as canonical bytes.

A database refuses NUL, a log is split by a line feed, a header by a carriage return, JSON's numbers
know no limit and its strings may hold half a character: all of it is refused here, before any rule
is asked.
"""

from __future__ import annotations

import hashlib
import unicodedata
from typing import Annotated, Any

import rfc8785
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictBool
from pydantic_core import PydanticCustomError

__all__ = ["Body", "Flag", "Id32", "Line", "Prose", "Sha256", "Whole", "canonical", "sha256_hex"]


class Body(BaseModel):
    """What a request may hold: no unknown members; frozen."""

    model_config = ConfigDict(extra="forbid", frozen=True)


# They make what follows run the other way: in a list, "gpj.exe" reads as another kind of file.
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
# Letters and a symbol by their category, and yet nothing is seen of them.
_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")


def _clean(value: str, allowed: str) -> str:
    """Refuse what is not text, and return the rest in NFC; empty when nothing of it is seen."""
    for letter in value:
        if letter in _TURNING or (
            letter not in allowed and unicodedata.category(letter) in ("Cc", "Cs", "Zl", "Zp")
        ):
            code = f"{ord(letter):04X}"
            raise PydanticCustomError(
                "not_text", "holds a character that is not text (U+{code})", {"code": code}
            )
    return unicodedata.normalize("NFC", value).strip() if any(map(_is_seen, value)) else ""


def _is_seen(letter: str) -> bool:
    category = unicodedata.category(letter)
    return category not in ("Cc", "Cf", "Cs") and category[0] not in "MZ" and letter not in _BLANK


def _line(value: str) -> str:
    return _clean(value, "")


def _prose(value: str) -> str:
    return _clean(value.replace("\r\n", "\n"), "\n\t")


Line = Annotated[str, Field(max_length=300), AfterValidator(_line)]
"""One line of text, at most 300 characters, NFC; may be empty unless the model says otherwise.

Empty too is what nobody sees, such as a zero-width space; what turns the direction of writing is
refused.
"""

Prose = Annotated[str, Field(max_length=20_000), AfterValidator(_prose)]
"""Several lines of text, at most 20,000 characters, NFC."""

Whole = Annotated[int, Field(strict=True, ge=0, le=2**53 - 1)]
"""A whole number that databases and JSON readers hold exactly; never a float or a truth value."""

Flag = StrictBool
"""True or false, never 1 or "yes"."""

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
"""A SHA-256 in lower-case hexadecimal."""

Id32 = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
"""An identifier as the service gives them out."""


def canonical(document: Any) -> str:
    """Write plain JSON values as canonical JSON (RFC 8785): equal documents, equal bytes."""
    return rfc8785.dumps(document).decode("utf-8")


def sha256_hex(text: str | bytes) -> str:
    """Hash text (as UTF-8) or bytes."""
    return hashlib.sha256(text.encode("utf-8") if isinstance(text, str) else text).hexdigest()
