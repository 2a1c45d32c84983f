"""The kinds of jobs. The module `jobs` of every app is imported at start, and registers its own here."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

Work = Callable[[str], None]
FIRST, LONGEST = timedelta(seconds=2), timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of job; see `job`."""

    name: str
    work: Work
    attempts: int
    delays: tuple[timedelta, ...]
    limit: timedelta
    dead: Work | None
    every: timedelta | None

    def delay(self, attempts: int) -> timedelta:
        """How long to wait after so many attempts, from 1: by a tenth more or less, so that jobs do not march in step.

        Raises IndexError when these were all.
        """
        return self.delays[attempts - 1] * random.uniform(0.9, 1.1)  # noqa: S311 (spreads load, guards nothing)


KINDS: dict[str, Kind] = {}
LONGEST_ASKED = timedelta(days=1)
"""The longest wait that a job which fails may ask for."""


def longest_wait() -> timedelta:
    """No job of any kind waits for longer before it is tried again."""
    waits = (1.1 * wait for kind in KINDS.values() for wait in kind.delays)  # a tenth more: see `Kind.delay`
    return max((LONGEST_ASKED, *waits))


def job(
    name: str,
    attempts: int = 8,
    *,
    delays: Sequence[timedelta] | None = None,
    limit: timedelta = timedelta(minutes=15),
    dead: Work | None = None,
    every: timedelta | None = None,
) -> Callable[[Work], Work]:
    """Register a function as the work of a kind of job.

    It takes the id that it was enqueued with, and must be idempotent: it runs at least once, and runs again after an
    error, and after its worker died, in the middle of it too.

    Args:
        name: `<area>.<verb>`; never given another meaning, for it is kept.
        attempts: how often it is tried, from 1; then it is a dead letter.
        delays: waits between attempts, in place of 2 s, 8 s, 32 s ... up to an hour; `attempts` follows from them.
        limit: time after which a run is taken for hung, and its worker ends itself.
        dead: told the id when all attempts have failed, in the transaction that makes it a dead letter.
        every: makes it periodic: it is enqueued so often, with an empty id, by one worker at a time.
    """
    waits = tuple(delays) if delays is not None else tuple(min(FIRST * 4**n, LONGEST) for n in range(attempts - 1))

    def register(work: Work) -> Work:
        if (known := KINDS.get(name)) and known.work.__qualname__ != work.__qualname__:
            raise ValueError(f"two functions are registered as job {name!r}")
        KINDS[name] = Kind(name, work, len(waits) + 1, waits, limit, dead, every)
        return work

    return register
