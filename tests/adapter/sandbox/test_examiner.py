"""The pool as a whole, with a worker whose files are scripts (hostile_worker.py)."""

import errno
import os
import random
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import pytest

from safelight.adapter.sandbox import SandboxExaminer
from safelight.adapter.sandbox.task import MAX_FAILURES
from safelight.model.errors import SandboxError
from safelight.model.fingerprint import Digests
from safelight.model.media import Limits
from safelight.model.scan import Status
from safelight.ports import Examined, ExamineJob

WORKER = (sys.executable, str(Path(__file__).with_name("hostile_worker.py")))
LIMITS = Limits(cpu_seconds=1, wall_seconds=60, memory_bytes=256 << 20)
SHORT = Limits(cpu_seconds=60, wall_seconds=1)

Known = Callable[[Digests], bool]


def jobs_for(folder: Path, scripts: Iterable[str]) -> Iterator[ExamineJob]:
    for key, script in enumerate(scripts):
        path = folder / f"{key}"
        path.write_text(script)
        yield ExamineJob(key, str(path), f"f{key}")


def examine(
    folder: Path, scripts: Sequence[str], limits: Limits = LIMITS, processes: int = 1, known: Known | None = None
) -> list[Examined]:
    with SandboxExaminer(WORKER, limits, processes).run(jobs_for(folder, scripts), known) as results:
        return list(results)


def said(results: Iterable[Examined]) -> list[tuple[str, str, str | None]]:
    return [(r.examination.path, r.examination.status.value, r.examination.error) for r in results]


def error_of(results: Sequence[Examined]) -> str:
    (result,) = results
    assert result.last
    assert result.examination.status is Status.UNREADABLE
    assert result.examination.error
    return result.examination.error


def children(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for task in tasks for child in task.read_text().split()]


def kill_zygote() -> int:
    """Kill it, and wait until its workers are gone with it."""
    (zygote,) = children(os.getpid())
    workers = children(zygote)
    os.kill(zygote, signal.SIGKILL)
    while any(is_alive(worker) for worker in workers):
        time.sleep(0.001)
    return zygote


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in {"Z", "X"}
    except OSError:
        return False


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.fixture(autouse=True)
def _nothing_is_left() -> Iterator[None]:
    processes, files = children(os.getpid()), open_files()
    yield
    assert children(os.getpid()) == processes
    assert open_files() == files


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


def test_no_jobs_no_process() -> None:
    examiner = SandboxExaminer(("/does/not/exist",), LIMITS, 1)
    with examiner.run([]) as results:
        assert list(results) == []
    assert examiner.confinement == {}


@pytest.mark.parametrize(
    ("script", "cause"),
    [
        ("crash 11", "the decoder crashed (signal 11)"),
        ("crash 6", "the decoder crashed (signal 6)"),
        ("spin", "took more than 1 s of CPU time"),
        ("eat 1000", "needs more than 256 MiB of memory"),
        ("exit 3", "the decoder ended early (exit code 3)"),
        ("exit 0", "the decoder ended early (exit code 0)"),
        ("nothing", "the decoder gave no result"),
    ],
)
def test_what_ends_a_worker_is_that_files_result(tmp_path: Path, script: str, cause: str) -> None:
    results = examine(tmp_path, ["ok", script, "ok"])
    assert said(results) == [("f0", "ok", None), ("f1", "unreadable", cause), ("f2", "ok", None)]


def test_memory_within_the_limit_is_given(tmp_path: Path) -> None:
    assert said(examine(tmp_path, ["eat 100"])) == [("f0", "ok", f"ate {100 << 20}")]


def test_a_hang_ends_by_the_clock_on_the_wall(tmp_path: Path) -> None:
    results = examine(tmp_path, ["sleep 30", "ok"], SHORT)
    assert said(results) == [("f0", "unreadable", "took longer than 1 s"), ("f1", "ok", None)]


def test_an_error_is_named_without_its_text(tmp_path: Path) -> None:
    error = error_of(examine(tmp_path, ["raise ValueError"]))
    assert error.startswith("the decoder failed (ValueError at hostile_worker.py:")
    assert "text of the file" not in error


def test_the_member_at_work_is_named_and_the_rest_is_examined(tmp_path: Path) -> None:
    results = examine(tmp_path, ["member a ok 1\nmember b crash 11\nmember c ok 3\nmember d exit 2\nmember e ok 5"])
    assert said(results) == [
        ("f0!/a", "ok", "1"),
        ("f0!/b", "unreadable", "the decoder crashed (signal 11)"),
        ("f0!/c", "ok", "3"),
        ("f0!/d", "unreadable", "the decoder ended early (exit code 2)"),
        ("f0!/e", "ok", "5"),
        ("f0", "ok", None),
    ]
    assert [r.member for r in results] == [0, 1, 2, 3, 4, 5]
    assert [r.last for r in results] == [False] * 5 + [True]


def test_a_crash_between_members_costs_the_rest_of_the_archive(tmp_path: Path) -> None:
    results = examine(tmp_path, ["member a ok 1\ncrash 11\nmember b ok 2"])
    cause = "the decoder crashed (signal 11); the rest of this archive was not examined"
    assert said(results) == [("f0!/a", "ok", "1"), ("f0", "unreadable", cause)]


def test_an_archive_of_crashes_is_given_up(tmp_path: Path) -> None:
    results = examine(tmp_path, ["\n".join(f"member m{n} crash 11" for n in range(40))])
    assert len(results) == MAX_FAILURES + 1
    assert results[-1].last
    assert results[-1].examination.path == "f0"
    assert (
        results[-1].examination.error
        == "16 members each stopped the decoder; the rest of this archive was not examined"
    )


def test_digests_survive_the_crash(tmp_path: Path) -> None:
    (result,) = examine(tmp_path, ["ask_and_crash x"])
    assert result.examination.status is Status.UNREADABLE
    assert result.examination.fingerprint is not None
    assert result.examination.fingerprint.digests.md5 == "9dd4e461268c8034f5c8564e155c67a6"


def test_known_is_asked_and_its_answer_heard(tmp_path: Path) -> None:
    asked = []

    def known(digests: Digests) -> bool:
        asked.append(digests.size)
        return digests.size == 3

    results = examine(tmp_path, ["ask xyz", "ask wxyz", "ok"], known=known)
    assert said(results) == [("f0", "ok", "known"), ("f1", "ok", "new"), ("f2", "ok", None)]
    assert asked == [3, 4]


def test_a_worker_that_was_used_before_is_not_taken_as_proof(tmp_path: Path) -> None:
    results = examine(tmp_path, ["ok", "crash_when_used", "ok"])
    assert said(results) == [("f0", "ok", None), ("f1", "ok", "was fresh"), ("f2", "ok", None)]


def test_a_worker_killed_from_outside_costs_nothing(tmp_path: Path) -> None:
    killed: list[int] = []

    def known(_digests: Digests) -> bool:
        if not killed:
            (zygote,) = children(os.getpid())
            killed.extend(children(zygote))
            os.kill(killed[0], signal.SIGKILL)
        return False

    results = examine(tmp_path, ["member a ok 1\nmember b ask x\nmember c ok 3", "ok"], known=known)
    assert said(results) == [
        ("f0!/a", "ok", "1"),
        ("f0!/b", "ok", "new"),
        ("f0!/c", "ok", "3"),
        ("f0", "ok", None),
        ("f1", "ok", None),
    ]
    assert len(killed) == 1


def test_a_file_whose_worker_is_killed_each_time_is_reported(tmp_path: Path) -> None:
    def known(_digests: Digests) -> bool:
        (zygote,) = children(os.getpid())
        os.kill(children(zygote)[0], signal.SIGKILL)
        return False

    results = examine(tmp_path, ["ask x", "ok"], known=known)
    assert [r.examination.error for r in results] == [
        "the decoder was killed from outside (signal 9), perhaps for want of memory",
        None,
    ]


def test_the_zygote_may_be_killed(tmp_path: Path) -> None:
    zygotes: set[int] = set()

    def known(_digests: Digests) -> bool:
        if len(zygotes) < 2:
            zygotes.add(kill_zygote())
        return False

    scripts = ["ok 0", "member a ok 1\nmember b ask x\nmember c ok 3", "ok 4", "ok 5"]
    results = examine(tmp_path, scripts, processes=2, known=known)
    assert sorted(said(results)) == [
        ("f0", "ok", "0"),
        ("f1", "ok", None),
        ("f1!/a", "ok", "1"),
        ("f1!/b", "ok", "new"),
        ("f1!/c", "ok", "3"),
        ("f2", "ok", "4"),
        ("f3", "ok", "5"),
    ]
    assert [r.member for r in results if r.key == 1] == [0, 1, 2, 3]
    assert len(zygotes) == 2


def test_a_zygote_killed_again_and_again_ends_the_run(tmp_path: Path) -> None:
    def known(_digests: Digests) -> bool:
        kill_zygote()
        return False

    with pytest.raises(SandboxError, match="exit code -9"):
        examine(tmp_path, ["ask x"], known=known)


@pytest.mark.parametrize(
    ("command", "cause"),
    [
        ((*WORKER, "--fail"), "RuntimeError: the kernels do not compile"),
        ((*WORKER, "--exit"), "exit code 7"),
        (("/does/not/exist",), "/does/not/exist: No such file or directory"),
    ],
)
def test_a_zygote_that_does_not_start_says_why(tmp_path: Path, command: tuple[str, ...], cause: str) -> None:
    with SandboxExaminer(command, LIMITS, 2).run(jobs_for(tmp_path, ["ok"])) as results:
        with pytest.raises(SandboxError) as caught:
            next(results)
        assert str(caught.value) == f"the confined decoder did not start: {cause}"


@pytest.mark.parametrize(
    "lie",
    [
        "garbage",
        "oversized",
        "not_json",
        "not_utf8",
        "surrogate",
        "deep",
        "wrong_shape",
        "foreign_path",
        "foreign_begin",
        "zygote_word",
        "parent_word",
        "second_hello",
    ],
)
def test_a_worker_that_lies_about_form_ends(tmp_path: Path, lie: str) -> None:
    results = examine(tmp_path, [f"lie {lie}", "ok"])
    assert error_of(results[:1]).startswith("the decoder broke its protocol: ")
    assert said(results[1:]) == [("f1", "ok", None)]


def test_a_result_that_later_stages_could_stumble_over_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("lie no_hash")
    with SandboxExaminer(WORKER, LIMITS, 1).run([ExamineJob(0, str(tmp_path / "x"), "lie")]) as results:
        assert error_of(list(results)) == "the decoder broke its protocol: an impossible md5"


def test_a_worker_that_asks_without_listening_ends(tmp_path: Path) -> None:
    results = examine(tmp_path, ["flood", "ok"])
    assert "without listening" in error_of(results[:1])
    assert said(results[1:]) == [("f1", "ok", None)]


def test_what_a_worker_prints_goes_nowhere(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert said(examine(tmp_path, ["print boo"])) == [("f0", "ok", None)]
    assert capfd.readouterr() == ("", "")


def test_a_file_cut_while_it_is_mapped_is_its_own_result(tmp_path: Path) -> None:
    def cut(_digests: Digests) -> bool:
        os.truncate(tmp_path / "0", 0)
        return False

    script = "map_and_ask\n" + "#" * 100_000
    assert said(examine(tmp_path, ["map_and_ask"])) == [("f0", "ok", "mapped 11")]
    assert "signal 7" in error_of(examine(tmp_path, [script.replace("#", "\n")], known=cut))


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

    def known(_digests: Digests) -> bool:
        nonlocal killed
        (zygote,) = children(os.getpid())
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
        time.sleep(1.3)
        rest = list(results)
    assert {r.examination.status for r in [first, *rest]} == {Status.OK}


def _raise_in_jobs(folder: Path) -> Iterator[ExamineJob]:
    yield from jobs_for(folder, ["ok", "ok"])
    raise RuntimeError("listing failed")


def test_errors_of_the_caller_come_through(tmp_path: Path) -> None:
    def known(_digests: Digests) -> bool:
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


def test_neither_environment_nor_working_folder_reach_the_decoder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    (tmp_path / "msgspec.py").write_text("raise SystemExit('imported from the folder that is scanned')")
    monkeypatch.chdir(tmp_path)
    assert said(examine(tmp_path, ["environment AWS_SECRET_ACCESS_KEY"])) == [("f0", "ok", "not set")]


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
