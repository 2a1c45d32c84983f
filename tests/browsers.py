"""A real browser for tests: Debian's Chromium by Playwright."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

expect.set_options(timeout=20_000)  # milliseconds; build machines are slow at times

QUIET = (
    "--no-sandbox",  # pages are ours and local; Chromium's own sandbox does not start for root
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",  # without these it asks its maker's hosts, again and again
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser. Where none is installed the test skips, saying so; in CI (SAFELIGHT_CI) it fails."""
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if program is None:
        missing = pytest.fail if "SAFELIGHT_CI" in os.environ else pytest.skip
        missing("no Chromium is installed (Debian: apt-get install chromium): nothing was opened in a real browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(QUIET))
        yield browser
        browser.close()
