"""What has to be there before the first request: the data folder, the secret, the tables, a way in."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

import django
from django.core.management import call_command
from django.db import DatabaseError, connection

from safelight.app.secrets import make_secret
from safelight.model.errors import StorageError
from safelight.settings import Settings
from safelight.web.container import the_app
from safelight.web.ops import logs

_LOCK = 0x5AFE_1167
"""Number of the advisory lock on PostgreSQL under which tables are made."""


def prepare() -> str:
    """Make all of it, unless it is there; safe to run at the same time on several machines.

    Returns:
        The one-time link for setting up the first admin; empty when there is one.
    """
    make_ready()
    from safelight.web.accounts.people import first_run_link  # noqa: PLC0415 (models need a configured Django)

    return first_run_link(the_app().settings.service.url) or ""


def make_ready() -> None:
    """Make all of it but the way in. Raises StorageError; UsageError, LawPackError for law that there is not."""
    app = the_app()
    app.jurisdictions  # noqa: B018 (a jurisdiction without a pack would leave duties out, so nothing begins with one)
    app.settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    make_secret(app.settings)
    django.setup()
    logs.configure("prepare")
    with _told(), _alone(app.settings):
        call_command("migrate", interactive=False, verbosity=0)
        app.log_signer.fingerprint  # noqa: B018 (made here, where nobody else makes one at the same time)


@contextmanager
def _told() -> Iterator[None]:
    """Tell what a database complains of in one line."""
    try:
        yield
    except DatabaseError as error:
        cause = (str(error).splitlines() or [type(error).__name__])[0]
        raise StorageError(path=f"database {connection.settings_dict['NAME']}", cause=cause) from error


@contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    """Keep other processes from making tables at the same time, on this machine and on others."""
    with (settings.home / "store.lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if connection.vendor != "postgresql":
            yield
            return
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
            try:
                yield
            finally:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])
