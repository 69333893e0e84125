"""What a calibration found, as the file that a show may name."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import msgspec

FORMAT = 1
"""Number of the file's format."""


class CalibrationError(Exception):
    """A calibration cannot be made or read; the message says why and what to do."""


class AlphaCheck(msgspec.Struct, frozen=True):
    """Whether alpha rises behind closed eyes.

    Attributes
    ----------
    verdict : {"rises", "does not rise", "unknown"}
        What can be said of the seat.
    rise, standard_error : float or None
        Natural logarithm of alpha power, eyes closed less eyes open, where relaxation is read.
    """

    verdict: Literal["rises", "does not rise", "unknown"]
    rise: float | None = None
    standard_error: float | None = None


class Lag(msgspec.Struct, frozen=True):
    """How late a seat answers to the flashes.

    Attributes
    ----------
    ms, standard_error_ms : float or None
        Against the median of the seats of its montage; None where it is unknown.
    after_flash_ms : float or None
        From the flash to the largest wave of the seat's answer, with the way of picture and
        sound, the headset's and that of the filters in it.
    t : float or None
        Of the match with the others' answers, over flashes.
    reason : str
        Why it is unknown, or known without measuring.
    """

    ms: float | None = None
    standard_error_ms: float | None = None
    after_flash_ms: float | None = None
    t: float | None = None
    reason: str = ""


class Baseline(msgspec.Struct, frozen=True):
    """A seat's usual value of a signal: median, 1.4826 MAD or the floor, over so many seconds."""

    centre: float
    spread: float
    seconds: int


class SeatCalibration(msgspec.Struct, frozen=True):
    """What was found of one seat.

    Attributes
    ----------
    seat : str
        Its name.
    good : float
        Share of the seconds in which nothing was wrong with its headset.
    faults : tuple of str
        What was wrong in a tenth of the seconds or more (names of `dsp.Flag`).
    alpha : AlphaCheck
        Closed eyes.
    lag : Lag
        Flashes.
    baselines : mapping of str to Baseline
        By signal, with eyes open; those are left out that had too few good seconds.
    """

    seat: str
    good: float
    faults: tuple[str, ...]
    alpha: AlphaCheck
    lag: Lag
    baselines: Mapping[str, Baseline]


class MontageCalibration(msgspec.Struct, frozen=True):
    """What was found of all seats of one montage.

    Attributes
    ----------
    rate, channels, seats : float, tuple of str, tuple of str
        Which seats these are.
    weights : tuple of float
        Of the synchrony component, one per channel, magnitudes adding up to 1.
    fitted : bool
        Whether they come from the clip; otherwise they are the montage's own.
    why : str
        Why they are what they are.
    isc : float or None
        Inter-subject correlation of these weights over the whole clip.
    held_out, held_out_own : float or None
        Mean correlation in each half of the clip, of weights fitted to the other half, and of the
        montage's own.
    forward : tuple of float
        How the fitted component shows at the channels; empty where nothing was fitted.
    """

    rate: float
    channels: tuple[str, ...]
    seats: tuple[str, ...]
    weights: tuple[float, ...]
    fitted: bool
    why: str
    isc: float | None = None
    held_out: float | None = None
    held_out_own: float | None = None
    forward: tuple[float, ...] = ()


class Calibration(msgspec.Struct, frozen=True):
    """The calibration of an audience.

    Attributes
    ----------
    format : int
        Number of the file's format.
    versions : mapping of str to str
        Packages and their versions, as in the session.
    made : str
        Date, ISO 8601.
    session, session_sha256 : str
        Name and hash of the session it was made from.
    montages, seats : tuple
        What was found; of seats that allow no record nothing but their montage.
    """

    format: int
    versions: Mapping[str, str]
    made: str
    session: str
    session_sha256: str
    montages: tuple[MontageCalibration, ...]
    seats: tuple[SeatCalibration, ...]


def write(calibration: Calibration, path: Path) -> None:
    """Write it as JSON to be read by people too; an earlier file of that name is replaced.

    Raises
    ------
    CalibrationError
        It cannot be written.
    """
    text = msgspec.json.format(msgspec.json.encode(calibration), indent=1)
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_bytes(text + b"\n")
        part.replace(path)
    except OSError as error:
        raise CalibrationError(f"{path}: cannot be written ({error.strerror})") from error


def read(path: Path) -> Calibration:
    """Read a calibration file.

    Raises
    ------
    CalibrationError
        There is no such file, or it is no calibration of this format.
    """
    try:
        found = msgspec.json.decode(path.read_bytes(), type=Calibration)
    except OSError as error:
        raise CalibrationError(f"{path}: cannot be read ({error.strerror})") from error
    except msgspec.MsgspecError as error:
        raise CalibrationError(f"{path}: no calibration ({error}); run hall calibrate") from error
    if found.format != FORMAT:
        raise CalibrationError(
            f"{path}: format {found.format}, this version reads {FORMAT}; run hall calibrate"
        )
    return found
