"""What a case allows of a takedown now."""

from enum import StrEnum

from safelight.model.case import Case, CaseState, Finding, Verdict


class Phase(StrEnum):
    """What the case allows."""

    GO = "go"  # confirmed
    HELD = "held"  # confirmed, and somebody objects: looks go on, and nobody is told
    PAUSED = "paused"  # not confirmed: somebody has to decide
    OVER = "over"  # decided: no abuse


def phase_of(case: Case, finding: Finding | None) -> Phase:
    """What a case, not a merged one, allows now for an item.

    `finding`: what was found of the item last. It outlives that others join the case, about which nobody has decided.
    """
    if case.state is CaseState.DECIDED and case.finding is not None and case.finding.verdict is Verdict.NOT_ABUSE:
        return Phase.OVER
    if finding is None or finding.verdict is not Verdict.CONFIRMED:
        return Phase.PAUSED
    return Phase.HELD if objected(case) else Phase.GO


def objected(case: Case) -> bool:
    """Whether somebody says that it is no abuse: by an appeal, or by a decision that waits for a second person."""
    asked = (one.what.finding for one in case.proposals)
    return bool(case.appeals) or any(one is not None and one.verdict is Verdict.NOT_ABUSE for one in asked)
