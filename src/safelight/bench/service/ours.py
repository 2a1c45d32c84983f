"""The service, started as anybody would start it."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from safelight.app import App
from safelight.bench.service.load import Target
from safelight.bench.service.material import Codes
from safelight.flow.banks import create_bank, sync_index
from safelight.model.bank import BankEntry, KnownHash
from safelight.settings import read_settings

_START_SECONDS = 120.0
_END_SECONDS = 40.0
_MAKE_KEY = """
import django
django.setup()
from safelight.model.access import Scope
from safelight.web.accounts.keys import make_key
print(make_key("benchmark", [Scope.GATE, Scope.LOOKUP])[0])
"""


@contextmanager
def serving(home: Path, codes: Codes, web: int, decoders: int) -> Iterator[Target]:
    """The service over one bank of these codes, until the end. `web`: processes; `decoders`: of each of them."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("SAFELIGHT_")}
    port = free_port()
    environ |= {
        "SAFELIGHT_HOME": str(home),
        "SAFELIGHT_RATE": "0",
        "SAFELIGHT_DECODERS": str(decoders),
        "SAFELIGHT_LOG_LEVEL": "info",
        "SAFELIGHT_URL": f"http://127.0.0.1:{port}",
        "DJANGO_SETTINGS_MODULE": "safelight.web.settings",
    }
    fill(environ, codes)
    command = ["-m", "safelight", "serve", f"--port={port}", f"--web={web}", "--workers=1"]
    with running([sys.executable, *command], environ, port) as process:
        made = subprocess.run([sys.executable, "-c", _MAKE_KEY], env=environ, check=True, stdout=subprocess.PIPE)
        yield Target(port, process, {"Authorization": f"Bearer {made.stdout.decode().split()[-1]}"})


def fill(environ: Mapping[str, str], codes: Codes) -> None:
    """Make the bank."""
    app = App(read_settings(environ))
    bank = create_bank(app.store, "benchmark", local=False)
    app.store.add(
        bank,
        (BankEntry(str(number), (KnownHash("pdq", code.tobytes().hex(), 100),)) for number, code in enumerate(codes)),
    )
    sync_index(app.store, app.room, bank)


@contextmanager
def running(command: Sequence[str], environ: Mapping[str, str], port: int) -> Iterator[int]:
    """A server, from its first answer to the end of this; gives its process id."""
    process = subprocess.Popen(command, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until = time.monotonic() + _START_SECONDS
        while not _answers(port):
            if process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"{command[0]} did not start to serve")
            time.sleep(0.1)
        yield process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def free_port() -> int:
    """A port that nobody listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(port: int) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=1)
    try:
        connection.request("GET", "/healthz")
        connection.getresponse()
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
    return True
