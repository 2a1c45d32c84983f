"""What is personal ends by itself: when, what keeps it, what is left of it; and a crash at any point loses nothing."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from safelight.adapter.law import TomlLaw
from safelight.flow.ending import Endings, Keep
from safelight.flow.filing_facts import overturned, without_told
from safelight.model.access import SYSTEM, Principal
from safelight.model.case import (
    AppealDecided,
    AppealOpened,
    Body,
    DutyArose,
    DutyDropped,
    DutyMet,
    ErasureFreed,
    ErasureHeld,
    HoldLifted,
    HoldPlaced,
    Located,
    LocationClosed,
    Noted,
    PreservationSet,
    ReportConfirmed,
    ReportErased,
    ReportFinished,
    RequestErased,
)
from safelight.model.codec import from_json, to_json
from safelight.model.errors import ForbiddenError, NotNowError, TransitionError, UsageError
from safelight.model.filing import (
    Account,
    CaptureKind,
    Chat,
    Device,
    Email,
    FileTold,
    Filing,
    FilingState,
    IpEvent,
    Role,
    Told,
)
from safelight.model.filing import Body as Taker
from safelight.model.law import Duty, DutyKind
from safelight.model.removal import Erasure, RequestState
from safelight.policy.duties import chosen
from safelight.policy.ending import Ending
from tests.flow.filing_world import ANN, KEY, LEAD, START, Crash, Steps, World
from tests.flow.takedown_place import MemoryTakedownStore
from tests.flow.test_requests import CAME, LENA, PLACE, SAID, Desk, MemoryRequests

DAY = timedelta(days=1)
MARK = "planted-marker"
TOLD = Told(
    when=START,
    urls=(f"https://{MARK}.example/a",),
    chats=(Chat(MARK, MARK),),
    emails=(f"{MARK}@example.org",),
    annotations={"i1": ("viral",)},
    report_annotations=("spam",),
    escalate=MARK,
    accounts=(
        Account(
            Role.REPORTED,
            MARK,
            "",
            MARK,
            (MARK,),
            (),
            (Email(f"{MARK}@example.org"),),
            ("+1 202 555 0100",),
            additional=MARK,
        ),
        Account(Role.VICTIM, MARK, ip_events=(IpEvent("203.0.113.7", CaptureKind.UPLOAD, START),)),
    ),
    files={"i1": FileTold(MARK, START, devices=(Device("IMEI", MARK),), additional=MARK)},
    additional=MARK,
)
PACKS = TomlLaw().packs()


def endings(world: World, *jurisdictions: str, reports: int | None = 184) -> Endings:
    """Of reports alone."""
    nobody: Any = None
    packs = {pack.id: pack for pack in chosen(PACKS, jurisdictions)}
    requests, places = MemoryRequests(), MemoryTakedownStore()
    return Endings(world.cases, world.rows, requests, places, nobody, packs, Keep(90, reports), world.clock)


def told_all(world: World, state: FilingState = FilingState.FINISHED, told: Told = TOLD) -> str:
    """Its name, of a report that tells all this, in this state, which it has since now."""
    filings = world.filings()
    made = filings.draft(LEAD, "c1", Taker.NCMEC if state is not FilingState.HANDED else Taker.POLICE, told)
    if state is FilingState.WITHDRAWN:
        filings.withdraw(LEAD, made.id, "another one")
    elif state is FilingState.HANDED:
        filings.hand(LEAD, made.id, "to the desk")
    elif state is not FilingState.DRAFT:
        filings.confirm(LEAD, made.id, filings.preview(made.id).digest)
    if state is FilingState.FINISHED:
        world.carry(made.id)
    if state is FilingState.DEAD:
        filings.give_up(made.id, "tried in vain")
    found = world.rows.get(made.id)
    assert (found.state, found.told) == (state, told)
    return f"filing:{made.id}"


def duty(kind: DutyKind, due: datetime | None, taker: str = "") -> Duty:
    words = ("id-1", "us", "rule", kind, "title", "they", START, due, "", "", "https://law.example", "2026-11-21")
    return Duty(*words, drives=True, taker=taker)


def at(world: World, name: str, *law: str) -> datetime | None:
    return endings(world, *law).of(name).at


@pytest.mark.parametrize(
    "state", [FilingState.FINISHED, FilingState.HANDED, FilingState.WITHDRAWN, FilingState.DEAD], ids=str
)
def test_what_a_report_tells_is_over_half_a_year_after_it_and_not_before(state: FilingState) -> None:
    world = World()
    name = told_all(world, state)
    over = START + 184 * DAY
    assert endings(world).of(name) == Ending(name, "c1", over)
    for time, wanted in ((over - timedelta(seconds=1), False), (over, True)):
        world.clock.time = time
        assert bool(endings(world).over(name)) is wanted
        assert endings(world).end(name) is wanted
    assert endings(world).of(name) == Ending(name, "c1")
    assert not endings(world).end(name)
    assert list(endings(world).names()) == []


@pytest.mark.parametrize("state", [FilingState.DRAFT, FilingState.SENDING], ids=str)
def test_what_is_not_over_does_not_end(state: FilingState) -> None:
    world = World()
    name = told_all(world, state)
    world.clock.time += 4000 * DAY
    assert endings(world).of(name).kept == "it is not over"
    assert not endings(world).end(name)
    assert list(endings(world).names()) == [name]


def test_the_law_has_what_was_sent_kept_whether_or_not_a_job_has_said_so() -> None:
    world = World()
    name = told_all(world)
    year = datetime(2027, 11, 22, 12, tzinfo=UTC)  # 18 U.S.C. 2258A(h)
    assert at(world, name, "us") == year
    assert at(world, name, "us", "ca") == year
    assert at(world, name, "eu") == START + 184 * DAY
    world.log("c1", PreservationSet(year + 9 * DAY, "us/preserve"))
    assert at(world, name, "eu") == year + 9 * DAY
    world.clock.time = year + 9 * DAY - timedelta(seconds=1)
    assert endings(world).over(name) is None
    world.log("c1", PreservationSet(None, "an order"))
    assert endings(world).of(name).kept == "it has to be preserved, and no end was set"


@pytest.mark.parametrize(
    ("bodies", "after", "why"),
    [
        ((HoldPlaced("h1", "order 7"),), HoldLifted("h1", "over"), "legal hold"),
        ((AppealOpened("a1", "look again"),), AppealDecided("a1", upheld=True), "an appeal"),
        ((DutyArose(duty(DutyKind.PRESERVE, None)),), DutyDropped("id-1", "not ours"), "names no end"),
        ((ErasureHeld("filing:f1", "police 7"),), ErasureFreed("filing:f1", "done"), "police 7"),
    ],
    ids=("hold", "appeal", "preserve", "person"),
)
def test_what_keeps_it_keeps_it_until_it_does_not(bodies: tuple[Body, ...], after: Body, why: str) -> None:
    world = World()
    name = told_all(world)
    assert name == "filing:f1"
    world.log("c1", *bodies, who=ANN)
    world.clock.time += 4000 * DAY
    found = endings(world).of(name)
    assert (found.at, found.held) == (None, why == "police 7")
    assert why in found.kept
    assert not endings(world).end(name)
    if isinstance(after, HoldLifted):
        world.cases.folded.clear()
        return  # two people have to agree: tests/flow/test_carry_out.py
    world.log("c1", after, who=ANN)
    assert endings(world).end(name)


def test_a_duty_to_keep_something_counts_until_its_time() -> None:
    world = World()
    name = told_all(world)
    world.log("c1", DutyArose(replace(duty(DutyKind.PRESERVE, START + 3000 * DAY), drives=False)))
    assert at(world, name) == START + 3000 * DAY
    world.log("c1", DutyMet("id-1", "it was kept until then"))
    assert at(world, name) == START + 184 * DAY


def test_what_never_arrived_is_kept_while_the_law_wants_it_reported_and_what_may_have_arrived_always() -> None:
    world = World()
    name = told_all(world, FilingState.DEAD)
    world.log("c1", DutyArose(duty(DutyKind.REPORT, None, "ncmec")))
    world.clock.time += 4000 * DAY
    assert "still asks for a report" in endings(world).of(name).kept
    world.log("c1", DutyDropped("id-1", "another provider did"), who=ANN)
    assert endings(world).of(name).at is not None
    row = world.rows.get("f1")
    world.cases.rows["f1"] = replace(row, finishing=True)
    assert endings(world).of(name).kept == "it is not known whether the receiver has it"
    assert not endings(world).end(name)


def test_a_row_that_says_it_is_finished_where_the_log_does_not_stays() -> None:
    world = World()
    name = told_all(world, FilingState.SENDING)
    world.cases.rows["f1"] = replace(world.rows.get("f1"), state=FilingState.FINISHED)
    world.clock.time += 4000 * DAY
    assert endings(world).of(name).kept == "the log does not say that the receiver has it"


def test_a_clock_that_was_behind_does_not_make_it_old() -> None:
    world = World()
    world.log("c1", Noted("here the clock was right"))
    world.clock.time = datetime(2000, 1, 1, tzinfo=UTC)
    name = told_all(world, told=Told(additional=MARK))
    world.clock.time = START + DAY
    assert at(world, name) == START + 184 * DAY


def test_off_is_for_ever_and_days_are_what_was_set() -> None:
    world = World()
    name = told_all(world)
    world.clock.time += 9999 * DAY
    assert endings(world, reports=None).of(name).kept == "SAFELIGHT_KEEP_REPORTS is off"
    assert not endings(world, reports=None).end(name)
    assert endings(world, reports=9998).of(name).at == START + 9998 * DAY


def test_ids_times_states_and_digests_stay_and_all_that_reads_the_row_works() -> None:
    world = World()
    name = told_all(world)
    before = world.rows.get("f1")
    confirmed = next(one.event.body for one in world.cases.events("c1") if isinstance(one.event.body, ReportConfirmed))
    world.clock.time += 200 * DAY
    assert endings(world).end(name)
    row = world.rows.get("f1")
    assert row == replace(before, told=Told(incident=TOLD.incident), erased=world.clock.time)
    assert MARK.encode() not in to_json(row) + b"".join(one.entry for one in world.cases.entries)
    assert b"203.0.113.7" not in to_json(row)
    assert from_json(to_json(row), Filing) == row
    last = world.cases.events("c1")[-1].event
    assert (last.body, last.actor) == (ReportErased("f1", "184 days after it was over, nothing had it kept"), SYSTEM)
    filings = world.filings()
    shown = filings.preview("f1")
    assert (shown.documents, shown.digest) == ((), confirmed.digest)
    assert shown.digest == before.agreed
    assert "erased on 2027-06-10" in shown.flaws[0]
    with pytest.raises(TransitionError, match="erased on"):
        filings.bundle("f1")
    acts: tuple[Callable[[], object], ...] = (
        lambda: filings.confirm(LEAD, "f1", shown.digest),
        lambda: filings.hand(LEAD, "f1", "to the desk"),
        lambda: filings.withdraw(LEAD, "f1", "no"),
        lambda: filings.change(LEAD, "f1", TOLD, {}),
    )
    for act in acts:
        with pytest.raises(TransitionError):
            act()
    finished = len(world.server.reports)
    assert filings.send("f1") == filings.give_up("f1", "no") == filings.take_back("f1") == row
    assert (len(world.server.reports), world.rows.get("f1")) == (finished, row)
    assert not overturned(world.cases, row)
    with pytest.raises(TransitionError, match="were reported"):
        filings.draft(LEAD, "c1", Taker.NCMEC)


def test_a_crash_at_any_point_leaves_all_or_nothing_and_the_next_look_ends_it() -> None:
    moment = 0
    while True:
        moment += 1
        world = World()
        name = told_all(world)
        before = world.rows.get("f1")
        world.clock.time += 200 * DAY
        world.cases.steps = Steps(moment)
        try:
            assert endings(world).end(name)
        except Crash:
            world.cases.steps = Steps()
            erased = [one for one in world.cases.events("c1") if isinstance(one.event.body, ReportErased)]
            assert world.rows.get("f1") == before
            assert not erased
            assert endings(world).end(name)
            continue
        break
    assert moment > 4  # before and after the row, before and after the event


def test_people_hold_it_and_let_it_go_and_nobody_else() -> None:
    world = World()
    name = told_all(world)
    flow = endings(world)
    for who in (KEY, Principal(KEY.actor, LEAD.permissions), Principal(ANN, frozenset())):
        with pytest.raises(ForbiddenError):
            flow.hold(who, name, "police 7")
    for reason in ("", " \n"):
        with pytest.raises(NotNowError):
            flow.hold(LEAD, name, reason)
    with pytest.raises(NotNowError, match="Nobody has it kept"):
        flow.free(LEAD, name, "why not")
    with pytest.raises(UsageError):
        flow.hold(LEAD, "location:f1", "police 7")
    flow.hold(LEAD, name, " police 7 ")
    assert flow.of(name) == Ending(name, "c1", kept="police 7", held=True)
    world.clock.time += 4000 * DAY
    assert not flow.end(name)
    flow.free(LEAD, name, "they have it")
    assert flow.end(name)
    for act in (flow.hold, flow.free):
        with pytest.raises(NotNowError, match="erased already"):
            act(LEAD, name, "too late")


def test_what_others_quote_of_a_report_stays_out_of_causes() -> None:
    cause = f"submit: 4100: the value '203.0.113.7' of {MARK}@example.org, {MARK}; reported as Upload"
    assert without_told(cause, TOLD) == "submit: 4100: the value '…' of …, …; reported as Upload"
    assert without_told(cause, Told()) == cause


# Requests


def of_desk(desk: Desk, requests: int | None = 90) -> Endings:
    nobody: Any = None
    return Endings(desk.cases, nobody, desk.store, desk.takedowns, desk.flow, {}, Keep(requests, None), desk.clock)


def test_a_request_that_was_never_completed_ends_after_the_last_that_came_in() -> None:
    desk = Desk()
    made = desk.receive(replace(SAID, signature="", contact=""))
    desk.clock.time = START + 10 * DAY
    desk.flow.complete(LENA, "case", made.id, replace(SAID, signature=""), desk.clock.time)
    name = f"request:{made.id}"
    found = of_desk(desk).of(name)
    assert found.at is not None
    assert START + 100 * DAY <= found.at < START + 100 * DAY + timedelta(minutes=1)
    desk.clock.time = START + 99 * DAY
    assert not of_desk(desk).end(name)
    desk.clock.time = START + 101 * DAY
    assert of_desk(desk).end(name)
    kept = desk.store.kept[made.id]
    assert (kept.said, kept.salt, kept.state) == (None, "", RequestState.ERASED)
    assert desk.bodies(RequestErased) == [RequestErased(made.id, "what was missing never came")]
    assert desk.cases.events("case")[-1].event.actor == SYSTEM
    assert of_desk(desk).of(name) == Ending(name, "case")
    with pytest.raises(NotNowError, match="was erased"):
        desk.flow.complete(LENA, "case", made.id, SAID, desk.clock.time)


def test_a_valid_request_ends_after_the_last_of_its_takedown() -> None:
    desk = Desk()
    made = desk.receive()
    name = f"request:{made.id}"
    desk.clock.time = START + 2000 * DAY
    assert "still needed" in of_desk(desk).of(name).kept
    desk.takedowns.put(replace(PLACE, item="a"))
    desk.say("case", Located(PLACE.id, "a", PLACE.url))
    desk.settle.met(LENA, "case", made.duty, "it is gone")
    assert "still needed" in of_desk(desk).of(name).kept
    desk.clock.time = last = START + 2100 * DAY
    desk.say("case", LocationClosed(PLACE.id, "no longer ours"))
    desk.takedowns.put(replace(PLACE, item="a", closed="no longer ours"), expect=desk.takedowns.kept[PLACE.id])
    desk.clock.time = START + 2150 * DAY
    desk.say("case", Noted("something else"), LocationClosed("of another item", "gone"))
    found = of_desk(desk).of(name)
    assert found.at is not None
    assert last + 90 * DAY <= found.at <= last + 90 * DAY + timedelta(minutes=1)
    assert of_desk(desk, None).of(name).kept == "SAFELIGHT_KEEP_REQUESTS is off"
    desk.clock.time = found.at + timedelta(seconds=1)
    assert of_desk(desk).end(name)
    assert desk.store.kept[made.id].said is None
    assert desk.store.unerased() == []
    assert b"planted" not in desk.log


@pytest.mark.parametrize("why", [Erasure.WITHDRAWN, Erasure.NEVER_COMPLETED], ids=str)
def test_a_request_that_is_held_is_erased_by_nobody(why: Erasure) -> None:
    desk = Desk()
    made = desk.receive(replace(SAID, signature=""))
    name = f"request:{made.id}"
    of_desk(desk).hold(LENA, name, "a court asks for it")
    desk.clock.time = CAME + 4000 * DAY
    assert of_desk(desk).of(name).held
    assert not of_desk(desk).end(name)
    with pytest.raises(NotNowError, match="has it kept"):
        desk.flow.erase(LENA, "case", made.id, why)
    of_desk(desk).free(LENA, name, "it has it")
    desk.say("case", HoldPlaced("h1", "order 7", desk.clock.time + DAY))
    assert "legal hold" in of_desk(desk).of(name).kept
    with pytest.raises(NotNowError, match="legal hold"):
        desk.flow.erase(LENA, "case", made.id, why)
    desk.clock.time += 2 * DAY  # the hold is over
    desk.flow.erase(LENA, "case", made.id, why)
    assert desk.store.kept[made.id].said is None


def test_reports_that_were_sent_are_named_by_the_log() -> None:
    """What `of` rests on: each report that arrives leaves such an event."""
    world = World()
    told_all(world, FilingState.HANDED)
    assert any(isinstance(one.event.body, ReportFinished) for one in world.cases.events("c1"))
