"""Cuts as the audience sees and hears them: our drivers beside one plain libVLC player."""

from __future__ import annotations

import importlib
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from itertools import product
from pathlib import Path

import numpy as np
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from numpy.typing import NDArray

from benchmarks._measure import Effort, UnavailableError, figure, spread
from benchmarks._report import RATIO, Table
from benchmarks._room import FPS, SIZE, make_clips, need_programs, room
from benchmarks._seam_reading import GRID_MS, NOTHING, OLD, Cut, read
from benchmarks._tape import recording

OURS = "embedded"
DESIGNS = {
    OURS: "Neural Hall: embedded",
    "vlc": "Neural Hall: vlc",
    "set_media": "one libVLC player, set_media",
}
CUTS_A_ROUND = 6
SHOWN_FRAMES = 30
LONG_FRAMES = 96
WAYS = {
    "cut now": "A cut in the middle of both clips",
    "cut at the end": "A cut at the end of a clip",
}
_LONGEST_S = 120.0
COLUMNS = (
    "Black: cuts at which neither clip was on the screen, and for how long, median with "
    "extremes. Late: how long the old clip's last picture and the black stood beyond one "
    "frame; below 0, the new clip came sooner. Lost: frames of the new clips that were "
    "never seen. Silence: within half a second of the cut. A/V: sound after picture in "
    "the new clip, the sink's own delay included; below 0, sound is early. ratio: from "
    "the old clip's last picture to the new one's first, beside ours.",
)

Cuts = dict[str, dict[str, list[Cut]]]


def run(effort: Effort, picture: Path | None = None) -> list[Table]:
    """Measure six cuts a round, both ways, with each design in turn.

    Parameters
    ----------
    effort : Effort
        How many rounds.
    picture : Path, optional
        Where to draw every cut.
    """
    need_programs()
    try:
        importlib.import_module("vlc")
    except (OSError, NameError) as error:
        raise UnavailableError("no libVLC: apt-get install libvlc5 vlc-plugin-base") from error
    with tempfile.TemporaryDirectory() as name:
        cuts = _measured(Path(name), effort.rounds)
    if picture:
        _draw(cuts, picture)
    return [_table(way, cuts[way]) for way in WAYS]


def _measured(folder: Path, rounds: int) -> Cuts:
    """Let the designs take turns, in a room of their own."""
    cuts: Cuts = {way: {design: [] for design in DESIGNS} for way in WAYS}
    lengths = {"cut now": (LONG_FRAMES, SHOWN_FRAMES), "cut at the end": (SHOWN_FRAMES, 0)}
    clips = {way: make_clips(folder, frames) for way, (frames, _) in lengths.items()}
    sockets = folder / "room"
    sockets.mkdir(mode=0o700)
    with room(sockets) as environment:
        for turn in range(rounds):
            names = list(DESIGNS)[turn % len(DESIGNS) :] + list(DESIGNS)[: turn % len(DESIGNS)]
            for way in WAYS:
                for design in names:
                    words = [design, str(lengths[way][1]), str(CUTS_A_ROUND + 1)]
                    words += map(str, clips[way])
                    cuts[way][design] += _round(words, folder / "tape.npz", environment)
    return cuts


def _round(words: Sequence[str], tape: Path, environment: Mapping[str, str]) -> list[Cut]:
    """Play a film of short scenes, and read what was recorded of it."""
    player = [sys.executable, "-m", "benchmarks._seam_player", *words]
    with recording(tape, environment):
        subprocess.run(player, env=environment, check=True, timeout=_LONGEST_S)
    cuts = read(tape).cuts()
    if len(cuts) != CUTS_A_ROUND:
        raise UnavailableError(f"{words[0]}: {len(cuts)} cuts were seen instead of {CUTS_A_ROUND}")
    return cuts


def _table(way: str, cuts: dict[str, list[Cut]]) -> Table:
    """Set the designs beside each other."""
    ours = np.array([cut.step_ms for cut in cuts[OURS]])
    unwatched = [cut.unwatched_ms for found in cuts.values() for cut in found]
    rows = tuple(_row(DESIGNS[design], found, ours) for design, found in cuts.items())
    return Table(
        f"{WAYS[way]}: {len(ours)} cuts each, {SIZE[1]}p{FPS}",
        (
            *("", "black cuts", "black ms", "late ms p50", "p95", "worst"),
            *("lost frames", "silence ms", "A/V ms", RATIO),
        ),
        rows,
        (
            "Longest time between two looks at the screen, around each cut: "
            f"{spread(unwatched)} ms.",
            *(COLUMNS if way == list(WAYS)[-1] else ()),
        ),
    )


def _row(name: str, cuts: list[Cut], ours: NDArray[np.float64]) -> tuple[str, ...]:
    """Sum up one design's cuts."""
    black = [cut.black_ms for cut in cuts]
    late = np.array([cut.late_ms for cut in cuts])
    offsets = [cut.offset_ms for cut in cuts if np.isfinite(cut.offset_ms)]
    return (
        name,
        str(sum(ms > 0 for ms in black)),
        spread(black),
        *(figure(float(value)) for value in np.percentile(late, [50, 95, 100])),
        str(sum(cut.dropped for cut in cuts)),
        spread([cut.silence_ms for cut in cuts]),
        spread(offsets) if offsets else figure(float("nan")),
        spread(np.array([cut.step_ms for cut in cuts]) / ours),
    )


def _draw(cuts: Cuts, path: Path) -> None:
    """Draw every cut as a line, what was seen and what was heard."""
    colours = ListedColormap(["#8fb3d9", "#f2c48d", "#000000"])
    sheet = Figure(figsize=(13, 6.5))
    axes = sheet.subplots(len(DESIGNS), 2 * len(WAYS), sharex=True)
    for column, (way, part) in enumerate(product(WAYS, ("picture", "sound"))):
        for row, design in enumerate(DESIGNS):
            axis = axes[row, column]
            lines = np.array([getattr(cut, part) for cut in cuts[way][design]])
            extent = (float(GRID_MS[0]), float(GRID_MS[-1]), 0.0, float(len(lines)))
            axis.imshow(
                lines,
                aspect="auto",
                interpolation="nearest",
                extent=extent,
                cmap=colours,
                vmin=OLD,
                vmax=NOTHING,
            )
            axis.axvline(0, color="#444444", linewidth=0.6)
            axis.set_yticks([])
            if row == 0:
                axis.set_title(f"{way}: {part}", fontsize=10)
            if row == len(DESIGNS) - 1:
                axis.set_xlabel("ms after the new picture was due", fontsize=8)
            if column == 0:
                axis.set_ylabel(DESIGNS[design], fontsize=9)
    names = ("old clip", "new clip", "neither: black, or silence")
    patches = [Patch(facecolor=colours(n), label=name) for n, name in enumerate(names)]
    sheet.legend(handles=patches, loc="lower center", ncols=3, frameon=False, fontsize=9)
    sheet.tight_layout(rect=(0, 0.05, 1, 1))
    path.parent.mkdir(exist_ok=True)
    sheet.savefig(path, dpi=110)
