"""One simulated show, and many of them on all cores."""

from __future__ import annotations

import multiprocessing
import os
import tempfile
import time
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from engine import logs
from engine.screening import warm_up
from engine.simulation._checks import violations
from engine.simulation._faults import draw_faults
from engine.simulation._hall import Hall
from engine.simulation._plants import planted
from engine.simulation._seen import Seen, seen
from engine.simulation._world import World

_MEMORY = Path("/dev/shm")
_FEW = 12
"""Fewer shows than this are over before other processes have started."""


@dataclass(frozen=True, slots=True)
class Simulated:
    """What came of a simulated show.

    Attributes
    ----------
    seed : int
        What it was drawn from.
    broken : tuple of str
        What did not hold; empty if all did.
    story : tuple of str
        What happened, a line each.
    faults : tuple of str
        What befell it, names of `FAULTS`.
    cpu_s, hall_s : float
        Seconds it cost, and seconds of hall time.
    seen : Seen or None
        What the faults cost; None if the hall's own code failed.
    """

    seed: int
    broken: tuple[str, ...]
    story: tuple[str, ...]
    faults: tuple[str, ...]
    cpu_s: float
    hall_s: float
    seen: Seen | None


def simulate(seed: int, plant: str = "", only: str | None = None) -> Simulated:
    """Run one show under random faults, and check what must hold.

    Parameters
    ----------
    seed : int
        Decides film, audience, faults and their times; equal seeds give equal shows.
    plant : str, optional
        One of `PLANTS`: a bug to be found.
    only : str, optional
        One of `FAULTS`, to befall the show once, or empty for an undisturbed one.
    """
    begun = time.process_time()
    world = World(seed)
    memory = _MEMORY if _MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="hall-", dir=memory) as folder, planted(plant):
        try:
            hall = Hall(world, Path(folder))
            draw_faults(hall, only)
            hall.run()
            broken, found = tuple(violations(hall)), seen(hall)
        except Exception:
            found = None
            # A part of the hall that raises would have ended its process: that is a finding.
            broken = (f"the hall's own code failed:\n{traceback.format_exc()}",)
    story = (*world.story, *(f"          BROKEN  {what}" for what in broken))
    faults = tuple(world.faults)
    cpu_s = time.process_time() - begun
    return Simulated(seed, broken, story, faults, cpu_s, world.passed_s, found)


def simulate_many(
    seeds: Sequence[int], plant: str = "", only: str | None = None
) -> Iterator[Simulated]:
    """Run many shows on all cores; they come as they are done.

    Parameters
    ----------
    seeds : sequence of int
        One show each.
    plant, only : str, optional
        As for `simulate`.
    """
    show = partial(simulate, plant=plant, only=only)
    if len(seeds) < _FEW:
        _prepare()
        yield from map(show, seeds)
        return
    context = multiprocessing.get_context("spawn")
    with context.Pool(os.cpu_count(), _prepare) as pool:
        yield from pool.imap_unordered(show, seeds, chunksize=4)


def _prepare() -> None:
    logs.silence()
    warm_up()
