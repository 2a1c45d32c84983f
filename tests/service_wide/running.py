"""A whole service in a folder of its own: started, killed in parts, started again, and looked at from outside."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import IO

from safelight.bench.service.ours import free_port

PATIENCE = 120.0
"""Seconds; other work may share the machine."""
COMMAND = (sys.executable, "-P", "-m", "safelight")
_PREPARE = """
import django
django.setup()
from safelight.model.access import Scope
from safelight.web.accounts.keys import make_key
from safelight.web.run.prepare import prepare
prepare()
print(make_key("load", list(Scope))[0])
"""


class Whole:
    """A service and all that belongs to it. `target`: its database, as `tests.databases.database` gives it."""

    def __init__(self, root: Path, target: Path | str) -> None:
        self.home, self.temporary, self.target = root / "home", root / "temporary", target
        self.temporary.mkdir()
        self.port = free_port()
        url = {"SAFELIGHT_DATABASE_URL": target} if isinstance(target, str) else {}
        self.environ = {
            **{name: value for name, value in os.environ.items() if not name.startswith("SAFELIGHT_")},
            **url,
            "SAFELIGHT_HOME": str(self.home),
            "SAFELIGHT_DECODERS": "1",
            "SAFELIGHT_PROCESSES": "2",
            "DJANGO_SETTINGS_MODULE": "safelight.web.settings",
            "TMPDIR": str(self.temporary),
        }
        self.log = root / "log"
        self.seen: set[tuple[int, str]] = set()
        """All processes that were ever below ours: number and time of start."""
        self.supervisor: subprocess.Popen[bytes] | None = None
        self.scan: subprocess.Popen[bytes] | None = None
        self._spoken: list[IO[bytes]] = []

    def prepare(self) -> str:
        """Make the tables and a key for everything; return its text."""
        done = subprocess.run([sys.executable, "-c", _PREPARE], env=self.environ, capture_output=True, check=True)
        return done.stdout.decode().split()[-1]

    def run(self, *arguments: object) -> "subprocess.CompletedProcess[str]":
        """A command in this data folder, to its end."""
        words = [*COMMAND, *map(str, arguments)]
        return subprocess.run(words, env=self.environ, capture_output=True, text=True, check=False)

    def start(self) -> None:
        """`safelight serve`, until it says that it answers."""
        with self.log.open("ab") as log:
            self.supervisor = subprocess.Popen(
                [*COMMAND, "serve", f"--port={self.port}", "--web=2", "--workers=2"],
                env=self.environ,
                stdout=subprocess.PIPE,
                stderr=log,
            )
        assert self.supervisor.stdout is not None
        assert self.supervisor.stdout.readline().startswith(b"Safelight"), self.log.read_text()[-3000:]
        self._spoken.append(self.supervisor.stdout)  # closed now, it would end with its next word

    def stop(self) -> None:
        """Ask it to end, and see that it does."""
        assert self.supervisor is not None
        self.look()
        self.supervisor.send_signal(signal.SIGTERM)
        assert self.supervisor.wait(PATIENCE) == 0

    def kill(self, victim: str, random: Random) -> bool:
        """Kill -9 `web`, `worker`, `decoder`, `scan` or `supervisor`; False when there is none right now."""
        self.look()
        if victim in {"scan", "supervisor"}:
            process = self.scan if victim == "scan" else self.supervisor
            if process is None or process.poll() is not None:
                return False
            process.kill()
            process.wait()
            return True
        assert self.supervisor is not None
        ended = self.supervisor.poll()
        assert ended is None, f"the service itself ended ({ended}): {self.log.read_text()[-3000:]}"
        children = {pid: _word(pid, 4) for pid in _below(self.supervisor.pid, deep=False)}
        if victim == "decoder":
            web = [pid for pid, kind in children.items() if kind == "web"]
            found = [pid for parent in web for pid in _below(parent)]
        else:
            found = [pid for pid, kind in children.items() if kind == victim]
        if not found:
            return False
        with suppress(ProcessLookupError):
            os.kill(random.choice(sorted(found)), signal.SIGKILL)
        return True

    def look(self) -> None:
        """Take note of all processes there are now."""
        for process in (self.supervisor, self.scan):
            if process is not None and process.poll() is None:
                self.seen |= {(pid, born) for pid in _below(process.pid) if (born := _born(pid))}

    def left(self) -> list[str]:
        """Processes that were ever seen below ours, or name our data folder, and live on."""
        ours = [pid for pid, born in self.seen if _born(pid) == born]
        mine = f"SAFELIGHT_HOME={self.home}".encode()
        for entry in Path("/proc").iterdir():
            with suppress(OSError):
                if entry.name.isdecimal() and mine in (entry / "environ").read_bytes().split(b"\0"):
                    ours.append(int(entry.name))
        return [" ".join(_words(pid)) for pid in ours]

    def left_but(self, others: set[int]) -> list[str]:
        """The same, but for these processes and what is below them."""
        kept = others | {pid for other in others for pid in _below(other)}
        return [" ".join(_words(pid)) for pid, born in self.seen if pid not in kept and _born(pid) == born]

    def end(self) -> None:
        """End what a failed test left."""
        for process in (self.supervisor, self.scan):
            if process is not None and process.poll() is None:
                process.kill()
                process.wait()
        for pipe in self._spoken:
            pipe.close()


class Watch(threading.Thread):
    """Notes the processes of a service, several times a second."""

    def __init__(self, whole: Whole) -> None:
        super().__init__(daemon=True)
        self._whole, self._over = whole, threading.Event()

    def run(self) -> None:
        while not self._over.wait(0.3):
            self._whole.look()

    def stop(self) -> None:
        self._over.set()
        self.join()


class Scans(threading.Thread):
    """Scans a folder, again and again into a new place, until told to stop; a killed scan is resumed."""

    def __init__(self, whole: Whole, files: Path, out: Path) -> None:
        super().__init__(daemon=True)
        self._whole, self._files, self._out = whole, files, out
        self._over = threading.Event()
        self.results: list[bytes] = []
        self.codes: list[int] = []

    def run(self) -> None:
        while not self._over.is_set() or not self.results:
            out = self._out / str(len(self.results))
            words = ("scan", self._files, "--bank", "known", "--out", out, "--processes", 1, "--quiet")
            with self._whole.log.open("ab") as log:
                self._whole.scan = subprocess.Popen(
                    [*COMMAND, *map(str, words)], env=self._whole.environ, stdout=subprocess.DEVNULL, stderr=log
                )
            code = self._whole.scan.wait()
            self.codes.append(code)
            if code == -signal.SIGKILL:
                continue
            if code not in {0, 1}:
                break
            self.results.append((out / "results.jsonl").read_bytes())

    def stop(self) -> None:
        """Let the one that runs come to its end."""
        self._over.set()
        self.join(PATIENCE)
        assert not self.is_alive()


def wait_for(what: str, happened: Callable[[], bool], patience: float = PATIENCE) -> None:
    until = time.monotonic() + patience
    while not happened():
        assert time.monotonic() < until, f"{what} did not happen"
        time.sleep(0.1)


def audit(whole: Whole) -> tuple[int, dict[str, object]]:
    """`safelight audit verify` of the whole store, with the key of its own log."""
    done = whole.run("audit", "verify", "--json", "--key", whole.home / "log-key.pub.pem")
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


def _words(pid: int) -> list[str]:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    return []


def _word(pid: int, place: int) -> str:
    words = _words(pid)
    return words[place] if len(words) > place else ""


def _stat(pid: int) -> list[str]:
    """From the state on; empty when it is not there or has ended."""
    with suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return [] if fields[0] == "Z" else fields
    return []


def _born(pid: int) -> str:
    fields = _stat(pid)
    return fields[19] if fields else ""


def _below(root: int, *, deep: bool = True) -> list[int]:
    """Descendants of a process that live; children alone when not `deep`."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal() and (fields := _stat(int(entry.name))):
            children.setdefault(int(fields[1]), []).append(int(entry.name))
    found = list(children.get(root, ()))
    for pid in found if deep else ():
        found += children.get(pid, ())
    return found
