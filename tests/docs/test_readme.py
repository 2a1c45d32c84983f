"""Every command in the README works: those of `safelight` are run here in order, those of `make` name real targets."""

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from safelight.demo.declared import declared
from safelight.demo.draw import title
from safelight.demo.folder import known_bytes, known_name, picture
from safelight.demo.variants import ALTERED, RECIPES
from tests.docs.pages import ROOT, fenced

README = (ROOT / "README.md").read_text(encoding="utf-8")
LINES = [line for block in fenced(README, "sh") for line in block.splitlines() if line.strip()]
EXIT_CODE = re.compile(r"#.*\bexit code (\d+)")
KNOWN = (1, 2, 8)
ALTERED_NUMBER = 1
DECLARED = ("graph.png", "old-thumbnail.jpg")


def prepare(folder: Path) -> None:
    """A small part of what `make demo` leaves, under the same names: three known items, six files to check."""
    known, files = folder / "safelight-demo" / "known", folder / "safelight-demo" / "files"
    for number in KNOWN:
        path = known / known_name(number)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(known_bytes(number))
    (files / "saved-again").mkdir(parents=True)
    (files / "altered").mkdir()
    (files / "copy.jpg").write_bytes(known_bytes(8))
    with Image.open(known / known_name(2)) as held:
        held.save(files / "saved-again" / "harbour-002-q50.jpg", quality=50)
    word, _why, alter = ALTERED[0]
    path = files / "altered" / f"{title(ALTERED_NUMBER)}-{word}.jpg"
    path.write_bytes(alter(picture(ALTERED_NUMBER), picture(950 + ALTERED_NUMBER)))
    for made in declared(picture):
        if Path(made.path).name in DECLARED:
            (files / made.path).parent.mkdir(exist_ok=True)
            (files / made.path).write_bytes(made.data)
    Image.linear_gradient("L").rotate(30).save(files / "other.png")


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
    assert outcomes == {
        "bookshelf-001-pasted-over.jpg": "derivative",
        "copy.jpg": "known",
        "harbour-002-q50.jpg": "near",
        "graph.png": "no_match",
        "old-thumbnail.jpg": "no_match",
        "other.png": "no_match",
    }
    assert {path.name for path in (tmp_path / "results").iterdir()} == {
        "results.jsonl",
        "results.parquet",
        "summary.json",
        "report.html",
        "masks",
        "prompts",
    }


def test_the_walk_uses_files_that_the_demo_makes() -> None:
    made = {
        f"safelight-demo/files/{recipe.folder}/{title(2 * place)}-{recipe.word}.{recipe.suffix}"
        for place, recipe in enumerate(RECIPES)
    }
    made |= {
        f"safelight-demo/files/altered/{title(number)}-{word}.jpg"
        for place, (word, _why, _make) in enumerate(ALTERED)
        for number in (3 * place, 3 * place + 1)
    }
    made |= {f"safelight-demo/files/{file.path}" for file in declared(picture)}
    named = {word for line in LINES for word in line.split() if word.startswith("safelight-demo/files/")}
    assert named
    assert named <= made


def test_no_command_escapes_the_tests() -> None:
    assert {line.split()[0] for line in LINES} == {"make", "safelight"}


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md"])
def test_make_targets_exist(name: str) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    blocks = "".join(fenced((ROOT / name).read_text(encoding="utf-8"), "sh"))
    named = set(re.findall(r"^make (\w+)", blocks, re.MULTILINE))
    assert named
    assert named <= targets
