"""The jury's arithmetic: adjusted scores, the cut and its ties, and who reviews what.

Pure functions of records: no clock, no chance but from a seed that is passed in, no number that
another machine would round differently. So every result can be computed again from what was stored
with it.
"""

from __future__ import annotations

from festival_api.scoring._assign import (
    Assignment,
    Juror,
    Pair,
    Shortfall,
    assign,
    pick_extra,
)
from festival_api.scoring._cut import (
    Choice,
    Cut,
    Draw,
    Last,
    Outcome,
    Rung,
    Settled,
    Standing,
    cut,
    drawn,
    near_line,
    quota,
    settle,
)
from festival_api.scoring._score import Mean, Means, Review, Score, means, weighted
from festival_api.scoring._two_way import (
    MIN_REVIEWS,
    Adjusted,
    Reason,
    Severity,
    WorkScore,
    two_way,
)

__all__ = [
    "MIN_REVIEWS",
    "Adjusted",
    "Assignment",
    "Choice",
    "Cut",
    "Draw",
    "Juror",
    "Last",
    "Mean",
    "Means",
    "Outcome",
    "Pair",
    "Reason",
    "Review",
    "Rung",
    "Score",
    "Settled",
    "Severity",
    "Shortfall",
    "Standing",
    "WorkScore",
    "assign",
    "cut",
    "drawn",
    "means",
    "near_line",
    "pick_extra",
    "quota",
    "settle",
    "two_way",
    "weighted",
]
