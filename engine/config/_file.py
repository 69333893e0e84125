"""The show file's form: its tables and keys, and what is said of others."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from engine.config._lines import Lines, did_you_mean
from engine.config._show import ShowError
from engine.records import Consent
from narrative import Problem


class SourceTable(msgspec.Struct, forbid_unknown_fields=True, tag_field="kind"):
    seats: list[str] | str
    consent: Consent = Consent.JOINED
    channels: list[str] | None = None


class BrainFlowTable(SourceTable, tag="brainflow"):
    board: str = ""
    params: dict[str, str | int] = {}


class RecordingTable(SourceTable, tag="recording"):
    """A source that plays a recording."""

    recording: str = ""
    records: list[int] = []
    start_s: float = 0.0
    stop_s: float | None = None


class SimulatedTable(SourceTable, tag="simulated"):
    seed: int = 1
    rate: float = 250.0
    responses: dict[str, float] = {}
    closed: list[str] = []
    flashes: dict[str, list[float]] = {}
    strengths: dict[str, float] = {}


class FilmSection(msgspec.Struct, forbid_unknown_fields=True):
    """The film, where more than its file is said: `linear` shows the director's path."""

    file: str
    linear: bool = False


class ShowTable(msgspec.Struct, forbid_unknown_fields=True):
    film: str | FilmSection
    title: str = ""
    driver: Literal["auto", "embedded", "vlc", "silent"] = "auto"
    control: str | None = None
    seed: Annotated[int, msgspec.Meta(ge=0, lt=1 << 53)] | None = None
    norms: str | None = None
    calibration: str | None = None
    audience: dict[str, Any] = {}
    zones: dict[str, list[str] | str] = {}
    sources: list[BrainFlowTable | RecordingTable | SimulatedTable] = []

    @property
    def shown(self) -> FilmSection:
        """The film, and how it is shown."""
        return FilmSection(self.film) if isinstance(self.film, str) else self.film


def parse(path: Path) -> tuple[str, ShowTable]:
    """Read a show file's text and tables.

    Raises
    ------
    ShowError
        It cannot be read, is not TOML, or has keys that are not a show's.
    """
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
        return text, msgspec.convert(raw, ShowTable)
    except msgspec.ValidationError as error:
        raise ShowError([_shape_problem(error, raw, Lines(path.name, text))]) from None


def _shape_problem(error: msgspec.ValidationError, raw: Any, where: Lines) -> Problem:
    """Turn msgspec's '... - at `$.sources[0].seats`' into a line and a remedy."""
    message, _, location = str(error).partition(" - at `$")
    source = re.match(r"\.sources\[(\d+)\]", location)
    unknown = re.search(r"unknown field `(\w+)`", message)
    key = unknown[1] if unknown else location.rsplit(".", 1)[-1].rstrip("`").split("[")[0]
    remedy = "Correct it; the operator's guide lists every key."
    if unknown:
        kinds: dict[Any, type] = {"brainflow": BrainFlowTable, "recording": RecordingTable}
        kind = raw["sources"][int(source[1])].get("kind") if source else None
        known = ShowTable if source is None else kinds.get(kind, SimulatedTable)
        remedy = did_you_mean(key, known.__struct_fields__)  # type: ignore[attr-defined]
    place = where.source(int(source[1]), key) if source else where.key(key)
    return Problem(place, message[0].lower() + message[1:], remedy)
