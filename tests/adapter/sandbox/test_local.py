"""Local features and pixels on their way from a worker to the caller (hostile_worker.py)."""

from pathlib import Path

import numpy as np
import pytest

from safelight.adapter.sandbox import SandboxExaminer
from safelight.model.local import OF_KNOWN, OF_QUERY, LocalExamination, LocalRequest
from safelight.model.scan import Examination, Status
from safelight.ports import Examined
from tests.adapter.sandbox.harness import LIMITS, SHORT, WORKER, examine, jobs_for, kill_zygote, said
from tests.adapter.sandbox.hostile_worker import local_examination


def are_same(one: LocalExamination | None, other: LocalExamination) -> bool:
    return one is not None and all(
        np.array_equal(a, b)
        for a, b in (
            (one.working.grey, other.working.grey),
            (one.features.x, other.features.x),
            (one.features.y, other.features.y),
            (one.features.size, other.features.size),
            (one.features.angle, other.features.angle),
            (one.features.descriptors, other.features.descriptors),
            (one.tiles.codes, other.tiles.codes),
            (one.tiles.quality, other.tiles.quality),
        )
    )


@pytest.mark.parametrize("request_", [OF_KNOWN, OF_QUERY])
def test_what_was_asked_for_comes(tmp_path: Path, request_: LocalRequest) -> None:
    archive = "member a ok\nmember b look honestly\nlook honestly"
    results = examine(tmp_path, [archive, "look honestly"], local=request_, pixels=640)
    local = [r.examination.local for r in results]
    assert [r.examination.path for r in results if r.examination.local] == ["f0!/b", "f0", "f1"]
    assert all(are_same(taken, local_examination(request_)) for taken in local if taken)
    shown = [r.examination.pixels for r in results if r.examination.pixels is not None]
    assert [pixels.shape for pixels in shown] == [(320, 640, 3)] * 3
    assert all((pixels == 7).all() for pixels in shown)


def test_what_was_not_asked_for_does_not_come(tmp_path: Path) -> None:
    results = examine(tmp_path, ["look honestly"], pixels=9)
    assert [r.examination.local for r in results] == [None]
    results = examine(tmp_path, ["look honestly"], local=OF_QUERY)
    assert [r.examination.pixels for r in results] == [None]


def test_the_caller_says_of_which_pictures_it_wants_local_features(tmp_path: Path) -> None:
    asked: list[tuple[int, int]] = []

    def wanted(key: int, found: Examination) -> bool:
        assert found.fingerprint is not None
        asked.append((key, found.fingerprint.digests.size))
        return len(asked) % 2 == 0

    scripts = ["member a look honestly\nmember bc look honestly", "ok", "look honestly"]
    results = examine(tmp_path, scripts, wanted=wanted, local=OF_QUERY, pixels=9)
    assert asked == [(0, len("f0!/a")), (0, len("f0!/bc")), (2, len("look honestly"))]
    assert [r.examination.path for r in results if r.examination.local] == ["f0!/bc"]
    assert [r.examination.path for r in results if r.examination.pixels is not None] == ["f0!/a", "f0!/bc", "f2"]


LIES = {
    "look unasked": "an impossible number of keypoints",
    "look not_wanted": "an impossible number of keypoints",
    "look another": "an impossible number of keypoints",
    "look unasked_pixels": "an impossible size of pixels",
    "look too_much": "an impossible number of keypoints",
    "look question_of_another": "a question out of turn",
    "look question_without_digests": "a question out of turn",
    "look question_with_local": "an impossible number of keypoints",
    "lie no_array": "a malformed Examination message",
}


def is_wanted(_key: int, found: Examination) -> bool:
    return found.fingerprint is not None and found.fingerprint.digests.size != len("look not_wanted")


def test_a_worker_that_lies_about_what_was_asked_ends(tmp_path: Path) -> None:
    scripts = [script for lie in LIES for script in ("look honestly", lie)]
    results = examine(tmp_path, scripts, wanted=is_wanted, local=OF_QUERY)
    assert all(r.examination.local for r in results[::2])
    assert not any(r.examination.local for r in results[1::2])
    # Those whose question was answered have been hashed; the others say nothing but why.
    errors = [str(r.examination.error).removeprefix("no keypoints: ") for r in results[1::2]]
    assert errors == [f"the decoder broke its protocol: {what}" for what in LIES.values()]


def test_a_question_that_the_job_did_not_allow_for_is_refused(tmp_path: Path) -> None:
    ((_path, status, error),) = said(examine(tmp_path, ["look question_with_local"]))
    assert (status, error) == ("unreadable", "the decoder broke its protocol: local features that nobody asked for")
    ((_path, status, error),) = said(examine(tmp_path, ["look question_of_another"]))
    assert (status, error) == ("unreadable", "the decoder broke its protocol: a question out of turn")


def test_a_job_that_asks_for_too_much_is_an_error_of_the_caller(tmp_path: Path) -> None:
    with (
        SandboxExaminer(WORKER, LIMITS, 1).run(jobs_for(tmp_path, ["ok"], OF_QUERY)) as results,
        pytest.raises(ValueError, match="not made for local features"),
    ):
        next(results)
    with pytest.raises(ValueError, match="do not fit into a message"):
        examine(tmp_path, ["ok"], pixels=2400)


ENDS = {
    "crash 11": "the decoder crashed (signal 11)",
    "spin": "took more than 1 s of CPU time",
    "eat 1000": "needs more than 256 MiB of memory",
    "exit 3": "the decoder ended early (exit code 3)",
    "attempt exec": "the decoder was stopped at a forbidden system call",
}


def check_degraded(result: Examined, error: str, size: int) -> None:
    found = result.examination
    assert (found.status, found.error) == (Status.DEGRADED, f"no keypoints: {error}")
    assert found.fingerprint is not None
    assert found.fingerprint.digests.size == size
    assert found.local is None


def test_what_local_features_cost_a_worker_the_hashes_survive(tmp_path: Path) -> None:
    scripts = [script for end in ENDS for script in ("look honestly", f"look act {end}")]
    results = examine(tmp_path, scripts, local=OF_QUERY)
    assert all(r.examination.local for r in results[::2])
    for result, (end, error) in zip(results[1::2], ENDS.items(), strict=True):
        check_degraded(result, error, len(f"look act {end}"))
        assert result.examination.mime == "text/plain"


def test_a_hang_costs_the_local_features_only(tmp_path: Path) -> None:
    hung, fine = examine(tmp_path, ["look act sleep 30", "look honestly"], SHORT, local=OF_QUERY)
    check_degraded(hung, "took longer than 2 s", len("look act sleep 30"))
    assert fine.examination.local


def test_in_an_archive_the_other_members_are_looked_at(tmp_path: Path) -> None:
    members = ["a look honestly", "b look act crash 11", "c look honestly", "d crash 11", "e look honestly"]
    results = examine(tmp_path, ["\n".join(f"member {member}" for member in members)], local=OF_QUERY)
    check_degraded(results[1], "the decoder crashed (signal 11)", len("f0!/b"))
    assert [(r.examination.path, r.examination.status, r.examination.local is not None) for r in results] == [
        ("f0!/a", Status.OK, True),
        ("f0!/b", Status.DEGRADED, False),
        ("f0!/c", Status.OK, True),
        ("f0!/d", Status.UNREADABLE, False),
        ("f0!/e", Status.OK, True),
        ("f0", Status.OK, False),
    ]


def test_a_worker_that_was_used_before_is_not_taken_as_proof(tmp_path: Path) -> None:
    asked = []

    def wanted(key: int, _found: Examination) -> bool:
        asked.append(key)
        return True

    results = examine(tmp_path, ["ok", "look act crash_when_used"], wanted=wanted, local=OF_QUERY)
    assert [r.examination.status for r in results] == [Status.OK, Status.OK]
    assert results[1].examination.local
    assert asked == [1, 1]


def test_the_zygote_may_be_killed(tmp_path: Path) -> None:
    killed: list[int] = []

    def wanted(_key: int, _found: Examination) -> bool:
        if not killed:
            killed.append(kill_zygote())
        return True

    results = examine(tmp_path, ["member a look honestly\nlook honestly"], wanted=wanted, local=OF_KNOWN)
    assert [r.examination.path for r in results if r.examination.local] == ["f0!/a", "f0"]


def test_errors_of_the_caller_come_through(tmp_path: Path) -> None:
    def wanted(_key: int, _found: Examination) -> bool:
        raise RuntimeError("store is gone")

    with pytest.raises(RuntimeError, match="store is gone"):
        examine(tmp_path, ["look honestly"], wanted=wanted, local=OF_QUERY)
