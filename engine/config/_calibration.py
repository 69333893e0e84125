"""The calibration that a show names, held against its audience and its film."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import dsp
from engine.calibration import Calibration, CalibrationError, read
from engine.config._file import ShowTable
from engine.config._lines import Lines
from engine.config._show import ShowSource
from engine.records import Calibrated
from narrative import Film, Problem

_AGAIN = "Run hall calibrate with this show and name its file, or leave the key out."


def read_calibration(
    parsed: ShowTable,
    folder: Path,
    film: Film | None,
    sources: Sequence[ShowSource],
    where: Lines,
    problems: list[Problem],
) -> Calibrated | None:
    """Read `calibration`; add to the problems what is wrong with it.

    Parameters
    ----------
    parsed : ShowTable
        The show file's tables.
    folder : Path
        Its folder.
    film : Film or None
        The film; None if it cannot be shown anyway.
    sources : sequence of ShowSource
        The show's audience.
    where : Lines
        Places in the show file.
    problems : list of Problem
        What is wrong is added.
    """
    if parsed.calibration is None:
        if film is not None and film.calibrated:
            what = "the film takes its baselines from a calibration, and the show names none"
            remedy = 'Run hall calibrate and write calibration = "NAME.calibration.json".'
            problems.append(Problem(film.source["baseline"], what, remedy))
        return None
    place, path = where.key("calibration"), folder / parsed.calibration
    try:
        found = read(path)
    except CalibrationError as error:
        problems.append(Problem(place, str(error), _AGAIN))
        return None
    misfits = list(_misfits(found, sources, path))
    problems.extend(Problem(place, what, _AGAIN) for what in misfits)
    if misfits or film is None:
        return None
    # A norm is of the montages' own weights: others would make another correlation of it.
    weights = {(m.rate, m.channels): () if parsed.norms else m.weights for m in found.montages}
    leads_in = any(scene.lead_in for scene in film.scenes.values())
    return Calibrated(
        path.name,
        hashlib.sha256(path.read_bytes()).hexdigest(),
        tuple(weights[s.headsets[0].rate, s.headsets[0].channels] for s in sources),
        {} if leads_in else _baselines(found, sources),
    )


def _misfits(found: Calibration, sources: Sequence[ShowSource], path: Path) -> list[str]:
    """Say which seats are not those that were calibrated, source by source."""
    montages = {
        seat: (montage.rate, montage.channels)
        for montage in found.montages
        for seat in montage.seats
    }
    told = []
    for source in sources:
        wears = (source.headsets[0].rate, source.headsets[0].channels)
        seats = [headset.seat for headset in source.headsets]
        new = [seat for seat in seats if seat not in montages]
        other = [seat for seat in seats if montages.get(seat, wears) != wears]
        if new:
            told.append(f"{path}: knows nothing of seat {', '.join(new)}")
        if other:
            told.append(
                f"{path}: seat {', '.join(other)} had another montage or rate than now "
                f"({', '.join(wears[1])} at {wears[0]:g} Hz)"
            )
    return told


def _baselines(
    found: Calibration, sources: Sequence[ShowSource]
) -> dict[str, tuple[tuple[float, float] | None, ...]]:
    """Give the baselines of the seats that allow a record: they go into the session."""
    recorded = {h.seat for s in sources if s.consent.records for h in s.headsets}
    return {
        seat.seat: tuple(
            (own.centre, own.spread) if (own := seat.baselines.get(name)) else None
            for name in dsp.MEASURED
        )
        for seat in found.seats
        if seat.seat in recorded
    }
