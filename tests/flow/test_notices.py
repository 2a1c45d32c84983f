"""Notices of a real case: what is in its log and must not be in them."""

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from safelight.adapter.mail import SmtpMailer
from safelight.flow.dossier import dossier
from safelight.flow.notices import NoticeWriter
from safelight.model.access import SYSTEM, Actor, ActorKind
from safelight.model.assessment import Artificialness
from safelight.model.case import Case, Classification, Decided, Draft, Finding, ItemAdded, Noted, Opened, Verdict
from safelight.model.decision import Outcome
from safelight.model.errors import DocumentError
from safelight.model.filing import Reporter
from safelight.model.notice import Written
from safelight.model.takedown import (
    Contact,
    Contacts,
    Form,
    Location,
    Look,
    Notice,
    NoticeState,
    Place,
    Plan,
    PlanStep,
    Scope,
)
from safelight.ports import Letter
from safelight.report.closing.xarf import check
from safelight.report.notice import choose
from tests.contract.memory_case_store import MemoryCaseStore
from tests.fakes import FakeClock

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
MARK = "planted-marker"
REPORTER = Reporter("Example Pictures", "safety@pictures.example.org", f"{MARK}-first", f"{MARK}-last", f"{MARK}-phone")
URL = "https://pictures.example.com/a?b=c&d=e"
PLAN = Plan((PlanStep(Scope.HOST, timedelta(hours=24)),), (), ())


class Places:
    """The store of locations, as far as a dossier asks."""

    def __init__(self, *locations: Location) -> None:
        self.locations = locations

    def of_case(self, _case: str) -> list[Location]:
        return list(self.locations)


def told(country: str, scope: Scope = Scope.HOST) -> tuple[Location, Notice]:
    contact = Contact(scope, f"{MARK}-name", "abuse@host.example", source=f"{MARK}-source", country=country)
    found = Contacts(URL, NOW, (contact,), ("192.0.2.1",), (f"{MARK}-flaw",))
    form, language = choose(contact)
    notice = Notice("0195558d-0000-7000-8000-000000000099", "l1", contact, form, language, NoticeState.WAITING, NOW)
    before = replace(notice, id="n0", contact=replace(contact, scope=Scope.SITE), sent=NOW - timedelta(days=1))
    earlier = (replace(before, state=NoticeState.SILENT), replace(before, id="n1", state=NoticeState.FAILED))
    at = Location(
        "l1", "case", "i1", "a" * 64, URL, NOW, Place.PRESENT, found, (*earlier, notice), last_look=NOW, closed=MARK
    )
    return at, notice


def marked_case(finding: Finding | None) -> tuple[MemoryCaseStore, Case]:
    """A case with a marker wherever somebody may write something that is nobody else's business."""
    store = MemoryCaseStore(FakeClock())
    reviewer = Actor(ActorKind.USER, f"{MARK}-reviewer")
    bodies = [
        Draft("case", SYSTEM, Opened(f"{MARK}-why")),
        Draft(
            "case",
            SYSTEM,
            ItemAdded("i1", "a" * 64, 5, "image/png", "items", Outcome.NEAR, f"{MARK}-reason", f"{MARK}-reference"),
        ),
        Draft("case", reviewer, Noted(f"{MARK}-note")),
    ]
    if finding is not None:
        bodies.append(Draft("case", reviewer, Decided(finding)))
    store.append(bodies)
    return store, store.case("case")


CONFIRMED = Finding(Verdict.CONFIRMED, Classification.B2, Artificialness.FULLY_SYNTHETIC, note=f"{MARK}-finding")


def written(finding: Finding | None, country: str, form: Form | None = None) -> Written:
    store, case = marked_case(finding)
    location, notice = told(country)
    writer = NoticeWriter(lambda one: dossier(one, store, Places(location), REPORTER), PLAN)  # type: ignore[arg-type] # as far as asked
    notice = replace(notice, form=form or notice.form)
    first = writer(case, location, notice)
    assert first == writer(case, location, notice)
    return first


@pytest.mark.parametrize("country", ["US", "FR", "ES", "DE", "KR", "JP"])
@pytest.mark.parametrize("form", [None, *Form])
def test_nothing_that_is_ours_alone_goes_out(country: str, form: Form | None) -> None:
    one = written(CONFIRMED, country, form)
    mailer = SmtpMailer("smtp://127.0.0.1", REPORTER.email, FakeClock(), name=REPORTER.organisation)
    letter = Letter("a@b.example", "abuse@host.example", one.subject, one.text, one.attachments)
    raw = mailer._written(letter)
    plain = [one.subject.encode(), one.text.encode(), raw, *(data for _, _, data in one.attachments)]
    assert URL.encode() in one.text.encode()
    assert not any(MARK.encode() in part for part in plain)
    assert base64.b64encode(MARK.encode())[:-4] not in raw


def test_the_attachment_is_valid_and_of_the_same_case() -> None:
    [(name, kind, data)] = written(CONFIRMED, "US").attachments
    said = json.loads(data)
    check(said)
    assert (name, kind) == ("xarf.json", "application/json")
    assert (said["url"], said["type"], said["source_identifier"]) == (URL, "csam", "192.0.2.1")
    assert "evidence" not in said


def test_of_an_altered_copy_machines_get_the_digest_of_what_is_there() -> None:
    store, case = marked_case(CONFIRMED)
    location, notice = told("US")
    location = replace(location, place=Place.ALTERED, there=Look(NOW, Place.ALTERED, 200, "c" * 64, "near"))
    writer = NoticeWriter(lambda one: dossier(one, store, Places(location), REPORTER), PLAN)  # type: ignore[arg-type] # as far as asked
    one = writer(case, location, notice)
    said = json.loads(one.attachments[0][2])
    check(said)
    assert said["hash_values"] == {"sha256": "c" * 64}
    assert one.text.index("altered copy") < one.text.index("c" * 64) < one.text.index("a" * 64)
    same = replace(location, there=Look(NOW, Place.PRESENT, 200, "a" * 64, "exact"))
    assert json.loads(writer(case, same, notice).attachments[0][2])["hash_values"] == {"sha256": "a" * 64}


def test_the_deadline_is_the_plan_s_and_earlier_notices_are_named_by_scope() -> None:
    text = written(CONFIRMED, "US").text
    assert "Please answer by 2026-11-23 12:00 UTC." in text
    assert text.count("We told the operator of the site on 2026-11-21 12:00 UTC") == 1


def test_a_finding_outside_of_x_arf_s_classes_goes_as_text_alone() -> None:
    one = written(replace(CONFIRMED, classification=Classification.OTHER), "US")
    assert one.attachments == ()
    assert "X-ARF" not in one.text


@pytest.mark.parametrize("finding", [None, Finding(Verdict.NOT_ABUSE), Finding(Verdict.UNSURE)])
def test_nothing_is_written_before_people_confirmed_it(finding: Finding | None) -> None:
    with pytest.raises(DocumentError, match="not confirmed"):
        written(finding, "US")


def test_a_request_of_a_person_waits_for_that_person() -> None:
    one = written(CONFIRMED, "US", Form.TAKE_IT_DOWN)
    assert len(one.missing) == 4
    assert one.attachments == ()
