"""A case in one line of a list."""

from dataclasses import dataclass
from datetime import datetime

from safelight.model.case import Case, CaseItem
from safelight.model.decision import Outcome
from safelight.report.words import OUTCOMES
from safelight.web.console.words import STATES

_RANK = {outcome: rank for rank, outcome in enumerate(OUTCOMES)} | {Outcome.KNOWN: len(OUTCOMES)}
"""What asks most for a person comes first; known bytes ask for none."""


@dataclass(frozen=True, slots=True)
class Card:
    """What a list tells of a case. `name`: its id's end, which differs where the beginnings are alike."""

    id: str
    name: str
    outcome: str
    label: str
    reason: str
    items: int
    queue: str
    priority: int
    state: str
    opened: datetime
    updated: datetime


def short(identity: str) -> str:
    """An id as people say it: its last eight characters, which are random."""
    return identity[-8:]


def foremost(case: Case) -> CaseItem | None:
    """The item of a case that most asks for a person; None for no items."""
    return min(case.items, key=lambda item: (item.destroyed, _RANK[item.outcome]), default=None)


def card(case: Case) -> Card:
    """The line of a case; its outcome and reason are those of its foremost item."""
    first = foremost(case)
    return Card(
        id=case.id,
        name=short(case.id),
        outcome=str(first.outcome) if first else "",
        label=OUTCOMES[first.outcome] if first else "No item",
        reason=first.reason if first else case.reason,
        items=len(case.items),
        queue=case.queue,
        priority=case.priority,
        state=STATES[case.state],
        opened=case.opened,
        updated=case.updated,
    )
