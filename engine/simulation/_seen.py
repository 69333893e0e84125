"""What a show's faults cost: what the audience saw, and what the record lacks."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise

from engine.simulation._checks import Record
from engine.simulation._hall import Hall
from engine.simulation._screen import DARK, SLATE
from engine.simulation._world import MS


@dataclass(frozen=True, slots=True)
class Seen:
    """One show as it was seen, and as it was recorded.

    Attributes
    ----------
    dark_ms, slate_ms : float
        How long the screen was dark, and the slate up, between the film's first and last picture.
    still_ms : float
        The longest that one picture stood beyond a frame.
    unseen : int
        Frames between the first and the last one seen of each scene that never were on the
        screen.
    unrecorded : float
        Share of the samples of recorded seats that the record lacks.
    """

    dark_ms: float
    slate_ms: float
    still_ms: float
    unseen: int
    unrecorded: float


def seen(hall: Hall) -> Seen:
    """Sum up a show that is over."""
    lasted: dict[tuple[str, int], int] = defaultdict(int)
    still_ns = 0
    frame_ns = math.ceil(1e9 / hall.show.table.fps)
    shown: dict[tuple[int, str], set[int]] = defaultdict(set)
    scene, course = "", 0
    for (since_ns, picture), (until_ns, _) in pairwise(_film(hall)):
        lasted[picture] += until_ns - since_ns
        if picture in (DARK, SLATE):
            continue
        still_ns = max(still_ns, until_ns - since_ns - frame_ns)
        course += picture[0] != scene
        scene = picture[0]
        shown[course, scene].add(picture[1])
    unseen = sum(max(frames) - min(frames) + 1 - len(frames) for frames in shown.values())
    return Seen(lasted[DARK] / MS, lasted[SLATE] / MS, still_ns / MS, unseen, _unrecorded(hall))


def _film(hall: Hall) -> list[tuple[int, tuple[str, int]]]:
    """Pictures from the film's first to the end of its last."""
    pictures = hall.screen.pictures
    films = [n for n, (_, picture) in enumerate(pictures) if picture not in (DARK, SLATE)]
    return pictures[films[0] : films[-1] + 2] if films else []


def _unrecorded(hall: Hall) -> float:
    """Share of samples of seats that are recorded throughout and are not in the record."""
    record = Record(hall)
    end_ns = max((e.hall_ns for e in record.events if e.kind == "ended"), default=0)
    asked = {ask.seat for ask in hall.asked}
    given = kept = 0
    for found in hall.measured:
        source = hall.show.sources[found.source]
        for seat, first, count in found.runs.tolist():
            name = source.headsets[seat].seat
            if not source.consent.records or name in asked:
                continue
            if not record.origin_ns < found.t_ns < end_ns:
                continue
            given += count
            run = (found.source, seat, found.stamp_ns, first, count)
            kept += count * (run in record.samples)
    return 1 - kept / given if given else 0.0
