"""Fixtures for the whole tree."""

import os
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import settings
from scipy import signal

# Two busy cores make any example slow now and then; what is timed is timed in benchmarks/.
settings.register_profile("hall", deadline=None)
settings.load_profile("hall")

CHECKOUT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def data_root() -> Path:
    """The folder of real recordings (`HALL_DATA`, by default ../shared/data)."""
    root = Path(os.environ.get("HALL_DATA", CHECKOUT.parent / "shared" / "data"))
    if root.is_dir():
        return root
    message = f"no recordings at {root}: set HALL_DATA to the folder that holds muse-audience/"
    if os.environ.get("CI") == "true":
        pytest.fail(message)
    pytest.skip(message)


@pytest.fixture(scope="session")
def twin() -> SimpleNamespace:
    """The offline twin of synchrony: the same recipe in plain numpy over the whole recording."""
    return SimpleNamespace(broad_band=broad_band, scaled=scaled, windows=windows)


def broad_band(x: np.ndarray, rate: float) -> np.ndarray:
    """Notch, then 1-20 Hz, started from the first sample's value; shape as `x`."""
    notch = signal.tf2sos(*signal.iirnotch(50, 30, fs=rate))
    sos = np.vstack([notch, signal.butter(2, [1, 20], "bandpass", fs=rate, output="sos")])
    start = signal.sosfilt_zi(sos)[:, :, None, None] * x[0]
    return signal.sosfilt(sos, x.astype(np.float64), axis=0, zi=start)[0]


def scaled(x: np.ndarray, rate: float) -> np.ndarray:
    """Broad band over its running robust scale, clipped; scale of the 30 s before each second."""
    y = broad_band(x, rate)
    y[: round(2 * rate)] = np.nan
    out = np.full(y.shape, np.nan)
    for second in range(1, len(y) // round(rate) + 1):
        first, stop = round(second * rate), round((second + 1) * rate)
        past = np.abs(y[:first:8])
        past = past[~np.isnan(past[:, 0, 0])][-round(30 * rate / 8) :]
        if len(past) >= rate // 8:
            out[first:stop] = y[first:stop] / (1.4826 * np.median(past, axis=0))
    return np.where(np.abs(out) > 4, 0, out)


def windows(component: np.ndarray, rate: float) -> np.ndarray:
    """ISC of every full 10 s window, hop 1 s, by the textbook formula."""
    values = []
    for end in range(13, len(component) // round(rate) + 1):
        y = component[round((end - 10) * rate) : round(end * rate)]
        a, b = np.sum(y.sum(axis=1) ** 2), np.sum(y**2)
        values.append((a - b) / ((y.shape[1] - 1) * b))
    return np.array(values)
