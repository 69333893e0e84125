"""A show's audience before the calibration film instead of its own."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import tomlkit

import narrative
from engine.calibration import (
    CLIP,
    EYES_CLOSED,
    FILM_NAME,
    FILM_TEXT,
    FLASHES,
    FPS,
    LENGTH_S,
    TONE_S,
    flash_frames,
)
from engine.config import RecordingTable, expand_seats, parse
from playback import Card, Sketch, make_cards, make_sketches

_OF_ITS_OWN_FILM = ("control", "seed", "norms", "calibration")


def make_film(folder: Path, progress: Callable[[int, int], None]) -> None:
    """Lay the calibration film out in a folder; clips that are there already stay.

    Parameters
    ----------
    folder : Path
        Made when needed.
    progress : callable
        Called with clips done and clips in all.

    Raises
    ------
    MediaError
        A clip cannot be made.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / FILM_NAME).write_text(FILM_TEXT, "utf-8")
    film = narrative.load_film(FILM_TEXT, FILM_NAME)
    cards, sketches = [], []
    for number, (name, scene) in enumerate(film.scenes.items(), start=1):
        path = folder / scene.clip
        if path.exists():
            continue
        title, subtitle, seconds = scene.title["en"], scene.title["zh-Hant"], LENGTH_S[name]
        if name == CLIP:
            sketches.append(Sketch(str(path), number, title, subtitle, seconds, "harbour"))
        else:
            flashes = flash_frames() if name == FLASHES else ()
            tone_s = TONE_S if name == EYES_CLOSED else 0
            cards.append(Card(str(path), title, subtitle, seconds, flashes, tone_s))
    total = len(cards) + len(sketches)
    make_cards(cards, fps=film.fps, progress=lambda done, _: progress(done, total))
    if sketches:
        make_sketches(
            sketches, fps=film.fps, progress=lambda done, _: progress(len(cards) + done, total)
        )


def write_show(show: Path, folder: Path) -> Path:
    """Write a show file with another's audience and the calibration film.

    Its own film need not be there yet.

    Parameters
    ----------
    show : Path
        A show file.
    folder : Path
        Where `make_film` has laid out the film.

    Returns
    -------
    Path
        The show file written there.

    Raises
    ------
    ShowError
        It cannot be read, or has keys that are not a show's.
    """
    text, _ = parse(show)
    parsed = tomllib.loads(text)
    table = {key: value for key, value in parsed.items() if key not in _OF_ITS_OWN_FILM}
    table["film"] = FILM_NAME
    table["title"] = f"{parsed.get('title') or show.stem}, calibration"
    for source in table.get("sources", []):
        if source["kind"] == "simulated":
            source.update(answers())
    path = folder / f"{show.stem}.calibrating.toml"
    path.write_text(tomlkit.dumps(table), "utf-8")
    return path


def recordings_in(show: Path) -> frozenset[str]:
    """Name the seats of a show that are played from recordings.

    Raises
    ------
    ShowError
        It cannot be read, or has keys that are not a show's.
    """
    _, parsed = parse(show)
    return frozenset(
        seat
        for source in parsed.sources
        if isinstance(source, RecordingTable)
        for seat in expand_seats(source.seats)
    )


def answers() -> dict[str, Any]:
    """Give the keys by which simulated viewers do what the cards say.

    They close their eyes, see the flashes and are gripped by the clip.
    """
    return {
        "responses": {CLIP: 1.0},
        "closed": [EYES_CLOSED],
        "flashes": {FLASHES: [frame / FPS for frame in flash_frames()]},
    }
