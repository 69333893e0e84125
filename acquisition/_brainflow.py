"""Live BrainFlow boards as a source."""

import numpy as np

from acquisition._boards import Board, BoardKind
from acquisition._counters import COUNTERS, Unwrapper
from acquisition._specs import BrainFlowSpec
from acquisition._types import Batch, Headset, SourceError, gather


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
        self._boards = [
            Board(seat, kind, kind.number, _parameters(spec, seat)) for seat in spec.seats
        ]
        self._unwrappers = [Unwrapper(COUNTERS.get(kind.name), kind.rate) for _ in spec.seats]
        self._layout = kind.layout

    def open(self) -> None:
        """Connect and prepare every board, or none; raises SourceError."""
        open_all(self._boards)

    def start(self, zero_ns: int | None = None) -> None:
        """Let samples flow from now."""
        for board in self._boards:
            board.start()

    def read(self, now_ns: int) -> Batch:
        """Drain every board."""
        parts = []
        for board, unwrapper in zip(self._boards, self._unwrappers, strict=True):
            rows = board.take()
            index = unwrapper.place(rows[self._layout.package], now_ns)
            parts.append((index, rows[list(self._layout.eeg)].T.astype(np.float32)))
        return gather(parts, len(self._layout.eeg))

    def hear(self, scene: str) -> None:
        """Ignore the film: viewers see it themselves."""

    @property
    def finished(self) -> bool:
        """Never: headsets have no end."""
        return False

    def close(self) -> None:
        """End every session."""
        close_all(self._boards)


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
