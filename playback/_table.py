"""Checks a table before anything depends on it."""

import math

from playback._types import Bed, FilmTable, TableError, TableScene

# What may be asked of clips and beds: from all but silence to what hardly clips.
GAINS_DB = (-60.0, 6.0)
SPAN = "-60 to +6 dB"


def checked_scenes(table: FilmTable) -> dict[str, TableScene]:
    """Return the scenes of `table` by name.

    Raises
    ------
    TableError
        If a name is used twice or leads nowhere, a clip has no frames, the frame rate is not
        positive, or a bed cannot be mixed.
    """
    scenes = {scene.scene: scene for scene in table.scenes}
    if len(scenes) < len(table.scenes):
        raise TableError(f"{table.film}: two scenes have the same name; names must differ")
    if table.fps_num < 1 or table.fps_den < 1:
        raise TableError(f"{table.film}: {table.fps_num}/{table.fps_den} is no frame rate")
    if table.start not in scenes:
        raise TableError(f"{table.film}: the start {table.start!r} is not among its scenes")
    beds = {bed.name for bed in table.beds}
    if len(beds) < len(table.beds):
        raise TableError(f"{table.film}: two music beds have the same name; names must differ")
    for bed in table.beds:
        _check_bed(bed)
    for scene in table.scenes:
        _check_scene(scene, scenes)
        if scene.bed is not None and scene.bed not in beds:
            raise TableError(f"scene {scene.scene!r}: there is no music bed {scene.bed!r}")
    return scenes


def _check_bed(bed: Bed) -> None:
    """Check that a bed's numbers can be mixed; a comparison with NaN fails too."""
    if not GAINS_DB[0] <= bed.gain_db <= GAINS_DB[1]:
        raise TableError(f"bed {bed.name!r}: {bed.gain_db} dB is not within {SPAN}")
    if not 0 <= bed.fade_s < math.inf:
        raise TableError(f"bed {bed.name!r}: it cannot fade over {bed.fade_s} s")


def _check_scene(scene: TableScene, scenes: dict[str, TableScene]) -> None:
    """Check one scene's clip and ways out."""
    if scene.clip.frames < 1 or scene.clip.first_frame < 0:
        raise TableError(f"scene {scene.scene!r}: its clip needs at least one frame")
    ways = [*scene.targets] + ([scene.default] if scene.default is not None else [])
    for target in ways:
        if target not in scenes:
            raise TableError(f"scene {scene.scene!r} leads to {target!r}, which does not exist")
    if scene.default is None and scene.targets:
        raise TableError(f"scene {scene.scene!r} has branches but no default; give it one")
