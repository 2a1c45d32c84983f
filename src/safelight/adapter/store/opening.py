"""Opening the store: Django configured in-process, the database connected, its schema brought up to date."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from safelight.adapter.store import django_settings
from safelight.adapter.store.errors import storage_errors
from safelight.model.errors import StorageError
from safelight.ports import Clock

if TYPE_CHECKING:
    from safelight.adapter.store.bank_store import DjangoBankStore
    from safelight.adapter.store.family_store import DjangoFamilyStore

FILE = "store.sqlite3"
_MIGRATING = 0x5AFE_1167
"""Number of the lock by which one process at a time changes the schema of a server's database."""


def open_store(target: Path | str, clock: Clock) -> "DjangoBankStore":
    """Open the banks' store, made when absent and migrated when behind.

    Args:
        target: the data folder (the store is the SQLite file `store.sqlite3` in it), or, for a server, a text like
            `postgresql://user:password@host/name`.
        clock: tells which entries have expired.

    Raises:
        StorageError: it cannot be made, opened, read or written, or a newer version of Safelight made it.
    """
    place = open_place(target)

    from safelight.adapter.store.bank_store import DjangoBankStore  # noqa: PLC0415 (models need a configured Django)

    return DjangoBankStore(place, clock)


def open_families(target: Path | str) -> "DjangoFamilyStore":
    """Open the families, which are kept in the banks' store; see `open_store`. Raises StorageError."""
    place = open_place(target)

    from safelight.adapter.store.family_store import DjangoFamilyStore  # noqa: PLC0415 (as above)

    return DjangoFamilyStore(place)


def database(target: Path | str) -> dict[str, Any]:
    """The `DATABASES` value of a data folder or of a server; see `open_store`."""
    if isinstance(target, str):
        return django_settings.postgresql(target)
    return django_settings.sqlite(target / FILE)


def open_place(target: Path | str, app: str = "store") -> str:
    """Make Django know the database, with the tables of one of our apps; return the name of its connection.

    Raises StorageError.
    """
    _configure()
    wanted = database(target)
    shown = f"postgresql://{wanted['HOST']}/{wanted['NAME']}" if isinstance(target, str) else str(wanted["NAME"])
    own = connections.settings[DEFAULT_DB_ALIAS]
    if all(own.get(name) == wanted.get(name, "") for name in ("ENGINE", "NAME", "HOST", "PORT")):
        place = DEFAULT_DB_ALIAS  # the service's own: what is done there is in one transaction with all else
    else:
        # A connection is known by its place, so one process may have several stores open.
        place = shown
        if place not in connections.settings:
            connections.settings[place] = connections.configure_settings({DEFAULT_DB_ALIAS: {}, place: wanted})[place]
    with storage_errors(shown), _alone(target) if isinstance(target, Path) else nullcontext():
        _migrate_if_behind(connections[place], shown, app)
    return place


def is_there(place: str, app: str) -> bool:
    """Whether the database of a connection that `open_place` made has tables of this app. Raises StorageError."""
    with storage_errors(place):
        return bool(_applied(connections[place], app))


def _configure() -> None:
    """Configure Django, unless a web application did it before with this app among its own."""
    if not settings.configured:
        settings.configure(**{name: value for name, value in vars(django_settings).items() if name.isupper()})
        # What is left of `django.setup()` without logging and URLs, whose import takes longer than opening the store.
        apps.populate(settings.INSTALLED_APPS)


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    """Make the folder; only one process at a time makes or migrates the file in it."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (home / "store.lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _migrate_if_behind(connection: BaseDatabaseWrapper, place: str, app: str) -> None:
    """One short query when there is nothing to do: loading all migrations takes longer than opening the store."""
    migrations = import_module(f"{apps.get_app_config(app).name}.migrations")
    ours = {module.name for module in iter_modules(migrations.__path__)}
    applied = _applied(connection, app)
    if applied == ours:
        return
    if newer := sorted(applied - ours):
        raise StorageError(path=place, cause=f"was made by a newer version of Safelight (its schema has {newer[-1]})")
    from django.db.migrations.executor import MigrationExecutor  # noqa: PLC0415 (slow to load, rarely needed)

    # All of it or nothing: SQLite wants its foreign keys off before the transaction begins.
    with connection.constraint_checks_disabled(), transaction.atomic(using=connection.alias):
        if connection.vendor == "postgresql":  # for a file, `_alone` does this
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_MIGRATING])
        executor = MigrationExecutor(connection)
        executor.migrate(executor.loader.graph.leaf_nodes(app))


def _applied(connection: BaseDatabaseWrapper, app: str) -> set[str]:
    with connection.cursor() as cursor:
        ask = "SELECT name FROM django_migrations WHERE app = %s"
        try:
            cursor.execute(ask, [app])
        except DatabaseError:
            if "django_migrations" not in connection.introspection.table_names(cursor):
                return set()
            cursor.execute(ask, [app])  # another process has just made it; or what was wrong is told again
        return {name for (name,) in cursor.fetchall()}
