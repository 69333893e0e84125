"""The text of a film file, for those who bring a story or a timeline from elsewhere."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from narrative import RESERVED, FilmError, Problem, load_film

__all__ = [
    "AuthoringError",
    "Draft",
    "DraftBranch",
    "DraftScene",
    "Imported",
    "cleaned",
    "film_text",
    "finished",
    "language_of",
    "legal_names",
]


class AuthoringError(Exception):
    """A story, timeline or film cannot be worked with; the message says where and what to do."""


@dataclass(frozen=True, slots=True)
class Imported:
    """A film made of something else.

    Parameters
    ----------
    text : str
        The film file's.
    notes : tuple of Problem
        What was not taken or was guessed, by its place in the source.
    problems : tuple of Problem
        What keeps the film from being loaded, by its place in the film file.
    """

    text: str
    notes: tuple[Problem, ...]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class DraftBranch:
    """A branch to be written: its guard, its target, and a word to its writer."""

    when: str
    to: str
    comment: str = ""


@dataclass(frozen=True, slots=True)
class DraftScene:
    """A scene to be written.

    Parameters
    ----------
    name, title : str
        Its key, legal and unique; its title in whatever language.
    file : str
        The clip.
    length_s : float
        Planned length.
    cut : (int, int) or None
        In and out point in frames; None for the whole clip.
    lead_in, ending, photosensitive : bool
        Its marks.
    branches : tuple of DraftBranch
        In order.
    default : str or None
        Key of the scene that follows.
    comments : tuple of str
        Lines to be kept with it.
    """

    name: str
    title: str
    file: str
    length_s: float
    cut: tuple[int, int] | None = None
    lead_in: bool = False
    ending: bool = False
    photosensitive: bool = False
    branches: tuple[DraftBranch, ...] = ()
    default: str | None = None
    comments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """A film to be written; `calibrated` if it takes its baselines from a calibration."""

    title: str
    fps: Fraction
    start: str
    scenes: tuple[DraftScene, ...]
    calibrated: bool = False
    comments: tuple[str, ...] = ()


_PLAIN: Final = re.compile(r"[A-Za-z][A-Za-z0-9_./-]*", re.ASCII)
_CHINESE: Final = re.compile("[\u3400-\u9fff\uf900-\ufaff]")


def finished(draft: Draft, notes: Iterable[Problem], name: str) -> Imported:
    """Write a draft, and read it as any film is read."""
    text = film_text(draft)
    try:
        load_film(text, name)
    except FilmError as error:
        return Imported(text, tuple(notes), error.problems)
    return Imported(text, tuple(notes), ())


def film_text(draft: Draft) -> str:
    """Write a film file."""
    return "\n".join([*_head(draft), *(line for scene in draft.scenes for line in _scene(scene))])


def cleaned(text: str) -> str:
    """Give a text on one line, without characters that a film file cannot hold."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def language_of(text: str) -> str:
    """Guess a text's language tag: Chinese if there is a Chinese character in it."""
    return "zh-Hant" if _CHINESE.search(text) else "en"


def legal_names(wanted: Iterable[str]) -> tuple[str, ...]:
    """Make names of scenes: Latin letters, digits and _, a letter first, none twice."""
    given: dict[str, None] = {}
    for number, text in enumerate(wanted, start=1):
        plain = re.sub(r"[^a-z0-9]+", "_", text.lower(), flags=re.ASCII).strip("_")[:40]
        stem = plain if plain[:1].isalpha() else f"scene_{plain or number}"
        name, turn = stem, 1
        while name in given or name in RESERVED:
            turn += 1
            name = f"{stem}_{turn}"
        given[name] = None
    return tuple(given)


def _head(draft: Draft) -> Iterator[str]:
    title = cleaned(draft.title) or "Untitled"
    total_s = sum(scene.length_s for scene in draft.scenes)
    yield from (f"# {cleaned(line)}" for line in draft.comments)
    yield f"title: {{{language_of(title)}: {_quoted(title)}}}"
    yield f"fps: {draft.fps}"
    yield f"start: {draft.start}"
    yield f"max_runtime: {int(total_s // 60) + 1} min  # every scene once; from then on defaults"
    if draft.calibrated:
        yield "baseline: calibration  # no lead-in: the viewers are measured before the film"
    yield "scenes:"


def _scene(scene: DraftScene) -> Iterator[str]:
    yield f"  {scene.name}:"
    yield from (f"    # {kept}" for line in scene.comments if (kept := cleaned(line)))
    title = cleaned(scene.title) or scene.name
    yield f"    title: {{{language_of(title)}: {_quoted(title)}}}"
    yield f"    clip: {_clip(scene)}"
    if scene.cut is None:
        yield f"    length: {_seconds(scene.length_s)}"
    for key in ("lead_in", "ending", "photosensitive"):
        if getattr(scene, key):
            yield f"    {key}: true"
    if scene.branches:
        from_s, to_s = _window(scene.length_s)
        yield f"    reading: {{from: {_seconds(from_s)}, to: {_seconds(to_s)}}}"
        yield "    branches:"
    for branch in scene.branches:
        comment = f"  # {cleaned(branch.comment)}" if branch.comment else ""
        yield f"      - {{when: {_quoted(branch.when)}, to: {branch.to}}}{comment}"
    if scene.default is not None:
        yield f"    default: {scene.default}"
    yield ""


def _clip(scene: DraftScene) -> str:
    file = _quoted(cleaned(scene.file))
    if scene.cut is None:
        return file
    return f"{{file: {file}, in: {scene.cut[0]}, out: {scene.cut[1]}}}"


def _window(length_s: float) -> tuple[float, float]:
    """Give a scene's reading window: past the cut, and over before the player needs to know."""
    return (3.0, length_s - 2.0) if length_s >= 10 else (2.0, max(length_s - 1.0, 2.1))


def _seconds(length_s: float) -> str:
    return f"{length_s:.9f}".rstrip("0").rstrip(".") + " s"


def _quoted(text: str) -> str:
    return text if _PLAIN.fullmatch(text) else json.dumps(text, ensure_ascii=False)
