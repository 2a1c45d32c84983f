"""`safelight evidence`: looking after the media in the vault."""

import json
from datetime import timedelta

import click

from safelight.app import App
from safelight.cli.progress import ShownProgress
from safelight.flow.walk import display
from safelight.model.errors import EvidenceDamagedError
from safelight.ports import EvidenceVault

_PAGE = 100
_QUIET = click.option("--quiet", "-q", is_flag=True, help="No progress.")


@click.group()
def evidence() -> None:
    """The vault of encrypted media. Nothing here shows or writes plain media."""


@evidence.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.pass_obj
def status(app: App, as_json: bool) -> None:
    """Print how much there is, and which keys wrap it."""
    told = app.evidence.status()
    if as_json:
        click.echo(
            json.dumps({"blobs": told.blobs, "bytes": told.size, "destroyed": told.destroyed, "keys": told.keys})
        )
        return
    click.echo(f"media: {told.blobs:,} ({told.size / 1e6:,.1f} MB), destroyed: {told.destroyed:,}")
    for key, count in told.keys.items():
        click.echo(display(f"wrapped with key {key}: {count:,}"))


@evidence.command()
@click.option("--after", default="", metavar="ID", help="Go on after this one, which an interrupted run has named.")
@_QUIET
@click.pass_obj
def verify(app: App, after: str, quiet: bool) -> None:
    """Decrypt every blob in memory and compare it with its record. Damaged ones are named; then the exit code is 27."""
    vault = app.evidence
    damaged = seen = 0
    with ShownProgress(quiet=quiet, unit="blobs") as progress:
        told = vault.status()
        progress.start(told.blobs + told.destroyed, 0)
        try:
            while page := vault.blobs(after, _PAGE):
                for blob in page:
                    broken = _is_damaged(vault, blob.id)
                    seen, damaged, after = seen + 1, damaged + broken, blob.id
                    progress.advance(1, blob.size if blob.wrapped else 0, broken)
        except KeyboardInterrupt:
            click.echo(f"go on with: safelight evidence verify --after {after}", err=True)
            raise
    if damaged:
        raise EvidenceDamagedError(
            path="evidence", cause=f"{damaged:,} of {seen:,} blobs are damaged, each named above"
        )
    click.echo(f"whole: {seen:,}")


def _is_damaged(vault: EvidenceVault, blob: str) -> bool:
    try:
        vault.check(blob)
    except EvidenceDamagedError as error:
        click.echo(display(f"damaged: {error}"))
        return True
    return False


@evidence.command()
@_QUIET
@click.pass_obj
def rewrap(app: App, quiet: bool) -> None:
    """Wrap all data keys with the key in force, after SAFELIGHT_EVIDENCE_KEY has changed.

    The key before it must be in SAFELIGHT_EVIDENCE_OLD_KEYS. Sealed bytes stay as they are. Run it again after an
    interruption, and until it says 0: then the old key is needed no longer.
    """
    with ShownProgress(quiet=quiet, unit="keys") as progress:
        before = 0

        def say(done: int, total: int) -> None:
            nonlocal before
            if not before:
                progress.start(total, 0)
            progress.advance(done - before, 0, 0)
            before = done

        count = app.evidence.rewrap(say)
    click.echo(f"wrapped anew: {count:,}")


@evidence.command()
@click.option("--hours", type=click.IntRange(1), default=24, show_default=True, help="Only what is older than this.")
@click.pass_obj
def sweep(app: App, hours: int) -> None:
    """Remove sealed bytes that no record names: what was left when a process was killed, or of destroyed media."""
    count = app.evidence.sweep(app.clock.now() - timedelta(hours=hours))
    click.echo(f"removed: {count:,}")
