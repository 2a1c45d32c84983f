"""Fixtures every test may use."""

import gc
import os
from collections.abc import Generator
from pathlib import Path

# Some tests fork. OpenBLAS, which numpy brings, then makes its threads anew, and may wait for one of them for ever. Set
# before anything imports numpy; the processes of pytest-xdist inherit it.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import pytest
from hypothesis import settings

from tests.service import prepare

settings.register_profile("any-machine", deadline=None)  # a busy machine is no failure; hangs meet pytest-timeout
settings.load_profile("any-machine")

prepare()


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """No collection of garbage looks through modules and tests, which stay: with 12,000 of them each takes a second."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.collect()
        gc.freeze()
        gc.enable()


ROOT = Path(__file__).parent.parent


def shared_folder() -> Path | None:
    """The folder with conformance vectors and the benign corpus, or None on machines that do not have it."""
    folder = Path(os.environ.get("SAFELIGHT_SHARED", ROOT.parent / "shared"))
    return folder if (folder / "conformance").is_dir() else None


@pytest.fixture(scope="session")
def shared() -> Path:
    folder = shared_folder()
    if folder is None:
        pytest.skip("the shared conformance vectors are not on this machine (set SAFELIGHT_SHARED to their folder)")
    return folder
