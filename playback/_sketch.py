"""Sketch clips: painted stand-ins for scenes not filmed yet, with a code in every frame."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from fractions import Fraction
from multiprocessing import get_context
from pathlib import Path

from playback._types import MediaError
from playback._whole import whole


@dataclass(frozen=True, slots=True)
class Sketch:
    """A clip to be painted.

    Parameters
    ----------
    path : str
        The Matroska file to write.
    number : int
        Clip code, 0 to 255.
    title, subtitle : str
        Written into the picture; a subtitle no font here can write is left out.
    seconds : float
        Length, rounded to whole frames.
    landscape : str
        "harbour", "storm", "calm", "lighthouse", "cave", "forest", "summit", "night", "dawn",
        "stars", "embers", "lead_in", or any other name, which then seeds its own.
    """

    path: str
    number: int
    title: str
    subtitle: str
    seconds: float
    landscape: str


def make_sketches(
    sketches: Sequence[Sketch],
    *,
    fps: Fraction,
    size: tuple[int, int] = (1280, 720),
    progress: Callable[[int, int], None],
) -> None:
    """Paint clips, one child process per core; a file appears only when it is whole.

    H.264 with a key frame every 24 frames and FLAC at 48 kHz in Matroska: frame count and sound
    length are exact.

    Parameters
    ----------
    sketches : sequence of Sketch
        What to paint; existing files are replaced.
    fps : Fraction
        Frames per second.
    size : tuple of int, optional
        Width and height in pixels, both even.
    progress : callable
        Called with clips done and clips in all, first with 0.

    Raises
    ------
    MediaError
        If a clip cannot be written; names it. The others are still painted.
    """
    progress(0, len(sketches))
    longest_first = sorted(sketches, key=lambda sketch: -sketch.seconds)
    faults = []
    workers = max(1, min(len(sketches), os.cpu_count() or 1))
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        jobs = {pool.submit(paint_sketch, s, fps, size): s.path for s in longest_first}
        for done, job in enumerate(as_completed(jobs), start=1):
            if error := job.exception():
                faults.append(f"{jobs[job]}: cannot be made ({error})")
            progress(done, len(sketches))
    if faults:
        raise MediaError("; ".join(faults))


def paint_sketch(sketch: Sketch, fps: Fraction, size: tuple[int, int]) -> None:
    """Paint one clip in this process; see `make_sketches`."""
    # Players and decoders, which paint nothing, do not pay for the tools.
    from playback._painting import write_sketch

    target = Path(sketch.path)
    target.parent.mkdir(parents=True, exist_ok=True)
    with whole(target) as part:
        write_sketch(part, sketch, fps, size)
