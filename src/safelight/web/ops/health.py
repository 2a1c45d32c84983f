"""Whether the service can do its work, part by part. Answers name parts that failed, and never say why."""

from collections.abc import Callable, Iterable
from threading import Lock
from time import monotonic

import structlog
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from safelight.flow.audit import check_goes_on
from safelight.web.container import the_app
from safelight.web.jobs.queue import describe
from safelight.web.ops.metrics import overdue

LATE = 300.0
"""Seconds after which a job that is due says that too few workers run, or none."""
PATIENCE = 5.0
"""Seconds within which decoders take an empty file, be they as busy as they are."""
FRESH = 2.0
"""Seconds for which an answer is given again: asking often costs little."""

_log = structlog.get_logger("safelight.health")


class NotReadyError(Exception):
    """A part cannot do its work."""


def database() -> None:
    """The database answers, and has all tables."""
    connection.ensure_connection()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    if not _migrated():
        raise NotReadyError


def _migrated() -> bool:
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def index() -> None:
    """The banks can be searched."""
    the_app().live.open()


def blobs() -> None:
    """The blob store answers."""
    next(iter(the_app().blobs.names()), None)


def queue() -> None:
    """Workers keep up with the jobs."""
    if overdue() > LATE:
        raise NotReadyError


def log() -> None:
    """The audit log goes on from what was signed last."""
    app = the_app()
    last = app.last_head.get()  # before the log is looked at: it may grow meanwhile
    check_goes_on(app.cases, last, app.cases.head())


def examiner() -> None:
    """This process's confined decoders take a file, or have too many to do so."""
    if not the_app().examiner_answers(PATIENCE):
        raise NotReadyError


PARTS: dict[str, Callable[[], None]] = {part.__name__: part for part in (database, index, blobs, queue, log, examiner)}


class Health:
    """The parts' state, asked for at most every `FRESH` seconds."""

    def __init__(self, parts: dict[str, Callable[[], None]]) -> None:
        self._parts = parts
        self._lock = Lock()
        self._until = 0.0
        self._failed: tuple[str, ...] = ()

    def failed(self) -> tuple[str, ...]:
        """Names of the parts that cannot do their work."""
        with self._lock:
            if monotonic() >= self._until:
                self._failed = tuple(self._look())
                self._until = monotonic() + FRESH
            return self._failed

    def _look(self) -> Iterable[str]:
        for name, part in self._parts.items():
            try:
                part()
            except Exception as error:  # noqa: BLE001 (whatever it is, the part does not work)
                kind, cause = describe(error)
                _log.warning("part not ready", part=name, error=kind, cause=cause)
                yield name


HEALTH = Health(PARTS)
