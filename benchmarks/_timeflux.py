"""Timeflux as a contender: an environment of its own, and a process that takes turns."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from rich.console import Console

from benchmarks import _peers
from benchmarks._measure import Floats, UnavailableError
from benchmarks._one_core import ONE_THREAD

# It pins a numpy of its own, older than the hall's; beside it lies what git does not see anyway.
HOME = Path(__file__).parent.parent / ".venv" / "timeflux"
WANTED = ("timeflux==0.17.2", "timeflux-dsp==0.3.4")
_PEER = Path(__file__).with_name("_timeflux_peer.py")
_LONGEST_S = 600.0


def interpreter() -> Path:
    """Give a Python that has timeflux; install it where it is missing.

    Raises
    ------
    UnavailableError
        It cannot be installed.
    """
    python = HOME / "bin" / "python"
    if not _has_timeflux(python):
        with Console(stderr=True).status("Installing timeflux beside the hall ..."):
            _install(python)
    return python


def version(python: Path) -> str:
    """Tell what timeflux runs with."""
    told = _call(
        python,
        "-c",
        "import importlib.metadata as m, sys\n"
        "print(', '.join(f'{n} {m.version(n)}' for n in sys.argv[1:]))",
        *("timeflux", "timeflux-dsp", "numpy", "scipy", "pandas"),
    )
    return told.stdout.strip()


class Timeflux:
    """One process of timeflux.

    Parameters
    ----------
    process : Popen
        Of `_timeflux_peer`.
    seats : int
        How many its channels belong to.
    """

    lead_in_s = round(_peers.SETTINGS.power_window_s)

    def __init__(self, process: subprocess.Popen[str], seats: int) -> None:
        self._process = process
        self._seats = seats

    def turn(self, blocks: int) -> list[float]:
        """Push some blocks, and tell how long each took, in s."""
        taken: list[float] = self._ask(f"turn {blocks}")
        return taken

    def indices(self) -> Floats:
        """Give the log indices of the last window, [4, seats]."""
        powers = np.array(self._ask("powers"))
        return _peers.log_indices(powers.reshape(len(powers), self._seats, -1))

    def _ask(self, order: str) -> Any:
        assert self._process.stdin
        assert self._process.stdout
        try:
            self._process.stdin.write(f"{order}\n")
            self._process.stdin.flush()
            return json.loads(self._process.stdout.readline())
        except (OSError, ValueError) as error:
            raise UnavailableError(f"timeflux stopped at {order!r}; see above") from error


@contextmanager
def timeflux(python: Path, samples: _peers.Samples, graphs: int) -> Iterator[Timeflux]:
    """Run timeflux on a loop of noise.

    Parameters
    ----------
    python : Path
        From `interpreter`.
    samples : float32 [samples, seats, channels]
        The loop; whole blocks.
    graphs : int
        One for each seat, or 1 for all of them.
    """
    notch, (_, *bands, _) = _peers.sections()
    with TemporaryDirectory(prefix="hall-") as folder:
        work = Path(folder) / "work.npz"
        np.savez(
            work,
            samples=samples.reshape(len(samples), -1),
            notch=notch,
            bands=np.stack(bands),
            rate=_peers.RATE,
            window=_peers.WINDOW,
            block=_peers.BLOCK,
        )
        words = [str(python), "-I", str(_PEER), str(work), str(graphs)]
        pipe = subprocess.PIPE
        environment = os.environ | ONE_THREAD
        with subprocess.Popen(
            words, stdin=pipe, stdout=pipe, text=True, env=environment
        ) as process:
            yield Timeflux(process, samples.shape[1])


def _has_timeflux(python: Path) -> bool:
    if not python.exists():
        return False
    return _call(python, "-c", "import timeflux_dsp.nodes.filters").returncode == 0


def _install(python: Path) -> None:
    steps = (
        ("-m", "venv", "--clear", str(HOME)),
        ("-m", "uv", "pip", "install", "--quiet", "--python", str(python), *WANTED),
    )
    for words in steps:
        # What the installer says may name addresses that belong in no document.
        if _call(Path(sys.executable), *words).returncode:
            raise UnavailableError("timeflux cannot be installed: is a package index in reach?")


def _call(python: Path, *words: str) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            [str(python), *words], capture_output=True, text=True, check=False, timeout=_LONGEST_S
        )
    except subprocess.TimeoutExpired as error:
        raise UnavailableError(f"timeflux: {words[1]} took longer than {_LONGEST_S:g} s") from error
