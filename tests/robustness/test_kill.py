"""kill -9 at random points: the scan goes on where it stopped, no file is lost, none is doubled."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from safelight.demo.draw import draw
from tests.cli.conftest import run_in

PICTURES, FILES, ARCHIVES = 30, 110, 10


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of 120 files, some of them archives, a bank, and the results of a scan that nobody interrupted."""
    root = tmp_path_factory.mktemp("kill")
    files = root / "files"
    files.mkdir()
    for number in range(PICTURES):
        draw(number, 800, 600).save(files / f"{number:03}.jpg", quality=85)
    originals = sorted(files.iterdir())
    for number in range(PICTURES, FILES):
        (files / f"{number:03}.jpg").write_bytes(originals[number % PICTURES].read_bytes() + bytes([number]))
    import zipfile

    for number in range(ARCHIVES):
        with zipfile.ZipFile(files / f"z{number}.zip", "w") as archive:
            for path in originals[number : number + 5]:
                archive.writestr(path.name, path.read_bytes() + bytes([number]))
    run = run_in(root / "home")
    assert run("bank", "create", "known").code == 0
    assert run("bank", "add", "known", originals[0]).code == 0
    assert run("scan", files, "--bank", "known", "--out", root / "whole", "--quiet").code == 1
    return root


def interrupt(place: Path, out: Path, kills: int, seed: int) -> int:
    """Start the scan, kill it, start it again ...; return how many kills hit it before it was done."""
    chance = random.Random(seed)
    command = [sys.executable, "-m", "safelight", "scan", str(place / "files"), "--bank", "known", "--quiet"]
    env = os.environ | {"SAFELIGHT_HOME": str(place / "home")}
    hits = 0
    for _ in range(kills):
        process = subprocess.Popen([*command, "--out", str(out)], env=env, start_new_session=True)
        time.sleep(chance.uniform(0.3, 3.0))
        process.send_signal(signal.SIGKILL)
        hits += process.wait() == -signal.SIGKILL
    return hits


def check(place: Path, out: Path) -> None:
    assert run_in(place / "home")("scan", place / "files", "--bank", "known", "--out", out, "--quiet").code == 1
    assert (out / "results.jsonl").read_bytes() == (place / "whole" / "results.jsonl").read_bytes()
    assert len((out / "results.jsonl").read_bytes().splitlines()) == FILES + ARCHIVES * 6


def test_killed_twice(place: Path, tmp_path: Path) -> None:
    assert interrupt(place, tmp_path, kills=2, seed=1) > 0
    check(place, tmp_path)


@pytest.mark.soak
def test_killed_at_twenty_points(place: Path, tmp_path: Path) -> None:
    hits = sum(interrupt(place, tmp_path / str(n), kills=4, seed=n) for n in range(5))
    for n in range(5):
        check(place, tmp_path / str(n))
    assert hits >= 10


def test_no_worker_outlives_a_killed_scan(place: Path, tmp_path: Path) -> None:
    env = os.environ | {"SAFELIGHT_HOME": str(place / "home")}
    command = [sys.executable, "-m", "safelight", "scan", str(place / "files"), "--bank", "known", "--quiet"]
    process = subprocess.Popen([*command, "--out", str(tmp_path)], env=env)
    workers: list[int] = []
    while not len(workers) > 1 and process.poll() is None:
        workers = below(process.pid)
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert len(workers) > 1, "the scan ended before its workers were seen"
    deadline = time.monotonic() + 10
    while any(map(is_live, workers)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(map(is_live, workers))


def below(root: int) -> list[int]:
    """The live processes that descend from `root`, by /proc."""
    found, queue = [], [root]
    while queue:
        parent = queue.pop()
        for entry in Path("/proc").iterdir():
            if entry.name.isdecimal() and stat_of(entry)[1:2] == [str(parent)]:
                found.append(int(entry.name))
                queue.append(int(entry.name))
    return found


def is_live(pid: int) -> bool:
    return stat_of(Path(f"/proc/{pid}"))[:1] not in ([], ["Z"])


def stat_of(process: Path) -> list[str]:
    """Fields of /proc/PID/stat from the state on; empty when the process is gone."""
    try:
        return (process / "stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return []
