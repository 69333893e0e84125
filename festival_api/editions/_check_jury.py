"""Contradictions of the jury's rules: matrix, stages, awards."""

from __future__ import annotations

from collections.abc import Iterator

from festival_api.editions._basics import Fraction
from festival_api.editions._model import Award, Edition
from festival_api.editions._problem import Path, Problem


def check_matrix(edition: Edition) -> Iterator[Problem]:
    """There is something to score, a scale that tells works apart, and one meaning to a name."""
    if not edition.dimensions:
        what = "the matrix has no dimension"
        yield Problem("no_dimensions", ("dimensions",), what, "Write at least one.")
    if edition.scale.lowest >= edition.scale.highest:
        what = f"the scale runs from {edition.scale.lowest} to {edition.scale.highest}"
        yield Problem(
            "empty_scale", ("scale", "highest"), what, "Write a highest above the lowest."
        )
    owner = {dimension.name.en: dimension.id for dimension in edition.dimensions}
    for number, dimension in enumerate(edition.dimensions):
        for place, alias in enumerate(dimension.aliases):
            if owner.setdefault(alias.en, dimension.id) != dimension.id:
                what = f'"{alias.en}" names "{owner[alias.en]}" already'
                remedy = "Let each name mean one dimension."
                yield Problem(
                    "ambiguous_alias", ("dimensions", number, "aliases", place), what, remedy
                )


def check_stages(edition: Edition) -> Iterator[Problem]:
    """Every stage can be decided by those who take part in it."""
    first, second = edition.stage_1, edition.stage_2
    if not edition.factions:
        yield Problem("no_factions", ("factions",), "the jury has no faction", "Write one.")
    needed: tuple[tuple[Path, object, str], ...] = (
        (("stage_1", "factions"), first.factions, "no faction takes part"),
        (("stage_1", "checks"), first.checks, "nothing is checked"),
        (("stage_1", "minimum"), first.minimum, "works would pass without a verdict"),
        (("stage_2", "factions"), second.factions, "no faction takes part"),
    )
    for path, items, what in needed:
        if not items:
            yield Problem("empty_stage", path, what, "Write at least one.")
    for faction in first.minimum:
        if faction not in first.factions:
            what = f'verdicts of "{faction}" are needed, but it may not write any in this stage'
            remedy = "Add it to the stage's factions, or remove it here."
            yield Problem("faction_not_in_stage", ("stage_1", "minimum", faction), what, remedy)
    yield from _share(("stage_1", "expected"), first.expected)
    yield from _share(("stage_2", "quota"), second.quota)
    if second.coverage == "per_work" and second.minimum < len(second.factions):
        what = f"{second.minimum} jurors cannot be of all {len(second.factions)} factions"
        remedy = f"Write at least {len(second.factions)}, or coverage: pool."
        yield Problem("coverage_impossible", ("stage_2", "minimum"), what, remedy)


def _share(path: Path, share: Fraction) -> Iterator[Problem]:
    if not 0 < share.numerator <= share.denominator:
        what = f"{share.numerator}/{share.denominator} of the works cannot pass"
        yield Problem("share_impossible", path, what, "Write a share above 0 and up to 1.")


def check_awards(edition: Edition) -> Iterator[Problem]:
    """The list of awards is whole, each can be decided, and each is minted as the edition says."""
    settings = edition.settings
    for number, award in enumerate(edition.awards):
        yield from _check_award(edition, award, ("awards", number))
    honoured = {award.dimension for award in edition.awards}
    for number, dimension in enumerate(settings.award_dimensions):
        if dimension not in honoured:
            what = f'the awards are said to cover "{dimension}", but none honours it'
            remedy = "Give an award this dimension, or remove it here."
            yield Problem(
                "dimension_without_award", ("settings", "award_dimensions", number), what, remedy
            )
    counted = [award for award in edition.awards if award.counted]
    if len(counted) != settings.awards_counted:
        what = f"{len(counted)} awards are counted, the edition says {settings.awards_counted}"
        remedy = "List them all, those without a name yet with announced: false."
        yield Problem("award_list_incomplete", ("awards",), what, remedy)
    unnamed = sum(not award.announced for award in edition.awards)
    if unnamed:
        what = f"{unnamed} of {len(edition.awards)} awards are not announced yet"
        remedy = "Give them their names before the committee decides."
        yield Problem("awards_to_be_announced", ("awards",), what, remedy, warning=True)
    distinct = [award for award in edition.awards if award.trophy == "distinct"]
    if settings.minted == "best_film_only" and len(distinct) != 1:
        what = f"one award is minted, the distinct one, but {len(distinct)} are distinct"
        remedy = "Write trophy: distinct for one award, or minted: all_winners."
        yield Problem("minted_unclear", ("settings", "minted"), what, remedy)


def _check_award(edition: Edition, award: Award, path: Path) -> Iterator[Problem]:
    if award.dimension is not None and award.dimension not in edition.settings.award_dimensions:
        what = f'"{award.dimension}" is not among the dimensions that awards cover'
        remedy = "Add it to settings.award_dimensions, or choose another."
        yield Problem("dimension_not_covered", (*path, "dimension"), what, remedy)
    if award.decided_by == "token_holders" and award.panel:
        remedy = "Remove the panel, or let the committee decide."
        what = "token holders decide this award, a panel cannot"
        yield Problem("panel_of_token_award", (*path, "panel"), what, remedy)
    if award.decided_by == "token_holders" and not any(token.votes for token in edition.tokens):
        remedy = "Write votes: true for a token, or let the committee decide."
        what = "token holders decide this award, but no token votes"
        yield Problem("no_voting_token", (*path, "decided_by"), what, remedy)
    if award.trophy == "none" and edition.settings.minted == "all_winners":
        what = "every award is minted, but this one has no trophy"
        remedy = "Write trophy: standard, or minted: best_film_only."
        yield Problem("minted_unclear", (*path, "trophy"), what, remedy)
