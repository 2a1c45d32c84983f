"""What the console says on the way from found to gone: labels, defanged URLs, and sentences for events."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

from safelight.model.case_events import Body
from safelight.model.closing_events import (
    DutyArose,
    DutyDropped,
    DutyMet,
    DutyState,
    ErasureFreed,
    ErasureHeld,
    PolicyApplied,
    ReportConfirmed,
    ReportErased,
    ReportFailed,
    ReportFinished,
    ReportFinishing,
    ReportOpened,
    StatementKind,
    StatementMade,
    StatementTold,
)
from safelight.model.decision import Action
from safelight.model.defang import defanged
from safelight.model.filing import Body as Taker
from safelight.model.filing import FileStep, FilingState
from safelight.model.law import Coverage, DutyKind, Material, Trigger
from safelight.model.policy import PolicyState
from safelight.model.signal import RuleStatus
from safelight.model.takedown import Contact, Form, NoticeState, Place, RetractionState, Scope
from safelight.model.takedown_events import (
    ContactsFound,
    Located,
    LocationClosed,
    NoticeAnswered,
    NoticeRetracted,
    NoticeSent,
    PlaceChanged,
    RequestErased,
    RequestReleased,
    RequestTaken,
    RetractionConfirmed,
    RetractionEnded,
    TakedownBegun,
)

DUTIES: Final = {
    DutyKind.REPORT: "Report",
    DutyKind.PRESERVE: "Preserve",
    DutyKind.REMOVE: "Remove",
    DutyKind.INFORM: "Inform",
}
DUTY_STATES: Final = {DutyState.OPEN: "open", DutyState.MET: "met", DutyState.DROPPED: "does not apply"}
TRIGGERS: Final = {
    Trigger.KNOWLEDGE: "from when the provider knows",
    Trigger.REPORT: "from the report",
    Trigger.REQUEST: "from a valid request",
    Trigger.NOTICE: "from a notice",
    Trigger.ORDER: "from an order",
    Trigger.DECISION: "from the decision on the content",
    Trigger.DETECTION: "from detection",
}
MATERIALS: Final = {
    Material.REAL: "Of a real child",
    Material.ALTERED: "Altered, of a real child",
    Material.SYNTHETIC: "Wholly synthetic",
}
COVERAGE: Final = {
    Coverage.YES: "covered",
    Coverage.NO: "not covered",
    Coverage.SOME: "under conditions",
    Coverage.UNKNOWN: "not known",
}
MARKS: Final = {Coverage.YES: "●", Coverage.NO: "○", Coverage.SOME: "◐", Coverage.UNKNOWN: "?"}
"""Shapes beside `COVERAGE`, so that a column can be read at a glance without colours."""
SCANNING: Final = {
    Coverage.YES: "allowed",
    Coverage.NO: "not allowed",
    Coverage.SOME: "under conditions",
    Coverage.UNKNOWN: "not known",
}
RULE_STATUSES: Final = {
    RuleStatus.CONFIRMED: "confirmed",
    RuleStatus.UNVERIFIED: "unverified: informs only",
}
TAKERS: Final = {
    Taker.NCMEC: "NCMEC CyberTipline",
    Taker.CYBERTIP_CA: "Cybertip.ca",
    Taker.NCA: "National Crime Agency",
    Taker.POLICE: "Police",
}
BY_API: Final = frozenset((Taker.NCMEC,))
"""Receivers that a job sends to; to the others, people hand a bundle over."""
FILINGS: Final = {
    FilingState.DRAFT: "draft",
    FilingState.SENDING: "being sent",
    FilingState.FINISHED: "finished",
    FilingState.HANDED: "handed over",
    FilingState.DEAD: "could not be sent",
    FilingState.WITHDRAWN: "withdrawn",
}
FILE_STEPS: Final = {
    FileStep.WAITING: "waits",
    FileStep.SENDING: "being sent",
    FileStep.SENT: "sent",
    FileStep.DESCRIBED: "sent and described",
}
PLACES: Final = {
    Place.UNCHECKED: "not looked at yet",
    Place.PRESENT: "there",
    Place.ALTERED: "there, altered",
    Place.MOVED: "moved, and there",
    Place.REPLACED: "replaced by something else",
    Place.GONE: "gone",
    Place.UNCLEAR: "something else: look for yourself",
    Place.BARRED: "closed to us",
    Place.SILENT: "no answer",
}
SHAPES: Final = {
    Place.UNCHECKED: "◌",
    Place.PRESENT: "■",
    Place.ALTERED: "◪",
    Place.MOVED: "▶",
    Place.REPLACED: "□",
    Place.GONE: "✓",
    Place.UNCLEAR: "◇",
    Place.BARRED: "⊘",
    Place.SILENT: "?",
}
"""Shapes beside `PLACES`."""
SCOPES: Final = {
    Scope.SITE: "the site",
    Scope.HOST: "the host",
    Scope.UPSTREAM: "the upstream network",
    Scope.REGISTRAR: "the registrar",
    Scope.HOTLINE: "a hotline",
}
FORMS: Final = {
    Form.XARF: "plain text with X-ARF",
    Form.DSA: "DSA, Article 16",
    Form.TAKE_IT_DOWN: "TAKE IT DOWN Act",
    Form.PLATFORM: "the platform's interface",
}
NOTICES: Final = {
    NoticeState.WAITING: "waits to be sent",
    NoticeState.SENT: "sent",
    NoticeState.ACKNOWLEDGED: "acknowledged",
    NoticeState.REMOVED: "they say it is removed",
    NoticeState.REFUSED: "refused",
    NoticeState.SILENT: "no answer in time",
    NoticeState.FAILED: "not delivered",
}
RETRACTIONS: Final = {
    RetractionState.WAITING: "to be taken back",
    RetractionState.SENT: "taken back",
    RetractionState.FAILED: "not delivered: tell them another way",
    RetractionState.UPHELD: "stands: it was confirmed as abuse again",
    RetractionState.GIVEN_UP: "nobody could be told",
}
ANSWERS: Final = tuple(
    (state.value, NOTICES[state])
    for state in (NoticeState.ACKNOWLEDGED, NoticeState.REMOVED, NoticeState.REFUSED, NoticeState.FAILED)
)
"""What a person may record that somebody answered."""
KINDS: Final = {"exact": "the very bytes", "derivative": "an altered copy", "near": "looks the same"}
"""How what was found matches the family."""
HOW: Final = {"rdap": "RDAP", "security.txt": "security.txt", "dns": "DNS", "guess": "a guess after RFC 2142"}
ACTIONS: Final = {
    Action.NONE: "nothing",
    Action.QUEUE: "people look",
    Action.HOLD: "hold",
    Action.BLOCK: "block",
    Action.REPORT: "prepare a report",
    Action.PRESERVE: "preserve",
    Action.NOTIFY: "tell the uploader",
}
STATEMENTS: Final = {
    StatementKind.REASONS: "the reasons",
    StatementKind.UPHELD: "the decision stays",
    StatementKind.WITHDRAWN: "the decision is withdrawn",
}
POLICIES: Final = {
    PolicyState.PROPOSED: "waits for a second person",
    PolicyState.SHADOW: "in shadow",
    PolicyState.IN_FORCE: "in force",
    PolicyState.RETIRED: "retired",
    PolicyState.REJECTED: "not agreed to",
}


def whom(contact: Contact) -> str:
    """Somebody who can act, and where to."""
    name = f"{contact.name}, " if contact.name else ""
    return f"{SCOPES[contact.scope]} ({name}{contact.email or defanged(contact.form)})"


def about(span: timedelta) -> str:
    """A span of time in its two largest units, without its sign: `1 day 4 h`, `35 min`."""
    minutes = int(abs(span).total_seconds()) // 60
    days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days:
        named = f"{days} day{'s' if days > 1 else ''}"
        return f"{named} {hours} h" if hours and days < 10 else named
    return f"{hours} h {rest} min" if hours and rest else f"{hours} h" if hours else f"{rest} min"


def day(at: datetime | None) -> str:
    """A time as the console writes it."""
    return f"{at:%Y-%m-%d %H:%M} UTC" if at else ""


def _applied(body: PolicyApplied) -> str:
    actions = ", ".join(ACTIONS[action] for action in body.actions) or "nothing"
    without = f"; not taken: {', '.join(ACTIONS[one.action] for one in body.withheld)}" if body.withheld else ""
    return f"asked policy version {body.version}: {actions}{without}{' (input incomplete)' if body.degraded else ''}"


def _row(of: str) -> str:
    return {"filing": "report", "request": "depicted person's request"}.get(of.partition(":")[0], "row")


def _changed(body: PlaceChanged) -> str:
    led = f", at {defanged(body.led_to)}" if body.led_to else ""
    return f"looked at a place: {PLACES[body.place]}{f' ({body.kind})' if body.kind else ''}{led}"


SENTENCES: Final[dict[type[Body], Callable[[Any], str]]] = {
    PolicyApplied: _applied,
    DutyArose: lambda body: (
        f"found a duty of the law ({body.duty.jurisdiction.upper()}): {body.duty.title}"
        f"{f', by {day(body.duty.due)}' if body.duty.due else ''}{'' if body.duty.drives else ' (informs only)'}"
    ),
    DutyMet: lambda body: f"met a duty, by {body.by}",
    DutyDropped: lambda body: f"found that a duty does not apply: {body.reason}",
    ReportConfirmed: lambda body: (
        f"read a report to {TAKERS[body.taker]} and had it sent{'' if body.production else ', as a test'}"
    ),
    ReportOpened: lambda body: f"began a report at {TAKERS[body.taker]}, number {body.number}",
    ReportFinishing: lambda body: (
        f"asked {TAKERS[body.taker]} to finish report {body.number}{'' if body.called else ': refused unread'}"
    ),
    ReportFinished: lambda body: (
        f"finished a report to {TAKERS[body.taker]}{f', number {body.number}' if body.number else ''}"
        f"{'' if body.production else ', as a test'}"
    ),
    ReportFailed: lambda body: f"could not send a report to {TAKERS[body.taker]}: {body.cause}",
    ReportErased: lambda body: f"erased what a report tells of people: {body.why}",
    ErasureHeld: lambda body: f"kept what a {_row(body.of)} says from being erased: {body.reason}",
    ErasureFreed: lambda body: f"let what a {_row(body.of)} says be erased: {body.reason}",
    Located: lambda body: f"noted where an item is: {defanged(body.url)}",
    TakedownBegun: lambda body: f"had a takedown begin{', vouching that it is there' if body.vouched else ''}",
    RequestTaken: lambda body: (
        f"took down a depicted person's request ({body.request}), without {', '.join(body.lacks) or 'anything missing'}"
    ),
    RequestErased: lambda body: f"erased a depicted person's request ({body.request}): {body.why}",
    RequestReleased: lambda body: f"had a depicted person's request sent on ({body.to})",
    ContactsFound: lambda body: f"looked up who can act: {', '.join(body.to)}",
    NoticeSent: lambda body: (
        f"gave notice to {SCOPES[body.scope]} ({body.to}){f', next step {day(body.due)}' if body.due else ''}"
    ),
    NoticeAnswered: lambda body: f"noted of a notice: {NOTICES[body.state]}{f'. {body.note}' if body.note else ''}",
    PlaceChanged: _changed,
    LocationClosed: lambda body: f"ended the work on a place: {body.reason}",
    RetractionConfirmed: lambda body: f"had {len(body.notices)} notice{'s' * (len(body.notices) > 1)} taken back",
    NoticeRetracted: lambda body: f"took a notice back ({body.to})",
    RetractionEnded: lambda body: f"did not take a notice back: {body.cause}",
    StatementMade: lambda body: f"made a statement for the uploader: {STATEMENTS[body.kind]}",
    StatementTold: lambda _body: "noted that the uploader was told what a statement says",
}
"""What the history of a case says of each event; see `words.event_words`."""
