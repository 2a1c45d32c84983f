"""Threads that keep their connections, and make new ones when these break."""

import threading
from collections.abc import Iterator

import pytest
from django.db import connection, connections

from safelight.adapter.store.threads import DatabaseThreads


@pytest.fixture
def threads() -> Iterator[DatabaseThreads]:
    with DatabaseThreads(1) as made:
        yield made
        made.submit(connections.close_all).result()


def _ask() -> tuple[int, object]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        assert cursor.fetchone() == (1,)
    return threading.get_ident(), connection.connection


def test_a_connection_is_kept_until_something_fails_on_it(threads: DatabaseThreads) -> None:
    first = threads.submit(_ask).result()
    assert first[0] != threading.get_ident()
    assert threads.submit(_ask).result() == first
    threads.submit(setattr, connection, "errors_occurred", True).result()
    again = threads.submit(_ask).result()
    assert again[0] == first[0]
    assert again[1] is not first[1]
    assert threads.submit(_ask).result() == again
