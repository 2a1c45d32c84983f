import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.adapter.sandbox.files import OpenFile
from safelight.adapter.sandbox.protocol import Job, ProtocolError
from safelight.adapter.sandbox.task import MAX_FAILURES, MAX_RESULTS, Task
from safelight.model.clip import OF_QUERY_CLIP
from safelight.model.codec import to_json
from safelight.model.fingerprint import Digests, Fingerprint, Pdq, PdqPrint, View
from safelight.model.local import OF_QUERY, Want
from safelight.model.media import Limits
from safelight.model.scan import Examination, Status
from safelight.ports import Examined, ExamineJob
from tests.adapter.sandbox.hostile_worker import local_examination

REST = "; the rest of this archive was not examined"
DIGESTS = Digests("0" * 32, "1" * 40, "2" * 64, 5)


def task(stored: int = 0, limits: Limits = Limits(cpu_seconds=60, wall_seconds=120)) -> Task:  # noqa: B008 - frozen
    return Task(ExamineJob(9, "/x/a.zip", "a.zip", thumbnail=True), OpenFile(-1, stored), limits)


def picture_task(stored: int = 0) -> Task:
    """Of which local features and pixels are to be taken."""
    job = ExamineJob(9, "/x/a.zip", "a.zip", local=OF_QUERY, pixels=8)
    it = Task(job, OpenFile(-1, stored), Limits())
    it.start()
    return it


def ok(path: str) -> Examination:
    return Examination(path, Status.OK)


def test_the_last_result_is_held_back_until_it_is_known_to_be_the_last() -> None:
    it = task()
    assert it.start() == Job("a.zip", thumbnail=True, skip=0, cpu_seconds=60)
    assert it.take(ok("a.zip!/x")) == []
    assert it.take(ok("a.zip")) == [Examined(9, 0, ok("a.zip!/x"), last=False)]
    assert it.finish() == Examined(9, 1, ok("a.zip"), last=True)


def test_a_retry_starts_where_the_results_end_and_is_given_once() -> None:
    it = task()
    it.start()
    it.take(ok("a.zip!/x"))
    it.begin("a.zip!/y")
    assert it.fail("cause", retries=1) == ([], False)
    assert (it.start().skip, it.wants_new_worker) == (1, True)
    it.begin("a.zip!/y")
    results, done = it.fail("cause", retries=1)
    assert not done
    assert [r.examination for r in results] == [ok("a.zip!/x")]
    assert (it.start().skip, it.wants_new_worker) == (2, False)
    assert it.take(ok("a.zip")) == [
        Examined(9, 1, Examination("a.zip!/y", Status.UNREADABLE, error="cause"), last=False)
    ]


def test_an_archive_inside_that_fails_twice_ends_the_file() -> None:
    it = task()
    it.start()
    it.begin("a.zip!/b.zip")
    assert it.fail("cause", retries=0) == ([], False)
    it.start()
    it.begin("a.zip!/b.zip")
    results, done = it.fail("cause", retries=0)
    assert done
    assert [(r.examination.path, r.last) for r in results] == [("a.zip!/b.zip", False), ("a.zip", True)]


def test_digests_asked_for_come_with_the_failure_of_what_they_are_of() -> None:
    it = task()
    it.start()
    it.ask(DIGESTS)
    it.begin("a.zip!/x")
    results, _done = it.fail("cause", retries=0)
    it.start()
    more, done = it.fail("cause", retries=0)
    assert done
    member, whole = (r.examination for r in results + more)
    assert member.fingerprint is None
    assert whole.fingerprint is not None
    assert whole.fingerprint.digests == DIGESTS


HASHED = Examination("a.zip", Status.OK, "image/png", fingerprint=Fingerprint(DIGESTS))


def test_a_job_says_what_is_to_be_taken() -> None:
    it = picture_task()
    assert it.start() == Job("a.zip", thumbnail=False, skip=0, cpu_seconds=60, local=OF_QUERY, pixels=8)


def test_what_was_announced_survives_the_worker() -> None:
    it = picture_task()
    assert it.announce(HASHED) == HASHED
    it.answer(Want.KEYPOINTS)
    ((result,), done) = it.fail("cause")
    assert done
    assert result.examination == replace(HASHED, status=Status.DEGRADED, error="no keypoints: cause")


def test_what_was_announced_is_of_that_member_only() -> None:
    it = picture_task()
    it.begin("a.zip!/x")
    member = replace(HASHED, path="a.zip!/x")
    it.announce(member)
    it.take(member)
    it.begin("a.zip!/y")
    results, _done = it.fail("cause")
    it.start()
    results += it.take(ok("a.zip"))
    assert [(r.examination.path, r.examination.error) for r in results] == [("a.zip!/x", None), ("a.zip!/y", "cause")]


def test_what_was_announced_survives_a_retry_that_comes_less_far() -> None:
    it = picture_task()
    it.announce(HASHED)
    assert it.fail("cause", retries=1) == ([], False)
    it.start()
    ((result,), done) = it.fail("another cause", retries=1)
    assert done
    assert result.examination.error == "no keypoints: another cause"


@pytest.mark.parametrize(
    "forget",
    [
        lambda it: it.begin("a.zip!/x"),
        lambda it: it.take(HASHED),
        lambda it: it.start(),
        lambda it: it.answer(Want.NOTHING),
    ],
)
def test_an_answer_is_for_one_picture_and_one_worker(forget: Callable[[Task], object]) -> None:
    it = picture_task()
    it.announce(HASHED)
    it.answer(Want.KEYPOINTS)
    forget(it)
    with pytest.raises(ProtocolError, match="an impossible number of keypoints"):
        it.take(replace(HASHED, local=local_examination(OF_QUERY)))


@pytest.mark.parametrize(
    "found",
    [
        replace(HASHED, path="a.zip!/x"),
        replace(HASHED, path="b"),
        replace(HASHED, fingerprint=None),
        replace(HASHED, fingerprint=Fingerprint(replace(DIGESTS, md5="x"))),
        replace(HASHED, pixels=np.zeros((1, 1, 3), dtype=np.uint8)),
        replace(HASHED, local=local_examination(OF_QUERY)),
    ],
)
def test_no_other_thing_can_be_announced(found: Examination) -> None:
    with pytest.raises(ProtocolError):
        picture_task().announce(found)


def test_nothing_can_be_announced_of_a_job_without_local_features() -> None:
    it = task()
    it.start()
    with pytest.raises(ProtocolError, match="a question out of turn"):
        it.announce(HASHED)


def test_local_features_and_pixels_do_not_count_as_results(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("safelight.adapter.sandbox.task.MAX_RESULTS", 10_000)
    it = picture_task()
    pixels = np.zeros((8, 8, 3), dtype=np.uint8)
    for number in range(20):
        member = replace(HASHED, path=f"a.zip!/{number}")
        it.begin(member.path)
        it.announce(member)
        it.answer(Want.KEYPOINTS)
        it.take(replace(member, local=local_examination(OF_QUERY), pixels=pixels))
        it.spend(0)


def test_a_big_file_is_given_more_time() -> None:
    assert task(stored=0).wall_seconds == 120
    assert task(stored=8 << 30).wall_seconds == 120 + 1024
    assert task(stored=8 << 30).cpu_seconds == 60 + 128


def video_task(stored: int, limits: Limits | None = None) -> Task:
    """An archive of videos."""
    it = Task(ExamineJob(9, "/x/a.zip", "a.zip", clip=OF_QUERY_CLIP), OpenFile(-1, stored), limits or Limits())
    assert it.start().more == stored >> 16
    it.begin("a.zip!/x")
    return it


def test_a_video_is_given_the_time_that_its_file_has_earned() -> None:
    it = video_task(1 << 20)
    it.begin("a.zip!/x", more=10)
    assert (it.cpu_seconds, it.wall_seconds) == (70, 120 + 20)
    with pytest.raises(ProtocolError, match="out of turn"):
        it.begin("a.zip!/x", more=1)
    it.take(ok("a.zip!/x"))
    it.begin("a.zip!/y")
    assert (it.cpu_seconds, it.wall_seconds) == (60, 120)
    with pytest.raises(ProtocolError, match="out of turn"):
        it.begin("a.zip!/y", more=7)
    it.begin("a.zip!/y", more=6)
    assert it.start().more == 0


@pytest.mark.parametrize("more", [-1, 17, 1 << 40])
def test_more_time_than_a_file_has_earned_is_refused(more: int) -> None:
    with pytest.raises(ProtocolError, match="out of turn"):
        video_task(1 << 20).begin("a.zip!/x", more=more)


def test_a_file_that_is_no_video_is_given_no_more_time() -> None:
    it = task(1 << 30)
    assert it.start().more == 0
    with pytest.raises(ProtocolError, match="out of turn"):
        it.begin("a.zip", more=1)


def test_no_video_may_be_silent_for_longer_than_its_file_may_take() -> None:
    it = video_task(1 << 30, Limits(wall_seconds=2))
    it.begin("a.zip!/x", more=16_000)
    assert it.total_seconds == 200 + 1024
    assert it.wall_seconds == 1224 + 1
    it.spend(1000)
    assert it.wall_seconds == 225
    it.spend(1000)
    assert it.is_overdue
    assert it.wall_seconds == 1


@pytest.mark.parametrize("path", ["b.zip", "a.zip!", "a.zip/x", "a.zip2!/x", ""])
def test_paths_of_other_files_are_refused(path: str) -> None:
    it = task()
    it.start()
    with pytest.raises(ProtocolError):
        it.begin(path)
    with pytest.raises(ProtocolError):
        it.take(ok(path))


def test_messages_without_end_are_refused() -> None:
    it = task(limits=Limits(max_members=10))
    for _ in range(10 * (10 + MAX_FAILURES)):
        it.spend(0)
    with pytest.raises(ProtocolError, match="without end"):
        it.spend(0)


@pytest.mark.parametrize("stored", [0, 5000])
def test_results_without_end_are_refused(stored: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("safelight.adapter.sandbox.task.MAX_RESULTS", 10_000)
    it = task(stored=stored)
    it.start()
    size = len(to_json(ok(f"a.zip!/{'x' * 900}")))
    for _ in range((10_000 + stored) // size + 1):
        it.spend(0)
        it.take(ok(f"a.zip!/{'x' * 900}"))
    for retry in (False, True):  # a new worker may not go on either
        with pytest.raises(ProtocolError, match="results without end"):
            it.spend(0)
        results, done = it.fail("results without end", retries=1)
        assert done is retry
    assert results[-1].last
    assert results[-1].examination == Examination("a.zip", Status.UNREADABLE, error=f"results without end{REST}")


def test_pictures_of_many_frames_earn_their_hashes_by_their_bytes() -> None:
    """8,000 animations of 1 MB, each frame hashed in two views."""
    print_ = PdqPrint(9, View.CONTENT, Pdq(("f" * 64,) * 8, 100), (10, 10, 500, 500))
    result = replace(ok("a.zip!/x"), fingerprint=Fingerprint(DIGESTS, (print_,) * 128))
    assert 8000 * len(to_json(result)) > MAX_RESULTS
    assert 8000 * len(to_json(result)) < MAX_RESULTS + 8000 * 1_000_000


@pytest.mark.parametrize("cause", ["\x1b[2J", "x" * 5000, "\u202e"])
def test_a_cause_that_no_honest_worker_gives_is_not_repeated(cause: str) -> None:
    it = task()
    it.start()
    results, done = it.fail(cause)
    assert done
    assert results[-1].examination.error == "the decoder broke its protocol: an impossible cause"


def test_a_file_slow_at_each_of_its_members_is_given_up() -> None:
    it = task(limits=Limits(wall_seconds=2))
    it.start()
    it.take(ok("a.zip!/x"))
    for _ in range(100):
        it.spend(2000)  # of which two seconds count
    assert not it.is_overdue
    it.begin("a.zip!/y")
    it.spend(0.1)
    results, done = it.fail("took too long", retries=0)
    assert done
    assert [(r.examination.path, r.examination.error, r.last) for r in results] == [
        ("a.zip!/x", None, False),
        ("a.zip!/y", "took too long", False),
        ("a.zip", f"took too long{REST}", True),
    ]


EVENTS = st.lists(st.sampled_from(["begin", "take", "own", "fail", "fail for certain", "done"]), max_size=80)


@given(EVENTS)
def test_whatever_happens_each_number_is_given_once_and_in_order(events: list[str]) -> None:
    it = task()
    it.start()
    out: list[Examined] = []
    begun = 0

    def happen() -> Iterator[bool]:
        nonlocal begun
        for event in events:
            match event:
                case "begin":
                    begun += 1
                    it.begin(f"a.zip!/{begun}")
                case "take":
                    out.extend(it.take(ok(f"a.zip!/{begun}")))
                case "own":
                    out.extend(it.take(ok("a.zip")))
                case "done":
                    out.append(it.finish())
                    yield True
                case _:
                    results, done = it.fail("cause", retries=int(event == "fail"))
                    out.extend(results)
                    if not done:
                        it.start()
                    yield done
        out.append(it.finish())

    any(happen())
    assert [r.member for r in out] == list(range(len(out)))
    assert [r.last for r in out] == [False] * (len(out) - 1) + [True]
    assert sum(r.examination.status is Status.UNREADABLE for r in out) <= MAX_FAILURES + 1


def test_closing_lets_go_of_the_file(tmp_path: Path) -> None:
    with (tmp_path / "x").open("wb") as file:
        fd = os.dup(file.fileno())
    Task(ExamineJob(0, "x", "x"), OpenFile(fd, 0), Limits()).close()
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(fd)
