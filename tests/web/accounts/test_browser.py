"""The pages about people and keys in a real browser, under the policy that allows no inline script and no style."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle
from typing import Literal
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from django.test.testcases import LiveServerThread
from django.test.utils import override_settings
from playwright.sync_api import Page

from safelight.model.access import Role, Scope
from safelight.web.accounts.keys import make_key
from safelight.web.accounts.people import first_run_link, make_person
from tests.browsers import chromium
from tests.web.accounts.test_sign_in import PASSWORD
from tests.web.conftest import MakeUser, session_of, sign_in

BROWSER = "Safelight tests"
SHAPES: Iterator[tuple[int, Literal["light", "dark"]]] = cycle(((1280, "light"), (390, "dark"), (390, "light")))

pytestmark = pytest.mark.usefixtures("socket_enabled", "committed_db")


@pytest.fixture
def site(committed_db: None, socket_enabled: None) -> Iterator[str]:
    """The service in a thread, under the one name for which browsers allow security keys without TLS."""
    server = LiveServerThread("localhost", lambda application: application)  # type: ignore[arg-type] # any wrapper will do
    with override_settings(ALLOWED_HOSTS=["localhost"]):
        server.start()
        server.is_ready.wait()
        assert server.error is None
        yield f"http://localhost:{server.port}"
        server.terminate()


@contextmanager
def window(site: str, session: str = "") -> Iterator[Page]:
    """A window that is signed in by a session. It asks nobody else, and its console says nothing.

    While it is open this thread runs Playwright's loop, in which Django refuses to ask the database.
    """
    said: list[str] = []
    with chromium() as browser:
        # Without motion: while a button fades from light to dark, axe would see a colour that nobody reads.
        context = browser.new_context(base_url=site, user_agent=BROWSER, reduced_motion="reduce")
        if session:
            context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": site}])
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda request: said.append(request.url) if not request.url.startswith(site) else None)
        yield page
    assert said == []


def with_key(page: Page) -> None:
    """Plug a security key into the browser that says yes to everything."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "usb", "hasUserVerification": True, "isUserVerified": True}
    more = {"automaticPresenceSimulation": True, "hasResidentKey": False}
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options | more})


def test_a_security_key_from_first_run_to_sign_in(site: str) -> None:
    link = first_run_link(site)
    assert link is not None
    with window(site) as page:
        with_key(page)
        page.goto(link)
        page.get_by_label("User name").fill("ada")
        for label in ("Password", "The same again"):
            page.get_by_label(label, exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Go on").click()
        page.wait_for_url("**/accounts/2fa/")
        page.goto("/accounts/people/")
        assert urlsplit(page.url).path == "/accounts/2fa/"
        page.goto("/accounts/2fa/webauthn/add/")
        page.get_by_role("button", name="Add the key").click()
        page.wait_for_url("**/recovery-codes/**")
        page.get_by_role("button", name="Sign out").click()
        page.goto("/accounts/login/")
        page.locator("[name=login]").fill("ada")
        page.locator("[name=password]").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("button", name="Use the key").click()
        page.wait_for_url(lambda url: "/2fa/" not in url)
        page.goto("/accounts/people/")
        assert urlsplit(page.url).path == "/accounts/people/"
        assert "ada" in page.locator("table").inner_text()


def test_axe_finds_nothing_serious(site: str, user: MakeUser) -> None:
    admin, other = user(Role.ADMIN), user(Role.REVIEWER)
    admin.set_password(PASSWORD)
    admin.save()
    _, invitation = make_person(admin, "bea", [Role.CURATOR])
    make_key("uploads", [Scope.GATE])
    client = Client()
    sign_in(client, admin, browser=BROWSER)
    with window(site) as page:
        found = look(page, "/accounts/login/") + look(page, invitation)
    with window(site, session_of(client).cookie) as page:
        for path in (
            *("", "2fa/", "2fa/totp/deactivate/", "2fa/webauthn/", "2fa/webauthn/add/", "2fa/reauthenticate/"),
            *("password/change/", "sessions/", "people/", f"people/{other.pk}/", f"people/{admin.pk}/", "keys/"),
            *("2fa/recovery-codes/generate/", "logout/"),
        ):
            found += look(page, f"/accounts/{path}")
    assert found == []


def test_a_key_has_the_focus_and_is_copied_by_a_button(site: str, user: MakeUser) -> None:
    client = Client()
    sign_in(client, user(Role.ADMIN), browser=BROWSER)
    with window(site, session_of(client).cookie) as page:
        page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=site)
        page.goto("/accounts/keys/")
        page.get_by_label("What it is for").fill("uploads")
        page.locator("input[value=gate]").check()
        page.get_by_role("button", name="Make a key").click()
        page.get_by_role("button", name="Copy").wait_for()
        assert page.evaluate("document.activeElement.className") == "card fresh"
        page.get_by_role("button", name="Copy").click()
        page.get_by_text("Copied.").wait_for()
        assert page.evaluate("navigator.clipboard.readText()") == page.locator(".fresh code").inner_text()
        assert page.locator(".fresh code").inner_text().startswith("slk_")
        assert not [one for one in Axe().run(page).response["violations"] if one["impact"] in {"serious", "critical"}]


def look(page: Page, path: str) -> list[tuple[str, int, str, str, str]]:
    """What is grave on a page, in one of the shapes by turns."""
    answer = page.goto(path)
    assert answer is not None
    assert (answer.status, urlsplit(page.url).path) == (200, path)
    width, scheme = next(SHAPES)
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=scheme)
    assert page.evaluate("document.documentElement.scrollWidth") <= width, (path, width)
    return [
        (path, width, scheme, str(one["id"]), str(one["nodes"][0]["html"]))
        for one in Axe().run(page).response["violations"]
        if one["impact"] in {"serious", "critical"}
    ]
