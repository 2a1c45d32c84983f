"""What every worker does besides its jobs: renews leases, takes back jobs of dead workers, starts the periodic.

All of it may be done by any number of workers at a time.
"""

import os
import signal
import threading
from collections.abc import Callable
from datetime import timedelta

import structlog
from django.db import close_old_connections, connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from safelight.web.jobs import queue
from safelight.web.jobs.kinds import KINDS, longest_wait
from safelight.web.jobs.models import Job, JobState, Schedule

EVERY = 3.0
"""Seconds between two rounds; a lease outlives several."""
DONE_KEPT, DEAD_KEPT, TASKS_KEPT = timedelta(days=7), timedelta(days=90), timedelta(minutes=10)
LOST_KEPT = timedelta(days=1)
"""How long tasks stay that never end because their workers died; no job may run so long."""

_log = structlog.get_logger("safelight.jobs")


class Keeper(threading.Thread):
    """Does the rounds until the process ends."""

    def __init__(self) -> None:
        super().__init__(name="keeper", daemon=True)
        self._ended = threading.Event()

    def run(self) -> None:
        """See the class. An error, as when the database is away, ends the round and not the thread."""
        while not self._ended.wait(EVERY):
            for step in (renew, take_back, start_periodic):
                try:
                    step()
                except Exception as error:  # noqa: BLE001 (the next round may do better)
                    name, cause = queue.describe(error)
                    _log.warning("keeper failed", step=step.__name__, error=name, cause=cause)
                close_old_connections()
        connection.close()

    def stop(self) -> None:
        """End the thread after its round."""
        self._ended.set()


def renew() -> None:
    """Renew the leases of this process; end it when one of its jobs hangs, and the job goes back to the queue."""
    now = timezone.now()
    mine = Job.objects.filter(holder=queue.HOLDER, state=JobState.RUNNING)
    for row in mine:
        kind = KINDS.get(row.kind)
        if kind and row.started and now - row.started > kind.limit:
            _log.error("job hangs", job=row.kind, subject=row.subject)
            os.kill(os.getpid(), signal.SIGKILL)
    # Or it is one by a clock that was ahead, with which a worker that dies would be believed alive for long.
    if any(row.lease and not queue.LEASE * 0.7 <= row.lease - now <= queue.LEASE for row in mine):
        mine.update(lease=now + queue.LEASE)


def take_back() -> int:
    """Put jobs of dead workers back, and those that a clock which was ahead has put off; return how many."""
    now = timezone.now()
    # A task that was begun this long ago has made its job a running one, or died before.
    alive = DBTaskResult.objects.filter(id=OuterRef("task")).filter(
        Q(status=TaskResultStatus.READY) | Q(status=TaskResultStatus.RUNNING, started_at__gt=now - queue.LEASE)
    )
    running = Job.objects.filter(state=JobState.RUNNING)
    expired = running.filter(Q(lease__lt=now) | Q(lease__gt=now + 2 * queue.LEASE))
    stranded = Job.objects.filter(~Exists(alive), state=JobState.WAITING, due__lt=now - queue.LEASE)
    soon = now + queue.LEASE  # clocks of machines may differ
    ahead = Q(created__gt=soon) | Q(started__gt=soon) | Q(due__gt=soon + longest_wait())
    put_off = Job.objects.filter(ahead, state=JobState.WAITING, due__gt=now)
    return _each(expired, queue.give_back) + _each(stranded, queue.reissue) + _each(put_off, _bring_forward)


def _bring_forward(row: Job) -> None:
    """A job that a clock which was ahead has put off is due now; and its next wait is none of that clock's."""
    row.created, row.started = min(row.created, timezone.now()), None
    queue.reissue(row)


def _each(rows: QuerySet[Job], treat: Callable[[Job], None]) -> int:
    """Treat each row in a transaction of its own, with its lock, if it is still among them."""
    count = 0
    for number in list(rows.values_list("pk", flat=True)[:500]):
        with transaction.atomic():
            row = rows.select_for_update(skip_locked=connection.features.has_select_for_update_skip_locked).filter(
                pk=number
            )
            if found := row.first():
                treat(found)
                count += 1
    return count


def start_periodic() -> None:
    """Enqueue the periodic jobs that are due, each by one worker."""
    now = timezone.now()
    due = dict(Schedule.objects.values_list("kind", "due"))
    for kind in KINDS.values():
        if kind.every is None:
            continue
        latest = now + kind.every + queue.LEASE  # what is due later was planned by a clock that was ahead
        if now < due.get(kind.name, now) <= latest:
            continue
        with transaction.atomic():
            Schedule.objects.get_or_create(kind=kind.name, defaults={"due": now})
            planned = Schedule.objects.filter(Q(due__lte=now) | Q(due__gt=latest), kind=kind.name)
            if planned.update(due=now + kind.every):
                queue.enqueue(kind.name, "")


def prune() -> None:
    """Delete what is long finished."""
    now = timezone.now()
    Job.objects.filter(state=JobState.DONE, finished__lt=now - DONE_KEPT).delete()
    Job.objects.filter(state=JobState.DEAD, finished__lt=now - DEAD_KEPT).delete()
    finished = (TaskResultStatus.SUCCESSFUL, TaskResultStatus.FAILED)
    DBTaskResult.objects.filter(status__in=finished, finished_at__lt=now - TASKS_KEPT).delete()
    DBTaskResult.objects.filter(status=TaskResultStatus.RUNNING, started_at__lt=now - LOST_KEPT).delete()
