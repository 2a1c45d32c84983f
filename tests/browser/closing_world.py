"""What the service meets outside on the way from found to gone, all of it in its own process: a CyberTipline of one's
own, a directory, a mail server and hosts. And somebody who runs the jobs.
"""

import io
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from time import sleep
from typing import BinaryIO

from safelight.app import App
from safelight.demo.cybertip_server import CyberTipline, serve
from safelight.demo.receiver import ANYTHING
from safelight.model.takedown import Contacts
from safelight.ports import Letter, Seen
from tests.web.console.closing_material import contacts
from tests.web.console.material import BOX, picture

USER, PASSWORD = "provider", "not a secret"


class Phonebook:
    """`ports.Directory`: everything is at the same host."""

    def __init__(self, app: App) -> None:
        self._app = app

    def find(self, url: str) -> Contacts:
        return contacts(url, self._app.clock.now())


class Post:
    """`ports.Mailer`: everything arrives."""

    def send(self, letter: Letter) -> bytes:
        return letter.text.encode()


class Hosts:
    """`ports.Prober`: the same altered picture is everywhere."""

    @contextmanager
    def look(self, url: str) -> Iterator[tuple[Seen, BinaryIO]]:
        media = picture(51, BOX)
        yield Seen(200, url, len(media)), io.BytesIO(media)


def settings(outside: ExitStack) -> dict[str, str]:
    """Start the CyberTipline; the settings that name it, and us."""
    tipline = CyberTipline(lambda: datetime.now(UTC), ANYTHING, USER, PASSWORD)
    return {
        "SAFELIGHT_JURISDICTIONS": "us,ca,eu",
        "SAFELIGHT_ORGANISATION": "Example Provider",
        "SAFELIGHT_CONTACT": "safety@provider.example",
        "SAFELIGHT_NCMEC_USER": USER,
        "SAFELIGHT_NCMEC_PASSWORD": PASSWORD,
        "SAFELIGHT_NCMEC_URL": outside.enter_context(serve(tipline)),
    }


def surround(app: App) -> None:
    """Put the rest of that world around an `App`."""
    vars(app).update(directory=Phonebook(app), mailer=Post(), prober=Hosts())


def run_jobs() -> None:
    """Run jobs as they come, in a thread of this process, until it ends."""
    from tests.web.jobs.draining import drain

    def work() -> None:
        while True:
            drain(20)
            sleep(0.2)

    threading.Thread(target=work, daemon=True).start()
