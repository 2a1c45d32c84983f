"""kill -9 of workers under load: every job takes effect, and none is left behind."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.databases import DATABASES, database

PROGRAM = Path(__file__).with_name("crash_workers.py")
ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("kind", DATABASES)
def test_every_job_takes_effect(kind: str, tmp_path: Path) -> None:
    assert crash(kind, tmp_path, jobs=60, kills=8)


@pytest.mark.soak
@pytest.mark.parametrize("kind", DATABASES)
def test_every_job_takes_effect_under_long_fire(kind: str, tmp_path: Path) -> None:
    assert crash(kind, tmp_path, jobs=600, kills=60)


def crash(kind: str, folder: Path, jobs: int, kills: int) -> bool:
    effects = folder / "effects"
    effects.mkdir()
    with database(kind, folder / "home") as target:
        environ = os.environ | {
            "SAFELIGHT_HOME": str(folder / "home"),
            "DJANGO_SETTINGS_MODULE": "safelight.web.settings",
        }
        environ.pop("SAFELIGHT_DATABASE_URL", None)
        if isinstance(target, str):
            environ["SAFELIGHT_DATABASE_URL"] = target
        (folder / "home").mkdir(exist_ok=True)
        done = subprocess.run(
            [sys.executable, PROGRAM, effects, str(jobs), str(kills)],
            env=environ,
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=200,
            check=False,
        )
    assert done.returncode == 0, done.stderr[-3000:]
    report = json.loads(done.stdout.splitlines()[-1])
    assert report == {"jobs": jobs, "effects": jobs, "states": {"done": jobs}, "left": 0, "endings": [0, 0, 0]}, (
        done.stderr
    )
    return True
