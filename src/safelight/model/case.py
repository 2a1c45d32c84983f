"""Cases: what happened to them, as events that are never changed, and what they are now, folded from those.

A case holds the items of one family: one case, one decision, many items. An event names its case, its number there,
who acted, when, and one body that says what happened; `model.audit` says how events are chained.
"""

from dataclasses import dataclass
from datetime import datetime

from safelight import __version__
from safelight.model.access import Actor
from safelight.model.case_events import (
    KINDS,
    NAMES,
    SOURCE,
    Absorbed,
    Answer,
    AppealDecided,
    AppealOpened,
    Approved,
    Body,
    CaseItem,
    CaseState,
    Classification,
    Decided,
    Finding,
    Grave,
    Hidden,
    Hold,
    HoldLifted,
    HoldPlaced,
    ItemAdded,
    ItemDestroyed,
    ItemExported,
    Merged,
    Noted,
    Opened,
    PreservationSet,
    Proposed,
    Rejected,
    Revealed,
    Routed,
    Seconded,
    ServiceEvent,
    Verdict,
    Verified,
)
from safelight.model.closing_events import (
    CaseDuty,
    CaseReport,
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
    Reporting,
    ReportOpened,
    StatementMade,
    StatementTold,
)
from safelight.model.filing import Body as Taker
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

__all__ = [
    "KINDS",
    "LOG_SCHEMA",
    "NAMES",
    "SERVICE_CASE",
    "SOURCE",
    "TOOL",
    "Absorbed",
    "Answer",
    "AppealDecided",
    "AppealOpened",
    "Approved",
    "Body",
    "Case",
    "CaseDuty",
    "CaseEvent",
    "CaseItem",
    "CaseReport",
    "CaseState",
    "Classification",
    "ContactsFound",
    "Decided",
    "Draft",
    "DutyArose",
    "DutyDropped",
    "DutyMet",
    "DutyState",
    "ErasureFreed",
    "ErasureHeld",
    "Finding",
    "Grave",
    "Hidden",
    "Hold",
    "HoldLifted",
    "HoldPlaced",
    "ItemAdded",
    "ItemDestroyed",
    "ItemExported",
    "Located",
    "LocationClosed",
    "Merged",
    "Noted",
    "NoticeAnswered",
    "NoticeRetracted",
    "NoticeSent",
    "Opened",
    "PlaceChanged",
    "PolicyApplied",
    "PreservationSet",
    "Proposal",
    "Proposed",
    "Rejected",
    "ReportConfirmed",
    "ReportErased",
    "ReportFailed",
    "ReportFinished",
    "ReportFinishing",
    "ReportOpened",
    "Reporting",
    "RequestErased",
    "RequestReleased",
    "RequestTaken",
    "RetractionConfirmed",
    "RetractionEnded",
    "Revealed",
    "Routed",
    "Seconded",
    "ServiceEvent",
    "StatementMade",
    "StatementTold",
    "TakedownBegun",
    "Verdict",
    "Verified",
]

TOOL = f"safelight {__version__}"
"""What `Draft.tool` says of this program."""
LOG_SCHEMA = 1
"""Version of an entry of the log; raised when a field changes its meaning or goes."""
SERVICE_CASE = "service"
"""The chain of what belongs to no case: people, keys, settings, tree heads that were exported."""


@dataclass(frozen=True, slots=True)
class Draft:
    """An event before the log has taken it in. `tool`: name and version of the program that acts."""

    case: str
    actor: Actor
    body: Body
    tool: str = ""


@dataclass(frozen=True, slots=True)
class CaseEvent:
    """An event of the log. `seq`: its number in its case, from 0. `at`: UTC.

    `prev`: hash of the case's event before it, 64 hexadecimal digits, all 0 for the first.
    """

    case: str
    seq: int
    at: datetime
    actor: Actor
    body: Body
    prev: str
    tool: str = ""
    schema: int = LOG_SCHEMA


@dataclass(frozen=True, slots=True)
class Proposal:
    """A grave action that waits for a second person. `number`: of its event."""

    number: int
    by: Actor
    at: datetime
    what: Proposed


@dataclass(frozen=True, slots=True)
class Case:
    """A case as its events leave it. `length`: how many events; `head`: hash of the last one.

    `decided_by`: who found what stands, None while nothing does, or when policy did. `viewed`: items of which somebody
    saw pixels. `preserve_until`: the latest of all that was set; None for none. `appeals`: ids of the open ones.
    `approved`: what two people agreed on and is still to be done: destroying an item, lifting a hold. `confirmed`:
    whether abuse was ever confirmed, by people or by policy, even if nothing stands any more. `duties`: all that arose,
    also those that are met; `reports`: those that were sent; `reporting`: those that were confirmed, and neither sent
    nor given up. `undone`: what people found, or asked a second person to find, which what joined the case has undone;
    until somebody finds anew.
    """

    id: str
    length: int
    head: str
    state: CaseState
    opened: datetime
    updated: datetime
    reason: str
    priority: int
    queue: str
    family: str | None = None
    items: tuple[CaseItem, ...] = ()
    finding: Finding | None = None
    decided_by: Actor | None = None
    by_policy: bool = False
    proposals: tuple[Proposal, ...] = ()
    appeals: tuple[str, ...] = ()
    holds: tuple[Hold, ...] = ()
    preserve_until: datetime | None = None
    viewed: frozenset[str] = frozenset()
    merged_into: str | None = None
    approved: tuple[Proposal, ...] = ()
    confirmed: bool = False
    duties: tuple[CaseDuty, ...] = ()
    reports: tuple[CaseReport, ...] = ()
    reporting: tuple[Reporting, ...] = ()
    undone: frozenset[Verdict] = frozenset()

    def reported(self, taker: Taker, production: bool) -> frozenset[str]:
        """Items of which this receiver has a report. What only its test system has, the real one still has to get."""
        sent = (one for one in self.reports if one.taker is taker and (one.production or not production))
        return frozenset(item for report in sent for item in report.items)
