"""A film made ready for its machine, scene by scene as they are needed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from narrative._film import Branch, Film, Scene, Set, Window
from narrative._preparing import Counted, Prepared, Preparing

__all__ = ["Program", "Question", "program_of"]


@dataclass(frozen=True, slots=True)
class Question:
    """Branches and their window, made ready.

    Parameters
    ----------
    window : Window
        When they are asked, in the scene's time.
    branches : tuple of Branch
        In order.
    guards : tuple of Prepared
        Of each branch.
    counted : tuple of Counted
        Every `for` in them, inner ones first.
    whole : tuple of tuple of int
        For each of those the branches whose whole guard it is.
    goes_on : bool
        Whether runs go on after the window, for the next shot.
    """

    window: Window
    branches: tuple[Branch, ...]
    guards: tuple[Prepared, ...]
    counted: tuple[Counted, ...]
    whole: tuple[tuple[int, ...], ...]
    goes_on: bool


class Program:
    """What the machine looks up, for one film.

    Parameters
    ----------
    film : Film
        From `load_film`.

    Attributes
    ----------
    film : Film
        The same.
    written : tuple of str
        The scenes whose visits a state counts.
    variables, visits : dict of str to int
        Where a state has each variable, and each scene's visits.
    """

    def __init__(self, film: Film) -> None:
        self.film = film
        self.variables = {name: at for at, name in enumerate(film.variables)}
        self.written = tuple(dict.fromkeys(scene.of for scene in film.scenes.values()))
        self.visits = {name: at for at, name in enumerate(self.written)}
        for name, entered in film.entrances.items():
            self.visits[name] = self.visits[film.scenes[entered].of]
        self._last = {scene.of: scene for scene in film.scenes.values() if not scene.cosmetic}
        self._asked: dict[str, tuple[Question | None, Question | None]] = {}

    def asked(self, scene: Scene) -> tuple[Question | None, Question | None]:
        """Give what a scene asks for itself, and ahead for a later shot."""
        found = self._asked.get(scene.name)
        if found is None:
            found = self._asked[scene.name] = self._own(scene), self._ahead(scene)
        return found

    def changed(self, variables: tuple[int, ...], sets: tuple[Set, ...]) -> tuple[int, ...]:
        """Give the variables after these changes, each kept from 0 to its most."""
        if not sets:
            return variables
        values = list(variables)
        for change in sets:
            at, most = self.variables[change.variable], self.film.variables[change.variable].most
            value = values[at] + change.value if change.adds else change.value
            values[at] = min(max(value, 0), most)
        return tuple(values)

    def _own(self, scene: Scene) -> Question | None:
        if scene.reading is None:
            return None
        # What shots before have heard of draws for the whole scene, as it did there.
        place = scene.name if scene.cosmetic or not scene.continues else scene.of
        return self._question(scene, place, scene.reading, scene.branches)

    def _ahead(self, scene: Scene) -> Question | None:
        ahead = scene.ahead
        if ahead is None:
            return None
        return self._question(self._last[scene.of], scene.of, ahead.window, ahead.branches)

    def _question(
        self, scene: Scene, place: str, window: Window, branches: tuple[Branch, ...]
    ) -> Question:
        least = self.film.confidence if scene.confidence is None else scene.confidence
        preparing = Preparing(place, least, self.variables, self.visits)
        guards = tuple(preparing.prepare(branch.when.tree) for branch in branches)
        whole = (
            tuple(number for number, guard in enumerate(guards) if guard.run == run)
            for run in range(len(preparing.counted))
        )
        return Question(
            window, branches, guards, tuple(preparing.counted), tuple(whole), scene.cosmetic
        )


class _Same:
    """A film as a key: this very object, since what is in it cannot be hashed."""

    __slots__ = ("film",)

    def __init__(self, film: Film) -> None:
        self.film = film

    def __hash__(self) -> int:
        return id(self.film)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.film is self.film


@lru_cache(16)
def _program(film: _Same) -> Program:
    return Program(film.film)


def program_of(film: Film) -> Program:
    """Give a film's program; made once for each film object."""
    return _program(_Same(film))
