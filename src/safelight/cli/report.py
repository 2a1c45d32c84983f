"""`safelight report`: documents for others, reports on their way, statements, and the year in numbers."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
import msgspec

from safelight.app import App
from safelight.cli.names import named
from safelight.cli.person import AS, DIGEST, REASON, act
from safelight.flow.merged import current
from safelight.flow.settle_facts import account_of
from safelight.flow.walk import display
from safelight.model.access import SYSTEM, Permission, Principal
from safelight.model.dossier import Document
from safelight.model.errors import InputError, UsageError
from safelight.model.filing import Body, Filing, FilingState

_PAGE = 100
_OUT = click.option(
    "--out", "-o", type=click.Path(path_type=Path, file_okay=False), help="Folder to write all documents to."
)
FORMATS = ("ncmec", "xarf", "dsa", "statement", "tdb", "vics", "case", "pdf", "canada", "nca", "police")
"""Formats of documents, see `report.closing.example_documents`."""
CASE_FORMATS = ("case", "vics", "pdf")
"""Formats of documents about a case, see `report.closing.case_documents`."""
_JSON = click.option("--json", "as_json", is_flag=True, help="JSON, one object a line.")
_OPERATOR = Principal(SYSTEM, frozenset((Permission.REPORT_PREPARE,)))
"""Whoever may run this in the data folder may prepare a report, as programs may; a person confirms it."""


@click.group()
def report() -> None:
    """Documents for hotlines, police, hosts, uploaders and the public. None holds media or a reviewer's name."""


@report.command()
@click.option("--format", "form", type=click.Choice(FORMATS), required=True, help="Which document.")
@_OUT
def example(form: str, out: Path | None) -> None:
    """Print a document of a benign example case, for anybody who wants to read or check it.

    All pictures of the example are drawn by a program, and nothing in it is real. Of several documents the first is
    printed; --out writes them all.
    """
    from safelight.report.closing.example_documents import example_documents  # noqa: PLC0415 - lxml, typst: when used

    _give(example_documents(form), out)


@report.command()
@click.argument("case")
@click.option("--format", "form", type=click.Choice(CASE_FORMATS), required=True, help="Which document.")
@_OUT
@click.pass_obj
def document(app: App, case: str, form: str, out: Path | None) -> None:
    """Print a document about CASE, as it is now. It is what a bundle for the police has of it, without a report."""
    _give([app.case_document(named(app, case), form)], out)


@report.command(name="list")
@click.option("--case", default="", metavar="ID", help="Of this case alone.")
@click.option(
    "--state",
    "states",
    multiple=True,
    type=click.Choice([one.value for one in FilingState]),
    help="In this state; repeatable.",
)
@_JSON
@click.pass_obj
def list_filings(app: App, case: str, states: tuple[str, ...], as_json: bool) -> None:
    """Print reports to hotlines and authorities, a line for each: to whom, how far it came."""
    wanted = [FilingState(state) for state in states]
    if case:
        found = [one for one in app.filings.of_case(named(app, case)) if not wanted or one.state in wanted]
        _list(found, as_json=as_json)
        return
    after = ""
    while page := app.filings.all(wanted, after=after, limit=_PAGE):
        _list(page, as_json=as_json)
        after = page[-1].id


@report.command()
@click.argument("filing")
@_JSON
@click.pass_obj
def show(app: App, filing: str, as_json: bool) -> None:
    """Print one report: its steps, its number there, its files."""
    found = app.filings.get(filing)
    if as_json:
        click.echo(_object(found))
        return
    click.echo(display(_line(found)))
    for item in found.items:
        number = f" as {item.number}" if item.number else ""
        sent = "media goes along" if item.upload else "hashes alone"
        click.echo(display(f"  {item.item}: {item.step}{number}, {sent}, {'seen' if item.viewed else 'not seen'} here"))
    if found.cause:
        click.echo(display(f"  {found.cause}"))


@report.command()
@click.argument("filing")
@_OUT
@click.pass_obj
def preview(app: App, filing: str, out: Path | None) -> None:
    """Print what a report would say, its digest, and what speaks against sending it."""
    found = app.reports.preview(filing)
    _give([Document(one.name, one.mime, one.content) for one in found.documents], out)
    for flaw in found.flaws:
        click.echo(display(f"cannot be sent: {flaw}"), err=True)
    click.echo(f"digest: {found.digest}", err=True)


@report.command()
@click.argument("case")
@click.argument("body", type=click.Choice([one.value for one in Body]))
@click.pass_obj
def draft(app: App, case: str, body: str) -> None:
    """Prepare a report about CASE to BODY, or prepare it anew; print its id. A person reads and confirms it."""
    click.echo(app.reports.draft(_OPERATOR, named(app, case), Body(body)).id)


@report.command()
@click.argument("filing")
@DIGEST
@AS
def confirm(filing: str, digest: str, person: str) -> None:
    """Read a report to NCMEC, and have it sent by `safelight serve`."""
    act("report confirm", person, filing=filing, digest=digest)


@report.command()
@click.argument("filing")
@click.option("--note", required=True, help="To whom it was handed over, and how.")
@DIGEST
@AS
def hand(filing: str, note: str, digest: str, person: str) -> None:
    """Say that you handed a report over; or, of a dead letter whose end is not known, that NCMEC has it."""
    act("report hand", person, filing=filing, note=note, digest=digest)


@report.command()
@click.argument("filing")
@REASON
@AS
def withdraw(filing: str, reason: str, person: str) -> None:
    """Give up a report that is not finished; or, of a dead letter whose end is not known, say that NCMEC has none."""
    act("report withdraw", person, filing=filing, reason=reason)


@report.command()
@click.argument("case")
@_JSON
@click.pass_obj
def statements(app: App, case: str, as_json: bool) -> None:
    """Print what uploaders of items of CASE are told, word for word, and whether it was passed on."""
    for one in app.statements.of_case(current(app.cases, named(app, case)).id):
        if as_json:
            click.echo(json.dumps(msgspec.to_builtins(one) | {"told_by": str(one.told_by or "")}))
            continue
        passed = f"told {one.told:%Y-%m-%d %H:%M} UTC, by {one.told_by}" if one.told else "not passed on yet"
        whose = f"item {one.item}, account {account_of(app.cases, one.item)}"
        click.echo(display(f"{one.id}  {one.kind}  {whose}, {one.at:%Y-%m-%d %H:%M} UTC, {passed}"))
        for line in one.text.splitlines():
            click.echo(display(f"  {line}".rstrip()))


@report.command()
@click.argument("case")
@click.argument("statement")
@AS
def told(case: str, statement: str, person: str) -> None:
    """Say that STATEMENT was passed on: the uploader was told."""
    act("report told", person, case=case, statement=statement)


@report.command()
@click.argument("filing")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.pass_obj
def bundle(app: App, filing: str, file: Path) -> None:
    """Write the documents of a report to FILE, a zip, for people to hand over. No media is in it."""
    _write(file, app.reports.bundle(filing))


@report.command()
@click.argument("year", type=click.IntRange(2000, 9999))
@click.option("--html", type=click.Path(path_type=Path, dir_okay=False), help="Write the page to this file.")
@click.option("--inside", is_flag=True, help="Exact figures, for you alone; without it small counts are left out.")
@click.pass_obj
def transparency(app: App, year: int, html: Path | None, inside: bool) -> None:
    """Print the figures of YEAR as JSON: what was found, decided, reported and removed."""
    from safelight.report.closing.transparency import exact, public, render  # noqa: PLC0415 - templates: when used

    figures = app.transparency(year)
    if html is not None:
        _write(html, render(figures, inside=inside).encode())
        return
    told = exact(figures) if inside else public(figures)
    click.echo(msgspec.json.format(msgspec.json.encode(told), indent=2).decode())


@report.command()
@click.argument("begin", type=click.DateTime(["%Y-%m-%d"]))
@click.argument("end", type=click.DateTime(["%Y-%m-%d"]))
@_OUT
@click.pass_obj
def database(app: App, begin: datetime, end: datetime, out: Path | None) -> None:
    """Print statements from BEGIN to END (both days included) for the DSA Transparency Database.

    Each line, or file, is a body of POST /api/v1/statements with at most 100 statements.
    """
    if end < begin:
        raise UsageError(detail="END is before BEGIN")
    last = end.replace(tzinfo=UTC) + timedelta(days=1)
    for number, body in enumerate(app.statements.database(begin.replace(tzinfo=UTC), last), 1):
        content = msgspec.json.encode(body) + b"\n"
        if out is None:
            click.echo(content, nl=False)
        else:
            _write(out / f"statements-{number:04}.json", content)


def _list(filings: Sequence[Filing], *, as_json: bool) -> None:
    for filing in filings:
        click.echo(_object(filing) if as_json else display(_line(filing)))


def _line(filing: Filing) -> str:
    test = "" if filing.production else ", test system"
    number = f", number {filing.number}" if filing.number else ""
    return f"{filing.id}  {filing.state}  {filing.body}{test}  case {filing.case}, {len(filing.items)} files{number}"


def _object(filing: Filing) -> str:
    """A report as JSON. Who confirmed it stays inside, and what it tells of people is in its preview alone."""
    line: dict[str, object] = msgspec.to_builtins(filing)
    del line["confirmed_by"], line["told"]
    return json.dumps(line)


def _give(documents: Sequence[Document], out: Path | None) -> None:
    """Print the first document, or write them all to a folder."""
    if out is None:
        if documents:
            click.echo(documents[0].content, nl=False)
        return
    for document in documents:
        _write(out / document.name, document.content)


def _write(file: Path, content: bytes) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    except OSError as error:
        raise InputError(path=display(str(file)), cause=error.strerror or "cannot be written") from None
    click.echo(display(str(file)))
