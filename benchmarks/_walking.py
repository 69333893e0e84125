"""The narrative machine by its definitions: everything is judged anew from all that has happened.

Slow and obvious: it keeps what happened, walks the guards' trees and looks through the whole past
each time. The machine is held against it in `tests/narrative/test_walking.py`, and timed beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b

from narrative import Branch, By, Film, Reading, Scene, Set, Window
from narrative._guard import (
    And,
    Chance,
    Compare,
    Count,
    Elapsed,
    Expr,
    Flag,
    For,
    Not,
    Or,
    SignalValue,
    Visits,
    walk,
)

_SILENCE_NS = 10**9
_RANKS: Mapping[bool | None, float] = {False: 0.0, None: 0.5, True: 1.0}
_VERDICTS = {rank: verdict for verdict, rank in _RANKS.items()}


def _ns(seconds: float) -> int:
    return round(seconds * 1e9)


@dataclass(frozen=True, slots=True)
class Shown:
    """A scene that was entered, and its ticks in order."""

    visit: int
    scene: Scene
    at_ns: int
    ticks: list[tuple[float, Mapping[str, Reading]]] = field(default_factory=list)
    decided: list[int | None] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Tick:
    """A moment at which guards were judged: a tick, or a stretch of which nothing is known."""

    shown: int
    at_ns: int
    readings: Mapping[str, Reading]
    silent: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """Branches as a scene asks them: `whole` for all shots of it, otherwise for this shot."""

    branches: tuple[Branch, ...]
    window: Window
    place: str
    confidence: float
    whole: bool

    def numbered(self) -> list[tuple[Expr, tuple[int, ...]]]:
        """Every node, with the numbers of the chances in it."""
        first, found = 0, []
        for branch in self.branches:
            chances = [node for node in walk(branch.when.tree) if isinstance(node, Chance)]
            found += list(_numbered(branch.when.tree, first))
            first += len(chances)
        return found


def _numbered(tree: Expr, first: int) -> Iterator[tuple[Expr, tuple[int, ...]]]:
    count = sum(isinstance(node, Chance) for node in walk(tree))
    yield tree, tuple(range(first, first + count))
    match tree:
        case And(parts) | Or(parts):
            for part in parts:
                yield from _numbered(part, first)
                first += sum(isinstance(node, Chance) for node in walk(part))
        case Not(body) | For(body):
            yield from _numbered(body, first)


class WalkingMachine:
    """Follows one screening as the machine does.

    Parameters
    ----------
    film : Film
        From `load_film`.
    seed : int
        Of its chances.
    """

    def __init__(self, film: Film, seed: int = 0) -> None:
        self.film = film
        self.seed = seed
        self.past: list[Shown] = []

    def enter(self, visit: int, scene: str, film_time_s: float) -> None:
        """Note that a scene was entered."""
        self.past.append(Shown(visit, self.film.scenes[scene], _ns(film_time_s)))

    def observe(self, ticks: Sequence[tuple[float, Mapping[str, Reading]]]) -> None:
        """Note ticks."""
        self.past[-1].ticks.extend(ticks)

    def commit(self, branch: int | None) -> None:
        """Note what was decided."""
        self.past[-1].decided.append(branch)

    @property
    def variables(self) -> dict[str, int]:
        """What the film remembers now."""
        return self._variables(len(self.past) - 1)

    def verdicts(self, scene_time_s: float) -> list[bool | None]:
        """Judge every branch of the scene that runs."""
        now = len(self.past) - 1
        asked = self._own(now)
        if asked is None:
            return []
        ticks = [tick for tick in self._heard_own(now) if self._in_window(tick, asked, now)]
        entered_ns = self.past[-1].at_ns
        now_s = min(scene_time_s, asked.window.to_s)
        now_ns = entered_ns + _ns(now_s)
        read = [tick for tick in ticks if tick.shown >= self._since(now, asked) and not tick.silent]
        silent = not read or now_ns - read[-1].at_ns > _SILENCE_NS
        moment = Tick(now, now_ns, {} if silent else read[-1].readings, silent)
        verdicts, first = [], 0
        for branch in asked.branches:
            verdicts.append(self._judge(branch.when.tree, first, asked, moment, ticks))
            first += sum(isinstance(node, Chance) for node in walk(branch.when.tree))
        return verdicts

    def choose(self, scene_time_s: float) -> tuple[By, int | None]:
        """Decide."""
        if self.past[-1].at_ns + _ns(scene_time_s) >= _ns(self.film.max_runtime_s):
            return "max_runtime", None
        verdicts = self.verdicts(scene_time_s)
        return ("audience", verdicts.index(True)) if True in verdicts else ("default", None)

    # What is asked ------------------------------------------------------------------

    def _own(self, at: int) -> Asked | None:
        scene = self.past[at].scene
        if scene.reading is None:
            return None
        place = scene.of if scene.continues and not scene.cosmetic else scene.name
        confidence = self._confidence(scene)
        return Asked(scene.branches, scene.reading, place, confidence, not scene.cosmetic)

    def _ahead(self, at: int) -> Asked | None:
        scene = self.past[at].scene
        if scene.ahead is None:
            return None
        last = [s for s in self.film.scenes.values() if s.of == scene.of and not s.cosmetic]
        ahead, confidence = scene.ahead, self._confidence(last[0])
        return Asked(ahead.branches, ahead.window, scene.of, confidence, whole=True)

    def _confidence(self, scene: Scene) -> float:
        return self.film.confidence if scene.confidence is None else scene.confidence

    def _goes_on(self, at: int) -> bool:
        """Whether a scene goes on from the one that was shown before it."""
        if at == 0:
            return False
        one, other = self.past[at - 1], self.past[at]
        return (
            other.visit == one.visit + 1
            and other.scene.continues
            and one.scene.of == other.scene.of
        )

    def _began(self, at: int) -> int:
        return self._began(at - 1) if self._goes_on(at) else self.past[at].visit

    # What was heard -----------------------------------------------------------------

    def _heard_own(self, at: int) -> list[Tick]:
        """All moments that a scene's own guards have heard, in shots before too."""
        scene, asked = self.past[at].scene, self._own(at)
        if asked is None:
            return []
        before: list[Tick] = []
        if self._goes_on(at) and scene.cosmetic:
            before = self._heard_own(at - 1)
        elif self._goes_on(at):
            before = self._heard_ahead(at - 1)
        until_s = float("inf") if scene.cosmetic else asked.window.to_s
        return self._heard(at, asked.window, until_s, before)

    def _heard_ahead(self, at: int) -> list[Tick]:
        asked = self._ahead(at)
        before = self._heard_ahead(at - 1) if self._goes_on(at) else []
        return self._heard(at, asked.window, asked.window.to_s, before) if asked else before

    def _heard(self, at: int, window: Window, until_s: float, before: list[Tick]) -> list[Tick]:
        shown, heard = self.past[at], list(before)
        for scene_s, readings in shown.ticks:
            now_ns = shown.at_ns + _ns(scene_s)
            if not window.from_s <= scene_s <= until_s:
                continue
            last_ns = heard[-1].at_ns if heard else shown.at_ns + _ns(window.from_s)
            if heard and now_ns <= last_ns:
                continue
            if now_ns - last_ns > _SILENCE_NS:
                heard.append(Tick(at, last_ns, {}, silent=True))
            heard.append(Tick(at, now_ns, readings))
        return heard

    def _in_window(self, tick: Tick, asked: Asked, now: int) -> bool:
        """Whether a moment counts for the decision of the scene that runs."""
        if tick.shown < now:
            return True
        return tick.at_ns <= self.past[now].at_ns + _ns(asked.window.to_s)

    # How it is judged ---------------------------------------------------------------

    def _judge(
        self, tree: Expr, first: int, asked: Asked, moment: Tick, ticks: Sequence[Tick]
    ) -> bool | None:
        """Judge a guard at a moment; `ticks` lead up to it, `first` numbers its first chance."""
        match tree:
            case Not(body):
                inner = self._judge(body, first, asked, moment, ticks)
                return None if inner is None else not inner
            case And(parts) | Or(parts):
                ranks = []
                for part in parts:
                    ranks.append(_RANKS[self._judge(part, first, asked, moment, ticks)])
                    first += sum(isinstance(node, Chance) for node in walk(part))
                return _VERDICTS[min(ranks) if isinstance(tree, And) else max(ranks)]
            case For():
                return self._judge_for(tree, first, asked, moment, ticks)
            case Flag(name):
                return self._variables(moment.shown)[name] > 0
            case Chance(probability):
                text = f"{self.seed} {self._began(moment.shown)} {first} {asked.place}"
                digest = blake2b(text.encode(), digest_size=8).digest()
                return (int.from_bytes(digest) >> 11) / 2**53 < probability
            case Compare(quantity, sign, number):
                value = self._look(quantity, asked, moment)
                if value is None:
                    return None
                return {
                    "<": value < number,
                    "<=": value <= number,
                    ">": value > number,
                    ">=": value >= number,
                }[sign]

    def _judge_for(
        self, tree: For, first: int, asked: Asked, moment: Tick, ticks: Sequence[Tick]
    ) -> bool | None:
        """Look for a stretch, ending in this scene, in which the body was true long enough."""
        count = sum(isinstance(node, Chance) for node in walk(tree))
        key = (tree, tuple(range(first, first + count)))
        past: list[tuple[Tick, bool | None]] = []
        for number, tick in enumerate(ticks):
            then = self._asked_then(tick.shown, asked)
            if then is None or (tick.shown != moment.shown and key not in then.numbered()):
                past.clear()
                continue
            body = self._judge(tree.body, first, then, tick, ticks[: number + 1])
            past.append((tick, body))
        since = self._since(moment.shown, asked)
        needed_ns = _ns(tree.duration_s)
        stretches = [
            [verdict for _, verdict in past[i : j + 1]]
            for j, (last, _) in enumerate(past)
            for i in range(j + 1)
            if last.shown >= since and last.at_ns - past[i][0].at_ns >= needed_ns
        ]
        if any(all(stretch) for stretch in stretches):
            return True
        possible = any(False not in stretch for stretch in stretches)
        denied = any(verdict is False for tick, verdict in past if tick.shown >= since)
        return False if denied and not possible and not moment.silent else None

    def _asked_then(self, shown: int, asked: Asked) -> Asked | None:
        """How an earlier shot, or this one, asked the same."""
        cosmetic = self.past[shown].scene.cosmetic
        return self._ahead(shown) if asked.whole and cosmetic else self._own(shown)

    def _since(self, now: int, asked: Asked) -> int:
        """The first shot whose stretches count: this one, or all that asked ahead."""
        while asked.whole and self._goes_on(now):
            now -= 1
        return now

    def _look(
        self, quantity: SignalValue | Elapsed | Visits | Count, asked: Asked, moment: Tick
    ) -> float | None:
        match quantity:
            case Elapsed():
                return moment.at_ns / 1e9
            case Count(name):
                return self._variables(moment.shown)[name]
            case Visits(name):
                written = self.film.scenes[self.film.entrances.get(name, name)].of
                shown = [one.scene for one in self.past[: moment.shown + 1]]
                return sum(scene.of == written and scene.turn == 0 for scene in shown)
        reading = moment.readings.get(quantity.reading)
        if reading is None:
            return None
        value: float | None = getattr(reading, quantity.attribute)
        for number in (reading.value, reading.confidence, value):
            if number is None or not abs(number) < float("inf"):
                return None
        assert reading.confidence is not None
        return value if reading.confidence >= asked.confidence else None

    # What is remembered -------------------------------------------------------------

    def _variables(self, at: int) -> dict[str, int]:
        values = {name: variable.start for name, variable in self.film.variables.items()}
        for number in range(at + 1):
            for change in (*self._led_by(number), *self.past[number].scene.sets):
                old = values[change.variable] if change.adds else 0
                most = self.film.variables[change.variable].most
                values[change.variable] = min(max(old + change.value, 0), most)
        return values

    def _led_by(self, at: int) -> tuple[Set, ...]:
        """What the branch sets that led to a scene."""
        if at == 0 or self.past[at].visit != self.past[at - 1].visit + 1:
            return ()
        before, to = self.past[at - 1], self.past[at].scene.name
        branches = before.scene.branches
        if before.decided:
            branch = before.decided[-1]
            if branch is not None and branches[branch].to == to:
                return branches[branch].sets
            if branch is None and before.scene.default == to:
                return ()
        if before.scene.default == to:
            return ()
        return next((branch.sets for branch in branches if branch.to == to), ())
