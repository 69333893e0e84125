"""What is wrong with a film's clips."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction

from narrative._film import Film, Media, Scene
from narrative._guard import format_number
from narrative._problem import Problem
from narrative._rules import length_problems
from narrative._words import and_more

__all__ = ["clip_problems"]

_ALIKE: Mapping[str, tuple[Callable[[Media], object], str]] = {
    "pictures of {}": (
        lambda facts: f"{facts.width} x {facts.height}",
        "The player fits the picture in with black borders. Render all clips in one size.",
    ),
    "sound at {} Hz": (
        lambda facts: facts.audio_rate,
        "The player resamples it. Render the sound of all clips at one rate.",
    ),
    "{} channels of sound": (
        lambda facts: facts.channels or None,
        "The hall would hear the cut. Give all clips the same channels.",
    ),
}
"""In which respects clips should be alike, and why."""


def clip_problems(film: Film, media: Mapping[str, Media | str]) -> Iterator[Problem]:
    """Yield what is wrong with clips.

    Parameters
    ----------
    film : Film
        From `load_film`.
    media : Mapping of str to Media or str
        As `check_film` takes it.

    Yields
    ------
    Problem
        In no particular order; one cause may come up in several scenes.
    """
    users: dict[str, list[Scene]] = {}
    for scene in film.scenes.values():
        users.setdefault(scene.clip, []).append(scene)
    found: dict[str, Media] = {}
    for clip, scenes in users.items():
        facts = media.get(clip, "nobody looked at it")
        if isinstance(facts, Media):
            found[clip] = facts
            yield from _clip(film, clip, scenes, facts)
        else:
            what = f'clip "{clip}" of {_whose(scenes)} cannot be shown: {facts}'
            yield Problem(scenes[0].where("clip"), what, "The path is relative to the film file.")
    yield from _unlike(found, users)


def _clip(film: Film, clip: str, scenes: list[Scene], facts: Media) -> Iterator[Problem]:
    if facts.fps != film.fps:
        what = f'clip "{clip}" has {facts.fps} pictures a second, the film {film.fps}'
        remedy = f"Render the clip at {film.fps}, or change fps."
        yield Problem(scenes[0].where("clip"), what, remedy)
        return
    for scene in scenes:
        yield from _stretch(film.fps, scene, facts)


def _stretch(fps: Fraction, scene: Scene, facts: Media) -> Iterator[Problem]:
    """Find stretches that the clip does not have, or not at the planned length."""
    last = facts.frames if scene.out_frame is None else scene.out_frame
    has = f'clip "{scene.clip}" has {facts.frames} frames, "{scene.of}"'
    remedy = "Render a longer clip, or move the in and out points."
    if last > facts.frames:
        where = scene.where("clip.out", "clip")
        yield Problem(where, f"{has} needs it to frame {last}", remedy)
        return
    if scene.in_frame >= last:
        where = scene.where("clip.in", "clip")
        yield Problem(where, f"{has} begins at frame {scene.in_frame}", remedy)
        return
    length = (last - scene.in_frame) / fps
    if scene.length_s is None:
        yield from length_problems(scene, float(length), "clip")
    elif scene.out_frame is None and abs(Fraction(scene.length_s) - length) * fps > 1 + Fraction(
        1, 10**6
    ):
        lasts = format_number(round(float(length), 3))
        what = f'clip "{scene.clip}" lasts {lasts} s, not {format_number(scene.length_s)} s'
        remedy = f"Write length: {lasts} s, or render the clip anew."
        yield Problem(scene.where("length", "clip"), what, remedy)


def _unlike(found: Mapping[str, Media], users: Mapping[str, list[Scene]]) -> Iterator[Problem]:
    """Find clips that differ from what most have."""
    for named, (look, remedy) in _ALIKE.items():
        values = {clip: look(facts) for clip, facts in found.items()}
        counted = Counter(value for value in values.values() if value is not None)
        if len(counted) < 2:
            continue
        most = counted.most_common(1)[0][0]
        for value in counted:
            if value != most:
                clips = [clip for clip, has in values.items() if has == value]
                odd = and_more([f'"{clip}"' for clip in clips])
                what = f"clip {odd} has {named.format(value)}, most have {named.format(most)}"
                yield Problem(users[clips[0]][0].where("clip"), what, remedy, "warning")


def _whose(scenes: list[Scene]) -> str:
    names = dict.fromkeys(f'"{scene.of}"' for scene in scenes)
    return f"scene {and_more(list(names))}"
