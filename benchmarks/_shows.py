"""Shows to measure with: films at their planned length, any audience, no clips needed."""

from __future__ import annotations

import importlib.resources
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

import dsp
import narrative
from acquisition import RecordingSpec, SimulatedSpec, SourceError, SourceSpec, describe
from benchmarks._measure import Floats, UnavailableError
from engine.config import Show, ShowSource, data_folder, planned_table
from engine.records import Consent
from engine.screening import warm_up

EXAMPLES = Path(__file__).parent.parent / "examples"


@contextmanager
def workplace() -> Iterator[Path]:
    """A folder that is gone afterwards, with every kernel compiled before."""
    warm_up()
    with TemporaryDirectory(prefix="hall-") as folder:
        yield Path(folder)


def make_show(film_text: str, *specs: SourceSpec) -> Show:
    """Make a show; its clips are taken at the lengths the film plans."""
    film = narrative.load_film(film_text, "film.yaml")
    return Show(
        path=Path("show.toml"),
        title="Benchmark",
        driver="silent",
        film_path=Path("film.yaml"),
        film_text=film_text,
        film=film,
        film_sha256="",
        table=planned_table(film),
        sources=tuple(
            ShowSource(f"source-{i}", spec, describe(spec), Consent.RESEARCH)
            for i, spec in enumerate(specs)
        ),
        settings=dsp.Settings(),
    )


def sample_film() -> str:
    """Give the text of the film that `hall demo` shows."""
    return (importlib.resources.files("engine.demo") / "film.yaml").read_text("utf-8")


def viewers(count: int) -> SimulatedSpec:
    """Give a simulated audience."""
    responses = (("harbour", 1.0), ("lighthouse", 0.8), ("storm", -0.6))
    return SimulatedSpec(tuple(f"A{i + 1}" for i in range(count)), seed=7, responses=responses)


def recording(name: str, seats: int, *, boards: bool, stop_s: float | None = None) -> RecordingSpec:
    """Give a recording as an audience.

    Raises
    ------
    UnavailableError
        The recordings are not there.
    """
    names = tuple(f"R{i + 1}" for i in range(seats))
    spec = RecordingSpec(name, str(data_folder()), names, stop_s=stop_s, boards=boards)
    try:
        describe(spec)
    except SourceError as error:
        raise UnavailableError(f"needs the recording {name} (set HALL_DATA): {error}") from error
    return spec


def brain_noise(samples: int, channels: int, offset_uv: float = 1000.0) -> Floats:
    """Seeded noise of 10 uV about an electrode's offset, [samples, channels]."""
    return offset_uv + 10.0 * np.random.default_rng(1).standard_normal((samples, channels))
