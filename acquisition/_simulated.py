"""The simulated audience as a source: it hears which scene plays, and answers."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from acquisition._hearts import Hearts
from acquisition._specs import SimulatedSpec
from acquisition._types import Batch, Headset, Indices, Samples, gather
from acquisition._viewers import Audience
from hardware import electrodes_of

Mask = NDArray[np.bool_]


class SimulatedSource:
    """Viewers in closed loop with the film.

    The samples depend on the spec and on which scene was heard at which sample, never on how
    they are read: they are generated in fixed blocks, and a scene acts from the first block of
    which nothing has been given.

    Parameters
    ----------
    spec : SimulatedSpec
        As checked by `describe`.
    headsets : tuple of Headset
        What `describe` gave for it.
    """

    def __init__(self, spec: SimulatedSpec, headsets: tuple[Headset, ...]) -> None:
        self.headsets = headsets
        self._rate = spec.rate
        self._responses = dict(spec.responses)
        self._closed = frozenset(spec.closed)
        self._flashes = dict(spec.flashes)
        electrodes = electrodes_of(spec.channels)
        self._audience = Audience(replace(spec, channels=electrodes))
        self._hearts = None if electrodes == spec.channels else Hearts(spec)
        self._scene = ""
        self._zero_ns: int | None = None
        self._started = False
        self._new = True
        self._given = 0
        self._end = 0
        self._block = (np.empty((0, 0, 0), np.float32), np.empty((0, 0), np.bool_))

    def open(self) -> None:
        """Do nothing: there is no device."""

    def start(self, zero_ns: int | None = None) -> None:
        """Make this time, or the next read, the zero of time."""
        if not self._started:
            self._started, self._zero_ns = True, zero_ns

    def read(self, now_ns: int) -> Batch:
        """Give the samples whose time has passed."""
        if not self._started:
            return gather([], len(self.headsets[0].channels))
        if self._zero_ns is None:
            self._zero_ns = now_ns
        stop = int((now_ns - self._zero_ns) * self._rate / 1e9)
        if self._new:
            # Started in the middle of a show: nobody was there before.
            self._given = self._end = stop - stop % self._audience.block
            self._new = False
        first, pieces = self._given, []
        while self._given < stop:
            pieces.append(self._piece(stop))
        if not pieces:
            return gather([], len(self.headsets[0].channels))
        samples, kept = (np.concatenate(part, axis=1) for part in zip(*pieces, strict=True))
        return Batch(_runs_kept(kept, first), samples[kept])

    def _piece(self, stop: int) -> tuple[Samples, Mask]:
        """Give what is left of the current block, or of the next, up to `stop`."""
        size = self._audience.block
        if self._given == self._end:
            self._block = self._next_block()
            self._end += size
        samples, kept = self._block
        part = slice(self._given - self._end + size, min(stop, self._end) - self._end + size)
        self._given = min(stop, self._end)
        return samples[:, part], kept[:, part]

    def _next_block(self) -> tuple[Samples, Mask]:
        """Generate brains, and hearts where a sensor sees them."""
        target = self._responses.get(self._scene, 0.0)
        samples, kept = self._audience.next_block(target, closed=self._scene in self._closed)
        if self._hearts is not None:
            pulse = self._hearts.next_block(target)
            samples = np.concatenate((samples, pulse[:, :, np.newaxis]), axis=2)
        return samples, kept

    def hear(self, scene: str) -> None:
        """Answer to a scene, from the next block on: it began with what was given last."""
        if scene != self._scene:
            self._audience.look(self._end - self._given, self._flashes.get(scene, ()))
        self._scene = scene

    @property
    def finished(self) -> bool:
        """Never: the viewers stay."""
        return False

    def close(self) -> None:
        """Stop giving samples."""
        self._started = False


def _runs_kept(kept: Mask, first: int) -> Indices:
    """Find the unbroken runs of a mask (seats, n) whose first column has index `first`."""
    padded = np.zeros((kept.shape[0], kept.shape[1] + 2), np.int8)
    padded[:, 1:-1] = kept
    edges = np.diff(padded, axis=1)
    seat, start = np.nonzero(edges == 1)
    _, stop = np.nonzero(edges == -1)
    return np.column_stack((seat, start + first, stop - start)).astype(np.int64)
