"""Workers that stay up, and files that are handed in one by one (hostile_worker.py)."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pytest

from safelight.adapter.sandbox import Abilities, StandingSandbox, standing
from safelight.adapter.sandbox.pool import Pool
from safelight.model.errors import BusyError, SandboxError
from safelight.model.local import OF_QUERY
from safelight.model.media import Limits
from safelight.model.scan import Examination, Status
from safelight.ports import ExamineJob
from tests.adapter.sandbox.harness import LIMITS, SHORT, WORKER, children, is_alive, kill_zygote, zygotes

JOB = ExamineJob(0, "/nowhere", "f")


@contextmanager
def examiner(
    limits: Limits = LIMITS, processes: int = 1, command: Sequence[str] = WORKER, **more: Any
) -> Iterator[StandingSandbox]:
    up = StandingSandbox(command, limits, processes, **more)
    try:
        yield up
    finally:
        up.close()


@contextmanager
def memory(script: str) -> Iterator[BinaryIO]:
    with os.fdopen(os.memfd_create("test"), "w+b") as file:
        file.write(script.encode())
        file.flush()
        yield file


def hand_in(up: StandingSandbox, script: str, job: ExamineJob = JOB, **more: Any) -> "Future[list[Examination]]":
    with memory(script) as file:  # which is closed at once
        return up.examine(file, job, **more)


def errors(found: "Future[list[Examination]]") -> list[str | None]:
    return [one.error for one in found.result(30)]


def until(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not done():
        assert time.monotonic() < deadline
        time.sleep(0.002)


def test_files_come_back_with_their_members_in_order() -> None:
    with examiner(processes=2) as up:
        plain = hand_in(up, "ok 1")
        archive = hand_in(up, "member a ok 2\nmember b crash 11\nmember c ok 3", replace(JOB, name="z"))
        assert [(e.path, e.error) for e in plain.result(30)] == [("f", "1")]
        assert [(e.path, e.error) for e in archive.result(30)] == [
            ("z!/a", "2"),
            ("z!/b", "the decoder crashed (signal 11)"),
            ("z!/c", "3"),
            ("z", None),
        ]
        assert up.confinement


def test_what_ends_a_worker_costs_that_file_alone() -> None:
    ends = ["crash 11", "spin", "eat 1000", "exit 3", "lie garbage", "flood x"]
    with examiner() as up:
        futures = [hand_in(up, script) for end in ends for script in ("ok", end)]
        assert [f.result(60)[0].status for f in futures] == [Status.OK, Status.UNREADABLE] * len(ends)


def test_many_threads_get_each_their_own() -> None:
    with examiner(processes=2) as up, ThreadPoolExecutor(8) as threads:
        found = threads.map(lambda n: errors(hand_in(up, f"ok {n}")), range(200))
        assert list(found) == [[str(n)] for n in range(200)]


def test_the_file_is_opened_again_to_be_read_only(tmp_path: Path) -> None:
    with examiner() as up, memory("ok 1") as file:
        file.seek(3)
        assert errors(up.examine(file, JOB)) == ["1"]
        assert file.tell() == 3
        (tmp_path / "file").write_text("ok 2")
        with (tmp_path / "file").open("rb") as stored:
            assert errors(up.examine(stored, JOB)) == ["2"]


def test_one_more_than_can_wait_is_refused() -> None:
    with examiner(SHORT, waiting=2) as up:
        assert errors(hand_in(up, "ok")) == [None]
        slow = hand_in(up, "sleep 1")
        until(lambda: up.waiting == 0)
        waiting = [hand_in(up, "ok") for _ in range(2)]
        assert up.waiting == 2
        with pytest.raises(BusyError):
            hand_in(up, "ok")
        assert [errors(f) for f in (slow, *waiting)] == [["slept"], [None], [None]]


def test_who_gives_up_frees_the_worker_and_the_queue() -> None:
    with examiner(replace(LIMITS, cpu_seconds=60)) as up:
        slow, behind = hand_in(up, "member a sleep 50\nmember b sleep 50"), hand_in(up, "ok 1")
        dropped = hand_in(up, "sleep 50")
        until(lambda: up.waiting == 2)
        assert dropped.cancel()
        until(lambda: up.waiting == 1)
        began = time.monotonic()
        assert slow.cancel()
        assert errors(behind) == ["1"]
        assert time.monotonic() - began < 10
        with pytest.raises(CancelledError):
            slow.result()


def test_workers_are_replaced_in_time() -> None:
    with examiner(recycle=3) as up:
        pids = [errors(hand_in(up, "pid"))[0] for _ in range(9)]
    assert [pids.index(pid) for pid in pids] == [0, 0, 0, 3, 3, 3, 6, 6, 6]


def test_the_death_of_the_zygote_costs_no_file() -> None:
    with examiner() as up:
        assert errors(hand_in(up, "ok")) == [None]
        slow = hand_in(up, "sleep 0.5")
        until(lambda: up.waiting == 0)
        first = kill_zygote()
        assert errors(slow) == ["slept"]
        kill_zygote()  # while nothing is to be done
        until(lambda: bool(zygotes()) and zygotes() != [first])
        assert errors(hand_in(up, "ok 2")) == ["2"]


def test_without_workers_it_says_so_and_tries_again(monkeypatch: pytest.MonkeyPatch) -> None:
    starts = []

    class Failing(Pool):
        def start(self) -> None:
            starts.append(1)
            if len(starts) < 3:
                raise SandboxError(cause="no workers today")
            super().start()

    monkeypatch.setattr(standing, "Pool", Failing)
    with examiner(retry=(0.2,)) as up:
        until(lambda: bool(starts))
        with pytest.raises(SandboxError, match="no workers today"):
            until(lambda: bool(hand_in(up, "ok").result(20)) and False)
        until(lambda: len(starts) >= 3)
        until(lambda: up._broken is None)
        assert errors(hand_in(up, "ok 1")) == ["1"]


def test_a_worker_module_that_does_not_start_fails_what_waits() -> None:
    with examiner(command=(*WORKER, "--fail"), retry=(30,)) as up:
        with pytest.raises(SandboxError, match="the kernels do not compile"):
            hand_in(up, "ok").result(30)
        with pytest.raises(SandboxError, match="the kernels do not compile"):
            hand_in(up, "ok")


def test_questions_go_to_the_one_who_handed_in() -> None:
    def fails(_key: int, _about: object) -> bool:
        raise LookupError("the store is gone")

    with examiner(abilities=Abilities(local=True)) as up:
        assert errors(hand_in(up, "ask x", known=lambda _key, digests: digests.size == 1)) == ["known"]
        assert errors(hand_in(up, "ask x")) == ["new"]
        with pytest.raises(LookupError, match="gone"):
            hand_in(up, "ask x", known=fails).result(30)
        look = replace(JOB, local=OF_QUERY)
        (asked,) = hand_in(up, "ok\nlook honestly", look, wanted=lambda _key, found: found.path == "f").result(30)
        assert asked.local is not None
        (unasked,) = hand_in(up, "ok\nlook honestly", look, wanted=lambda _key, _found: False).result(30)
        assert unasked.local is None
        with pytest.raises(LookupError):
            hand_in(up, "ok\nlook honestly", look, wanted=fails).result(30)
        assert errors(hand_in(up, "ok 1")) == ["1"]


def test_a_job_may_ask_only_for_what_it_was_made_for() -> None:
    with examiner() as up, pytest.raises(ValueError, match="not made for local features"):
        hand_in(up, "ok", replace(JOB, local=OF_QUERY))


def test_the_arrays_of_one_file_have_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(standing, "HELD", 5 << 20)
    script = "\n".join(f"member {n} look honestly" for n in range(6))
    with examiner(abilities=Abilities(local=True)) as up:
        found = hand_in(up, script, replace(JOB, pixels=1000)).result(30)
    assert [one.pixels is not None for one in found] == [True] * 3 + [False] * 4
    assert {one.status for one in found[3:6]} == {Status.DEGRADED}
    assert np.all(found[0].pixels == 7)


def test_closing_fails_what_waits_and_leaves_nothing() -> None:
    up = StandingSandbox(WORKER, LIMITS, 1)
    assert errors(hand_in(up, "ok")) == [None]
    futures = [hand_in(up, "sleep 50"), hand_in(up, "ok")]
    until(lambda: up.waiting == 1)
    (zygote,) = zygotes()
    workers = children(zygote)
    up.close()
    up.close()
    assert not any(map(is_alive, (zygote, *workers)))
    for future in futures:
        with pytest.raises(SandboxError, match="closed"):
            future.result()
    with pytest.raises(SandboxError, match="closed"):
        hand_in(up, "ok")
    assert not [thread for thread in threading.enumerate() if thread.name == "examiner"]


_SERVICE = """
import os, sys
from safelight.adapter.sandbox import StandingSandbox
from safelight.model.media import Limits
from safelight.ports import ExamineJob
up = StandingSandbox(sys.argv[1:], Limits(), 2)
file = os.fdopen(os.memfd_create("test"), "w+b")
file.write(b"ok"); file.flush()
up.examine(file, ExamineJob(0, "", "f")).result()
file.write(b"\\nsleep 50"); file.flush()
futures = [up.examine(file, ExamineJob(0, "", "f")) for _ in range(2)]
print("up", flush=True)
futures[0].result()
"""


def test_no_worker_outlives_a_service_that_was_killed() -> None:
    service = subprocess.Popen([sys.executable, "-c", _SERVICE, *WORKER], stdout=subprocess.PIPE)
    try:
        assert service.stdout is not None
        assert service.stdout.readline() == b"up\n"
        (zygote,) = children(service.pid)
        until(lambda: len(children(zygote)) == 2)
        workers = children(zygote)
    finally:
        os.kill(service.pid, signal.SIGKILL)
        service.communicate()
    until(lambda: not any(map(is_alive, (zygote, *workers))))
