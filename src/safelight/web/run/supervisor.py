"""The parent of the service: starts web processes and workers, starts those anew that die, and stops all of them.

It holds the listening socket, which all web processes share, and nothing else: no Django, no database, no threads.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from safelight import __version__
from safelight.model.errors import UsageError
from safelight.settings import read_settings
from safelight.web.run.lifeline import PARENT

DRAIN = 30.0
"""Seconds in which children may end what they have begun."""
STEADY = 60.0
"""A child that lived so many seconds had a good start."""
SLOWEST = 30.0
TRIES = 3
"""Starts of a child that may fail before the service has ever answered."""
_NEAR = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 (compared, not bound)
_STOP = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


@dataclass(eq=False)
class Child:
    """A process that shall run. `due`: when to start it (again), of `time.monotonic`."""

    command: list[str]
    due: float = 0.0
    failures: int = 0
    born: float = 0.0
    process: "subprocess.Popen[bytes] | None" = field(default=None, repr=False)


def serve(host: str, port: int, web: int, workers: int) -> int:
    """Run the service until SIGTERM, SIGINT or SIGHUP.

    Args:
        host: address to listen on.
        port: port to listen on; 0 for a free one.
        web: web processes, from 0.
        workers: job workers, from 0.

    Returns:
        0 after a stop that was asked for; 1 when the service could not be started.

    Raises:
        UsageError: nothing to run, a setting that cannot be used, or an address that cannot be listened on.
    """
    if web < 0 or workers < 0 or not web + workers:
        raise UsageError(detail="there is nothing to run: --web and --workers take 0 or more, and not both 0")
    listener = _listen(host, port)
    url = f"http://{_shown(host)}:{listener.getsockname()[1]}"
    environ = {"SAFELIGHT_URL": url, **os.environ, PARENT: str(os.getpid())}
    settings = read_settings(environ)
    environ.setdefault("SAFELIGHT_DECODERS", str(max(1, settings.processes // max(1, web))))
    signal.pthread_sigmask(signal.SIG_BLOCK, (*_STOP, signal.SIGCHLD))
    prepared = subprocess.run(_command("prepare"), env=environ, stdout=subprocess.PIPE, check=False, text=True)  # noqa: S603 (our own)
    if prepared.returncode:
        return prepared.returncode
    runtime = Path(tempfile.mkdtemp(prefix="safelight-run-"))  # numbers for /metrics, no content
    environ["PROMETHEUS_MULTIPROC_DIR"] = str(runtime)
    commands = [_command("web", f"--socket={listener.fileno()}")] * web + [_command("worker")] * workers
    supervisor = Supervisor([Child(command) for command in commands], environ, listener)
    try:
        return supervisor.run(
            f"Safelight {__version__} answers at {settings.service.url} "
            f"({web} web, {workers} workers, data in {settings.home})",
            _way_in(prepared.stdout.strip(), terminal=sys.stdout.isatty()),
            probe=listener.getsockname() if web else None,
        )
    finally:
        shutil.rmtree(runtime, ignore_errors=True)


def _way_in(link: str, *, terminal: bool) -> str:
    """What to say of the first account. What is not a terminal is a log, which others read: no link goes there."""
    if not link or terminal:
        return link and f"Make the first account here, once: {link}"
    return "There is no admin yet. This prints a link that makes the first one: safelight invite --first-run"


class Supervisor:
    """Keeps children running. `listener`: an open file of the children, by its number."""

    def __init__(self, children: list[Child], environ: dict[str, str], listener: socket.socket) -> None:
        self._children = children
        self._environ = environ
        self._listener = listener
        self._up = False

    def run(self, *greeting: str, probe: tuple[str, int] | None) -> int:
        """Run until a signal says stop; say the greeting as soon as `probe`, if any, answers. Returns the exit code."""
        while True:
            self._start_due()
            if not self._up and (probe is None or _answers(probe)):
                self._up = True
                with suppress(BrokenPipeError):  # who started us may listen no longer
                    print("\n".join(filter(None, greeting)), flush=True)  # noqa: T201 (it is what the command says)
            received = signal.sigtimedwait((*_STOP, signal.SIGCHLD), 0.5 if self._up else 0.2)
            if received and received.si_signo in _STOP:
                self._stop()
                return 0
            if not self._reap():
                print("safelight: the service does not start; see the lines above", file=sys.stderr, flush=True)  # noqa: T201 (as above)
                self._stop()
                return 1

    def _start_due(self) -> None:
        now = time.monotonic()
        for child in self._children:
            if child.process is None and child.due <= now:
                child.born = now
                child.process = subprocess.Popen(  # noqa: S603 (our own command)
                    child.command,
                    env=self._environ,
                    stdin=subprocess.DEVNULL,
                    pass_fds=[self._listener.fileno()],
                    process_group=0,  # Ctrl-C is for us; the children are told by us
                )

    def _reap(self) -> bool:
        """Take note of children that ended; False when they never come up."""
        for child in self._children:
            if child.process is None or child.process.poll() is None:
                continue
            now = time.monotonic()
            child.failures = 1 if now - child.born > STEADY else child.failures + 1
            child.due = now + min(SLOWEST, 0.25 * 2**child.failures)
            print(  # noqa: T201 (as above)
                f"safelight: {child.command[4]} process {child.process.pid} ended ({child.process.returncode}); "
                f"the next one starts in {child.due - now:.1f} s",
                file=sys.stderr,
                flush=True,
            )
            child.process = None
        return self._up or all(child.failures < TRIES for child in self._children)

    def _stop(self) -> None:
        """Let all children end what they have begun; a second signal, or too long a wait, kills them."""
        self._listener.close()
        alive = [child.process for child in self._children if child.process]
        for process in alive:
            process.terminate()
        until = time.monotonic() + DRAIN
        while any(process.poll() is None for process in alive):
            received = signal.sigtimedwait((*_STOP, signal.SIGCHLD), 0.2)
            if time.monotonic() > until or (received and received.si_signo in _STOP):
                for process in alive:
                    process.kill()
        for process in alive:
            process.wait()


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(1024)
    except OSError as error:
        raise UsageError(detail=f"cannot listen on {host}, port {port}: {error.strerror or error}") from error
    listener.setblocking(False)
    return listener


def _shown(host: str) -> str:
    """The address under which this machine reaches itself, as URLs write it."""
    host = _NEAR.get(host, host)
    return f"[{host}]" if ":" in host else host


def _command(*words: str) -> list[str]:
    return [sys.executable, "-P", "-m", "safelight.web", *words]


def _answers(address: tuple[str, int]) -> bool:
    """Whether a web process is up."""
    connection = HTTPConnection(_NEAR.get(address[0], address[0]), address[1], timeout=1)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
