"""Lists in sentences."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["and_more", "listed"]


def and_more(parts: Sequence[str], most: int = 1) -> str:
    """Write the first of some parts, and how many more there are: `a, b and 3 more`."""
    more = f" and {len(parts) - most} more" if len(parts) > most else ""
    return f"{', '.join(parts[:most])}{more}"


def listed(parts: Sequence[str], joint: str = "and") -> str:
    """Write all parts: `a, b and c`."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} {joint} {parts[-1]}"
