"""One way through a film as a timeline that an editing program opens, in OpenTimelineIO's form.

One clip a scene, and markers where the film decided: of a film, or of a screening.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import opentimelineio as otio

from engine.authoring._writing import (
    AuthoringError,
)
from engine.control import told
from engine.records import DecisionRecord
from engine.session import decode, read, read_configuration
from narrative import Film
from playback import Clip, PlayerEvent

__all__ = ["Mark", "Shot", "session_timeline", "timeline_text", "way_through"]


@dataclass(frozen=True, slots=True)
class Mark:
    """Something to be told at a frame of a shot, counted from its first."""

    frame: int
    name: str
    comment: str
    colour: str = "GREEN"


@dataclass(frozen=True, slots=True)
class Shot:
    """A stretch of a file on the timeline."""

    name: str
    clip: Clip
    marks: tuple[Mark, ...] = ()


def timeline_text(title: str, fps: Fraction, shots: Sequence[Shot]) -> str:
    """Write shots one after another as a timeline, in OpenTimelineIO's JSON."""
    track = otio.schema.Track("V1", kind=otio.schema.TrackKind.Video)
    for shot in shots:
        track.append(_clip_of(shot, float(fps)))
    timeline = otio.schema.Timeline(title)
    timeline.global_start_time = otio.opentime.RationalTime(0, float(fps))
    timeline.tracks.append(track)
    text: str = timeline.to_json_string(indent=2)
    return text + "\n"


def _clip_of(shot: Shot, rate: float) -> Any:
    clip = otio.schema.Clip(
        name=shot.name,
        media_reference=otio.schema.ExternalReference(Path(shot.clip.path).resolve().as_uri()),
        source_range=_range(shot.clip.first_frame, shot.clip.frames, rate),
    )
    for mark in shot.marks:
        at = shot.clip.first_frame + min(max(mark.frame, 0), shot.clip.frames - 1)
        marker = otio.schema.Marker(mark.name, _range(at, 0, rate), color=mark.colour)
        marker.comment = mark.comment
        clip.markers.append(marker)
    return clip


def _range(first: int, frames: int, rate: float) -> Any:
    time = otio.opentime.RationalTime
    return otio.opentime.TimeRange(time(first, rate), time(frames, rate))


def way_through(film: Film, wanted: Sequence[str]) -> tuple[str, ...]:
    """Give the scenes of one way through a film, shot by shot.

    Parameters
    ----------
    film : Film
        From `load_film`.
    wanted : sequence of str
        Scenes as they are written in the film file, or shots of them, in order; between two of
        them only the shots of the first are filled in. Empty: the director's path.

    Raises
    ------
    AuthoringError
        There is no such scene, or no way from one to the next.
    """
    if not wanted:
        return _defaults_from(film, film.start)
    for name in wanted:
        if name not in film.entrances and name not in film.scenes:
            known = ", ".join(dict.fromkeys(scene.of for scene in film.scenes.values()))
            raise AuthoringError(f"there is no scene {name}; there are: {known}")
    entered = [film.entrances.get(name, name) for name in wanted]
    way = [entered[0]]
    for target in entered[1:]:
        while target not in film.scenes[way[-1]].candidates:
            scene = film.scenes[way[-1]]
            following = scene.default
            if following is None or film.scenes[following].of != scene.of:
                ways = ", ".join(film.scenes[to].of for to in scene.candidates) or "the end"
                raise AuthoringError(f"{scene.of} does not lead to {target}; it leads to {ways}")
            way.append(following)
        way.append(target)
    return tuple(way) + _rest_of(film, way[-1])


def _defaults_from(film: Film, start: str) -> tuple[str, ...]:
    way: list[str] = []
    at: str | None = start
    while at is not None and at not in way:
        way.append(at)
        at = film.scenes[at].linear or film.scenes[at].default
    return tuple(way)


def _rest_of(film: Film, name: str) -> tuple[str, ...]:
    """Give the shots that complete the last scene."""
    rest: list[str] = []
    scene = film.scenes[name]
    while scene.default is not None and film.scenes[scene.default].of == scene.of:
        if not film.scenes[scene.default].continues:
            break
        scene = film.scenes[scene.default]
        rest.append(scene.name)
    return tuple(rest)


def session_timeline(session: Path, *, unblind: bool = False) -> str:
    """Write what one screening showed as a timeline, with its decisions as markers.

    Parameters
    ----------
    session : Path
        Its session file.
    unblind : bool
        Tell the decisions' reasons of a blind study too.

    Raises
    ------
    SessionError
        It is no session.
    AuthoringError
        The film was never started.
    """
    configuration = read_configuration(session)
    events: dict[tuple[int, str, int], PlayerEvent] = {}
    decided: dict[int, DecisionRecord] = {}
    for topic, _, data in read(session):
        if topic in ("/player/event", "/player/journal"):
            record = decode(topic, data)
            event = getattr(record, "event", record)
            events[event.visit, event.kind, event.hall_ns] = event
        elif topic == "/decision":
            record = decode(topic, data)
            control = configuration.control
            decided[record.decision.visit] = record if unblind else told(record, control)
    clips = {entry.scene: entry.clip for entry in configuration.table.scenes}
    shots = _screened(tuple(events.values()), clips, decided, configuration.table.fps)
    if not shots:
        raise AuthoringError(f"{session}: nothing was on the screen; the film was never started")
    title = f"{configuration.title} {configuration.started_at}"
    return timeline_text(title, configuration.table.fps, shots)


def _screened(
    events: Sequence[PlayerEvent],
    clips: Mapping[str, Clip],
    decided: Mapping[int, DecisionRecord],
    fps: Fraction,
) -> tuple[Shot, ...]:
    ordered = sorted(events, key=lambda event: event.hall_ns)
    visits: dict[int, str] = {}
    for event in ordered:
        if event.visit >= 0 and event.scene in clips:
            visits.setdefault(event.visit, event.scene)
    shots = []
    for number in sorted(visits):
        clip = clips[visits[number]]
        if number == max(visits):
            clip = Clip(clip.path, clip.first_frame, _shown_of(ordered, number, clip.frames))
        record = decided.get(number)
        shots.append(Shot(visits[number], clip, (_mark(record, fps),) if record else ()))
    return tuple(shots)


def _shown_of(events: Sequence[PlayerEvent], visit: int, frames: int) -> int:
    """Tell how much of the last scene was shown: all, or up to the last that was heard of it."""
    last = [event for event in events if event.visit == visit][-1]
    if last.kind == "ended" and last.by == "default":
        return frames
    return min(max(last.frame + 1, 1), frames)


def _mark(record: DecisionRecord, fps: Fraction) -> Mark:
    decision = record.decision
    colour = {"audience": "GREEN", "operator": "RED", "hold": "RED"}.get(decision.by, "YELLOW")
    frame = round(decision.scene_time_s * fps)
    return Mark(frame, f"to {decision.to} ({decision.by})", decision.explanation, colour)
