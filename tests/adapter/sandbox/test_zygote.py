"""A zygote that cannot fork."""

import errno
import os
import socket
from pathlib import Path

import pytest

from safelight.adapter.sandbox import SandboxExaminer
from safelight.adapter.sandbox.protocol import Channel, Exited, Fork, frame
from safelight.adapter.sandbox.zygote import _Zygote
from tests.adapter.sandbox.harness import LIMITS, WORKER, jobs_for, said
from tests.adapter.sandbox.hostile_worker import handler


def test_a_fork_that_fails_costs_nothing_but_another_attempt(tmp_path: Path) -> None:
    command = (*WORKER, "--first-fork-fails")
    with SandboxExaminer(command, LIMITS, 1).run(jobs_for(tmp_path, ["ok 0", "ok 1"])) as results:
        assert said(results) == [("f0", "ok", "0"), ("f1", "ok", "1")]


def test_a_fork_that_fails_is_told_as_the_end_of_its_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> int:
        raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))

    ours, theirs = socket.socketpair()
    parent, worker = socket.socketpair()
    monkeypatch.setattr(os, "fork", fail)
    with ours, theirs, parent:
        with worker:
            socket.send_fds(ours, [frame(Fork(7, LIMITS))], [worker.fileno()])
        assert _Zygote(Channel(theirs), handler)._obey()
        assert Channel(ours).receive() == (Exited(7, 1), None)
        assert parent.recv(1) == b""  # nobody holds the worker's end any more
