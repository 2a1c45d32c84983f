"""A data folder with one bank, made once per test process, and a way to run the command line as users do."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageOps

from safelight.demo.draw import draw
from tests.cli.forked import Forks


@dataclass(frozen=True)
class Result:
    code: int
    out: str
    err: str

    def rows(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]


Run = Callable[..., Result]
FORKS = Forks()


def run_in(home: Path) -> Run:
    def run(*arguments: object, env: dict[str, str] | None = None) -> Result:
        environ = os.environ | {"SAFELIGHT_HOME": str(home)} | (env or {})
        if env is None:
            result = Result(*FORKS.run([*map(str, arguments)], environ, 120))
        else:  # which may be about how it is loaded
            words = [sys.executable, "-m", "safelight", *map(str, arguments)]
            done = subprocess.run(words, env=environ, capture_output=True, text=True, timeout=120, check=False)
            result = Result(done.returncode, done.stdout, done.stderr)
        assert "Traceback" not in result.err, result.err
        return result

    return run


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder: `known/` (six drawn items, in the bank "known"), `files/` (eight to check) and `home/`."""
    root = tmp_path_factory.mktemp("cli")
    known, files = root / "known", root / "files"
    for folder in (known / "sub", files):
        folder.mkdir(parents=True)
    for number in range(6):
        draw(number, 400, 300).save(known / ("sub" if number > 3 else ".") / f"item{number}.png")
    shutil.copy(known / "item0.png", files / "a-copy.png")
    shutil.copy(known / "item0.png", files / "b-copy-again.png")
    draw(1, 400, 300).save(files / "c-recompressed.jpg", quality=40)
    ImageOps.mirror(draw(2, 400, 300)).save(files / "d-mirrored.jpg", quality=85)
    draw(100, 400, 300).save(files / "e-unrelated.jpg", quality=85)
    Image.new("RGB", (200, 200), (30, 90, 60)).save(files / "f-flat.png")
    (files / "g-broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 this is no picture")
    (files / "h-notes.txt").write_text("words")
    run = run_in(root / "home")
    assert run("bank", "create", "known").code == 0
    assert run("bank", "add", "known", known).code == 0
    return root


@pytest.fixture
def run(prepared: Path) -> Run:
    """Run `safelight` on the prepared data folder (tests must not change its banks)."""
    return run_in(prepared / "home")


@pytest.fixture
def fresh(tmp_path: Path) -> Run:
    """Run `safelight` on an empty data folder of this test's own."""
    return run_in(tmp_path / "home")
