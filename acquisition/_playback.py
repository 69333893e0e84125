"""Recordings as a source: by BrainFlow's playback boards, or straight from the file."""

from pathlib import Path

import numpy as np

from acquisition._boards import PLAYBACK, Board, BoardKind, find_board
from acquisition._brainflow import close_all, open_all
from acquisition._recordings import (
    RECORDINGS,
    Records,
    find_file,
    load,
    to_microvolts,
)
from acquisition._rows import cache_name, check_rows, write_rows
from acquisition._specs import RecordingSpec
from acquisition._types import Batch, Headset, Indices, Samples, SourceError, gather, gather_alike

_CONFIGS = ("loopback_false", "old_timestamps")


def _excerpt(spec: RecordingSpec) -> Records:
    """Load a spec's part of its recording; raises SourceError."""
    rate = RECORDINGS[spec.recording].rate
    records = load(spec.recording, find_file(spec.recording, spec.path))
    stop = RECORDINGS[spec.recording].samples if spec.stop_s is None else round(spec.stop_s * rate)
    part = records.excerpt(round(spec.start_s * rate), stop)
    if not part.index.size:
        raise SourceError(
            f"{spec.recording}: there is no sample from {spec.start_s:g} s to {stop / rate:g} s, "
            "only a gap: choose another excerpt"
        )
    return part


def rows_of(spec: RecordingSpec) -> tuple[int, ...]:
    """Give each seat's row in the recording."""
    return spec.records or tuple(range(len(spec.seats)))


class DirectSource:
    """Records given straight from the file, at the pace of the time passed in.

    Parameters
    ----------
    spec : RecordingSpec
        As checked by `describe`.
    headsets : tuple of Headset
        What `describe` gave for it.
    """

    def __init__(self, spec: RecordingSpec, headsets: tuple[Headset, ...]) -> None:
        self.headsets = headsets
        self._spec = spec
        self._index: Indices = np.empty(0, np.int64)
        self._samples: Samples = np.empty((0, 0, 0), np.float32)
        self._zero_ns: int | None = None
        self._given = 0
        self._started = False

    def open(self) -> None:
        """Load the records; raises SourceError."""
        records = _excerpt(self._spec)
        decimals = RECORDINGS[self._spec.recording].decimals
        counts = records.counts[list(rows_of(self._spec))].transpose(0, 2, 1)
        self._index = records.index
        self._samples = np.ascontiguousarray(to_microvolts(counts, decimals))

    def start(self, zero_ns: int | None = None) -> None:
        """Make this time, or the next read, the zero of time."""
        if not self._started:
            self._started, self._zero_ns = True, zero_ns

    def read(self, now_ns: int) -> Batch:
        """Give the samples whose time has passed."""
        channels = len(self.headsets[0].channels)
        if not self._started:
            return gather([], channels)
        if self._zero_ns is None:
            self._zero_ns = now_ns
        passed = (now_ns - self._zero_ns) * self.headsets[0].rate / 1e9
        new = slice(self._given, int(np.searchsorted(self._index, passed)))
        self._given = new.stop
        return gather_alike(self._index[new], self._samples[:, new])

    def hear(self, scene: str) -> None:
        """Ignore the film: what was recorded stays so."""

    @property
    def finished(self) -> bool:
        """Whether the last sample has been given."""
        return self._given == self._index.size > 0

    def close(self) -> None:
        """Stop giving samples."""
        self._started = False


class PlaybackSource:
    """Records played by BrainFlow's playback boards, in real time.

    The boards run up to 1 % slow, each differently, so samples carry the index that their own
    timestamp says, never that of their arrival.

    Parameters
    ----------
    spec : RecordingSpec
        As checked by `describe`.
    headsets : tuple of Headset
        What `describe` gave for it.
    cache : Path
        Folder of converted files.
    """

    def __init__(self, spec: RecordingSpec, headsets: tuple[Headset, ...], cache: Path) -> None:
        self.headsets = headsets
        self._spec = spec
        self._cache = cache
        self._kind: BoardKind = find_board(RECORDINGS[spec.recording].board)
        self._boards: list[Board] = []
        self._end = 0
        self._reached: list[int] = []

    def open(self) -> None:
        """Convert what is not yet converted, and prepare every board; raises SourceError."""
        files, self._end = convert(self._spec, self._kind, self._cache)
        self._reached = [-1] * len(files)
        self._boards = [
            Board(seat, self._kind, PLAYBACK, self._parameters(seat, file), _CONFIGS)
            for seat, file in zip(self._spec.seats, files, strict=True)
        ]
        open_all(self._boards)

    def _parameters(self, seat: str, file: Path) -> dict[str, str | int]:
        """Name file and layout, and the seat, so that no two boards are alike."""
        return {"file": str(file), "master_board": self._kind.number, "serial_number": seat}

    def start(self, zero_ns: int | None = None) -> None:
        """Let every board play from its file's start."""
        for board in self._boards:
            board.start()

    def read(self, now_ns: int) -> Batch:
        """Drain every board."""
        parts = [self._take(seat, board) for seat, board in enumerate(self._boards)]
        return gather(parts, len(self.headsets[0].channels))

    def _take(self, seat: int, board: Board) -> tuple[Indices, Samples]:
        """Drain one board and place its samples."""
        layout, rate = self._kind.layout, self._kind.rate
        rows = board.take()
        index = np.rint(rows[layout.timestamp] * rate).astype(np.int64)
        if np.any(index % 256 != rows[layout.package]):
            raise SourceError(
                f"seat {board.seat}: the playback file is damaged (counter and time differ): "
                f"empty {self._cache} and start again"
            )
        if index.size:
            self._reached[seat] = int(index[-1])
        eeg = list(layout.eeg[: len(self.headsets[0].channels)])
        return index, rows[eeg].T.astype(np.float32)

    def hear(self, scene: str) -> None:
        """Ignore the film: what was recorded stays so."""

    @property
    def finished(self) -> bool:
        """Whether every board has given its last sample."""
        return bool(self._reached) and min(self._reached) == self._end

    def close(self) -> None:
        """End every session."""
        close_all(self._boards)


def convert(spec: RecordingSpec, kind: BoardKind, cache: Path) -> tuple[list[Path], int]:
    """Write each record as a playback file, unless an earlier show has.

    Parameters
    ----------
    spec : RecordingSpec
        Which records and what part of them.
    kind : BoardKind
        Board whose rows are written.
    cache : Path
        Folder for the files; made if missing.

    Returns
    -------
    list of Path
        A file per seat.
    int
        Index of their last sample.

    Raises
    ------
    SourceError
        If the recording is missing or damaged, or a converted file is.
    """
    known = RECORDINGS[spec.recording]
    records = _excerpt(spec)
    stem = cache_name(find_file(spec.recording, spec.path), spec.start_s, spec.stop_s, kind)
    cache.mkdir(parents=True, exist_ok=True)
    files = []
    for row in rows_of(spec):
        file = cache / f"{spec.recording}-{row:02d}-{stem}"
        if not file.exists():
            counts = records.counts[row]
            write_rows(file, kind.layout, records.index, counts, known.decimals, known.rate)
        check_rows(file, kind.layout, records.index.size)
        files.append(file)
    return files, int(records.index[-1])
