"""What a film drives besides its picture: levels of sound, cues of the house, other modulations.

Deterministic, as all that follows from states and player events. What has no output yet is told in
words, once in a visit.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from engine.records import Sounding
from narrative import Cue, Film, Modulation, Modulations, Reading, Scene, modulate
from playback import Levels

_UNBUILT = "no output is built yet"
_GAIN = "gain"
# What a player takes.
_QUIETEST_DB, _LOUDEST_DB = -60.0, 6.0


class Effects:
    """Follow the effects of a film, scene by scene.

    Parameters
    ----------
    film : Film
        The branch graph.
    term : int
        This engine's number.
    sounding : Sounding, optional
        Where they stood under an engine before this one; what the player was told then is not
        known, and told again.
    """

    def __init__(self, film: Film, term: int, sounding: Sounding | None = None) -> None:
        self._film = film
        self._term = term
        self._sounding = sounding or Sounding()
        self._told_db: dict[int, float] = {}
        self._new: list[str] = []
        self._visit, self._next = -1, ""
        self._has_gain = any(
            modulation.drives == _GAIN
            for scene in film.scenes.values()
            for modulation in scene.modulations
        )

    @property
    def sounding(self) -> Sounding:
        """Where they stand."""
        return self._sounding

    def enter(self, visit: int, scene: Scene) -> None:
        """Follow the film into a scene."""
        self._told_db.setdefault(visit, 0.0)
        before = self._sounding.modulations if scene.continues else Modulations()
        self._sounding = Sounding(modulate(self._film, before, scene.name, {}, 0.0))
        self.go_on(visit, scene)
        self._new += [
            f"modulation of {scene.of}: {_driven(modulation)} by {modulation.signal}: {_UNBUILT}"
            for modulation in scene.modulations
            if modulation.drives != _GAIN and not scene.continues
        ]

    def go_on(self, visit: int, scene: Scene) -> None:
        """Be in a scene whose effects stand somewhere already."""
        self._visit, self._next = visit, "" if scene.branches else scene.default or ""

    def decide(self, to: str) -> None:
        """Know what follows, so that the level is there with its first frame."""
        self._next = to

    def observe(self, readings: Mapping[str, Reading], dt_s: float) -> None:
        """Let the modulations go on by one tick."""
        state = self._sounding.modulations
        moved = modulate(self._film, state, state.scene, readings, dt_s)
        self._sounding = msgspec.structs.replace(self._sounding, modulations=moved)

    def notes(self, scene_s: float | None) -> tuple[str, ...]:
        """Tell of what is due and has no output; nothing while the film stands still."""
        new, self._new = self._new, []
        scene = self._film.scenes.get(self._sounding.modulations.scene)
        if scene is not None and scene_s is not None:
            left = scene.cues[self._sounding.told :]
            due = [cue for cue in left if cue.at_s <= scene_s]
            told = self._sounding.told + len(due)
            self._sounding = msgspec.structs.replace(self._sounding, told=told)
            new += [f"cue at {cue.at_s:.1f} s of {scene.name}: {_said(cue)}" for cue in due]
        return tuple(new)

    def levels(self) -> tuple[Levels, ...]:
        """Give the levels that the player has not been told: of this visit, and of the next."""
        return tuple(level for level in self.level() if self._is_news(level))

    def level(self) -> tuple[Levels, ...]:
        """Give the levels of this visit and, where it is known what follows, of the next."""
        if self._visit < 0 or not self._has_gain:
            return ()
        state = self._sounding.modulations
        levels = [Levels(self._term, self._visit, self._gain_db(state))]
        if self._next:
            before = state if self._film.scenes[self._next].continues else Modulations()
            following = modulate(self._film, before, self._next, {}, 0.0)
            levels.append(Levels(self._term, self._visit + 1, self._gain_db(following)))
        return tuple(levels)

    def _gain_db(self, state: Modulations) -> float:
        """Give the gain of a scene's sound: 0 dB where nothing drives it."""
        modulations = self._film.scenes[state.scene].modulations
        driven = zip(modulations, state.values, strict=True)
        gain_db = sum((value for drive, value in driven if drive.drives == _GAIN), 0.0)
        return min(max(gain_db, _QUIETEST_DB), _LOUDEST_DB)

    def _is_news(self, level: Levels) -> bool:
        known = self._told_db.get(level.visit, None if level.visit == self._visit else 0.0)
        self._told_db = {
            visit: gain_db for visit, gain_db in self._told_db.items() if visit >= self._visit
        } | {level.visit: level.gain_db}
        return known != level.gain_db


def _driven(modulation: Modulation) -> str:
    return f"{modulation.drives} {modulation.target}".strip()


def _said(cue: Cue) -> str:
    """Say what a cue would do."""
    values = " ".join(f"{value:g}" for value in cue.values)
    match cue.output:
        case "lights":
            fade = f" in {cue.fade_s:g} s" if cue.fade_s else ""
            return f"lights {100 * cue.values[0]:g} %{fade}: {_UNBUILT}"
        case "osc":
            return f"osc {cue.target} {values}".strip() + f": {_UNBUILT}"
        case "midi":
            channel, *data = cue.values
            sent = " ".join(f"{value:g}" for value in data)
            return f"midi {cue.target} {sent} on channel {channel:g}: {_UNBUILT}"
