"""Code run in an interpreter of its own: what forks must not do so among the threads that other tests left behind."""

import json
import os
import subprocess
import sys
from typing import Any

from tests.conftest import ROOT


def apart(code: str, *arguments: object) -> Any:
    """What `code` prints last, as JSON. It finds the arguments in `sys.argv[1:]`, as texts."""
    told = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert told.returncode == 0, told.stderr
    return json.loads(told.stdout.splitlines()[-1])
