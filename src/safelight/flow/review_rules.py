"""What review rests on: who holds a case, what somebody asks to see, and who may agree to what."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from safelight.model.access import Permission, Principal
from safelight.model.assessment import Artificialness
from safelight.model.case import Answer, Case, CaseItem, CaseState, DutyState, Finding, Grave, Proposal
from safelight.model.errors import ForbiddenError, NotNowError, TransitionError
from safelight.model.law import DutyKind

LEASE: Final = timedelta(minutes=30)
"""How long a claim holds after the last act on its case."""
SENIOR: Final = "senior"
"""The queue of cases of which a reviewer was unsure: for those who may approve."""
AHEAD: Final = 100
"""Waiting cases that are looked through for the next one that nobody has claimed."""
DISPUTED: Final = "You and a colleague have decided differently on this case: now somebody else does."
"""What those two are told who want to decide again."""

NEEDED: Final = {
    Grave.DECIDE: Permission.CASE_APPROVE,
    Grave.OVERTURN: Permission.APPEAL_DECIDE,
    Grave.DESTROY: Permission.EVIDENCE_DESTROY,
    Grave.LIFT_HOLD: Permission.EVIDENCE_HOLD,
}
"""What one must be permitted to agree to a grave action; the asker needs it too, but for DECIDE."""


class Claims(Protocol):
    """Who works on which case. A claim ends by itself. People are named by their actors' texts."""

    def take(self, case: str, person: str, now: datetime, until: datetime) -> bool:
        """Claim a case, or hold on to it longer; False when it is somebody else's at `now`."""
        ...

    def drop(self, person: str, case: str | None = None) -> None:
        """Give up one case, or all; nothing happens where there is no such claim."""
        ...

    def holders(self, now: datetime) -> dict[str, str]:
        """Each claimed case with who holds it."""
        ...


@dataclass(frozen=True, slots=True)
class Look:
    """What somebody wants to see. Fields as in `model.case.Revealed`."""

    item: str
    reason: str
    what: str = "item"
    region: tuple[float, float, float, float] = (0.0, 0.0, 1.0, 1.0)
    view: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Revealing:
    """A look that may begin. `seconds`: after which it ends by itself."""

    id: str
    seconds: float


def item_of(case: Case, item: str) -> CaseItem:
    """An item of a case. Raises ForbiddenError for none, which tells nothing of other cases."""
    for found in case.items:
        if found.id == item:
            return found
    raise ForbiddenError


def proposal_of(case: Case, number: int) -> Proposal:
    """What waits for a second person. Raises TransitionError when it does not."""
    for found in case.proposals:
        if found.number == number:
            return found
    raise TransitionError(case=case.id, cause="this does not wait for a second person any more")


def answerable(who: Principal, case: Case) -> Sequence[Proposal]:
    """What of the case waits for this very person's answer."""
    return [one for one in case.proposals if is_other(who, one) and who.may(NEEDED[one.what.action])]


def is_other(who: Principal, proposal: Proposal) -> bool:
    """Whether somebody else asked for this."""
    return proposal.by != who.actor


def must(who: Principal, permission: Permission) -> None:
    """Raise ForbiddenError for who may not."""
    if not who.may(permission):
        raise ForbiddenError


def must_reach(who: Principal, case: Case) -> None:
    """Raise ForbiddenError for who has no work on this case: one that waits, but not for seniors, is everybody's."""
    if case.state is not CaseState.OPEN or case.queue == SENIOR:
        must(who, Permission.CASE_APPROVE)


def owes_report(case: Case) -> bool:
    """Whether the law still wants a report on a case."""
    return any(one.state is DutyState.OPEN and one.duty.kind is DutyKind.REPORT for one in case.duties)


def said(reason: str) -> str:
    """A reason that is one. Raises NotNowError for an empty one."""
    if not reason.strip():
        raise NotNowError(cause="Say why, in a few words.")
    return reason.strip()


def differ(one: Finding, other: Finding) -> bool:
    """Whether two people found different things; who does not know how it was made contradicts nobody in that."""
    made = {one.artificialness, other.artificialness} - {Artificialness.UNKNOWN}
    victim = {one.real_victim, other.real_victim} - {Answer.UNKNOWN}
    same = (one.verdict, one.classification) == (other.verdict, other.classification)
    return not same or len(made) > 1 or len(victim) > 1
