"""A worker process: runs jobs one after another, and keeps house meanwhile."""

from types import FrameType

from django_tasks import DEFAULT_TASK_BACKEND_ALIAS
from django_tasks_db.management.commands.db_worker import Worker

from safelight.web.jobs.keeper import Keeper
from safelight.web.jobs.queue import HOLDER

POLL = 0.5
"""Seconds between two looks at an empty queue."""


def work() -> None:
    """Run jobs until SIGTERM or SIGINT, which let the running one end; a second signal does not wait for it."""
    Keeper().start()
    worker = one_worker()
    worker.configure_signals()
    worker.run()


class _Worker(Worker):
    """Ends between two jobs, never in the middle of a transaction, as the library's does when it is between them."""

    def shutdown(self, signum: int, frame: FrameType | None) -> None:
        """The first signal lets it end what it is at; the second one does not wait."""
        if not self.running:
            super().shutdown(signum, frame)
        self.running = False


def one_worker() -> Worker:
    """The worker of django-tasks, as it is used here: all queues, one job at a time."""
    return _Worker(
        queue_names=["*"],
        interval=POLL,
        batch=False,
        backend_name=DEFAULT_TASK_BACKEND_ALIAS,
        startup_delay=False,
        max_tasks=None,
        worker_id=HOLDER,
        excluded_queue_names=[],
    )
