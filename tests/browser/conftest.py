"""The service as a process of its own, and a browser in front of it."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep, time
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.serve import PASSWORD
from tests.browsers import chromium

ROOT = Path(__file__).parents[2]
_WAIT = 90.0


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """What the service wrote last goes with the report of a test that failed."""
    report = yield
    service = getattr(item, "funcargs", {}).get("service")
    if report.failed and isinstance(service, Service):
        lines = (service.home / "log").read_text(errors="replace").splitlines()
        report.sections.append(("the service's log, its end", "\n".join(lines[-60:])))
    return report


@dataclass
class Service:
    """Where it is, what is in it, and in which folder."""

    url: str
    home: Path
    link: str
    secrets: dict[str, str]
    cases: dict[str, str]
    closing: dict[str, str]
    used: dict[str, int] = field(default_factory=dict)

    def code(self, name: str) -> str:
        """The second factor of this person now: the next one, for a code works once."""
        self.used[name], code = totp(self.secrets[name], after=self.used.get(name, 0))
        return code


States = dict[str, tuple[float, Any]]
FRESH = 120.0
"""Seconds for which a session is used again: modules may be far apart, and what is grave wants a fresh factor."""


def totp(secret: str, after: int = 0) -> tuple[int, str]:
    """The code of a time step later than `after`, with its step; it holds for some seconds yet: machines are slow."""
    while (step := int(time()) // 30) <= after or 30 - time() % 30 < 6:
        sleep(30 - time() % 30)
    return step, str(format_hotp_value(hotp_value(secret, step)))


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The service, filled, on a port of its own."""
    from pytest_socket import enable_socket

    enable_socket()
    home = tmp_path_factory.mktemp("service")
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    own = {
        "SAFELIGHT_HOME": str(home),
        "SAFELIGHT_URL": url,
        "SAFELIGHT_KNOWN_ANSWERS": "0",
        "SAFELIGHT_PROCESSES": "1",
    }
    environ = os.environ | own | {"DJANGO_SETTINGS_MODULE": "safelight.web.settings", "PYTHONUNBUFFERED": "1"}
    log = (home / "log").open("wb")
    command = [sys.executable, "-m", "tests.browser.serve", str(port)]
    process = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=subprocess.PIPE, stderr=log, text=True)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, (home / "log").read_text()
        _until_up(f"{url}/healthz", process)
        yield Service(url, home, **json.loads(line))
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        assert process.stdout is not None
        process.stdout.close()
        log.close()


def _until_up(url: str, process: "subprocess.Popen[str]") -> None:
    end = monotonic() + _WAIT
    while monotonic() < end and process.poll() is None:
        try:
            with urlopen(url, timeout=5) as answer:
                if answer.status == 200:
                    return
        except (URLError, OSError):
            sleep(0.1)
    pytest.fail("the service did not come up")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, which keeps an event loop for as long as it is there: Django's tests must not meet it."""
    with chromium() as found:
        yield found


@dataclass
class Seen:
    """What a browser did besides showing pages."""

    elsewhere: list[str]
    errors: list[str]
    cached: list[str]


@pytest.fixture
def seen() -> Seen:
    return Seen([], [], [])


OpenPage = Callable[..., Page]


@pytest.fixture
def shoot() -> Callable[[Page, str], None]:
    """Takes a picture of the page for the docs, when SAFELIGHT_SCREENSHOTS names the folder to put it in."""
    folder = os.environ.get("SAFELIGHT_SCREENSHOTS")

    def take(page: Page, name: str) -> None:
        if folder:
            page.screenshot(path=Path(folder) / f"console-{name}.png")

    return take


@pytest.fixture(scope="session")
def states() -> States:
    """Sessions of who has signed in, by name, with when: a code of a second factor works once."""
    return {}


@pytest.fixture
def open_page(
    browser: Browser, service: Service, seen: Seen, states: dict[str, tuple[float, Any]]
) -> Iterator[OpenPage]:
    """Opens a window: `open_page("rosa")` is signed in, `open_page(None)` is nobody's."""
    contexts: list[BrowserContext] = []

    def opened(name: str | None, width: int = 1280, **options: Any) -> Page:
        when, state = states.get(name or "", (0.0, None))
        if time() - when > FRESH:
            state = None
        if state is None and not options.get("java_script_enabled", True):
            opened(name)
            _, state = states[name or ""]
        context = browser.new_context(
            base_url=service.url, viewport={"width": width, "height": 900}, storage_state=state, **options
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("request", lambda request: _note(request.url, service, seen))
        page.on("response", lambda response: _cachable(response, seen))
        page.on("console", lambda said: seen.errors.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: seen.errors.append(str(error)))
        if name is not None and state is None:
            sign_in(page, service, name)
            states[name] = time(), context.storage_state()
        return page

    yield opened
    for context in contexts:
        context.close()


def _note(url: str, service: Service, seen: Seen) -> None:
    if not url.startswith((service.url + "/", f"blob:{service.url}/")):
        seen.elsewhere.append(url)


def _cachable(response: Any, seen: Seen) -> None:
    own = "/static/" in response.url or response.url.startswith("blob:")
    if not own and "no-store" not in (response.headers.get("cache-control") or ""):
        seen.cached.append(response.url)


def sign_in(page: Page, service: Service, name: str) -> None:
    page.goto("/accounts/login/")
    page.fill("[name=login]", name)
    page.fill("[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/2fa/authenticate/**")
    page.fill("[name=code]", service.code(name))
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/accounts/" not in url)
