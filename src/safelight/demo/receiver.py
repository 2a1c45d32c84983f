"""A process with a CyberTipline of the demo's own, so that reports of it can be sent, and go nowhere.

It checks what the protocol checks, but not documents against NCMEC's schema, which is not ours to give away.
"""

import os
import subprocess
import sys
import time
from datetime import UTC, datetime

from safelight.demo.cybertip_server import CyberTipline, serve

USER, PASSWORD = "demo", "demo"  # not a secret: it is the demo's own, on this machine
ANYTHING = b"""<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
<xs:element name="report" type="xs:anyType"/><xs:element name="fileDetails" type="xs:anyType"/></xs:schema>"""
"""A schema that takes every document."""


def receiver() -> dict[str, str]:
    """Start the process, which ends after this one; the settings with which a service reports to it, as a provider."""
    command = [sys.executable, "-P", "-m", "safelight.demo.receiver"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603 (our own)
    assert process.stdout is not None
    return {
        "SAFELIGHT_JURISDICTIONS": "us,eu",
        "SAFELIGHT_ORGANISATION": "Demo Provider",
        "SAFELIGHT_CONTACT": "safety@provider.example",
        "SAFELIGHT_NCMEC_USER": USER,
        "SAFELIGHT_NCMEC_PASSWORD": PASSWORD,
        "SAFELIGHT_NCMEC_URL": process.stdout.readline().strip(),
    }


def main() -> None:
    """Answer until the parent is gone."""
    parent = os.getppid()
    with serve(CyberTipline(lambda: datetime.now(UTC), ANYTHING, USER, PASSWORD)) as url:
        sys.stdout.write(f"{url}\n")
        sys.stdout.flush()
        while os.getppid() == parent:
            time.sleep(0.5)


if __name__ == "__main__":
    main()
