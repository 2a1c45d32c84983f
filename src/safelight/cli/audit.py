"""`safelight audit`: evidence out of the service as files, and is a file, or the store, still what it was?"""

import json
from pathlib import Path

import click
import msgspec

from safelight.app import App
from safelight.cli.main import FOUND, NOTHING, UNCHECKED
from safelight.flow.audit import export_case, export_log, verify_store
from safelight.flow.audit_file import verify_export
from safelight.flow.walk import display
from safelight.model.access import SYSTEM
from safelight.model.audit import AuditReport
from safelight.model.errors import InputError, UsageError

_SHOWN = 40
_PATH = click.Path(path_type=Path)


@click.group()
def audit() -> None:
    """Export cases as evidence, and prove that an export or the store is unchanged."""


@audit.command("verify")
@click.argument("file", required=False, type=_PATH)
@click.option("--key", "-k", "keys", multiple=True, type=_PATH, help="Public key you trust; repeatable.")
@click.option("--tsa", "roots", multiple=True, type=_PATH, help="Certificate of a time-stamp authority; repeatable.")
@click.option("--media/--no-media", default=True, help="Of the store: read all media back (the default).")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@click.pass_obj
def verify(
    app: App, file: Path | None, keys: tuple[Path, ...], roots: tuple[Path, ...], media: bool, as_json: bool
) -> None:
    """Check an export FILE with nothing but it and the public key; without FILE, the store of this data folder.

    Exit codes: 0 intact and signed by a key given with --key; 1 altered; 3 intact, but nothing proves whose it is:
    it is not signed, or by a key that you did not name.
    """
    if file is None:
        if roots:
            raise UsageError(detail="--tsa is for exports")
        report = verify_store(app.cases, app.evidence if media else None, app.head_check(keys), app.last_head.get())
    else:
        stamps = app.stamp_check(roots) if roots else None
        try:
            with file.open("rb") as stream:
                report = verify_export(app.open_export(stream, keys), stamps)
        except OSError as error:
            raise InputError(path=file, cause=error.strerror or str(error)) from error
    if as_json:
        click.echo(json.dumps(msgspec.to_builtins(report) | {"intact": report.intact}, indent=2))
    else:
        for line in lines(report):
            click.echo(display(line))
    raise SystemExit(exit_code(report))


def exit_code(report: AuditReport) -> int:
    """0 when whole and by a named key, 1 when something is wrong, 3 when whole but by nobody known."""
    if report.flaws:
        return FOUND
    return NOTHING if report.intact else UNCHECKED


def lines(report: AuditReport) -> list[str]:
    """What to say of a check."""
    said = ["ALTERED:" if report.flaws else "INTACT: every part is as it was written."]
    said += [f"  {flaw.where}: {flaw.what}" for flaw in report.flaws[:_SHOWN]]
    if len(report.flaws) > _SHOWN:
        said.append(f"  and {len(report.flaws) - _SHOWN} more")
    said.append(
        f"checked: {report.entries} entries, {report.cases} cases, {report.items} items, {report.blobs} media, "
        f"{report.heads} signed heads, {report.stamps} time stamps"
    )
    said += [f"  note: {note}" for note in report.notes]
    said += [f"SIGNED by a key that you named: {key}" for key in report.signed_by]
    if not report.signed_by:
        said.append(
            "NOBODY YOU NAMED VOUCHES FOR THIS. Get the public key from its owner, by another way, and name it with "
            "--key."
        )
    return said


@audit.command("export")
@click.argument("case", required=False)
@click.option("--all", "whole", is_flag=True, help="The whole log, without media, in place of one case.")
@click.option("--out", "-o", required=True, type=_PATH, help="The file to write; it must not be there yet.")
@click.option("--media", is_flag=True, help="With the media of the case's items, as plain files.")
@click.option("--key", "-k", type=_PATH, help="Private key to sign with; `safelight keygen` makes one.")
@click.option("--reason", default="", help="Why, for the log.")
@click.option("--no-stamp", is_flag=True, help="Do not ask the time-stamp authority that the settings name.")
@click.pass_obj
def export(
    app: App, case: str | None, whole: bool, out: Path, media: bool, key: Path | None, reason: str, no_stamp: bool
) -> None:
    """Write CASE (its id), or with --all the whole log, as one file that anybody can check with the public key.

    That it was exported goes into the log.
    """
    if whole == (case is not None) or (whole and media):
        raise UsageError(detail="name one case, or --all; media goes with one case only")
    if out.exists():
        raise InputError(path=out, cause="is there already")
    exporter = app.exporter(key, lambda: str(click.prompt("Passphrase", hide_input=True, err=True)), stamp=not no_stamp)
    with app.new_file(out) as stream:
        if case is None:
            done = export_log(exporter, stream, actor=SYSTEM, reason=reason)
        else:
            done = export_case(exporter, case, stream, media=media, actor=SYSTEM, reason=reason)
    click.echo(f"{done.entries} entries, {len(done.media)} media: {display(str(out))}")
    click.echo(f"sha256: {done.sha256}")
    click.echo(f"signed by: {done.head.key}" if key else "not signed: nobody vouches for it")
