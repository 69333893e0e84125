"""From the show file's tables to a checked show."""

from __future__ import annotations

import dataclasses
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

import dsp
from acquisition import (
    SIMULATED_CHANNELS,
    BrainFlowSpec,
    RecordingSpec,
    SimulatedSpec,
    SourceError,
    SourceSpec,
    describe,
    device_key,
)
from engine.config._calibration import read_calibration
from engine.config._file import (
    BrainFlowTable,
    RecordingTable,
    ShowTable,
    SimulatedTable,
    SourceTable,
    parse,
)
from engine.config._film import FilmFile, as_shown, film_hash, load_film
from engine.config._fit import fit_problems
from engine.config._lines import Lines, did_you_mean
from engine.config._norms import read_norms
from engine.config._show import Show, ShowError, ShowSource
from engine.config._study import read_control
from engine.norms import montages_of
from engine.packages import PackageError, film_at
from engine.places import cache_folder
from narrative import FilmError, Problem


def data_folder() -> Path:
    """Give the folder of recordings: `HALL_DATA`, by default ``../shared/data``."""
    return Path(os.environ.get("HALL_DATA", "../shared/data"))


def load_show(path: Path, *, boards: bool = True) -> Show:
    """Read and check a show file, its film and its clips.

    Parameters
    ----------
    path : Path
        The show file (TOML).
    boards : bool
        Play recordings through real playback boards; False for a virtual clock.

    Raises
    ------
    ShowError
        Something is wrong; the error lists everything found, with file, line and remedy.
    """
    text, parsed = parse(path)
    where = Lines(path.name, text)
    problems: list[Problem] = []
    settings = _settings(parsed.audience, where, problems)
    sources = _sources(parsed, where, settings, boards, problems)
    zones = _zones(parsed, where, sources, problems)
    film_path, loaded = _film(parsed, path.parent, where, problems)
    if loaded is not None:
        problems.extend(fit_problems(loaded.film, sources, zones))
    sha256 = film_hash(loaded.text, loaded.table) if loaded else None
    control = read_control(parsed, path.parent, sha256, where, problems)
    film = loaded.film if loaded else None
    calibrated = read_calibration(parsed, path.parent, film, sources, where, problems)
    montages = montages_of([source.headsets for source in sources], calibrated)
    norms = read_norms(parsed, path.parent, film, sha256, settings, montages, where, problems)
    if problems or loaded is None or sha256 is None:
        raise ShowError(problems)
    return Show(
        path=path,
        title=parsed.title or path.stem,
        driver=parsed.driver,
        film_path=film_path,
        film_text=loaded.text,
        film=loaded.film,
        film_sha256=sha256,
        linear=parsed.shown.linear,
        table=loaded.table,
        needs=loaded.needs,
        sources=sources,
        zones=zones,
        settings=settings,
        control=control,
        norms=norms,
        calibrated=calibrated,
    )


def _film(
    parsed: ShowTable, folder: Path, where: Lines, problems: list[Problem]
) -> tuple[Path, FilmFile | None]:
    """Read the film, out of its package where it is in one."""
    wanted = parsed.shown
    path, place = folder / wanted.file, where.key("film")
    try:
        path = film_at(path, cache_folder())
        return path, as_shown(load_film(path), linear=wanted.linear)
    except FileNotFoundError:
        problems.append(Problem(place, f"there is no film at {path}", "Correct the path."))
    except PackageError as error:
        problems.append(Problem(place, str(error), "Ask for the package again."))
    except FilmError as error:
        problems.extend(error.problems)
    return path, None


def _settings(values: Mapping[str, Any], where: Lines, problems: list[Problem]) -> dsp.Settings:
    known = {field.name for field in dataclasses.fields(dsp.Settings)}
    problems.extend(
        Problem(where.key(key), f"unknown setting `{key}`", did_you_mean(key, known))
        for key in sorted(values.keys() - known)
    )
    try:
        return msgspec.convert(
            {key: value for key, value in values.items() if key in known}, dsp.Settings
        )
    except (msgspec.ValidationError, ValueError) as error:
        name = next((key for key in values if key in str(error)), "audience")
        problems.append(Problem(where.key(name), str(error), "Correct the setting."))
        return dsp.Settings()


def _sources(
    parsed: ShowTable,
    where: Lines,
    settings: dsp.Settings,
    boards: bool,
    problems: list[Problem],
) -> tuple[ShowSource, ...]:
    sources = []
    devices: dict[tuple[str, ...], str] = {}
    taken: dict[str, str] = {}
    for number, entry in enumerate(parsed.sources):
        place = where.source(number)
        try:
            spec = _spec(entry, expand_seats(entry.seats), boards)
            headsets = describe(spec)
            settings.check_rate(headsets[0].rate)
            keys = device_key(spec)
        except (SourceError, ValueError) as error:
            problems.append(Problem(place, str(error), "The show needs every source it names."))
            continue
        for headset, key in zip(headsets, keys, strict=True):
            _claim(taken, headset.seat, f"seat {headset.seat}", place, problems)
            _claim(devices, (key,), f"the device of seat {headset.seat}", place, problems)
        name = f"{entry.__struct_config__.tag}-{number + 1}"
        sources.append(ShowSource(name, spec, headsets, entry.consent))
    return tuple(sources)


def _zones(
    parsed: ShowTable, where: Lines, sources: tuple[ShowSource, ...], problems: list[Problem]
) -> dict[str, tuple[str, ...]]:
    """Read the zones: names, each with seats that are in no other."""
    known = {headset.seat for source in sources for headset in source.headsets}
    taken: dict[str, str] = {}
    zones = {}
    for name, entry in parsed.zones.items():
        place = where.key(name)
        try:
            zones[name] = expand_seats(entry)
        except ValueError as error:
            problems.append(Problem(place, str(error), "Correct the zone."))
            continue
        for seat in zones[name]:
            if seat not in known:
                problems.append(
                    Problem(place, f"zone {name}: no seat {seat}", did_you_mean(seat, known))
                )
            _claim(taken, seat, f"zone {name}: seat {seat}", place, problems)
    return zones


def _claim(
    taken: dict[Any, str], key: object, what: str, place: str, problems: list[Problem]
) -> None:
    if key in taken:
        problems.append(
            Problem(place, f"{what} is in use already at {taken[key]}", "Give each seat its own.")
        )
    taken.setdefault(key, place)


def _spec(entry: SourceTable, seats: tuple[str, ...], boards: bool) -> SourceSpec:
    channels = tuple(entry.channels) if entry.channels else None
    if isinstance(entry, BrainFlowTable):
        return BrainFlowSpec(entry.board, seats, tuple(sorted(entry.params.items())), channels)
    if isinstance(entry, RecordingTable):
        return RecordingSpec(
            recording=entry.recording,
            path=str(data_folder()),
            seats=seats,
            records=tuple(entry.records),
            start_s=entry.start_s,
            stop_s=entry.stop_s,
            channels=channels,
            boards=boards,
        )
    assert isinstance(entry, SimulatedTable)
    try:
        return SimulatedSpec(
            seats=seats,
            seed=entry.seed,
            channels=channels or SIMULATED_CHANNELS,
            rate=entry.rate,
            responses=tuple(sorted(entry.responses.items())),
            closed=tuple(entry.closed),
            flashes=tuple((scene, tuple(at)) for scene, at in sorted(entry.flashes.items())),
            **entry.strengths,
        )
    except TypeError:
        fields = dataclasses.fields(SimulatedSpec)
        known = {f.name for f in fields if isinstance(f.default, float) and f.name != "rate"}
        wrong = next(key for key in entry.strengths if key not in known)
        raise ValueError(f"unknown strength `{wrong}`: {did_you_mean(wrong, known)}") from None


def expand_seats(seats: list[str] | str) -> tuple[str, ...]:
    """Read seat names: a list, or a range such as ``"A1..A12"``.

    Raises
    ------
    ValueError
        The range is not one.
    """
    if not isinstance(seats, str):
        return tuple(seats)
    span = re.fullmatch(r"([^\d.]*)(\d+)\.\.([^\d.]*)(\d+)", seats.strip())
    if span is None:
        return (seats,)
    if span[1] != span[3] or int(span[2]) > int(span[4]):
        raise ValueError(f'`{seats}` is no range of seats: write it as "A1..A12"')
    return tuple(f"{span[1]}{number}" for number in range(int(span[2]), int(span[4]) + 1))
