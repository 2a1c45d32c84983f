"""The scanning process's ends of its connections: one to the zygote, one to each worker."""

import os
import socket
import subprocess
import tempfile
from collections import deque
from collections.abc import Iterator, Mapping, Sequence

from safelight.adapter.sandbox.protocol import Exited, Fork, Inbox, Kill, Message, ProtocolError, Ready, frame
from safelight.adapter.sandbox.task import Task
from safelight.model.errors import SandboxError
from safelight.model.media import Limits

_PIECES = 64  # read in one go, so that a flood is looked at in between
_PIECE = 1 << 16
_ANSWER_SECONDS = 30.0
_END_SECONDS = 10.0
_STDERR_TAIL = 4096

_KEPT_ENVIRONMENT = (
    "HOME", "LANG", "LC_ALL", "LC_CTYPE", "LD_LIBRARY_PATH", "NUMBA_CACHE_DIR", "PYTHONDONTWRITEBYTECODE",
    "PYTHONHOME", "PYTHONPATH", "PYTHONPYCACHEPREFIX", "TMPDIR", "XDG_CACHE_HOME",
)  # fmt: skip
_SET_ENVIRONMENT = {
    "PYTHONSAFEPATH": "1",  # else a numpy.py in the working folder would be run, unconfined
    "PYTHONUTF8": "1",
    # One worker is one core's work; and a process with threads cannot be forked safely.
    "NUMBA_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    # Keep the memory of one large picture for the next, instead of having the kernel blank new pages for each: a
    # seventh of the time of a 12-megapixel JPEG (glibc; others ignore it).
    "MALLOC_MMAP_THRESHOLD_": str(256 << 20),
    "MALLOC_TRIM_THRESHOLD_": str(128 << 20),
}


class ZygoteHandle:
    """A running zygote. Its standard error goes to a file, so that nobody has to keep reading it."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        """Start it. Raises SandboxError."""
        self.ready = False
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `close`
        self.socket, theirs = socket.socketpair()
        self.socket.settimeout(_ANSWER_SECONDS)
        self._inbox = Inbox()
        kept = {name: environment[name] for name in _KEPT_ENVIRONMENT if name in environment}
        try:
            self._process = subprocess.Popen(  # noqa: S603 - the command is the caller's own worker module
                list(command),
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=self._stderr,
                cwd="/",
                env=kept | _SET_ENVIRONMENT,
                start_new_session=True,  # Ctrl-C is for the scanning process, which ends the others in order
            )
        except OSError as error:
            self.socket.close()
            self._stderr.close()
            raise SandboxError(cause=f"{command[0]}: {error.strerror}") from error
        finally:
            theirs.close()

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def fork(self, number: int, limits: Limits) -> "WorkerHandle":
        """Have a worker made. Raises OSError when the zygote is gone."""
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        try:
            socket.send_fds(self.socket, [frame(Fork(number, limits))], [theirs.fileno()])
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()
        return WorkerHandle(number, ours)

    def kill(self, number: int) -> None:
        """Have a worker ended. Raises OSError when the zygote is gone, and the worker with it."""
        self.socket.sendall(frame(Kill(number)))

    def receive(self) -> Iterator[Ready | Exited]:
        """What it says, once its socket is readable. Raises EOFError when it has ended, ProtocolError."""
        piece = self.socket.recv(_PIECE)
        if not piece:
            raise EOFError
        for message in self._inbox.feed(piece):
            if not isinstance(message, Ready | Exited):
                raise ProtocolError("the zygote said what only others say")
            self.ready = True
            yield message

    def close(self) -> None:
        """Hang up and wait until it and all workers have ended."""
        self.socket.close()
        if not self.ready:
            self._process.kill()  # it is busy importing, and has no workers yet
        self._wait()
        self._stderr.close()

    def _wait(self) -> int:
        try:
            return self._process.wait(_END_SECONDS)
        except BaseException as error:  # it hangs, or the user has no patience
            self._process.kill()
            code = self._process.wait()
            if isinstance(error, subprocess.TimeoutExpired):
                return code
            raise

    def last_words(self) -> str:
        """Why it ended, in one line: the last that it wrote to standard error."""
        code = self._wait()
        size = self._stderr.seek(0, os.SEEK_END)
        self._stderr.seek(max(0, size - _STDERR_TAIL))
        lines = self._stderr.read().decode("utf-8", "replace").split("\n")
        return next((line.strip() for line in reversed(lines) if line.strip()), f"exit code {code}")


class WorkerHandle:
    """A worker: its connection, the files it has been given and how long it may be silent.

    The first of `tasks` is the one at work.
    """

    def __init__(self, number: int, connection: socket.socket) -> None:
        self.number = number
        self.socket = connection
        self.tasks: deque[Task] = deque()
        self.given = 0
        self.results = 0
        self.greeted = False
        self.heard = 0.0
        self.deadline: float | None = None
        self.doomed: str | None = None
        self.timed_out = False
        self._inbox = Inbox()

    def give(self, task: Task) -> None:
        """Put one more file to its queue. Never raises: a worker that cannot be told is dead, or as good as."""
        self.tasks.append(task)
        self.given += 1
        try:
            # Few and small: a full socket means that the worker does not read, and it will be missed in time.
            socket.send_fds(self.socket, [frame(task.start())], [task.file.fd])
        except OSError:
            return

    def send(self, message: Message) -> None:
        """Send it a short message. Raises ProtocolError when it has left too many of them unread."""
        data = frame(message)
        try:
            sent = self.socket.send(data)
        except BlockingIOError:
            sent = 0
        except OSError:
            return  # it is dead, which will be heard in a moment
        if sent != len(data):
            raise ProtocolError("questions without listening to the answers")

    def receive(self) -> Iterator[Message]:
        """What has arrived, without waiting; of one that never stops only a part. Raises EOFError, ProtocolError."""
        for _ in range(_PIECES):
            try:
                piece = self.socket.recv(_PIECE)
            except BlockingIOError:
                return
            except ConnectionResetError:
                raise EOFError from None
            if not piece:
                raise EOFError
            yield from self._inbox.feed(piece)
            if len(piece) < _PIECE:
                return
