"""Runs jobs here and now, for tests of what they do."""

from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from safelight.web.jobs.models import Job, JobState
from safelight.web.jobs.worker import one_worker


def drain(limit: int = 100, *, late: bool = False) -> int:
    """Run jobs that are due, one after another, until none is, at most `limit`; return how many.

    late: also those that wait for their time, as after an error.
    """
    worker = one_worker()
    for done in range(limit):
        if late:
            DBTaskResult.objects.filter(status="READY").update(run_after=timezone.now())
            Job.objects.filter(state=JobState.WAITING).update(due=timezone.now())
        task = DBTaskResult.objects.ready().first()
        if task is None:
            return done
        task.claim("test")
        worker.run_task(task)
    return limit
