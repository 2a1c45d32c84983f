"""A case in a store in memory, of which documents are made: with secrets in every place that has room for one.

Everything in it is benign: the media is a line of text.
"""

import hashlib
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from safelight.flow.dossier import dossier
from safelight.flow.statements import Statements
from safelight.model.access import SYSTEM, Actor, ActorKind
from safelight.model.address import canonical
from safelight.model.assessment import Artificialness
from safelight.model.case import (
    Absorbed,
    Answer,
    AppealDecided,
    AppealOpened,
    Approved,
    Body,
    Classification,
    Decided,
    Draft,
    Finding,
    Grave,
    ItemAdded,
    Located,
    Merged,
    Noted,
    Opened,
    Proposed,
    Revealed,
    Verdict,
)
from safelight.model.decision import Decision, Outcome
from safelight.model.dossier import Dossier
from safelight.model.errors import UnknownLocationError
from safelight.model.filing import Reporter
from safelight.model.match import Match, MatchKind
from safelight.model.service import Item, ItemState
from safelight.model.takedown import Contact, Contacts, Form, Location, Notice, NoticeState, Place, Scope
from tests.contract.memory_case_store import MemoryCaseStore
from tests.rows import row_of

START = datetime(2026, 3, 1, 8, tzinfo=UTC)
MEDIA = b"benign media of the test: a line of text that no document may hold"
NOTE = "note for colleagues 4711"
REVIEWERS = ("user:reviewer-7781", "reviewer-7781", "user:senior-9923", "senior-9923")
PLANTED = ("vault-blob-5511", "/srv/incoming/secret-folder/file-3141.png", "secret-bank-2718", "secret-entry-1618")
ANN, SUE = Actor(ActorKind.USER, "reviewer-7781"), Actor(ActorKind.USER, "senior-9923")
REPORTER = Reporter("Example Pictures", "safety@pictures.example.org", terms="Terms, 4", domain="pictures.example.org")
CONFIRMED = Finding(
    Verdict.CONFIRMED, Classification.B2, Artificialness.PARTIALLY_ALTERED, Answer.UNKNOWN, "note for colleagues 4711"
)
NOT_ABUSE = Finding(Verdict.NOT_ABUSE)


@dataclass
class Moving:
    """A clock that stands until it is moved."""

    time: datetime = START

    def now(self) -> datetime:
        return self.time


@dataclass
class Numbers:
    given: int = 0

    def new(self) -> str:
        self.given += 1
        return f"0195558d-0000-7000-8000-{self.given:012}"


@dataclass
class MemoryTakedowns:
    """`ports.TakedownStore` as far as documents read it."""

    kept: dict[str, Location] = field(default_factory=dict)

    def put(self, location: Location, expect: Location | None = None) -> None:
        assert self.kept.get(location.id) == expect
        self.kept[location.id] = location

    def get(self, location: str) -> Location:
        if location not in self.kept:
            raise UnknownLocationError(location=location)
        return self.kept[location]

    def of_case(self, case: str) -> list[Location]:
        return [one for one in self.kept.values() if one.case == case]

    def of_cases(self, cases: Collection[str]) -> list[Location]:
        return [one for one in self.kept.values() if one.case in cases]

    def worked(self, year: int) -> Counter[tuple[Place, float | None]]:
        added = (one for one in self.kept.values() if one.added.astimezone(UTC).year == year)
        return Counter((one.place, one.hours) for one in added)

    def of_family(self, family: str) -> list[Location]:
        return [one for one in self.kept.values() if one.family == family]

    def of_url(self, url: str, *, lock: bool = False) -> list[Location]:  # noqa: ARG002 - nobody else is there
        return [one for one in self.kept.values() if canonical(one.url) == canonical(url)]

    def due(self, now: datetime, limit: int) -> list[str]:
        return [one.id for one in self.kept.values() if one.next_look and one.next_look <= now][:limit]

    def retracting(self, now: datetime, limit: int) -> list[Location]:
        raise NotImplementedError  # documents read nothing of it

    def misfiled(self) -> list[str]:
        raise NotImplementedError  # documents do not check rows

    def all(self, after: str = "", limit: int = 100) -> list[Location]:
        return sorted((one for one in self.kept.values() if one.id > after), key=lambda one: one.id)[:limit]


class World:
    """Case `c1` with `i1`, kept back by the gate as known bytes, and `i2`, an altered copy; decided by two people."""

    case = "c1"

    def __init__(self, finding: Finding | None = CONFIRMED) -> None:
        self.clock = Moving()
        self.began = START
        self.cases = MemoryCaseStore(self.clock)
        self.takedowns = MemoryTakedowns()
        self.ids = Numbers()
        self.log(Opened("near", family="fam"))
        self.add("i1", Outcome.KNOWN, source="gate")
        self.add("i2", Outcome.DERIVED)
        self.log(Revealed("i2", "to decide", region=(0, 0, 0.5, 0.5)), who=ANN)
        self.log(Noted(NOTE), who=ANN)
        self.place()
        if finding is not None:
            self.decide(finding)

    def log(self, *bodies: Body, who: Actor = SYSTEM, case: str = "c1", hours: float = 1) -> None:
        """Append, and let time go on."""
        self.cases.append([Draft(case, who, body, "safelight test") for body in bodies])
        self.clock.time += timedelta(hours=hours)

    def add(
        self, item: str, outcome: Outcome, case: str = "c1", source: str = "items", account: str = "account"
    ) -> None:
        media = MEDIA + item.encode()
        sha256, blob = hashlib.sha256(media).hexdigest(), PLANTED[0]
        match = Match(PLANTED[2], PLANTED[3], MatchKind.DERIVATIVE, "tiles", 3)
        row = replace(
            row_of(PLANTED[1], 1),
            decision=Decision(outcome, (), "why"),
            sha256=sha256,
            md5=hashlib.md5(media).hexdigest(),
            sha1=hashlib.sha1(media).hexdigest(),
            pdq=hashlib.sha256(b"pdq" + media).hexdigest(),
            pdq_quality=90,
            matches=(match,),
            thumbnail=MEDIA.decode(),
        )
        self.cases.put_item(
            Item(item, ItemState.DONE, self.clock.now(), source, f"upload-{item}", account, blob, sha256, row, case)
        )
        added = ItemAdded(item, sha256, len(media), "image/png", source, outcome, "why", f"upload-{item}", blob)
        self.log(replace(added, from_account=bool(account)), case=case)

    def place(self) -> None:
        contact = Contact(Scope.HOST, "Example Hosting", "abuse@host.example.com")
        sent = self.clock.now() + timedelta(hours=6)
        notice = Notice("n1", "l1", contact, Form.XARF, "en", NoticeState.REMOVED, self.clock.now(), sent=sent)
        location = Location(
            "l1", "c1", "i2", "0" * 64, "https://host.example.com/a.png", self.clock.now(), Place.GONE,
            contacts=Contacts("https://host.example.com/a.png", START, (contact,), ("192.0.2.7",)), notices=(notice,),
            last_look=sent + timedelta(hours=12), gone=sent + timedelta(hours=12), family="fam",
        )  # fmt: skip
        self.takedowns.put(location)
        self.log(Located("l1", "i2", location.url))

    def decide(self, finding: Finding) -> None:
        """Two people decide, one after the other."""
        self.log(Proposed(Grave.DECIDE, NOTE, finding), who=ANN)
        self.log(Approved(self.cases.case("c1").proposals[-1].number, NOTE), who=SUE)

    def uphold(self, item: str | None = None) -> None:
        """Somebody asks to look again, and the decision stays."""
        appeal = self.ids.new()
        self.log(AppealOpened(appeal, "please look again", item))
        self.log(AppealDecided(appeal, upheld=True), who=SUE)

    def overturn(self, finding: Finding) -> None:
        """Somebody asks to look again, and two people change the decision."""
        appeal = self.ids.new()
        self.log(AppealOpened(appeal, "please look again"))
        self.log(Proposed(Grave.OVERTURN, NOTE, finding), who=ANN)
        number = self.cases.case("c1").proposals[-1].number
        self.log(Approved(number, NOTE), AppealDecided(appeal, upheld=False), who=SUE)

    def merge(self, into: str, absorbed: Absorbed) -> None:
        """Case `c1` is in another one now, which a person decides on."""
        self.log(Opened("near", family="fam-2"), case=into)
        self.log(Merged(into))
        self.log(absorbed, case=into)
        self.log(Decided(CONFIRMED), who=ANN, case=into)

    def dossier(self, case: str = "c1") -> Dossier:
        return dossier(self.cases.case(case), self.cases, self.takedowns, REPORTER)

    def statements(self) -> Statements:
        return Statements(self.cases, REPORTER, self.clock, self.ids)


def told(world: World, items: Sequence[str] = ("i1", "i2"), case: str = "c1") -> list[str]:
    """Tell uploaders what is owed; ids of the statements."""
    return [world.statements().make(None, case, item).id for item in items]
