"""Norms of a film's scenes, from test screenings."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import sqrt
from pathlib import Path

import numpy as np

import dsp
from engine.norms import Montage, Norms, SceneNorm, montages_of, recipe_of
from engine.session import Configuration, SessionError
from engine.signals import Signals, Visit, read_signals
from narrative import Window

FEWEST_SCREENINGS = 2
"""With one there is nothing to tell how far screenings lie apart."""

_ROUNDING_S = 1e-6
"""Hall time comes in ns, and is compared in s."""

_SYNCHRONY = dsp.SIGNALS.index(dsp.SYNCHRONY)


@dataclass(frozen=True, slots=True)
class Shown:
    """How alike one audience was in one scene.

    Parameters
    ----------
    raw : float
        Mean inter-subject correlation over the reading window.
    null_sd : float
        Its standard deviation among strangers, at most: that of a single one of its windows.
    seats : float
        Mean number of valid seats.
    """

    raw: float
    null_sd: float
    seats: float


def measure(
    sessions: Sequence[Path],
    begin: Callable[[Path], None] = lambda session: None,
    done: Callable[[], None] = lambda: None,
) -> Norms:
    """Measure the norms of a film.

    Parameters
    ----------
    sessions : sequence of Path
        Test screenings of one film.
    begin, done : callable
        Called before and after each session is read, for whoever shows progress.

    Returns
    -------
    Norms
        Scenes without norm among them, each with the reason.

    Raises
    ------
    SessionError
        A session cannot be read, is of another film or was measured with other settings or
        electrodes than the first, or holds the same screening as another.
    """
    first: Signals | None = None
    screenings: list[dict[str, Shown]] = []
    for session in sessions:
        begin(session)
        signals = read_signals(session)
        first = first or signals
        _refuse_other(session, signals.configuration, sessions[0], first.configuration)
        shown = dict(_shown(signals))
        if shown and shown in screenings:
            twin = sessions[screenings.index(shown)]
            raise SessionError(f"{session}: the same screening as {twin}; name each one once")
        screenings.append(shown)
        done()
    if first is None:
        raise SessionError("no session: name test screenings of one film")
    configuration = first.configuration
    windows = {name: s.reading for name, s in first.film.scenes.items() if s.reading}
    return Norms(
        film_name=configuration.film_name,
        film_sha256=configuration.film_sha256,
        versions=configuration.versions,
        recipe=recipe_of(configuration.settings),
        montages=_montages(configuration),
        sessions=tuple(session.name for session in sessions),
        scenes={
            name: _norm(
                [shown[name] for shown in screenings if name in shown],
                reading.to_s - configuration.settings.isc_window_s,
            )
            for name, reading in windows.items()
        },
    )


def _refuse_other(
    session: Path, configuration: Configuration, model: Path, wanted: Configuration
) -> None:
    """Refuse a session that cannot be put together with the first."""
    if configuration.film_sha256 != wanted.film_sha256:
        raise SessionError(
            f"{session}: of another film ({configuration.film_name}), or of other clips, than "
            f"{model}; norms are made film by film"
        )
    here, there = recipe_of(configuration.settings), recipe_of(wanted.settings)
    for name, value in here.items():
        if value != there[name]:
            raise SessionError(
                f"{session}: measured with {name} {value}, {model} with {there[name]}; "
                "correlations of different recipes do not compare"
            )
    if _montages(configuration) != _montages(wanted):
        raise SessionError(
            f"{session}: other headsets, or other weights of a calibration, than {model}; "
            "correlations of different electrodes do not compare"
        )


def _montages(configuration: Configuration) -> tuple[Montage, ...]:
    return montages_of(configuration.sources, configuration.calibrated)


def _shown(signals: Signals) -> Iterator[tuple[str, Shown]]:
    """Measure each scene that was shown, over all its visits."""
    seconds: dict[str, list[int]] = {}
    for visit in signals.visits:
        reading = signals.film.scenes[visit.scene].reading
        if reading is not None:
            seconds.setdefault(visit.scene, []).extend(_read(signals, visit, reading))
    for scene, at in seconds.items():
        known = [second for second in at if not np.isnan(signals.value[_SYNCHRONY, second])]
        if known:
            yield (
                scene,
                Shown(
                    float(signals.raw[_SYNCHRONY, known].mean()),
                    float(signals.standard_error[_SYNCHRONY, known].mean()),
                    float(signals.count[_SYNCHRONY, known].mean()),
                ),
            )


def _read(signals: Signals, visit: Visit, reading: Window) -> Iterator[int]:
    """Give the seconds of a visit's reading window whose correlations lie within the scene."""
    window_s = signals.configuration.settings.isc_window_s
    for second, end_s in enumerate(signals.t_s.tolist()):
        if not visit.start_s < end_s <= visit.stop_s:
            continue
        pauses = [(a, b) for a, b in signals.pauses if visit.start_s <= a < end_s]
        stops = [until_s for _, until_s in pauses]
        stops += [at_s for at_s in signals.breaks_s if at_s < end_s]
        since_s = max([visit.start_s, *stops])
        scene_s = end_s - visit.start_s - sum(until_s - from_s for from_s, until_s in pauses)
        within = end_s - window_s >= since_s - _ROUNDING_S
        if within and reading.from_s <= scene_s + _ROUNDING_S <= reading.to_s + 2 * _ROUNDING_S:
            yield second


def _norm(screenings: Sequence[Shown], room_s: float) -> SceneNorm:
    """Bring a scene's screenings together; `room_s` is how far a correlation's window can move."""
    count = len(screenings)
    seats = sum(shown.seats for shown in screenings) / count if count else 0.0
    if room_s < 0:
        return SceneNorm(count, seats, refused="its reading window ends too soon after the cut")
    if count < FEWEST_SCREENINGS:
        return SceneNorm(count, seats, refused="too few screenings")
    raw = [shown.raw for shown in screenings]
    mean, sd = float(np.mean(raw)), float(np.std(raw, ddof=1))
    among_strangers = sqrt(sum(shown.null_sd**2 for shown in screenings)) / count
    return SceneNorm(count, seats, mean, sd, max(sd / sqrt(count), among_strangers))
