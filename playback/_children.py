"""Child processes seen from the presenter: started warm, lent, returned, replaced."""

import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Generic, TypeVar

import numpy as np
import numpy.typing as npt

from playback._ring import STARTING, STATE


class Child:
    """A process that takes orders as lines and tells of itself in shared memory.

    Parameters
    ----------
    module : str
        What it runs; told `descriptor` and `words` on its command line.
    header : ndarray of int64
        Its shared memory's header.
    descriptor : int
        The shared memory; closed here, since the child has it then.
    words : object
        Whatever else it must know.
    """

    def __init__(
        self, module: str, header: npt.NDArray[np.int64], descriptor: int, *words: object
    ) -> None:
        self.header = header
        root = str(Path(__file__).parent.parent)
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", module, *map(str, (descriptor, *words))],
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
        return bool(self.header[STATE] == STARTING)

    def _next_generation(self) -> int:
        """Count the clips it was asked for."""
        self._generation += 1
        return self._generation

    def rest(self) -> None:
        """Close the clip."""
        self.order("close")

    def order(self, line: str) -> None:
        """Write to the child; one that is gone is noticed by `alive`."""
        assert self._process.stdin
        with suppress(BrokenPipeError):
            self._process.stdin.write(f"{line}\n".encode())

    def kill(self) -> None:
        """End the process at once; `alive` collects it."""
        self._process.kill()

    def close(self) -> None:
        """End the process and wait until it is gone."""
        self._process.kill()
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait()


C = TypeVar("C", bound=Child)


class Children(Generic[C]):
    """A pool of children with some always warm, or about to be.

    The first is started at once. The others follow one by one, while nobody is in a hurry: each
    takes a core for half a second to load its libraries.

    Parameters
    ----------
    make : callable
        Starts a child.
    warm : int
        Children kept waiting for the next clip; a start takes half a second, a warm one nothing.
    """

    def __init__(self, make: Callable[[], C], warm: int) -> None:
        self._make, self._enough = make, warm
        self._newest = make()
        self._warm = [self._newest]
        self._leaving: list[C] = []

    @property
    def warm(self) -> tuple[C, ...]:
        """The children that wait, for tests and the log."""
        return tuple(self._warm)

    def lend(self) -> C:
        """Return a child, warm if there is one."""
        self._warm = [child for child in self._warm if child.alive or self._leave(child)]
        return self._warm.pop(0) if self._warm else self._started()

    def _started(self) -> C:
        """Start one more."""
        self._newest = self._make()
        return self._newest

    def take_back(self, child: C) -> None:
        """Let a child wait for its next clip, or go if enough are waiting."""
        if child.alive and len(self._warm) <= 2 * self._enough:
            child.rest()
            self._warm.append(child)
        else:
            self.discard(child)

    def discard(self, child: C) -> None:
        """End a child that hangs, died, or is not needed."""
        child.kill()
        self._leave(child)

    def _leave(self, child: C) -> bool:
        """Bury a child without waiting for it."""
        self._leaving.append(child)
        return False

    def tend(self, hurry: bool) -> None:
        """Collect what has ended, keep enough warm; call it every tick.

        Parameters
        ----------
        hurry : bool
            A clip is being opened: what is not warm yet may wait.
        """
        loading = self._newest.alive and self._newest.starting
        if len(self._warm) < self._enough and not (hurry or loading):
            self._warm.append(self._started())
        for child in [child for child in self._leaving if not child.alive]:
            child.close()
            self._leaving.remove(child)

    def close(self) -> None:
        """End all children that are not lent."""
        for child in (*self._warm, *self._leaving):
            child.close()
        self._warm, self._leaving = [], []
