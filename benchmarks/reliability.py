"""Faults in real shows: what the audience saw and heard, and what was lost."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from numpy.typing import NDArray

from benchmarks._measure import Effort, UnavailableError, figure
from benchmarks._reliability_reading import FRAME_MS, Kept, Seen, keep, see
from benchmarks._reliability_show import (
    DISK,
    FAULTS,
    FILM,
    LENGTHS_S,
    SHOW,
    Story,
)
from benchmarks._report import Table
from benchmarks._room import FPS, SIZE, make_clip, need_programs, room
from benchmarks._tape import recording
from benchmarks._tape_reading import read_tape

_LONGEST_S = 120.0
_DISK_MB = 8
_AROUND_S = (-3.0, 16.0)
_PICTURE = ("#8fb3d9", "#d3c3e8", "#f2c48d", "#000000")
_SOUND = ("#b9cfe6", "#000000")
_SEEN = (
    "Between the film's first picture and its last. dark: neither film nor slate, in frames of "
    "the film and in ms. slate: in ms. stood: the longest time a picture stood beyond its own. "
    "lost: frames never seen. twice: frames seen again after others. silence: the film has none "
    "of its own. back: from the fault until the part does its work again; for player, decoder "
    "and supervisor until the film runs."
)
_KEPT = (
    "session: one sealed file. replay: it gives the same states and decisions, byte for byte. "
    "missing: samples that were measured, or would have been, and are not in it, in seconds of "
    "every seat. ending by: who chose it. why: what the session itself says."
)


@dataclass(frozen=True, slots=True)
class _Run:
    """One show."""

    story: Story
    seen: Seen
    kept: Kept


def run(effort: Effort, picture: Path | None = None) -> list[Table]:
    """Show the same film once for each fault; rounds do not count.

    Parameters
    ----------
    effort : Effort
        Not used: a fault is shown once.
    picture : Path, optional
        Where to draw what was seen and heard.
    """
    need_programs()
    with tempfile.TemporaryDirectory() as name:
        runs, left_out = _all(Path(name))
    if picture:
        _draw(runs, picture)
    return [_seen_table(runs, left_out), _kept_table(runs)]


def _all(folder: Path) -> tuple[dict[str, _Run], list[str]]:
    """Run every show, in one room."""
    (folder / "film.yaml").write_text(FILM, "utf-8")
    (folder / "show.toml").write_text(SHOW, "utf-8")
    for number, (name, seconds) in enumerate(LENGTHS_S.items()):
        make_clip(folder / name, number, seconds * FPS)
    sockets = folder / "room"
    sockets.mkdir(mode=0o700)
    runs: dict[str, _Run] = {}
    left_out: list[str] = []
    with room(sockets) as environment:
        environment["HALL_RUN"] = str(folder / "run")
        # As Python does unless it is told otherwise: parts that start again find it there.
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        for fault in FAULTS:
            try:
                with _sessions(folder / "sessions", small=fault == DISK):
                    runs[fault] = _show(fault, folder, environment)
            except UnavailableError as error:
                left_out.append(f"{fault} is left out: {error}")
            except subprocess.SubprocessError as error:
                left_out.append(f"{fault}: the show did not come to its end: {error}")
    return runs, left_out


def _show(fault: str, folder: Path, environment: Mapping[str, str]) -> _Run:
    """Run one show, and read what there is of it."""
    words = [sys.executable, "-m", "benchmarks._reliability_show", fault, str(folder)]
    tape = folder / "tape.npz"
    with recording(tape, environment):
        told = subprocess.run(
            words, env=environment, stdout=subprocess.PIPE, check=True, timeout=_LONGEST_S
        )
    story = msgspec.json.decode(told.stdout, type=Story)
    (session,) = (folder / "sessions").glob("*.mcap")
    return _Run(story, see(read_tape(tape)), keep(session, folder / "run"))


@contextmanager
def _sessions(folder: Path, *, small: bool) -> Iterator[None]:
    """Give a folder for sessions that is gone afterwards; a small one is a disk of its own."""
    folder.mkdir()
    mounted = False
    try:
        if small:
            options = ["-t", "tmpfs", "-o", f"size={_DISK_MB}m", "tmpfs", str(folder)]
            mounting = subprocess.run(["mount", *options], check=False, capture_output=True)
            if mounting.returncode:
                raise UnavailableError("only root can mount a small disk")
            mounted = True
        yield
    finally:
        if mounted:
            subprocess.run(["umount", str(folder)], check=True)
        shutil.rmtree(folder)


def _seen_table(runs: Mapping[str, _Run], left_out: list[str]) -> Table:
    """Tell what the audience saw and heard."""
    unwatched = max(one.seen.unwatched_ms for one in runs.values())
    return Table(
        f"What the audience saw and heard: {SIZE[1]}p{FPS}",
        (
            *("", "dark frames", "dark ms", "slate ms", "stood ms", "lost", "twice"),
            *("silence ms", "back s"),
        ),
        tuple(_seen_row(fault, one) for fault, one in runs.items()),
        (
            _SEEN,
            f"Longest time between two looks at the screen: {figure(unwatched)} ms.",
            *left_out,
        ),
    )


def _seen_row(fault: str, one: _Run) -> tuple[str, ...]:
    seen = one.seen
    return (
        fault,
        str(round(seen.dark_ms / FRAME_MS)),
        figure(seen.dark_ms),
        figure(seen.slate_ms),
        figure(seen.stood_ms),
        str(seen.lost),
        str(seen.twice),
        figure(seen.silence_ms),
        _back(fault, one),
    )


def _back(fault: str, one: _Run) -> str:
    """Tell how long the part was away."""
    part = FAULTS[fault].part
    if part in ("", "curtain", "disk"):
        return "–"
    is_seen = part in ("player", "decoder", "supervisor")
    back_s = one.seen.moves_s if is_seen else one.story.back_s
    return "never" if back_s is None else figure(back_s - one.story.struck_s)


def _kept_table(runs: Mapping[str, _Run]) -> Table:
    """Tell what was lost."""
    return Table(
        "What was lost",
        ("", "session", "replay", "missing s", "ending by", "why"),
        tuple(_kept_row(fault, one.kept) for fault, one in runs.items()),
        (_KEPT, *_outcomes(runs)),
    )


def _kept_row(fault: str, kept: Kept) -> tuple[str, ...]:
    return (
        fault,
        "sealed" if kept.sealed else "not sealed",
        "identical" if kept.identical else "differs",
        figure(round(kept.missing_s, 2)),
        kept.decided,
        "; ".join(kept.notes) or "–",
    )


def _outcomes(runs: Mapping[str, _Run]) -> Iterator[str]:
    if DISK in runs:
        yield f"{DISK}: the supervisor said at the end: {runs[DISK].story.outcome}."


def _draw(runs: Mapping[str, _Run], path: Path) -> None:
    """Draw a strip for each fault: what was seen, and below it what was heard."""
    sheet = Figure(figsize=(13, 0.55 * len(runs) + 1.2))
    axes = sheet.subplots(len(runs), sharex=True)
    for axis, (fault, one) in zip(axes, runs.items(), strict=True):
        seen, zero = one.seen, one.story.struck_s
        _strip(axis, seen.since - zero, seen.picture, _PICTURE, 0.45, 0.55)
        _strip(axis, seen.sound_since - zero, seen.sound, _SOUND, 0.0, 0.35)
        if FAULTS[fault].part:
            axis.axvline(0, color="#c0392b", linewidth=1.2)
        axis.set_xlim(*_AROUND_S)
        axis.set_yticks([])
        axis.tick_params(bottom=axis is axes[-1])
        axis.set_ylabel(fault, rotation=0, ha="right", va="center", fontsize=8)
        for side in axis.spines.values():
            side.set_visible(False)
    axes[-1].set_xlabel("s after the fault", fontsize=8)
    names = ("film", "a picture that stands", "slate", "dark, or silence")
    patches = [Patch(facecolor=c, label=n) for c, n in zip(_PICTURE, names, strict=True)]
    sheet.legend(handles=patches, loc="lower center", ncols=len(names), frameon=False, fontsize=9)
    sheet.tight_layout(rect=(0, 0.05, 1, 1), h_pad=0.2)
    path.parent.mkdir(exist_ok=True)
    sheet.savefig(path, dpi=110)


def _strip(
    axis: Axes,
    since: NDArray[np.float64],
    kinds: NDArray[np.int8],
    colours: tuple[str, ...],
    bottom: float,
    height: float,
) -> None:
    """Draw what was there since when."""
    until = np.append(since[1:], _AROUND_S[1])
    spans = list(zip(since, until - since, strict=True))
    axis.broken_barh(spans, (bottom, height), facecolors=[colours[kind] for kind in kinds])
