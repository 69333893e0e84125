"""Whole shows in a test: a film whose clips need not exist, any audience, a virtual clock."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from fractions import Fraction
from itertools import zip_longest
from pathlib import Path
from typing import NamedTuple

import pytest

import dsp
import narrative
from acquisition import SimulatedSpec, SourceSpec, describe
from engine.config import Show, ShowSource, planned_table
from engine.records import Consent
from engine.session import SessionFile, read
from playback import FrameCode, Sketch, make_sketches

SHORT_FILM = """
title: {en: Short}
fps: 24
start: lead_in
max_runtime: 10 min
scenes:
  lead_in: {clip: lead_in.mkv, length: 60 s, lead_in: true, default: question}
  question:
    clip: question.mkv
    length: 24 s
    reading: {from: 3 s, to: 22 s}
    branches:
      - {when: engagement > 0.4 and engagement.t > 3 for 5 s, to: gripped}
      - {when: synchrony > 3 for 5 s, to: together}
    default: calm
  gripped: {clip: gripped.mkv, length: 4 s, ending: true}
  together: {clip: together.mkv, length: 4 s, ending: true}
  calm: {clip: calm.mkv, length: 4 s, ending: true}
"""
"""A lead-in, one question, three endings: the shortest film with everything in it."""


@pytest.fixture
def short_film() -> str:
    """Give the text of the shortest film."""
    return SHORT_FILM


MakeShow = Callable[..., Show]


@pytest.fixture
def make_show(tmp_path: Path) -> MakeShow:
    """Build a checked show from source specs; clips are taken at their planned length."""

    def make(
        *specs: SourceSpec,
        film: str = SHORT_FILM,
        consents: tuple[Consent, ...] = (),
        settings: dsp.Settings | None = None,
    ) -> Show:
        loaded = narrative.load_film(film, "film.yaml")
        sources = tuple(
            ShowSource(f"source-{i}", spec, describe(spec), consent)
            for i, (spec, consent) in enumerate(
                zip_longest(specs, consents, fillvalue=Consent.RESEARCH)
            )
        )
        return Show(
            path=tmp_path / "show.toml",
            title="Test",
            driver="silent",
            film_path=tmp_path / "film.yaml",
            film_text=film,
            film=loaded,
            film_sha256="",
            table=planned_table(loaded),
            sources=sources,
            settings=settings or dsp.Settings(),
        )

    return make


@pytest.fixture
def audience() -> Callable[..., SimulatedSpec]:
    """Simulated viewers; engaged by the question unless told otherwise."""

    def make(
        seats: int = 16, seed: int = 3, response: float = 1.0, row: str = "A", **strengths: float
    ) -> SimulatedSpec:
        return SimulatedSpec(
            seats=tuple(f"{row}{i + 1}" for i in range(seats)),
            seed=seed,
            responses=(("question", response),),
            **strengths,
        )

    return make


@pytest.fixture
def rewrite(tmp_path: Path) -> Callable[[Path, Callable[[str, bytes, int], bytes]], Path]:
    """Copy a session, passing each message (topic, data, number in topic) through a hand."""

    def copy(session: Path, hand: Callable[[str, bytes, int], bytes]) -> Path:
        target = tmp_path / "altered.mcap"
        file = SessionFile(target.open("wb"))
        counts: dict[str, int] = {}
        for topic, t_ns, data in read(session):
            count = counts.get(topic, 0)
            counts[topic] = count + 1
            file.write_raw(topic, t_ns, hand(topic, data, count))
        file.finish()
        return target

    return copy


@pytest.fixture(scope="session")
def only_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a clip of one second at 24 frames, made on the spot."""
    path = tmp_path_factory.mktemp("clip") / "only.mkv"
    sketch = Sketch(str(path), 1, "Only", "", 1.0, "calm")
    make_sketches([sketch], fps=Fraction(24), size=(160, 96), progress=lambda done, total: None)
    return path


@pytest.fixture
def sketch_clips() -> Callable[[Path, tuple[int, int]], None]:
    """Make a film's clips, small."""

    def make(film_path: Path, size: tuple[int, int]) -> None:
        film = narrative.load_film(film_path.read_text(), film_path.name)
        sketches = []
        for number, (name, scene) in enumerate(film.scenes.items(), start=1):
            clip = film_path.parent / scene.clip
            clip.parent.mkdir(parents=True, exist_ok=True)
            sketches.append(Sketch(str(clip), number, name, "", scene.length_s or 1.0, name))
        make_sketches(sketches, fps=film.fps, size=size, progress=lambda done, total: None)

    return make


@pytest.fixture
def display() -> Iterator[str]:
    """Give an X server of its own."""
    if shutil.which("Xvfb") is None:
        if os.environ.get("CI") == "true":
            pytest.fail("Xvfb is missing: apt-get install xvfb")
        pytest.skip("Xvfb is missing: apt-get install xvfb")
    read_end, write_end = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write_end), "-screen", "0", "640x360x24", "-nolisten", "tcp"],
        pass_fds=[write_end],
        stderr=subprocess.DEVNULL,
    )
    os.close(write_end)
    with os.fdopen(read_end) as pipe:
        number = pipe.readline().strip()
    yield f":{number}"
    server.terminate()
    server.wait()


class Look(NamedTuple):
    """One look at the screen: when, and the film's frame, the slate, or neither."""

    at_ns: int
    code: FrameCode | None
    slate: bool


@pytest.fixture
def watched(display: str) -> Callable[[], AbstractContextManager[list[Look]]]:
    """Watch the screen for a while, a hundred times a second; the looks are there afterwards."""
    here = Path(__file__)

    @contextmanager
    def watch() -> Iterator[list[Look]]:
        looks: list[Look] = []
        script = str(here.with_name("screen_watcher.py"))
        with subprocess.Popen(
            [sys.executable, "-W", "ignore", script, display, "640", "360"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(here.parents[2])},
        ) as watcher:
            assert watcher.stdout is not None
            assert watcher.stdout.readline() == "watching\n"
            yield looks
            told, _ = watcher.communicate()
        for line in told.splitlines():
            at_ns, *seen = line.split()
            code = FrameCode(*map(int, seen)) if len(seen) == 2 else None
            looks.append(Look(int(at_ns), code, seen == ["slate"]))

    return watch
