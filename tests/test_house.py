"""The house itself: roots, floors, what must stay empty, what must not be committed."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parent.parent
PROJECT = tomllib.loads((CHECKOUT / "pyproject.toml").read_text("utf-8"))


def tracked() -> list[Path]:
    listing = subprocess.run(
        ["git", "ls-files", "-z"], cwd=CHECKOUT, capture_output=True, check=True
    ).stdout.decode()
    return [CHECKOUT / name for name in listing.split("\0") if name]


def test_the_top_level_packages_are_the_contracts_roots():
    packages = {path.parent.name for path in CHECKOUT.glob("*/__init__.py")}
    assert packages == set(PROJECT["tool"]["importlinter"]["root_packages"])


def test_the_wheel_holds_every_package_but_the_benchmarks():
    wheel = set(PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"])
    assert wheel == set(PROJECT["tool"]["importlinter"]["root_packages"]) - {"benchmarks"}


def test_engine_init_is_empty():
    assert (CHECKOUT / "engine" / "__init__.py").read_bytes() == b""


@pytest.mark.parametrize(
    ("process", "foreign"),
    [
        ("engine.worker", ("numba", "mne", "av", "sdl2", "mcap", "scipy.signal")),
        ("engine.player", ("numba", "mne", "brainflow", "mcap", "scipy")),
    ],
)
def test_a_process_loads_only_its_own_stage(process, foreign):
    """64 worker processes pay for every import 64 times."""
    code = f"import sys, {process}; print(*sorted(sys.modules))"
    loaded = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        capture_output=True,
        check=True,
        text=True,
        cwd=CHECKOUT,
    ).stdout.split()
    assert not set(foreign) & set(loaded)


def test_the_architecture_page_tells_where_everything_in_narrative_lies():
    page = (CHECKOUT / "docs" / "architecture.md").read_text("utf-8")
    told = re.findall(r"`(_[a-z]\w*)`", page)
    modules = {path.stem for path in (CHECKOUT / "narrative").glob("_[a-z]*.py")}
    assert set(told) == modules
    assert len(told) == len(modules)


def test_constraints_carry_no_address():
    for line in (CHECKOUT / "constraints.txt").read_text("utf-8").splitlines():
        assert re.fullmatch(r"[\w.\-]+==[\w.\-+]+( ;.*)?", line), line


def test_no_media_and_no_recording_is_committed():
    media = {".mkv", ".mp4", ".mov", ".wav", ".mcap", ".npz", ".fif", ".edf", ".bdf", ".xdf"}
    assert [path.name for path in tracked() if path.suffix in media] == []


def test_links_in_the_documents_lead_somewhere():
    for page in [*CHECKOUT.glob("*.md"), *CHECKOUT.glob("docs/**/*.md")]:
        for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", page.read_text("utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
