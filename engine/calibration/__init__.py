"""Two minutes before the doors: what an audience's headsets give, and what a show may use of it.

The calibration film shows four scenes: eyes open, eyes closed, a train of flashes and clicks, and a
short clip. From its session come every seat's baselines, whether its alpha rises behind closed
eyes, its lag, and for every montage the weights of the synchrony component.
"""

from engine.calibration._analyse import analyse
from engine.calibration._file import (
    AlphaCheck,
    Baseline,
    Calibration,
    CalibrationError,
    Lag,
    MontageCalibration,
    SeatCalibration,
    read,
    write,
)
from engine.calibration._film import (
    CLIP,
    EYES_CLOSED,
    EYES_OPEN,
    FILM_NAME,
    FILM_TEXT,
    FLASHES,
    FPS,
    LENGTH_S,
    SCENES,
    TONE_S,
    flash_frames,
)
from engine.calibration._lags import Answer, lags_of
from engine.calibration._measures import alpha_check
from engine.calibration._weights import fit

__all__ = [
    "CLIP",
    "EYES_CLOSED",
    "EYES_OPEN",
    "FILM_NAME",
    "FILM_TEXT",
    "FLASHES",
    "FPS",
    "LENGTH_S",
    "SCENES",
    "TONE_S",
    "AlphaCheck",
    "Answer",
    "Baseline",
    "Calibration",
    "CalibrationError",
    "Lag",
    "MontageCalibration",
    "SeatCalibration",
    "alpha_check",
    "analyse",
    "fit",
    "flash_frames",
    "lags_of",
    "read",
    "write",
]
