"""`safelight serve` as people run it: processes, signals, and what is left when they are killed."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import pytest

from safelight.web.run import supervisor
from tests.databases import database

pytestmark = pytest.mark.usefixtures("socket_enabled")

RUN = (sys.executable, "-P", "-m", "safelight.web")
PATIENCE = 90.0
"""Seconds; other work may share the machine."""


class Service:
    """A running service. `greeting`: what it printed."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process
        assert process.stdout is not None
        self.greeting = process.stdout.readline()
        self.link = process.stdout.readline()
        self.url = self.greeting.split()[4]

    def get(self, path: str, **headers: str) -> tuple[int, str]:
        with suppress(URLError, TimeoutError):
            try:
                with urlopen(Request(self.url + path, headers=headers), timeout=5) as answer:
                    return answer.status, answer.read().decode()
            except HTTPError as refusal:
                return refusal.code, refusal.read().decode()
        return 0, ""

    def children(self) -> dict[int, str]:
        """Their process numbers, and whether each is web or worker."""
        found = {}
        for folder in Path("/proc").iterdir():
            with suppress(OSError, ValueError, IndexError):  # it may end, or be about to become another program
                if int((folder / "stat").read_text().rpartition(")")[2].split()[1]) == self.process.pid:
                    found[int(folder.name)] = (folder / "cmdline").read_text().split("\0")[4]
        return {number: kind for number, kind in found.items() if kind in {"web", "worker"}}


@contextmanager
def serving(home: Path, web: int, workers: int) -> Iterator[Service]:
    environ = {**os.environ, "SAFELIGHT_HOME": str(home), "DJANGO_SETTINGS_MODULE": "safelight.web.settings"}
    command = [*RUN, "serve", "--port=0", f"--web={web}", f"--workers={workers}"]
    with (home.parent / "log").open("w") as log:
        process = subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, stderr=log, text=True, cwd=home.parent)
    assert process.stdout is not None
    try:
        yield Service(process)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def wait_for(what: str, happened: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if happened():
            return
        time.sleep(0.1)
    pytest.fail(f"{what} did not happen")


def alive(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def test_one_command_serves_heals_and_ends(tmp_path: Path) -> None:
    with serving(tmp_path / "home", web=2, workers=1) as service:
        assert re.fullmatch(
            r"Safelight \S+ answers at http://127\.0\.0\.1:\d+ \(2 web, 1 workers, data in .*\)\n", service.greeting
        )
        assert service.link.endswith(": safelight invite --first-run\n"), "no link goes where logs go"
        assert service.get("/healthz") == (200, "ok\n")
        wait_for("readiness", lambda: service.get("/readyz") == (200, '{"ready": true, "failed": []}'))
        link = first_run_link(tmp_path / "home", service.url)
        assert service.get(link.removeprefix(service.url))[0] == 200
        assert Counter(service.children().values()) == {"web": 2, "worker": 1}
        assert (tmp_path / "home").stat().st_mode & 0o777 == 0o700
        assert {path.stat().st_mode & 0o077 for path in (tmp_path / "home").iterdir() if "pub" not in path.name} == {0}

        check_metrics(service, tmp_path / "home")

        before = service.children()
        for child in before:
            os.kill(child, signal.SIGKILL)
        wait_for("a new start of all", lambda: len(service.children().keys() - before.keys()) == 3)
        wait_for("an answer", lambda: service.get("/healthz")[0] == 200)
        assert Counter(service.children().values()) == {"web": 2, "worker": 1}

        children = service.children()
        service.process.send_signal(signal.SIGTERM)
        assert service.process.wait(PATIENCE) == 0
        assert not any(map(alive, children))
    log = (tmp_path / "log").read_text()
    for line in log.splitlines():
        assert line.startswith("safelight: ") or json.loads(line)["event"]


def first_run_link(home: Path, url: str) -> str:
    environ = {**os.environ, "SAFELIGHT_HOME": str(home), "SAFELIGHT_URL": url}
    command = [sys.executable, "-m", "safelight", "invite", "--first-run"]
    done = subprocess.run(command, env=environ, stdout=subprocess.PIPE, text=True, check=True, cwd=home.parent)
    return done.stdout.strip()


@pytest.mark.parametrize(
    ("link", "terminal", "said"),
    [
        ("http://x/accounts/link/a", True, "Make the first account here, once: http://x/accounts/link/a"),
        ("", True, ""),
        ("", False, ""),
    ],
)
def test_the_link_is_for_terminals(link: str, terminal: bool, said: str) -> None:
    assert supervisor._way_in(link, terminal=terminal) == said
    assert "/link/" not in supervisor._way_in(link, terminal=False)


def check_metrics(service: Service, home: Path) -> None:
    """Whichever web process answers, it answers for both."""
    program = "import django; django.setup(); from safelight.web.accounts.keys import make_key; "
    program += "from safelight.model.access import Scope; print(make_key('t', [Scope.ADMIN])[0])"
    environ = {**os.environ, "SAFELIGHT_HOME": str(home), "DJANGO_SETTINGS_MODULE": "safelight.web.settings"}
    made = subprocess.run([sys.executable, "-c", program], env=environ, capture_output=True, text=True, check=True)
    for _ in range(40):
        assert service.get("/version")[0] == 200
    counts = []
    for _ in range(4):
        status, text = service.get("/metrics", Authorization=f"Bearer {made.stdout.strip()}")
        assert status == 200
        found = re.search(r'safelight_request_seconds_count\{method="GET",route="version",status="200"\} (\S+)', text)
        assert found
        counts.append(float(found[1]))
    assert counts == [40.0] * 4
    assert 'safelight_jobs{kind="' in text or "safelight_job_outcomes_total" in text


def test_no_child_outlives_a_killed_parent(tmp_path: Path) -> None:
    with serving(tmp_path / "home", web=1, workers=1) as service:
        children = service.children()
        assert len(children) == 2
        service.process.kill()
        service.process.wait()
        wait_for("the end of all children", lambda: not any(map(alive, children)))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--web=0", "--workers=0"], "there is nothing to run"),
        (["--host=198.51.100.1"], "cannot listen on 198.51.100.1"),
    ],
)
def test_what_cannot_be_served_is_one_line(tmp_path: Path, options: list[str], said: str) -> None:
    environ = {**os.environ, "SAFELIGHT_HOME": str(tmp_path), "DJANGO_SETTINGS_MODULE": "safelight.web.settings"}
    done = subprocess.run([*RUN, "serve", *options], env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_many_may_make_the_same_tables(tmp_path: Path) -> None:
    with database("postgresql", tmp_path) as target:
        environ = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "safelight.web.settings",
            "SAFELIGHT_DATABASE_URL": str(target),
        }
        started = [
            subprocess.Popen(
                [*RUN, "prepare"],
                env={**environ, "SAFELIGHT_HOME": str(tmp_path / name)},
                stdout=subprocess.PIPE,
                text=True,
            )
            for name in ("one-machine", "another")
        ]
        said = [process.communicate(timeout=PATIENCE)[0] for process in started]
    assert [process.returncode for process in started] == [0, 0]
    assert all("/accounts/link/" in link for link in said)


def test_a_service_that_cannot_start_says_so_and_ends(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "store.sqlite3").write_bytes(b"this is no database, and nothing we made" * 100)
    environ = {**os.environ, "SAFELIGHT_HOME": str(home), "DJANGO_SETTINGS_MODULE": "safelight.web.settings"}
    done = subprocess.run([*RUN, "serve", "--port=0"], env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 15
    assert done.stderr.splitlines()[-1].startswith("safelight: ")
    assert "Traceback" not in done.stderr
