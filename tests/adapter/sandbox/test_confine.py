"""What code that has taken over a worker can try, and what comes of it (hostile_worker.py)."""

import errno
import math
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from safelight.adapter.sandbox import SandboxExaminer
from safelight.adapter.sandbox.confine import THREADS
from tests.adapter.sandbox.harness import (
    LIMITS,
    WORKER,
    examine,
    jobs_for,
    said,
)

REFUSED = {
    "read": errno.EPERM,
    "write": errno.EPERM,
    "list": errno.EPERM,
    "stat": errno.EPERM,
    "readlink": errno.EPERM,
    "mkdir": errno.EPERM,
    "unlink": errno.EPERM,
    "chmod": errno.EPERM,
    "chdir": errno.EPERM,
    "chroot": errno.EPERM,
    "tcp": errno.EPERM,
    "udp": errno.EPERM,
    "unix": errno.EPERM,
    "netlink": errno.EPERM,
    "socketpair": errno.EPERM,
    "pipe": errno.EPERM,
    "memfd": errno.EPERM,
    "fork": errno.EPERM,
    "vfork": errno.EPERM,
    "unshare": errno.EPERM,
    "signal_zygote": errno.EPERM,
    "signal_group": errno.EPERM,
    "setuid": errno.EPERM,
    "raise_memory_limit": errno.EPERM,
    "executable_memory": errno.EPERM,
    "shared_memory": errno.EPERM,
    "lock_file": errno.EPERM,
}
DEADLY = ("exec", "ptrace", "read_zygote")
NEEDED = {"thread": "thread ran", "clock": "True", "random": "8", "processors": "True", "name": os.uname().machine}


@pytest.fixture(scope="module")
def attempts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str | None]:
    names = [*REFUSED, *DEADLY, *NEEDED]
    examiner = SandboxExaminer(WORKER, LIMITS, 2)
    jobs = jobs_for(tmp_path_factory.mktemp("attempts"), [f"attempt {name}" for name in names])
    with examiner.run(jobs) as results:
        answers = {names[r.key]: r.examination.error for r in results}
    if examiner.confinement["seccomp"] != "yes":
        pytest.skip(f"this kernel does not filter system calls: {examiner.confinement['seccomp']}")
    return answers


@pytest.mark.parametrize(("what", "number"), REFUSED.items())
def test_a_way_out_is_refused(attempts: dict[str, str | None], what: str, number: int) -> None:
    assert attempts[what] == f"errno {number}"


@pytest.mark.parametrize("what", DEADLY)
def test_an_attack_ends_the_worker(attempts: dict[str, str | None], what: str) -> None:
    assert attempts[what] == "the decoder was stopped at a forbidden system call"


@pytest.mark.parametrize(("what", "answer"), NEEDED.items())
def test_what_decoders_need_works(attempts: dict[str, str | None], what: str, answer: str) -> None:
    assert attempts[what] == f"got {answer}"


def test_a_flood_of_threads_ends_long_before_the_system_is_full(tmp_path: Path) -> None:
    running = int(Path("/proc/loadavg").read_text().split()[3].partition("/")[2])
    (result,) = examine(tmp_path, ["attempt threads"])
    assert result.examination.error
    assert 0 < int(result.examination.error.removeprefix("got ")) < running + THREADS + 500


def test_confinement_is_reported_as_tried(tmp_path: Path) -> None:
    examiner = SandboxExaminer(WORKER, LIMITS, 1)
    with examiner.run(jobs_for(tmp_path, ["ok"])) as results:
        list(results)
    report = examiner.confinement
    assert set(report) == {"user", "rlimits", "landlock_abi", "seccomp", "open_file", "open_socket"}
    if report["seccomp"] == "yes":
        assert report["open_file"] == "refused (Operation not permitted)"
        assert report["open_socket"] == "refused (Operation not permitted)"
    if os.geteuid() == 0:
        assert report["user"] == "65534"


def test_neither_environment_nor_working_folder_reach_the_decoder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    (tmp_path / "msgspec.py").write_text("raise SystemExit('imported from the folder that is scanned')")
    monkeypatch.chdir(tmp_path)
    assert said(examine(tmp_path, ["environment AWS_SECRET_ACCESS_KEY"])) == [("f0", "ok", "not set")]


def test_what_a_worker_prints_goes_nowhere(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert said(examine(tmp_path, ["print boo"])) == [("f0", "ok", None)]
    assert capfd.readouterr() == ("", "")


def run(script: str) -> str:
    prelude = "import os, resource\nfrom safelight.adapter.sandbox import confine, linux\n"
    command = [sys.executable, "-c", prelude + textwrap.dedent(script)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_limits_that_are_lower_already_stay() -> None:
    said_limits = run("""
        resource.setrlimit(resource.RLIMIT_NOFILE, (16, 16))
        confine.confine(confine.Limits(), os.getppid())
        print(resource.getrlimit(resource.RLIMIT_NOFILE), resource.getrlimit(resource.RLIMIT_CORE))
    """)
    assert said_limits == "(16, 16) (0, 0)\n"


def test_cpu_time_is_counted_from_now_on() -> None:
    used, soft = run("""
        while sum(os.times()[:2]) < 0.2:
            pass
        confine.allow_cpu(30)
        print(sum(os.times()[:2]), resource.getrlimit(resource.RLIMIT_CPU)[0])
    """).split()
    assert math.ceil(float(used)) + 30 == int(soft)


def test_layers_that_the_kernel_lacks_are_said_to_be_missing() -> None:
    report = run("""
        def absent(*_):
            raise OSError(38, os.strerror(38))
        linux.landlock_everything = linux.load_filter = absent
        report = confine.confine(confine.Limits(), os.getppid())
        print(report["landlock_abi"], report["seccomp"], report["open_file"], report["open_socket"], sep="|")
    """)
    assert report == "0 (Function not implemented)|no (Function not implemented)|possible|possible\n"


def test_a_worker_without_its_zygote_does_not_start() -> None:
    error = run("""
        try:
            confine.confine(confine.Limits(), 1 << 22)
        except ProcessLookupError as error:
            print(error)
    """)
    assert error == "the zygote is gone\n"
