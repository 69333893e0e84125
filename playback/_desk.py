"""Who decides what follows the running scene: the operator, the engine's plan, or the table."""

from dataclasses import replace

from playback._types import Ack, Command, Plan, PlayerState, TableScene

# Time to swap and be sure of it, where no plan says otherwise.
DEADLINE_BEFORE_END_FRAMES = 12


class Desk:
    """Arbiter between engines, operator and table, one running scene at a time.

    Parameters
    ----------
    scene : TableScene
        The scene that runs.
    visit : int
        Its visit.
    """

    def __init__(self, scene: TableScene, visit: int) -> None:
        self.term = 0
        self.holding = False
        self.enter(scene, visit)

    def enter(self, scene: TableScene, visit: int) -> None:
        """Begin a scene: plans and takes of the last one are void, HOLD stays."""
        self._scene, self._visit = scene, visit
        self._plan: Plan | None = None
        self._taken: str | None = None

    def take_over(self, state: PlayerState) -> None:
        """Know what the desk of another player was told about this scene."""
        self.term, self.holding = state.term, state.holding
        self._plan, self._taken = state.plan, state.taken

    @property
    def current(self) -> Plan | None:
        """The engine's plan for this scene, with its choice."""
        return self._plan

    @property
    def taken(self) -> str | None:
        """The scene the operator chose to follow."""
        return self._taken

    def candidates(self) -> tuple[str, ...]:
        """Scenes worth having pre-rolled, the table's default first, without repetition."""
        wanted = [self._scene.default, self._taken]
        if self._plan:
            wanted += [self._plan.choice, self._plan.default, *self._plan.candidates]
        return tuple(dict.fromkeys(scene for scene in wanted if scene is not None))

    def following(self) -> tuple[str, str]:
        """Return the scene that follows, as things stand, and who says so."""
        if self._scene.default is None:
            raise ValueError(f"nothing follows the ending {self._scene.scene!r}")
        if self._taken is not None:
            return self._taken, "operator"
        if self.holding:
            return self._scene.default, "operator"
        if self._plan is None:
            return self._scene.default, "default"
        if self._plan.choice is not None:
            return self._plan.choice, "engine"
        return self._plan.default, "default"

    def claim(self, term: int) -> Ack:
        """Let an engine direct from now on, or say who does."""
        if term < self.term:
            return Ack(False, self._superseded(term, self.term))
        self.term = term
        return Ack(True, f"the engine with term {term} directs")

    @staticmethod
    def _superseded(term: int, highest: int) -> str:
        """Say that a newer engine directs."""
        return f"term {term} is superseded: term {highest} has spoken"

    def plan(self, plan: Plan, frame: int) -> Ack:
        """Take the engine's plan at film position `frame`, or say why not."""
        highest, self.term = self.term, max(self.term, plan.term)
        reason = self._objection(plan, frame, highest)
        if reason:
            return Ack(False, reason)
        if plan.choice is None:
            self._plan = replace(plan, choice=self._settled(plan.term))
            return Ack(True, f"pre-rolling {', '.join(plan.candidates) or plan.default}")
        self._plan = plan
        if self._taken is not None or self.holding:
            return Ack(True, f"{plan.choice} noted; the operator decides: {self.following()[0]}")
        return Ack(True, f"{plan.choice} follows")

    def _settled(self, term: int) -> str | None:
        """Return the choice this engine has made: messages may overtake each other."""
        return self._plan.choice if self._plan and self._plan.term == term else None

    def _objection(self, plan: Plan, frame: int, highest: int) -> str:
        """Why `plan` cannot be followed; empty if it can."""
        if plan.term < highest:
            return self._superseded(plan.term, highest)
        if (plan.visit, plan.scene) != (self._visit, self._scene.scene):
            running = f"visit {self._visit} is {self._scene.scene!r}"
            return f"wrong visit: {running}, not {plan.visit} {plan.scene!r}"
        allowed = {self._scene.default, *self._scene.targets}
        named = {plan.default, *plan.candidates} | ({plan.choice} if plan.choice else set())
        if named - allowed:
            strangers = ", ".join(sorted(named - allowed))
            return f"no branch of {self._scene.scene!r} leads to {strangers}"
        deadline = self._deadline() if frame > self._deadline() else plan.deadline_frame
        if frame > deadline:
            return f"late: the deadline was frame {deadline}, the film is at {frame}"
        return ""

    def _deadline(self) -> int:
        """Return the last frame at which a choice is taken."""
        if self._plan:
            return self._plan.deadline_frame
        return max(0, self._scene.clip.frames - DEADLINE_BEFORE_END_FRAMES)

    def command(self, command: Command) -> Ack:
        """Take HOLD, AUTO, TAKE or DEFAULT from the operator."""
        if command.kind == "hold":
            self.holding = True
            return Ack(True, "HOLD: defaults until AUTO")
        if command.kind == "auto":
            self.holding, self._taken = False, None
            return Ack(True, "AUTO: the audience decides")
        if self._scene.default is None:
            return Ack(False, f"{self._scene.scene!r} is an ending: nothing follows")
        if command.kind == "default":
            self._taken = self._scene.default
            return Ack(True, f"DEFAULT: {self._taken} follows")
        return self._take(command.number)

    def _take(self, number: int | None) -> Ack:
        """TAKE n: the n-th branch target follows, whatever else is said."""
        targets = self._scene.targets
        if number is None or not 1 <= number <= len(targets):
            has = f"{self._scene.scene!r} has {len(targets)} branches"
            return Ack(False, f"TAKE {'without number' if number is None else number}: {has}")
        self._taken = targets[number - 1]
        return Ack(True, f"TAKE {number}: {self._taken} follows")
