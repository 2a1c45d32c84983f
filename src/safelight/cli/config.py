"""`safelight config check`: will the service work here?"""

import os
import sys

import click

from safelight.app import App

SERVICE = (sys.executable, "-P", "-m", "safelight.web")
"""Command line of the service's own processes: the command line does not load Django's web parts."""


@click.group()
def config() -> None:
    """Settings of the service."""


@config.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.pass_obj
def check(app: App, as_json: bool) -> None:
    """Look at settings, folders, keys, database, blob store and clock; say what to do about what is wrong.

    Exit code 0: the service will work, perhaps with warnings; 1: it will not.
    """
    del app  # it was made, so the settings can be read
    os.execv(sys.executable, [*SERVICE, "check", *(["--json"] if as_json else [])])  # noqa: S606 (our own)
