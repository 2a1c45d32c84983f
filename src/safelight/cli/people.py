"""`safelight invite`: ways into the service for people."""

import os
import sys

import click

from safelight.app import App
from safelight.cli.config import SERVICE
from safelight.model.access import Role


@click.command()
@click.argument("name", default="")
@click.option(
    "--role",
    "roles",
    multiple=True,
    type=click.Choice([role.value for role in Role]),
    help="Of somebody new; repeatable.",
)
@click.option("--first-run", is_flag=True, help="A link that makes the first admin, as long as there is none.")
@click.pass_obj
def invite(app: App, name: str, roles: tuple[str, ...], first_run: bool) -> None:
    """Print a link by which NAME chooses a password. It works once, for a day.

    With --role, for somebody new. Without, for somebody who is there: once the link is used, the old password, second
    factor and sessions are gone. The log tells of both. Whoever may run this in the data folder needs no account.
    """
    del app  # it was made, so the settings can be used
    words = [name] if name else []
    words += [word for role in roles for word in ("--role", role)] + (["--first-run"] if first_run else [])
    os.execv(sys.executable, [*SERVICE, "invite", *words])  # noqa: S606 (our own)
