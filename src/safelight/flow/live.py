"""The banks of a service that goes on while they change, through this process or another.

`LiveMatcher` looks at most once in `EVERY` seconds whether the store has something new. New entries are taken into the
index that is open; where banks came, went or were changed, or their pictures' local features, a new matcher is opened,
and the old one is closed when the last who uses it is done.
"""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, replace

from safelight.flow.banks import sync_index
from safelight.flow.matching import Matcher
from safelight.match.queries import Query
from safelight.model.bank import Bank
from safelight.model.errors import UnknownBankError
from safelight.model.fingerprint import Digests
from safelight.model.match import Match
from safelight.ports import BankStore, IndexRoom

EVERY = 1.0
"""Seconds for which what was seen of the store is trusted."""
PATIENCE = 10
"""Times as long as opening took until it is done again: a bank that is being filled changes all the time."""

OpenMatcher = Callable[[Sequence[str]], AbstractContextManager[Matcher]]
"""A matcher over the banks of these names. Raises UnknownBankError."""
Stamp = Callable[[Bank], object]
"""Something that differs when what is kept of a bank's pictures and videos has changed since."""

_TRIES = 3  # a bank may be removed between listing and opening it


@dataclass(slots=True, eq=False)
class _Opened:
    """A matcher, what it was made from, and how many use it."""

    matcher: Matcher
    banks: list[Bank]
    shape: object
    changes: dict[int, int]
    close: Callable[[], None]
    users: int = 0
    outdated: bool = False


class LiveMatcher:
    """Matches against all banks that are enabled, as they are now; for any number of threads."""

    def __init__(
        self,
        store: BankStore,
        room: IndexRoom,
        open_matcher: OpenMatcher,
        stamp: Stamp = lambda _bank: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._room = room
        self._open_matcher = open_matcher
        self._stamp = stamp
        self._clock = clock
        self._mutex = threading.Lock()  # over what follows; never held while the store is asked
        self._held: _Opened | None = None
        self._due = 0.0
        self._closed = False
        self._renewing = threading.Lock()  # held by the one thread that asks the store

    def open(self) -> None:
        """Open the banks now, so that the first who asks need not wait. Raises StorageError, IndexCorruptError."""
        with self._in_use():
            pass

    @contextmanager
    def using(self) -> Iterator[Matcher]:
        """A matcher of one's own, for the examinations of one file; it stays as it is to the end.

        Raises StorageError, IndexCorruptError, VaultKeyError.
        """
        with (
            self._in_use() as opened,
            Matcher(opened.matcher.lookup, opened.matcher.tracer, clips=opened.matcher.clips) as matcher,
        ):
            yield matcher

    def lookup(self, queries: Sequence[Sequence[Query]], digests: Sequence[Digests | None]) -> list[tuple[Match, ...]]:
        """The matches of each item, given its PDQ queries and, where known, its digests: see `Lookup.search`.

        Raises StorageError, IndexCorruptError.
        """
        with self._in_use() as opened:
            return opened.matcher.lookup.search(queries, digests)

    def banks(self) -> tuple[Bank, ...]:
        """The banks that are compared with, as they were when they were opened."""
        with self._in_use() as opened:
            return opened.matcher.lookup.banks

    def close(self) -> None:
        """Let go of everything, at the latest when those who are using it are done."""
        with self._mutex:
            self._closed = True
            old = self._replaced(None)
        if old is not None:
            old.close()

    @contextmanager
    def _in_use(self) -> Iterator[_Opened]:
        self._keep_up()
        with self._mutex:
            opened = self._held
            if self._closed or opened is None:
                raise ValueError("these banks were closed")
            opened.users += 1
        try:
            yield opened
        finally:
            with self._mutex:
                opened.users -= 1
                unused = opened.outdated and not opened.users
            if unused:
                opened.close()

    def _keep_up(self) -> None:
        """Ask the store, when it is time and no other thread does; who comes first has to wait for the first answer."""
        first = self._held is None
        if (first or self._clock() >= self._due) and self._renewing.acquire(blocking=first):
            try:
                if not self._closed and (self._held is None or self._clock() >= self._due):
                    self._renew()
            finally:
                self._renewing.release()

    def _renew(self) -> None:
        began = self._clock()
        for tries_left in reversed(range(_TRIES)):
            banks = [bank for bank in self._store.banks() if bank.enabled]
            # Before anything is read: what comes meanwhile is then seen the next time.
            changes = {bank.id: self._store.last_change(bank) for bank in banks}
            shape = [(replace(bank, entries=0), self._stamp(bank)) for bank in banks]
            held = self._held
            if held is not None and held.shape == shape:
                for bank in banks:
                    if held.changes[bank.id] != changes[bank.id]:
                        sync_index(self._store, self._room, bank)
                held.changes = changes
                break
            try:
                self._change_to(self._open(banks, shape, changes))
                break
            except UnknownBankError:
                if not tries_left:
                    raise
        now = self._clock()
        self._due = now + max(EVERY, PATIENCE * (now - began))

    def _open(self, banks: list[Bank], shape: object, changes: dict[int, int]) -> _Opened:
        with ExitStack() as stack:
            matcher = stack.enter_context(self._open_matcher([bank.name for bank in banks]))
            matcher.lookup.open()
            return _Opened(matcher, banks, shape, changes, stack.pop_all().close)

    def _change_to(self, opened: _Opened) -> None:
        with self._mutex:
            old = opened if self._closed else self._replaced(opened)
        if old is not None:
            old.close()

    def _replaced(self, new: _Opened | None) -> _Opened | None:
        """Put another in the place of the one that is held; returns that one if it is to be closed at once."""
        old, self._held = self._held, new
        if old is None:
            return None
        old.outdated = True
        return None if old.users else old
