"""The known recordings: what is in them, and how to read their files.

Samples are kept as whole numbers of a decimal unit (0.1 or 0.01 uV), as the files have them,
so that text and binary forms give the same float32 to the last bit.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from acquisition._types import Indices, Samples, SourceError

Counts = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Recording:
    """What is known of a recording without opening it.

    Attributes
    ----------
    file : str
        Its file, under the data folder.
    board : str
        BrainFlow board whose rows it is played as.
    channels : tuple of str
        Electrodes.
    rate : float
        Samples per second.
    records : int
        How many people or runs it holds.
    seconds : float
        Length of each, gaps included.
    decimals : int
        Decimal places of its uV values.
    read : callable
        File -> all its records.
    """

    file: str
    board: str
    channels: tuple[str, ...]
    rate: float
    records: int
    seconds: float
    decimals: int
    read: Callable[[Path], "Records"]

    @property
    def samples(self) -> int:
        """Length of each record in samples, gaps included."""
        return round(self.seconds * self.rate)


@dataclass(frozen=True, slots=True)
class Records:
    """All records of one file.

    Attributes
    ----------
    index : ndarray of int64, shape (n,)
        Sample index of each column; jumps where the recording has a gap.
    counts : ndarray of int32, shape (records, channels, n)
        Samples as whole numbers of 10**-decimals uV.
    """

    index: Indices
    counts: Counts

    def excerpt(self, start: int, stop: int) -> "Records":
        """Cut out the samples of index start to stop (excluded) and count from 0."""
        inside = slice(*np.searchsorted(self.index, (start, stop)))
        return Records(self.index[inside] - start, self.counts[:, :, inside])


def to_microvolts(counts: Counts, decimals: int) -> Samples:
    """Scale whole decimal units to float32 uV, exactly as reading the decimal text would."""
    return (counts / 10.0**decimals).astype(np.float32)


def _read_muse(path: Path) -> Records:
    """Read the 44 Muse runs, int16 in 0.1 uV."""
    with np.load(path) as file:
        counts = file["eeg_uv_x10"].astype(np.int32)
    return Records(np.arange(counts.shape[2]), counts)


def _read_arithmetic(path: Path) -> Records:
    """Read rest, rest and task of 35 people, int16 in 0.02 uV, one second of gap between."""
    with np.load(path) as file:
        parts = [file[name] for name in ("rest_first60", "rest_last60", "task")]
    counts = np.concatenate(parts, axis=2).astype(np.int32) * 2
    length, gap = parts[0].shape[2], 250
    index = np.arange(counts.shape[2])
    return Records(index + gap * (index // length), counts)


def _read_cyton(path: Path) -> Records:
    """Read the OpenBCI GUI's text export: 8-bit sample counter, then 8 channels in uV.

    Its timestamps repeat and jitter as packets arrived, so only the counter places samples.
    """
    with path.open(encoding="utf-8") as file:
        lines = [line for line in file if line[:1].isdigit()]
    table = np.array([line.split(",", 9)[:9] for line in lines], dtype=np.float64)
    counter: Indices = table[:, 0].astype(np.int64)
    steps: Indices = (np.diff(counter) - 1) % 256 + 1
    index = np.concatenate((np.zeros(1, np.int64), np.cumsum(steps)))
    return Records(index, np.rint(table[:, 1:].T * 100)[np.newaxis].astype(np.int32))


RECORDINGS: Mapping[str, Recording] = MappingProxyType(
    {
        "muse-audience": Recording(
            file="muse-audience/muse_audience_p300.npz",
            board="MUSE_2_BOARD",
            channels=("TP9", "AF7", "AF8", "TP10"),
            rate=256.0,
            records=44,
            seconds=27583 / 256,
            decimals=1,
            read=_read_muse,
        ),
        "arithmetic36": Recording(
            file="arithmetic36/eegmat36_12ch_250hz.npz",
            board="SYNTHETIC_BOARD",
            channels=("Fp1", "Fp2", "F3", "Fz", "F4", "P7", "P8", "P3", "Pz", "P4", "O1", "O2"),
            rate=250.0,
            records=35,
            seconds=182.0,
            decimals=2,
            read=_read_arithmetic,
        ),
        "openbci-cyton": Recording(
            file="openbci-cyton/OpenBCI_GUI-v6-blinks-jawClench-alpha.txt",
            board="CYTON_BOARD",
            channels=("Fp1", "Fp2", "C3", "C4", "P7", "P8", "O1", "O2"),
            rate=250.0,
            records=1,
            seconds=22490 / 250,
            decimals=2,
            read=_read_cyton,
        ),
    }
)
"""The recordings that can be seats, by name."""


def find_file(name: str, path: str) -> Path:
    """Find a recording's file in a data folder, or take the file itself.

    Raises
    ------
    SourceError
        If it is not there.
    """
    given = Path(path)
    file = given / RECORDINGS[name].file if given.is_dir() else given
    if not file.is_file():
        raise SourceError(
            f"recording {name!r}: no file {file}; set HALL_DATA or the show's path to the folder "
            f"that holds {RECORDINGS[name].file}"
        )
    return file


def load(name: str, file: Path) -> Records:
    """Read all records of a file.

    Raises
    ------
    SourceError
        If the file is not what its name says.
    """
    known = RECORDINGS[name]
    try:
        records = known.read(file)
    except (OSError, ValueError, KeyError, EOFError) as error:
        raise SourceError(_damaged(name, file, str(error))) from error
    expected = (known.records, len(known.channels))
    if records.counts.shape[:2] != expected or records.index[-1] + 1 != known.samples:
        raise SourceError(_damaged(name, file, f"its samples have shape {records.counts.shape}"))
    return records


def _damaged(name: str, file: Path, reason: str) -> str:
    """Say that a file is not the recording it should be."""
    return f"recording {name!r}: {file} is not that recording ({reason}); fetch it again"
