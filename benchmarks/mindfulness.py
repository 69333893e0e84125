"""What BrainFlow's 'mindfulness' says of noise, of rest and of work."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from brainflow.data_filter import DataFilter
from brainflow.ml_model import (
    BrainFlowClassifiers,
    BrainFlowMetrics,
    BrainFlowModelParams,
    MLModel,
)

from benchmarks._measure import Effort, Floats
from benchmarks._minutes import MINUTE_S, PEOPLE, arithmetic
from benchmarks._report import Table

WINDOW_S = 4
SATURATED = 0.02
_NOISE_UV = 10.0
_RATE = 250


def run(effort: Effort) -> list[Table]:
    """Score white noise and the arithmetic recording, window by window.

    Parameters
    ----------
    effort : Effort
        40 windows of noise a round, at ten seconds, and the whole recording at five rounds.

    Raises
    ------
    UnavailableError
        The recordings are not there.
    """
    windows = max(1, round(4 * effort.rounds * effort.seconds))
    noise = np.random.default_rng(1).normal(0, _NOISE_UV, (windows, WINDOW_S * _RATE, 12))
    with _model() as model:
        scores = {"white noise": _scores(model, noise)}
        for name, recorded in _recorded().items():
            scores[name] = _scores(model, recorded[:: max(1, 200 // windows)])
    return [
        Table(
            f"BrainFlow's mindfulness, windows of {WINDOW_S} s",
            ("", "windows", "least", "median", "most", "saturated"),
            tuple((name, *_row(values)) for name, values in scores.items()),
            (
                f"White noise of {_NOISE_UV:g} uV, and {PEOPLE} people at rest and in mental "
                "arithmetic, 12 channels each; get_avg_band_powers, then the default classifier. "
                f"saturated: below {SATURATED:g} or above {1 - SATURATED:g}. Its other measure, "
                "restfulness, is 1 less this one.",
            ),
        )
    ]


def _recorded() -> dict[str, Floats]:
    """Cut rest and task of all people into windows: [windows, samples, channels]."""
    shown = arithmetic(PEOPLE, 0)
    size = WINDOW_S * _RATE
    parts = {"rest": (0.0, shown.judged["rest"][0]), "task": (shown.judged["task"][0],)}
    return {
        name: np.concatenate(
            [
                shown.samples[at : at + size].transpose(1, 0, 2)
                for start in starts
                for at in range(round(start) * _RATE, round(start + MINUTE_S) * _RATE, size)
            ]
        ).astype(np.float64)
        for name, starts in parts.items()
    }


@contextmanager
def _model() -> Iterator[MLModel]:
    """Prepare BrainFlow's default classifier."""
    MLModel.disable_ml_logger()
    model = MLModel(
        BrainFlowModelParams(
            BrainFlowMetrics.MINDFULNESS.value, BrainFlowClassifiers.DEFAULT_CLASSIFIER.value
        )
    )
    model.prepare()
    try:
        yield model
    finally:
        model.release()


def _scores(model: MLModel, windows: Floats) -> Floats:
    """Score windows [windows, samples, channels]."""
    scores = []
    for window in windows:
        rows = np.ascontiguousarray(window.T)
        powers, _ = DataFilter.get_avg_band_powers(rows, list(range(len(rows))), _RATE, True)
        scores.append(float(model.predict(powers)[0]))
    return np.array(scores)


def _row(scores: Floats) -> tuple[str, ...]:
    saturated = np.mean((scores < SATURATED) | (scores > 1 - SATURATED))
    marks = (f"{score:.6f}" for score in (scores.min(), np.median(scores), scores.max()))
    return (str(len(scores)), *marks, f"{100 * saturated:.0f} %")
