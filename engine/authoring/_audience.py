"""Where simulated audiences come from: the shipped figures, a recorded session, or a show file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import inf
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

import dsp
from engine.config import ShowError, expand_seats, parse
from engine.session import SessionError
from engine.signals import Signals, read_signals
from narrative import SIMULATED, AudienceModel, Problem, SignalModel

Floats: TypeAlias = npt.NDArray[np.float64]

LAG_S: Final = 5
"""The autocorrelation is fitted here, where `for 5 s` asks: signals are smoothed, so that
neighbouring seconds are more alike than they stay."""

_LEAST_S: Final = 30
"""Known seconds that a fit needs."""

_SHIPPED_SEATS: Final = 24


def read_audience(path: Path | None) -> AudienceModel:
    """Read what simulated audiences are drawn from.

    Parameters
    ----------
    path : Path or None
        A session (`*.mcap`): its audience, whatever it answered to. A show file: its number of
        seats, and what its simulated viewers answer to. None: the shipped figures.

    Raises
    ------
    SessionError
        The session cannot be read, or holds too little.
    ShowError
        The show file cannot be read.
    """
    if path is None:
        return AudienceModel()
    return _of_session(path) if path.suffix == ".mcap" else _of_show(path)


def fit_audience(states: Iterable[dsp.AudienceState]) -> AudienceModel:
    """Fit an audience model to what was measured of one audience.

    Parameters
    ----------
    states : iterable of dsp.AudienceState
        Ten a second, without the lead-in.

    Returns
    -------
    AudienceModel
        Of the signals that were known for half a minute. What its scenes did to the audience is in
        the standard deviation and the autocorrelation; nothing more answers to scenes.
    """
    ends = [s.signals for s in states if (s.tick + 1) % dsp.TICKS_PER_SECOND == 0]
    columns = [list(of_signal) for of_signal in zip(*ends, strict=True)]
    models = {}
    for name, pooled in zip(dsp.SIGNALS, columns, strict=False):
        value = _floats([one.value for one in pooled])
        error = _floats([one.standard_error for one in pooled])
        seats = _floats([one.effective for one in pooled])
        models[name] = _fit(name, value, error, seats)
    return _model(models)


def _of_session(path: Path) -> AudienceModel:
    signals = read_signals(path)
    on = _shown(signals)
    models = {
        name: _fit(
            name, signals.value[i, on], signals.standard_error[i, on], signals.count[i, on] * 1.0
        )
        for i, name in enumerate(dsp.SIGNALS)
    }
    model = _model(models)
    if not model.signals:
        raise SessionError(
            f"{path}: no signal was known for {_LEAST_S} s of the film after its lead-in; take "
            "another session"
        )
    return model


def _shown(signals: Signals) -> npt.NDArray[np.bool_]:
    """Find the seconds of the film after its lead-in, without pauses."""
    on = np.zeros(len(signals.t_s), np.bool_)
    for visit in signals.visits:
        if not signals.film.scenes[visit.scene].lead_in:
            on |= (signals.t_s > visit.start_s) & (signals.t_s <= visit.stop_s)
    for start_s, stop_s in signals.pauses:
        on &= (signals.t_s <= start_s) | (signals.t_s > stop_s)
    return on


def _of_show(path: Path) -> AudienceModel:
    _, show = parse(path)
    seats = sum(len(expand_seats(source.seats)) for source in show.sources)
    if seats < 2:
        raise ShowError(
            [Problem(f"{path.name}:1", "there are no two seats in it", "Add a source with seats.")]
        )
    responses: dict[str, float] = {}
    for source in show.sources:
        responses |= getattr(source, "responses", {})
    parts = _SHIPPED_SEATS / seats
    signals = {name: one.in_part(parts) for name, one in SIMULATED.items()}
    return AudienceModel(signals, responses)


def _model(models: dict[str, SignalModel | None]) -> AudienceModel:
    return AudienceModel({name: one for name, one in models.items() if one is not None})


def _fit(name: str, value: Floats, error: Floats, seats: Floats) -> SignalModel | None:
    """Fit one signal to its seconds, NaN where it was unknown; None where too few were known."""
    known = ~np.isnan(value)
    if known.sum() < _LEAST_S:
        return None
    first = int(np.argmax(known))  # before, its baseline was not complete
    value, error, seats, known = value[first:], error[first:], seats[first:], known[first:]
    mean, unknown = float(np.nanmean(value)), 1.0 - float(known.mean())
    in_own_error = name == dsp.SYNCHRONY
    return SignalModel(
        means=(mean, mean, mean),
        sd=float(np.nanstd(value)),
        autocorrelation=_autocorrelation(value - mean),
        standard_error=1.0 if in_own_error else float(np.median(error[known])),
        seats=inf if in_own_error else max(2.0, float(np.median(seats[known]))),
        unknown=unknown,
        unknown_s=_mean_stretch(~known),
    )


def _autocorrelation(strays: Floats) -> float:
    """Give that of neighbouring seconds that an autoregressive process has with this lag's."""
    products = strays[LAG_S:] * strays[:-LAG_S]
    together = products[~np.isnan(products)]
    variance = float(np.nanmean(strays**2))
    if not len(together) or variance == 0:
        return 0.0
    share = float(together.mean()) / variance
    return float(min(max(share, 0.0) ** (1 / LAG_S), 0.999))


def _mean_stretch(lost: npt.NDArray[np.bool_]) -> float:
    starts = int(np.count_nonzero(np.diff(lost.astype(np.int8), prepend=0) == 1))
    return float(lost.sum()) / starts if starts else 1.0


def _floats(values: Sequence[float | None]) -> Floats:
    return np.array([np.nan if value is None else value for value in values], np.float64)
