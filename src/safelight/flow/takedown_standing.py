"""What holds for one item of a case, by the log: whether it is confirmed, whatever has joined the case since."""

from dataclasses import dataclass
from datetime import datetime

from safelight.case.fold import apply
from safelight.flow.merged import by_position, histories
from safelight.model.access import ActorKind
from safelight.model.case import Case, Finding, Located, LocationClosed, PlaceChanged, TakedownBegun
from safelight.model.takedown import Location
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


def begun_by_person(cases: CaseStore, case: Case, location: Location) -> bool:
    """Whether the log says that a person had the takedown of this URL begin, or of the place that looks were led from.

    Rows are only rows: whoever writes one that says so makes nobody send anything.
    """
    located, ever, now, led = dict[str, Located](), set[str](), set[str](), set[tuple[str, str]]()
    for logged in by_position(cases, case.id):
        match logged.event.body:
            case Located() as body:
                located[body.location] = body
            case TakedownBegun() as body if logged.event.actor.kind is ActorKind.USER:
                ever.add(body.location)
                now.add(body.location)
            case LocationClosed() as body:
                now.discard(body.location)
            case PlaceChanged() as body:
                led.add((body.location, body.led_to))
            case _:
                pass
    one, seen = located.get(location.id), set[str]()
    if one is None or one.url != location.url:
        return False
    while one.location not in seen:
        if one.location in (now if one.location == location.id else ever):
            return True
        seen.add(one.location)
        before = located.get(one.found_as, one)
        # A look was led to it, or it goes on for the same URL of a case that was merged.
        if (before.location, one.url) not in led and before.url != one.url:
            return False
        one = before
    return False


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
        latest: tuple[datetime, Finding] | None = None  # of this history by its order, whatever the clock said
        for logged in events:
            now = apply(now, logged.event, logged.hash)
            if now.finding is not None and any(one.id == item for one in now.items):
                latest = logged.event.at, now.finding
        found += [latest] if latest else []
    last = max(found, key=lambda one: one[0], default=None)
    return last[1] if last is not None else None
