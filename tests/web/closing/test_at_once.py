"""The jobs of closing the loop by several workers at once, on both databases."""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.databases import DATABASES, database

LAW = {
    "SAFELIGHT_JURISDICTIONS": "us,uk,eu",
    "SAFELIGHT_ORGANISATION": "Example",
    "SAFELIGHT_CONTACT": "safety@provider.example",
}


@pytest.mark.parametrize(
    ("kind", "cases"), [("postgresql", 2), *(pytest.param(kind, 12, marks=pytest.mark.soak) for kind in DATABASES)]
)
def test_what_follows_follows_once(kind: str, cases: int, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    with database(kind, home) as target:
        done = ran(
            ["-m", "tests.web.closing.at_once", cases],
            {"SAFELIGHT_HOME": home, "DJANGO_SETTINGS_MODULE": "safelight.web.settings", **LAW}
            | ({"SAFELIGHT_DATABASE_URL": target} if isinstance(target, str) else {}),
        )
    report = json.loads(done.splitlines()[-1])
    assert report["twice"] == []
    # Whoever comes second to a change looks again, and at last the job does; nothing else goes wrong.
    assert {error.partition(": ")[2] for error in report["errors"]} <= {"ConflictError", "TransitionError"}
    kinds = Counter(one.partition(" ")[0] for one in report["made"])
    assert {"duty", "statement", "draft", "location", "end", "job", "told"} <= kinds.keys()
    assert (kinds["location"], kinds["end"], kinds["statement"]) == (2 * cases, cases, cases)


def ran(command: list[object], environ: dict[str, object]) -> str:
    """What a program of ours prints. `environ`: what it has besides our own, of which the database is not part."""
    ours = {name: value for name, value in os.environ.items() if name != "SAFELIGHT_DATABASE_URL"}
    done = subprocess.run(
        [sys.executable, *map(str, command)],
        env=ours | {name: str(value) for name, value in environ.items()},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-3000:]
    return done.stdout
