"""Several processes on one bank's features."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from textwrap import dedent

import pytest

from safelight.model.errors import StorageError
from tests.adapter.features.histories import BANK, equal, held, owned, read, room_in

ROOT = Path(__file__).parents[3]
PRELUDE = """
    import resource, sys
    from pathlib import Path
    from tests.adapter.features.histories import BANK, owned, room_in
    room = room_in(Path(sys.argv[1]))
    def say(word):
        print(word, flush=True)
        return sys.stdin.readline()
"""


@contextmanager
def python(folder: Path, script: str) -> Iterator["subprocess.Popen[str]"]:
    """Another process; it and this one take turns by lines."""
    command = [sys.executable, "-c", dedent(PRELUDE) + dedent(script), str(folder)]
    pipe = subprocess.PIPE
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, text=True, stdin=pipe, stdout=pipe, stderr=pipe, env=environment) as process:
        try:
            yield process
        finally:
            process.kill()


def heard(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line, process.stderr and process.stderr.read()
    return line.strip()


def answer(process: "subprocess.Popen[str]") -> None:
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


def test_a_writer_killed_at_any_moment_leaves_whole_batches(tmp_path: Path) -> None:
    script = """
        say("ready")
        writer = room.open(BANK, write=True)
        first = len(writer) + 1
        while True:
            writer.add(owned(first, first + 4))
            print(first, flush=True)
            first += 5
    """
    for turns in (1, 4, 9):
        with python(tmp_path, script) as process:
            heard(process)
            answer(process)
            promised = max(int(heard(process)) for _ in range(turns)) + 4
            process.send_signal(signal.SIGKILL)
            process.wait(timeout=60)
        with closing(room_in(tmp_path).open(BANK)) as reader:
            assert len(reader) >= promised
            assert len(reader) % 5 == 0
            assert equal(read(reader), held(owned(1, len(reader))))


def test_one_process_alone_writes_while_others_read(tmp_path: Path) -> None:
    script = """
        writer = room.open(BANK, write=True)
        for first in range(1, 30, 7):
            writer.add(owned(first, first + 6))
            say(first)
    """
    room = room_in(tmp_path)
    with python(tmp_path, script) as process:
        for first in range(1, 30, 7):
            assert heard(process) == str(first)
            with closing(room.open(BANK)) as reader:
                assert equal(read(reader), held(owned(1, first + 6)))
            if first == 15:
                with pytest.raises(StorageError, match="another process is writing"):
                    room.open(BANK, write=True)
            answer(process)
        process.wait(timeout=60)
    room.open(BANK, write=True).close()


def test_a_real_limit_on_file_size_leaves_the_old_state_whole(tmp_path: Path) -> None:
    """The kernel itself refuses to write on (EFBIG where a full disk gives ENOSPC)."""
    room = room_in(tmp_path)
    with closing(room.open(BANK, write=True)) as writer:
        writer.add(owned(1, 5))
    script = """
        writer = room.open(BANK, write=True)
        resource.setrlimit(resource.RLIMIT_FSIZE, (9000, 9000))
        try:
            writer.add(owned(6, 40))
        except Exception as error:
            say(f"{type(error).__name__} {error}")
    """
    with python(tmp_path, script) as process:
        assert heard(process) == f"StorageError {tmp_path}/features/7: File too large"
        answer(process)
        process.wait(timeout=60)
    with closing(room.open(BANK)) as reader:
        assert equal(read(reader), held(owned(1, 5)))
        reader.verify()
