"""What holds for one item of a case, by the log: whether it is confirmed, whatever has joined the case since."""

from dataclasses import dataclass
from datetime import datetime

from safelight.case.fold import apply
from safelight.flow.merged import histories
from safelight.model.case import Case, Finding
from safelight.policy.takedown_phase import Phase, objected, phase_of
from safelight.ports import CaseStore


@dataclass(frozen=True, slots=True)
class Standing:
    """What a case allows for an item. `finding`: what was found of the item last; None for nothing."""

    phase: Phase
    finding: Finding | None


def standing_of(cases: CaseStore, case: Case, item: str) -> Standing:
    """What holds for an item of a case that is not merged. A case that nothing joined needs no look at its log."""
    finding = case.finding or (_last_finding(cases, case, item) if case.confirmed else None)
    return Standing(phase_of(case, finding), finding)


def stopped_since(cases: CaseStore, case: Case) -> datetime:
    """Since when a case that lets a takedown not go on has done so: since somebody objects, or the last finding."""
    since, before, objects = case.opened, None, objected(case)
    for logged in cases.events(case.id):
        now = apply(before, logged.event, logged.hash)
        if before is not None and (not objected(before) if objects else now.finding != before.finding):
            since = logged.event.at
        before = now
    return since


def _last_finding(cases: CaseStore, case: Case, item: str) -> Finding | None:
    """What was found while the item was in the case, or in one that was merged into it."""
    found: list[tuple[datetime, Finding]] = []
    for events in histories(cases, case.id):
        now: Case | None = None
        for logged in events:
            now = apply(now, logged.event, logged.hash)
            if now.finding is not None and any(one.id == item for one in now.items):
                found.append((logged.event.at, now.finding))
    last = max(found, key=lambda one: one[0], default=None)
    return last[1] if last is not None else None
