"""Keeps confined workers busy and turns whatever happens to them into results.

One loop in the caller's thread, no threads: `fill` hands out files, `wait` hears what workers and zygote say and looks
at the clock, `output` holds the results. A worker that crashes, lies, hangs or needs too much ends, and what it was at
is reported; its other files go to the next worker.
"""

import os
import selectors
import signal
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence

from safelight.adapter.sandbox.files import NotOpenedError, OpenFile, open_regular
from safelight.adapter.sandbox.handles import WorkerHandle, ZygoteHandle
from safelight.adapter.sandbox.protocol import (
    Answer,
    Ask,
    Begin,
    Done,
    Exited,
    Failed,
    Hello,
    Message,
    ProtocolError,
    Wants,
)
from safelight.adapter.sandbox.task import Task
from safelight.model.errors import SandboxError
from safelight.model.local import Want
from safelight.model.media import Limits
from safelight.model.scan import Examination
from safelight.ports import Examined, ExamineJob, Known, Wanted

QUEUE = 2
"""Files a worker has at a time: one at work and one waiting, so that it never idles while results are looked at."""
OUTPUT = 64
"""Results to gather before they are handed out."""

_START_SECONDS = 300.0  # of a zygote: the first start after an installation compiles the kernels
_GREET_SECONDS = 60.0
_DEATH_SECONDS = 10.0
_KILLED_RETRIES = 3  # of a file whose worker was killed from outside
_MAX_FALSE_STARTS = 3  # of workers in a row
_MAX_ZYGOTE_DEATHS = 3
_GIVEN_UP = "given up"
_STEADY = 100  # files done between two deaths of zygotes, that make them unrelated


class Pool:
    """The workers of one run, and the files that are with them."""

    def __init__(
        self,
        command: Sequence[str],
        limits: Limits,
        processes: int,
        recycle: int,
        known: Known,
        wanted: Wanted,
        greet: Callable[[dict[str, str]], None],
        *,
        open_file: Callable[[ExamineJob], OpenFile] = lambda job: open_regular(job.path),
        queue: int = QUEUE,
    ) -> None:
        self.output: deque[Examined] = deque()
        self.spent = {"hashes": 0.0, "keypoints": 0.0}
        self._command = command
        self._limits = limits
        self._processes = processes
        self._recycle = recycle
        self._known = known
        self._wanted = wanted
        self._greet = greet
        self._open_file = open_file
        self._queue = queue
        self._selector = selectors.DefaultSelector()
        self._zygote: ZygoteHandle | None = None
        self._start_deadline = 0.0
        self._workers: dict[int, WorkerHandle] = {}
        self._forks = 0
        self._backlog: deque[Task] = deque()
        self._exhausted = False
        self._finished = 0
        self._false_starts = 0
        self._zygote_deaths = 0
        self._finished_at_death = 0

    @property
    def is_done(self) -> bool:
        """Every file has its last result."""
        return self._exhausted and not self._backlog and not any(w.tasks for w in self._workers.values())

    def start(self) -> None:
        """Begin to warm up, so that it goes on while the caller gets ready; nothing happens where that has begun."""
        if self._zygote is None:
            self._start_zygote()

    def listen(self, bell: int) -> None:
        """`wait` returns also when this file descriptor can be read, which is left to the caller."""
        self._selector.register(bell, selectors.EVENT_READ, None)

    def abandon(self, key: int) -> None:
        """Nobody waits for file `key` any more: it has no more results, and a worker that is at it ends.

        One that lies behind another at a worker is examined all the same.
        """
        for task in [task for task in self._backlog if task.job.key == key]:
            self._backlog.remove(task)
            self._close(task, ())
        for worker in self._workers.values():
            if worker.tasks and worker.tasks[0].job.key == key:
                self._close(worker.tasks.popleft(), ())
                self._doom(worker, _GIVEN_UP)

    def fill(self, jobs: Iterator[ExamineJob]) -> None:
        """Hand out files as long as a worker has room; those that cannot be opened become results at once."""
        while len(self.output) < OUTPUT and self._has_room():
            task = self._next_task(jobs)
            if task is None:
                return
            if self._zygote is None:
                self._backlog.appendleft(task)
                self._start_zygote()
                return
            worker = self._choose(task) or self._fork(self._zygote)
            if worker is None:
                self._backlog.appendleft(task)
                return
            worker.give(task)
            if len(worker.tasks) == 1:
                self._expect_word(worker)

    def wait(self) -> None:
        """Hear what there is to hear, at the latest when somebody's time is up."""
        deadlines = [w.deadline for w in self._workers.values() if w.deadline is not None]
        if self._zygote is not None and not self._zygote.ready:
            deadlines.append(self._start_deadline)
        timeout = max(0.0, min(deadlines) - time.monotonic()) if deadlines else None
        for key, _events in self._selector.select(timeout):
            if isinstance(key.data, WorkerHandle):
                self._hear_worker(key.data)
            elif isinstance(key.data, ZygoteHandle):
                self._hear_zygote(key.data)
        # Only now: whoever spoke in time must not suffer from the caller being slow.
        self._look_at_the_clock()

    def close(self) -> None:
        """End everything that was started and close everything that was opened."""
        for worker in self._workers.values():
            worker.socket.close()
            self._backlog.extend(worker.tasks)
        for task in self._backlog:
            task.close()
        self._workers.clear()
        self._backlog.clear()
        if self._zygote is not None:
            self._zygote.close()
        self._selector.close()

    # ---- handing out

    def _has_room(self) -> bool:
        if self._zygote is None:
            return True
        return self._zygote.ready and (self._has_seat() or any(map(self._has_place, self._workers.values())))

    def _has_seat(self) -> bool:
        """May one more worker be forked? Those that are about to end still hold their seat."""
        return len(self._workers) < self._processes

    def _has_place(self, worker: WorkerHandle) -> bool:
        return worker.doomed is None and len(worker.tasks) < self._queue and worker.given < self._recycle

    def _choose(self, task: Task) -> WorkerHandle | None:
        """The worker with the least to do; None when a new one is to be forked, which an idle one spares."""
        if self._has_seat() and task.wants_new_worker:
            return None
        places = filter(self._has_place, self._workers.values())
        worker = min(places, key=lambda w: len(w.tasks), default=None)
        return None if worker is not None and worker.tasks and self._has_seat() else worker

    def _next_task(self, jobs: Iterator[ExamineJob]) -> Task | None:
        if self._backlog:
            return self._backlog.popleft()
        while len(self.output) < OUTPUT:
            job = next(jobs, None)
            if job is None:
                self._exhausted = True
                return None
            try:
                return Task(job, self._open_file(job), self._limits)
            except NotOpenedError as error:
                result = Examination(job.name, error.status, error=error.cause)
                self.output.append(Examined(job.key, 0, result, last=True))
        return None

    def _start_zygote(self) -> None:
        self._zygote = ZygoteHandle(self._command, os.environ)
        self._start_deadline = time.monotonic() + _START_SECONDS
        self._selector.register(self._zygote.socket, selectors.EVENT_READ, self._zygote)

    def _fork(self, zygote: ZygoteHandle) -> WorkerHandle | None:
        self._forks += 1
        try:
            worker = zygote.fork(self._forks, self._limits)
        except OSError:
            return None  # the zygote has ended, which `wait` will hear
        self._workers[worker.number] = worker
        self._selector.register(worker.socket, selectors.EVENT_READ, worker)
        worker.deadline = time.monotonic() + _GREET_SECONDS
        return worker

    # ---- listening

    def _hear_zygote(self, zygote: ZygoteHandle) -> None:
        lost = False
        try:
            for message in zygote.receive():
                if isinstance(message, Exited) and message.worker in self._workers:
                    self._bury(self._workers[message.worker], message.code)
        except (EOFError, OSError, ProtocolError):
            lost = True
        if lost:  # outside of the handler: what is raised then has no other cause
            self._lose_zygote(zygote)

    def _hear_worker(self, worker: WorkerHandle) -> None:
        if worker.number not in self._workers:
            return  # buried earlier in the same round
        try:
            for message in worker.receive():
                if worker.doomed is not None or worker.number not in self._workers:
                    return
                self._take(worker, message)
        except EOFError:
            self._selector.unregister(worker.socket)
            self._doom(worker, None)
        except ProtocolError as error:
            self._doom(worker, f"the decoder broke its protocol: {error}")

    def _take(self, worker: WorkerHandle, message: Message) -> None:
        if isinstance(message, Failed):
            worker.doomed = message.cause
        elif not worker.greeted or not worker.tasks:
            if not isinstance(message, Hello) or worker.greeted:
                raise ProtocolError("a message out of turn")
            worker.greeted = True
            self._false_starts = 0
            self._greet(message.confinement)
        else:
            self._take_of_task(worker, worker.tasks[0], message)
        self._expect_word(worker)

    def _take_of_task(self, worker: WorkerHandle, task: Task, message: Message) -> None:
        seconds = time.monotonic() - worker.heard
        self.spent["keypoints" if task.takes_keypoints else "hashes"] += seconds
        task.spend(seconds)
        match message:
            case Begin():
                task.begin(message.path, signals=message.signals, more=message.more)
            case Ask():
                task.ask(message.digests)
                worker.send(Answer(self._known(task.job.key, message.digests)))
            case Wants():
                wanted = Want(self._wanted(task.job.key, task.announce(message.found)))
                task.answer(wanted)
                worker.send(Answer(wanted > Want.NOTHING, wanted is Want.DENSE))
            case Examination():
                worker.results += 1
                self.output.extend(task.take(message))
            case Done():
                self._finish(worker, task)
            case _:
                raise ProtocolError("a message out of turn")
        if task.is_overdue and not isinstance(message, Done):
            worker.timed_out = True
            self._doom(worker, f"took longer than {task.total_seconds:,} s in all")

    def _finish(self, worker: WorkerHandle, task: Task) -> None:
        worker.tasks.popleft()
        self._close(task, [task.finish()])
        if not worker.tasks and worker.given >= self._recycle:
            del self._workers[worker.number]
            self._forget(worker)
            self._kill(worker)

    def _close(self, task: Task, results: Sequence[Examined]) -> None:
        self.output.extend(results)
        task.close()
        self._finished += 1

    def _expect_word(self, worker: WorkerHandle) -> None:
        worker.heard = now = time.monotonic()
        if worker.doomed is not None:
            worker.deadline = now + _DEATH_SECONDS
        elif not worker.greeted:
            worker.deadline = now + _GREET_SECONDS
        else:
            worker.deadline = now + worker.tasks[0].wall_seconds if worker.tasks else None

    # ---- ends

    def _look_at_the_clock(self) -> None:
        now = time.monotonic()
        for worker in list(self._workers.values()):
            if worker.deadline is None or now < worker.deadline:
                continue
            if worker.doomed is not None:
                self._kill(worker)
                self._bury(worker, -signal.SIGKILL)  # stuck in the kernel, on a dead disk perhaps: go on without it
            elif worker.greeted:
                worker.timed_out = True
                self._doom(worker, f"took longer than {worker.tasks[0].wall_seconds:,} s")
            else:
                self._doom(worker, "the decoder did not start")
        if self._zygote is not None and not self._zygote.ready and now >= self._start_deadline:
            raise SandboxError(cause=f"not ready after {_START_SECONDS:.0f} s")

    def _doom(self, worker: WorkerHandle, cause: str | None) -> None:
        """End a worker. Its files are dealt with when its death is reported."""
        if worker.doomed is None:
            worker.doomed = cause or ""
            self._expect_word(worker)
        self._kill(worker)

    def _kill(self, worker: WorkerHandle) -> None:
        if self._zygote is not None:
            try:
                self._zygote.kill(worker.number)
            except OSError:
                return  # gone, and all workers with it

    def _bury(self, worker: WorkerHandle, code: int) -> None:
        """A worker has ended: hear its last words, report what it was at, give its other files to the next."""
        if worker.doomed is None:
            self._hear_worker(worker)
        del self._workers[worker.number]
        self._forget(worker)
        given_up = worker.doomed == _GIVEN_UP  # its file was taken from it, and nobody is to blame
        if not worker.greeted and not given_up:
            self._false_starts += 1
            if self._false_starts > _MAX_FALSE_STARTS:
                self._backlog.extendleft(worker.tasks)  # `close` closes their files
                raise SandboxError(cause=worker.doomed or f"a worker ended with code {code}")
        elif worker.tasks and not given_up:
            task = worker.tasks.popleft()
            cause, retries = self._why(worker, task, code)
            results, done = task.fail(cause, retries=retries)
            if done:
                self._close(task, results)
            else:
                self.output.extend(results)
                worker.tasks.appendleft(task)
        self._backlog.extendleft(reversed(worker.tasks))

    def _why(self, worker: WorkerHandle, task: Task, code: int) -> tuple[str, int]:
        """The cause to report, and how often to try again: it may lie in what the worker did before, or outside."""
        used = int(worker.results > 0)
        if worker.doomed:
            return worker.doomed, 0 if worker.timed_out else used
        if code == -signal.SIGXCPU:
            return f"took more than {task.cpu_seconds:,} s of CPU time", 0
        if code == -signal.SIGSYS:
            return "the decoder was stopped at a forbidden system call", used
        if code in {-signal.SIGKILL, -signal.SIGTERM}:
            return f"the decoder was killed from outside (signal {-code}), perhaps for want of memory", _KILLED_RETRIES
        if code < 0:
            return f"the decoder crashed (signal {-code})", used
        return f"the decoder ended early (exit code {code})", used

    def _lose_zygote(self, zygote: ZygoteHandle) -> None:
        """The zygote has ended, and all workers with it. Nobody is to blame: their files start again with a new one."""
        cause = zygote.last_words()
        was_ready = zygote.ready
        self._selector.unregister(zygote.socket)
        zygote.close()
        self._zygote = None
        if not was_ready:
            raise SandboxError(cause=cause)
        for worker in self._workers.values():
            self._forget(worker)
            for task in worker.tasks:
                if task.has_own_result:
                    self._close(task, [task.finish()])
                else:
                    self._backlog.append(task)
        self._workers.clear()
        self._zygote_deaths = 1 if self._finished - self._finished_at_death >= _STEADY else self._zygote_deaths + 1
        self._finished_at_death = self._finished
        if self._zygote_deaths > _MAX_ZYGOTE_DEATHS:
            raise SandboxError(cause=cause)

    def _forget(self, worker: WorkerHandle) -> None:
        if worker.socket in self._selector.get_map():
            self._selector.unregister(worker.socket)
        worker.socket.close()
