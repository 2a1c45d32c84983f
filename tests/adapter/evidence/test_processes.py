"""Several processes on one vault, kill -9, and nothing plain on any disk."""

import hashlib
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from safelight.app import App
from safelight.settings import read_settings
from tests.databases import DATABASES, database

SCRIPT = """
import io, os, sys
from safelight.app import App
from safelight.settings import read_settings
vault = App(read_settings(os.environ)).evidence
vault.status()
print("ready", flush=True)
for line in sys.stdin:
    seed, size = line.split()
    plain = (seed.encode() * int(size))[:int(size)]
    blob = vault.put(io.BytesIO(plain), "image/png")
    with vault.read(blob.id) as file:
        assert file.read() == plain
    print(blob.id, flush=True)
"""


class Process:
    def __init__(self, environ: dict[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", SCRIPT],
            env={name: value for name, value in os.environ.items() if not name.startswith("SAFELIGHT_")} | environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, seed: str, size: int) -> None:
        assert self._process.stdin
        self._process.stdin.write(f"{seed} {size}\n")
        self._process.stdin.flush()

    def answer(self) -> str:
        assert self._process.stdout
        return self._process.stdout.readline().strip()

    def kill(self) -> None:
        self._process.send_signal(signal.SIGKILL)
        self._process.communicate()

    def end(self) -> None:
        self._process.communicate(timeout=60)
        assert self._process.returncode == 0


@pytest.fixture(params=DATABASES)
def environ(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[dict[str, str]]:
    (tmp_path / "temporary").mkdir()
    with database(request.param, tmp_path, "evidence") as target:
        url = {"SAFELIGHT_DATABASE_URL": target} if isinstance(target, str) else {}
        yield {"SAFELIGHT_HOME": str(tmp_path / "home"), "TMPDIR": str(tmp_path / "temporary"), **url}


def test_the_same_content_from_several_processes_at_once_is_one_blob(environ: dict[str, str]) -> None:
    processes = [Process(environ) for _ in range(2)]
    assert [process.answer() for process in processes] == ["ready"] * 2
    for number in range(10):
        for process in processes:
            process.ask(f"content{number}", 100_000)
        assert len({process.answer() for process in processes}) == 1
    for process in processes:
        process.end()
    app = App(read_settings(environ))
    assert app.evidence.status().blobs == len(list(app.blobs.names())) == 10
    assert len(app.evidence.status().keys) == 1  # though each may have been the first to need a key


@pytest.mark.parametrize("kills", [3, pytest.param(30, marks=pytest.mark.soak)])
def test_after_kill_9_what_was_told_is_whole_and_the_rest_is_swept(environ: dict[str, str], kills: int) -> None:
    random_ = random.Random(6)
    told: dict[str, str] = {}
    for run in range(kills):
        process = Process(environ)
        assert process.answer() == "ready"
        for number in range(2):
            process.ask(f"{run}-{number}-", 20)
            told[process.answer()] = f"{run}-{number}-"
        process.ask(f"{run}-large-", 30 << 20)
        time.sleep(random_.uniform(0.0, 0.15))
        process.kill()
    app = App(read_settings(environ))
    vault = app.evidence
    for blob, seed in told.items():
        assert vault.blob(blob).sha256 == hashlib.sha256((seed * 20)[:20].encode()).hexdigest()
    for record in vault.blobs():
        vault.check(record.id)
    vault.sweep(datetime.now(UTC) + timedelta(minutes=1))
    assert sorted(app.blobs.names()) == [record.id for record in vault.blobs()]
    files = [path for path in (Path(environ["SAFELIGHT_HOME"]) / "blobs").rglob("*") if path.is_file()]
    assert sorted(path.name for path in files) == sorted(app.blobs.names())


def test_no_plain_byte_is_written_anywhere(environ: dict[str, str], tmp_path: Path) -> None:
    process = Process(environ)
    assert process.answer() == "ready"
    process.ask("no-such-words-are-anywhere-else/", 3 << 20)
    assert process.answer()
    looked, home = 0, tmp_path / "home"
    for path in tmp_path.rglob("*"):  # the process still runs: its log of pages and temporary files are there
        if path.is_file():
            looked += path.stat().st_size
            data = path.read_bytes()
            assert not any(b"no-such-words-are-anywhere-else/"[at : at + 16] in data for at in range(16)), path
    assert looked > 3 << 20
    assert {path.name for path in home.iterdir()} >= {"blobs", "evidence.key"}
    process.end()
