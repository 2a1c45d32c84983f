"""A provider, its case and a CyberTipline of its own, in memory; and crashes between any two things that happen."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any, BinaryIO

import httpx

from safelight.adapter.hotline.cybertip import read_answer
from safelight.demo.cybertip_server import CyberTipline, Reply
from safelight.flow.filing import Filings
from safelight.model.access import SYSTEM, Actor, ActorKind, Principal, Role, granted
from safelight.model.assessment import Artificialness
from safelight.model.audit import LoggedEvent
from safelight.model.case import (
    Body,
    Case,
    Classification,
    Decided,
    Draft,
    Finding,
    ItemAdded,
    Opened,
    Revealed,
    Verdict,
)
from safelight.model.decision import Decision, Outcome
from safelight.model.errors import ConflictError, HotlineDownError, UnknownBlobError, UnknownFilingError
from safelight.model.filing import Body as Taker
from safelight.model.filing import Filing, FilingState, Reporter
from safelight.model.scan import ScanRow, Status
from safelight.model.service import Item, ItemState
from safelight.ports import HotlineAnswer
from tests.contract.memory_case_store import MemoryCaseStore

START = datetime(2026, 11, 22, 12, tzinfo=UTC)
ANN = Actor(ActorKind.USER, "471108151623")
LEAD = Principal(ANN, granted([Role.LEAD]), "Ann Reviewer")
KEY = Principal(Actor(ActorKind.KEY, "k1"), granted(scopes=()), "")
REPORTER = Reporter("Example Pictures", "trust@example.org", "Tess", "Trust", terms="No abuse.", domain="example.org")
CONFIRMED = Finding(Verdict.CONFIRMED, Classification.B2, Artificialness.PARTIALLY_ALTERED)
ANY_SCHEMA = b"""<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:complexType name="any"><xs:sequence>
<xs:any processContents="skip" minOccurs="0" maxOccurs="unbounded"/></xs:sequence></xs:complexType>
<xs:element name="report" type="any"/><xs:element name="fileDetails" type="any"/></xs:schema>"""
"""Takes every report; the real one is NCMEC's, and not ours to give away."""


class Crash(BaseException):
    """This process dies."""


class Steps:
    """Counts the moments between things that happen; at one of them the process dies."""

    def __init__(self, at: int | None = None) -> None:
        self.at, self.now = at, 0

    def __call__(self) -> None:
        self.now += 1
        if self.now == self.at:
            raise Crash

    @contextmanager
    def around(self) -> Iterator[None]:
        self()
        yield
        self()


class SetClock:
    def __init__(self) -> None:
        self.time = START

    def now(self) -> datetime:
        return self.time


class Cases(MemoryCaseStore):
    """With the rows of reports in its transactions, as one database has them; cases are folded once."""

    def __init__(self, clock: SetClock) -> None:
        super().__init__(clock)
        self.rows: dict[str, Filing] = {}
        self.steps = Steps()
        self.folded: dict[tuple[str, int], Case] = {}
        self.inside = 0

    @contextmanager
    def transaction(self) -> Iterator[None]:
        before = dict(self.rows)
        self.inside += 1
        try:
            with super().transaction():
                yield
        except BaseException:
            self.rows = before
            raise
        finally:
            self.inside -= 1

    def append(self, drafts: Sequence[Draft], expect: int | None = None) -> list[LoggedEvent]:
        with self.steps.around():
            return super().append(drafts, expect)

    def case(self, case: str) -> Case:
        key = case, len(self.entries)
        if key not in self.folded:
            self.folded[key] = super().case(case)
        return self.folded[key]


class Rows:
    """`ports.FilingStore` in a dictionary."""

    def __init__(self, cases: Cases) -> None:
        self.cases = cases

    def put(self, filing: Filing, expect: Filing | None = None) -> None:
        with self.cases.steps.around():
            if self.cases.rows.get(filing.id) != expect:
                raise ConflictError(what=filing.id)
            self.cases.rows[filing.id] = filing

    def get(self, filing: str) -> Filing:
        if filing not in self.cases.rows:
            raise UnknownFilingError(filing=filing)
        return self.cases.rows[filing]

    def of_case(self, case: str) -> list[Filing]:
        return [one for one in self.all() if one.case == case]

    def unerased(self, after: str = "", limit: int = 100) -> list[str]:
        return [one.id for one in self.all(limit=1000) if one.erased is None and one.id > after][:limit]

    def all(
        self, states: Sequence[FilingState] = (), body: Taker | None = None, after: str = "", limit: int = 100
    ) -> list[Filing]:
        found = sorted(self.cases.rows.values(), key=lambda one: one.id)
        wanted = [one for one in found if (not states or one.state in states) and body in {None, one.body}]
        return [one for one in wanted if one.id > after][:limit]


@dataclass
class Vault:
    steps: Steps
    media: dict[str, bytes] = field(default_factory=dict)

    @contextmanager
    def read(self, blob: str) -> Iterator[BinaryIO]:
        if blob not in self.media:
            raise UnknownBlobError(blob=blob)
        with self.steps.around():
            yield BytesIO(self.media[blob])


@dataclass
class Direct:
    """`ports.Hotline` by calling the server's own methods: no network, no HTTP."""

    server: CyberTipline
    xsd: bytes
    steps: Steps
    production: bool = False

    def _call(self, call: str, sent: bytes | dict[str, bytes] = b"") -> HotlineAnswer:
        with self.steps.around():
            return read(call, self.server.call(call, sent))

    def status(self) -> HotlineAnswer:
        return self._call("status")

    def schema(self) -> bytes:
        with self.steps.around():
            return self.xsd

    def submit(self, report: bytes) -> HotlineAnswer:
        return self._call("submit", report)

    def upload(self, number: str, name: str, media: BinaryIO) -> HotlineAnswer:
        assert name  # which the server does not keep
        return self._call("upload", {"id": number.encode(), "file": media.read()})

    def file_info(self, details: bytes) -> HotlineAnswer:
        return self._call("fileinfo", details)

    def finish(self, number: str) -> HotlineAnswer:
        return self._call("finish", {"id": number.encode()})

    def retract(self, number: str) -> HotlineAnswer:
        return self._call("retract", {"id": number.encode()})


def read(call: str, reply: Reply) -> HotlineAnswer:
    if not reply.status:
        raise HotlineDownError(call=call, cause="no answer")
    response = httpx.Response(reply.status, content=reply.body, headers={"Request-ID": reply.request})
    return read_answer(call, response)


class Numbers:
    def __init__(self) -> None:
        self.given = 0

    def new(self) -> str:
        self.given += 1
        return f"f{self.given}"


class World:
    """A decided case `c1` with items `i1` (seen by a person) and `i2`, and all that reporting needs."""

    def __init__(self, xsd: bytes = ANY_SCHEMA, finding: Finding = CONFIRMED) -> None:
        self.clock = SetClock()
        self.cases = Cases(self.clock)
        self.rows = Rows(self.cases)
        self.vault = Vault(self.cases.steps)
        self.server = CyberTipline(self.clock.now, xsd, "u", "p")
        self.xsd = xsd
        self.ids = Numbers()
        self.after: list[str] = []
        self.log("c1", Opened("near", family="fam"))
        self.add("c1", "i1", Outcome.NEAR)
        self.add("c1", "i2", Outcome.NEAR)
        self.log("c1", Revealed("i1", "to decide"), who=ANN)
        self.log("c1", Decided(finding), who=ANN)

    def log(self, case: str, *bodies: Body, who: Actor = SYSTEM) -> None:
        self.cases.append([Draft(case, who, body) for body in bodies])

    def add(self, case: str, item: str, outcome: Outcome, **row: Any) -> None:
        media = f"benign bytes of {item}".encode()
        sha256, blob = hashlib.sha256(media).hexdigest(), f"blob-{item}"
        self.vault.media[blob] = media
        whole = row_of(item, media, outcome, **row)
        kept = Item(item, ItemState.DONE, START, "items", "ref", "account-9", blob, sha256, whole, case)
        self.cases.put_item(kept)
        self.log(case, ItemAdded(item, sha256, len(media), "image/png", "items", outcome, "why", "ref", blob))

    def filings(self, steps: Steps | None = None, **changed: Any) -> Filings:
        """Fresh objects over the same stores. `steps`: where they die."""
        steps = steps or Steps()
        self.cases.steps = self.vault.steps = steps
        parts: dict[str, Any] = {
            "cases": self.cases,
            "store": self.rows,
            "vault": self.vault,
            "hotline": Direct(self.server, self.xsd, steps),
            "reporter": REPORTER,
            "clock": self.clock,
            "ids": self.ids,
            "after": self.after.append,
        }
        return Filings(**(parts | changed))

    def confirmed(self, **changed: Any) -> str:
        """The id of a report that a person has confirmed."""
        filings = self.filings(**changed)
        drafted = filings.draft(LEAD, "c1", Taker.NCMEC)
        filings.confirm(LEAD, drafted.id, filings.preview(drafted.id).digest)
        return drafted.id

    def carry(self, filing: str, wait: timedelta = timedelta(minutes=5), tries: int = 30) -> Filing:
        """Send until it ends, with fresh objects each time, as the job does; give up at last."""
        for _ in range(tries):
            try:
                return self.filings().send(filing)
            except HotlineDownError:
                self.clock.time += wait
        self.filings().give_up(filing, "tried in vain")
        return self.filings().take_back(filing)


def row_of(item: str, media: bytes, outcome: Outcome, **changed: Any) -> ScanRow:
    facts: dict[str, Any] = {
        "schema": 2,
        "path": f"items/{item}",
        "sha256": hashlib.sha256(media).hexdigest(),
        "md5": hashlib.md5(media).hexdigest(),
        "sha1": hashlib.sha1(media).hexdigest(),
        "size": len(media),
        "status": Status.OK,
        "mime": "image/png",
        "width": 8,
        "height": 8,
        "pdq": "f" * 64,
        "pdq_quality": 100,
        "decision": Decision(outcome, (), "why"),
        "matches": (),
        "signals": (),
        "error": None,
    }
    return ScanRow(**(facts | changed))
