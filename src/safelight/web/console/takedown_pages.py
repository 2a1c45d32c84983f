"""What the takedown tracker tells: URLs in one line, and one URL as a timeline with a bar."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from markupsafe import Markup

from safelight.model.access import Principal
from safelight.model.defang import defanged
from safelight.model.takedown import Contact, Location, Look, Notice, NoticeState, Place
from safelight.model.takedown_events import Located, LocationClosed, NoticeAnswered, RetractionConfirmed, TakedownBegun
from safelight.report.text import visible
from safelight.web.console.cards import short
from safelight.web.console.closing_words import FORMS, HOW, KINDS, NOTICES, PLACES, SCOPES, SHAPES, about
from safelight.web.console.wiring import store
from safelight.web.console.words import actor_words

LEGAL: Final = timedelta(hours=48)
"""What the TAKE IT DOWN Act gives from a valid request, and a fair measure of any host."""
LONGEST_URL: Final = 300
THERE: Final = frozenset((Place.PRESENT, Place.ALTERED, Place.MOVED))
ENDED: Final = frozenset((Place.GONE, Place.REPLACED))
_ANSWERABLE: Final = frozenset(NoticeState) - {NoticeState.FAILED}
_OPEN_NOTICES: Final = frozenset((NoticeState.WAITING, NoticeState.SENT, NoticeState.ACKNOWLEDGED))


@dataclass(frozen=True, slots=True)
class LocationLine:
    """A URL in a list. `late`: it is there for more than 48 hours. `next`: what happens by itself, and when."""

    id: str
    case: str
    case_name: str
    url: Markup
    place: str
    label: str
    shape: str
    notices: int
    last: str
    added: datetime
    up: str
    late: bool
    returned: int
    there: bool
    next: datetime | None
    begun: bool
    closed: str


@dataclass(frozen=True, slots=True)
class Happening:
    """Something in a timeline. `kind`: a CSS class; `shape`: it in one character; `lines`: more about it."""

    at: datetime
    kind: str
    shape: str
    what: str
    lines: tuple[str, ...] = ()
    future: bool = False
    notice: str = ""


@dataclass(frozen=True, slots=True)
class ContactLine:
    """Who can act, and how that is known."""

    scope: str
    name: str
    to: str
    how: str
    source: str
    country: str
    network: str


def location_line(location: Location, now: datetime) -> LocationLine:
    """The line of a URL."""
    last = location.notices[-1] if location.notices else None
    until = location.gone or now
    return LocationLine(
        id=location.id,
        case=location.case,
        case_name=short(location.case),
        url=visible(defanged(location.url), LONGEST_URL),
        place=str(location.place),
        label=PLACES[location.place],
        shape=SHAPES[location.place],
        notices=len(location.notices),
        last=f"{SCOPES[last.contact.scope]}: {NOTICES[last.state]}" if last else "",
        added=location.added,
        up=about(until - location.added),
        late=late(location, now),
        returned=location.returned,
        there=location.place in THERE,
        next=location.next_look,
        begun=begun(location),
        closed=location.closed,
    )


def begun(location: Location) -> bool:
    """Whether a person has started the takedown."""
    return location.begun is not None


def late(location: Location, now: datetime) -> bool:
    """Whether it is there 48 hours after the first notice, or after the first since it came back."""
    since = max(location.past, default=location.added)
    first = min((notice.sent for notice in location.in_force if notice.sent and notice.sent >= since), default=None)
    over = location.gone is not None or bool(location.closed)
    return not over and first is not None and now - first > LEGAL


def answerable(location: Location) -> list[tuple[str, str]]:
    """Notices that an answer may be recorded of: id and whom they went to. Of one that waits only that it failed."""
    return [
        (
            notice.id,
            f"{SCOPES[notice.contact.scope]}: {notice.contact.name or notice.contact.email}"
            + (" (it waits: only that it failed)" if notice.state is NoticeState.WAITING else ""),
        )
        for notice in location.notices
        if notice.state in _ANSWERABLE
    ]


def waiting(location: Location) -> list[tuple[str, str]]:
    """Notices that wait to be sent, by a person where there is no mail server: id and whom they go to."""
    return [
        (notice.id, f"{SCOPES[notice.contact.scope]}: {notice.contact.to}")
        for notice in location.notices
        if notice.state is NoticeState.WAITING
    ]


def contact_lines(contacts: Iterable[Contact]) -> list[ContactLine]:
    """Who can act about a URL, in the order in which they are asked."""
    return [
        ContactLine(
            SCOPES[one.scope],
            one.name,
            one.email or defanged(one.form),
            HOW.get(one.how, one.how),
            defanged(one.source),
            one.country,
            one.network,
        )
        for one in contacts
    ]


def timeline(who: Principal, location: Location) -> list[Happening]:
    """All that happened at a URL, the oldest first, and after it what comes next by itself."""
    past = [*_from_log(who, location), *_from_looks(location), *_from_notices(location), *_from_retractions(location)]
    if location.contacts:
        number = len(location.contacts.contacts)
        lines = tuple(location.contacts.flaws)
        past.append(Happening(location.contacts.found, "found", "◎", f"{number} contacts found", lines))
    if not any(one.kind == "added" for one in past):
        past.append(Happening(location.added, "added", "✚", "The URL was added"))
    return sorted(past, key=lambda one: one.at) + sorted(_to_come(location), key=lambda one: one.at)


def _from_log(who: Principal, location: Location) -> Iterator[Happening]:
    """What the log knows besides the row: who, and notes."""
    known, begun = {notice.id: notice for notice in location.notices}, location.begun
    for logged in store().events(location.case):
        event, body = logged.event, logged.event.body
        by = actor_words(event.actor, who.actor)
        match body:
            case Located(location=location.id):
                yield Happening(location.added, "added", "✚", f"The URL was added by {by}")
            case TakedownBegun(location=location.id):
                lines = ("vouching that it is there",) if body.vouched else ()
                at, begun = begun or event.at, None  # once it goes on, it is a word that it is there
                yield Happening(at, "begun", "▶", f"The takedown was begun by {by}", lines)
            case NoticeAnswered(location=location.id):
                notice = known.get(body.notice)
                whom = SCOPES[notice.contact.scope].capitalize() if notice else "A notice"
                lines = (body.note,) if body.note else ()
                at = notice.answered if notice and notice.answered and notice.state is body.state else event.at
                yield Happening(at, "answer", "◄", f"{whom}: {NOTICES[body.state]}", (*lines, f"noted by {by}"))
            case LocationClosed(location=location.id):
                yield Happening(event.at, "closed", "⏹", f"Ended by {by}", (body.reason,))
            case RetractionConfirmed(location=location.id):
                yield Happening(event.at, "back-asked", "↩", f"Taking back was confirmed by {by}")
            case _:
                pass


def _from_looks(location: Location) -> Iterator[Happening]:
    before: Look | None = None
    for look in location.looks:
        back = before is not None and before.place in ENDED and look.place not in ENDED
        what = f"It came back: {PLACES[look.place]}" if back else f"A look: {PLACES[look.place]}"
        lines = [f"HTTP {look.status}" if look.status else "", look.cause]
        lines += [KINDS.get(look.kind, look.kind), f"now at {defanged(look.led_to)}" if look.led_to else ""]
        kind = "back" if back else f"p-{look.place}"
        yield Happening(look.at, kind, "↺" if back else SHAPES[look.place], what, tuple(filter(None, lines)))
        before = look


def _from_notices(location: Location) -> Iterator[Happening]:
    for notice in location.notices:
        contact = notice.contact
        to = f"to {contact.name} ({contact.email or defanged(contact.form)})" if contact.name else f"to {contact.email}"
        lines = (to, f"{FORMS[notice.form]}, in {notice.language}", _basis(notice))
        if notice.sent:
            what = f"Notice to {SCOPES[contact.scope]} sent"
            yield Happening(notice.sent, "notice", "►", what, tuple(filter(None, lines)), notice=notice.id)
        else:
            what = f"Notice to {SCOPES[contact.scope]} {NOTICES[notice.state]}"
            yield Happening(notice.created, "notice", "▷", what, (*filter(None, lines), notice.cause), notice=notice.id)
        if notice.state is NoticeState.SILENT and notice.due:
            yield Happening(notice.due, "silent", "?", f"No answer from {SCOPES[contact.scope]} in time")


def _from_retractions(location: Location) -> Iterator[Happening]:
    whom = {notice.id: SCOPES[notice.contact.scope] for notice in location.notices}
    for one in location.retractions:
        if one.sent:
            yield Happening(one.sent, "taken-back", "↩", f"Taken back: {whom[one.notice]} was told that it is no abuse")


def _basis(notice: Notice) -> str:
    if not notice.due:
        return ""
    by = f", by {'the plan' if notice.basis == 'plan' else notice.basis}" if notice.basis else ""
    return f"next step {notice.due:%Y-%m-%d %H:%M} UTC{by}"


def _to_come(location: Location) -> Iterator[Happening]:
    if location.closed:
        return
    if location.next_look:
        yield Happening(location.next_look, "next", "○", "The next look", future=True)
    for notice in location.notices:
        if notice.due and notice.state in _OPEN_NOTICES and notice.sent:
            what = f"If {SCOPES[notice.contact.scope]} has not answered: the next step"
            yield Happening(notice.due, "next", "○", what, future=True)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of the bar: from and how long, in percent, and the state of the place meanwhile; `over`: gone."""

    left: str
    width: str
    place: str
    over: bool


@dataclass(frozen=True, slots=True)
class Bar:
    """A URL's life as a bar. `marks`: notices, in percent from the left; `words`: all of it, for those who hear it."""

    stretches: tuple[Stretch, ...]
    marks: tuple[str, ...]
    words: str
    begin: datetime
    end: datetime


def bar(location: Location, now: datetime) -> Bar:
    """The states of a place from when it was added until now."""
    end = max([now, *(look.at for look in location.looks)])
    whole = (end - location.added) / timedelta(seconds=1) or 1.0

    def percent(at: datetime) -> float:
        return min(max(100 * ((at - location.added) / timedelta(seconds=1)) / whole, 0.0), 100.0)

    changes = [(location.added, Place.UNCHECKED), *((look.at, look.place) for look in location.looks)]
    ends = [at for at, _ in changes[1:]] + [end]
    stretches = tuple(
        Stretch(f"{percent(at):.2f}", f"{percent(until) - percent(at):.2f}", str(place), place in ENDED)
        for (at, place), until in zip(changes, ends, strict=True)
        if percent(until) > percent(at)
    )
    marks = tuple(f"{percent(notice.sent):.2f}" for notice in location.notices if notice.sent)
    told = [f"{PLACES[place]} for {about(until - at)}" for (at, place), until in zip(changes, ends, strict=True)]
    return Bar(stretches, marks, f"{'; '.join(told)}; {len(marks)} notices", location.added, end)
