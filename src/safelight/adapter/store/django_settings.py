"""Django settings of the embedded store: the ORM alone, without web, accounts or logging set-up.

`open_store` configures Django with these values and adds the database it is asked for. The module is also a settings
module of its own, so that `django-admin makemigrations --settings safelight.adapter.store.django_settings` works.
"""

from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

INSTALLED_APPS = [
    "safelight.adapter.store",
    "safelight.adapter.casework",
    "safelight.adapter.evidence",
    "safelight.adapter.closing",
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "UTC"
LOGGING_CONFIG = None

_PRAGMAS = (
    "journal_mode = WAL",  # readers go on while one process writes
    "synchronous = FULL",  # a commit that returned survives a power cut
    "cache_size = -131072",  # at most 128 MiB: the random-order indexes of a large import stay in memory
    "wal_autocheckpoint = 16000",  # pages, 64 MiB: one that many batches changed is written back once
    "secure_delete = FAST",  # what goes from a page is overwritten there; for pages that go, see `erasing`
    "journal_size_limit = 67108864",  # the log shrinks again after a large transaction
)


def sqlite(file: Path) -> dict[str, Any]:
    """A `DATABASES` value for the SQLite file `file`."""
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(file),
        "OPTIONS": {
            "timeout": 60.0,  # seconds that writers wait for each other
            # A transaction here always writes: taking the lock at its start means it never fails half-way as busy.
            "transaction_mode": "IMMEDIATE",
            "init_command": "; ".join(f"PRAGMA {pragma}" for pragma in _PRAGMAS),
        },
    }


def postgresql(url: str) -> dict[str, Any]:
    """A `DATABASES` value for `postgresql://user:password@host:port/name` (psycopg must be installed).

    A host that is a folder (`%2Frun%2Fpostgresql`, percent-encoded) means its Unix socket.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    if host.startswith("%2f"):  # a folder, and `hostname` is always in lower case
        host = parts.netloc.rpartition("@")[2][: len(host)]
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.removeprefix("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(host),
        "PORT": str(parts.port or ""),
    }
