"""Checks a table before anything depends on it."""

from playback._types import FilmTable, TableError, TableScene


def checked_scenes(table: FilmTable) -> dict[str, TableScene]:
    """Return the scenes of `table` by name.

    Raises
    ------
    TableError
        If a name is used twice or leads nowhere, a clip has no frames, or the frame rate is not
        positive.
    """
    scenes = {scene.scene: scene for scene in table.scenes}
    if len(scenes) < len(table.scenes):
        raise TableError(f"{table.film}: two scenes have the same name; names must differ")
    if table.fps_num < 1 or table.fps_den < 1:
        raise TableError(f"{table.film}: {table.fps_num}/{table.fps_den} is no frame rate")
    if table.start not in scenes:
        raise TableError(f"{table.film}: the start {table.start!r} is not among its scenes")
    for scene in table.scenes:
        _check_scene(scene, scenes)
    return scenes


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
