"""Erasing for good: SQLite keeps what a row was, in free pages of its file and in its log, until told otherwise."""

from contextlib import suppress
from typing import Final

from django.db import OperationalError, connections

_PATIENCE: Final = 500  # milliseconds to wait for readers of SQLite's log


def overwriting(place: str) -> None:
    """From now on, SQLite overwrites with zeros what it no longer needs: a wrapped key, or words, that go are gone.

    `place`: the name of one of Django's connections. Other databases are left to their operators.
    """
    connection = connections[place]
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA secure_delete = ON")


def forget_old_pages(place: str) -> None:
    """Empty SQLite's log of pages as they were; while somebody reads or writes, that has to wait for next time."""
    connection = connections[place]
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            (patience,) = cursor.execute("PRAGMA busy_timeout").fetchone()
            cursor.execute(f"PRAGMA busy_timeout = {_PATIENCE}")  # others cannot write meanwhile
            with suppress(OperationalError):  # this connection itself is at work
                cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            cursor.execute(f"PRAGMA busy_timeout = {patience}")
