"""The process from which workers are forked: it has imported and warmed up everything once, and parses nothing.

A worker module calls `main(handler, warm_up)`. Standard input is the connection to the scanning process. A fork takes
milliseconds, so a worker that died or has lived long enough is replaced at hardly any cost.
"""

import contextlib
import gc
import os
import selectors
import signal
import socket
from collections.abc import Callable

from safelight.adapter.sandbox.child import Handler, serve
from safelight.adapter.sandbox.protocol import Channel, Exited, Fork, Kill, ProtocolError, Ready
from safelight.model.media import Limits

_STDIN, _STDOUT, _STDERR = 0, 1, 2
_WORKER_SOCKET = 3
_CLOSE_BELOW = 1024


def main(handler: Handler, warm_up: Callable[[], None]) -> None:
    """Run a zygote until the scanning process hangs up; then end all workers and return."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    connection = socket.socket(fileno=os.dup(_STDIN))
    _put_null_at(_STDIN)
    warm_up()
    gc.collect()
    gc.freeze()  # collections in the workers then leave these pages shared
    with connection:
        _Zygote(Channel(connection), handler).run()


class _Zygote:
    """The loop: fork and kill as told, report who ended."""

    def __init__(self, channel: Channel, handler: Handler) -> None:
        self._channel = channel
        self._handler = handler
        self._pids: dict[int, int] = {}

    def run(self) -> None:
        """Serve until the other side hangs up."""
        bell, hammer = socket.socketpair()
        hammer.setblocking(False)
        signal.set_wakeup_fd(hammer.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
        with bell, hammer, selectors.DefaultSelector() as selector:
            selector.register(bell, selectors.EVENT_READ)
            selector.register(self._channel, selectors.EVENT_READ)
            # The other side may be gone at any moment, and then there is nothing left to do.
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                self._channel.send(Ready())
                listening = True
                while listening:
                    for key, _events in selector.select():
                        if key.fileobj is bell:
                            bell.recv(4096)
                            self._report()
                        else:
                            listening = self._obey()
            self._end()

    def _obey(self) -> bool:
        """Do what the next message says; False when there is none to come."""
        received = self._channel.receive()
        if received is None:
            return False
        match received:
            case Fork(worker, limits), int(end):
                self._fork(worker, end, limits)
            case Kill(worker), None:
                if worker in self._pids:
                    os.kill(self._pids[worker], signal.SIGKILL)
            case _:
                raise ProtocolError("neither fork nor kill")
        return True

    def _fork(self, worker: int, end: int, limits: Limits) -> None:
        zygote = os.getpid()
        try:
            pid = os.fork()
        except OSError:  # no memory or no process to be had: that costs this worker, not all of them
            os.close(end)
            self._channel.send(Exited(worker, 1))
            return
        if pid == 0:
            code = 1
            try:
                _become_worker(end)
                serve(Channel(socket.socket(fileno=_WORKER_SOCKET)), self._handler, limits, zygote)
                code = 0
            finally:
                os._exit(code)
        os.close(end)
        self._pids[worker] = pid

    def _report(self) -> None:
        """Collect the dead and tell of them."""
        for worker, pid in list(self._pids.items()):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                del self._pids[worker]
                self._channel.send(Exited(worker, os.waitstatus_to_exitcode(status)))

    def _end(self) -> None:
        for pid in self._pids.values():
            os.kill(pid, signal.SIGKILL)
        for pid in self._pids.values():
            os.waitpid(pid, 0)


def _become_worker(end: int) -> None:
    """Forget everything of the zygote that a worker has no business with."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.dup2(end, _WORKER_SOCKET, inheritable=False)
    os.closerange(_WORKER_SOCKET + 1, _CLOSE_BELOW)
    # What libraries print belongs to no report, and could be anything.
    os.dup2(_STDIN, _STDOUT)
    os.dup2(_STDIN, _STDERR)


def _put_null_at(fd: int) -> None:
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, fd)
    os.close(null)
