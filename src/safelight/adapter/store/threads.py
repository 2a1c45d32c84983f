"""Threads that outlive requests, each with connections to the database that it keeps."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from django.db import connections

_P = ParamSpec("_P")
_T = TypeVar("_T")


class DatabaseThreads(ThreadPoolExecutor):
    """A pool of threads whose connections stay open from one piece of work to the next, and are renewed when broken."""

    def submit(self, fn: Callable[_P, _T], /, *args: _P.args, **kwargs: _P.kwargs) -> "Future[_T]":
        """See `Executor.submit`."""
        return super().submit(_fresh, fn, *args, **kwargs)


def drop_broken() -> None:
    """Close this thread's connections on which something failed: the next query opens others."""
    for connection in connections.all(initialized_only=True):
        if connection.errors_occurred and not connection.in_atomic_block:
            connection.close()


def _fresh(work: Callable[_P, _T], /, *args: _P.args, **kwargs: _P.kwargs) -> _T:
    drop_broken()
    return work(*args, **kwargs)
