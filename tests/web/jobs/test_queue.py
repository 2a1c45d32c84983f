"""Jobs: asked for in a transaction, once at a time, tried again, dead letters in the end."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from safelight.model.errors import UnknownItemError
from safelight.web.jobs import keeper, letters, queue
from safelight.web.jobs.kinds import KINDS, job
from safelight.web.jobs.models import Job, JobState, Schedule, Tally
from safelight.web.jobs.queue import enqueue
from tests.web.jobs.draining import drain

pytestmark = pytest.mark.usefixtures("db", "clean_kinds")

RAN: list[str] = []


@pytest.fixture
def clean_kinds() -> Iterator[None]:
    before = dict(KINDS)
    RAN.clear()
    yield
    KINDS.clear()
    KINDS.update(before)


def work(subject: str) -> None:
    RAN.append(subject)


def broken(subject: str) -> None:
    RAN.append(subject)
    raise ValueError(f"cannot read {subject} of 'beach.jpg'")


def test_a_job_runs_once_and_is_done() -> None:
    job("test.work")(work)
    enqueue("test.work", "a")
    enqueue("test.work", "a")
    enqueue("test.work", "b")
    assert drain() == 2
    assert RAN == ["a", "b"]
    assert set(Job.objects.values_list("state", "attempts")) == {("done", 1)}
    assert Tally.objects.get(kind="test.work", outcome="done").total == 2


def test_what_is_rolled_back_was_never_asked_for() -> None:
    job("test.work")(work)
    with transaction.atomic():
        enqueue("test.work", "a")
        transaction.set_rollback(True)
    assert not Job.objects.exists()
    assert not DBTaskResult.objects.exists()


def test_tasks_hold_numbers_alone() -> None:
    job("test.work")(work)
    enqueue("test.work", "item-7")
    task = DBTaskResult.objects.get()
    assert task.args_kwargs == {"args": [Job.objects.get().pk], "kwargs": {}}


def test_a_job_waits_for_its_time() -> None:
    job("test.work")(work)
    enqueue("test.work", "a", timedelta(hours=1))
    assert drain() == 0
    assert drain(late=True) == 1


def test_asked_for_while_it_runs_it_runs_again() -> None:
    def asks(subject: str) -> None:
        RAN.append(subject)
        if len(RAN) == 1:
            enqueue("test.asks", subject)

    job("test.asks")(asks)
    enqueue("test.asks", "a")
    assert drain() == 2
    assert RAN == ["a", "a"]
    assert Job.objects.get().state == JobState.DONE


def test_errors_are_tried_again_later_and_later_until_the_letter_is_dead() -> None:
    told: list[str] = []
    job("test.broken", attempts=3, dead=told.append)(broken)
    enqueue("test.broken", "a")
    waits = []
    for _ in range(2):
        assert drain() in {0, 1}
        row = Job.objects.get()
        assert row.state == JobState.WAITING
        waits.append((row.due - timezone.now()).total_seconds())
        Job.objects.update(due=timezone.now())
        DBTaskResult.objects.filter(status="READY").update(run_after=timezone.now())
    assert waits[0] == pytest.approx(2, abs=0.7)
    assert waits[1] == pytest.approx(8, abs=1.5)
    assert drain() == 1
    row = Job.objects.get()
    assert (row.state, row.attempts, row.error) == (JobState.DEAD, 3, "ValueError")
    assert told == ["a"]
    assert dict(Tally.objects.values_list("outcome", "total")) == {"failed": 3, "dead": 1}


def test_what_an_error_says_is_kept_nowhere() -> None:
    job("test.broken", attempts=1)(broken)
    enqueue("test.broken", "a")
    drain()
    row = Job.objects.get()
    kept = f"{row.error} {row.message} {list(DBTaskResult.objects.values())}"
    assert "beach" not in kept
    assert queue.describe(UnknownItemError(item="secret"))[1].startswith("There is no item of that id.")


def test_own_delays_say_how_often() -> None:
    job("test.broken", delays=[timedelta(seconds=5)])(broken)
    enqueue("test.broken", "a")
    drain(late=True)
    assert Job.objects.get().attempts == 2


def test_a_kind_that_is_gone_makes_a_dead_letter() -> None:
    job("test.work")(work)
    enqueue("test.work", "a")
    del KINDS["test.work"]
    drain()
    assert Job.objects.get().state == JobState.DEAD


def test_unknown_kinds_are_refused_at_once() -> None:
    with pytest.raises(ValueError, match=r"no job is called 'test\.nothing'"):
        enqueue("test.nothing", "a")


def test_one_name_is_not_two_jobs() -> None:
    job("test.work")(work)
    job("test.work")(work)  # a module that is loaded again
    with pytest.raises(ValueError, match="two functions"):
        job("test.work")(broken)


def test_dead_letters_are_retried_and_dropped() -> None:
    job("test.broken", attempts=1)(broken)
    for subject in "abc":
        enqueue("test.broken", subject)
    drain()
    assert letters.depth() == {"waiting": 0, "running": 0, "dead": 3}
    first, second, third = letters.dead()
    assert letters.retry([first.pk, -1]) == 1
    assert letters.drop([second.pk]) == 1
    assert letters.depth() == {"waiting": 1, "running": 0, "dead": 1}
    assert letters.dead() == [third]
    KINDS["test.broken"] = KINDS["test.broken"].__class__("test.broken", work, 1, (), timedelta(1), None, None)
    RAN.clear()
    drain()
    assert [first.subject] == RAN


def test_a_retried_letter_does_not_double_one_that_waits() -> None:
    job("test.broken", attempts=1)(broken)
    enqueue("test.broken", "a")
    drain()
    enqueue("test.broken", "a")
    assert letters.retry([letter.pk for letter in letters.dead()]) == 1
    assert letters.depth() == {"waiting": 1, "running": 0, "dead": 0}


def die_while_it_runs() -> Job:
    """A running job whose worker has not been heard of for long."""
    job("test.work", attempts=2)(work)
    enqueue("test.work", "a")
    DBTaskResult.objects.get().claim("dead")
    past = timezone.now() - timedelta(minutes=5)
    Job.objects.update(state=JobState.RUNNING, attempts=1, holder="dead", started=past, lease=past)
    return Job.objects.get()


def test_a_dead_workers_job_is_taken_back_and_runs() -> None:
    die_while_it_runs()
    assert keeper.take_back() == 1
    assert keeper.take_back() == 0
    row = Job.objects.get()
    assert (row.state, row.error) == (JobState.WAITING, "WorkerLost")
    assert drain(late=True) == 1
    assert RAN == ["a"]
    DBTaskResult.objects.filter(status="RUNNING").update(started_at=timezone.now() - timedelta(days=2))
    keeper.prune()
    assert not DBTaskResult.objects.filter(status="RUNNING").exists()


def test_a_job_that_kills_its_workers_ends_as_a_dead_letter() -> None:
    row = die_while_it_runs()
    Job.objects.filter(pk=row.pk).update(attempts=2)
    assert keeper.take_back() == 1
    assert Job.objects.get().state == JobState.DEAD


def test_who_lost_the_lease_does_not_end_the_job() -> None:
    row = die_while_it_runs()
    keeper.take_back()
    queue._run(row)
    assert Job.objects.get().state == JobState.WAITING


def test_a_task_whose_worker_died_before_it_began_is_issued_anew() -> None:
    job("test.work")(work)
    enqueue("test.work", "a")
    DBTaskResult.objects.get().claim("dead")
    long_ago = timezone.now() - timedelta(minutes=5)
    DBTaskResult.objects.update(started_at=long_ago)
    assert keeper.take_back() == 0  # due just now: the worker may be about to begin
    Job.objects.update(due=long_ago)
    assert keeper.take_back() == 1
    assert drain() == 1
    assert RAN == ["a"]


def test_a_full_queue_is_not_taken_for_dead_workers() -> None:
    job("test.work")(work)
    enqueue("test.work", "a")
    Job.objects.update(due=timezone.now() - timedelta(hours=1))
    assert keeper.take_back() == 0


def test_leases_of_this_process_are_renewed() -> None:
    row = die_while_it_runs()
    soon = timezone.now() + timedelta(seconds=1)
    Job.objects.update(holder=queue.HOLDER, lease=soon, started=timezone.now())
    keeper.renew()
    row.refresh_from_db()
    assert row.lease is not None
    assert row.lease > soon + queue.LEASE / 2


def test_a_job_that_hangs_ends_its_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    die_while_it_runs()
    Job.objects.update(holder=queue.HOLDER, started=timezone.now() - timedelta(hours=1))
    killed: list[int] = []
    monkeypatch.setattr("safelight.web.jobs.keeper.os.kill", lambda _pid, number: killed.append(number))
    keeper.renew()
    assert killed == [9]


def test_periodic_jobs_come_once_a_period_whoever_asks() -> None:
    job("test.work", every=timedelta(minutes=10))(work)
    for _ in range(5):
        keeper.start_periodic()
    assert Job.objects.filter(kind="test.work").count() == 1
    drain()
    keeper.start_periodic()
    assert drain() == 0
    Schedule.objects.filter(kind="test.work").update(due=timezone.now() - timedelta(hours=5))
    keeper.start_periodic()  # missed ones are not made up for
    keeper.start_periodic()
    drain()
    assert RAN == ["", ""]


def test_what_is_long_finished_goes() -> None:
    job("test.work")(work)
    enqueue("test.work", "a")
    drain()
    keeper.prune()
    assert Job.objects.count() == DBTaskResult.objects.count() == 1
    DBTaskResult.objects.update(finished_at=timezone.now() - timedelta(hours=1))
    Job.objects.update(finished=timezone.now() - timedelta(days=8))
    keeper.prune()
    assert Job.objects.count() == DBTaskResult.objects.count() == 0


# A clock that was ahead, and was set right


@pytest.mark.parametrize("trace", ["created", "started", None])
def test_what_a_clock_that_was_ahead_put_off_runs_now(trace: str | None) -> None:
    job("test.work")(work)
    year = timezone.now() + timedelta(days=365)
    enqueue("test.work", "a", timedelta(days=365))
    enqueue("test.work", "later", timedelta(hours=5))  # as after an error
    if trace:
        Job.objects.filter(subject="a").update(**{trace: year})
    assert keeper.take_back() == 1
    assert keeper.take_back() == 0
    assert drain() == 1
    assert RAN == ["a"]


def test_a_job_that_fails_after_that_waits_as_all_do() -> None:
    job("test.broken", delays=(timedelta(hours=1),))(broken)
    enqueue("test.broken", "a", timedelta(days=365))
    Job.objects.update(created=timezone.now() + timedelta(days=364))
    assert keeper.take_back() == 1
    assert drain() == 1
    assert keeper.take_back() == 0
    assert Job.objects.get().state == JobState.WAITING


def test_a_lease_by_a_clock_that_was_ahead_is_none() -> None:
    die_while_it_runs()
    year = timezone.now() + timedelta(days=365)
    Job.objects.update(lease=year)
    assert keeper.take_back() == 1
    Job.objects.update(state=JobState.RUNNING, holder=queue.HOLDER, lease=year, started=timezone.now())
    keeper.renew()  # that of a worker that lives is one like any other
    assert keeper.take_back() == 0


def test_periodic_jobs_go_on_when_a_clock_was_ahead() -> None:
    job("test.work", every=timedelta(minutes=10))(work)
    Schedule.objects.create(kind="test.work", due=timezone.now() + timedelta(days=365))
    keeper.start_periodic()
    keeper.start_periodic()
    drain()
    assert RAN == [""]
    assert Schedule.objects.get(kind="test.work").due < timezone.now() + timedelta(minutes=11)
