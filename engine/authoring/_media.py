"""What is in a film's clips: loudness and flashes, looked for once for each file."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import msgspec

from narrative import Film, Problem, Scene
from playback import Flashing, Inspection, MediaError, inspect, remarks

__all__ = ["TARGET_LUFS", "TOLERANCE_LU", "Looked", "inspect_clips", "media_problems"]

TARGET_LUFS: Final = -23.0
"""EBU R 128: programme loudness."""

TOLERANCE_LU: Final = 1.0
"""EBU R 128: what a programme may be off it."""

_SPREAD_LU: Final = 2.0
"""Clips that differ by more are heard to at the cut."""

_AT_ONCE: Final = 2
_KNOWN: Final = 1
"""Number of what is looked for: a change of it has clips looked at again."""


@dataclass(frozen=True, slots=True)
class Looked:
    """A clip that was looked into.

    Parameters
    ----------
    clip : str
        As the film names it.
    inspection : Inspection or str
        What was found, or why it could not be looked into.
    """

    clip: str
    inspection: Inspection | str


def inspect_clips(
    clips: Sequence[str], folder: Path, cache: Path, progress: Callable[[str, float], object]
) -> tuple[Looked, ...]:
    """Look into clips, two at a time; what is known of a file is not looked for again.

    Parameters
    ----------
    clips : sequence of str
        As the film names them.
    folder : Path
        The film's.
    cache : Path
        Folder for what can be made again.
    progress : callable
        Called with what is being done, and how much of it all is done (0 to 1).
    """
    done = dict.fromkeys(clips, 0.0)
    lock = threading.Lock()

    def look(clip: str) -> Looked:
        def tell(share: float) -> None:
            with lock:
                done[clip] = share
                progress(f"looking into {Path(clip).name}", sum(done.values()) / len(done))

        found = _known_or_found(folder / clip, cache, tell)
        tell(1.0)
        return Looked(clip, found)

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return tuple(pool.map(look, clips))


def _known_or_found(path: Path, cache: Path, tell: Callable[[float], None]) -> Inspection | str:
    """Look into a file unless it was looked into as it is now."""
    try:
        facts = path.stat()
    except OSError as error:
        return f"{path}: {error.strerror}"
    key = f"{_KNOWN} {path.resolve()} {facts.st_size} {facts.st_mtime_ns}"
    kept = cache / "inspections" / f"{hashlib.sha256(key.encode()).hexdigest()}.json"
    try:
        return msgspec.json.decode(kept.read_bytes(), type=Inspection)
    except (OSError, msgspec.MsgspecError):
        pass
    try:
        found = inspect(str(path), tell)
    except MediaError as error:
        return str(error)
    kept.parent.mkdir(parents=True, exist_ok=True)
    part = kept.with_name(f"{kept.name}.{threading.get_ident()}")
    part.write_bytes(msgspec.json.encode(found))
    part.replace(kept)
    return found


def media_problems(film: Film, looked: Iterable[Looked]) -> Iterator[Problem]:
    """Yield what is wrong with what is in the clips.

    Parameters
    ----------
    film : Film
        The clips' film.
    looked : iterable of Looked
        From `inspect_clips`.
    """
    users: dict[str, list[Scene]] = {}
    for scene in film.scenes.values():
        users.setdefault(scene.clip, []).append(scene)
    levels: dict[str, float] = {}
    for one in looked:
        scenes = users[one.clip]
        if isinstance(one.inspection, str):
            what = f'clip "{one.clip}" cannot be looked into: {one.inspection}'
            yield Problem(_place(scenes[0]), what, "Export it anew.")
            continue
        yield from _remarks(film, one.clip, scenes, one.inspection)
        loudness = one.inspection.loudness
        if loudness is not None and loudness.integrated_lufs is not None:
            levels[one.clip] = loudness.integrated_lufs
    yield from _levels(levels, users)


def _levels(levels: Mapping[str, float], users: Mapping[str, list[Scene]]) -> Iterator[Problem]:
    off = {clip: at for clip, at in levels.items() if abs(at - TARGET_LUFS) > TOLERANCE_LU}
    if not off:
        return
    spread = max(levels.values()) - min(levels.values())
    count = f"{len(off)} clips are" if len(off) > 1 else f'clip "{next(iter(off))}" is'
    what = f"{count} not at {TARGET_LUFS:g} LUFS (EBU R 128)"
    if spread > _SPREAD_LU:
        what += f", and the film's clips are up to {spread:.1f} LU apart"
    gains = ", ".join(f"{clip} {TARGET_LUFS - at:+.1f} dB" for clip, at in off.items())
    remedy = f"Apply these gains and export anew: {gains}."
    yield Problem(_place(users[next(iter(off))][0]), what, remedy, "warning")


def _remarks(
    film: Film, clip: str, scenes: Sequence[Scene], inspection: Inspection
) -> Iterator[Problem]:
    """Say what is wrong with a clip; of its flashes those that a scene shows.

    They are an error in the first scene that shows them unmarked, a note where all are marked.
    """
    flashing = [scene for scene in scenes if _shown(film, scene, inspection.flashes)]
    unmarked = [s for s in flashing if not (film.photosensitive or s.photosensitive)]
    place = next(iter((*unmarked, *flashing, *scenes)))
    looked = replace(inspection, flashes=_shown(film, place, inspection.flashes))
    for remark in remarks(looked, photosensitive=not unmarked):
        what = f'clip "{clip}": {remark.what}'
        yield Problem(_place(place), what, remark.remedy, remark.severity)


def _shown(film: Film, scene: Scene, flashes: Sequence[Flashing]) -> tuple[Flashing, ...]:
    """Give the stretches that lie in what a scene shows of its clip."""
    return tuple(one for one in flashes if _is_shown(film, scene, one))


def _is_shown(film: Film, scene: Scene, flashing: Flashing) -> bool:
    """Tell whether a stretch of a clip lies in what the scene shows of it."""
    begins_s = scene.in_frame / film.fps
    ends_s = scene.out_frame / film.fps if scene.out_frame is not None else None
    return flashing.to_s > begins_s and (ends_s is None or flashing.from_s < ends_s)


def _place(scene: Scene) -> str:
    return scene.where("clip")
