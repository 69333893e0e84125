"""Live BrainFlow boards as a source."""

import numpy as np

from acquisition._alongside import Alongside
from acquisition._boards import Board, BoardKind, PulseSensor
from acquisition._counters import COUNTERS, PULSE_COUNTERS, Unwrapper
from acquisition._specs import BrainFlowSpec
from acquisition._types import Batch, Headset, Indices, Samples, SourceError, gather
from hardware import PULSE


class BrainFlowSource:
    """One hardware headset, or a group of synthetic boards.

    Parameters
    ----------
    spec : BrainFlowSpec
        As checked by `describe`.
    kind : BoardKind
        Its board.
    headsets : tuple of Headset
        What `describe` gave for it.
    """

    def __init__(self, spec: BrainFlowSpec, kind: BoardKind, headsets: tuple[Headset, ...]) -> None:
        self.headsets = headsets
        pulse = kind.pulse if PULSE in headsets[0].channels else None
        configs = pulse.configs if pulse else ()
        self._boards = [
            Board(seat, kind, kind.number, _parameters(spec, seat), configs) for seat in spec.seats
        ]
        self._readers = [Reader(board, pulse) for board in self._boards]

    def open(self) -> None:
        """Connect and prepare every board, or none; raises SourceError."""
        open_all(self._boards)

    def start(self, zero_ns: int | None = None) -> None:
        """Let samples flow from now."""
        for board in self._boards:
            board.start()

    def read(self, now_ns: int) -> Batch:
        """Drain every board."""
        parts = [reader.read(now_ns) for reader in self._readers]
        return gather(parts, len(self.headsets[0].channels))

    def hear(self, scene: str) -> None:
        """Ignore the film: viewers see it themselves."""

    @property
    def finished(self) -> bool:
        """Never: headsets have no end."""
        return False

    def close(self) -> None:
        """End every session."""
        close_all(self._boards)


class Reader:
    """Reads one board's EEG, and its pulse sensor beside it.

    Parameters
    ----------
    board : Board
        Opened, started and closed by its owner.
    pulse : PulseSensor or None
        The sensor to read; None for the electrodes alone.
    """

    def __init__(self, board: Board, pulse: PulseSensor | None) -> None:
        kind = board.kind
        self._board = board
        self._pulse = pulse if pulse and pulse.apart else None
        together = (pulse.row,) if pulse and not pulse.apart else ()
        self._rows = [*kind.layout.eeg, *together]
        self._unwrapper = Unwrapper(COUNTERS.get(kind.name), kind.rate)
        if self._pulse:
            counter, rate = PULSE_COUNTERS.get(kind.name), self._pulse.rate
            self._pulse_unwrapper = Unwrapper(counter, rate)
            self._alongside = Alongside(kind.rate, rate)

    def read(self, now_ns: int) -> tuple[Indices, Samples]:
        """Drain the board: indices (n,) and samples (n, channels). Raises SourceError."""
        rows = self._board.take()
        index = self._unwrapper.place(rows[self._board.kind.layout.package], now_ns)
        samples = rows[self._rows].T.astype(np.float32)
        if self._pulse is None:
            return index, samples
        own = self._board.take(self._pulse.preset)
        own_index = self._pulse_unwrapper.place(own[self._pulse.package], now_ns)
        light = self._alongside.place(index, own_index, own[self._pulse.row])
        return index, np.column_stack((samples, light.astype(np.float32)))


def open_all(boards: list[Board]) -> None:
    """Open every board, or close those opened and raise SourceError."""
    try:
        for board in boards:
            board.open()
    except SourceError:
        close_all(boards)
        raise


def close_all(boards: list[Board]) -> None:
    """Close every board, also after one refused; raises the first SourceError met."""
    errors = []
    for board in boards:
        try:
            board.close()
        except SourceError as error:
            errors.append(error)
    if errors:
        raise errors[0]


def _parameters(spec: BrainFlowSpec, seat: str) -> dict[str, str | int]:
    """Make the parameters differ per seat, where the serial number means nothing."""
    params = dict(spec.params)
    if spec.board == "SYNTHETIC_BOARD":
        params["serial_number"] = seat
    return params
