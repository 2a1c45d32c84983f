"""Every test of the sandbox must leave neither processes nor open files."""

import gc
import os
from collections.abc import Iterator

import pytest

from tests.adapter.sandbox.harness import children, open_files


@pytest.fixture(autouse=True)
def _nothing_is_left() -> Iterator[None]:
    gc.collect()  # files that earlier tests left to the garbage collector are not this test's
    processes, files = children(os.getpid()), open_files()
    yield
    assert children(os.getpid()) == processes
    assert open_files() <= files
