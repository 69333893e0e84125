"""Decoder children seen from the presenter: started warm, lent, returned, replaced."""

import json
import os
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from playback._ring import STARTING, STATE, House, Ring, memory_file
from playback._types import Clip

# Children kept waiting for the next clip; a start takes half a second, a warm one nothing.
WARM = 3
START_S = 10.0


class Child:
    """One decoder process and its ring."""

    def __init__(self, house: House) -> None:
        descriptor = memory_file(house.ring_bytes)
        self.ring = Ring(descriptor, house)
        numbers = (descriptor, *house.size, house.fps_num, house.fps_den)
        root = str(Path(__file__).parent.parent)
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "playback._decoder", *map(str, numbers)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            pass_fds=(descriptor,),
            bufsize=0,
            env={**os.environ, "PYTHONPATH": root},
        )
        os.close(descriptor)
        self._generation = 0

    @property
    def pid(self) -> int:
        """Process id."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self._process.poll() is None

    @property
    def starting(self) -> bool:
        """Whether the process is still loading its libraries."""
        return bool(self.ring.header[STATE] == STARTING)

    def open(self, clip: Clip, at: int) -> int:
        """Order a clip from frame `at` on; returns the generation its frames will carry."""
        self._generation += 1
        path = json.dumps(clip.path)
        numbers = f"{self._generation} {clip.first_frame} {clip.frames} {at}"
        self._order(f"open {numbers} {path}\n")
        return self._generation

    def next(self) -> None:
        """Return a place of the ring."""
        self._order("next\n")

    def rest(self) -> None:
        """Close the clip."""
        self._order("close\n")

    def _order(self, line: str) -> None:
        """Write to the child; one that is gone is noticed by `alive`."""
        assert self._process.stdin
        with suppress(BrokenPipeError):
            self._process.stdin.write(line.encode())

    def kill(self) -> None:
        """End the process at once; `alive` collects it."""
        self._process.kill()

    def close(self) -> None:
        """End the process and wait until it is gone."""
        self._process.kill()
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait()


class Children:
    """A pool of decoder children with some always warm; making it waits until they are.

    Parameters
    ----------
    house : House
        What they conform to.
    """

    def __init__(self, house: House) -> None:
        self._house = house
        self._warm = [Child(house) for _ in range(WARM)]
        self._leaving: list[Child] = []
        # Loading takes a core for half a second each, which the first ticks would feel.
        patience = time.monotonic() + START_S
        while any(child.alive and child.starting for child in self._warm):
            if time.monotonic() > patience:
                break
            time.sleep(0.01)

    def lend(self) -> Child:
        """Return a child, warm if there is one."""
        self._warm = [child for child in self._warm if child.alive or self._leave(child)]
        return self._warm.pop(0) if self._warm else Child(self._house)

    def take_back(self, child: Child) -> None:
        """Let a child wait for its next clip, or go if enough are waiting."""
        if child.alive and len(self._warm) <= 2 * WARM:
            child.rest()
            self._warm.append(child)
        else:
            self.discard(child)

    def discard(self, child: Child) -> None:
        """End a child that hangs, died, or is not needed."""
        child.kill()
        self._leave(child)

    def _leave(self, child: Child) -> bool:
        """Bury a child without waiting for it."""
        self._leaving.append(child)
        return False

    def tend(self) -> None:
        """Collect what has ended, keep enough warm; call it every tick."""
        if len(self._warm) < WARM:
            self._warm.append(Child(self._house))
        for child in [child for child in self._leaving if not child.alive]:
            child.close()
            self._leaving.remove(child)

    def close(self) -> None:
        """End all children that are not lent."""
        for child in (*self._warm, *self._leaving):
            child.close()
        self._warm, self._leaving = [], []
