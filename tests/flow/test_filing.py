"""Reports as people prepare, read, confirm, hand over and withdraw them."""

import io
import zipfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from lxml import etree

from safelight.case.fold import absorbed
from safelight.demo.cybertip_server import Fault, When
from safelight.flow.filing import Document, Filings
from safelight.model.access import Actor, ActorKind, Principal, Role, granted
from safelight.model.assessment import Artificialness, Assessment, Reason, Strength
from safelight.model.case import (
    AppealOpened,
    Approved,
    Case,
    Classification,
    Decided,
    DutyArose,
    DutyState,
    Finding,
    Grave,
    Located,
    Merged,
    Noted,
    Opened,
    Proposed,
    ReportConfirmed,
    ReportFailed,
    ReportFinished,
    Revealed,
    Verdict,
)
from safelight.model.decision import Outcome
from safelight.model.errors import ConflictError, ForbiddenError, HotlineDownError, TransitionError, UsageError
from safelight.model.filing import Account, FileTold, Filing, FilingState, IpEvent, Reporter, Told
from safelight.model.filing import Body as Taker
from safelight.model.hint import Hint, HintVerdict
from safelight.model.law import Duty, DutyKind
from tests.flow.filing_world import ANN, CONFIRMED, LEAD, REPORTER, START, Crash, Direct, Steps, World

BEN = Actor(ActorKind.USER, "2")
SENIOR = Principal(Actor(ActorKind.USER, "3"), granted([Role.SENIOR]))
REVIEWER = Principal(Actor(ActorKind.USER, "4"), granted([Role.REVIEWER]))
LAW = Duty(
    "d1", "us", "us.report", DutyKind.REPORT, "t", "NCMEC", START, None, "", "b", "s", "2026", True, taker="ncmec"
)


def finish(world: World) -> Filing:
    return world.filings().send(world.confirmed())


def confirm(filings: Filings, filing: str) -> Filing:
    return filings.confirm(LEAD, filing, filings.preview(filing).digest)


def events(world: World, kind: type, case: str = "c1") -> list[Any]:
    return [one.event for one in world.cases.events(case) if isinstance(one.event.body, kind)]


def texts(document: Document, path: str) -> list[str]:
    return [each.text or "" for each in etree.fromstring(document.content).iterfind(path)]


def reopen(world: World) -> None:
    """An appeal overturns the decision."""
    world.log("c1", AppealOpened("a1", "please look"))
    world.log("c1", Proposed(Grave.OVERTURN, "why", Finding(Verdict.NOT_ABUSE)), who=ANN)
    world.log("c1", Approved(world.cases.case("c1").proposals[-1].number), who=BEN)


def test_only_who_may_prepares_confirms_hands_over_and_withdraws() -> None:
    world = World()
    filings = world.filings()
    with pytest.raises(ForbiddenError):
        filings.draft(REVIEWER, "c1", Taker.NCMEC)
    made = filings.draft(SENIOR, "c1", Taker.NCMEC)
    digest = filings.preview(made.id).digest
    with pytest.raises(ForbiddenError):
        filings.confirm(SENIOR, made.id, digest)
    with pytest.raises(ForbiddenError):
        filings.hand(SENIOR, made.id)
    machine = Principal(Actor(ActorKind.KEY, "k"), LEAD.permissions)
    with pytest.raises(TransitionError):  # whatever it is allowed
        filings.confirm(machine, made.id, digest)
    assert world.rows.get(made.id).state is FilingState.DRAFT
    confirmed = filings.confirm(LEAD, made.id, digest)
    assert (confirmed.state, confirmed.confirmed_by) == (FilingState.SENDING, "user:471108151623")
    with pytest.raises(ForbiddenError):
        filings.withdraw(SENIOR, made.id, "no")


def test_confirming_is_for_what_was_read_and_is_in_the_log_at_once() -> None:
    world = World()
    filings = world.filings()
    made = filings.draft(LEAD, "c1", Taker.NCMEC)
    read = filings.preview(made.id).digest
    world.log("c1", Revealed("i2", "to be sure"), who=ANN)
    with pytest.raises(ConflictError):
        filings.confirm(LEAD, made.id, read)
    with pytest.raises(Crash):
        world.filings(Steps(4)).confirm(LEAD, made.id, filings.preview(made.id).digest)
    assert world.rows.get(made.id).state is FilingState.DRAFT
    assert not events(world, ReportConfirmed)
    sent = confirm(world.filings(), made.id)
    assert [one.body for one in events(world, ReportConfirmed)] == [
        ReportConfirmed(made.id, Taker.NCMEC, ("i1", "i2"), sent.agreed, production=False)
    ]
    assert all(one.viewed for one in sent.items)
    with pytest.raises(TransitionError):
        confirm(world.filings(), made.id)


def test_only_a_confirmed_case_is_reported() -> None:
    world = World(finding=Finding(Verdict.NOT_ABUSE))
    with pytest.raises(TransitionError, match="nobody has confirmed"):
        world.filings().draft(LEAD, "c1", Taker.NCMEC)
    world = World()
    made = world.filings().draft(LEAD, "c1", Taker.NCMEC)
    world.log("c1", AppealOpened("a1", "please look"))  # confirmed, but no more decided
    with pytest.raises(TransitionError):
        confirm(world.filings(), made.id)


def test_without_a_contact_or_an_account_nothing_is_sent() -> None:
    world = World()
    with pytest.raises(UsageError, match="SAFELIGHT_CONTACT"):
        world.filings(reporter=Reporter("Org", "")).draft(LEAD, "c1", Taker.NCMEC)
    made = world.filings(hotline=None).draft(LEAD, "c1", Taker.NCMEC)
    assert "SAFELIGHT_NCMEC_USER" in world.filings(hotline=None).preview(made.id).flaws[0]
    with pytest.raises(TransitionError, match="SAFELIGHT_NCMEC_USER"):
        confirm(world.filings(hotline=None), made.id)
    name = world.confirmed()
    with pytest.raises(UsageError):
        world.filings(hotline=None).send(name)
    assert world.filings(hotline=None).give_up(name, "no account").state is FilingState.DEAD


def test_whether_the_receiver_answers() -> None:
    world = World()
    assert world.filings().status().words.startswith("Remote User : u")
    with pytest.raises(UsageError, match="SAFELIGHT_NCMEC_USER"):
        world.filings(hotline=None).status()


def test_what_is_told_without_asking_and_what_a_person_adds() -> None:
    world = World()
    world.log("c1", Located("l1", "i1", "https://example.net/a"), Located("l2", "i2", "https://example.net/a"))
    filings = world.filings()
    made = filings.draft(LEAD, "c1", Taker.NCMEC)
    assert made.told == Told(
        urls=("https://example.net/a",),
        accounts=(Account(esp_identifier="account-9"),),
        files={name: FileTold(url="https://example.net/a") for name in ("i1", "i2")},
    )
    told = replace(
        made.told,
        when=START - timedelta(days=1),
        annotations={"i1": ("viral",)},
        report_annotations=("minorToMinorInteraction",),
        escalate="now",
    )
    changed = filings.change(LEAD, made.id, told, {"i2": False})
    assert [one.upload for one in changed.items] == [True, False]
    report, file = filings.preview(made.id).documents
    assert texts(report, ".//url") == ["https://example.net/a"]
    assert texts(report, ".//incidentDateTime") == ["2026-11-21T12:00:00Z"]
    assert any(changed.items[1].sha256 in text for text in texts(report, "additionalInfo"))
    assert texts(file, "fileAnnotations/*") == ["", ""]
    assert [each.tag for each in etree.fromstring(file.content).iterfind("fileAnnotations/*")] == [
        "viral",
        "generativeAi",
    ]
    assert filings.draft(LEAD, "c1", Taker.NCMEC).told == told  # renewed, not made anew
    assert len(world.rows.all()) == 1


@pytest.mark.parametrize(
    ("changed", "cause"),
    [
        ({"incident": "Other"}, "no kind of incident"),
        ({"when": START + timedelta(days=1)}, "past"),
        ({"when": datetime(2026, 1, 1)}, "zone"),  # noqa: DTZ001 - that is what is refused
        ({"report_annotations": ("viral",)}, "no annotation of a report"),
        ({"annotations": {"i1": ("spam",)}}, "no annotation of a file"),
        ({"annotations": {"i9": ("viral",)}}, "not in the report"),
        ({"annotations": {"i1": ("generativeAi",)}}, "follows from the finding"),
        ({"files": {"i9": FileTold()}}, "not in the report"),
        ({"accounts": (Account(esp_identifier="u", ip_events=(IpEvent("nowhere"),)),)}, "account 1, IP event 1"),
        ({"accounts": (Account(), Account())}, "account 1: nothing.*; account 2: nothing.*; NCMEC takes one"),
    ],
)
def test_what_cannot_be_told(changed: dict[str, Any], cause: str) -> None:
    world = World()
    made = world.filings().draft(LEAD, "c1", Taker.NCMEC)
    with pytest.raises(UsageError, match=cause):
        world.filings().change(LEAD, made.id, replace(made.told, **changed), {})


def test_what_is_told_of_items_that_were_reported_meanwhile_keeps_no_draft_from_being_renewed() -> None:
    world = World()
    filings = world.filings()
    made = filings.draft(LEAD, "c1", Taker.NCMEC)
    told = replace(made.told, annotations={"i1": ("viral",)}, files={"i1": FileTold("a.jpg"), "i2": FileTold("b.jpg")})
    filings.change(LEAD, made.id, told, {})
    world.log("c1", ReportFinished("f9", Taker.NCMEC, "9", ("i1",), "0" * 64))
    assert filings.preview(made.id).flaws == ()  # nothing of it is sent
    world.add("c1", "i3", Outcome.NEAR)
    world.log("c1", Decided(CONFIRMED), who=ANN)
    world.log("c1", Located("l3", "i3", "https://example.net/3"))
    renewed = filings.draft(LEAD, "c1", Taker.NCMEC)
    assert [one.item for one in renewed.items] == ["i2", "i3"]
    assert renewed.told.annotations is None
    assert renewed.told.files == {"i2": FileTold("b.jpg"), "i3": FileTold(url="https://example.net/3")}


def test_what_nobody_could_be_asked_about_is_left_to_people() -> None:
    """An account's id that the receiver would not take, and a URL that is too long."""
    world = World()
    for name in ("i1", "i2"):
        world.cases.put_item(replace(world.cases.item(name), account="a" * 256))
    world.log("c1", Located("l1", "i1", "https://example.net/" + "u" * 2083))
    made = world.filings().draft(LEAD, "c1", Taker.NCMEC)
    assert (made.told.accounts, made.told.files) == ((), None)
    assert len(made.told.urls) == 1


def test_media_that_is_not_there_is_not_sent_along() -> None:
    world = World()
    made = world.filings().draft(LEAD, "c1", Taker.NCMEC)
    with pytest.raises(UsageError, match="i9"):
        world.filings().change(LEAD, made.id, made.told, {"i9": True})
    bundle = world.filings().draft(LEAD, "c1", Taker.NCA)
    with pytest.raises(UsageError):
        world.filings().change(LEAD, bundle.id, bundle.told, {"i1": True})


@pytest.mark.parametrize("level", list(Artificialness))
def test_generative_ai_is_what_people_found(level: Artificialness) -> None:
    """Never what a detector or a declaration says."""
    world = World(finding=replace(CONFIRMED, artificialness=level))
    world.add("c1", "i3", Outcome.NEAR, hint=Hint("d", "c", HintVerdict.LIKELY_AI, 0.99, "r"), assessment=DECLARED)
    world.log("c1", Decided(replace(CONFIRMED, artificialness=level)), who=ANN)
    filings = world.filings()
    files = filings.preview(filings.draft(LEAD, "c1", Taker.NCMEC).id).documents[1:]
    made = level in {Artificialness.FULLY_SYNTHETIC, Artificialness.PARTIALLY_ALTERED, Artificialness.HYBRID}
    assert [bool(texts(file, "fileAnnotations/generativeAi")) for file in files] == [made] * 3
    pairs = dict(zip(texts(files[2], ".//name"), texts(files[2], ".//value"), strict=True))
    assert pairs["A detector, which is a hint and no verdict"] == "d: likely_ai, 0.990"
    assert pairs["How it was made: weighed evidence, no verdict"] == "fully_synthetic, declared"


DECLARED = Assessment(
    Artificialness.FULLY_SYNTHETIC,
    Strength.DECLARED,
    (Reason("metadata", Artificialness.FULLY_SYNTHETIC, Strength.DECLARED, "it says so itself"),),
)


def test_the_known_source_of_an_altered_copy_is_not_marked_as_artificial() -> None:
    world = World()
    world.add("c1", "i3", Outcome.KNOWN)
    world.add("c1", "i4", Outcome.DERIVED)
    world.log("c1", Decided(CONFIRMED), who=ANN)
    filings = world.filings()
    files = filings.preview(filings.draft(LEAD, "c1", Taker.NCMEC).id).documents[1:]
    assert [bool(texts(file, "fileAnnotations/generativeAi")) for file in files] == [False, False, False, True]


def test_what_was_seen_by_people_is_what_the_log_says() -> None:
    world = World()
    filings = world.filings()
    files = filings.preview(filings.draft(LEAD, "c1", Taker.NCMEC).id).documents[1:]
    assert [texts(file, "fileViewedByEsp") for file in files] == [["true"], ["false"]]
    assert not any(texts(file, "exifViewedByEsp") for file in files)
    assert texts(files[0], "industryClassification") == ["B2"]
    kinds = {
        each.get("hashType"): each.text for each in etree.fromstring(files[0].content).iterfind("originalFileHash")
    }
    assert list(kinds) == ["MD5", "SHA1", "SHA256", "PDQ"]
    assert kinds["PDQ"] == "f" * 64


def test_no_person_of_ours_is_named() -> None:
    world = World(finding=replace(CONFIRMED, note="Ann Reviewer was here"))
    world.filings().send(world.confirmed())
    sent = world.server.finished()[0]
    everything = sent.xml + b"".join(file.details for file in sent.files.values())
    for secret in (b"4711", b"Reviewer", b"user:", b"blob-"):
        assert secret not in everything


def test_finishing_is_told_in_the_log_and_meets_the_duty() -> None:
    world = World()
    world.log("c1", DutyArose(LAW), DutyArose(replace(LAW, id="d2", taker="nca")))
    done = finish(world)
    case = world.cases.case("c1")
    assert [one.state for one in case.duties] == [DutyState.MET, DutyState.OPEN]
    assert case.duties[0].by == f"filing:{done.id}"
    assert [one.body for one in events(world, ReportFinished)] == [
        ReportFinished(done.id, Taker.NCMEC, done.number, ("i1", "i2"), done.digest)
    ]
    assert world.after == ["c1"]


def test_a_second_report_is_about_what_joined_later() -> None:
    world = World()
    finish(world)
    with pytest.raises(TransitionError, match="already"):
        world.filings().draft(LEAD, "c1", Taker.NCMEC)
    world.add("c1", "i3", Outcome.KNOWN)
    world.log("c1", DutyArose(LAW))
    second = finish(world)
    assert [one.item for one in second.items] == ["i3"]
    assert [len(report.files) for report in world.server.finished()] == [2, 1]
    assert world.cases.case("c1").duties[0].state is DutyState.MET


def test_what_the_test_system_has_is_still_to_be_reported_for_real() -> None:
    world = World()
    finish(world)
    real = Direct(world.server, world.xsd, Steps(), production=True)
    filings = world.filings(hotline=real)
    made = filings.draft(LEAD, "c1", Taker.NCMEC)
    assert made.production
    assert "another system" in world.filings().preview(made.id).flaws[0]
    confirm(filings, made.id)
    assert filings.send(made.id).production
    assert [one.production for one in world.cases.case("c1").reports] == [False, True]


def test_a_part_of_the_case_does_not_meet_the_duty() -> None:
    world = World()
    world.log("c1", DutyArose(LAW))
    name = world.confirmed()
    world.add("c1", "i3", Outcome.KNOWN)
    world.filings().send(name)
    assert world.cases.case("c1").duties[0].state is DutyState.OPEN


@pytest.mark.parametrize("at", range(1, 60, 4))
def test_a_decision_that_is_overturned_meanwhile_stops_the_report(at: int) -> None:
    world = World()
    name = world.confirmed()
    try:
        world.filings(Steps(at)).send(name)
    except Crash:
        reopen(world)
    filing = world.carry(name)
    if world.server.finished():
        assert filing.state is FilingState.FINISHED
        return
    assert filing.state is FilingState.WITHDRAWN
    assert "does not stand" in filing.cause
    assert all(
        report.state == "retracted" for report in world.server.reports.values() if report.number in filing.abandoned
    )
    assert [one.body.cause for one in events(world, ReportFailed)] == [filing.cause]


def merge(world: World, finding: Finding | None) -> None:
    """The case becomes part of another one, on which this is found; None: nothing."""
    world.log("c0", Opened("near", family="other"))
    world.add("c0", "i3", Outcome.NEAR)
    world.log("c1", Merged("c0"))
    world.log("c0", absorbed(world.cases.case("c1")))
    if finding is not None and finding.verdict is Verdict.CONFIRMED:
        world.log("c0", Decided(finding), who=ANN)
    elif finding is not None:
        world.log("c0", Proposed(Grave.DECIDE, "why", finding), who=ANN)
        world.log("c0", Approved(world.cases.case("c0").proposals[-1].number), who=BEN)


@pytest.mark.parametrize(
    ("finding", "state"),
    [
        (CONFIRMED, FilingState.FINISHED),
        (replace(CONFIRMED, classification=Classification.A2), FilingState.FINISHED),  # it says what was confirmed
        (None, FilingState.FINISHED),
        (Finding(Verdict.NOT_ABUSE), FilingState.WITHDRAWN),
    ],
)
def test_a_case_that_is_merged_meanwhile(finding: Finding | None, state: FilingState) -> None:
    world = World()
    name = world.confirmed()
    world.server.faults["fileinfo"] = [Fault()]
    with pytest.raises(HotlineDownError):
        world.filings().send(name)
    merge(world, finding)
    filing = world.carry(name)
    assert filing.state is state, filing.cause
    assert len(world.server.finished()) == (state is FilingState.FINISHED)
    case: Case = world.cases.case("c0")
    assert [one.filing for one in case.reports] == [name] * (state is FilingState.FINISHED)


def test_two_reports_about_the_same_items_are_not_under_way_at_once() -> None:
    world = World()
    name = world.confirmed()
    second = world.filings().draft(LEAD, "c1", Taker.NCMEC)
    assert second.id != name
    with pytest.raises(TransitionError, match="not known yet"):
        confirm(world.filings(), second.id)
    merge(world, CONFIRMED)
    third = world.filings().draft(LEAD, "c1", Taker.NCMEC)
    assert third.case == "c0"
    with pytest.raises(TransitionError, match="not known yet"):
        confirm(world.filings(), third.id)
    world.filings().withdraw(LEAD, name, "anew, with all of it")
    assert confirm(world.filings(), third.id).state is FilingState.SENDING


def in_question(world: World) -> str:
    """A report of which it is not known whether it is finished."""
    name = world.confirmed()
    world.server.faults["finish"] = [Fault(When.BEFORE)] * 99
    assert world.carry(name).state is FilingState.DEAD
    return name


def test_a_finish_that_is_not_known_is_settled_by_who_asked() -> None:
    world = World()
    name = in_question(world)
    again = world.filings().draft(LEAD, "c1", Taker.NCMEC)
    with pytest.raises(TransitionError, match="not known yet"):
        confirm(world.filings(), again.id)
    settled = world.filings().hand(LEAD, name, "they have it: mail of today")
    assert settled.state is FilingState.FINISHED
    assert world.cases.case("c1").reports[0].number == settled.number
    assert [one.body.text for one in events(world, Noted)] == ["they have it: mail of today"]
    assert not world.filings().preview(again.id).documents

    world = World()
    assert world.filings().withdraw(LEAD, in_question(world), "they have none").state is FilingState.WITHDRAWN
    assert not world.cases.case("c1").reports
    world.server.faults.clear()
    assert finish(world).state is FilingState.FINISHED


def test_what_people_hand_over() -> None:
    world = World()
    world.log("c1", DutyArose(replace(LAW, taker="nca")))
    papers = (Document("letter.txt", "text/plain", b"dear all"), Document("s.pdf", "application/pdf", b"%PDF\xff"))
    filings = world.filings(papers=lambda _filing, _case: papers, hotline=None)
    made = filings.draft(LEAD, "c1", Taker.NCA)
    assert not any(one.upload for one in made.items)
    assert [one.text for one in filings.preview(made.id).documents] == ["dear all", ""]
    with zipfile.ZipFile(io.BytesIO(filings.bundle(made.id))) as bundle:
        assert {name: bundle.read(name) for name in bundle.namelist()} == {one.name: one.content for one in papers}
    with pytest.raises(TransitionError, match="people send"):
        filings.confirm(LEAD, made.id, filings.preview(made.id).digest)
    handed = filings.hand(LEAD, made.id, "to the desk")
    assert (handed.state, handed.production) == (FilingState.HANDED, True)
    case = world.cases.case("c1")
    assert (case.reports[0].number, case.reports[0].taker) == ("", Taker.NCA)
    assert case.duties[0].state is DutyState.MET
    assert len(events(world, ReportConfirmed)) == 1
    with pytest.raises(TransitionError):
        filings.hand(LEAD, made.id)


def test_a_draft_is_withdrawn_by_who_prepares_and_what_is_sent_by_who_may_send() -> None:
    world = World()
    filings = world.filings()
    made = filings.draft(SENIOR, "c1", Taker.NCMEC)
    assert filings.withdraw(SENIOR, made.id, "not needed").state is FilingState.WITHDRAWN
    assert not events(world, ReportFailed)
    name = world.confirmed()
    world.server.faults["upload"] = [Fault(http=503)]
    with pytest.raises(HotlineDownError):
        world.filings().send(name)
    gone = world.filings().withdraw(LEAD, name, "a mistake")
    assert (gone.state, gone.cause) == (FilingState.WITHDRAWN, "withdrawn: a mistake")
    gone = world.filings().take_back(name)
    assert [report.state for report in world.server.reports.values()] == ["retracted"]
    assert world.filings().send(name) == gone
    with pytest.raises(TransitionError):
        world.filings().withdraw(LEAD, finish(world).id, "too late")


def test_given_up_it_says_why_and_what_was_begun_is_taken_back() -> None:
    world = World()
    name = world.confirmed()
    world.server.faults["fileinfo"] = [Fault(http=503)]
    with pytest.raises(HotlineDownError):
        world.filings().send(name)
    calls = list(world.server.calls)
    assert world.filings().take_back(name).state is FilingState.SENDING  # its own job does so, as it goes on
    dead = world.filings().give_up(name, "tried for 30 days")
    assert (dead.state, dead.cause) == (FilingState.DEAD, "tried for 30 days")
    assert world.server.calls == calls, "it is called in a transaction, and asks nobody"
    assert world.filings(hotline=None).take_back(name) == dead
    dead = world.filings().take_back(name)
    assert dead.retracted == dead.abandoned != ()
    assert world.filings().take_back(name) == dead
    assert [one.body for one in events(world, ReportFailed)] == [ReportFailed(name, Taker.NCMEC, "tried for 30 days")]
    assert world.filings().give_up(name, "again") == dead


def test_changed_settings_are_not_what_was_confirmed() -> None:
    world = World()
    name = world.confirmed()
    filing = world.filings(reporter=replace(REPORTER, email="other@example.org")).send(name)
    assert filing.state is FilingState.WITHDRAWN
    assert "changed since it was confirmed" in filing.cause
    assert not world.server.reports


def test_times_of_every_zone_are_the_same_moment() -> None:
    world = World()
    made = world.filings().draft(LEAD, "c1", Taker.NCMEC)
    seoul = datetime.fromisoformat("2026-11-22T09:30:00+09:00")
    world.filings().change(LEAD, made.id, replace(made.told, when=seoul), {})
    assert texts(world.filings().preview(made.id).documents[0], ".//incidentDateTime") == ["2026-11-22T00:30:00Z"]
    assert seoul.astimezone(UTC).hour == 0
