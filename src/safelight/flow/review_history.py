"""Who had which part in what happened to a case, and to all the cases that it has taken in."""

from collections.abc import Sequence

from safelight.case.rules import DECISIONS
from safelight.flow.merged import histories
from safelight.model.access import Actor, ActorKind
from safelight.model.audit import LoggedEvent
from safelight.model.case import SOURCE, Absorbed, Approved, Decided, Grave, Proposed, Rejected, Revealed, Routed
from safelight.ports import CaseStore


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
