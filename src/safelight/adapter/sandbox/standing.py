"""`ports.StandingExaminer`: the confined workers of a scan, kept up for a service that hands in files one by one.

One thread runs the `Pool` that scans use, and is the only one to touch it. Others put files into a bounded queue and
ring a bell (an eventfd) that the pool listens to. When the process that made the examiner dies, however it dies, the
zygote's connection breaks and it ends its workers.
"""

import os
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any, BinaryIO, TypeVar

from safelight.adapter.sandbox.arrays import bytes_of_arrays
from safelight.adapter.sandbox.examiner import RECYCLE, Abilities
from safelight.adapter.sandbox.files import OpenFile
from safelight.adapter.sandbox.pool import Pool
from safelight.model.errors import BusyError, SafelightError, SandboxError
from safelight.model.fingerprint import Digests
from safelight.model.local import Want
from safelight.model.media import Limits
from safelight.model.scan import Examination, Status
from safelight.ports import Examined, ExamineJob, Known, Wanted

WAITING = 64
"""Files that may wait for a worker; one more is refused."""
HELD = 64 << 20
"""Bytes of local features, clips and pixels that all results of one file may hold: an archive may have thousands."""
RETRY_SECONDS = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
"""Pauses before the workers are started again after they could not be, the last one for ever."""

_BUSY_SECONDS = 1
_QUEUE = 1  # a file that waits behind another at a worker would wait for all of it, while other workers idle
_NO_ARRAYS: dict[str, Any] = {"local": None, "pixels": None, "maps": None, "clip": None, "key_frames": ()}

_About = TypeVar("_About", Digests, Examination)


@dataclass(slots=True)
class _Handed:
    """A file that was handed in. `fd` is ours until the pool has it, -1 from then on."""

    job: ExamineJob
    fd: int
    known: Known | None
    wanted: Wanted | None
    future: "Future[list[Examination]]" = field(default_factory=Future)
    results: list[Examination] = field(default_factory=list)
    held: int = 0

    def close(self) -> None:
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1

    def fail(self, error: Exception) -> None:
        self.close()
        with suppress(InvalidStateError):  # it was cancelled
            self.future.set_exception(error)


class StandingSandbox:
    """Examines untrusted files in confined workers that stay up; see docs/confinement.md and docs/gate.md.

    A future that is cancelled frees its worker, or its place in the queue.
    """

    def __init__(
        self,
        command: Sequence[str],
        limits: Limits,
        processes: int,
        abilities: Abilities = Abilities(),  # noqa: B008 - frozen
        *,
        waiting: int = WAITING,
        recycle: int = RECYCLE,
        retry: Sequence[float] = RETRY_SECONDS,
    ) -> None:
        """The workers begin to warm up.

        Args:
            command: program and arguments of a worker module, see `SandboxExaminer`.
            limits: bounds for each file.
            processes: workers at a time.
            abilities: what jobs may ask for.
            waiting: files that may wait for one.
            recycle: files after which a worker is replaced.
            retry: see RETRY_SECONDS.
        """
        self._command = (*command, *abilities.flags)
        self._abilities = abilities
        self._limits = limits
        self._processes = processes
        self._capacity = waiting
        self._recycle = recycle
        self._retry = retry
        self._mutex = threading.Lock()  # over what follows, but for `_at_work`, which only the thread touches
        self._waiting: deque[_Handed] = deque()
        self._cancelled: deque[int] = deque()
        self._next = 0
        self._closed = False
        self._broken: SandboxError | None = None
        self._at_work: dict[int, _Handed] = {}
        self._done = 0
        self._confinement: dict[str, str] = {}
        self._bell = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        self._thread = threading.Thread(target=self._run, name="examiner", daemon=True)
        self._thread.start()

    @property
    def confinement(self) -> dict[str, str]:
        """What holds the workers, as the last one to start has said; empty before the first."""
        return self._confinement

    @property
    def waiting(self) -> int:
        """Files that wait for a worker now."""
        return len(self._waiting)

    def examine(
        self, file: BinaryIO, job: ExamineJob, known: Known | None = None, wanted: Wanted | None = None
    ) -> "Future[list[Examination]]":
        """See `ports.StandingExaminer.examine`. `job.key` and `job.path` are not looked at.

        `file` must be a file of the system, in anonymous memory say; it is opened once more for the worker, to be read
        only, so the caller may close or move in it at any time. `known` and `wanted` get the number of the file here.

        Raises:
            BusyError: too many wait.
            SandboxError: the examiner was closed, or cannot start its workers at the moment.
            ValueError: the job asks for more than the examiner was made for.
        """
        self._abilities.checked(job)
        with self._mutex:
            if self._closed:
                raise _closed()
            if self._broken is not None:
                raise SandboxError(cause=self._broken.details["cause"])
            if len(self._waiting) >= self._capacity:
                raise BusyError(seconds=_BUSY_SECONDS)
            self._next += 1
            # By this name the kernel gives a new description of the very file that is open: no path is looked up.
            fd = os.open(f"/proc/self/fd/{file.fileno()}", os.O_RDONLY | os.O_CLOEXEC)
            handed = _Handed(replace(job, key=self._next, path=""), fd, known, wanted)
            self._waiting.append(handed)
            self._ring()
        handed.future.add_done_callback(lambda future: self._hear_of_end(handed, future))
        return handed.future

    def close(self) -> None:
        """End all processes; what waits fails with SandboxError."""
        with self._mutex:
            if self._closed:
                return
            self._closed = True
            self._ring()
        self._thread.join()
        os.close(self._bell)  # nobody rings once it is closed

    def _hear_of_end(self, handed: _Handed, future: "Future[list[Examination]]") -> None:
        if future.cancelled():
            with self._mutex:
                if self._closed:
                    return
                self._cancelled.append(handed.job.key)
                self._ring()

    def _ring(self) -> None:
        os.eventfd_write(self._bell, 1)

    # ---- the thread

    def _run(self) -> None:
        failures = 0
        while not self._closed:
            done = self._done
            try:
                self._serve()
            except Exception as error:  # noqa: BLE001 - whatever it is, the service must not be left without workers
                if not isinstance(error, SandboxError):
                    error = SandboxError(cause=f"the examiner failed ({type(error).__name__})")
                failures = 1 if self._done > done else failures + 1
                self._break(error, self._retry[min(failures, len(self._retry)) - 1])
        self._fail_all(_closed())

    def _break(self, error: SandboxError, pause: float) -> None:
        """Fail what waits, and for a while what comes."""
        with self._mutex:
            self._broken = error
        self._fail_all(error)
        until = time.monotonic() + pause
        while not self._closed and (left := until - time.monotonic()) > 0:
            time.sleep(min(left, 0.05))
        with self._mutex:
            self._broken = None

    def _serve(self) -> None:
        """Run a pool until the examiner is closed. Raises SandboxError when it cannot go on."""
        pool = Pool(
            self._command,
            self._limits,
            self._processes,
            self._recycle,
            self._is_known,
            self._is_wanted,
            self._greet,
            open_file=self._open,
            queue=_QUEUE,
        )
        try:
            pool.listen(self._bell)
            while not self._closed:
                pool.start()  # again, when the zygote has died
                self._drop_cancelled(pool)
                pool.fill(iter(self._take, None))
                if pool.output:
                    while pool.output:
                        self._give(pool.output.popleft())
                else:
                    pool.wait()
                    with suppress(BlockingIOError):
                        os.eventfd_read(self._bell)
        finally:
            pool.close()

    def _take(self) -> ExamineJob | None:
        """The next file, None while there is none."""
        with self._mutex:
            while self._waiting:
                handed = self._waiting.popleft()
                if not handed.future.cancelled():
                    self._at_work[handed.job.key] = handed
                    return handed.job
                handed.close()
        return None

    def _open(self, job: ExamineJob) -> OpenFile:
        """The file of a job, which is the pool's from now on."""
        handed = self._at_work[job.key]
        facts = os.fstat(handed.fd)
        fd, handed.fd = handed.fd, -1
        return OpenFile(fd, min(facts.st_size, facts.st_blocks * 512))

    def _drop_cancelled(self, pool: Pool) -> None:
        while self._cancelled:
            key = self._cancelled.popleft()
            if self._at_work.pop(key, None) is not None:
                pool.abandon(key)
            else:
                with self._mutex:
                    for handed in [handed for handed in self._waiting if handed.job.key == key]:
                        self._waiting.remove(handed)
                        handed.close()

    def _give(self, item: Examined) -> None:
        handed = self._at_work.get(item.key)
        if handed is None:
            return  # nobody waits for it any more
        handed.results.append(_within(item.examination, handed))
        if item.last:
            del self._at_work[item.key]
            self._done += 1
            with suppress(InvalidStateError):
                handed.future.set_result(handed.results)

    def _is_known(self, key: int, digests: Digests) -> bool:
        handed = self._at_work.get(key)
        return handed is not None and handed.known is not None and bool(self._asked(handed, handed.known, digests))

    def _is_wanted(self, key: int, found: Examination) -> bool | Want:
        handed = self._at_work.get(key)
        if handed is None:
            return False
        return True if handed.wanted is None else self._asked(handed, handed.wanted, found)

    def _asked(self, handed: _Handed, question: Callable[[int, _About], bool | Want], about: _About) -> bool | Want:
        """The caller's answer. If it fails, that costs this file and no other."""
        try:
            return question(handed.job.key, about)
        except Exception as error:  # noqa: BLE001 - it is the caller's, who gets it
            handed.fail(error)
            return False

    def _greet(self, confinement: dict[str, str]) -> None:
        self._confinement = confinement

    def _fail_all(self, error: SafelightError) -> None:
        with self._mutex:
            handed = [*self._at_work.values(), *self._waiting]
            self._at_work.clear()
            self._waiting.clear()
        for one in handed:
            one.fail(error)


def _within(found: Examination, handed: _Handed) -> Examination:
    """The result; without its arrays where those before have taken all the room that a file has."""
    size = bytes_of_arrays((found.local, found.clip, found.key_frames, found.pixels, found.maps))
    if handed.held + size <= HELD:
        handed.held += size
        return found
    status = Status.DEGRADED if found.status is Status.OK else found.status
    return replace(found, status=status, error=found.error or "too much in one file to be traced", **_NO_ARRAYS)


def _closed() -> SandboxError:
    return SandboxError(cause="it was closed")
