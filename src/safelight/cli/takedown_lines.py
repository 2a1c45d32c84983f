"""A URL as the terminal shows it: where it stands, who can act, and all that happened, the oldest first."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from safelight.model.audit import LoggedEvent
from safelight.model.defang import defanged
from safelight.model.takedown import Location, NoticeState
from safelight.model.takedown_events import Located, LocationClosed, NoticeAnswered, RetractionConfirmed, TakedownBegun
from safelight.policy.takedown_looks import standing
from safelight.policy.takedown_next import Coming, next_words

Happening = tuple[datetime, str]
"""When, and a line."""


def line(one: Location, *, live: bool = False) -> str:
    """A URL in one line, written so that nobody follows it by accident; `live`: as it is."""
    state = "closed" if one.closed else "not begun" if one.begun is None else str(one.place)
    since = f" since {at(one.gone)}" if one.gone else ""
    following = f", next {at(one.next_look)}" if one.next_look else ""
    return f"{one.id}  {state}{since}, notices: {len(one.notices)}{following}  {_url(one.url, live)}"


def lines(
    one: Location, log: Iterable[LoggedEvent], *, live: bool = False, then: Coming | None = None
) -> Iterator[str]:
    """All that is known of a URL.

    `log`: events of its case, which tell who did something; `live`: see `line`; `then`: what comes next.
    """
    yield line(one, live=live)
    yield f"case {one.case}, item {one.item}, SHA-256 {one.sha256}"
    yield f"seen last: {standing(one)}, returned: {one.returned}" + (f", from {one.found_as}" if one.found_as else "")
    yield from (f"closed: {text}" for text in [one.closed] if text)
    if then and (text := next_words(then, f"{then.contact.scope} {then.contact.to}" if then.contact else "")):
        yield f"next: {text}"
    contacts = one.contacts.contacts if one.contacts else ()
    yield from (f"contact  {each.scope:<10}{each.to}  {each.name} ({each.how})" for each in contacts)
    yield from (f"flaw     {text}" for text in (one.contacts.flaws if one.contacts else ()))
    yield from (f"{at(moment)}  {told}" for moment, told in timeline(one, log, live=live))


def timeline(one: Location, log: Iterable[LoggedEvent], *, live: bool = False) -> list[Happening]:
    """What happened, the oldest first, and then what comes next by itself. `live`: see `line`."""
    past = [*_from_log(one, log), *_from_looks(one, live), *_from_notices(one), *_from_retractions(one)]
    return sorted(past, key=lambda each: each[0]) + sorted(_to_come(one), key=lambda each: each[0])


def _from_log(one: Location, log: Iterable[LoggedEvent]) -> Iterator[Happening]:
    answered = {notice.id: notice.answered for notice in one.notices}
    if one.contacts:
        yield one.contacts.found, f"{len(one.contacts.contacts)} contacts found"
    for logged in log:
        event, body = logged.event, logged.event.body
        match body:
            case Located(location=one.id):
                yield one.added, f"added by {event.actor}"
            case TakedownBegun(location=one.id):
                yield event.at, f"begun by {event.actor}{', who vouches that it is there' if body.vouched else ''}"
            case NoticeAnswered(location=one.id):
                note = f": {body.note}" if body.note else ""
                yield (
                    answered.get(body.notice) or event.at,
                    f"answer   {body.notice}  {body.state}, noted by {event.actor}{note}",
                )
            case LocationClosed(location=one.id):
                yield event.at, f"ended by {event.actor}: {body.reason}"
            case RetractionConfirmed(location=one.id):
                yield event.at, f"taking back confirmed by {event.actor}"
            case _:
                pass


def _from_looks(one: Location, live: bool) -> Iterator[Happening]:
    for look in one.looks:
        led = f"-> {_url(look.led_to, live)}" if look.led_to else ""
        yield (
            look.at,
            " ".join(filter(None, ("look    ", look.place, str(look.status or ""), look.kind, look.cause, led))),
        )


def _from_notices(one: Location) -> Iterator[Happening]:
    for notice in one.notices:
        due = f", next step {at(notice.due)}" if notice.due else ""
        cause = f": {notice.cause}" if notice.cause else ""
        to = notice.contact.to
        yield (
            notice.sent or notice.created,
            f"notice   {notice.id}  {notice.contact.scope} {to}: {notice.state}{due}{cause}",
        )
        if notice.state is NoticeState.SILENT and notice.due:
            yield notice.due, f"silent   {notice.id}  no answer in time"


def _from_retractions(one: Location) -> Iterator[Happening]:
    for back in one.retractions:
        cause = f": {back.cause}" if back.cause else ""
        yield back.sent or back.asked, f"retract  {back.id}  of {back.notice}: {back.state}{cause}"


def _to_come(one: Location) -> Iterator[Happening]:
    if one.next_look and not one.closed:
        yield one.next_look, "next     look"


def _url(url: str, live: bool) -> str:
    return url if live else defanged(url)


def at(moment: datetime | None) -> str:
    """A time of UTC, to the minute."""
    return f"{moment:%Y-%m-%d %H:%M}" if moment else "-"
