"""`safelight bank`: make, fill, look at, export and change banks."""

import json
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TextIO

import click
import msgspec
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.table import Table

from safelight.app import App
from safelight.cli.bank_log import changing, growing
from safelight.cli.progress import ShownProgress
from safelight.flow import banks
from safelight.flow.bank_media import add_media
from safelight.flow.walk import display
from safelight.model.bank import BadRow, Bank, BankEntry
from safelight.model.errors import StorageError, UsageError

SHOWN_PROBLEMS = 20
"""Problems printed one by one; the rest is counted. All go to the file of --problems."""
LOCAL_HELP = "Keep local features of added media, encrypted, to trace altered pictures."


@click.group()
def bank() -> None:
    """Banks: named lists of known items."""


@bank.command()
@click.argument("name")
@click.option(
    "--threshold",
    type=click.IntRange(0, banks.MAX_THRESHOLD),
    default=31,
    show_default=True,
    help="Largest PDQ distance that is near.",
)
@click.option(
    "--min-quality",
    type=click.IntRange(0, 100),
    default=50,
    show_default=True,
    help="PDQ quality under which nothing is compared.",
)
@click.option("--negative", is_flag=True, help="Known-benign items: a hit suppresses near hits of other banks.")
@click.option("--local/--no-local", default=True, show_default=True, help=LOCAL_HELP)
@click.option("--description", default="", help="What the list is and where it comes from.")
@click.pass_obj
def create(
    app: App, name: str, threshold: int, min_quality: int, negative: bool, local: bool, description: str
) -> None:
    """Make an empty bank called NAME."""
    with changing(app, "created", name):
        banks.create_bank(
            app.store,
            name,
            threshold=threshold,
            min_quality=min_quality,
            negative=negative,
            description=description,
            local=local,
        )
    click.echo(f"made bank {name}")


@bank.command("set")
@click.argument("name")
@click.option("--threshold", type=click.IntRange(0, banks.MAX_THRESHOLD), help="Largest PDQ distance that is near.")
@click.option("--min-quality", type=click.IntRange(0, 100), help="PDQ quality under which nothing is compared.")
@click.option("--negative/--positive", default=None, help="Known-benign items, or known items.")
@click.option("--local/--no-local", default=None, help=LOCAL_HELP)
@click.option("--description", help="What the list is and where it comes from.")
@click.pass_obj
def set_options(
    app: App,
    name: str,
    threshold: int | None,
    min_quality: int | None,
    negative: bool | None,
    local: bool | None,
    description: str | None,
) -> None:
    """Change the options of bank NAME.

    After --local, `bank add` takes in the local features of media that are there already, too. After --no-local they
    are no longer looked at; `bank reindex --drop-local` removes them.
    """
    options = {"threshold": threshold, "min_quality": min_quality, "negative": negative, "local": local}
    told = {option: str(value) for option, value in options.items() if value is not None}
    with changing(app, "changed", name, **told):
        banks.change_bank(
            app.store,
            name,
            threshold=threshold,
            min_quality=min_quality,
            negative=negative,
            description=description,
            local=local,
        )
    click.echo(f"changed bank {name}")


@bank.command()
@click.argument("name")
@click.pass_obj
def disable(app: App, name: str) -> None:
    """Keep bank NAME but match nothing against it."""
    with changing(app, "changed", name, enabled="False"):
        banks.change_bank(app.store, name, enabled=False)
    click.echo(f"disabled bank {name}")


@bank.command()
@click.argument("name")
@click.pass_obj
def enable(app: App, name: str) -> None:
    """Match against bank NAME again."""
    with changing(app, "changed", name, enabled="True"):
        banks.change_bank(app.store, name, enabled=True)
    click.echo(f"enabled bank {name}")


@bank.command()
@click.argument("name")
@click.argument("folder", type=click.Path())
@click.option("--classification", default="", help="The list owner's word for these items.")
@click.option("--source", default="", help="Where these items come from.")
@click.option("--processes", "-p", type=click.IntRange(1, 1024), help="Confined workers. Default: all processors.")
@click.pass_obj
def add(app: App, name: str, folder: str, classification: str, source: str, processes: int | None) -> None:
    """Add the media under FOLDER to bank NAME; each entry is called by its path relative to FOLDER."""
    into = app.store.bank(name)
    examiner = app.examiner(processes, local=into.local, clips=True)
    with growing(app, name), ShownProgress() as progress:
        report = add_media(
            app.store,
            app.room,
            app.features,
            examiner,
            app.sketcher,
            into,
            folder,
            progress,
            classification,
            source,
            app.shortlist if into.local else None,
            app.clips,
        )
    _complain(f"{path}: not added: {cause}" for path, cause in report.failed)
    _complain(f"{path}: added by its digests only (not decoded, or one flat colour)" for path in report.unhashed)
    local = f"; took in the local features of {report.local:,}" if report.local else ""
    click.echo(f"added {report.added:,} entries to {name}; {report.present:,} were there already{local}")


@bank.command("import")
@click.argument("name")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--format",
    "form",
    type=click.Choice(["auto", "pdq-text", "csv", "vics", "jsonl"]),
    default="auto",
    show_default=True,
    help="Format of the list.",
)
@click.option("--source", help="Source of entries that state none. Default: the file's name.")
@click.option("--problems", type=click.File("w"), help="Write every row that was passed over to this file.")
@click.pass_obj
def import_(app: App, name: str, file: Path, form: str, source: str | None, problems: TextIO | None) -> None:
    """Import the hash list FILE into bank NAME. Bad rows are named and passed over; the rest is imported."""

    def note(bad: BadRow) -> None:
        if problems:
            problems.write(f"row {bad.row}: {bad.cause}\n")

    with growing(app, name), _import_progress() as bar:
        task = bar.add_task("importing", total=None, rows=0)
        report = banks.import_list(
            app.store,
            app.room,
            app.read_list,
            name,
            file,
            form=form,
            source=source,
            on_progress=lambda rows, at, total: _tell(bar, task, rows, at, total),
            on_bad=note,
        )
    _complain((f"{file}: row {bad.row}: {bad.cause}" for bad in report.bad), report.bad_total)
    for text in report.notes:
        click.echo(display(f"note: {text}"), err=True)
    bad = f", {report.bad_total:,} passed over" if report.bad_total else ""
    click.echo(f"{report.read:,} rows: {report.added:,} added to {name}, {report.present:,} there already{bad}")


@bank.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.pass_obj
def list_(app: App, as_json: bool) -> None:
    """List all banks."""
    found = app.store.banks()
    if as_json:
        for one in found:
            click.echo(json.dumps(msgspec.to_builtins(one)))
        return
    table = Table()
    for heading in ("bank", "entries", "threshold", "min quality", "kind", "state", "local", "description"):
        table.add_column(heading, justify="right" if heading in {"entries", "threshold", "min quality"} else "left")
    for one in found:
        state = "enabled" if one.enabled else "disabled"
        kind = "known benign" if one.negative else "known"
        numbers = (f"{one.entries:,}", str(one.threshold), str(one.min_quality))
        local = "yes" if one.local else "no"
        table.add_row(one.name, *numbers, kind, state, local, escape(display(one.description)))
    Console().print(table if found else "no banks yet: safelight bank create NAME")


@bank.command()
@click.argument("name")
@click.argument("entry", required=False)
@click.option("--limit", type=click.IntRange(0), default=20, show_default=True, help="Entries shown.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.pass_obj
def show(app: App, name: str, entry: str | None, limit: int, as_json: bool) -> None:
    """Show bank NAME and its first entries, or one ENTRY of it."""
    of = app.store.bank(name)
    if entry is not None:
        entries = iter([app.store.entry(of, entry)])
    else:
        entries = islice(app.store.entries(of), limit)
        traced = _count_local(app, of)
        facts = {**msgspec.to_builtins(of), "local_entries": traced}
        click.echo(json.dumps(facts) if as_json else _bank_line(of, traced))
    for one in entries:
        click.echo(json.dumps(msgspec.to_builtins(one)) if as_json else _entry_lines(one))


@bank.command()
@click.argument("name")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--format",
    "form",
    type=click.Choice(["pdq-text", "csv", "vics", "jsonl"]),
    default="csv",
    show_default=True,
    help="Format of the list; `jsonl` holds everything.",
)
@click.pass_obj
def export(app: App, name: str, file: Path, form: str) -> None:
    """Write bank NAME to FILE (`-`: standard output)."""
    if str(file) == "-":
        written, left = banks.export_bank(app.store, app.write_list, name, form, sys.stdout.buffer)
    else:
        written, left = banks.export_bank_file(app.store, app.write_list, name, form, file)
    note = f"; {left:,} have nothing that {form} can hold" if left else ""
    click.echo(f"{written:,} entries written{note}", err=True)


@bank.command()
@click.argument("name")
@click.argument("entries", nargs=-1, required=True)
@click.pass_obj
def remove(app: App, name: str, entries: tuple[str, ...]) -> None:
    """Remove ENTRIES from bank NAME: all of them, or none when one is not there."""
    shortlists, count = app.kept_shortlists(), len(set(entries))
    with changing(app, "entries_removed", name, count=str(count)):
        banks.remove_entries(app.store, app.room, app.features, app.families, name, entries, shortlists, app.clips)
    click.echo(f"removed {count:,} entries from {name}")


@bank.command()
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def delete(app: App, name: str, yes: bool) -> None:
    """Remove bank NAME with all its entries."""
    of = app.store.bank(name)
    if not yes:
        if not sys.stdin.isatty():
            raise UsageError(detail=f"deleting {name} and its {of.entries:,} entries needs --yes")
        click.confirm(f"Remove bank {name} and its {of.entries:,} entries?", abort=True)
    shortlists = app.kept_shortlists()
    with changing(app, "deleted", name, entries=str(of.entries)):
        banks.delete_bank(app.store, app.room, app.features, app.families, name, shortlists, app.clips)
    click.echo(f"removed bank {name}")


@bank.command()
@click.argument("name")
@click.option("--drop-local", is_flag=True, help="Remove the bank's local features, readable or not.")
@click.pass_obj
def reindex(app: App, name: str, drop_local: bool) -> None:
    """Build the search index of bank NAME again from the store.

    Local features, which cannot be made from the store, are written anew: nothing is left of what was removed.
    """
    shortlists = app.kept_shortlists() if drop_local else ()
    count = banks.reindex(
        app.store, app.room, app.features, name, drop_local=drop_local, shortlists=shortlists, clips=app.clips
    )
    click.echo(f"indexed {count:,} PDQ hashes of {name}")


def _count_local(app: App, bank: Bank) -> int | None:
    """How many entries have local features; None, and a line that says why, when that cannot be read."""
    try:
        return banks.count_local(app.features, bank)
    except StorageError as error:
        click.echo(display(f"local features: {error}"), err=True)
        return None


def _bank_line(bank: Bank, traced: int | None) -> str:
    kind, state = "known benign" if bank.negative else "known", "enabled" if bank.enabled else "disabled"
    limits = f"threshold {bank.threshold}, min quality {bank.min_quality}"
    local = "unreadable" if traced is None else f"of {traced:,} entries{'' if bank.local else ' (switched off)'}"
    return f"{bank.name}: {bank.entries:,} entries, {limits}, {kind}, {state}; local features {local}"


def _entry_lines(entry: BankEntry) -> str:
    expired = entry.expires is not None and entry.expires <= datetime.now(UTC)
    facts = {
        "classification": entry.classification,
        "source": entry.source,
        "expires": f"{entry.expires:%Y-%m-%d}{' (expired)' if expired else ''}" if entry.expires else "",
        **entry.metadata,
    }
    lines = [entry.name, *(f"    {name}: {value}" for name, value in facts.items() if value)]
    for known in entry.hashes:
        quality = f" (quality {known.quality})" if known.kind == "pdq" else ""
        lines.append(f"    {known.kind} {known.value}{quality}")
    return "\n".join(map(display, lines))  # lists come from others: nothing in them may steer the terminal


def _complain(lines: Iterable[str], total: int | None = None) -> None:
    """Print the first problems, one a line, and count the rest."""
    count = 0
    for count, line in enumerate(lines, 1):
        if count <= SHOWN_PROBLEMS:
            click.echo(display(line), err=True)
    more = (total or count) - SHOWN_PROBLEMS
    if more > 0:
        click.echo(f"... and {more:,} more", err=True)


def _import_progress() -> Progress:
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TextColumn("{task.fields[rows]} rows"))
    return Progress(*columns, TimeRemainingColumn(), console=console, disable=not console.is_terminal)


def _tell(bar: Progress, task: TaskID, rows: int, at: int, total: int) -> None:
    bar.update(task, completed=at, total=total or None, rows=f"{rows:,}")
