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
        Titles, in their order.
    awards : tuple of (str, tuple of str)
        Names of awards, each with the titles of the works that won it.
    """

    recognised: int
    judged: int
    finalists: tuple[str, ...]
    awards: tuple[tuple[str, tuple[str, ...]], ...]


def published(results: Results, edition: Edition, language: Language) -> Published:
    """Tell what is published of an edition."""
    names = {award.id: award.name.in_(language) for award in edition.awards}
    titles = {
        (one.stage, one.award or ""): tuple(_title(work.title, language) for work in one.passed)
        for one in results.items
    }
    return Published(
        recognised=len(titles.get((1, ""), ())),
        judged=sum(one.works for one in results.items if one.stage == 1),
        finalists=tuple(sorted(titles.get((2, ""), ()))),
        awards=tuple((names[award], won) for (_, award), won in titles.items() if award in names),
    )


def _title(title: Mapping[str, str], language: Language) -> str:
    return title.get(language) or title.get("en") or next(iter(title.values()), "")
