"""What people do from the command line: read first, then proved, then done as them, and told of in the log."""

import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from click.testing import CliRunner, Result

from safelight.app import App
from safelight.model.access import SYSTEM, Actor, ActorKind, Principal, Role, granted
from safelight.model.case import (
    SERVICE_CASE,
    TOOL,
    AppealDecided,
    AppealOpened,
    Approved,
    ContactsFound,
    Decided,
    Draft,
    DutyState,
    Finding,
    Grave,
    ItemAdded,
    Located,
    Opened,
    Proposed,
    ReportConfirmed,
    ServiceEvent,
    TakedownBegun,
    Verdict,
)
from safelight.model.decision import Outcome
from safelight.model.errors import (
    ConflictError,
    ForbiddenError,
    NotNowError,
    SafelightError,
    SignInError,
    TransitionError,
    UnknownCaseError,
    UsageError,
)
from safelight.model.filing import Body, Filing, FilingState
from safelight.model.policy import PolicyState
from safelight.model.service import Item, ItemState
from safelight.model.takedown import (
    Contact,
    Contacts,
    Form,
    Location,
    Notice,
    NoticeState,
    Place,
    RetractionState,
    Scope,
)
from safelight.web.__main__ import main
from safelight.web.accounts.models import User
from safelight.web.accounts.people import set_active
from safelight.web.closing.wiring import ADVANCE, RETRACT, SEND
from safelight.web.container import the_app
from safelight.web.jobs.models import Job
from safelight.web.run import act as module
from tests.flow.policy_place import QUIET
from tests.web.accounts.test_sign_in import PASSWORD
from tests.web.closing.operator import operated
from tests.web.conftest import MakeUser

CASE, PLACE, URL = "case-1", "place-1", "https://pictures.example/a.jpg"


@dataclass
class Person:
    """Somebody with recovery codes left, for a code of an app works once in half a minute."""

    user: User
    codes: list[str]


Do = Callable[..., Result]


@pytest.fixture
def person(user: MakeUser) -> Callable[[Role], Person]:
    def make(role: Role) -> Person:
        made = user(role, password=PASSWORD)
        return Person(made, RecoveryCodes.activate(made).get_unused_codes())

    return make


@pytest.fixture
def ann(person: Callable[[Role], Person]) -> Person:
    return person(Role.LEAD)


@pytest.fixture
def app(db: None, monkeypatch: pytest.MonkeyPatch) -> App:
    """A confirmed case with a URL, in a service with an account at NCMEC's test system."""
    del db
    monkeypatch.setattr(module, "make_ready", lambda: None)
    monkeypatch.setattr(module, "at_terminal", lambda: True)
    made = operated(
        monkeypatch,
        jurisdictions=("us",),
        contact="safety@provider.example",
        organisation="Example",
        ncmec_user="name",
        ncmec_password="word",
    )
    now = made.clock.now()
    item = ItemAdded("item-1", "a" * 64, 3, "image/png", "items", Outcome.NEAR, "why")
    made.cases.put_item(Item("item-1", ItemState.DONE, now, "items", sha256="a" * 64, case=CASE))
    made.cases.append([Draft(CASE, SYSTEM, body, TOOL) for body in (Opened("why"), item)])
    bodies = Decided(Finding(Verdict.CONFIRMED)), Located(PLACE, "item-1", URL)
    made.cases.append([Draft(CASE, Actor(ActorKind.USER, "901"), body, TOOL) for body in bodies])
    host = Contact(Scope.HOST, "Host", "abuse@host.example", how="rdap")
    made.takedowns.put(
        Location(PLACE, CASE, "item-1", "a" * 64, URL, now, contacts=Contacts(URL, now, (host,), ("192.0.2.1",)))
    )
    return made


def do(who: Person, what: str, answers: tuple[str, ...] = (), **words: str | bool) -> Result:
    typed = (*answers, PASSWORD, who.codes.pop())
    return CliRunner().invoke(
        main, ["act", what, "--as", who.user.username, json.dumps(words)], input="\n".join(typed) + "\n"
    )


def done(who: Person, what: str, answers: tuple[str, ...] = (), **words: str | bool) -> str:
    result = do(who, what, answers, **words)
    assert result.exception is None, result.exception
    return result.stdout


def refused(
    kind: type[SafelightError], who: Person, what: str, answers: tuple[str, ...] = (), **words: str | bool
) -> str:
    before = told()
    result = do(who, what, answers, **words)
    assert isinstance(result.exception, kind), result.exception
    assert told() == before, "nothing is told of what was not done"
    return result.output


def told() -> list[tuple[str, dict[str, str]]]:
    try:
        events = [logged.event for logged in the_app().cases.events(SERVICE_CASE)]
    except UnknownCaseError:
        return []
    return [
        (str(event.actor), dict(event.body.details))
        for event in events
        if isinstance(event.body, ServiceEvent) and event.body.what == "user.acted_at_terminal"
    ]


def jobs(kind: str) -> list[str]:
    return list(Job.objects.filter(kind=kind).values_list("subject", flat=True))


def drafted(app: App, body: Body) -> Filing:
    return app.reports.draft(Principal(SYSTEM, granted([Role.SENIOR])), CASE, body)


class TestReports:
    def test_is_read_then_confirmed_by_the_person_and_sent_by_a_job(self, app: App, ann: Person) -> None:
        filing = drafted(app, Body.NCMEC)
        shown = done(ann, "report confirm", ("yes",), filing=filing.id, digest="")
        assert f"Report {filing.id} of case {CASE}, to ncmec, their test system" in shown
        assert app.reports.preview(filing.id).documents[0].text.splitlines()[1] in shown
        last = app.cases.events(CASE)[-1].event
        assert (last.actor, type(last.body)) == (ann.user.actor, ReportConfirmed)
        assert jobs(SEND) == [filing.id]
        assert told() == [(str(ann.user.actor), {"act": "report confirm", "of": filing.id})]

    def test_what_was_read_before_is_named_by_its_digest(self, app: App, ann: Person) -> None:
        filing = drafted(app, Body.NCMEC)
        refused(ConflictError, ann, "report confirm", filing=filing.id, digest="0" * 64)
        assert (jobs(SEND), app.filings.get(filing.id).state) == ([], FilingState.DRAFT)
        shown = done(ann, "report confirm", filing=filing.id, digest=app.reports.preview(filing.id).digest)
        assert "Report " not in shown
        assert app.filings.get(filing.id).state is FilingState.SENDING

    def test_who_does_not_say_yes_is_asked_for_nothing_more(self, app: App, ann: Person) -> None:
        filing = drafted(app, Body.POLICE)
        said = refused(NotNowError, ann, "report hand", ("y",), filing=filing.id, note="by hand", digest="")
        assert "Password" not in said

    def test_is_handed_over_or_withdrawn(self, app: App, ann: Person) -> None:
        filing = drafted(app, Body.POLICE)
        assert "summary.pdf" in done(ann, "report hand", ("yes",), filing=filing.id, note="to the desk", digest="")
        assert app.filings.get(filing.id).state is FilingState.HANDED
        other = drafted(app, Body.NCA)
        done(ann, "report withdraw", filing=other.id, reason="not theirs")
        assert app.filings.get(other.id).state is FilingState.WITHDRAWN
        refused(TransitionError, ann, "report withdraw", filing=other.id, reason="again")

    def test_who_may_not_does_not(self, app: App, person: Callable[[Role], Person]) -> None:
        filing = drafted(app, Body.NCMEC)
        for role in (Role.SENIOR, Role.ADMIN):
            refused(ForbiddenError, person(role), "report confirm", ("yes",), filing=filing.id, digest="")
        assert jobs(SEND) == []

    def test_who_does_not_prove_it_does_nothing(self, app: App, ann: Person) -> None:
        filing = drafted(app, Body.POLICE)
        ann.codes.append("wrong-code")
        refused(SignInError, ann, "report withdraw", filing=filing.id, reason="why")
        assert app.filings.get(filing.id).state is FilingState.DRAFT

    def test_who_is_shut_out_while_the_code_is_asked_for_does_nothing(
        self, app: App, ann: Person, monkeypatch: pytest.MonkeyPatch, user: MakeUser
    ) -> None:
        filing, admin, typed = drafted(app, Body.POLICE), user(Role.ADMIN), [PASSWORD, ann.codes.pop()]

        def secret(called: str) -> str:
            if called != "Password":
                set_active(admin, User.objects.get(pk=ann.user.pk), False)
            return typed.pop(0)

        monkeypatch.setattr(module, "_secret", secret)
        with pytest.raises(SignInError, match="shut out"):
            module.act("report withdraw", ann.user.username, {"filing": filing.id, "reason": "why"})
        assert (app.filings.get(filing.id).state, told()) == (FilingState.DRAFT, [])


class TestTakedown:
    def test_begins_once_the_notice_was_read_and_goes_on_by_a_job(self, app: App, ann: Person) -> None:
        shown = done(ann, "takedown begin", ("yes",), location=PLACE, digest="", vouched=True)
        assert URL in shown
        assert "to abuse@host.example\n" in shown
        last = app.cases.events(CASE)[-1].event
        assert (last.actor, last.body) == (ann.user.actor, TakedownBegun(PLACE, vouched=True))
        assert jobs(ADVANCE) == [PLACE]

    def test_does_not_begin_by_another_notice_or_before_anybody_is_known(self, app: App, ann: Person) -> None:
        refused(ConflictError, ann, "takedown begin", location=PLACE, digest="0" * 64, vouched=False)
        found = app.takedowns.get(PLACE)
        app.takedowns.put(replace(found, contacts=None), expect=found)
        refused(NotNowError, ann, "takedown begin", location=PLACE, digest="", vouched=False)
        assert (jobs(ADVANCE), app.takedowns.get(PLACE).begun) == ([], None)

    def test_what_was_read_is_also_whom_it_goes_to(self, app: App, ann: Person) -> None:
        found, upcoming = app.takedowns.get(PLACE), app.takedown.preview(PLACE)
        assert found.contacts is not None
        assert upcoming is not None
        contact, written = upcoming
        other = replace(found.contacts, contacts=(replace(contact, email="abuse@elsewhere.example"),))
        app.takedowns.put(replace(found, contacts=other), expect=found)
        digest = written.digest(contact)
        refused(ConflictError, ann, "takedown begin", location=PLACE, digest=digest, vouched=False)
        assert app.takedowns.get(PLACE).begun is None

    def test_that_it_is_there_is_said_also_when_nobody_is_left_to_be_told(self, app: App, ann: Person) -> None:
        found = app.takedowns.get(PLACE)
        assert found.contacts is not None
        nobody = replace(found, contacts=replace(found.contacts, contacts=()))
        app.takedowns.put(nobody, expect=found)
        refused(NotNowError, ann, "takedown begin", location=PLACE, digest="", vouched=True)
        app.takedowns.put(replace(nobody, begun=app.clock.now()), expect=nobody)
        done(ann, "takedown begin", location=PLACE, digest="", vouched=True)
        assert app.takedowns.get(PLACE).vouched is not None

    def test_answers_and_the_end_are_the_person_s(
        self, app: App, ann: Person, person: Callable[[Role], Person]
    ) -> None:
        found, now = app.takedowns.get(PLACE), app.clock.now()
        assert found.contacts is not None
        host = found.contacts.contacts[0]
        notices = (
            Notice("n1", PLACE, host, Form.XARF, "en", NoticeState.SENT, now, now, now + timedelta(days=1)),
            Notice("n2", PLACE, host, Form.XARF, "en", NoticeState.WAITING, now),
        )
        app.takedowns.put(replace(found, begun=now, notices=notices, place=Place.BARRED, last_look=now), expect=found)
        refused(NotNowError, ann, "takedown sent", location=PLACE, notice="n2")  # no look-up has found them
        app.cases.append([Draft(CASE, SYSTEM, ContactsFound(PLACE, URL, (host.to,)), TOOL)])
        done(ann, "takedown sent", location=PLACE, notice="n2")
        curator = person(Role.CURATOR)
        refused(ForbiddenError, curator, "takedown answer", location=PLACE, notice="n1", state="refused", note="no")
        done(ann, "takedown answer", location=PLACE, notice="n1", state="refused", note="ticket 1")
        done(ann, "takedown gone", location=PLACE, reason="I looked")
        done(ann, "takedown close", location=PLACE, reason="over")
        after = app.takedowns.get(PLACE)
        assert [one.state for one in after.notices] == [NoticeState.REFUSED, NoticeState.SENT]
        assert (after.place, after.closed) == (Place.GONE, "over")
        assert jobs(ADVANCE) == [PLACE]
        assert [details["act"] for _, details in told()] == [
            f"takedown {name}" for name in ("sent", "answer", "gone", "close")
        ]

    def test_is_taken_back_once_it_is_no_abuse(self, app: App, ann: Person) -> None:
        refused(NotNowError, ann, "takedown retract", location=PLACE, digest="")
        found, now = app.takedowns.get(PLACE), app.clock.now()
        assert found.contacts is not None
        host = found.contacts.contacts[0]
        notices = tuple(
            Notice(name, PLACE, host, Form.XARF, "en", NoticeState.SENT, now, now, now + timedelta(days=1))
            for name in ("n1", "n2")
        )
        app.takedowns.put(replace(found, begun=now, notices=notices), expect=found)
        first, second = (Actor(ActorKind.USER, number) for number in ("901", "902"))
        overturned = Proposed(Grave.OVERTURN, "look again", Finding(Verdict.NOT_ABUSE))
        app.cases.append([Draft(CASE, first, body, TOOL) for body in (AppealOpened("a", "look again"), overturned)])
        agreed = Approved(app.cases.case(CASE).length - 1), AppealDecided("a", upheld=False)
        app.cases.append([Draft(CASE, second, body, TOOL) for body in agreed])
        refused(ConflictError, ann, "takedown retract", location=PLACE, digest="0" * 64)
        assert "abuse@host.example" in done(ann, "takedown retract", ("yes",), location=PLACE, digest="")
        by_hand, nowhere = app.takedowns.get(PLACE).retractions
        done(ann, "takedown retracted", location=PLACE, retraction=by_hand.id)
        done(ann, "takedown unretracted", location=PLACE, retraction=nowhere.id, reason="no such address")
        states = [one.state for one in app.takedowns.get(PLACE).retractions]
        assert states == [RetractionState.SENT, RetractionState.GIVEN_UP]
        assert jobs(RETRACT) == [PLACE]


class TestPolicy:
    def test_takes_two_people(self, app: App, ann: Person, person: Callable[[Role], Person], tmp_path: Path) -> None:
        file = tmp_path / "ours.toml"
        file.write_text(QUIET)
        assert "version 1 waits" in done(ann, "policy propose", file=str(file), note="quieter", shadow=False)
        assert "another person has to" in str(
            do(ann, "policy approve", ("yes",), number="1", note="", digest="").exception
        )
        refused(NotNowError, ann, "policy approve", ("yes",), number="1", note="", digest="")
        ben = person(Role.LEAD)
        refused(ConflictError, ben, "policy approve", number="1", note="", digest="0" * 64)
        shown = done(ben, "policy approve", ("yes",), number="1", note="", digest="")
        assert '+then = ["hold", "queue"]' in shown
        version = app.policies.version(1)
        assert (version.state, version.by, version.answered_by) == (
            PolicyState.IN_FORCE,
            str(ann.user.actor),
            str(ben.user.actor),
        )

    def test_is_refused_or_asked_no_more(
        self, app: App, ann: Person, person: Callable[[Role], Person], tmp_path: Path
    ) -> None:
        file = tmp_path / "ours.toml"
        file.write_text(QUIET)
        for _ in range(2):
            done(ann, "policy propose", file=str(file), note="quieter", shadow=True)
        done(ann, "policy refuse", number="1", note="twice")
        done(person(Role.LEAD), "policy approve", ("yes",), number="2", note="", digest="")
        done(ann, "policy retire", number="2")
        assert [one.state for one in app.policies.versions()] == [PolicyState.RETIRED, PolicyState.REJECTED]


def test_duties_are_recorded_met_and_dropped(app: App, ann: Person) -> None:
    at = (app.clock.now() - timedelta(hours=2)).isoformat()
    assert "is due" in done(ann, "duties record", case=CASE, rule="us/take-it-down", at=at, note="")
    (duty,) = app.cases.case(CASE).duties
    said = done(ann, "duties drop", case=CASE[-8:], duty="us/take-it-down", reason="asked by nobody")
    assert f"noted of case {CASE}: {duty.duty.id} does not apply" in said
    (duty,) = app.cases.case(CASE).duties
    assert (duty.state, duty.by) == (DutyState.DROPPED, "asked by nobody")
    refused(TransitionError, ann, "duties met", case=CASE, duty=duty.duty.id, by="the host")
    later = (app.clock.now() - timedelta(hours=1)).isoformat()
    assert f"of case {CASE} is due" in done(ann, "duties record", case=CASE, rule="us/take-it-down", at=later, note="")
    refused(UsageError, ann, "duties met", case=CASE, duty="us/take-it-down", by="read of the first")
    done(ann, "duties met", case=CASE, duty=app.cases.case(CASE).duties[-1].duty.id, by="the host")


def test_a_statement_was_passed_on(app: App, ann: Person, person: Callable[[Role], Person]) -> None:
    app.cases.put_item(replace(app.cases.item("item-1"), account="uploader-17"))
    made = app.statements.make(None, CASE, "item-1")
    refused(ForbiddenError, person(Role.AUDITOR), "report told", case=CASE, statement=made.id)
    assert f"case {CASE}: the uploader was told" in done(ann, "report told", case=CASE, statement=made.id)
    assert app.statements.of_case(CASE)[0].told_by == Actor(ActorKind.USER, str(ann.user.pk))


def test_nothing_is_done_where_nobody_can_be_asked(app: App, ann: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "at_terminal", lambda: False)
    assert "Password" not in refused(UsageError, ann, "takedown close", location=PLACE, reason="over")
    assert app.takedowns.get(PLACE).closed == ""


@pytest.mark.usefixtures("committed_db")
def test_at_a_real_terminal_secrets_are_not_shown() -> None:
    ours, theirs = pty.openpty()
    words = ["-m", "safelight", "policy", "refuse", "1", "--note=no", "--as=nobody"]
    child = subprocess.Popen(
        [sys.executable, *words], stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
    )
    os.close(theirs)
    seen = b""
    while b"Password" not in seen:
        seen += os.read(ours, 1000)
    os.write(ours, b"not to be shown\n")
    try:
        while more := os.read(ours, 1000):
            seen += more
    except OSError:
        pass  # how Linux says that the other end is closed
    os.close(ours)
    assert child.wait(60) == SignInError.exit
    assert b"safelight: nothing was done: The username and/or password" in seen
    assert b"not to be shown" not in seen
    assert b"Traceback" not in seen
