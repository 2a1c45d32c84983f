from pathlib import Path

import pytest

from safelight.adapter.index import FileIndexRoom
from tests.adapter.index.history import SMALL


@pytest.fixture
def room(tmp_path: Path) -> FileIndexRoom:
    """A room whose indexes flush and merge after a handful of changes."""
    return FileIndexRoom(tmp_path / "index", tuning=SMALL, patience=0.2)
