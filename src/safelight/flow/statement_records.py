"""What is told of statements to uploaders: what holds for them by the log, for one of them or for many at once.

A statement says what its case was when it was made. For many of them the events of all their cases are read at once,
and each case is folded once, from one statement to the next.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import chain
from typing import Final

from safelight.case.fold import apply
from safelight.flow.dossier import findings
from safelight.model.audit import LoggedEvent
from safelight.model.case import (
    Absorbed,
    Approved,
    Case,
    CaseItem,
    Classification,
    Decided,
    Finding,
    ItemAdded,
    Merged,
    Opened,
    Proposed,
    Rejected,
    StatementMade,
)
from safelight.model.closing_events import Prompt, StatementKind
from safelight.model.decision import Outcome
from safelight.model.dossier import How
from safelight.model.errors import TransitionError
from safelight.model.statement import StatementFacts
from safelight.ports import CaseStore
from safelight.report.closing.common import automated
from safelight.report.closing.crosswalk import ARTIFICIAL, Target, cell, level

_FIND: Final = (Opened, ItemAdded, Absorbed, Proposed, Approved, Rejected, Decided)
"""Events that change which items a case has, or which finding stands."""
_TELL: Final = (Merged, StatementMade)
_GATE = "gate"  # `CaseItem.source` of what the gate kept back before anybody had looked


class _Course:
    """A case from one of its events to the next. `made`: when and how each finding was made last."""

    def __init__(self, events: Iterable[LoggedEvent]) -> None:
        """`events`: all that will be taken."""
        self._by = {by.position: (found, how) for by, found, how in findings(events)}
        self._case: Case | None = None
        self._items: dict[str, CaseItem] = {}
        self._outcomes: set[Outcome] = set()
        self._made: dict[Finding, tuple[datetime, How]] = {}

    def take(self, logged: LoggedEvent) -> None:
        """The next event."""
        self._case = apply(self._case, logged.event, logged.hash)
        for item in self._case.items[len(self._items) :]:  # items come, and stay
            self._items[item.id] = item
            self._outcomes.add(item.outcome)
        if by := self._by.get(logged.position):
            finding, how = by
            self._made[finding] = logged.event.at, how

    def facts(self, item: str, prompt: Prompt, ended: datetime | None = None) -> StatementFacts:
        """See `statement_facts`."""
        found = self._items[item]
        finding = self._case.finding if self._case else None
        if self._case is None or finding is None:
            raise TransitionError(case=self._case.id if self._case else "", cause="nothing is decided")
        decided, how = self._made[finding]
        barred = found.source == _GATE
        levels = level(finding.artificialness, found.outcome, self._outcomes)
        return StatementFacts(
            item=item,
            mime=found.mime,
            uploaded=found.added,
            applied=found.added if barred else max(decided, found.added),
            how=how,
            automated=automated(found.outcome),
            barred=barred,
            artificial=levels in ARTIFICIAL,
            keyword=cell(Target.DSA_KEYWORD, finding.classification, levels, finding.real_victim).value,
            illegal=finding.classification is not Classification.OTHER,
            prompt=prompt,
            reference=found.reference,
            ended=ended,
        )


def statement_facts(
    events: Sequence[LoggedEvent], item: str, prompt: Prompt, ended: datetime | None = None
) -> StatementFacts:
    """What is said of one item, by the finding on its case.

    Args:
        events: all of the case's own, up to when it is said.
        item: id of the item.
        prompt: what made the provider look.
        ended: when the restriction was withdrawn.

    Raises:
        TransitionError: no finding stands.
    """
    course = _Course(events)
    for logged in events:
        course.take(logged)
    return course.facts(item, prompt, ended)


def told_facts(cases: CaseStore, told: Sequence[LoggedEvent]) -> Iterator[tuple[LoggedEvent, str, StatementFacts]]:
    """For each of these statements of reasons, in their order, its id and what held when it was made.

    The end of the restriction is that by which it was withdrawn since. Raises TransitionError where no finding stood.
    """
    own = cases.of_cases({logged.event.case for logged in told}, (*_FIND, *_TELL))
    ends, asked = _ends(cases, own), {logged.position for logged in told}
    found: dict[int, tuple[str, StatementFacts]] = {}
    for events in own.values():
        course = _Course(events)
        for logged in events:
            body = logged.event.body
            if not isinstance(body, StatementMade):
                course.take(logged)
            elif logged.position in asked:
                end = next((at for position, at in ends.get(body.item, ()) if position > logged.position), None)
                found[logged.position] = body.statement, course.facts(body.item, body.prompt, end)
    return ((logged, *found[logged.position]) for logged in told)


def _ends(cases: CaseStore, events: Mapping[str, Sequence[LoggedEvent]]) -> dict[str, list[tuple[int, datetime]]]:
    """By item, where in the log and when statements were withdrawn: in these cases, and in those that they are in now.

    An item is in one case at a time, so that all that was told of it later is there.
    """
    ends: dict[str, list[tuple[int, datetime]]] = {}
    seen, left = set(events), events
    while left:
        into: set[str] = set()
        for logged in chain.from_iterable(left.values()):
            body = logged.event.body
            if isinstance(body, Merged):
                into.add(body.into)
            elif isinstance(body, StatementMade) and body.kind is StatementKind.WITHDRAWN:
                ends.setdefault(body.item, []).append((logged.position, logged.event.at))
        left = cases.of_cases(into - seen, _TELL) if into - seen else {}
        seen |= into
    return {item: sorted(found) for item, found in ends.items()}
