"""Who had which part in what happened to a case, and to all the cases that it has taken in."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from safelight.case.rules import DECISIONS
from safelight.flow.merged import histories
from safelight.model.access import Actor, ActorKind
from safelight.model.assessment import Artificialness
from safelight.model.audit import LoggedEvent
from safelight.model.case import (
    SOURCE,
    Absorbed,
    Answer,
    Approved,
    Case,
    Decided,
    Grave,
    Noted,
    PreservationSet,
    Proposed,
    Rejected,
    Revealed,
    Routed,
    Seconded,
    Verdict,
)
from safelight.model.closing_events import CLOSING_KINDS
from safelight.ports import CaseStore

CLOSING: Final = (*CLOSING_KINDS.values(), PreservationSet)
"""Events that tell of duties, reports and takedowns."""


@dataclass(frozen=True, slots=True)
class Axes:
    """How a person says that it was made, and whether a real victim is depicted; UNKNOWN for what they left open."""

    artificialness: Artificialness
    real_victim: Answer


@dataclass(frozen=True, slots=True)
class Weighed:
    """Who said how it was made. `second`: None without a second person, and for one of whom the log does not tell it.

    `two`: two people agreed on the finding, in this or in another way.
    """

    first: Axes
    second: Axes | None = None
    two: bool = False


def weighed(case: Case, events: Sequence[LoggedEvent]) -> Weighed | None:
    """Who of those who made the finding that stands said how it was made; None without a finding by people.

    `events`: all of the case's own.
    """
    if case.finding is None or case.by_policy:
        return None
    first = Axes(case.finding.artificialness, case.finding.real_victim)
    asked = _asked(events)
    for event in (logged.event for logged in reversed(events)):
        if isinstance(event.body, Decided) and event.body.finding.verdict is not Verdict.UNSURE:
            break
        if isinstance(event.body, Approved) and event.body.proposal in asked:
            before = events[event.seq - 1].event.body
            if isinstance(before, Seconded) and before.proposal == event.body.proposal:
                return Weighed(first, Axes(before.artificialness, before.real_victim), two=True)
            return Weighed(first, two=True)
    return Weighed(first)


def of_closing(events: Sequence[LoggedEvent]) -> set[int]:
    """Numbers of the events of a case that tell of duties, reports and takedowns: for `Permission.REPORT_READ` alone.

    So do notes that were made in the same act as such an event, and those of the service, which are about takedowns.
    """
    closing = {one.event.seq: one.event.at for one in events if isinstance(one.event.body, CLOSING)}
    notes = (one.event for one in events if isinstance(one.event.body, Noted))
    return {*closing} | {
        note.seq
        for note in notes
        if note.actor.kind is ActorKind.SYSTEM or note.at in {closing.get(note.seq - 1), closing.get(note.seq + 1)}
    }


def deciders(store: CaseStore, case: str) -> set[Actor]:
    """Who has found anything on the case, or agreed to what another found, or had decided otherwise."""
    found = disputants(store, case)
    for events in histories(store, case):
        asked = _asked(events)
        for event in (logged.event for logged in events):
            agreed = isinstance(event.body, Approved) and event.body.proposal in asked
            if agreed or event.seq in asked or (isinstance(event.body, Decided) and not event.body.by_policy):
                found.add(event.actor)
    return found


def disputants(store: CaseStore, case: str) -> set[Actor]:
    """Who decided differently from each other: of decisions that were rejected, who asked for and who rejected them."""
    found = set[Actor]()
    for events in histories(store, case):
        asked = _asked(events)
        for event in (logged.event for logged in events):
            if isinstance(event.body, Rejected) and asked.get(event.body.proposal) is Grave.DECIDE:
                found |= {events[event.body.proposal].event.actor, event.actor}
    return found


def was_put_to_two(store: CaseStore, case: str) -> bool:
    """Whether a second person was ever asked to decide on the case, whatever came of it."""
    return any(Grave.DECIDE in _asked(events).values() for events in histories(store, case))


def seen_by_others(store: CaseStore, case: str, item: str, who: Actor) -> bool:
    """Whether anybody else saw the item since a person last routed the case."""
    seen = False
    for event in (logged.event for logged in store.events(case)):
        body = event.body
        if isinstance(body, Routed) and event.actor.kind is ActorKind.USER:
            seen = False
        elif isinstance(body, Revealed) and body.item == item and body.what != SOURCE and event.actor != who:
            seen = True
        elif isinstance(body, Absorbed) and item in body.viewed:
            seen = seen or seen_by_others(store, body.other, item, who)
    return seen


def _asked(events: Sequence[LoggedEvent]) -> dict[int, Grave]:
    """Which events asked a second person for a decision: their numbers, and for what."""
    return {
        logged.event.seq: body.action
        for logged in events
        if isinstance(body := logged.event.body, Proposed) and body.action in DECISIONS
    }
