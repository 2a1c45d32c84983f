"""What holds for one item of a case, by the log: whether it is confirmed, whatever has joined the case since."""

from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Final

from safelight.case.fold import apply
from safelight.flow.item_findings import last_findings
from safelight.flow.merged import by_position
from safelight.model.access import ActorKind
from safelight.model.address import canonical
from safelight.model.audit import LoggedEvent
from safelight.model.case import (
    Absorbed,
    Case,
    ContactsFound,
    Finding,
    Located,
    LocationClosed,
    PlaceChanged,
    TakedownBegun,
)
from safelight.model.errors import UnknownCaseError
from safelight.model.takedown import Contact, Location, NoticeState
from safelight.policy.takedown_phase import Phase, objected, phase_of
from safelight.ports import CaseStore

RECENT: Final = 256
"""Cases of which is kept in memory what their log says."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What a case allows for an item. `finding`: what was found of the item last; None for nothing."""

    phase: Phase
    finding: Finding | None


def standing_of(cases: CaseStore, case: Case, item: str) -> Standing:
    """What holds for an item of a case that is not merged. A case that nothing joined needs no look at its log."""
    finding = case.finding or (last_findings(cases, case.id).get(item) if case.confirmed else None)
    return Standing(phase_of(case, finding), finding)


class Begun:
    """What a log says of takedowns: of which URLs a person had one begin, or of the place that looks were led from.

    Rows are only rows: whoever writes one that says so makes nobody send anything, nor to others than a look-up named.
    """

    def __init__(self, log: Iterable[LoggedEvent]) -> None:
        """`log`: of a case and of those that it has taken in, in order: see `flow.merged.by_position`."""
        self._located, self._ever, self._led = dict[str, Located](), set[str](), set[tuple[str, str]]()
        self._ended, self._stopped, self._named = set[str](), set[str](), set[tuple[str, str]]()
        self.running = set[str]()
        """Ids of locations that a person had begin, and that nobody closed since."""
        self.read_on(log)

    def __copy__(self) -> "Begun":
        """What it says now, whatever is read on."""
        made = Begun(())
        vars(made).update((name, copy(said)) for name, said in vars(self).items())
        return made

    def read_on(self, log: Iterable[LoggedEvent]) -> None:
        """What came after that."""
        for logged in log:
            match logged.event.body:
                case Located() as body if self._is_its_url(body):
                    if self._goes_on_as(body, self._located.get(body.found_as, body)):
                        self._ended.discard(body.location)
                    self._located[body.location] = body
                case TakedownBegun() as body if logged.event.actor.kind is ActorKind.USER:
                    self._ever.add(body.location)
                    self.running.add(body.location)
                    self._ended.discard(body.location)
                    self._stopped.discard(body.location)
                case LocationClosed() as body:
                    self.running.discard(body.location)
                    self._ended.add(body.location)
                    if logged.event.actor.kind is ActorKind.USER:
                        self._stopped.add(body.location)
                case PlaceChanged() as body if body.location not in self._ended:  # what ended is not looked at
                    self._led.add((body.location, body.led_to))
                case ContactsFound() as body:
                    self._named |= {(canonical(body.url), to) for to in body.to}
                case _:
                    pass

    def _is_its_url(self, body: Located) -> bool:
        """A location keeps its place: what is noted later of another one came from a row that somebody changed."""
        before = self._located.get(body.location)
        return before is None or canonical(before.url) == canonical(body.url)

    def _goes_on_as(self, one: Located, other: Located) -> bool:
        """Whether it stands for the same URL of a case that was merged, which no person had closed."""
        return other.location != one.location and other.url == one.url and other.location not in self._stopped

    def has(self, location: Location) -> bool:
        """Whether a row has the URL under which the log knows it."""
        return (one := self._located.get(location.id)) is not None and one.url == location.url

    def vouches(self, location: Location) -> bool:
        """Whether the takedown of this URL goes on by the log."""
        if not self.has(location) or location.id in self._ended:
            return False
        one, seen = self._located[location.id], set[str]()
        while one.location not in seen:
            if one.location in (self.running if one.location == location.id else self._ever):
                return True
            seen.add(one.location)
            before = self._located.get(one.found_as, one)
            if (before.location, one.url) not in self._led and not self._goes_on_as(one, before):
                return False
            one = before
        return False

    def may_be_told(self, url: str, contact: Contact) -> bool:
        """Whether somebody may be told about a URL: a look-up has named their address, or their page for people."""
        return (canonical(url), contact.to) in self._named

    def bears_out(self, location: Location) -> bool:
        """Whether a row says what the log does of whether work goes on, and of who is written to."""
        if location.begun is None or location.closed:
            return location.id not in self.running and not self.vouches(location)
        waiting = (one for one in location.notices if one.state is NoticeState.WAITING)
        return self.vouches(location) and all(self.may_be_told(location.url, one.contact) for one in waiting)


def begun(cases: CaseStore, case: Case) -> Begun:
    """What the log says of the takedowns of a case that is not merged."""
    return Begun(by_position(cases, case.id))


@dataclass(slots=True)
class _Read:
    """How far a log was read. `ends`: by case, number and hash of the last entry; `position`: of the last of all."""

    begun: Begun
    ends: dict[str, tuple[int, str]]
    position: int


class Logs:
    """`begun` for many looks: the log of a case is read on from where it was read last. For any number of threads."""

    def __init__(self, cases: CaseStore) -> None:
        """Nothing is read yet."""
        self._cases = cases
        self._lock = Lock()
        self._recent: dict[str, _Read] = {}

    def begun(self, case: Case) -> Begun:
        """See the function. What it returns stays as it is: others may read on what they then undo."""
        with self._lock:
            known = self._recent.pop(case.id, None)
            new = None if known is None else self._since(known)
            if known is None or new is None:
                known, new = _Read(Begun(()), {}, -1), by_position(self._cases, case.id)
            known.begun.read_on(new)
            known.ends |= {one.event.case: (one.event.seq, one.hash) for one in new}
            known.position = max([known.position, *(one.position for one in new)])
            self._recent[case.id] = known
            if len(self._recent) > RECENT:
                del self._recent[next(iter(self._recent))]
            return copy(known.begun)

    def _since(self, known: _Read) -> list[LoggedEvent] | None:
        """What came since, in order; None where all has to be read: a merger, or what was read was undone."""
        new: list[LoggedEvent] = []
        for name, (number, entry) in known.ends.items():
            try:
                last, *rest = self._cases.events(name, number)
            except UnknownCaseError:
                return None
            if last.hash != entry:
                return None
            new += rest
        if any(isinstance(one.event.body, Absorbed) or one.position < known.position for one in new):
            return None
        return sorted(new, key=lambda one: one.position)


def stopped_since(cases: CaseStore, case: Case) -> datetime:
    """Since when a case that lets a takedown not go on has done so: since somebody objects, or the last finding."""
    since, before, objects = case.opened, None, objected(case)
    for logged in cases.events(case.id):
        now = apply(before, logged.event, logged.hash)
        if before is not None and (not objected(before) if objects else now.finding != before.finding):
            since = logged.event.at
        before = now
    return since
