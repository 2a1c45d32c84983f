"""Jobs: asked for in a transaction, run by workers at least once, tried again, and dead letters in the end.

A `Job` row says what is to be done and how it went; a task of django-tasks, which holds no more than the row's number,
brings it to a worker. Both are written in the transaction that asked, so neither is there without what it is about.
Whoever runs a job holds a lease on it, which `keeper` renews while the process lives, and takes away when it has died.
"""

import traceback
from datetime import datetime, timedelta
from inspect import getdoc
from pathlib import PurePath
from uuid import UUID, uuid4

import structlog
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django_tasks import TaskContext, task

from safelight.model.errors import SafelightError
from safelight.web.jobs.kinds import KINDS, LONGEST_ASKED, job
from safelight.web.jobs.models import UNFINISHED, Job, JobState, Tally

__all__ = ["HOLDER", "LEASE", "LaterError", "describe", "enqueue", "give_back", "job", "reissue", "retry", "run_job"]

LEASE = timedelta(seconds=30)
"""How long a worker that says nothing is believed to be alive. Clocks of machines must differ by less."""
HOLDER = uuid4().hex
"""Name of this process as one that runs jobs."""

_log = structlog.get_logger("safelight.jobs")


class LaterError(Exception):
    """What a job raises that failed and knows how long to wait: never less than its kind waits, nor over a day."""

    def __init__(self, after: timedelta = timedelta()) -> None:
        self.after = min(after, LONGEST_ASKED)
        super().__init__()


def enqueue(kind: str, subject: str, after: timedelta | None = None) -> None:
    """Ask for a job, to be run once the transaction has been committed and `after` has passed.

    Call it in the transaction that writes what the job is about. One that waits already is left as it is; one that
    runs right now is run again afterwards, since it may not have seen what this transaction writes.

    Args:
        kind: a registered kind.
        subject: id of what it is about, at most 128 characters; never content.
        after: how long to wait at least; at once by default.
    """
    if kind not in KINDS:
        raise ValueError(f"no job is called {kind!r}")
    due = timezone.now() + (after or timedelta())
    with transaction.atomic():
        # The lock on the row makes a worker that is about to begin wait for our commit.
        while not Job.objects.filter(kind=kind, subject=subject, state__in=UNFINISHED).update(again=True):
            try:
                with transaction.atomic():
                    _issue(Job(kind=kind, subject=subject), due)
            except IntegrityError:
                continue  # another transaction was quicker, and is committed now
            break


def retry(letter: Job) -> None:
    """Ask for a dead letter's work anew."""
    with transaction.atomic():
        gone, _ = Job.objects.filter(pk=letter.pk, state=JobState.DEAD).delete()
        if gone:
            enqueue(letter.kind, letter.subject)


def reissue(row: Job) -> None:
    """Give a waiting job a new task in place of one that got lost, or was put off too far. Needs the row's lock.

    The old one stays until it is pruned: should its worker be alive after all, it wants to write how it ended.
    """
    _issue(row, min(row.due, timezone.now()))


def give_back(row: Job) -> None:
    """End the attempt of a worker that has died. Needs the row's lock."""
    _count(row.kind, "lost")
    _fail(row, "WorkerLost", "the worker that ran it ended, or took longer than the job may")


@task(takes_context=True)
def run_job(context: TaskContext, number: int) -> None:
    """Run a job: the task that workers see. Nothing that a job raises reaches django-tasks, which would keep it."""
    name = UUID(str(context.task_result.id))
    now = timezone.now()
    begun = Job.objects.filter(pk=number, task=name, state=JobState.WAITING).update(
        state=JobState.RUNNING, attempts=F("attempts") + 1, again=False, holder=HOLDER, started=now, lease=now + LEASE
    )
    if not begun:
        return  # it was given to another task meanwhile
    row = Job.objects.get(pk=number)
    with structlog.contextvars.bound_contextvars(job=row.kind, subject=row.subject, attempt=row.attempts):
        _run(row)


def _run(row: Job) -> None:
    try:
        KINDS[row.kind].work(row.subject)
    except Exception as error:  # noqa: BLE001 (whatever a job raises is its outcome)
        name, message = describe(error)
        _log.warning("job failed", error=name, cause=message)
        with _held(row) as mine:
            if mine:
                _count(mine.kind, "failed")
                _fail(mine, name, message, error.after if isinstance(error, LaterError) else timedelta())
    else:
        with _held(row) as mine:
            if mine:
                _count(mine.kind, "done")
                _finish(mine)
        log = _log.debug if KINDS[row.kind].every else _log.info  # periodic ones are as many as they are dull
        log("job done", seconds=round((timezone.now() - (row.started or row.due)).total_seconds(), 3))


class _held:  # noqa: N801 (reads as a with-statement)
    """A transaction with the lock on a row that this process still holds; None once it was taken away."""

    def __init__(self, row: Job) -> None:
        self._row = row
        self._transaction = transaction.atomic()

    def __enter__(self) -> Job | None:
        self._transaction.__enter__()
        mine = Job.objects.select_for_update().filter(
            pk=self._row.pk, state=JobState.RUNNING, holder=HOLDER, attempts=self._row.attempts
        )
        return mine.first()

    def __exit__(self, *failure: object) -> None:
        self._transaction.__exit__(*failure)  # type: ignore[arg-type]


def describe(error: BaseException) -> tuple[str, str]:
    """Class of an error, and what can be said of it that is in our code: messages may quote what a stranger sent."""
    frames = [
        frame for frame in traceback.extract_tb(error.__traceback__) if "safelight" in PurePath(frame.filename).parts
    ]
    where = f"{PurePath(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "outside of Safelight"
    known = (getdoc(type(error)) or "").partition("\n")[0] if isinstance(error, SafelightError) else ""
    return type(error).__qualname__, f"{known} ({where})".strip()


def _issue(row: Job, due: datetime) -> None:
    row.state, row.due, row.again, row.holder, row.lease = JobState.WAITING, due, False, "", None
    row.save()
    row.task = UUID(str(run_job.using(run_after=due).enqueue(row.pk).id))
    row.save(update_fields=["task"])


def _finish(row: Job) -> None:
    row.error = row.message = ""
    if row.again:
        row.attempts = 0
        _issue(row, timezone.now())
        return
    row.state, row.finished, row.lease = JobState.DONE, timezone.now(), None
    row.save()


def _fail(row: Job, error: str, message: str, least: timedelta = timedelta()) -> None:
    row.error, row.message = error[:200], message[:300]
    kind = KINDS.get(row.kind)
    if row.again:  # somebody asked anew meanwhile: all attempts are before it
        row.attempts = 0
        _issue(row, timezone.now() + max(least, kind.delay(1) if kind and kind.delays else timedelta()))
    elif kind and row.attempts < kind.attempts:
        _issue(row, timezone.now() + max(least, kind.delay(row.attempts)))
    else:
        row.state, row.finished, row.lease = JobState.DEAD, timezone.now(), None
        row.save()
        _count(row.kind, "dead")
        if kind and kind.dead:
            kind.dead(row.subject)


def _count(kind: str, outcome: str) -> None:
    while not Tally.objects.filter(kind=kind, outcome=outcome).update(total=F("total") + 1):
        try:
            with transaction.atomic():
                Tally.objects.create(kind=kind, outcome=outcome, total=1)
        except IntegrityError:
            continue  # another worker was quicker
        break
