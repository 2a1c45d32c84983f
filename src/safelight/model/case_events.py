"""What can happen to a case: words, and bodies of events of the log. `closing_events` has more, `case` the cases."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from safelight.model.assessment import Artificialness
from safelight.model.closing_events import CLOSING_KINDS, CaseDuty, CaseReport, ClosingBody, Reporting
from safelight.model.decision import Outcome

SOURCE: Final = "source"
"""What was looked at in place of an item: the media of the known item that it matched."""


class Classification(StrEnum):
    """Tech Coalition's categories: A prepubescent, B pubescent; 1 sex act, 2 lascivious exhibition."""

    A1 = "A1"
    A2 = "A2"
    B1 = "B1"
    B2 = "B2"
    OTHER = "other"  # harmful or exploiting, outside of the four
    NONE = "none"


class Verdict(StrEnum):
    """What a reviewer found."""

    CONFIRMED = "confirmed"  # it is what the banks say, or the same kind
    NOT_ABUSE = "not_abuse"
    UNSURE = "unsure"  # for a senior reviewer


class Answer(StrEnum):
    """Yes, no, or not known."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class CaseState(StrEnum):
    """Where a case stands."""

    OPEN = "open"  # waits for a reviewer
    PROPOSED = "proposed"  # one has decided, a second one has to agree
    DECIDED = "decided"
    APPEALED = "appealed"  # decided, and somebody asks to look again
    MERGED = "merged"  # its items are in another case


class Grave(StrEnum):
    """Actions that two people agree on: one asks, another approves."""

    DECIDE = "decide"  # a decision that policy wants seen twice
    DESTROY = "destroy"  # the media of an item
    LIFT_HOLD = "lift_hold"
    OVERTURN = "overturn"  # a decision, on appeal


@dataclass(frozen=True, slots=True)
class Finding:
    """A reviewer's decision. `note`: for colleagues; it must not describe what is seen."""

    verdict: Verdict
    classification: Classification = Classification.NONE
    artificialness: Artificialness = Artificialness.UNKNOWN
    real_victim: Answer = Answer.UNKNOWN
    note: str = ""


@dataclass(frozen=True, slots=True)
class CaseItem:
    """An item of a case, as it is now. `destroyed`: its media is gone. `added`: when it came.

    `from_account`: see `ItemAdded`.
    """

    id: str
    sha256: str
    size: int
    mime: str
    source: str
    outcome: Outcome
    reason: str
    added: datetime
    reference: str = ""
    blob: str | None = None
    degraded: bool = False
    destroyed: bool = False
    from_account: bool | None = None


@dataclass(frozen=True, slots=True)
class Hold:
    """A hold in force, see `HoldPlaced`."""

    id: str
    basis: str
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Opened:
    """The case began. `family`: id of the family that it is about; None for one that stands alone."""

    reason: str
    priority: int = 0
    queue: str = "default"
    family: str | None = None


@dataclass(frozen=True, slots=True)
class ItemAdded:
    """An item joined. `sha256`, `size`: of its bytes, which is where its chain of custody begins.

    `source`: how it came (`gate`, `items`, `scan`, ...). `reference`: the integrator's own id of it. `blob`: id of its
    media in the vault; None where no media is kept. `outcome`, `reason`: the decision on the item. `from_account`:
    whether somebody uploaded it whom the platform can tell anything; None by versions that did not say so.
    """

    item: str
    sha256: str
    size: int
    mime: str
    source: str
    outcome: Outcome
    reason: str
    reference: str = ""
    blob: str | None = None
    degraded: bool = False
    from_account: bool | None = None


@dataclass(frozen=True, slots=True)
class Merged:
    """All items are in case `into` now: their families turned out to be one."""

    into: str


@dataclass(frozen=True, slots=True)
class Absorbed:
    """The items of case `other` are in this one now. `moved`: these items as they were there.

    What protects them came along (`holds`, `preserve_until`), who waits for an answer, what somebody saw, what the law
    asks for, and what was reported or is on its way. `case.fold.absorbed` makes one from the other case.

    `verdict`: what was found of the other case; None for one that waits for a decision, and by versions that did not
    say so. `undone`: see `Case`; also what was proposed there and waits for a second person, which nobody can answer
    any more. Empty by versions that did not say so. `finding`: what people had found of it, without their note; None
    where nobody had, and by versions that did not say so.
    """

    other: str
    items: tuple[str, ...]
    moved: tuple[CaseItem, ...] = ()
    holds: tuple[Hold, ...] = ()
    preserve_until: datetime | None = None
    appeals: tuple[str, ...] = ()
    viewed: tuple[str, ...] = ()
    confirmed: bool = False
    duties: tuple[CaseDuty, ...] = ()
    reports: tuple[CaseReport, ...] = ()
    reporting: tuple[Reporting, ...] = ()
    verdict: Verdict | None = None
    undone: tuple[Verdict, ...] = ()
    finding: Finding | None = None


@dataclass(frozen=True, slots=True)
class Routed:
    """It is in another queue, or has another priority."""

    queue: str
    priority: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Revealed:
    """Somebody saw pixels. `region`: left, top, right, bottom as shares of the picture, 0 to 1; `view`: the filters.

    `what`: `item`, or SOURCE for the known item beside it. Both count as exposure.
    """

    item: str
    reason: str
    what: str = "item"
    region: tuple[float, float, float, float] = (0.0, 0.0, 1.0, 1.0)
    view: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Hidden:
    """What was revealed was covered again, after so many seconds."""

    item: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Proposed:
    """A grave action was asked for. `finding`: of DECIDE and OVERTURN. `item`: of DESTROY. `hold`: of LIFT_HOLD."""

    action: Grave
    reason: str
    finding: Finding | None = None
    item: str | None = None
    hold: str | None = None


@dataclass(frozen=True, slots=True)
class Seconded:
    """How the second person, who agrees to the decision of event number `proposal`, says that it was made.

    It comes right before `Approved`. What stands is the finding of the first person; this says which of the two left
    something open.
    """

    proposal: int
    artificialness: Artificialness
    real_victim: Answer


@dataclass(frozen=True, slots=True)
class Approved:
    """Another person agreed to event number `proposal`, which thereby takes effect."""

    proposal: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class Rejected:
    """Another person did not agree to event number `proposal`."""

    proposal: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class Decided:
    """The case was decided. `by_policy`: known items, closed unseen; the rule is in the note. `bulk`: for a family."""

    finding: Finding
    by_policy: bool = False
    bulk: bool = False


@dataclass(frozen=True, slots=True)
class AppealOpened:
    """Somebody asks to look again. `text`: what they say."""

    appeal: str
    text: str
    item: str | None = None


@dataclass(frozen=True, slots=True)
class AppealDecided:
    """The appeal was answered. `upheld`: the decision stays."""

    appeal: str
    upheld: bool
    note: str = ""


@dataclass(frozen=True, slots=True)
class HoldPlaced:
    """Nothing of the case may be destroyed. `basis`: the order or duty. `until`: None for until it is lifted."""

    hold: str
    basis: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class HoldLifted:
    """The hold ended."""

    hold: str
    reason: str


@dataclass(frozen=True, slots=True)
class PreservationSet:
    """How long media is kept at least: `rule` of law pack, its `source` and `as_of` date; None as `until` for open."""

    until: datetime | None
    rule: str
    source: str = ""
    as_of: str = ""


@dataclass(frozen=True, slots=True)
class ItemExported:
    """Evidence left the service. `export`: SHA-256 of the file. `media`: whether it held the item's media."""

    item: str
    export: str
    media: bool
    reason: str


@dataclass(frozen=True, slots=True)
class ItemDestroyed:
    """The item's media is gone. `sha256`: of the bytes before. `method`: how. The event is the receipt."""

    item: str
    sha256: str
    method: str
    reason: str


@dataclass(frozen=True, slots=True)
class Verified:
    """The item's media was read back: does it still have the digest that it came with?"""

    item: str
    sha256: str
    intact: bool


@dataclass(frozen=True, slots=True)
class Noted:
    """A remark. It must not describe what is seen."""

    text: str


@dataclass(frozen=True, slots=True)
class ServiceEvent:
    """Something that belongs to no case: `what` as `<area>.<verb>`, with short texts that name no person."""

    what: str
    details: dict[str, str] = field(default_factory=dict)


Body = (
    Opened
    | ItemAdded
    | Merged
    | Absorbed
    | Routed
    | Revealed
    | Hidden
    | Proposed
    | Seconded
    | Approved
    | Rejected
    | Decided
    | AppealOpened
    | AppealDecided
    | HoldPlaced
    | HoldLifted
    | PreservationSet
    | ItemExported
    | ItemDestroyed
    | Verified
    | Noted
    | ClosingBody
    | ServiceEvent
)

KINDS: dict[str, type[Body]] = {
    "case.opened": Opened,
    "item.added": ItemAdded,
    "case.merged": Merged,
    "case.absorbed": Absorbed,
    "case.routed": Routed,
    "media.revealed": Revealed,
    "media.hidden": Hidden,
    "action.proposed": Proposed,
    "finding.seconded": Seconded,
    "action.approved": Approved,
    "action.rejected": Rejected,
    "case.decided": Decided,
    "appeal.opened": AppealOpened,
    "appeal.decided": AppealDecided,
    "hold.placed": HoldPlaced,
    "hold.lifted": HoldLifted,
    "preservation.set": PreservationSet,
    "item.exported": ItemExported,
    "item.destroyed": ItemDestroyed,
    "item.verified": Verified,
    "case.noted": Noted,
    **CLOSING_KINDS,
    "service.event": ServiceEvent,
}
"""The names of events in the log, with what their bodies are. Names are never given another meaning."""
NAMES: dict[type[Body], str] = {kind: name for name, kind in KINDS.items()}
