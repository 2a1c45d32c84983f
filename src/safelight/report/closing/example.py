"""A benign example case, for anybody who wants to see or check the documents. Its pictures are drawn by this program.

Nothing in it is real: no file, no person, no address. Hosts are of the names that RFC 2606 keeps for examples,
addresses of the blocks that RFC 5737 keeps for documentation.
"""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from hashlib import md5, sha1, sha256

from safelight.model.assessment import Artificialness, Strength
from safelight.model.case_events import Answer, Classification, Verdict
from safelight.model.closing_events import CaseReport, DutyState
from safelight.model.decision import Outcome
from safelight.model.dossier import (
    Dossier,
    DossierDuty,
    DossierItem,
    DossierNotice,
    DossierPlace,
    How,
)
from safelight.model.filing import Body, Reporter
from safelight.model.law import Coverage, Duty, DutyKind
from safelight.model.takedown import Form, NoticeState, Place, Scope

EXAMPLE_NOTE = "Example case of Safelight: benign pictures, drawn by a program. Not a report of anything."
"""What every document of the example says, where it has a place to say it."""

BEGAN = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
"""When the example happens."""

DOCUMENT_ID = "0195558d-0000-7000-8000-0000000000aa"
"""Id of the example's documents, where they need one."""

REPORTER = Reporter(
    organisation="Example Pictures (benign example)",
    email="safety@pictures.example.org",
    first_name="Example",
    last_name="Contact",
    terms="Terms of service, section 4",
    legal_url="https://pictures.example.org/terms",
    domain="pictures.example.org",
)


def example() -> Dossier:
    """The case: a drawn lighthouse that is known, an altered copy of it that somebody put on a host, one unknown."""
    items = (
        _item(1, b"benign drawing 1: a lighthouse", Outcome.KNOWN, viewed=False),
        _item(2, b"benign drawing 2: the lighthouse, altered", Outcome.DERIVED, viewed=True),
        replace(_item(3, b"benign drawing 3: a clip of a boat", Outcome.CLEAR, viewed=True), mime="video/mp4", pdq=""),
    )
    decided = BEGAN + timedelta(hours=2)
    return Dossier(
        case="0195558d-0000-7000-8000-000000000001",
        opened=BEGAN,
        reporter=REPORTER,
        verdict=Verdict.CONFIRMED,
        classification=Classification.B2,
        artificialness=Artificialness.PARTIALLY_ALTERED,
        real_victim=Answer.UNKNOWN,
        decided=decided,
        how=How.TWO_PEOPLE,
        confirmed=decided,
        items=items,
        places=(_place(items[1].id, decided),),
        reports=(_reported(decided, tuple(item.id for item in items)),),
        duties=(_duty(decided),),
        preserve_until=decided + timedelta(days=365),
    )


def _item(number: int, content: bytes, found: Outcome, *, viewed: bool) -> DossierItem:
    return DossierItem(
        id=f"0195558d-0000-7000-8000-00000000001{number}",
        sha256=sha256(content).hexdigest(),
        md5=md5(content, usedforsecurity=False).hexdigest(),
        sha1=sha1(content, usedforsecurity=False).hexdigest(),
        pdq=sha256(b"pdq" + content).hexdigest(),
        pdq_quality=100,
        size=len(content),
        mime="image/png",
        source="gate" if number == 1 else "items",
        added=BEGAN + timedelta(minutes=number),
        found=found,
        viewed=viewed,
        kinds={Outcome.KNOWN: ("exact",), Outcome.DERIVED: ("derivative",)}.get(found, ()),
        assessed=Artificialness.PARTIALLY_ALTERED if found is Outcome.DERIVED else Artificialness.UNKNOWN,
        rests_on=Strength.MATCHED if found is Outcome.DERIVED else Strength.NONE,
    )


def _place(item: str, decided: datetime) -> DossierPlace:
    notice = DossierNotice(
        "Example Hosting", Scope.HOST, Form.XARF, NoticeState.ACKNOWLEDGED, decided + timedelta(minutes=30)
    )
    return DossierPlace(
        location="0195558d-0000-7000-8000-000000000021",
        item=item,
        url="https://host.example.com/drawings/lighthouse-2.png",
        added=decided,
        place=Place.PRESENT,
        checked=decided + timedelta(hours=1),
        addresses=("192.0.2.17",),
        notices=(notice,),
    )


def _reported(decided: datetime, items: tuple[str, ...]) -> CaseReport:
    """To a test system: the example was never reported to anybody."""
    return CaseReport(
        "0195558d-0000-7000-8000-000000000031", Body.NCMEC, "900000001", decided + timedelta(hours=1), items
    )


def _duty(decided: datetime) -> DossierDuty:
    duty = Duty(
        id="example",
        jurisdiction="us",
        rule="us.example",
        kind=DutyKind.PRESERVE,
        title="Keep the contents of the report for a year",
        recipient="",
        began=decided + timedelta(hours=1),
        due=decided + timedelta(days=365, hours=1),
        words="1 year",
        basis="18 USC 2258A(h)(1)",
        source="18 USC 2258A, as the Legal Information Institute has it",
        as_of=date(2026, 11, 21).isoformat(),
        drives=True,
        covered=Coverage.SOME,
    )
    return DossierDuty(duty, DutyState.OPEN)
