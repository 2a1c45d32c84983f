"""Workers under load that are killed at random points: run by test_crashes.py as a program of its own.

Prints one JSON object: how many jobs there were, how many took effect, and in which states they and their tasks ended.
"""

import json
import os
import random
import signal
import sys
import time
import traceback
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

WORKERS, SLEEP = 3, 0.03


def main(folder: Path, jobs: int, kills: int) -> None:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection, transaction

    from safelight.web.jobs import keeper, queue, worker

    queue.LEASE = timedelta(seconds=1)
    keeper.EVERY = worker.POLL = 0.1

    @queue.job("test.effect", attempts=30, delays=[timedelta(seconds=0.05)] * 30)
    def effect(subject: str) -> None:
        time.sleep(random.random() * SLEEP)
        (folder / f"{subject}.{uuid4().hex}").touch()
        time.sleep(random.random() * SLEEP)
        if random.random() < 0.1:
            raise OSError

    call_command("migrate", verbosity=0, interactive=False)
    for first in range(0, jobs, 10):
        with transaction.atomic():
            for number in range(first, first + 10):
                queue.enqueue("test.effect", str(number))
    connection.close()  # before the fork: a connection is not shared

    workers = [_fork(queue, worker) for _ in range(WORKERS)]
    for _ in range(kills):
        time.sleep(random.random() * 0.4)
        chosen = random.randrange(WORKERS)
        os.kill(workers[chosen], signal.SIGKILL)
        os.waitpid(workers[chosen], 0)
        workers[chosen] = _fork(queue, worker)
    until = time.monotonic() + 60
    while time.monotonic() < until and _unfinished():
        time.sleep(0.2)
    for process in workers:
        os.kill(process, signal.SIGTERM)
    endings = [os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) for process in workers]
    sys.stdout.write(json.dumps(_report(folder, jobs) | {"endings": endings}))


def _fork(queue: object, worker: object) -> int:
    process = os.fork()
    if process:
        return process
    random.seed()
    queue.HOLDER = uuid4().hex  # type: ignore[attr-defined]
    try:
        worker.work()  # type: ignore[attr-defined]
    except BaseException:  # noqa: BLE001 (whatever it is, the test shows it)
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def _unfinished() -> bool:
    from django.db import connection

    from safelight.web.jobs.models import UNFINISHED, Job

    found = Job.objects.filter(kind="test.effect", state__in=UNFINISHED).exists()
    connection.close()
    return found


def _report(folder: Path, jobs: int) -> dict[str, object]:
    from django.db.models import Count
    from django_tasks_db.models import DBTaskResult

    from safelight.web.jobs.models import Job

    mine = Job.objects.filter(kind="test.effect")
    return {
        "jobs": jobs,
        "effects": len({path.name.partition(".")[0] for path in folder.iterdir()}),
        "states": dict(mine.values_list("state").annotate(n=Count("pk")).order_by()),
        "left": DBTaskResult.objects.filter(id__in=mine.values("task"), status="READY").count(),
    }


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
