"""Fixtures for the whole tree."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

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
