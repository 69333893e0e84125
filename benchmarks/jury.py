"""How many of the best works a jury finds: four rules in seven simulated festivals."""

from __future__ import annotations

import numpy as np

from benchmarks._jury import (
    CONDITIONS,
    DRIFT,
    ERROR,
    RULES,
    WORKS,
    Condition,
    Floats,
    distance,
    error_of,
    recalls,
)
from benchmarks._measure import Effort
from benchmarks._report import Table

REPETITIONS_A_ROUND = 12
_SEED = 42


def run(effort: Effort) -> list[Table]:
    """Simulate every condition of the published table.

    Parameters
    ----------
    effort : Effort
        How many rounds, of twelve festivals each.
    """
    repetitions = REPETITIONS_A_ROUND * effort.rounds
    found = [(condition, recalls(condition, repetitions, _SEED)) for condition in CONDITIONS]
    far = [
        distance(of_rules[rule], published)
        for condition, of_rules in found
        for rule, published in condition.published.items()
    ]
    return [
        Table(
            f"Share of the true best 40 % of {WORKS} works that is selected, in %",
            ("", *RULES),
            tuple(_row(*one) for one in found),
            (
                f"Mean of {repetitions} festivals and its standard error; in brackets the "
                "published figure, whose own error is 0.4 to 0.5. From theirs the "
                f"{len(far)} cells lie {np.median(far):.1f} standard errors of the difference in "
                f"the middle, {max(far):.1f} at most. Error of a score {ERROR} and blur of a "
                f"stream {DRIFT} standard deviations of quality.",
            ),
        )
    ]


def _row(condition: Condition, found: dict[str, Floats]) -> tuple[str, ...]:
    return (
        condition.name,
        *(
            f"{values.mean():.1f} ± {error_of(values):.1f} ({condition.published.get(rule, '-')})"
            for rule, values in found.items()
        ),
    )
