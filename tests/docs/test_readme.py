"""Every command in the README works: those of `safelight` are run here in order, those of `make` name real targets."""

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tests.docs.pages import ROOT, fenced

README = (ROOT / "README.md").read_text(encoding="utf-8")
LINES = [line for block in fenced(README, "sh") for line in block.splitlines() if line.strip()]
EXIT_CODE = re.compile(r"#.*\bexit code (\d+)")


def picture(seed: int) -> NDArray[np.uint8]:
    """Smooth random hills: a benign picture with much to hash."""
    random = np.random.default_rng(seed)
    small = Image.fromarray(random.integers(0, 256, (9, 12, 3), dtype=np.uint8))
    return np.asarray(small.resize((320, 240), Image.Resampling.BICUBIC))


def prepare(folder: Path) -> None:
    """What the README's walk starts from: `known`, `inbox` and a hash list."""
    for name in ("known", "inbox"):
        (folder / name).mkdir()
    for seed in range(3):
        Image.fromarray(picture(seed)).save(folder / "known" / f"item-{seed}.png")
    Image.fromarray(picture(0)).save(folder / "inbox" / "copy.jpg", quality=70)
    Image.fromarray(picture(1)).transpose(Image.Transpose.FLIP_LEFT_RIGHT).save(folder / "inbox" / "mirrored.png")
    Image.fromarray(picture(99)).save(folder / "inbox" / "other.png")
    (folder / "list.txt").write_text("0123456789abcdef" * 4 + "\n", encoding="utf-8")


def run(line: str, folder: Path) -> None:
    wanted = EXIT_CODE.search(line)
    environment = {**os.environ, "SAFELIGHT_HOME": str(folder / "home"), "SAFELIGHT_PROCESSES": "1"}
    command = shlex.split(line, comments=True)
    command[0] = str(Path(sys.executable).parent / command[0])
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == (int(wanted[1]) if wanted else 0), f"{line}\n{done.stdout}{done.stderr}"


@pytest.mark.timeout(240)
def test_the_walk_works_as_written(tmp_path: Path) -> None:
    prepare(tmp_path)
    walk = [line for line in LINES if line.startswith("safelight ")]
    assert len(walk) > 5
    for line in walk:
        run(line, tmp_path)
    rows = [json.loads(line) for line in (tmp_path / "results" / "results.jsonl").read_text("utf-8").splitlines()]
    outcomes = {Path(row["path"]).name: row["decision"]["outcome"] for row in rows}
    assert outcomes == {"copy.jpg": "near", "mirrored.png": "near", "other.png": "no_match"}
    assert {path.name for path in (tmp_path / "results").iterdir()} == {
        "results.jsonl",
        "results.parquet",
        "summary.json",
        "report.html",
    }


def test_no_command_escapes_the_tests() -> None:
    assert {line.split()[0] for line in LINES} == {"make", "safelight"}


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md"])
def test_make_targets_exist(name: str) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    blocks = "".join(fenced((ROOT / name).read_text(encoding="utf-8"), "sh"))
    named = set(re.findall(r"^make (\w+)", blocks, re.MULTILINE))
    assert named
    assert named <= targets
