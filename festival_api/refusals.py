"""Refusals: why the service does not do what it was asked, in a closed list.

A refusal is a problem document (RFC 9457) in the making. Each package declares its kinds once, at
import::

    QUOTE_MISMATCH = Kind(
        "quote_mismatch", 409, "The price is {quoted}, not {sent}. Ask for a quote."
    )

and raises ``QUOTE_MISMATCH(quoted="562.50 USD", sent="500.00 USD")``. The English detail is also
the key of its translation in ``locale/zh_Hant/LC_MESSAGES/festival.po``; a test holds every kind to
having one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

__all__ = ["Kind", "Refusal"]


class Refusal(Exception):
    """The service refuses, and says so.

    Attributes
    ----------
    kind : Kind
        Which of the closed list.
    words : dict of str to object
        What the detail's placeholders stand for.
    facts : dict of str to object
        Members of the problem document beside the standard ones, such as the allowed next states;
        plain JSON values.
    """

    def __init__(self, kind: Kind, words: dict[str, object], facts: dict[str, Any]) -> None:
        self.kind, self.words, self.facts = kind, words, facts
        super().__init__(f"{kind.code}: {kind.detail.format(**words)}")


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of refusal.

    Attributes
    ----------
    code : str
        Stable name that programs may rely on; unique.
    status : int
        HTTP status: 400 malformed, 401/403 who, 404 unknown, 409 state or conflict, 413 too large,
        422 rule broken, 429 rate.
    detail : str
        English sentence with ``{placeholders}``: what is wrong, where, what to do.
    """

    code: str
    status: int
    detail: str
    ALL: ClassVar[dict[str, Kind]] = field(init=False, default={}, repr=False)

    def __post_init__(self) -> None:
        if self.code in Kind.ALL:
            raise ValueError(f"two kinds of refusal are called {self.code}")
        Kind.ALL[self.code] = self

    def __call__(self, facts: dict[str, Any] | None = None, /, **words: object) -> Refusal:
        """Make the refusal to raise; `words` fill the detail, `facts` go into the document."""
        return Refusal(self, words, facts or {})
