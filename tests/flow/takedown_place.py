"""A takedown over stores in memory, hosts that are tables, and a mailbox that is a list."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from io import BytesIO
from typing import Any, BinaryIO

from safelight.adapter.closing.stores import as_of, due_of, look_of, notice_of, retract_of
from safelight.flow.takedown import Takedowns
from safelight.model.access import Actor, ActorKind, Principal, Role, granted
from safelight.model.address import canonical, host_of
from safelight.model.case import Body, Case, Decided, Draft, Finding, ItemAdded, Opened, Verdict
from safelight.model.decision import Outcome
from safelight.model.errors import ConflictError, FetchError, UnknownLocationError
from safelight.model.notice import Written
from safelight.model.service import Item, ItemState
from safelight.model.takedown import Contact, Contacts, Form, Judged, Location, Notice, Plan, Scope
from safelight.model.takedown import Place as State
from safelight.policy.takedown import DEFAULT_PLAN
from safelight.policy.takedown_clock import LONGEST_REST, SKEW
from safelight.ports import Letter, Seen
from tests.contract.memory_bank_store import SetClock
from tests.contract.memory_case_store import MemoryCaseStore

START = datetime(2026, 3, 1, 9, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
URL = "https://images.example/a.jpg"
SENIOR = Principal(Actor(ActorKind.USER, "7"), granted([Role.SENIOR]))
MACHINE = Principal(Actor(ActorKind.KEY, "3"), granted([Role.AUDITOR]))
CONFIRMED, NO_ABUSE = Finding(Verdict.CONFIRMED), Finding(Verdict.NOT_ABUSE)
ITEM, OTHER, ALTERED = b"the item", b"something else", b"altered: the item"
PAGE = b"<!doctype html>"
EVERYBODY = tuple(Contact(scope, f"the {scope}", f"{scope}@abuse.example") for scope in Scope)

Host = Callable[[datetime], tuple[int, bytes] | tuple[int, bytes, str] | None]
"""What a URL answers at a time: status, bytes, and where it led; None for nothing."""


class MemoryTakedownStore:
    """`ports.TakedownStore` as a dictionary."""

    def __init__(self) -> None:
        self.kept: dict[str, Location] = {}

    def put(self, location: Location, expect: Location | None = None) -> None:
        if self.kept.get(location.id) != expect:
            raise ConflictError(what=location.id)
        same = (one for one in self.kept.values() if one.id != location.id)
        if any((one.case, canonical(one.url)) == (location.case, canonical(location.url)) for one in same):
            raise ConflictError(what=location.id)
        self.kept[location.id] = location

    def get(self, location: str) -> Location:
        if location not in self.kept:
            raise UnknownLocationError(location=location)
        return self.kept[location]

    def of_case(self, case: str) -> list[Location]:
        return [one for _, one in sorted(self.kept.items()) if one.case == case]

    def of_cases(self, cases: Collection[str]) -> list[Location]:
        return [one for one in self.kept.values() if one.case in cases]

    def worked(self, year: int) -> Counter[tuple[State, float | None]]:
        added = (one for one in self.kept.values() if one.added.astimezone(UTC).year == year)
        return Counter((one.place, one.hours) for one in added)

    def of_family(self, family: str) -> list[Location]:
        return [one for _, one in sorted(self.kept.items()) if one.family == family]

    def of_url(self, url: str, *, lock: bool = False) -> list[Location]:  # noqa: ARG002 - nobody else is there
        return [one for _, one in sorted(self.kept.items()) if canonical(one.url) == canonical(url)]

    def due(self, now: datetime, limit: int) -> list[str]:
        looks = [(at, one.id) for one in self.kept.values() if (at := look_of(one)) is not None and at <= now]
        hosts = dict[str, str]()
        for _, name in sorted(looks):
            hosts.setdefault(host_of(self.kept[name].url), name)
        told = [one.id for one in self.kept.values() if (at := notice_of(one)) is not None and at <= now]
        found = sorted((due_of(self.kept[name]) or now, name) for name in {*hosts.values(), *told})
        ahead = [name for name, one in sorted(self.kept.items()) if (at := as_of(one)) and at > now + SKEW]
        ahead += [name for name, one in self.kept.items() if (at := retract_of(one)) and at > now + LONGEST_REST]
        return list(dict.fromkeys((*(name for _, name in found), *ahead)))[:limit]

    def retracting(self, now: datetime, limit: int) -> list[Location]:
        found = [(at, one.id) for one in self.kept.values() if (at := retract_of(one)) is not None and at <= now]
        return [self.kept[name] for _, name in sorted(found)[:limit]]

    def misfiled(self) -> list[str]:
        return []

    def all(self, after: str = "", limit: int = 100) -> list[Location]:
        return [one for name, one in sorted(self.kept.items()) if name > after][:limit]


class Together(MemoryCaseStore):
    """The cases, with the locations in the same transactions."""

    def __init__(self, clock: SetClock) -> None:
        super().__init__(clock)
        self.locations = MemoryTakedownStore()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        before = dict(self.locations.kept)
        try:
            with super().transaction():
                yield
        except BaseException:
            self.locations.kept = before
            raise


class Numbers:
    def __init__(self) -> None:
        self.given = 0

    def new(self) -> str:
        self.given += 1
        return f"id-{self.given:05}"


@dataclass
class Place:
    """All ports, and what became of them. `hosts`: what answers, by URL; `fails`: raised by the next mails, if any."""

    clock: SetClock = field(default_factory=lambda: SetClock(START))
    hosts: dict[str, Host] = field(default_factory=dict)
    contacts: tuple[Contact, ...] = EVERYBODY
    mails: list[tuple[datetime, Letter]] = field(default_factory=list)
    looks: list[tuple[datetime, str]] = field(default_factory=list)
    finds: int = 0
    fails: list[Exception] = field(default_factory=list)
    plan: Plan = DEFAULT_PLAN
    mailing: bool = True

    def __post_init__(self) -> None:
        self.cases = Together(self.clock)
        self.store = self.cases.locations
        self.ids = Numbers()
        self.takedown = self.made()
        self.case = self.opened("case-1", "item-1")

    def made(self, wrap: Callable[[Any], Any] = lambda port: port) -> Takedowns:
        """The flow, over ports that may be wrapped."""
        return Takedowns(
            wrap(self.cases),
            wrap(self.store),
            wrap(self),
            wrap(self) if self.mailing else None,
            wrap(self),
            wrap(self.judge),
            self.plan,
            wrap(self.write),
            wrap(self.clock),
            wrap(self.ids),
            lambda _contact: (Form.XARF, "en"),
            "desk.example",
        )

    def opened(self, case: str, item: str, finding: Finding | None = CONFIRMED, family: str = "family") -> str:
        """A case with an item, decided."""
        added = ItemAdded(item, sha256(ITEM).hexdigest(), 8, "image/jpeg", "gate", Outcome.NEAR, "why")
        self.say(case, Opened("near", family=family), added)
        if finding is not None:
            self.say(case, Decided(finding), who=SENIOR)
        self.cases.put_item(Item(item, ItemState.DONE, START, "gate", case=case))
        return case

    def say(self, case: str, *bodies: Body, who: Principal | None = None) -> None:
        actor = who.actor if who else Actor(ActorKind.SYSTEM)
        self.cases.append([Draft(case, actor, body) for body in bodies])

    def begun(self, url: str = URL, **more: Any) -> Location:
        """A location whose takedown a person has begun."""
        location = self.takedown.add(SENIOR, self.case, "item-1", url)
        return self.takedown.begin(SENIOR, location.id, **more)

    def run(self, until: timedelta, takedown: Takedowns | None = None) -> None:
        """Let time pass to so much after START, from one thing that is due to the next."""
        takedown, end = takedown or self.takedown, START + until
        while found := self.store.due(end, 1):
            self.clock.moment = max(due_of(self.store.get(found[0])) or end, self.clock.moment)
            while due := takedown.due():
                for location in due:
                    takedown.advance(location)
        self.clock.moment = max(end, self.clock.moment)

    def bodies(self, kind: type, case: str = "") -> list[Any]:
        return [one.event.body for one in self.cases.events(case or self.case) if isinstance(one.event.body, kind)]

    # The ports that this is itself

    def find(self, url: str) -> Contacts:
        self.finds += 1
        return Contacts(url, self.clock.moment, self.contacts)

    def send(self, letter: Letter) -> bytes:
        if self.fails:
            raise self.fails.pop(0)
        self.mails.append((self.clock.moment, letter))
        return f"{letter.id}: {letter.text}".encode()

    @contextmanager
    def look(self, url: str) -> Iterator[tuple[Seen, BinaryIO]]:
        self.looks.append((self.clock.moment, url))
        answer = self.hosts[url](self.clock.moment)
        if answer is None:
            raise FetchError(cause="no answer")
        status, content, led_to = (*answer, url)[:3]
        yield Seen(status, led_to, len(content)), BytesIO(content)

    def judge(self, file: BinaryIO, _location: Location) -> Judged:
        content = file.read()
        kind = "exact" if content == ITEM else "derivative" if ITEM in content else ""
        return Judged(sha256(content).hexdigest(), kind, sure=content not in {b"broken", PAGE}, unlike=content == PAGE)

    def write(self, case: Case, location: Location, notice: Notice) -> Written:
        again = f", again after {location.past[-1]:%Y-%m-%d}" if location.past else ""
        return Written("notice", f"{case.id} {location.url} {notice.id}{again}")

    @property
    def scopes(self) -> list[tuple[str, timedelta]]:
        """Who was told, and when after START."""
        return [(letter.to.partition("@")[0], at - START) for at, letter in self.mails]


def there(_at: datetime) -> tuple[int, bytes]:
    """It is there, always."""
    return 200, ITEM


def until(*changes: tuple[timedelta, tuple[int, bytes] | None]) -> Host:
    """It is there; from these times after START it answers otherwise."""

    def host(at: datetime) -> tuple[int, bytes] | None:
        answer: tuple[int, bytes] | None = (200, ITEM)
        for begin, then in changes:
            answer = then if at >= START + begin else answer
        return answer

    return host


def shortened(looks: tuple[timedelta, ...], watch: tuple[timedelta, ...]) -> Plan:
    """The default plan with other waits between looks."""
    return replace(DEFAULT_PLAN, looks=looks, watch=watch)
