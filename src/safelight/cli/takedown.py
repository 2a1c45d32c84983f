"""`safelight takedown`: URLs that are worked on: where they stand, for whoever runs the service, and what people do."""

import json
from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import chain

import click
import msgspec

from safelight.app import App
from safelight.cli.names import named
from safelight.cli.person import AS, DIGEST, NOTE, REASON, act
from safelight.cli.takedown_lines import at, line, lines
from safelight.flow.merged import current, histories
from safelight.flow.takedown_retract import of_abuse
from safelight.flow.walk import display
from safelight.model.access import SYSTEM, Permission, Principal
from safelight.model.errors import NotNowError, UsageError
from safelight.model.takedown import Alarm, Location, NoticeState
from safelight.ports import TakedownStore
from safelight.report.takedown_figures import HostFigures, figures

_PAGE = 500
_ANSWERS = tuple(
    one.value for one in (NoticeState.ACKNOWLEDGED, NoticeState.REMOVED, NoticeState.REFUSED, NoticeState.FAILED)
)
_JSON = click.option("--json", "as_json", is_flag=True, help="JSON, one object a line.")
_LIVE = click.option("--live", is_flag=True, help="URLs as they are; else as hxxps://host[.]example. JSON has them so.")
_OPERATOR = Principal(SYSTEM, frozenset((Permission.TAKEDOWN_ADD,)))
"""Whoever may run this in the data folder. It may not begin a takedown: notices go out once a person said so."""


@click.group()
def takedown() -> None:
    """URLs where items are, or were: where they stand, and how fast hosts remove."""


@takedown.command(name="list")
@click.option("--case", default="", metavar="ID", help="Of this case alone.")
@click.option("--alarms", is_flag=True, help="Only what waits for people, the most pressing first.")
@_LIVE
@_JSON
@click.pass_obj
def list_locations(app: App, case: str, alarms: bool, live: bool, as_json: bool) -> None:
    """Print all URLs, a line for each: where it stands, and when it is looked at next."""
    if alarms:
        for alarm in app.takedown.overdue():
            click.echo(_object(alarm) if as_json else display(_alarm_line(alarm)))
        return
    for location in app.takedowns.of_case(named(app, case)) if case else _all(app.takedowns):
        click.echo(_object(location) if as_json else display(line(location, live=live)))


@takedown.command()
@click.argument("location")
@_LIVE
@_JSON
@click.pass_obj
def show(app: App, location: str, live: bool, as_json: bool) -> None:
    """Print all that is known of one URL: who can act, and a timeline of what was done, looked at, and answered."""
    found = app.takedowns.get(location)
    if as_json:
        click.echo(_object(found))
        return
    case = current(app.cases, found.case)
    events, then = chain.from_iterable(histories(app.cases, case.id)), app.takedown.coming(found)
    for told in lines(found, events, live=live, then=then):
        click.echo(display(told))


@takedown.command()
@click.argument("case")
@click.argument("item")
@click.argument("urls", metavar="URL...", nargs=-1, required=True)
@click.pass_obj
def add(app: App, case: str, item: str, urls: tuple[str, ...]) -> None:
    """Say that ITEM of CASE is at URL; print the location's id. Notices go out once a person has begun that.

    URL may be written as hxxps://host[.]example/x. Of several, those that are none are named at the end.
    """
    case, wrong = named(app, case), list[str]()
    for number, url in enumerate(urls, 1):
        try:
            click.echo(app.takedown.add(_OPERATOR, case, item, url).id)
        except UsageError as error:
            wrong.append(f"URL {number}: {error}" if len(urls) > 1 else str(error))
    if wrong:
        raise UsageError(detail="\n".join(wrong))


@takedown.command()
@click.argument("location")
@click.pass_obj
def contacts(app: App, location: str) -> None:
    """Find out who can act about a URL, and keep it. Nobody is told yet."""
    found = app.takedown.contacts(_OPERATOR, location)
    for told in lines(found, ()):
        click.echo(display(told))


@takedown.command()
@click.argument("location")
@click.pass_obj
def preview(app: App, location: str) -> None:
    """Print the next notice as of now, whom it goes to, its digest, and what is missing."""
    upcoming = app.takedown.preview(location)
    if upcoming is None:
        raise NotNowError(cause="Nobody is left to be told.")
    contact, written = upcoming
    for told in written.letter.splitlines():
        click.echo(display(told))
    for missing in written.missing:
        click.echo(display(f"missing: {missing}"), err=True)
    click.echo(display(f"to: {contact.to}"), err=True)
    click.echo(f"digest: {written.digest(contact)}", err=True)


@takedown.command()
@click.argument("location")
@click.option("--vouched", is_flag=True, help="You say that it is there, also if we are refused, or it is a page.")
@DIGEST
@AS
def begin(location: str, vouched: bool, digest: str, person: str) -> None:
    """Read the next notice, and have the takedown begin: `safelight serve` goes on with it by the plan."""
    act("takedown begin", person, location=location, vouched=vouched, digest=digest)


@takedown.command()
@click.argument("location")
@click.argument("notice")
@click.argument("state", type=click.Choice(_ANSWERS))
@NOTE
@AS
def answer(location: str, notice: str, state: str, note: str, person: str) -> None:
    """Note what became of NOTICE; `failed`: it came back. That it is removed, only a look makes true."""
    act("takedown answer", person, location=location, notice=notice, state=state, note=note)


@takedown.command()
@click.argument("location")
@click.argument("notice")
@AS
def sent(location: str, notice: str, person: str) -> None:
    """Say that you have sent NOTICE, which waited for a person. Its time begins."""
    act("takedown sent", person, location=location, notice=notice)


@takedown.command()
@click.argument("location")
@REASON
@AS
def gone(location: str, reason: str, person: str) -> None:
    """Say that it is gone, which no look can show. It is watched from then on."""
    act("takedown gone", person, location=location, reason=reason)


@takedown.command()
@click.argument("location")
@REASON
@AS
def close(location: str, reason: str, person: str) -> None:
    """End the work on a URL."""
    act("takedown close", person, location=location, reason=reason)


@takedown.command()
@click.argument("location")
@DIGEST
@AS
def retract(location: str, digest: str, person: str) -> None:
    """Read what takes notices back whose case is decided to be no abuse, and have it sent."""
    act("takedown retract", person, location=location, digest=digest)


@takedown.command()
@click.argument("location")
@click.argument("retraction")
@AS
def retracted(location: str, retraction: str, person: str) -> None:
    """Say that you told somebody that a notice is taken back: RETRACTION waited for a person."""
    act("takedown retracted", person, location=location, retraction=retraction)


@takedown.command()
@click.argument("location")
@click.argument("retraction")
@REASON
@AS
def unretracted(location: str, retraction: str, reason: str, person: str) -> None:
    """Say why somebody cannot be told that a notice is taken back."""
    act("takedown unretracted", person, location=location, retraction=retraction, reason=reason)


@takedown.command()
@click.argument("location", default="")
@click.pass_obj
def advance(app: App, location: str) -> None:
    """Do what is due now, about LOCATION or about all: looks, notices, escalation. `safelight serve` does it by itself.

    Of each host one URL is looked at in a minute; what is left is done the next time.
    """
    try:
        for one in [location] if location else app.takedown.due():
            click.echo(display(line(app.takedown.advance(one))))
    finally:
        app.close_intake()


@takedown.command()
@_JSON
@click.pass_obj
def stats(app: App, as_json: bool) -> None:
    """Print how long hosts take to remove, the slowest first. What is still there counts as not removed so far."""
    told = figures(of_abuse(app.cases, app.takedowns), app.clock.now())
    if as_json:
        click.echo(_object(told))
        return
    click.echo("  urls  notices  removed  there  silent  refused   median     90 %  host")
    for one in (told.whole, *told.hosts):
        click.echo(_figures_line(one))
    for month in told.months:
        click.echo(f"{month.month}: asked {month.asked:,}, removed {month.removed:,}, median {_time(month.median)}")


def _all(store: TakedownStore) -> Iterator[Location]:
    after = ""
    while page := store.all(after, _PAGE):
        yield from page
        after = page[-1].id


def _object(value: object) -> str:
    return json.dumps(msgspec.to_builtins(value))


def _alarm_line(one: Alarm) -> str:
    return f"{one.kind:<10}{at(one.at)}  case {one.case}  {one.location or one.what}"


def _figures_line(one: HostFigures) -> str:
    numbers: Sequence[tuple[int, int]] = (
        (6, one.urls), (9, one.notices), (9, one.removed), (7, one.there), (8, one.silent), (9, one.refused)
    )  # fmt: skip
    counts = "".join(f"{number:>{width},}" for width, number in numbers)
    return display(f"{counts}{_time(one.median):>9}{_time(one.p90):>9}  {one.name or 'all'}")


def _time(value: timedelta | None) -> str:
    """Hours, or days; `never` for what so far is not reached."""
    if value is None:
        return "never"
    hours = value / timedelta(hours=1)
    return f"{hours:.1f} h" if hours < 72 else f"{hours / 24:.1f} d"
