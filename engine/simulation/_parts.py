"""The processes of a show in virtual time: started, woken, frozen, killed, and kept running."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from engine.keeper import Deed, Keeper
from engine.simulation._disk import SimDisk
from engine.simulation._net import SimNet, Station
from engine.simulation._world import World


class Turner(Protocol):
    """What a process runs: the hall's own code, a turn at a time."""

    def turn(self, now_ns: int) -> int | None:
        """Do what is due; gives when to wake it again, in ns, or None if it has ended."""
        ...

    def die(self) -> None:
        """Let go of what the system takes back when a process is killed; write nothing."""
        ...


class Part:
    """One process.

    Parameters
    ----------
    name : str
        What the story calls it.
    node : str
        The machine it runs on.
    make : callable
        Starts what it runs, with the net as it has it.
    start_s : tuple of float
        How long its start takes, at least and at most.
    patience_ns : int or None
        As the supervisor has it.
    """

    def __init__(
        self,
        name: str,
        node: str,
        make: Callable[[Station], Turner],
        start_s: tuple[float, float],
        patience_ns: int | None,
        world: World,
        net: SimNet,
        disk: SimDisk,
    ) -> None:
        self.name = name
        self.node = node
        self.keeper = Keeper(patience_ns)
        self.finished = False
        self.lives = 0
        self.running: Turner | None = None
        self.on_death: Callable[[], None] = lambda: None
        self._make = make
        self._start_s = start_s
        self._world, self._net, self._disk = world, net, disk
        self._station: Station | None = None
        self._alive = False
        self._frozen_until = 0

    def start(self) -> None:
        """Start it; it runs after a while."""
        self.lives += 1
        self._alive = True
        self.keeper.start(self._world.now_ns)
        life = self.lives
        self._world.after(self._world.seconds(*self._start_s), lambda: self._be_born(life))

    def kill(self) -> None:
        """End it as kill -9 does."""
        self._alive = False
        if self.running is not None:
            self.running.die()
        self.running = None
        if self._station is not None:
            self._station.die()
        self._station = None
        self.on_death()

    def freeze(self, until_ns: int) -> None:
        """Stop it as SIGSTOP does, until a time."""
        self._frozen_until = max(self._frozen_until, until_ns)

    @property
    def alive(self) -> bool:
        """Whether there is a process, be it frozen."""
        return self._alive

    def tend(self) -> None:
        """Do for it what the supervisor does."""
        deed = self.keeper.judge(self._world.now_ns, alive=self._alive, left=self.finished)
        if deed is Deed.END:
            self._world.tell(f"the supervisor ends the {self.name}: it does not move")
            self.kill()
        elif deed is Deed.START:
            self.finished = False
            self._frozen_until = 0
            self.start()

    def _be_born(self, life: int) -> None:
        if life != self.lives or not self._alive:
            return
        self._station = self._net.at(self.node)
        self.running = self._make(self._station)
        self._world.tell(f"the {self.name} runs" + (f" (start {life})" if life > 1 else ""))
        self._wake(life)

    def _wake(self, life: int) -> None:
        if life != self.lives or self.running is None:
            return
        world = self._world
        if world.now_ns < self._frozen_until:
            world.at(self._frozen_until, lambda: self._wake(life))
            return
        next_ns = self.running.turn(world.now_ns)
        if next_ns is None:
            self.finished = True
            self.kill()
        else:
            owed_ns = self._disk.owed_ns()
            world.at(max(next_ns, world.now_ns + owed_ns), lambda: self._wake(life))
