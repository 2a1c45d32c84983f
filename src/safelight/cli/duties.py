"""`safelight duties`: what the law asks for and by when: the deadline board, and what people note about it."""

import json
import shutil
import textwrap
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import click
import msgspec

from safelight.app import App
from safelight.cli.names import named
from safelight.cli.person import AS, NOTE, REASON, act
from safelight.flow.merged import current
from safelight.flow.owing import owing
from safelight.flow.short_names import SHORT, duty_name, duty_named
from safelight.flow.walk import display
from safelight.model.case import Case, CaseDuty, DutyState
from safelight.model.errors import UsageError
from safelight.model.law import Duty, DutyKind
from safelight.model.signal import RuleStatus
from safelight.policy.durations import add

_JSON = click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
_HOUR = timedelta(hours=1)


@click.group()
def duties() -> None:
    """What the law asks for, and by when. Not legal advice; an unverified rule informs and drives nothing."""


@duties.command("list")
@click.option("--case", default="", metavar="ID", help="Of this case alone.")
@click.option("--due-within", "within", metavar="PT48H", help="Due within this time (ISO 8601), or overdue.")
@click.option("--overdue", is_flag=True, help="Only those whose time is over.")
@_JSON
@click.pass_obj
def list_duties(app: App, case: str, within: str | None, overdue: bool, as_json: bool) -> None:
    """Print the deadline board: open duties, the most urgent first; what is only to be kept last.

    Each begins with the end of the case's id, and the rule: other commands take both. Times are told in this machine's
    zone and in UTC. Where the law names no time, there is none.
    """
    now = app.clock.now()
    until = now if overdue else _until(now, within)
    cases = [current(app.cases, named(app, case))] if case else owing(app.cases, until)
    found = sorted(_open(cases, until), key=lambda pair: _urgency(pair[1].duty))
    width = shutil.get_terminal_size().columns
    for one, duty in found:
        click.echo(_object(app, one, duty, now) if as_json else _folded(_line(app, one, duty, now), width))


@duties.command()
@click.argument("case")
@click.argument("duty", default="")
@_JSON
@click.pass_obj
def show(app: App, case: str, duty: str, as_json: bool) -> None:
    """Print all that is known of the duties of CASE, or of the one DUTY: also of those that were met or dropped."""
    now, found = app.clock.now(), current(app.cases, named(app, case))
    chosen = [duty_named(found, duty)] if duty else found.duties
    for one in sorted(chosen, key=lambda one: (one.state is not DutyState.OPEN, _urgency(one.duty))):
        if as_json:
            click.echo(_object(app, found, one, now))
            continue
        for line in _lines(app, one, now):
            click.echo(display(line))


@duties.command()
@click.argument("case")
@click.argument("rule")
@click.option("--at", "at", type=click.DateTime(["%Y-%m-%dT%H:%M%z"]), required=True, help="When it was received.")
@NOTE
@AS
def record(case: str, rule: str, at: datetime, note: str, person: str) -> None:
    """Record that a request, a notice or an order came in that starts the clock of RULE, as `us/take-it-down`."""
    act("duties record", person, case=case, rule=rule, at=at.isoformat(), note=note)


@duties.command()
@click.argument("case")
@click.argument("duty")
@click.option("--by", "by", required=True, help="What was done, in a few words.")
@AS
def met(case: str, duty: str, by: str, person: str) -> None:
    """Say that DUTY was met outside of this service."""
    act("duties met", person, case=case, duty=duty, by=by)


@duties.command()
@click.argument("case")
@click.argument("duty")
@REASON
@AS
def drop(case: str, duty: str, reason: str, person: str) -> None:
    """Say that DUTY does not apply."""
    act("duties drop", person, case=case, duty=duty, reason=reason)


def _until(now: datetime, within: str | None) -> datetime | None:
    """The end of a time from now; days have 24 hours. Raises UsageError."""
    if within is None:
        return None
    try:
        return add(now, within, "UTC")
    except ValueError as error:
        raise UsageError(detail=f"--due-within: {error}") from error


def _open(cases: Iterator[Case] | list[Case], until: datetime | None) -> Iterator[tuple[Case, CaseDuty]]:
    """Open duties; with `until`, those to be done by then. To keep something is never overdue."""
    for case in cases:
        for one in case.duties:
            due = one.duty.due
            pressing = due is not None and one.duty.kind is not DutyKind.PRESERVE and (until is None or due <= until)
            if one.state is DutyState.OPEN and (pressing or until is None):
                yield case, one


def _urgency(duty: Duty) -> tuple[bool, bool, datetime, str]:
    return duty.kind is DutyKind.PRESERVE, duty.due is None, duty.due or duty.began, duty.id


def _line(app: App, case: Case, one: CaseDuty, now: datetime) -> str:
    """A duty: the case's short id, its own, when it is due, what it asks for, how sure that is."""
    duty = one.duty
    what = f"{duty.title} -> {duty.recipient}" if duty.recipient else duty.title
    when = f"{_left(duty.due - now)}, {_here(duty.due)}, {_utc(duty.due)}" if duty.due else duty.words
    return f"{case.id[-SHORT:]}  {duty_name(case, one)}  {when}: {what} ({_status(app, duty)})"


def _folded(line: str, width: int) -> str:
    """A line in as many as it needs, with none broken within a word, as an id is."""
    indent = " " * (SHORT + 2)
    within = textwrap.TextWrapper(
        max(width, 40), subsequent_indent=indent, break_long_words=False, break_on_hyphens=False, drop_whitespace=True
    )
    return within.fill(display(line))


def _left(left: timedelta) -> str:
    return f"{abs(left) / _HOUR:,.1f} h {'left' if left >= timedelta() else 'over'}"


def _here(at: datetime) -> str:
    return f"{at.astimezone():%Y-%m-%d %H:%M %Z}"


def _status(app: App, duty: Duty) -> str:
    """How well a duty is known: its rule may be confirmed, and yet not be sure to reach what the case holds."""
    if duty.drives:
        return RuleStatus.CONFIRMED
    pack = app.law.packs().get(duty.jurisdiction)
    known = any(rule.id == duty.rule and rule.status is RuleStatus.CONFIRMED for rule in pack.rules) if pack else False
    return f"{RuleStatus.CONFIRMED}, may not cover this" if known else RuleStatus.UNVERIFIED


def _lines(app: App, one: CaseDuty, now: datetime) -> Iterator[str]:
    duty = one.duty
    yield f"{duty.id}  {duty.title} ({one.state}{f': {one.by}' if one.by else ''})"
    yield f"  {duty.kind} -> {duty.recipient}, began {_utc(duty.began)}"
    if duty.due:
        left = (duty.due - now) / _HOUR
        yield f"  due {_here(duty.due)}, {_utc(duty.due)}, {left:,.1f} hours left"
    yield f"  {duty.words}"
    yield f"  {_status(app, duty)}; {duty.basis}; {duty.source}, {duty.as_of}"


def _object(app: App, case: Case, one: CaseDuty, now: datetime) -> str:
    left = (one.duty.due - now) / _HOUR if one.duty.due else None
    told = {"case": case.id, "state": one.state, "by": one.by, "status": _status(app, one.duty), "hours_left": left}
    return json.dumps(told | msgspec.to_builtins(one.duty))


def _utc(at: datetime | None) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if at else ""
