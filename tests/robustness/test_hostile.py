"""Hostile files through the whole scan: every file gets one row, each bad one with its cause, nothing crashes."""

import json
import resource
import time
from collections import Counter
from pathlib import Path

import pytest

from safelight.flow.walk import display
from tests.cli.conftest import Run, run_in
from tests.material.bombs import make_bombs
from tests.material.mutate import mutants


@pytest.fixture(scope="module")
def scan(tmp_path_factory: pytest.TempPathFactory) -> Run:
    root = tmp_path_factory.mktemp("hostile")
    run = run_in(root / "home")
    assert run("bank", "create", "known").code == 0
    return run


def rows_of(out: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (out / "results.jsonl").read_text(encoding="utf-8").splitlines()]


def scan_mutants(scan: Run, folder: Path, seed: int, count: int) -> None:
    names = []
    files = folder / "files"
    files.mkdir()
    for name, data, _note in mutants(seed, count):
        (files / name).write_bytes(data)
        names.append(name)
    done = scan("scan", files, "--bank", "known", "--out", folder / "out", "--quiet")
    assert done.code in {0, 3}, done.err
    rows = rows_of(folder / "out")
    paths = [str(row["path"]).removeprefix(f"{files}/") for row in rows]
    top = Counter(path for path in paths if "!/" not in path)
    assert top == Counter(names)
    for row in rows:
        assert row["error"] or row["status"] not in {"unreadable", "skipped"}
        assert "Traceback" not in str(row["error"])


def test_mutants(scan: Run, tmp_path: Path) -> None:
    scan_mutants(scan, tmp_path, seed=1, count=250)


@pytest.mark.soak
def test_two_thousand_mutants(scan: Run, tmp_path: Path) -> None:
    scan_mutants(scan, tmp_path, seed=2, count=2000)


def test_bombs(scan: Run, tmp_path: Path) -> None:
    scan_bombs(scan, tmp_path, heavy=False)


@pytest.mark.soak
def test_heavy_bombs(scan: Run, tmp_path: Path) -> None:
    scan_bombs(scan, tmp_path, heavy=True)


def scan_bombs(scan: Run, tmp_path: Path, *, heavy: bool) -> None:
    files = tmp_path / "files"
    files.mkdir()
    bombs = make_bombs(files, heavy=heavy)
    assert len(bombs) >= 20
    began = time.monotonic()
    done = scan("scan", files, "--bank", "known", "--out", tmp_path / "out", "--quiet")
    assert done.code in {0, 3}, done.err
    assert time.monotonic() - began < 240
    by_path = {str(row["path"]): row for row in rows_of(tmp_path / "out")}
    for bomb in bombs:
        if bomb.path.is_symlink() or not bomb.path.is_dir():  # of a folder, the files in it have rows
            row = by_path[display(str(bomb.path))]
            assert row["status"] in {str(s) for s in bomb.expect}, (bomb.name, row)
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < 5 * 2**20
