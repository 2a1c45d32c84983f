"""The demo's own receiver of reports."""

import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from safelight.adapter.hotline.cybertip import CyberTipline
from safelight.demo.receiver import PASSWORD, USER
from safelight.model.errors import HotlineDownError

STARTS_IT = """
import sys
from safelight.demo.receiver import receiver
print(receiver()["SAFELIGHT_NCMEC_URL"], flush=True)
sys.stdin.read()
"""


class Now:
    """`ports.Clock`."""

    def now(self) -> datetime:
        return datetime.now(UTC)


def test_it_answers_as_the_hotline_does_and_ends_after_who_started_it(socket_enabled: None, tmp_path: Path) -> None:
    del socket_enabled
    command = [sys.executable, "-W", "ignore", "-c", STARTS_IT]
    with subprocess.Popen(command, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        tipline = CyberTipline(USER, PASSWORD, tmp_path, Now(), url=parent.stdout.readline().strip())
        assert tipline.status().code == 0
        opened = tipline.submit(b"<report/>")
        assert opened.number.isdigit()
        assert tipline.finish(opened.number).number == opened.number
    until = time.monotonic() + 10
    while time.monotonic() < until:
        try:
            tipline.status()
        except HotlineDownError:
            return
        time.sleep(0.1)
    pytest.fail("it outlived who started it")
