"""`safelight backup` and `safelight restore`."""

from dataclasses import replace
from pathlib import Path

import click

from safelight.app import App
from safelight.cli.progress import ShownProgress
from safelight.flow.backup import back_up
from safelight.flow.backup import restore as put_back
from safelight.flow.walk import display
from safelight.model.backup import BackupManifest
from safelight.model.errors import UsageError

_PATH = click.Path(path_type=Path)
_QUIET = click.option("--quiet", "-q", is_flag=True, help="No progress.")


@click.command()
@click.argument("file", type=_PATH)
@click.option("--with-keys", is_flag=True, help="Also the keys in the data folder, sealed by a passphrase.")
@_QUIET
@click.pass_obj
def backup(app: App, file: Path, with_keys: bool, quiet: bool) -> None:
    """Write everything that cannot be made again to FILE, while the service runs.

    Media goes in as it is: encrypted. Without its key, which is left out unless you say --with-keys, nobody can read
    it; keep the key elsewhere. The passphrase is SAFELIGHT_PASSPHRASE, or is asked for.
    """
    keys = app.seal_keys(_passphrase(app, confirm=True)) if with_keys else b""
    with app.backup_writer(file) as (writer, copy, kept), ShownProgress(quiet=quiet, unit="blobs") as progress:
        manifest = back_up(copy, kept, app.blobs, keys, writer, app.clock, progress)
    _tell(manifest)
    if not keys:
        click.echo("keys are not in it: keep them elsewhere, media cannot be read without them", err=True)


@click.command()
@click.argument("file", type=_PATH)
@click.option("--home", required=True, type=_PATH, help="The new data folder; nothing may be there yet.")
@_QUIET
@click.pass_obj
def restore(app: App, file: Path, home: Path, quiet: bool) -> None:
    """Put the backup FILE back, after all of it was verified. Nothing is ever overwritten.

    A store on PostgreSQL goes to the empty database that SAFELIGHT_DATABASE_URL names, media to where SAFELIGHT_BLOBS
    says, everything else to --home.
    """
    there = App(replace(app.settings, home=home.absolute()))
    with app.backup_reader(file) as reader, there.restore_place() as place, ShownProgress(quiet=quiet) as progress:
        had_keys = put_back(reader, place, lambda sealed: app.open_keys(sealed, _passphrase(app)), progress)
    _tell(reader.manifest)
    if not had_keys:
        click.echo("keys were not in it: put them back before media is looked at", err=True)


def _passphrase(app: App, *, confirm: bool = False) -> str:
    given = app.settings.passphrase or click.prompt(
        "Passphrase", hide_input=True, confirmation_prompt=confirm, err=True
    )
    if not given:
        raise UsageError(detail="keys take a passphrase")
    return str(given)


def _tell(manifest: BackupManifest) -> None:
    entries = manifest.entries
    size = sum(entry.size for entry in entries)
    click.echo(f"{len(entries):,} files, {size / 1e6:,.1f} MB, of {manifest.created:%Y-%m-%d %H:%M:%S} UTC")
    for name in manifest.left_out:
        click.echo(display(f"left out, since it is not encrypted: {name}"), err=True)
    if manifest.absent:
        click.echo(f"media that was not there, destroyed meanwhile or lost: {len(manifest.absent):,}", err=True)
        for name in manifest.absent:
            click.echo(display(name), err=True)
