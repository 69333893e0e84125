"""One screening: its configuration, and the runtime that follows from it."""

from __future__ import annotations

import datetime
import importlib.metadata
import platform
import secrets

import numpy as np

import dsp
from acquisition import Headset
from engine.config import Show
from engine.control import settled
from engine.grid import Grid
from engine.records import Control, Frame, Standing
from engine.runtime import Runtime
from engine.session import FORMAT, Configuration
from narrative import Film

_PACKAGES = ("neural-hall", "brainflow", "numpy", "numba", "scipy", "mcap", "msgspec", "av")


def configuration_of(
    show: Show, term: int, origin_ns: int, standing: Standing | None = None
) -> Configuration:
    """Write down all that replay needs to know of a show that starts, or goes on, now.

    Parameters
    ----------
    show : Show
        The checked show.
    term : int
        The engine's number.
    origin_ns : int
        Hall time of the show's origin, in ns.
    standing : Standing, optional
        Where the engine before this one stood; what it has drawn for a study stays drawn.
    """
    return Configuration(
        format=FORMAT,
        versions={name: importlib.metadata.version(name) for name in _PACKAGES}
        | {"python": platform.python_version(), "machine": platform.machine()},
        title=show.title,
        started_at=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        origin_ns=origin_ns,
        term=term,
        film_name=show.film_path.name,
        film_text=show.film_text,
        film_sha256=show.film_sha256,
        table=show.table,
        sources=tuple(source.headsets for source in show.sources),
        consents=show.consents,
        settings=show.settings,
        standing=standing,
        control=_control(show, standing),
        zones=show.zones,
        norms=show.norms,
        calibrated=show.calibrated,
        seed=_seed(show, standing),
        linear=show.linear,
    )


def _seed(show: Show, standing: Standing | None) -> int:
    """Draw the seed of the film's chances, once in a screening."""
    if standing is not None:
        return standing.course.machine.seed
    return secrets.randbits(32) if show.seed is None else show.seed


def _control(show: Show, standing: Standing | None) -> Control | None:
    if show.control is None:
        return None
    drawn = standing.seed if standing else None
    return settled(show.control, secrets.randbits(32) if drawn is None else drawn)


def warm_up() -> None:
    """Compile every kernel before anything flows: on a new machine that takes seconds."""
    dsp.warm_up()
    grid = Grid([(Headset("warm-up", ("Cz",), 250.0, live=True),)], 0)
    frame = Frame(0, 0, 0, np.array([[0, 0, 1]]).tobytes(), np.zeros((1, 1), np.float32).tobytes())
    grid.place(0, 0, frame.runs_array(), frame.samples_array(1))
    grid.close()


def runtime_of(configuration: Configuration, film: Film) -> Runtime:
    """Build the runtime of a screening."""
    return Runtime(
        configuration.sources,
        configuration.consents,
        configuration.settings,
        film,
        configuration.table,
        configuration.term,
        configuration.origin_ns,
        configuration.standing,
        configuration.control,
        configuration.zones,
        configuration.norms,
        configuration.calibrated,
        configuration.seed,
    )
