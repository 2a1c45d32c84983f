"""Many queries asked in several processes, and progress told."""

import multiprocessing
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

Query = TypeVar("Query")
Outcome = TypeVar("Outcome")


def ask_all(
    ask: Callable[[Query], Outcome],
    plan: Sequence[Sequence[Query]],
    processes: int,
    say: Callable[[str], None],
    step: int,
) -> list[Outcome]:
    """Ask all queries; outcomes come in the order of the plan, whatever the number of processes.

    Each list of the plan goes to one process. CPU times of several processes at once are a little longer than alone.
    `step`: queries after which progress is told, at least.
    """
    total = sum(map(len, plan))
    outcomes: list[Outcome] = []
    began = time.monotonic()
    told = 0
    for found in _answers(ask, plan, processes):
        outcomes += found
        if len(outcomes) - told >= max(step, total // 10) or len(outcomes) == total:
            told = len(outcomes)
            say(f"{told:,} of {total:,} queries, {time.monotonic() - began:.0f} s")
    return outcomes


def _answers(
    ask: Callable[[Query], Outcome], plan: Sequence[Sequence[Query]], processes: int
) -> Iterator[list[Outcome]]:
    if processes == 1:
        for queries in plan:
            yield [ask(query) for query in queries]
        return
    _FORKED.append(ask)
    try:
        with warnings.catch_warnings():
            # Newer Pythons warn of forking beside threads. OpenCV's are gone: the run is set to one thread.
            warnings.simplefilter("ignore", DeprecationWarning)
            pool = multiprocessing.get_context("fork").Pool(processes)
        with pool:
            yield from pool.imap(_ask_forked, plan)
    finally:
        _FORKED.clear()


_FORKED: list[Callable[[Any], Any]] = []
"""What forked processes find in their memory: banks and indexes are not sent to them."""


def _ask_forked(queries: Sequence[Any]) -> list[Any]:
    return [_FORKED[0](query) for query in queries]
