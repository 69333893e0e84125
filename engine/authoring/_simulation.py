"""What came of a simulation, asked by scenes and ways."""

from __future__ import annotations

from dataclasses import dataclass

from engine.authoring._tally import Counts, Places, Share, Tally
from narrative import AudienceModel, Scene


@dataclass(frozen=True, slots=True)
class Simulation:
    """What came of many passes.

    Parameters
    ----------
    seed : int
        Of all passes.
    tally : Tally
        What they add up to.
    places : Places
        Where in it each scene and each way is.
    audience : AudienceModel
        What the audiences were drawn from.
    missing : tuple of str
        Readings of the film that the audiences do not give.
    """

    seed: int
    tally: Tally
    places: Places
    audience: AudienceModel
    missing: tuple[str, ...]

    @property
    def passes(self) -> int:
        """How many."""
        return self.tally.passes

    def visits(self, scene: str) -> int:
        """Count the entries of a scene."""
        return int(self.tally.visits.times[self.places.scenes[scene]])

    def shown(self, written: str) -> Share:
        """Give the share of passes in which a written scene was shown."""
        return self._of_passes(self.tally.shown, self.places.written[written])

    def ended(self, written: str) -> Share:
        """Give the share of passes that ended in a written scene."""
        return self._of_passes(self.tally.ended, self.places.written[written])

    @property
    def cut(self) -> Share:
        """Share of passes that `max_runtime` led to a default."""
        return self._of_passes(self.tally.cut, 0)

    def taken(self, scene: Scene, branch: int | None) -> Share:
        """Give the share of a scene's visits that left it by a branch; None is the default."""
        hits = int(self.tally.taken.times[self.places.way(scene, branch)])
        return Share(hits, self.visits(scene.name))

    def judged(self, scene: Scene, branch: int) -> tuple[int, int, int]:
        """Count how often a branch's guard was false, unknown and true."""
        first = 3 * self.places.way(scene, branch)
        false, unknown, true = self.tally.verdicts.times[first : first + 3].tolist()
        return false, unknown, true

    def _of_passes(self, counts: Counts, at: int) -> Share:
        return Share(int(counts.times[at]), self.passes)
