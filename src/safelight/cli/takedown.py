"""`safelight takedown`: URLs that are worked on, for whoever runs the service. People begin it in the console."""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import click
import msgspec

from safelight.app import App
from safelight.flow.walk import display
from safelight.model.access import SYSTEM, Permission, Principal
from safelight.model.takedown import Alarm, Location
from safelight.policy.takedown import standing
from safelight.ports import TakedownStore
from safelight.report.takedown_figures import HostFigures, figures

_PAGE = 500
_JSON = click.option("--json", "as_json", is_flag=True, help="JSON, one object a line.")
_OPERATOR = Principal(SYSTEM, frozenset((Permission.TAKEDOWN_ADD,)))
"""Whoever may run this in the data folder. It may not begin a takedown: notices go out once a person said so."""


@click.group()
def takedown() -> None:
    """URLs where items are, or were: where they stand, and how fast hosts remove."""


@takedown.command(name="list")
@click.option("--case", default="", metavar="ID", help="Of this case alone.")
@click.option("--alarms", is_flag=True, help="Only what waits for people, the most pressing first.")
@_JSON
@click.pass_obj
def list_locations(app: App, case: str, alarms: bool, as_json: bool) -> None:
    """Print all URLs, a line for each: where it stands, and when it is looked at next."""
    if alarms:
        for alarm in app.takedown.overdue():
            click.echo(_object(alarm) if as_json else display(_alarm_line(alarm)))
        return
    for location in app.takedowns.of_case(case) if case else _all(app.takedowns):
        click.echo(_object(location) if as_json else display(_line(location)))


@takedown.command()
@click.argument("location")
@_JSON
@click.pass_obj
def show(app: App, location: str, as_json: bool) -> None:
    """Print all that is known of one URL: contacts, notices, looks."""
    found = app.takedowns.get(location)
    if as_json:
        click.echo(_object(found))
        return
    for line in _lines(found):
        click.echo(display(line))


@takedown.command()
@click.argument("case")
@click.argument("item")
@click.argument("url")
@click.pass_obj
def add(app: App, case: str, item: str, url: str) -> None:
    """Say that ITEM of CASE is at URL; print the location's id. Notices go out once a person begins that."""
    click.echo(app.takedown.add(_OPERATOR, case, item, url).id)


@takedown.command()
@click.argument("location", default="")
@click.pass_obj
def advance(app: App, location: str) -> None:
    """Do what is due now, about LOCATION or about all: looks, notices, escalation. `safelight serve` does it by itself.

    Of each host one URL is looked at in a minute; what is left is done the next time.
    """
    try:
        for one in [location] if location else app.takedown.due():
            click.echo(display(_line(app.takedown.advance(one))))
    finally:
        app.close_intake()


@takedown.command()
@_JSON
@click.pass_obj
def stats(app: App, as_json: bool) -> None:
    """Print how long hosts take to remove, the slowest first. What is still there counts as not removed so far."""
    told = figures(_all(app.takedowns), app.clock.now())
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


def _line(one: Location) -> str:
    state = "closed" if one.closed else "not begun" if one.begun is None else str(one.place)
    since = f" since {_at(one.gone)}" if one.gone else ""
    following = f", next {_at(one.next_look)}" if one.next_look else ""
    return f"{one.id}  {state}{since}, notices: {len(one.notices)}{following}  {one.url}"


def _alarm_line(one: Alarm) -> str:
    return f"{one.kind:<10}{_at(one.at)}  case {one.case}  {one.location or one.what}"


def _lines(one: Location) -> Iterator[str]:
    yield _line(one)
    yield f"case {one.case}, item {one.item}, SHA-256 {one.sha256}"
    yield f"seen last: {standing(one)}, returned: {one.returned}" + (f", from {one.found_as}" if one.found_as else "")
    yield from (f"closed: {text}" for text in [one.closed] if text)
    contacts = one.contacts.contacts if one.contacts else ()
    yield from (f"contact  {each.scope:<10}{each.email or each.form}  {each.name} ({each.how})" for each in contacts)
    yield from (f"flaw     {text}" for text in (one.contacts.flaws if one.contacts else ()))
    for notice in one.notices:
        due = f", due {_at(notice.due)}" if notice.due else ""
        yield f"notice   {_at(notice.sent or notice.created)}  {notice.contact.scope:<10}{notice.state}{due}"
    for look in one.looks:
        yield f"look     {_at(look.at)}  {look.place} {look.status or ''} {look.kind} {look.cause}".rstrip()


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


def _at(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M}" if at else "-"
