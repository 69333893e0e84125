"""Recordings as files of BrainFlow's rows, for its playback board.

The board reads text with one row per line, says nothing of a wrong file and then plays
nothing, so files are written here in lines of equal length and checked by that before use.
Writing digits with numpy takes about a tenth of the time of BrainFlow's own `write_file`.
"""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from acquisition._recordings import Counts
from acquisition._types import Indices, SourceError

_LAYOUT = "rows-2"
_TIME_DECIMALS = 6


@dataclass(frozen=True, slots=True)
class RowFormat:
    """Which of a board's rows hold what.

    Attributes
    ----------
    rows : int
        Rows per sample.
    package, timestamp : int
        Row of the packet counter (modulo 256) and of the time in seconds.
    eeg : tuple of int
        Rows of the electrodes.
    """

    rows: int
    package: int
    timestamp: int
    eeg: tuple[int, ...]


def write_rows(
    file: Path, layout: RowFormat, index: Indices, counts: Counts, decimals: int, rate: float
) -> None:
    """Write one record as a playback file; complete or not at all.

    Parameters
    ----------
    file : Path
        Target, replaced in one step.
    layout : RowFormat
        Rows of the board that is to play it.
    index : ndarray of int64, shape (n,)
        Sample indices; timestamps are index / rate, so that the board waits out a gap.
    counts : ndarray of int32, shape (channels, n)
        Samples in units of 10**-decimals uV.
    decimals : int
        See `counts`.
    rate : float
        Samples per second.
    """
    time = np.rint(index * (10**_TIME_DECIMALS / rate)).astype(np.int64)
    columns = {
        layout.package: _decimal(index % 256, 0),
        layout.timestamp: _decimal(time, _TIME_DECIMALS),
    }
    for row, channel in zip(layout.eeg, counts, strict=False):
        columns[row] = _decimal(channel, decimals)
    zero = np.full((index.size, 1), ord("0"), np.uint8)
    tab = np.full((index.size, 1), ord("\t"), np.uint8)
    cells = [cell for row in range(layout.rows) for cell in (columns.get(row, zero), tab)]
    cells[-1] = np.full((index.size, 1), ord("\n"), np.uint8)
    part = file.with_suffix(f".{os.getpid()}.part")
    part.write_bytes(np.hstack(cells).tobytes())
    part.replace(file)


def check_rows(file: Path, layout: RowFormat, samples: int) -> None:
    """Make sure that the playback board can read a file as written.

    Raises
    ------
    SourceError
        If its lines are not `samples` equally long ones of the right number of rows.
    """
    with file.open("rb") as opened:
        line = opened.readline()
        opened.seek(-len(line), os.SEEK_END)
        ends = (line, opened.readline())
    whole = file.stat().st_size == samples * len(line)
    if not whole or any(end.count(b"\t") != layout.rows - 1 for end in ends):
        raise SourceError(f"playback file {file} is damaged: delete it, it is made again")


def cache_name(source: Path, *parameters: object) -> str:
    """Name a converted file by the content it was made from and how."""
    digest = hashlib.sha256(repr((_LAYOUT, _content_hash(source), parameters)).encode())
    return f"{digest.hexdigest()[:32]}.tsv"


def _content_hash(source: Path) -> str:
    with source.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _decimal(numbers: NDArray[np.integer], decimals: int) -> NDArray[np.uint8]:
    """Write whole numbers as zero-padded decimal text of equal width, one per row."""
    left = np.abs(numbers.astype(np.int64))
    digits = max(len(str(left.max())), decimals + 1)
    text = np.empty((left.size, 1 + digits + bool(decimals)), np.uint8)
    places = list(range(text.shape[1] - 1, 0, -1))
    if decimals:
        text[:, places.pop(decimals)] = ord(".")
    for place in places:
        left, digit = np.divmod(left, 10)
        text[:, place] = ord("0") + digit
    text[:, 0] = np.where(numbers < 0, ord("-"), ord("0"))
    return text
