"""Timelines of editing programs, in OpenTimelineIO's form, as films.

Each clip of the first video track becomes a scene, with its file, in and out point; they follow
one another by default, and the last is an ending. What else is in the timeline is listed.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import zip_longest
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import opentimelineio as otio

from engine.authoring._writing import (
    AuthoringError,
    Draft,
    DraftScene,
    Imported,
    cleaned,
    finished,
    legal_names,
)
from narrative import Problem

__all__ = ["import_timeline"]

_LARGEST: Final = 64 << 20
_DEEPEST: Final = 100
"""The library reads nested objects by recursion without bound."""

_MOST_FRAMES: Final = 10**8
_NTSC: Final = tuple(Fraction(base * 1000, 1001) for base in (24, 30, 48, 60, 120))


def import_timeline(text: str, file: str, name: str, *, source: Path, target: Path) -> Imported:
    """Make a film of a timeline.

    Parameters
    ----------
    text : str
        OpenTimelineIO's JSON.
    file, name : str
        File names of the timeline and of the film, for places.
    source, target : Path
        Folders of the two, for the paths of the clips.

    Raises
    ------
    AuthoringError
        It is no timeline, or has no clip in a video track.
    """
    return _Reader(file, source, target).film(_timeline(text, file), name)


def _timeline(text: str, file: str) -> Any:
    if len(text) > _LARGEST:
        raise AuthoringError(f"{file}:1:1: larger than 64 MB. Is it a timeline without its media?")
    if _depth(text) > _DEEPEST:
        raise AuthoringError(f"{file}:1:1: nested too deep for a timeline. Export it anew.")
    try:
        found = otio.core.deserialize_json_from_string(text)
    except Exception as error:
        # The library raises of ValueError, KeyError, TypeError and its own what it comes upon.
        why = cleaned(str(error))[:200]
        raise AuthoringError(f"{file}:1:1: no timeline of OpenTimelineIO: {why}") from error
    if isinstance(found, otio.schema.SerializableCollection):
        found = next((one for one in found if isinstance(one, otio.schema.Timeline)), found)
    if not isinstance(found, otio.schema.Timeline):
        raise AuthoringError(f"{file}:1:1: no timeline in it. Export the sequence as .otio.")
    return found


def _depth(text: str) -> int:
    depth = deepest = 0
    for bracket in re.findall(r"[\[\]{}]", re.sub(r'"(?:[^"\\]|\\.)*"', "", text, flags=re.DOTALL)):
        depth += 1 if bracket in "[{" else -1
        deepest = max(deepest, depth)
    return deepest


class _Reader:
    """Turns one timeline into a film, and lists what it leaves out."""

    def __init__(self, file: str, source: Path, target: Path) -> None:
        self._file = file
        self._source = source
        self._target = target
        self._notes: list[Problem] = []

    def film(self, timeline: Any, name: str) -> Imported:
        clips = self._clips(timeline)
        fps = self._fps(clips, timeline)
        scenes = [self._scene(number, clip, fps) for number, clip in enumerate(clips, start=1)]
        keys = legal_names(scene.title for scene in scenes)
        named = [
            replace(
                scene,
                name=key,
                file=scene.file or f"clips/{key}.mkv",
                ending=following is None,
                default=following,
            )
            for key, following, scene in zip_longest(keys, keys[1:], scenes)
        ]
        title = cleaned(str(timeline.name or "")) or self._file.rpartition(".")[0]
        draft = Draft(title, fps, keys[0], tuple(named), comments=(f"Made of {self._file}.",))
        return finished(draft, self._notes, name)

    def _note(self, place: str, what: str, remedy: str) -> None:
        self._notes.append(Problem(f"{self._file}: {place}", what, remedy, "note"))

    def _clips(self, timeline: Any) -> list[Any]:
        """Choose the first video track's clips."""
        tracks = list(timeline.tracks) if timeline.tracks is not None else []
        video = None
        for number, track in enumerate(tracks, start=1):
            place = f'track {number} "{cleaned(str(track.name or ""))}"'
            is_video = isinstance(track, otio.schema.Track) and track.kind == "Video"
            if video is None and is_video:
                video = track
                self._note_effects(place, track)
                continue
            kind = str(getattr(track, "kind", type(track).__name__)).lower()
            count = len(list(track)) if isinstance(track, otio.core.Composition) else 0
            what = f"a track ({kind}) with {count} items is not taken"
            self._note(place, what, "The first video track is; put what matters there.")
        taken = [] if video is None else list(self._taken(video))
        if not taken:
            raise AuthoringError(
                f"{self._file}:1:1: no clip in a video track. Export the cut sequence as .otio."
            )
        if len(taken) > 20_000:
            raise AuthoringError(f"{self._file}:1:1: more than 20,000 clips. Export a reel each.")
        return taken

    def _taken(self, track: Any) -> Iterator[Any]:
        """Yield a track's clips; what lies between them is listed."""
        for number, item in enumerate(track, start=1):
            place = f'item {number} "{cleaned(str(item.name or ""))}"'
            if isinstance(item, otio.schema.Gap):
                self._note(place, "a gap is not taken", "The scenes follow without it.")
            elif not isinstance(item, otio.schema.Clip):
                kind = type(item).__name__.lower()
                self._note(place, f"a {kind} is not taken", "Render it into a clip.")
            elif not item.enabled:
                self._note(place, "a clip that is switched off is not taken", "Switch it on.")
            else:
                self._note_effects(place, item)
                yield item

    def _note_effects(self, place: str, item: Any) -> None:
        for effect in item.effects:
            name = cleaned(str(getattr(effect, "name", "") or getattr(effect, "effect_name", "")))
            kind = type(effect).__name__
            what = f"effect {name or kind} is not taken"
            self._note(place, what, "Render it into the clip.")
        for marker in item.markers:
            text = cleaned(f"{marker.name or ''} {getattr(marker, 'comment', '') or ''}")
            self._note(place, f'marker "{text[:80]}" is not taken', "It says nothing in a film.")

    def _fps(self, clips: Sequence[Any], timeline: Any) -> Fraction:
        """Find the timeline's rate: its own, or its first clip's."""
        times = [timeline.global_start_time]
        times += [c.source_range.duration for c in clips if c.source_range is not None]
        times += [r.duration for c in clips if (r := _available(c)) is not None]
        for time in times:
            if time is not None and (rate := _rate(time.rate)) is not None:
                return rate
        self._note("timeline", "it does not say its frame rate; 24 is taken", "Correct fps.")
        return Fraction(24)

    def _scene(self, number: int, clip: Any, fps: Fraction) -> DraftScene:
        title = cleaned(str(clip.name or "")) or f"Shot {number}"
        place = f'clip {number} "{title}"'
        file = self._path(place, clip)
        cut = self._cut(place, clip, fps)
        length_s = float((cut[1] - cut[0]) / fps) if cut else 24.0
        return DraftScene("", title, file, length_s, cut)

    def _cut(self, place: str, clip: Any, fps: Fraction) -> tuple[int, int] | None:
        """Find the in and out point, in frames from the file's first."""
        available = _available(clip)
        trimmed = clip.source_range if clip.source_range is not None else available
        if trimmed is None:
            what = "it has no in and out point; the whole clip is taken, planned as 24 s"
            self._note(place, what, "Correct length.")
            return None
        start = _frames(trimmed.start_time, fps)
        length = _frames(trimmed.duration, fps)
        # A file's time code may start anywhere; frames are counted from its first.
        origin = _frames(available.start_time, fps) if available is not None else Fraction(0)
        if start is None or length is None or origin is None or start < origin or length < 1:
            what = "its in and out point cannot be read; the whole clip is taken, planned as 24 s"
            self._note(place, what, "Correct length, and write in and out.")
            return None
        if any(part.denominator != 1 for part in (start - origin, length)):
            what = f"its in or out point is not on a frame at {fps} a second; the nearest is taken"
            self._note(place, what, "Compare in and out with the cut.")
        first = round(start - origin)
        return first, first + max(round(length), 1)

    def _path(self, place: str, clip: Any) -> str:
        """Give the clip's file as seen from the film; empty where there is none."""
        reference = clip.media_reference
        url = getattr(reference, "target_url", None)
        if not isinstance(reference, otio.schema.ExternalReference) or not isinstance(url, str):
            kind = type(reference).__name__
            self._note(place, f"it has no file ({kind})", "A name stands for it; correct clip.")
            return ""
        try:
            parts = urlsplit(url)
        except ValueError:
            parts = urlsplit("")
        if parts.scheme not in ("", "file") or not parts.path:
            self._note(place, f"its file {cleaned(url)[:80]} is none here", "Correct clip.")
            return ""
        path = os.path.normpath(self._source / cleaned(unquote(parts.path)))
        inside = os.path.relpath(path, os.path.normpath(self._target))
        return path if inside.startswith("..") else inside


def _available(clip: Any) -> Any:
    reference = clip.media_reference
    return None if reference is None else reference.available_range


def _rate(rate: float) -> Fraction | None:
    """Give a rate as a film writes it; editors round those of NTSC."""
    if not math.isfinite(rate) or not 1 <= rate <= 240:
        return None
    near = min(_NTSC, key=lambda exact: abs(float(exact) - rate))
    if abs(float(near) - rate) < 0.01 and rate != round(rate):
        return near
    return Fraction(rate).limit_denominator(1000)


def _frames(time: Any, fps: Fraction) -> Fraction | None:
    """Give a time in frames of the film; None where it is no time."""
    rate = _rate(time.rate)
    if rate is None or not math.isfinite(time.value) or abs(time.value) > _MOST_FRAMES:
        return None
    frames = Fraction(time.value).limit_denominator(1000) * fps / rate
    return frames if frames.denominator < 10**6 else Fraction(round(frames))
