"""What becomes of files whose worker ends before they are done (hostile_worker.py)."""

import os
import signal
from pathlib import Path

import pytest

from safelight.adapter.sandbox import SandboxExaminer
from safelight.adapter.sandbox.task import MAX_FAILURES
from safelight.model.errors import SandboxError
from safelight.model.fingerprint import Digests
from safelight.model.scan import Status
from safelight.ports import ExamineJob
from tests.adapter.sandbox.harness import LIMITS, SHORT, WORKER, children, error_of, examine, kill_zygote, said, zygotes

ENDS = {
    "crash 11": "the decoder crashed (signal 11)",
    "crash 6": "the decoder crashed (signal 6)",
    "spin": "took more than 1 s of CPU time",
    "eat 1000": "needs more than 256 MiB of memory",
    "exit 3": "the decoder ended early (exit code 3)",
    "exit 0": "the decoder ended early (exit code 0)",
    "raise SystemExit": "the decoder ended early (exit code 1)",
    "nothing": "the decoder gave no result",
}


def test_what_ends_a_worker_is_that_files_result(tmp_path: Path) -> None:
    results = examine(tmp_path, [script for end in ENDS for script in ("ok", end)])
    assert [r.key for r in results] == list(range(2 * len(ENDS)))
    assert {r.examination.error for r in results[::2]} == {None}
    assert [r.examination.error for r in results[1::2]] == list(ENDS.values())


def test_memory_within_the_limit_is_given(tmp_path: Path) -> None:
    assert said(examine(tmp_path, ["eat 100"])) == [("f0", "ok", f"ate {100 << 20}")]


def test_a_hang_ends_by_the_clock_on_the_wall(tmp_path: Path) -> None:
    results = examine(tmp_path, ["sleep 30", "ok"], SHORT)
    assert said(results) == [("f0", "unreadable", "took longer than 2 s"), ("f1", "ok", None)]


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


def test_a_worker_that_was_used_before_is_not_taken_as_proof(tmp_path: Path) -> None:
    results = examine(tmp_path, ["ok", "crash_when_used", "ok"])
    assert said(results) == [("f0", "ok", None), ("f1", "ok", "was fresh"), ("f2", "ok", None)]


def test_a_worker_killed_from_outside_costs_nothing(tmp_path: Path) -> None:
    killed: list[int] = []

    def known(_key: int, _digests: Digests) -> bool:
        if not killed:
            (zygote,) = zygotes()
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
    def known(_key: int, _digests: Digests) -> bool:
        (zygote,) = zygotes()
        os.kill(children(zygote)[0], signal.SIGKILL)
        return False

    results = examine(tmp_path, ["ask x", "ok"], known=known)
    assert [r.examination.error for r in results] == [
        "the decoder was killed from outside (signal 9), perhaps for want of memory",
        None,
    ]


def test_the_zygote_may_be_killed(tmp_path: Path) -> None:
    zygotes: set[int] = set()

    def known(_key: int, _digests: Digests) -> bool:
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
    def known(_key: int, _digests: Digests) -> bool:
        kill_zygote()
        return False

    with pytest.raises(SandboxError, match="exit code -9"):
        examine(tmp_path, ["ask x"], known=known)


LIES = {
    "garbage": "a message of an unknown kind",
    "oversized": "an oversized message",
    "not_json": "a malformed Examination message",
    "not_utf8": "a malformed Begin message",
    "surrogate": "a malformed Begin message",
    "deep": "a malformed Begin message",
    "wrong_shape": "a malformed Examination message",
    "foreign_path": "a path outside of its file",
    "foreign_begin": "a path outside of its file",
    "zygote_word": "a message out of turn",
    "parent_word": "a message out of turn",
    "second_hello": "a message out of turn",
}


def test_a_worker_that_lies_about_form_ends(tmp_path: Path) -> None:
    results = examine(tmp_path, [script for lie in LIES for script in ("ok", f"lie {lie}")])
    assert {r.examination.error for r in results[::2]} == {None}
    errors = [r.examination.error for r in results[1::2]]
    assert errors == [f"the decoder broke its protocol: {what}" for what in LIES.values()]


def test_a_result_that_later_stages_could_stumble_over_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("lie no_hash")
    with SandboxExaminer(WORKER, LIMITS, 1).run([ExamineJob(0, str(tmp_path / "x"), "lie")]) as results:
        assert error_of(list(results)) == "the decoder broke its protocol: an impossible md5"


def test_a_worker_that_asks_without_listening_ends(tmp_path: Path) -> None:
    results = examine(tmp_path, ["flood", "ok"])
    assert "without listening" in error_of(results[:1])
    assert said(results[1:]) == [("f1", "ok", None)]


def test_a_file_cut_while_it_is_mapped_is_its_own_result(tmp_path: Path) -> None:
    def cut(_key: int, _digests: Digests) -> bool:
        os.truncate(tmp_path / "0", 0)
        return False

    script = "map_and_ask\n" + "#" * 100_000
    assert said(examine(tmp_path, ["map_and_ask"])) == [("f0", "ok", "mapped 11")]
    assert "signal 7" in error_of(examine(tmp_path, [script.replace("#", "\n")], known=cut))
