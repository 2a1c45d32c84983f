"""The API for its tests: clients, a bank, and items that were taken in; what is seen of a file is made up."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from shutil import rmtree
from typing import Any, BinaryIO

import pytest
from django.test import Client

from safelight.app import App
from safelight.flow.banks import sync_index
from safelight.flow.intake import Arrival
from safelight.match.judge import suppress
from safelight.model.access import SYSTEM, Actor, ActorKind
from safelight.model.access import Scope as KeyScope
from safelight.model.bank import Bank, BankEntry, KnownHash
from safelight.model.case import Classification, Decided, Draft, DutyArose, Finding, StatementMade, Verdict
from safelight.model.filing import Body, FiledItem, Filing, FilingState
from safelight.model.law import Duty, DutyKind
from safelight.model.match import Match, MatchKind
from safelight.model.scan import ScanRow
from safelight.model.service import Item
from safelight.model.takedown import Contact, Form, Location, Look, Notice, NoticeState, Place, Scope
from safelight.policy.decide import decide
from safelight.web.api import door
from safelight.web.api.jobs import the_intake
from safelight.web.container import the_app
from tests.rows import row_of

PDQ = "0f" * 32
"""A PDQ code of the bank."""
NEAR = Match("listed", "a", MatchKind.NEAR, "pdq", 8, classification="word", p_false_match=1e-9)
KNOWN = Match("listed", "b", MatchKind.EXACT, "sha256", 0)


@dataclass
class Seen:
    """What a look at which bytes gives; nothing is found in others."""

    matches: dict[bytes, tuple[Match, ...]] = field(default_factory=dict)

    def look(self, file: BinaryIO, name: str) -> Sequence[ScanRow]:
        data = file.read()
        found = suppress(self.matches.get(data, ()))
        row = replace(
            row_of(name),
            sha256=hashlib.sha256(data).hexdigest(),
            size=len(data),
            matches=found,
            decision=decide(row_of(name).status, found),
        )
        return [row]


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> Seen:
    made = Seen()
    monkeypatch.setattr(App, "_look_closely", lambda _app, file, name: made.look(file, name))
    return made


@pytest.fixture
def take(seen: Seen) -> Callable[..., Item]:
    """Takes a file in as a worker would; `take(b"...", NEAR)`. Use it with a database."""

    def taken(data: bytes, *matches: Match, **arrival: Any) -> Item:
        seen.matches[data] = matches
        intake = the_intake()
        item = intake.receive(BytesIO(data), Arrival("items", **arrival))
        return intake.process(item.id)

    return taken


@pytest.fixture
def listed() -> Bank:
    """A bank with three entries. Use it with a database."""
    store = the_app().store
    bank = store.create(Bank(0, "listed"))
    entries = [
        BankEntry("a", (KnownHash("pdq", PDQ, 100), KnownHash("md5", "a" * 32)), "word", "partner"),
        BankEntry("b", (KnownHash("sha256", "b" * 64),), "word", "partner"),
        BankEntry("c/with a slash", (KnownHash("sha1", "c" * 40),)),
    ]
    store.add(bank, entries)
    sync_index(store, the_app().room, bank)
    return store.bank("listed")


@dataclass(frozen=True)
class Work:
    """Ids of what is under way about a case."""

    duty: str
    filing: str
    location: str
    notice: str
    statement: str


def at_work(case: str, item: str) -> Work:
    """Have a duty, a report and a URL with a notice about an item of a case, as people and jobs leave them."""
    app, now = the_app(), datetime(2026, 11, 22, 17, tzinfo=UTC)
    made = Work(f"us/report/{now.isoformat()}", *(app.ids.new() for _ in range(4)))
    facts = ("us", "report", DutyKind.REPORT, "Report", "NCMEC", now, now + timedelta(days=1), "soon", "law", "url", "")
    app.cases.append([Draft(case, SYSTEM, DutyArose(Duty(made.duty, *facts, drives=True, taker="ncmec")))])
    filed = FiledItem(item, "a" * 64, "b" * 32, viewed=False)
    app.filings.put(Filing(made.filing, case, Body.NCMEC, FilingState.DRAFT, now, (filed,)))
    contact = Contact(Scope.HOST, "Hosting", "abuse@host.example", how="rdap", source="rdap", country="NL")
    sent = Notice(made.notice, made.location, contact, Form.XARF, "en", NoticeState.SENT, now, now, now, message="1@x")
    at = Location(made.location, case, item, "a" * 64, "https://host.example/1", now, Place.PRESENT, begun=now)
    app.takedowns.put(replace(at, notices=(sent,), looks=(Look(now, Place.PRESENT, 200, "a" * 64, "exact"),)))
    if app.cases.case(case).finding is None:
        found = Decided(Finding(Verdict.CONFIRMED, Classification.B2))
        app.cases.append([Draft(case, Actor(ActorKind.USER, "1"), found)])
    app.cases.append([Draft(case, SYSTEM, StatementMade(made.statement, item, "c" * 64))])
    return made


@pytest.fixture(autouse=True)
def _own_limits() -> Iterator[None]:
    """Tokens of one test are not those of another."""
    door.limiter.cache_clear()
    yield
    door.limiter.cache_clear()
    the_app().close_gate()
    rmtree(the_app().settings.home / "index", ignore_errors=True)  # banks of other tests have the same numbers


@pytest.fixture
def client(key: Callable[..., str], api_client: Callable[[str], Client]) -> Callable[..., Client]:
    """Makes clients: `client(Scope.REVIEW)` sends a key of this scope; without scopes, of all."""

    def made(*scopes: KeyScope) -> Client:
        return api_client(key(*(scopes or tuple(KeyScope))))

    return made
