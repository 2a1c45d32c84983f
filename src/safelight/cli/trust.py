"""`safelight trust`: who may vouch for the signers of C2PA manifests."""

import json
from datetime import UTC, datetime
from pathlib import Path

import click

from safelight.app import App
from safelight.flow.walk import display
from safelight.model.errors import UsageError

OLD_AFTER = 180
"""Days after which the official list should be updated: authorities join and leave it every few weeks."""

_FILE = click.Path(path_type=Path)


@click.group()
def trust() -> None:
    """The trust list: who may vouch for the signers of C2PA manifests. Nothing here uses a network."""


@trust.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.pass_obj
def show(app: App, as_json: bool) -> None:
    """Print the list in force: of which day it is, how many anchors it has, and your own."""
    state, now = app.trust_folder.state(), app.clock.now()
    official, age = state.official, (now.date() - state.official.as_of).days
    if as_json:
        own = [
            {"name": one.name, "subject": anchor.subject, "expires": anchor.expires.date().isoformat()}
            for one in state.own
            for anchor in one.anchors
        ]
        told = {"name": official.name, "as_of": official.as_of.isoformat(), "age_days": age, "shipped": state.shipped}
        told |= {"anchors": len(official.anchors), "time_anchors": len(official.time_anchors)}
        click.echo(json.dumps({**told, "sha256": app.trust_folder.load().sha256, "own": own}))
        return
    origin = "shipped with this version" if state.shipped else f"from {official.source}"
    click.echo(display(f"{official.name} of {official.as_of}, {origin}"))
    click.echo(f"anchors of signers: {len(official.anchors)}, of time stamps: {len(official.time_anchors)}")
    for one in state.own:
        for anchor in one.anchors:
            ends = "expired" if anchor.expires < now else "expires"
            click.echo(display(f"own {one.name}: {anchor.subject}, {ends} {anchor.expires:%Y-%m-%d}"))
    if age > OLD_AFTER:
        click.echo(f"warning: the list is {age} days old; see `safelight trust update --help`", err=True)


@trust.command()
@click.argument("pem", type=_FILE)
@click.option("--tsa", type=_FILE, help="Anchors of time stamps; without it, those in force are kept.")
@click.option("--as-of", required=True, metavar="YYYY-MM-DD", help="Of which day the list is.")
@click.option("--force", is_flag=True, help="Also a list that is older than the one in force.")
@click.pass_obj
def update(app: App, pem: Path, tsa: Path | None, as_of: str, force: bool) -> None:
    """Put the official list in PEM in force.

    It is published at github.com/c2pa-org/conformance-public, folder trust-list.
    """
    try:
        day = datetime.strptime(as_of, "%Y-%m-%d").replace(tzinfo=UTC).date()
    except ValueError as error:
        raise UsageError(detail=f"--as-of: not a date like 2026-08-21: {as_of!r}") from error
    if day > app.clock.now().date():
        raise UsageError(detail=f"--as-of: {day} is yet to come")
    state = app.trust_folder.update(pem, day, tsa, force=force)
    official = state.official
    click.echo(f"in force: {official.name} of {official.as_of}, anchors of signers: {len(official.anchors)}")
    if state.shipped:
        click.echo("that is the list this version ships, which is as new", err=True)


@trust.command()
@click.argument("pem", type=_FILE)
@click.pass_obj
def add(app: App, pem: Path) -> None:
    """Trust the authorities whose certificates are in PEM, under the name of the file."""
    own = app.trust_folder.add(pem)
    for anchor in own.anchors:
        click.echo(display(f"trusted as {own.name}: {anchor.subject}, SHA-256 {anchor.sha256}"))


@trust.command()
@click.argument("name")
@click.pass_obj
def remove(app: App, name: str) -> None:
    """Trust the authorities that were added under NAME no longer."""
    app.trust_folder.remove(name)
    click.echo(display(f"no longer trusted: {name}"))
