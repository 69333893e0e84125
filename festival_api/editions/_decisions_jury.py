"""Decisions about the jury: matrix, scale, stages, quotas."""

from __future__ import annotations

from festival_api.editions._basics import both
from festival_api.editions._decided import Decided, decided, joined, listed, percent
from festival_api.editions._model import Edition

__all__ = ["JURY"]


def _dimensions(edition: Edition) -> Decided:
    count, names = len(edition.dimensions), listed([d.name for d in edition.dimensions])
    told = [
        both(
            f"The matrix has {count} dimensions: {names.en}",
            f"評價矩陣共有{count}個維度：{names.zh_hant}",
        )
    ]
    told += [
        both(
            f'"{alias.en}" means {dimension.name.en}',
            f"「{alias.zh_hant}」即「{dimension.name.zh_hant}」",
        )
        for dimension in edition.dimensions
        for alias in dimension.aliases
    ]
    answer = joined(told)
    return decided(
        8,
        "dimensions[].name, dimensions[].aliases",
        {
            d.id: {"name": d.name.en, "aliases": [alias.en for alias in d.aliases]}
            for d in edition.dimensions
        },
        (
            "The text lists the dimensions of the matrix twice, and differently: which hold?",
            "評價維度有兩份不同的列表：以哪一份為準？",
        ),
        both(f"{answer.en}.", f"{answer.zh_hant}。"),
    )


def _weights(edition: Edition) -> Decided:
    lowest, highest = edition.scale.lowest, edition.scale.highest
    weights = {dimension.id: dimension.weight for dimension in edition.dimensions}
    if len(set(weights.values())) == 1:
        told = both("all dimensions weigh the same", "各維度權重相同")
    else:
        each = listed(
            [
                both(f"{d.name.en} {d.weight}", f"{d.name.zh_hant}{d.weight}")
                for d in edition.dimensions
            ]
        )
        told = both(f"the weights are {each.en}", f"權重為{each.zh_hant}")
    return decided(
        9,
        "scale, dimensions[].weight",
        {"scale": edition.scale.model_dump(), "weights": weights},
        ("What are the scale and the weights?", "評分範圍及權重為何？"),
        both(
            f"Scores are whole numbers from {lowest} to {highest}; {told.en}.",
            f"評分為{lowest}至{highest}的整數；{told.zh_hant}。",
        ),
    )


def _quotas(edition: Edition) -> Decided:
    expected, quota = percent(edition.stage_1.expected), percent(edition.stage_2.quota)
    return decided(
        10,
        "stage_1.expected, stage_2.quota",
        {
            "expected": edition.stage_1.expected.model_dump(),
            "quota": edition.stage_2.quota.model_dump(),
        },
        (
            'Are "approximately 60%" and "approximately 40%" quotas or expectations?',
            "「約60%」及「約40%」是限額還是預期？",
        ),
        both(
            f"Stage 1 is pass or fail by its standards alone, and {expected} is only expected and "
            f"watched; stage 2 ranks the works and passes {quota}, rounded up to whole works.",
            f"第一階段只按標準判定合格與否，{expected}僅為預期並受監察；"
            f"第二階段按排名錄取{quota}的作品，名額以整數向上取整。",
        ),
    )


def _coverage(edition: Edition) -> Decided:
    minimum, coverage = edition.stage_2.minimum, edition.stage_2.coverage
    told = (
        both("of any of the stage's factions", "可來自本階段任何派系")
        if coverage == "pool"
        else both("with at least one of every faction", "且每個派系至少一名")
    )
    return decided(
        11,
        "stage_2.minimum, stage_2.coverage",
        {"minimum": minimum, "coverage": coverage},
        (
            "At least three jurors review each work, but all four factions take part: who reviews?",
            "每件作品至少3名評委，但四個派系全員參與：一件作品由誰評審？",
        ),
        both(
            f"Each work needs valid reviews of at least {minimum} jurors, {told.en}.",
            f"每件作品須有至少{minimum}名評委的有效評審，{told.zh_hant}。",
        ),
    )


def _verdicts(edition: Edition) -> Decided:
    names = {faction.id: faction.name for faction in edition.factions}
    needed = listed(
        [
            both(f"{count} of {names[id_].en}", f"{names[id_].zh_hant}{count}名")
            for id_, count in sorted(edition.stage_1.minimum.items())
        ]
    )
    return decided(
        12,
        "stage_1.minimum",
        dict(edition.stage_1.minimum),
        (
            "How many jurors does a work need in stage 1?",
            "第一階段每件作品需要多少名評委？",
        ),
        both(
            f"In stage 1 each work needs the verdicts of at least these jurors: {needed.en}.",
            f"第一階段每件作品至少須有以下評委的裁定：{needed.zh_hant}。",
        ),
    )


JURY = (_dimensions, _weights, _quotas, _coverage, _verdicts)
