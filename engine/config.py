"""The show file: which film, which seats on which headsets, with which consent.

`load_show` refuses whatever would fail later, all of it at once, each with file, line and remedy.
"""

from __future__ import annotations

import dataclasses
import difflib
import hashlib
import os
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import msgspec

import dsp
import narrative
import playback
from acquisition import (
    SIMULATED_CHANNELS,
    BrainFlowSpec,
    Headset,
    RecordingSpec,
    SimulatedSpec,
    SourceError,
    SourceSpec,
    describe,
    device_key,
)
from engine.records import Consent
from narrative import Film, FilmError, Media, Problem
from playback import Clip, FilmTable, MediaError, TableScene

DRIVERS = ("auto", "embedded", "silent")
"""Players a show may ask for."""

_HASHED_BYTES = 1 << 20


class ShowError(Exception):
    """A show cannot be run.

    Attributes
    ----------
    problems : tuple of Problem
        Everything that is wrong, with file, line and remedy.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


@dataclass(frozen=True, slots=True)
class ShowSource:
    """One source of a show.

    Attributes
    ----------
    name : str
        What logs and the status call it.
    spec : SourceSpec
        How to make it.
    headsets : tuple of Headset
        Its seats.
    consent : Consent
        Of all its seats, at the start.
    """

    name: str
    spec: SourceSpec
    headsets: tuple[Headset, ...]
    consent: Consent


@dataclass(frozen=True, slots=True)
class Show:
    """A show that has been checked.

    Attributes
    ----------
    path : Path
        The show file.
    title : str
        Its title.
    driver : str
        One of `DRIVERS`.
    film_path, film_text, film, film_sha256 : Path, str, Film, str
        The film; the hash covers its text and its clips' sizes and first and last megabytes.
    table : FilmTable
        The film as the player gets it.
    sources : tuple of ShowSource
        In the order of the file.
    settings : dsp.Settings
        The recipe's numbers.
    """

    path: Path
    title: str
    driver: str
    film_path: Path
    film_text: str
    film: Film
    film_sha256: str
    table: FilmTable
    sources: tuple[ShowSource, ...]
    settings: dsp.Settings

    @property
    def consents(self) -> dict[str, Consent]:
        """Each seat's consent at the start."""
        return {h.seat: source.consent for source in self.sources for h in source.headsets}


class _Source(msgspec.Struct, forbid_unknown_fields=True, tag_field="kind"):
    seats: list[str] | str
    consent: Consent = Consent.JOINED
    channels: list[str] | None = None


class _BrainFlow(_Source, tag="brainflow"):
    board: str = ""
    params: dict[str, str | int] = {}


class _Recording(_Source, tag="recording"):
    recording: str = ""
    records: list[int] = []
    start_s: float = 0.0
    stop_s: float | None = None


class _Simulated(_Source, tag="simulated"):
    seed: int = 1
    rate: float = 250.0
    responses: dict[str, float] = {}
    strengths: dict[str, float] = {}


class _Show(msgspec.Struct, forbid_unknown_fields=True):
    film: str
    title: str = ""
    driver: Literal["auto", "embedded", "silent"] = "auto"
    audience: dict[str, float | int] = {}
    sources: list[_BrainFlow | _Recording | _Simulated] = []


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
    text, parsed = _parse(path)
    where = _Lines(path.name, text)
    problems: list[Problem] = []
    settings = _settings(parsed.audience, where, problems)
    sources = _sources(parsed, where, settings, boards, problems)
    film_path = path.parent / parsed.film
    loaded = None
    try:
        loaded = load_film(film_path)
    except FileNotFoundError:
        problems.append(
            Problem(where.key("film"), f"there is no film at {film_path}", "Correct the path.")
        )
    except FilmError as error:
        problems.extend(error.problems)
    if problems or loaded is None:
        raise ShowError(problems)
    film, film_text, table = loaded
    return Show(
        path=path,
        title=parsed.title or path.stem,
        driver=parsed.driver,
        film_path=film_path,
        film_text=film_text,
        film=film,
        film_sha256=_film_hash(film_text, table),
        table=table,
        sources=sources,
        settings=settings,
    )


def load_film(path: Path) -> tuple[Film, str, FilmTable]:
    """Read a film, probe its clips and check the two together.

    Returns
    -------
    film : Film
        The branch graph.
    text : str
        Its source.
    table : FilmTable
        What the player gets.

    Raises
    ------
    FileNotFoundError
        There is no such file.
    FilmError
        The film or a clip is not fit to be shown.
    """
    try:
        text = path.read_text("utf-8")
    except UnicodeDecodeError as error:
        problem = Problem(
            f"{path.name}:1:1", f"not UTF-8 text ({error.reason})", "Save it as UTF-8."
        )
        raise FilmError((problem,)) from None
    except IsADirectoryError:
        raise FileNotFoundError(path) from None
    film = narrative.load_film(text, path.name)
    media = {scene.clip: _probe(path.parent / scene.clip) for scene in film.scenes.values()}
    problems = narrative.check_film(film, media)
    if problems:
        raise FilmError(problems)
    return film, text, _table(film, path.parent, media)


def _parse(path: Path) -> tuple[str, _Show]:
    try:
        text = path.read_text("utf-8")
        raw = tomllib.loads(text)
    except OSError as error:
        raise ShowError(
            [Problem(path.name, f"cannot be read ({error.strerror})", f"Is {path} the show file?")]
        ) from None
    except UnicodeDecodeError:
        raise ShowError([Problem(path.name, "not UTF-8 text", "Save it as UTF-8.")]) from None
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"line (\d+)", str(error))
        raise ShowError(
            [Problem(f"{path.name}:{line[1] if line else 1}", f"not TOML: {error}", "Correct it.")]
        ) from None
    try:
        return text, msgspec.convert(raw, _Show)
    except msgspec.ValidationError as error:
        raise ShowError([_shape_problem(error, raw, _Lines(path.name, text))]) from None


def _shape_problem(error: msgspec.ValidationError, raw: Any, where: _Lines) -> Problem:
    """Turn msgspec's '... - at `$.sources[0].seats`' into a line and a remedy."""
    message, _, location = str(error).partition(" - at `$")
    source = re.match(r"\.sources\[(\d+)\]", location)
    unknown = re.search(r"unknown field `(\w+)`", message)
    key = unknown[1] if unknown else location.rsplit(".", 1)[-1].rstrip("`").split("[")[0]
    remedy = "Correct it; the operator's guide lists every key."
    if unknown:
        kinds: dict[Any, type] = {"brainflow": _BrainFlow, "recording": _Recording}
        kind = raw["sources"][int(source[1])].get("kind") if source else None
        known = _Show if source is None else kinds.get(kind, _Simulated)
        remedy = _did_you_mean(key, known.__struct_fields__)  # type: ignore[attr-defined]
    place = where.source(int(source[1]), key) if source else where.key(key)
    return Problem(place, message[0].lower() + message[1:], remedy)


def _settings(
    values: Mapping[str, float | int], where: _Lines, problems: list[Problem]
) -> dsp.Settings:
    known = {field.name for field in dataclasses.fields(dsp.Settings)}
    problems.extend(
        Problem(where.key(key), f"unknown setting `{key}`", _did_you_mean(key, known))
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
    parsed: _Show,
    where: _Lines,
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


def _claim(
    taken: dict[Any, str], key: object, what: str, place: str, problems: list[Problem]
) -> None:
    if key in taken:
        problems.append(
            Problem(place, f"{what} is in use already at {taken[key]}", "Give each seat its own.")
        )
    taken.setdefault(key, place)


def _spec(entry: _Source, seats: tuple[str, ...], boards: bool) -> SourceSpec:
    channels = tuple(entry.channels) if entry.channels else None
    if isinstance(entry, _BrainFlow):
        return BrainFlowSpec(entry.board, seats, tuple(sorted(entry.params.items())), channels)
    if isinstance(entry, _Recording):
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
    assert isinstance(entry, _Simulated)
    try:
        return SimulatedSpec(
            seats=seats,
            seed=entry.seed,
            channels=channels or SIMULATED_CHANNELS,
            rate=entry.rate,
            responses=tuple(sorted(entry.responses.items())),
            **entry.strengths,
        )
    except TypeError:
        known = {field.name for field in dataclasses.fields(SimulatedSpec)}
        wrong = next(key for key in entry.strengths if key not in known)
        raise ValueError(f"unknown strength `{wrong}`: {_did_you_mean(wrong, known)}") from None


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


def _probe(path: Path) -> Media | str:
    try:
        facts = playback.probe(str(path))
    except MediaError as error:
        return str(error)
    return Media(facts.frames, facts.fps, facts.width, facts.height, facts.audio_rate)


def _table(film: Film, folder: Path, media: Mapping[str, Media | str]) -> FilmTable:
    entries = []
    for name, scene in film.scenes.items():
        facts = media[scene.clip]
        assert isinstance(facts, Media)
        clip = Clip(str((folder / scene.clip).resolve()), 0, facts.frames)
        targets = tuple(branch.to for branch in scene.branches)
        entries.append(TableScene(name, clip, scene.default, targets))
    title = film.title.get("en") or next(iter(film.title.values()), "")
    return FilmTable(film.fps.numerator, film.fps.denominator, film.start, tuple(entries), title)


def _film_hash(text: str, table: FilmTable) -> str:
    digest = hashlib.sha256(text.encode())
    for entry in table.scenes:
        with open(entry.clip.path, "rb") as clip:
            size = clip.seek(0, os.SEEK_END)
            clip.seek(0)
            digest.update(f"{entry.scene} {size} ".encode() + clip.read(_HASHED_BYTES))
            clip.seek(max(0, size - _HASHED_BYTES))
            digest.update(clip.read(_HASHED_BYTES))
    return digest.hexdigest()


def _did_you_mean(word: str, known: Iterable[str]) -> str:
    names = sorted(known)
    close = difflib.get_close_matches(word, names, 1)
    return f"Did you mean `{close[0]}`?" if close else f"Known are: {', '.join(names)}."


class _Lines:
    """Where in a TOML text a table or key stands: tomllib does not say."""

    def __init__(self, name: str, text: str) -> None:
        self._name = name
        self._lines = text.splitlines()

    def key(self, key: str) -> str:
        """Place of the first line that sets `key`, anywhere."""
        return self._place(self._find(key, range(len(self._lines))))

    def source(self, number: int, key: str = "") -> str:
        """Place of the `number`-th source, or of a key in it."""
        headers = list(self._headers())
        if number >= len(headers):
            return self._name
        end = headers[number + 1] if number + 1 < len(headers) else len(self._lines)
        found = self._find(key, range(headers[number], end)) if key else None
        return self._place(headers[number] if found is None else found)

    def _headers(self) -> Iterator[int]:
        for number, line in enumerate(self._lines):
            if re.match(r"\s*\[\[\s*sources\s*\]\]", line):
                yield number

    def _find(self, key: str, lines: range) -> int | None:
        pattern = re.compile(rf'\s*(\[+[\w.]*)?"?{re.escape(key)}"?\s*[=\]]')
        return next((number for number in lines if pattern.match(self._lines[number])), None)

    def _place(self, line: int | None) -> str:
        return self._name if line is None else f"{self._name}:{line + 1}"
