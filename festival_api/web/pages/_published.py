"""What the front page tells of published results, in words of one language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from festival_api.editions import Edition
from festival_api.jury import Results
from festival_api.speech import Language


@dataclass(frozen=True, slots=True)
class Published:
    """Results as far as they are published; what is sealed is empty.

    Attributes
    ----------
    recognised, judged : int
        How many works passed the first stage, and of how many.
    finalists : tuple of str
        Titles of those that have not left, in their order.
    awards : tuple of (str, tuple of (str, str or None))
        Names of awards, each with the titles of the works that won it; beside a title, how that
        work has left the competition since.
    """

    recognised: int
    judged: int
    finalists: tuple[str, ...]
    awards: tuple[tuple[str, tuple[tuple[str, str | None], ...]], ...]


def published(results: Results, edition: Edition, language: Language) -> Published:
    """Tell what is published of an edition."""
    names = {award.id: award.name.in_(language) for award in edition.awards}
    first, second, third = ([one for one in results.items if one.stage == n] for n in (1, 2, 3))
    finalists = [
        _title(work.title, language) for one in second for work in one.passed if work.left is None
    ]
    return Published(
        recognised=sum(len(one.passed) for one in first),
        judged=sum(one.works for one in first),
        finalists=tuple(sorted(finalists)),
        awards=tuple(
            (
                names[one.award],
                tuple((_title(work.title, language), work.left) for work in one.passed),
            )
            for one in third
            if one.award in names
        ),
    )


def _title(title: Mapping[str, str], language: Language) -> str:
    return title.get(language) or title.get("en") or next(iter(title.values()), "")
