"""Dossiers of all kinds, with texts of strangers in them: a seed is drawn, all else follows from it, which is quick."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from hashlib import md5, sha1, sha256
from random import Random
from typing import TypeVar
from uuid import UUID

from hypothesis import strategies as st

from safelight.model.assessment import Artificialness, Strength
from safelight.model.case_events import Answer, Classification, Verdict
from safelight.model.closing_events import CaseReport, DutyState, Prompt
from safelight.model.decision import Outcome
from safelight.model.dossier import Dossier, DossierDuty, DossierItem, DossierNotice, DossierPlace, How
from safelight.model.filing import Body, Reporter
from safelight.model.law import Coverage, Duty, DutyKind
from safelight.model.statement import StatementFacts
from safelight.model.takedown import Form, NoticeState, Place, Scope

T = TypeVar("T")

AT = datetime(2026, 5, 4, 12, tzinfo=UTC)
FOUR = (Classification.A1, Classification.A2, Classification.B1, Classification.B2)
KEYWORDS = ("", "KEYWORD_CHILD_SEXUAL_ABUSE_MATERIAL", "KEYWORD_CHILD_SEXUAL_ABUSE_MATERIAL_DEEPFAKE")
MIMES = ("image/png", "image/jpeg", "video/mp4", "audio/ogg", "text/plain", "application/pdf", "")
HOSTS = (
    "host.example.com", "192.0.2.9", "[2001:db8::5]", "h\u00f6st.example.org", "under_score.example.net", "x.example",
    "HOST.Example.com:8443", "user@host.example.com",
)  # fmt: skip
QUERIES = ("", "?a=1&b=%20", "?q=\u00e9")
LETTERS = "ab Z09-_.~%&=+,;:!*'()\"<>{}|\\^`/\u00e9\u00df\u4e2d\u05d0\u202e\u200b\U0001f4a3$#[]@?"


class Maker:
    """Makes values out of a seed."""

    def __init__(self, seed: str) -> None:
        self.random = Random(seed)

    def one(self, values: Sequence[T]) -> T:
        return self.random.choice(values)

    def chance(self) -> bool:
        return self.random.random() < 0.5

    def text(self, least: int = 1, most: int = 40) -> str:
        return "".join(self.random.choices(LETTERS, k=self.random.randint(least, most)))

    def id(self) -> str:
        return str(UUID(int=self.random.getrandbits(128)))

    def time(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=self.random.randint(0, 10**7))

    def maybe(self) -> datetime | None:
        return self.time() if self.chance() else None

    def url(self) -> str:
        return f"https://{self.one(HOSTS)}/{self.text(0, 30)}{self.one(QUERIES)}"

    def item(self) -> DossierItem:
        content, known = self.random.randbytes(12), self.random.random() < 0.8
        return DossierItem(
            id=self.id(),
            sha256=sha256(content).hexdigest(),
            md5=md5(content).hexdigest() if known else "",
            sha1=sha1(content).hexdigest() if known else "",
            pdq=sha256(b"pdq" + content).hexdigest() if known else "",
            pdq_quality=self.random.randint(0, 100) if known else None,
            size=self.random.getrandbits(self.random.randint(1, 40)),
            mime=self.one(MIMES),
            source=self.one(("gate", "items", "scan")),
            added=self.time(),
            found=self.one(tuple(Outcome)),
            viewed=self.chance(),
            assessed=self.one(tuple(Artificialness)),
            rests_on=self.one(tuple(Strength)),
            degraded=self.chance(),
            destroyed=self.chance(),
        )

    def notice(self) -> DossierNotice:
        scope, form, state = self.one(tuple(Scope)), self.one(tuple(Form)), self.one(tuple(NoticeState))
        return DossierNotice(self.text(), scope, form, state, self.maybe(), self.maybe())

    def place(self, items: Sequence[str]) -> DossierPlace:
        addresses = tuple(self.random.sample(("192.0.2.1", "2001:db8::1"), self.random.randint(0, 2)))
        return DossierPlace(
            location=self.id(), item=self.one(items), url=self.url(), added=self.time(), place=self.one(tuple(Place)),
            checked=self.maybe(), gone=self.maybe(), returned=self.random.randint(0, 3), addresses=addresses,
            notices=tuple(self.notice() for _ in range(self.random.randint(0, 2))),
        )  # fmt: skip

    def duty(self) -> DossierDuty:
        duty = Duty(
            id=self.id(), jurisdiction="us", rule="us.rule", kind=self.one(tuple(DutyKind)), title=self.text(),
            recipient=self.text(), began=self.time(), due=self.maybe(), words=self.text(), basis=self.text(),
            source=self.text(), as_of="2026-11-21", drives=self.chance(), covered=self.one(tuple(Coverage)),
        )  # fmt: skip
        return DossierDuty(duty, self.one(tuple(DutyState)))

    def report(self, items: Sequence[str]) -> CaseReport:
        number = str(self.random.randint(0, 10**9)) if self.chance() else ""
        some = tuple(self.random.sample(items, self.random.randint(0, len(items))))
        return CaseReport(self.id(), self.one(tuple(Body)), number, self.time(), some, production=self.chance())

    def reporter(self) -> Reporter:
        domain = self.one(("", "pictures.example.org"))
        organisation = self.text(most=300)
        return Reporter(organisation, "safety@pictures.example.org", self.text(), terms=self.text(), domain=domain)

    def dossier(self, verdict: Verdict | None, classes: Sequence[Classification], places: int) -> Dossier:
        items = tuple(self.item() for _ in range(self.random.randint(1, 4)))
        ids = [item.id for item in items]
        return Dossier(
            case=self.id(),
            opened=self.time(),
            reporter=self.reporter(),
            verdict=verdict or self.one((None, *Verdict)),
            classification=self.one(classes),
            artificialness=self.one(tuple(Artificialness)),
            real_victim=self.one(tuple(Answer)),
            decided=self.time() if verdict else self.maybe(),
            how=self.one(tuple(How)),
            confirmed=self.maybe(),
            items=items,
            places=tuple(self.place(ids) for _ in range(self.random.randint(places, 3))),
            reports=tuple(self.report(ids) for _ in range(self.random.randint(0, 2))),
            duties=tuple(self.duty() for _ in range(self.random.randint(0, 2))),
            preserve_until=self.maybe(),
            held=self.chance(),
            appealed=self.chance(),
        )

    def facts(self) -> StatementFacts:
        return StatementFacts(
            item=self.id(), mime=self.one(MIMES), uploaded=self.time(), applied=self.time(), how=self.one(tuple(How)),
            automated=self.chance(), barred=self.chance(), artificial=self.chance(), illegal=self.chance(),
            prompt=self.one(tuple(Prompt)), keyword=self.one(KEYWORDS), ended=self.maybe(),
            reference=self.text() if self.chance() else "",
        )  # fmt: skip


seeds = st.integers(0, 2**63)


def dossiers(
    verdict: Verdict | None = None, classes: Sequence[Classification] = tuple(Classification), places: int = 0
) -> st.SearchStrategy[Dossier]:
    """Any dossier; of this verdict and these classes, with at least so many places."""
    return seeds.map(lambda seed: Maker(f"dossier {seed}").dossier(verdict, classes, places))


located = dossiers(Verdict.CONFIRMED, FOUR, places=1)
"""Confirmed ones of which something is at a URL: those that hosts are told of."""

ids = seeds.map(lambda seed: Maker(f"id {seed}").id())
reporters = seeds.map(lambda seed: Maker(f"reporter {seed}").reporter())
statement_facts = seeds.map(lambda seed: Maker(f"facts {seed}").facts())
