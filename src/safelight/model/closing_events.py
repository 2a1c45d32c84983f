"""What can happen to a case on the way from found to gone: policy, duties of the law, reports, notices, statements.

These are bodies of the log as those of `model.case_events`, which lists their names.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from safelight.model.decision import Action
from safelight.model.filing import Body as Taker
from safelight.model.law import Duty
from safelight.model.policy import Stage, Withheld
from safelight.model.takedown_events import TAKEDOWN_KINDS, TakedownBody


class DutyState(StrEnum):
    """Where a duty of the law stands."""

    OPEN = "open"
    MET = "met"
    DROPPED = "dropped"  # a person found that it does not apply


@dataclass(frozen=True, slots=True)
class CaseDuty:
    """A duty that arose for a case. `by`: what met it, or why it was dropped."""

    duty: Duty
    state: DutyState = DutyState.OPEN
    by: str = ""


@dataclass(frozen=True, slots=True)
class CaseReport:
    """A report that was sent about a case, see `ReportFinished`."""

    filing: str
    taker: Taker
    number: str
    at: datetime
    items: tuple[str, ...]
    production: bool = False


@dataclass(frozen=True, slots=True)
class Reporting:
    """A report that was confirmed and is on its way: the media of its items may still have to be sent."""

    filing: str
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PolicyApplied:
    """A version of the policy was asked. `rules`: ids of those that matched; see `model.policy.Ruling`."""

    version: int
    stage: Stage
    actions: tuple[Action, ...]
    rules: tuple[str, ...]
    withheld: tuple[Withheld, ...] = ()
    degraded: bool = False


@dataclass(frozen=True, slots=True)
class DutyArose:
    """The law asks for something. A duty of the same id arises once."""

    duty: Duty


@dataclass(frozen=True, slots=True)
class DutyMet:
    """It was done. `by`: `filing:ID`, `notice:ID`, `location:ID`, or in words."""

    duty: str
    by: str


@dataclass(frozen=True, slots=True)
class DutyDropped:
    """A person found that it does not apply."""

    duty: str
    reason: str


@dataclass(frozen=True, slots=True)
class ReportConfirmed:
    """A person read a report and had it sent. `production`: to the real receiver, not to its test system.

    `digest`: SHA-256 of all documents that were read.
    """

    filing: str
    taker: Taker
    items: tuple[str, ...]
    digest: str
    production: bool = False


@dataclass(frozen=True, slots=True)
class ReportOpened:
    """The receiver has begun a report, of which it has told the id: `number`. Only such a one is finished there."""

    filing: str
    taker: Taker
    number: str


@dataclass(frozen=True, slots=True)
class ReportFinishing:
    """The receiver is asked to finish a report: from here on it may be, whatever is heard.

    `called`: False where it refused before it looked, so that nothing is in question any more.
    """

    filing: str
    taker: Taker
    number: str
    called: bool = True


@dataclass(frozen=True, slots=True)
class ReportFinished:
    """The receiver has it. `number`: the report's id there; empty for a bundle that a person handed over.

    `digest`: SHA-256 of its first document.
    """

    filing: str
    taker: Taker
    number: str
    items: tuple[str, ...]
    digest: str
    production: bool = False


@dataclass(frozen=True, slots=True)
class ReportFailed:
    """It could not be sent, and nobody tries any more before a person has looked."""

    filing: str
    taker: Taker
    cause: str


@dataclass(frozen=True, slots=True)
class ReportErased:
    """What a report tells of people was erased; `why`, in words. Its id, times, items and digests stay."""

    filing: str
    why: str


@dataclass(frozen=True, slots=True)
class ErasureHeld:
    """A person has kept what would be erased by itself. `of`: `filing:ID` or `request:ID`. `reason` names nobody."""

    of: str
    reason: str


@dataclass(frozen=True, slots=True)
class ErasureFreed:
    """A person ended an `ErasureHeld`: it may be erased again."""

    of: str
    reason: str


class StatementKind(StrEnum):
    """What a statement to an uploader says."""

    REASONS = "reasons"  # why access was barred: Regulation (EU) 2022/2065, Article 17
    UPHELD = "upheld"  # people looked again, and the decision stays: Article 20(5)
    WITHDRAWN = "withdrawn"  # the decision does not stand any more


class Prompt(StrEnum):
    """What made the provider look, in the words of the DSA Transparency Database."""

    OWN = "SOURCE_VOLUNTARY"
    NOTICE = "SOURCE_ARTICLE_16"
    FLAGGER = "SOURCE_TRUSTED_FLAGGER"
    OTHER = "SOURCE_TYPE_OTHER_NOTIFICATION"


@dataclass(frozen=True, slots=True)
class StatementMade:
    """It was written down why, for the uploader (Regulation (EU) 2022/2065, Article 17). `digest`: SHA-256 of it.

    `language`: ISO 639-1. `text`: as it is to be told, word for word; it names no person and describes nothing seen.
    """

    statement: str
    item: str
    digest: str
    kind: StatementKind = StatementKind.REASONS
    language: str = "en"
    prompt: Prompt = Prompt.OWN
    text: str = ""


@dataclass(frozen=True, slots=True)
class StatementTold:
    """The uploader has a statement: the platform, or a person, says that it was passed on."""

    statement: str
    item: str


ClosingBody = (
    PolicyApplied
    | DutyArose
    | DutyMet
    | DutyDropped
    | ReportConfirmed
    | ReportOpened
    | ReportFinishing
    | ReportFinished
    | ReportFailed
    | ReportErased
    | ErasureHeld
    | ErasureFreed
    | TakedownBody
    | StatementMade
    | StatementTold
)

CLOSING_KINDS: dict[str, type[ClosingBody]] = {
    "policy.applied": PolicyApplied,
    "duty.arose": DutyArose,
    "duty.met": DutyMet,
    "duty.dropped": DutyDropped,
    "report.confirmed": ReportConfirmed,
    "report.opened": ReportOpened,
    "report.finishing": ReportFinishing,
    "report.finished": ReportFinished,
    "report.failed": ReportFailed,
    "report.erased": ReportErased,
    "erasure.held": ErasureHeld,
    "erasure.freed": ErasureFreed,
    **TAKEDOWN_KINDS,
    "statement.made": StatementMade,
    "statement.told": StatementTold,
}
"""The names of these events; `case_events.KINDS` has all."""
