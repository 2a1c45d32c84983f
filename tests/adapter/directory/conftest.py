"""The small internet of these tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.adapter.directory.world import World
from tests.fakes import FakeClock


@pytest.fixture
def world(tmp_path: Path, socket_enabled: None) -> Iterator[World]:
    made = World(tmp_path / "rdap", FakeClock())
    yield made
    made.close()
