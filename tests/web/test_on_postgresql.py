"""All tests of the service on PostgreSQL, a part at a time, each with a process and a database of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.databases import database
from tests.service import ELSEWHERE

WEB = Path(__file__).parent
BY_FILE = ("api", "console")
"""Folders of many tests, whose files are parts of their own."""
NO_PARTS = ("__init__.py", "conftest.py", Path(__file__).name)


def parts() -> list[str]:
    """Folders and files below this one in which tests are."""
    names = {path.parent.name for path in WEB.glob("*/test_*.py")} - set(BY_FILE)
    files = (path for folder in (WEB, *(WEB / name for name in BY_FILE)) for path in folder.glob("test_*.py"))
    return sorted(names | {str(path.relative_to(WEB)) for path in files if path.name not in NO_PARTS})


@pytest.mark.soak
@pytest.mark.timeout(600)
@pytest.mark.parametrize("part", parts())
def test_it_passes(part: str, tmp_path: Path) -> None:
    with database("postgresql", tmp_path) as target:
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-n0", WEB / part],
            env=os.environ | {ELSEWHERE: str(target)},
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=580,
            check=False,
        )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
