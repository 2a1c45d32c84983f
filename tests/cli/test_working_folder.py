"""A working folder is often the folder that is checked: nothing in it may steer the program."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.skipif(importlib.util.find_spec("yaml") is None, reason="numba reads the file only where PyYAML is")
def test_numba_is_not_told_where_to_unpickle_code_from(prepared: Path, tmp_path: Path) -> None:
    (tmp_path / ".numba_config.yaml").write_text("cache_dir: ./planted\n")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("NUMBA_")}
    done = subprocess.run(
        [sys.executable, "-m", "safelight", "match", "f8" * 32, "--bank", "known"],
        env=environment | {"SAFELIGHT_HOME": str(prepared / "home")},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "planted").exists()
