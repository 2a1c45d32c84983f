"""Cases as folds: what may happen, what comes of it, and what never does."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.case.fold import FOREVER, SOMETIME, absorbed, apply, check, first_due, fold
from safelight.case.rules import ALLOWED, DECISIONS
from safelight.model.access import SYSTEM, Actor, ActorKind
from safelight.model.assessment import Artificialness
from safelight.model.case import (
    KINDS,
    SERVICE_CASE,
    SOURCE,
    Absorbed,
    Answer,
    AppealDecided,
    AppealOpened,
    Approved,
    Body,
    Case,
    CaseState,
    Classification,
    Decided,
    DutyArose,
    Finding,
    Grave,
    Hidden,
    HoldLifted,
    HoldPlaced,
    ItemAdded,
    ItemDestroyed,
    ItemExported,
    Merged,
    Noted,
    Opened,
    PreservationSet,
    Proposed,
    Rejected,
    Revealed,
    Routed,
    Seconded,
    ServiceEvent,
    Verdict,
)
from safelight.model.decision import Outcome
from safelight.model.errors import TransitionError
from safelight.model.law import Duty, DutyKind
from tests.case.histories import (
    ANN,
    BEN,
    BENIGN,
    CONFIRMED,
    KEY,
    START,
    STEPS,
    UNSURE,
    Log,
    added,
    allowed_of,
    digest,
)


@pytest.fixture
def log() -> Log:
    """A case "a" with one item "i1" that is near a known one."""
    log = Log()
    log.add("a", KEY, Opened("gate", 1, "default", "f1"))
    log.add("a", KEY, added("i1", Outcome.NEAR))
    return log


def refused(log: Log, actor: Actor, body: Body, case: str = "a") -> str:
    with pytest.raises(TransitionError) as caught:
        log.add(case, actor, body)
    return str(caught.value)


def test_a_case_begins(log: Log) -> None:
    case = log.cases["a"]
    assert (case.id, case.length, case.head) == ("a", 2, log.entries[-1].hash)
    assert (case.state, case.queue, case.priority, case.family) == (CaseState.OPEN, "default", 1, "f1")
    assert [item.id for item in case.items] == ["i1"]
    assert case.items[0].added == START
    assert "open already" in refused(log, ANN, Opened("again"))
    assert "has not been opened" in refused(log, ANN, Noted("x"), "b")


def test_one_person_decides_where_policy_lets_them(log: Log) -> None:
    case = log.add("a", ANN, Decided(CONFIRMED))
    assert (case.state, case.finding, case.decided_by) == (CaseState.DECIDED, CONFIRMED, ANN)
    assert "that is decided" in refused(log, BEN, Decided(BENIGN))


def test_who_is_unsure_leaves_it_open(log: Log) -> None:
    case = log.add("a", ANN, Decided(UNSURE))
    assert (case.state, case.finding, case.decided_by) == (CaseState.OPEN, None, None)
    assert log.add("a", ANN, Routed("senior", 5)).queue == "senior"
    assert "finding" in refused(log, ANN, Proposed(Grave.DECIDE, "x", UNSURE))


def test_two_people_decide(log: Log) -> None:
    case = log.add("a", ANN, Proposed(Grave.DECIDE, "seen", CONFIRMED))
    assert (case.state, case.finding) == (CaseState.PROPOSED, None)
    number = case.proposals[0].number
    assert "second person" in refused(log, ANN, Approved(number))
    assert "second person" in refused(log, ANN, Rejected(number))
    assert "not done by a key" in refused(log, KEY, Approved(number))
    assert "no proposal" in refused(log, BEN, Approved(number + 1))
    assert "second person already" in refused(log, BEN, Proposed(Grave.DECIDE, "x", BENIGN))
    case = log.add("a", BEN, Rejected(number))
    assert (case.state, case.proposals) == (CaseState.OPEN, ())
    number = log.add("a", ANN, Proposed(Grave.DECIDE, "seen", CONFIRMED)).proposals[0].number
    case = log.add("a", BEN, Approved(number))
    assert (case.state, case.finding, case.decided_by) == (CaseState.DECIDED, CONFIRMED, ANN)
    assert "no proposal" in refused(log, BEN, Approved(number))


def test_only_the_second_person_of_a_decision_says_how_it_was_made(log: Log) -> None:
    said = Seconded(2, Artificialness.CAMERA_ORIGINAL, Answer.YES)
    assert "no proposal" in refused(log, BEN, said)
    log.add("a", ANN, Proposed(Grave.DECIDE, "seen", CONFIRMED))
    assert "second person" in refused(log, ANN, said)
    assert "not done by a key" in refused(log, KEY, said)
    case = log.add("a", BEN, said)
    assert (case.state, case.finding) == (CaseState.PROPOSED, None)
    number = log.add("a", ANN, Proposed(Grave.DESTROY, "x", item="i1")).proposals[-1].number
    assert "no decision" in refused(log, BEN, replace(said, proposal=number))


def test_known_items_are_closed_unseen() -> None:
    log = Log()
    log.add("a", KEY, Opened("gate"))
    assert "known" in refused(log, SYSTEM, Decided(CONFIRMED, by_policy=True))
    log.add("a", KEY, added("i1"))
    assert "by the system" in refused(log, ANN, Decided(CONFIRMED, by_policy=True))
    assert "by the system" in refused(log, SYSTEM, Decided(CONFIRMED))
    assert "not done by a key" in refused(log, KEY, Decided(CONFIRMED, by_policy=True))
    assert "unsure" in refused(log, SYSTEM, Decided(UNSURE, by_policy=True))
    case = log.add("a", SYSTEM, Decided(CONFIRMED, by_policy=True))
    assert (case.state, case.by_policy, case.decided_by) == (CaseState.DECIDED, True, None)
    assert log.add("a", KEY, added("i2")).state is CaseState.DECIDED
    assert log.add("a", KEY, added("i3", Outcome.NEAR, content="i1")).state is CaseState.DECIDED
    case = log.add("a", KEY, added("i4", Outcome.DERIVED))
    assert (case.state, case.finding, case.by_policy) == (CaseState.OPEN, None, False)


@pytest.mark.parametrize(("outcome", "degraded"), [(Outcome.NEAR, False), (Outcome.KNOWN, True)])
def test_policy_closes_nothing_else(outcome: Outcome, degraded: bool) -> None:
    log = Log()
    log.add("a", KEY, Opened("gate"))
    log.add("a", KEY, added("i1"))
    log.add("a", KEY, added("i2", outcome, degraded=degraded))
    assert "known" in refused(log, SYSTEM, Decided(CONFIRMED, by_policy=True))


def test_an_appeal_is_answered_and_the_decision_stays(log: Log) -> None:
    assert "that is open" in refused(log, KEY, AppealOpened("p1", "mine"))
    log.add("a", ANN, Decided(CONFIRMED))
    assert log.add("a", KEY, AppealOpened("p1", "mine")).state is CaseState.APPEALED
    assert "open already" in refused(log, KEY, AppealOpened("p1", "again"))
    assert "no item" in refused(log, KEY, AppealOpened("p2", "again", "i9"))
    assert log.add("a", KEY, AppealOpened("p2", "mine too", "i1")).appeals == ("p1", "p2")
    assert "not done by a key" in refused(log, KEY, AppealDecided("p1", upheld=True))
    assert "no open appeal" in refused(log, BEN, AppealDecided("p3", upheld=True))
    assert log.add("a", BEN, AppealDecided("p1", upheld=True)).state is CaseState.APPEALED
    case = log.add("a", BEN, AppealDecided("p2", upheld=True))
    assert (case.state, case.finding, case.appeals) == (CaseState.DECIDED, CONFIRMED, ())


def test_two_people_overturn_a_decision(log: Log) -> None:
    log.add("a", ANN, Decided(CONFIRMED))
    assert "while a case is appealed" in refused(log, ANN, Proposed(Grave.OVERTURN, "x", BENIGN))
    log.add("a", KEY, AppealOpened("p1", "mine"))
    assert "that is appealed" in refused(log, BEN, Decided(BENIGN))
    case = log.add("a", BEN, Proposed(Grave.OVERTURN, "x", BENIGN))
    assert case.state is CaseState.PROPOSED
    case = log.add("a", ANN, Approved(case.proposals[0].number))
    assert (case.state, case.finding, case.decided_by) == (CaseState.APPEALED, BENIGN, BEN)
    assert log.add("a", ANN, AppealDecided("p1", upheld=False)).state is CaseState.DECIDED


def agree(log: Log, action: Grave, *, item: str | None = None, hold: str | None = None) -> Case:
    number = log.add("a", ANN, Proposed(action, "x", item=item, hold=hold)).proposals[-1].number
    return log.add("a", BEN, Approved(number))


def test_media_is_destroyed_by_two_people_once(log: Log) -> None:
    gone = ItemDestroyed("i1", digest("i1"), "data key destroyed", "request")
    assert "two people" in refused(log, ANN, gone)
    log.add("a", ANN, Proposed(Grave.DESTROY, "x", item="i1"))
    assert "two people" in refused(log, ANN, gone)
    assert "asked for already" in refused(log, BEN, Proposed(Grave.DESTROY, "x", item="i1"))
    log.add("a", BEN, Approved(2))
    assert "asked for already" in refused(log, BEN, Proposed(Grave.DESTROY, "x", item="i1"))
    assert "not that of the item" in refused(log, ANN, replace(gone, sha256=digest("other")))
    assert "not done by a key" in refused(log, KEY, gone)
    case = log.add("a", SYSTEM, gone)
    assert case.items[0].destroyed
    assert case.approved == ()
    for body in (gone, Revealed("i1", "x"), ItemExported("i1", "e", media=True, reason="x")):
        assert "is destroyed" in refused(log, ANN, body)
    assert log.add("a", ANN, ItemExported("i1", "e", media=False, reason="x")).items[0].destroyed


def test_holds_and_preservation_protect_media(log: Log) -> None:
    gone = ItemDestroyed("i1", digest("i1"), "data key destroyed", "request")
    agree(log, Grave.DESTROY, item="i1")
    log.add("a", KEY, HoldPlaced("h1", "order 5"))
    agree(log, Grave.DESTROY, item="i1")
    assert "in force already" in refused(log, KEY, HoldPlaced("h1", "order 5"))
    assert "a hold is in force" in refused(log, ANN, gone)
    assert "two people" in refused(log, ANN, HoldLifted("h1", "over"))
    assert "no hold 'h2'" in refused(log, ANN, Proposed(Grave.LIFT_HOLD, "x", hold="h2"))
    agree(log, Grave.LIFT_HOLD, hold="h1")
    assert "a hold is in force" in refused(log, ANN, gone), "agreed is not lifted"
    assert log.add("a", ANN, HoldLifted("h1", "over")).holds == ()
    log.add("a", KEY, HoldPlaced("h1", "order 6", log.now + timedelta(days=1)))
    assert "two people" in refused(log, ANN, HoldLifted("h1", "over")), "an agreement serves once"
    agree(log, Grave.DESTROY, item="i1")
    log.add("a", SYSTEM, PreservationSet(log.now + timedelta(days=9), "one year"))
    log.add("a", SYSTEM, PreservationSet(log.now + timedelta(days=2), "shorter"))
    log.now += timedelta(days=8)
    assert "preserved until 2026-01-10" in refused(log, ANN, gone)
    log.now += timedelta(days=1)
    assert log.add("a", ANN, HoldLifted("h1", "it ended by itself")).holds == ()
    assert log.add("a", ANN, gone).items[0].destroyed


def test_a_hold_voids_what_was_agreed_before_it(log: Log) -> None:
    agree(log, Grave.DESTROY, item="i1")
    assert log.add("a", KEY, HoldPlaced("h1", "order 5")).approved == ()
    log.add("a", ANN, Proposed(Grave.DESTROY, "x", item="i1"))
    asked = log.add("a", ANN, Proposed(Grave.LIFT_HOLD, "x", hold="h1"))
    case = log.add("a", KEY, HoldPlaced("h2", "order 6"))
    assert [one.what.action for one in case.proposals] == [Grave.LIFT_HOLD]
    assert "no proposal that waits" in refused(log, BEN, Approved(asked.proposals[0].number))


def test_a_hold_that_comes_along_voids_it_too(log: Log) -> None:
    log.add("a", KEY, HoldPlaced("h1", "order 5"))
    log.add("b", KEY, Opened("gate"))
    log.add("b", KEY, added("i2"))
    number = log.add("b", ANN, Proposed(Grave.DESTROY, "x", item="i2")).proposals[0].number
    assert log.add("b", BEN, Approved(number)).approved != ()
    assert log.add("b", SYSTEM, absorbed(log.cases["a"])).approved == ()


def test_known_bytes_are_not_covered_by_what_denies_abuse() -> None:
    for finding, state in ((BENIGN, CaseState.OPEN), (CONFIRMED, CaseState.DECIDED)):
        log = Log()
        log.add("a", KEY, Opened("gate"))
        log.add("a", KEY, added("i1", Outcome.NEAR))
        log.add("a", ANN, Decided(finding))
        assert log.add("a", KEY, added("i2", Outcome.NEAR, content="i1")).state is CaseState.DECIDED
        assert log.add("a", KEY, added("i3")).state is state
    log = Log()
    log.add("a", KEY, Opened("gate"))
    log.add("a", KEY, added("i1", Outcome.NEAR))
    log.add("a", ANN, Decided(BENIGN))
    assert log.add("a", KEY, added("i2", content="i1")).state is CaseState.OPEN, "the bank has them only now"
    assert "two people" in refused(log, ANN, Decided(BENIGN))
    number = log.add("a", ANN, Proposed(Grave.DECIDE, "x", BENIGN)).proposals[0].number
    log.add("a", BEN, Approved(number))
    assert log.add("a", KEY, added("i3", content="i1")).state is CaseState.DECIDED, (
        "they were known when it was decided"
    )


@pytest.mark.parametrize(("here", "there"), [(CONFIRMED, BENIGN), (BENIGN, CONFIRMED)])
@pytest.mark.parametrize("alike", ["i1", "i2"])
def test_where_two_cases_become_one_on_which_people_found_otherwise_nothing_is_decided(
    log: Log, here: Finding, there: Finding, alike: str
) -> None:
    for name, item, finding in (("x", "i1", here), ("y", "i2", there)):
        log.add(name, KEY, Opened("gate"))
        log.add(name, KEY, added(item, content=alike if name == "y" else item))
        number = log.add(name, ANN, Proposed(Grave.DECIDE, "x", finding)).proposals[0].number
        assert log.add(name, BEN, Approved(number)).finding == finding
    moving = absorbed(log.cases["y"])
    assert moving.verdict is there.verdict
    log.add("y", SYSTEM, Merged("x"))
    case = log.add("x", SYSTEM, moving)
    assert (case.state, case.finding) == (CaseState.OPEN, None)


def test_what_waits_for_a_second_person_is_void_when_others_found_otherwise_of_what_joins(log: Log) -> None:
    log.add("x", KEY, Opened("gate"))
    log.add("x", KEY, added("i1", Outcome.KNOWN))
    log.add("x", ANN, Proposed(Grave.DECIDE, "x", CONFIRMED))
    log.add("y", KEY, Opened("gate"))
    log.add("y", KEY, added("i2", Outcome.KNOWN, content="i1"))
    number = log.add("y", ANN, Proposed(Grave.DECIDE, "x", BENIGN)).proposals[0].number
    moving = absorbed(log.add("y", BEN, Approved(number)))
    log.add("y", SYSTEM, Merged("x"))
    assert log.add("x", SYSTEM, moving).proposals == ()


def overturned(log: Log, case: str) -> Case:
    """A case with known bytes that two people found to be no abuse."""
    log.add(case, KEY, Opened("gate"))
    log.add(case, KEY, added(f"{case}1"))
    number = log.add(case, ANN, Proposed(Grave.DECIDE, "x", BENIGN)).proposals[0].number
    return log.add(case, BEN, Approved(number))


def merged(log: Log, one: str, into: str) -> Case:
    moving = absorbed(log.cases[one])
    log.add(one, SYSTEM, Merged(into))
    return log.add(into, SYSTEM, moving)


def test_what_people_found_is_not_lost_when_it_was_undone_before_a_merger(log: Log) -> None:
    log.add("c", KEY, Opened("gate"))
    log.add("c", KEY, added("c1"))
    log.add("c", ANN, Decided(CONFIRMED))
    assert overturned(log, "y").undone == frozenset()
    assert log.add("y", KEY, added("y2")).undone == {Verdict.NOT_ABUSE}
    assert "people have looked" in refused(log, SYSTEM, Decided(CONFIRMED, by_policy=True), "y")
    overturned(log, "x")
    case = log.add("x", KEY, added("x2"))
    assert (case.state, case.finding, case.undone) == (CaseState.OPEN, None, frozenset({Verdict.NOT_ABUSE}))
    case = merged(log, "y", "x")  # and it is passed on by a case that waits itself
    assert (case.state, case.undone) == (CaseState.OPEN, frozenset({Verdict.NOT_ABUSE}))
    case = merged(log, "x", "c")
    assert (case.state, case.finding) == (CaseState.OPEN, None)
    assert case.undone == {Verdict.NOT_ABUSE, Verdict.CONFIRMED}
    assert log.add("c", ANN, Decided(CONFIRMED)).undone == frozenset(), "somebody looked at all of it"


def test_what_waits_for_a_second_person_is_not_lost_in_a_merger(log: Log) -> None:
    for name in "xyz":
        log.add(name, KEY, Opened("gate"))
        log.add(name, KEY, added(f"{name}1"))
    log.add("x", ANN, Decided(CONFIRMED))
    log.add("y", ANN, Proposed(Grave.DECIDE, "looked", BENIGN))
    case = merged(log, "y", "x")
    assert (case.state, case.finding, case.undone) == (
        CaseState.OPEN,
        None,
        frozenset({Verdict.CONFIRMED, Verdict.NOT_ABUSE}),
    )
    log.add("z", ANN, Proposed(Grave.DECIDE, "looked", CONFIRMED))
    log.add("x", ANN, Decided(CONFIRMED))
    assert merged(log, "z", "x").state is CaseState.DECIDED, "nobody says otherwise"


def test_what_policy_alone_had_found_is_no_objection(log: Log) -> None:
    log.add("x", KEY, Opened("gate"))
    log.add("x", KEY, added("x1"))
    log.add("x", SYSTEM, Decided(CONFIRMED, by_policy=True))
    assert log.add("x", KEY, added("x2", Outcome.NEAR)).undone == frozenset()


def test_what_was_asked_for_and_undone_ends_with_the_appeal(log: Log) -> None:
    log.add("a", ANN, Decided(CONFIRMED))
    log.add("a", KEY, AppealOpened("p1", "mine"))
    log.add("a", ANN, Proposed(Grave.OVERTURN, "x", BENIGN))
    case = log.add("a", KEY, added("i2"))
    assert (case.state, case.proposals, case.undone) == (CaseState.APPEALED, (), frozenset({Verdict.NOT_ABUSE}))
    assert log.add("a", BEN, AppealDecided("p1", upheld=True)).undone == frozenset()


def test_mergers_that_earlier_versions_wrote_leave_what_they_left(log: Log) -> None:
    overturned(log, "y")
    log.add("y", KEY, added("y2"))
    log.add("x", KEY, Opened("gate"))
    log.add("x", KEY, added("x1"))
    log.add("x", ANN, Decided(CONFIRMED))
    moving = absorbed(log.cases["y"])
    assert moving.undone == (Verdict.NOT_ABUSE,)
    log.add("y", SYSTEM, Merged("x"))
    assert log.add("x", SYSTEM, replace(moving, undone=(), finding=None)).state is CaseState.DECIDED


@pytest.mark.parametrize(
    ("there", "stands"),
    [
        (replace(CONFIRMED, note="in other words"), True),
        (replace(CONFIRMED, classification=Classification.A1), False),
        (replace(CONFIRMED, real_victim=Answer.YES), False),
        (replace(CONFIRMED, artificialness=Artificialness.PARTIALLY_ALTERED), False),
    ],
)
def test_where_people_found_other_abuse_of_either_they_look_at_both(log: Log, there: Finding, stands: bool) -> None:
    for name, finding in (("x", CONFIRMED), ("y", there)):
        log.add(name, KEY, Opened("gate"))
        log.add(name, KEY, added(f"{name}1"))
        log.add(name, ANN, Decided(finding))
    case = merged(log, "y", "x")
    assert case.finding == (CONFIRMED if stands else None)
    assert case.undone == (frozenset() if stands else {Verdict.CONFIRMED})
    assert case.confirmed


def test_what_is_no_abuse_is_so_however_it_was_made(log: Log) -> None:
    for name, finding in (("x", BENIGN), ("y", replace(BENIGN, artificialness=Artificialness.FULLY_SYNTHETIC))):
        log.add(name, KEY, Opened("gate"))
        log.add(name, KEY, added(f"{name}1", Outcome.NEAR, "alike"))
        log.add(name, ANN, Decided(finding))
    assert merged(log, "y", "x").finding == BENIGN


def test_that_abuse_was_confirmed_is_not_forgotten(log: Log) -> None:
    assert not log.cases["a"].confirmed
    log.add("a", ANN, Decided(CONFIRMED))
    case = log.add("a", KEY, added("i2", Outcome.NEAR))
    assert (case.state, case.finding, case.confirmed) == (CaseState.OPEN, None, True)
    assert "two people" in refused(log, ANN, Decided(BENIGN))
    log.add("b", KEY, Opened("gate"))
    assert log.add("b", ANN, Decided(BENIGN)).confirmed is False
    assert log.add("b", SYSTEM, absorbed(case)).confirmed
    log.add("c", KEY, Opened("gate"))
    number = log.add("c", ANN, Proposed(Grave.DECIDE, "x", CONFIRMED)).proposals[0].number
    assert log.add("c", BEN, Approved(number)).confirmed


def test_nobody_agrees_to_what_was_asked_for_before_an_item_came(log: Log) -> None:
    number = log.add("a", ANN, Proposed(Grave.DECIDE, "x", CONFIRMED)).proposals[0].number
    assert log.add("a", KEY, added("i2")).state is CaseState.PROPOSED, "known bytes: it holds for them, too"
    case = log.add("a", KEY, added("i3", Outcome.NEAR))
    assert (case.state, case.proposals) == (CaseState.OPEN, ())
    assert "no proposal that waits" in refused(log, BEN, Approved(number))
    log.add("a", ANN, Decided(CONFIRMED))
    log.add("a", KEY, AppealOpened("p1", "mine"))
    log.add("a", BEN, Proposed(Grave.OVERTURN, "x", BENIGN))
    log.add("a", BEN, Proposed(Grave.DESTROY, "x", item="i1"))
    case = log.add("a", KEY, added("i4"))
    assert (case.state, case.finding) == (CaseState.APPEALED, CONFIRMED), "its denial was not about these known bytes"
    assert [one.what.action for one in case.proposals] == [Grave.DESTROY]
    log.add("a", BEN, Proposed(Grave.OVERTURN, "x", BENIGN))
    case = log.add("a", KEY, added("i5", Outcome.LEAD))
    assert (case.state, len(case.proposals), case.appeals) == (CaseState.OPEN, 1, ("p1",))


def test_who_looked_at_the_source_did_not_see_the_item(log: Log) -> None:
    assert log.add("a", ANN, Revealed("i1", "x", SOURCE)).viewed == frozenset()
    assert log.add("a", ANN, Revealed("i1", "x")).viewed == {"i1"}


def test_preservation_without_end_is_for_ever(log: Log) -> None:
    agree(log, Grave.DESTROY, item="i1")
    log.add("a", SYSTEM, PreservationSet(None, "open"))
    assert log.add("a", SYSTEM, PreservationSet(log.now, "less")).preserve_until == FOREVER
    assert "preserved" in refused(log, ANN, ItemDestroyed("i1", digest("i1"), "x", "x"))


def test_reveals_name_an_item_and_a_region(log: Log) -> None:
    assert "no item" in refused(log, ANN, Revealed("i2", "x"))
    assert "not done by a key" in refused(log, KEY, Revealed("i1", "x"))
    for region in ((0.5, 0.0, 0.5, 1.0), (0.0, 0.0, 1.0, 1.1), (float("nan"), 0.0, 1.0, 1.0)):
        assert "no part of a picture" in refused(log, ANN, Revealed("i1", "x", region=region))
    assert log.add("a", ANN, Revealed("i1", "x", region=(0.0, 0.0, 0.5, 0.5))).viewed == {"i1"}
    assert log.add("a", ANN, Hidden("i1", 2.5)).viewed == {"i1"}
    assert "the time is none" in refused(log, ANN, Hidden("i1", -1))


def test_merging_carries_items_and_what_protects_them(log: Log) -> None:
    log.add("a", ANN, Revealed("i1", "x"))
    log.add("a", ANN, HoldPlaced("h1", "order"))
    log.add("a", ANN, PreservationSet(None, "open"))
    log.add("a", ANN, Decided(CONFIRMED))
    log.add("a", KEY, AppealOpened("p1", "mine"))
    log.add("b", KEY, Opened("gate"))
    log.add("b", KEY, added("i2"))
    log.add("b", SYSTEM, Decided(CONFIRMED, by_policy=True))
    assert "are not the ones" in refused(log, SYSTEM, Absorbed("a", ("i1",)), "b")
    moving, before = absorbed(log.cases["a"]), log.cases["a"]
    assert log.add("a", SYSTEM, Merged("b")).state is CaseState.MERGED
    case = log.add("b", SYSTEM, moving)
    assert case.items[1] == before.items[0]
    assert (case.holds, case.preserve_until, sorted(case.viewed)) == (before.holds, FOREVER, ["i1"])
    assert case.state is CaseState.OPEN, "nobody decided on what came along"
    assert log.add("b", ANN, Decided(CONFIRMED)).state is CaseState.APPEALED
    assert "there already" in refused(log, SYSTEM, moving, "b")
    for body in (Noted("x"), Decided(BENIGN), Merged("c"), added("i5")):
        assert "that is merged" in refused(log, ANN, body)
    assert log.add("a", ANN, Hidden("i1", 2)).merged_into == "b"
    assert "another one" in refused(log, SYSTEM, Merged("b"), "b")


def test_the_service_has_a_chain_of_its_own(log: Log) -> None:
    assert "belongs to no case" in refused(log, ANN, ServiceEvent("key.made"))
    case = log.add(SERVICE_CASE, ANN, ServiceEvent("key.made"))
    assert (case.id, case.length, case.items, case.state) == (SERVICE_CASE, 1, (), CaseState.DECIDED)
    assert "only events of the service" in refused(log, ANN, Noted("x"), SERVICE_CASE)


def test_a_log_that_does_not_open_its_case_is_none(log: Log) -> None:
    with pytest.raises(TransitionError, match="does not open"):
        fold(log.of("a")[1:])
    with pytest.raises(ValueError, match="without events"):
        fold([])


def test_every_event_has_its_place() -> None:
    assert set(ALLOWED) | {Opened, ServiceEvent} == set(KINDS.values())


def test_keys_do_nothing_grave() -> None:
    """The table's promise about machines."""
    graves = {Revealed, Decided, Proposed, Approved, Rejected, ItemDestroyed, AppealDecided, HoldLifted}
    assert all(ActorKind.KEY not in ALLOWED[body][1] for body in graves)


@given(STEPS)
def test_no_history_breaks_what_always_holds(steps: list[tuple[Actor, Body, int]]) -> None:
    log = allowed_of(steps)
    events = log.of("a")
    case = fold(events[:1])
    for logged in events[1:]:
        before, case = case, apply(case, logged.event, logged.hash)
        body, actor = logged.event.body, logged.event.actor
        assert case.updated >= before.updated
        assert case.length == logged.event.seq + 1
        assert before.state is not CaseState.MERGED or isinstance(body, Hidden | ItemExported)
        assert before.preserve_until is None or (case.preserve_until or START) >= before.preserve_until
        assert {item.id for item in case.items} >= {item.id for item in before.items}
        assert case.viewed >= before.viewed
        assert case.confirmed >= before.confirmed
        if isinstance(body, Approved):
            asked = next(one for one in before.proposals if one.number == body.proposal)
            assert asked.by != actor, "two people"
        if isinstance(body, ItemDestroyed):
            answered = [one.event for one in events[: logged.event.seq] if isinstance(one.event.body, Approved)]
            assert any(
                isinstance(wanted := events[one.body.proposal].event.body, Proposed)
                and (wanted.action, wanted.item) == (Grave.DESTROY, body.item)
                for one in answered
                if isinstance(one.body, Approved)
            )
            assert before.preserve_until is None or before.preserve_until <= logged.event.at
            assert all(hold.until is not None and hold.until <= logged.event.at for hold in before.holds)
    assert case == log.cases["a"] == fold(events)
    if case.state not in {CaseState.PROPOSED, CaseState.MERGED}:
        assert (case.finding is None) == (case.state is CaseState.OPEN)
    assert case.finding is None or case.finding.verdict is not Verdict.UNSURE
    assert case.decided_by is None or case.decided_by.kind is ActorKind.USER
    assert not case.by_policy or all(
        item.outcome is Outcome.KNOWN or any(item.sha256 == one.sha256 for one in case.items if one is not item)
        for item in case.items
    )
    assert len({item.id for item in case.items}) == len(case.items)


@given(STEPS)
def test_the_fold_is_total_over_what_a_log_could_hold(steps: list[tuple[Actor, Body, int]]) -> None:
    """Also a log that somebody forged folds to something: saying what is wrong with it is for others."""
    log = Log()
    log.force("a", SYSTEM, Opened("x"))
    for actor, body, days in steps:
        log.now += timedelta(days=days)
        case = log.force("a", actor, body)
        assert len({item.id for item in case.items}) == len(case.items)
    assert fold(log.entries) == log.cases["a"]


def _places_a_hold(body: Body) -> bool:
    return isinstance(body, HoldPlaced) or (isinstance(body, Absorbed) and bool(body.holds))


@given(STEPS, st.integers(-9, 9))
def test_the_slow_way_to_what_is_left_of_a_case(steps: list[tuple[Actor, Body, int]], days: int) -> None:
    """Oracles by looking at the whole history at once, where that is the obvious way."""
    events = [logged.event for logged in allowed_of(steps).of("a")]
    case = allowed_of(steps).cases["a"]
    bodies = [event.body for event in events]
    assert case.viewed == {body.item for body in bodies if isinstance(body, Revealed) and body.what == "item"} | {
        item for body in bodies if isinstance(body, Absorbed) for item in body.viewed
    }
    ends = [body.until or FOREVER for body in bodies if isinstance(body, PreservationSet)]
    ends += [body.preserve_until for body in bodies if isinstance(body, Absorbed) and body.preserve_until]
    assert case.preserve_until == max(ends, default=None)
    assert {item.id for item in case.items if item.destroyed} == {
        body.item for body in bodies if isinstance(body, ItemDestroyed)
    }
    answered = {body.proposal for body in bodies if isinstance(body, Approved | Rejected)}
    held = [event.seq for event in events if _places_a_hold(event.body)]
    waiting = {
        event.seq: event.body
        for event in events
        if isinstance(event.body, Proposed) and event.seq not in answered
        if event.body.action is not Grave.DESTROY or max(held, default=-1) < event.seq
    }
    came = [event.seq for event in events if isinstance(event.body, ItemAdded | Absorbed)]
    left = {one.number for one in case.proposals}
    assert left <= set(waiting)
    assert all(
        body.action in DECISIONS and number < max(came) for number, body in waiting.items() if number not in left
    )
    assert case.confirmed >= (case.finding is not None and case.finding.verdict is Verdict.CONFIRMED)
    now = START + timedelta(days=days)
    if case.items:
        allowed = True
        try:
            check(case, Revealed(case.items[0].id, "x"), ANN, now)
        except TransitionError:
            allowed = False
        assert allowed == (case.state is not CaseState.MERGED and not case.items[0].destroyed)


@pytest.mark.parametrize(
    ("owed", "first"),
    [
        ([], None),
        ([(DutyKind.PRESERVE, START)], FOREVER),
        ([(DutyKind.PRESERVE, START), (DutyKind.REMOVE, None)], SOMETIME),
        ([(DutyKind.PRESERVE, START), (DutyKind.REMOVE, None), (DutyKind.REPORT, START + timedelta(days=9))], 9),
    ],
)
def test_what_is_only_to_be_kept_is_never_due(
    log: Log, owed: list[tuple[DutyKind, datetime | None]], first: datetime | int | None
) -> None:
    for kind, due in owed:
        known = ("us", "us.rule", kind, "title", "to", START, due, "words", "basis", "url", "")
        log.add("a", SYSTEM, DutyArose(Duty(str(kind), *known, drives=True)))
    assert first_due(log.cases["a"]) == (START + timedelta(days=first) if isinstance(first, int) else first)
    assert SOMETIME < FOREVER
