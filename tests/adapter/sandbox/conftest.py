"""Every test of the sandbox must leave neither processes nor open files."""

import os
from collections.abc import Iterator

import pytest

from tests.adapter.sandbox.harness import children, open_files


@pytest.fixture(autouse=True)
def _nothing_is_left() -> Iterator[None]:
    processes, files = children(os.getpid()), open_files()
    yield
    # There may be less: what earlier tests left to the garbage collector, which takes half a second to run.
    assert set(children(os.getpid())) <= set(processes)
    assert open_files() <= files
