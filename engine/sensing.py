"""From frames of samples to audience states: the first half of the runtime.

Deterministic: what comes out follows from the frames, the consents and the film's cuts alone, in
the order in which they came.
"""

from __future__ import annotations

import dataclasses
import zlib
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

import dsp
from acquisition import Headset
from engine.grid import TICK_NS, Float32, Grid, Placed
from engine.records import Calibrated, Consent, Frame, Standing, StateRecord

AFTER_CUT_NS = 2_000_000_000
"""Synchrony leaves out this long after a cut: a cut raises it by itself (science.md 3)."""

FEWEST_UNRECORDED = 5
"""Seats that allow no recording count only when there are at least this many of them."""

_MEMORY_TICKS = 600
"""Ticks for which a pooled state may remember a seat that is gone: a minute, generously."""


class Sensing:
    """Place samples, close ticks, compute states.

    Parameters
    ----------
    sources : sequence of tuple of Headset
        The headsets of each source.
    consents : mapping of str to Consent
        Each seat's consent at the start.
    settings : dsp.Settings
        The recipe's numbers.
    origin_ns : int
        Hall time of the show's origin, in ns.
    standing : Standing, optional
        Where an engine before this one stood.
    zones : mapping of str to sequence of str, optional
        Seats by zone of the hall.
    calibrated : Calibrated, optional
        Weights, and baselines that serve until an engine before this one says otherwise.

    Attributes
    ----------
    late, ahead : int
        Samples that came after their tick had closed, or too far ahead, and were not computed with.
    """

    def __init__(
        self,
        sources: Sequence[tuple[Headset, ...]],
        consents: Mapping[str, Consent],
        settings: dsp.Settings,
        origin_ns: int,
        standing: Standing | None = None,
        zones: Mapping[str, Sequence[str]] | None = None,
        calibrated: Calibrated | None = None,
    ) -> None:
        self._channels = [len(headsets[0].channels) for headsets in sources]
        weights = calibrated.weights if calibrated else ()
        self._grid = Grid(sources, origin_ns, standing.tick if standing else 0, weights)
        memory = standing.memory if standing else _brought(calibrated, self._grid.groups)
        self._analyzer = dsp.Analyzer(self._grid.groups, settings, memory, zones)
        self._consents = dict(consents)
        self._admitted = np.zeros(len(self.seats), np.bool_)
        self._anew: list[int] = []
        self._unrecorded = False
        self._unrecorded_tick = -_MEMORY_TICKS - 1
        zero_ns = standing.course.zero_ns if standing else None
        self._cut_ns = -AFTER_CUT_NS if zero_ns is None else zero_ns
        self.late = 0
        self.ahead = 0
        self._admit()

    @property
    def seats(self) -> tuple[str, ...]:
        """All seats, in the order of the states."""
        return self._analyzer.seats

    @property
    def origin_ns(self) -> int:
        """Hall time of the show's origin, in ns."""
        return self._grid.origin_ns

    def consent(self, seat: str) -> Consent | None:
        """Look up a seat's consent now; None for an unknown seat."""
        return self._consents.get(seat)

    def set_consent(self, seat: str, consent: Consent) -> None:
        """Change a seat's consent, from the open tick on.

        A seat that is to be recorded from now on begins anew: nothing that is computed from the
        record may rest on what came before.
        """
        if consent.records and not self._consents[seat].records:
            self._anew.append(self.seats.index(seat))
            self._grid.wipe(self._anew[-1])
        self._consents[seat] = consent
        self._admit()

    def cut(self, hall_ns: int) -> None:
        """Note that the picture was cut at this hall time (ns)."""
        self._cut_ns = hall_ns - self.origin_ns

    def freeze_baseline(self) -> None:
        """End the lead-in: each seat's baseline is what it showed until now."""
        self._analyzer.freeze_baseline()

    def place(self, frame: Frame) -> Placed:
        """Put a frame's samples on the grid."""
        placed = self._grid.place(
            frame.source,
            frame.read_ns,
            frame.runs_array(),
            frame.samples_array(self._channels[frame.source]),
        )
        self.late += placed.late
        self.ahead += placed.ahead
        return placed

    def due(self, now_ns: int) -> bool:
        """Tell whether the open tick may close."""
        return self._grid.due(now_ns)

    def close(self) -> StateRecord:
        """Close the open tick and compute the audience's state in it."""
        tick = self._grid.tick
        end_ns = (tick + 1) * TICK_NS
        after_cut = end_ns > self._cut_ns and end_ns - TICK_NS < self._cut_ns + AFTER_CUT_NS
        admitted = self._admitted.copy()
        admitted[self._anew] = False
        self._anew.clear()
        blocks = self._grid.close()
        _leave_out(blocks, admitted)
        digest = zlib.crc32(b"".join(block.data for block in blocks))
        state = self._analyzer.push(tick, blocks, admitted=admitted, exclude_synchrony=after_cut)
        if self._unrecorded:
            self._unrecorded_tick = tick
        from_record = tick - self._unrecorded_tick > _MEMORY_TICKS
        return StateRecord(end_ns, from_record, digest, self._veiled(state))

    def _veiled(self, state: dsp.AudienceState) -> dsp.AudienceState:
        """Leave out, seat by seat, what a brain tells where no record is allowed."""
        keep = [self._consents[seat].records for seat in self.seats]
        if all(keep):
            return state
        flags = tuple(
            flag if k else flag & ~dsp.Flag.EYES_CLOSED
            for flag, k in zip(state.flags, keep, strict=True)
        )
        return dataclasses.replace(
            state, flags=flags, seats=state.seats.only(keep) if state.seats else None
        )

    @property
    def tick(self) -> int:
        """The tick that is open."""
        return self._grid.tick

    def memory(self) -> dsp.Memory:
        """Give what is known of the seats that count."""
        return self._analyzer.memory().only(self._admitted.tolist())

    def surrogates(self, draws: int, seed: int) -> dsp.Surrogates | None:
        """Hold the last second's synchrony against the seats' own pasts; changes nothing."""
        return self._analyzer.surrogates(draws, seed)

    def silent_ns(self, now_ns: int) -> list[int]:
        """Time since each seat's last samples, in ns, in the order of `seats`."""
        return self._grid.silent_ns(now_ns)

    def _admit(self) -> None:
        """Work out who counts: few seats without recording consent could be told apart."""
        joined = [self._consents[seat] == Consent.JOINED for seat in self.seats]
        self._unrecorded = sum(joined) >= FEWEST_UNRECORDED
        self._admitted = np.array(
            [
                self._unrecorded if alone else self._consents[seat].records
                for seat, alone in zip(self.seats, joined, strict=True)
            ],
            np.bool_,
        )


def _brought(calibrated: Calibrated | None, groups: Sequence[dsp.Group]) -> dsp.Memory | None:
    """Give the baselines that seats bring from a calibration, as if a lead-in had ended."""
    if calibrated is None or not calibrated.baselines:
        return None
    measures = len(dsp.MEASURED)
    seats = [seat for group in groups for seat in group.seats]
    known = [calibrated.baselines.get(seat, (None,) * measures) for seat in seats]
    by_measure = [[own or (None, None) for own in row] for row in zip(*known, strict=True)]
    nothing = ((None,) * len(seats),) * measures
    return dsp.Memory(
        frozen=True,
        centre=tuple(tuple(centre for centre, _ in row) for row in by_measure),
        spread=tuple(tuple(spread for _, spread in row) for row in by_measure),
        total=nothing,
        weight=nothing,
        lead_in=(((),) * len(seats),) * measures,
    )


def _leave_out(blocks: Sequence[Float32], admitted: NDArray[np.bool_]) -> None:
    """Blank the seats that do not count, so that nothing can follow from their samples."""
    first = 0
    for block in blocks:
        stop = first + block.shape[1]
        block[:, ~admitted[first:stop]] = np.nan
        first = stop
