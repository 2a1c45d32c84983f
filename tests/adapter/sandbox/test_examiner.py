"""The examiner as its callers see it, with a worker whose files are scripts (hostile_worker.py)."""

import os
import random
import signal
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from safelight.adapter.sandbox import SandboxExaminer
from safelight.model.errors import SandboxError
from safelight.model.fingerprint import Digests
from safelight.model.scan import Status
from safelight.ports import ExamineJob
from tests.adapter.sandbox.harness import LIMITS, SHORT, WORKER, children, examine, is_alive, jobs_for, said, zygotes


def test_results_come_with_their_key_and_order(tmp_path: Path) -> None:
    archive = "member a ok 1\nmember b ok 2\nmember c ok 3"
    results = examine(tmp_path, ["ok hello", archive], processes=2)
    assert sorted((r.key, r.member, r.last, r.examination.path) for r in results) == [
        (0, 0, True, "f0"),
        (1, 0, False, "f1!/a"),
        (1, 1, False, "f1!/b"),
        (1, 2, False, "f1!/c"),
        (1, 3, True, "f1"),
    ]
    assert [r.member for r in results if r.key == 1] == [0, 1, 2, 3]


def test_thumbnails_are_asked_for_by_the_job(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("ok")
    jobs = [ExamineJob(0, str(tmp_path / "x"), "x", thumbnail=True), ExamineJob(1, str(tmp_path / "x"), "x")]
    with SandboxExaminer(WORKER, LIMITS, 1).run(jobs) as results:
        assert [r.examination.thumbnail for r in results] == ["A" * 1024, None]


def test_no_jobs_no_worker_and_nothing_left_running() -> None:
    examiner = SandboxExaminer(WORKER, LIMITS, 1)
    with examiner.run([]) as results:
        assert list(results) == []
    assert examiner.confinement == {}
    assert zygotes() == []


def test_known_is_asked_and_its_answer_heard(tmp_path: Path) -> None:
    asked = []

    def known(_key: int, digests: Digests) -> bool:
        asked.append(digests.size)
        return digests.size == 3

    results = examine(tmp_path, ["ask xyz", "ask wxyz", "ok"], known=known)
    assert said(results) == [("f0", "ok", "known"), ("f1", "ok", "new"), ("f2", "ok", None)]
    assert asked == [3, 4]


def test_only_regular_files_are_opened(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("ok")
    (tmp_path / "link").symlink_to("file")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(os.path.relpath(tmp_path / "socket"))
    paths = ["file", "link", "pipe", "folder", "socket", "missing", "nul\0", os.devnull]
    jobs = [ExamineJob(n, str(tmp_path / path), f"f{n}") for n, path in enumerate(paths)]
    with SandboxExaminer(WORKER, LIMITS, 2).run(jobs) as results:
        assert sorted(said(results)) == [
            ("f0", "ok", None),
            ("f1", "skipped", "symbolic link"),
            ("f2", "skipped", "named pipe"),
            ("f3", "skipped", "folder"),
            ("f4", "skipped", "socket"),
            ("f5", "unreadable", "No such file or directory"),
            ("f6", "unreadable", "not a possible path"),
            ("f7", "skipped", "character device"),
        ]


def test_many_jobs_with_random_ends(tmp_path: Path) -> None:
    generator = random.Random(7)
    ends = ["ok", "ok", "ok", "crash 11", "exit 1", "raise ValueError", "lie garbage", "ask x"]
    scripts = []
    for _ in range(200):
        members = [f"member m{n} {generator.choice(ends)}" for n in range(generator.choice([0, 0, 0, 0, 3]))]
        scripts.append("\n".join(members) or generator.choice(ends))
    killed = 0

    def known(_key: int, _digests: Digests) -> bool:
        nonlocal killed
        (zygote,) = zygotes()
        if generator.random() < 0.1:
            os.kill(generator.choice(children(zygote)), signal.SIGKILL)
            killed += 1
        return False

    results = examine(tmp_path, scripts, processes=2, known=known)
    assert killed
    for key, script in enumerate(scripts):
        mine = [r for r in results if r.key == key]
        count = script.count("member")
        assert [r.member for r in mine] == list(range(count + 1))
        assert [r.last for r in mine] == [False] * count + [True]
        assert [r.examination.path for r in mine] == [f"f{key}!/m{n}" for n in range(count)] + [f"f{key}"]
        for line, result in zip(script.split("\n"), mine, strict=False):
            fine = line.endswith((" ok", "ask x")) or line == "ok"
            assert result.examination.status is (Status.OK if fine else Status.UNREADABLE)


def test_workers_are_replaced_after_some_files(tmp_path: Path) -> None:
    with SandboxExaminer(WORKER, LIMITS, 1, recycle=4).run(jobs_for(tmp_path, ["pid"] * 10)) as results:
        pids = [result.examination.error for result in results]
    assert [pids.index(pid) for pid in pids] == [0, 0, 0, 0, 4, 4, 4, 4, 8, 8]


def test_jobs_are_pulled_as_needed_and_leaving_early_ends_all(tmp_path: Path) -> None:
    pulled = []

    def endless() -> Iterator[ExamineJob]:
        path = tmp_path / "x"
        path.write_text("ok")
        for key in range(1_000_000):
            pulled.append(key)
            yield ExamineJob(key, str(path), "x")

    with SandboxExaminer(WORKER, LIMITS, 2).run(endless()) as results:
        for _ in range(10):
            next(results)
    assert len(pulled) < 200


def test_a_slow_caller_does_not_cost_results(tmp_path: Path) -> None:
    with SandboxExaminer(WORKER, SHORT, 1).run(jobs_for(tmp_path, ["member a ok\nmember b ok", "ok", "ok"])) as results:
        first = next(results)
        time.sleep(2.3)
        rest = list(results)
    assert {r.examination.status for r in [first, *rest]} == {Status.OK}


def _raise_in_jobs(folder: Path) -> Iterator[ExamineJob]:
    yield from jobs_for(folder, ["ok", "ok"])
    raise RuntimeError("listing failed")


def test_errors_of_the_caller_come_through(tmp_path: Path) -> None:
    def known(_key: int, _digests: Digests) -> bool:
        raise RuntimeError("store is gone")

    with pytest.raises(RuntimeError, match="store is gone"):
        examine(tmp_path, ["ask x"], known=known)
    with (
        pytest.raises(RuntimeError, match="listing failed"),
        SandboxExaminer(WORKER, LIMITS, 1).run(_raise_in_jobs(tmp_path)) as results,
    ):
        list(results)
    with pytest.raises(KeyboardInterrupt), SandboxExaminer(WORKER, LIMITS, 1).run(jobs_for(tmp_path, ["ok"])):
        raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("command", "cause"),
    [
        ((*WORKER, "--fail"), "RuntimeError: the kernels do not compile"),
        ((*WORKER, "--exit"), "exit code 7"),
        (("/does/not/exist",), "/does/not/exist: No such file or directory"),
    ],
)
def test_a_zygote_that_does_not_start_says_why(tmp_path: Path, command: tuple[str, ...], cause: str) -> None:
    with (
        pytest.raises(SandboxError) as caught,
        SandboxExaminer(command, LIMITS, 2).run(jobs_for(tmp_path, ["ok"])) as results,
    ):
        next(results)
    assert str(caught.value) == f"the confined decoder did not start: {cause}"


def test_nothing_survives_the_scanning_process(tmp_path: Path) -> None:
    script = """
        import os, pathlib
        from tests.adapter.sandbox.harness import *
        jobs = jobs_for(pathlib.Path(os.environ["FOLDER"]), ["ok", "sleep 50"])
        with SandboxExaminer(WORKER, LIMITS, 1).run(jobs) as results:
            next(results)
            (zygote,) = children(os.getpid())
            print(zygote, *children(zygote), flush=True)
            next(results)
    """
    command = [sys.executable, "-c", textwrap.dedent(script)]
    root = Path(__file__).parents[3]
    with subprocess.Popen(
        command, cwd=root, env=os.environ | {"FOLDER": str(tmp_path)}, stdout=subprocess.PIPE
    ) as scan:
        assert scan.stdout is not None
        zygote, worker = map(int, scan.stdout.readline().split())
        assert is_alive(zygote)
        assert is_alive(worker)
        scan.kill()
    deadline = time.monotonic() + 20
    while (is_alive(zygote) or is_alive(worker)) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not is_alive(zygote)
    assert not is_alive(worker)
