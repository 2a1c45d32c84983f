"""One open file, examined in a confined worker, matched with the banks as they are now, and judged.

This is what the gate and the intake have in common: a `Look` hands its file in, and makes of the examinations what a
scan would say. Its two steps read the store, so they are for threads; between them nothing has to wait in one.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError, Future
from contextlib import ExitStack, contextmanager
from threading import Lock
from typing import BinaryIO, Self

from safelight.flow.live import LiveMatcher
from safelight.flow.matching import Matcher
from safelight.flow.scan import BATCH, judge, untraced
from safelight.model.local import Want
from safelight.model.scan import Examination, ScanRow
from safelight.model.signal import SignalRequest
from safelight.ports import ExamineJob, StandingExaminer

Fresh = Callable[[], None]
"""Called in a thread before it reads the store: connections that broke are to be made anew."""

_KEY = 0  # a matcher of its own knows one file only


class Look:
    """A file on its way: `begin`, then `rows`; a context manager. `close` gives it up, at any time, from any thread.

    What a thread is at when it is given up goes on to its end, and is let go of then.
    """

    def __init__(
        self,
        examiner: StandingExaminer,
        banks: LiveMatcher,
        fresh: Fresh,
        file: BinaryIO,
        name: str,
        signals: SignalRequest | None = None,
    ) -> None:
        self._examiner = examiner
        self._banks = banks
        self._fresh = fresh
        self._file = file
        self._name = name
        self._signals = signals
        self._mutex = Lock()
        self._busy = self._given_up = False
        self._stack = ExitStack()
        self._matcher: Matcher | None = None
        self._found: Future[list[Examination]] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def begin(self) -> "Future[list[Examination]]":
        """Hand the file in; it may be closed once this returns.

        Raises:
            BusyError: too many files wait.
            SandboxError: the confined workers cannot be started.
            StorageError, IndexCorruptError, VaultKeyError: the banks cannot be read.
            CancelledError: it was given up.
        """
        with self._at_work():
            self._fresh()
            self._matcher = matcher = self._stack.enter_context(self._banks.using())
            facts = os.fstat(self._file.fileno())
            matcher.expect(_KEY, min(facts.st_size, facts.st_blocks * 512))
            job = ExamineJob(
                _KEY, "", self._name, local=matcher.request, signals=self._signals, clip=matcher.clip_request
            )
            self._found = self._examiner.examine(self._file, job, wanted=self._wanted)
            self._stack.callback(self._found.cancel)
            return self._found

    def rows(self) -> tuple[ScanRow, ...]:
        """The rows of the members, then that of the file; waits for the examinations.

        Raises what these or the look-up raise.
        """
        with self._at_work():
            assert self._found is not None
            assert self._matcher is not None
            found = self._found.result()
            self._fresh()
            batches = (found[first : first + BATCH] for first in range(0, len(found), BATCH))
            return tuple(row for batch in batches for row in _rows(self._matcher, batch))

    def close(self) -> None:
        """Give it up, or let go of it when it is done."""
        with self._mutex:
            self._given_up = True
            if self._busy:
                return
        self._stack.close()

    @contextmanager
    def _at_work(self) -> Iterator[None]:
        with self._mutex:
            if self._given_up:
                raise CancelledError
            self._busy = True
        try:
            yield
        finally:
            if self._leave():
                self._stack.close()

    def _leave(self) -> bool:
        """The work is done; was it given up meanwhile?"""
        with self._mutex:
            self._busy = False
            return self._given_up

    def _wanted(self, _key: int, found: Examination) -> Want:
        self._fresh()
        return self._matcher.wanted(_KEY, found) if self._matcher else Want.NOTHING


class Looker:
    """Looks at files, any number at the same time. `signals`: what else to read of them, which no decision sees."""

    def __init__(
        self,
        examiner: StandingExaminer,
        banks: LiveMatcher,
        fresh: Fresh = lambda: None,
        signals: SignalRequest | None = None,
    ) -> None:
        self._examiner = examiner
        self._banks = banks
        self._fresh = fresh
        self._signals = signals

    def __call__(self, file: BinaryIO, name: str) -> tuple[ScanRow, ...]:
        """The rows of an open file, its members' first, in one go; see `Look`."""
        with self.look(file, name) as look:
            look.begin()
            return look.rows()

    def look(self, file: BinaryIO, name: str) -> Look:
        """A look that has not begun.

        Args:
            file: a file of the system, in anonymous memory say.
            name: what rows call it.
        """
        return Look(self._examiner, self._banks, self._fresh, file, name, self._signals)


def _rows(matcher: Matcher, batch: Sequence[Examination]) -> Iterator[ScanRow]:
    started = [matcher.start(_KEY, examination) for examination in batch]
    matches = matcher.matches([(_KEY, examination) for examination in started])
    for examination, matched in zip(started, matches, strict=True):
        cause = matcher.untraced.pop((_KEY, examination.path), None)
        yield judge(examination if cause is None else untraced(examination, cause), matched)
