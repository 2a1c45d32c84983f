"""Several processes on one index."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from textwrap import dedent

import pytest

from safelight.adapter.index import FileIndexRoom
from safelight.model.errors import StorageError
from tests.adapter.index.history import BANK, Oracle, came, codes, triples

QUERIES = codes(range(1, 61))
ROOT = Path(__file__).parents[3]

PRELUDE = """
    import resource, sys
    from pathlib import Path
    from safelight.adapter.index import FileIndexRoom
    from tests.adapter.index.history import BANK, SMALL, came, codes, triples
    room = FileIndexRoom(Path(sys.argv[1]), tuning=SMALL, patience=0.2)
    def say(word):
        print(word, flush=True)
        return sys.stdin.readline()
"""


@contextmanager
def python(room: FileIndexRoom, script: str) -> Iterator["subprocess.Popen[str]"]:
    """Another process; it and this one take turns by lines."""
    command = [sys.executable, "-c", dedent(PRELUDE) + dedent(script), str(room.root)]
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


def test_a_reader_sees_what_a_writer_in_another_process_commits_and_one_alone_writes(room: FileIndexRoom) -> None:
    oracle = Oracle()
    script = """
        writer = room.open(BANK, write=True)
        for first in range(1, 50, 7):
            writer.apply(came(first, first + 6))
            say(first)
    """
    with closing(room.open(BANK)) as reader, python(room, script) as process:
        for first in range(1, 50, 7):
            assert heard(process) == str(first)
            oracle.apply(came(first, first + 6))
            oracle.check(reader, QUERIES)
            if first == 22:
                with pytest.raises(StorageError, match="another process is writing"):
                    room.open(BANK, write=True)
            answer(process)
        process.wait(timeout=60)
    with closing(room.open(BANK, write=True)) as writer:
        oracle.check(writer, QUERIES)


def test_a_writer_killed_at_any_moment_leaves_whole_batches(room: FileIndexRoom) -> None:
    script = """
        say("ready")
        writer = room.open(BANK, write=True)
        first = writer.built_to + 1
        while True:
            writer.apply(came(first, first + 4))
            print(first, flush=True)
            first += 5
    """
    for turns in (1, 4, 9):
        with python(room, script) as process:
            heard(process)
            answer(process)
            promised = max(int(heard(process)) for _ in range(turns)) + 4
            process.send_signal(signal.SIGKILL)
            process.wait(timeout=60)
        with closing(room.open(BANK)) as reader:
            assert reader.built_to >= promised
            assert reader.built_to % 5 == 0
            oracle = Oracle()
            oracle.apply(came(1, reader.built_to))
            oracle.check(reader, QUERIES)
            reader.verify()


def test_a_real_limit_on_file_size_leaves_the_old_state_whole(room: FileIndexRoom) -> None:
    """The kernel itself refuses to write on (EFBIG where a full disk gives ENOSPC)."""
    with closing(room.open(BANK, write=True)) as writer:
        writer.apply(came(1, 20))
        before = triples(writer.search(QUERIES, 31))
    script = """
        writer = room.open(BANK, write=True)
        resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))
        try:
            writer.apply(came(21, 400))
        except Exception as error:
            say(f"{type(error).__name__} {error}")
    """
    with python(room, script) as process:
        assert heard(process).endswith("File too large")
        answer(process)
        process.wait(timeout=60)
    with closing(room.open(BANK)) as reader:
        assert (reader.built_to, triples(reader.search(QUERIES, 31))) == (20, before)
        reader.verify()
