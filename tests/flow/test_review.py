"""Review over a store in memory: claims, looks, decisions by one and by two, appeals, grave actions."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from safelight.case.fold import absorbed
from safelight.flow.carry_out import carry_out
from safelight.flow.review import Review
from safelight.flow.review_history import Axes, Weighed, weighed
from safelight.flow.review_rules import LEASE, SENIOR, Look, answerable
from safelight.flow.wellness import LONGEST, SHORTEST, Exposure, Limits, check
from safelight.model.access import SYSTEM, Actor, ActorKind, Principal, Role, granted
from safelight.model.assessment import Artificialness
from safelight.model.case import (
    SOURCE,
    Answer,
    Body,
    Case,
    CaseState,
    Classification,
    Decided,
    Draft,
    DutyArose,
    DutyMet,
    Finding,
    Grave,
    Hidden,
    ItemAdded,
    ItemDestroyed,
    Merged,
    Opened,
    Proposed,
    Rejected,
    Revealed,
    Routed,
    Verdict,
)
from safelight.model.decision import Outcome
from safelight.model.errors import ConflictError, ForbiddenError, NotNowError, TransitionError
from safelight.model.law import Duty, DutyKind
from tests.contract.memory_case_store import MemoryCaseStore
from tests.fakes import FakeClock

LIMITS = Limits(day=1800, stretch=300, rest=600)
CONFIRMED = Finding(Verdict.CONFIRMED, Classification.B2)
NOT_ABUSE = Finding(Verdict.NOT_ABUSE)


class MemoryClaims:
    def __init__(self) -> None:
        self.kept: dict[str, tuple[str, datetime]] = {}

    def take(self, case: str, person: str, now: datetime, until: datetime) -> bool:
        if self.holders(now).get(case, person) != person:
            return False
        self.kept[case] = person, until
        return True

    def drop(self, person: str, case: str | None = None) -> None:
        self.kept = {one: held for one, held in self.kept.items() if held[0] != person or case not in {None, one}}

    def holders(self, now: datetime) -> dict[str, str]:
        return {case: person for case, (person, until) in self.kept.items() if until > now}


class MemoryExposures:
    def __init__(self) -> None:
        self.looks: dict[str, tuple[str, str, str, datetime, float | None]] = {}
        self.pauses: set[str] = set()

    def lock(self, person: str) -> None:
        """Nobody else is here."""

    def begin(self, person: str, case: str, item: str, at: datetime) -> str:
        self.looks[str(len(self.looks))] = person, case, item, at, None
        return str(len(self.looks) - 1)

    def shown(self, look: str, person: str, at: datetime) -> None:
        if look in self.unended(person):
            who, case, item, _, _ = self.looks[look]
            self.looks[look] = who, case, item, at, None

    def end(self, look: str, person: str, at: datetime) -> tuple[str, str, float] | None:
        if look not in self.unended(person):
            return None
        _, case, item, started, _ = self.looks[look]
        seconds = min((at - started).total_seconds(), LONGEST)
        self.looks[look] = person, case, item, started, seconds
        return case, item, seconds

    def unended(self, person: str) -> list[str]:
        return [look for look, one in self.looks.items() if one[0] == person and one[4] is None]

    def since(self, person: str, after: datetime, now: datetime) -> list[Exposure]:
        return [
            Exposure(at, min((now - at).total_seconds(), LONGEST) if seconds is None else seconds)
            for who, _, _, at, seconds in self.looks.values()
            if who == person and at > after
        ]

    def paused(self, person: str) -> bool:
        return person in self.pauses

    def pause(self, person: str, at: datetime | None) -> None:
        (self.pauses.discard if at is None else self.pauses.add)(person)


class Numbers:
    def __init__(self) -> None:
        self.given = 0

    def new(self) -> str:
        self.given += 1
        return f"id-{self.given}"


class Vault:
    def __init__(self) -> None:
        self.destroyed: list[str] = []

    def lock(self, blob: str) -> None:
        """Nobody else is here."""

    def destroy(self, blob: str) -> None:
        self.destroyed.append(blob)


def person(number: int, *roles: Role) -> Principal:
    return Principal(Actor(ActorKind.USER, str(number)), granted(roles))


ROSA, RUDI = person(1, Role.REVIEWER), person(2, Role.REVIEWER)
SAMI, SVEN = person(3, Role.SENIOR), person(4, Role.SENIOR)
LENA, OTTO = person(5, Role.LEAD), person(6, Role.LEAD)
AUDITOR = person(7, Role.AUDITOR)


class Desk:
    """A store with one case of two items, and review over it."""

    def __init__(self, second_review: str = "confirmed") -> None:
        self.clock = FakeClock()
        self.store = MemoryCaseStore(self.clock)
        self.claims, self.exposures = MemoryClaims(), MemoryExposures()
        self.review = Review(
            self.store,
            self.claims,
            self.exposures,
            self.clock,
            Numbers(),
            LIMITS,
            second_review,
        )
        self.add("c1", Outcome.DERIVED, Outcome.KNOWN)

    def add(self, case: str, *outcomes: Outcome, priority: int = 0, queue: str = "default") -> None:
        items = [
            ItemAdded(f"{case}-{n}", f"{n:064x}", 5, "image/jpeg", "items", outcome, "why", blob=f"blob-{n}")
            for n, outcome in enumerate(outcomes)
        ]
        bodies: list[Body] = [Opened("why", priority, queue, family=case), *items]
        self.store.append([Draft(case, SYSTEM, body) for body in bodies])

    def merge(self, into: str) -> None:
        moving = absorbed(self.case)
        self.store.append([Draft("c1", SYSTEM, Merged(into))])
        self.store.append([Draft(into, SYSTEM, moving)])

    @property
    def case(self) -> Case:
        return self.store.case("c1")

    def bodies(self, kind: type) -> list[object]:
        return [one.event.body for one in self.store.events("c1") if isinstance(one.event.body, kind)]

    def decided(self) -> None:
        self.review.claim(ROSA, "c1")
        self.review.decide(ROSA, "c1", self.case.length, CONFIRMED)
        self.review.claim(SAMI, "c1")
        self.review.decide_second(SAMI, "c1", self.case.length, self.case.proposals[0].number, CONFIRMED)


@pytest.fixture
def desk() -> Desk:
    return Desk()


# Claims


def test_one_case_is_one_persons_until_the_lease_ends(desk: Desk) -> None:
    assert desk.review.claim_next(ROSA) is not None
    assert desk.review.claim_next(RUDI) is None
    with pytest.raises(NotNowError, match="colleague"):
        desk.review.claim(RUDI, "c1")
    desk.clock.time += LEASE
    desk.review.claim(RUDI, "c1")
    with pytest.raises(NotNowError, match="any more"):
        desk.review.decide(ROSA, "c1", desk.case.length, NOT_ABUSE)


def test_the_most_urgent_comes_first_and_the_senior_queue_is_for_seniors(desk: Desk) -> None:
    desk.add("c2", Outcome.NEAR, priority=9, queue=SENIOR)
    desk.add("c3", Outcome.NEAR, priority=5)
    assert [case.id for case in desk.review.waiting(ROSA)] == ["c3", "c1"]
    assert [case.id for case in desk.review.waiting(SAMI)] == ["c2", "c3", "c1"]
    with pytest.raises(ForbiddenError):
        desk.review.claim(ROSA, "c2")
    with pytest.raises(ForbiddenError):
        desk.review.claim(AUDITOR, "c1")


def test_what_the_law_still_wants_a_report_on_comes_before_what_is_more_urgent(desk: Desk) -> None:
    desk.add("c2", Outcome.DERIVED, priority=9)
    desk.add("c3", Outcome.NEAR, priority=5)
    at = desk.clock.time
    report = Duty("d1", "us", "r", DutyKind.REPORT, "t", "NCMEC", at, None, "soon", "b", "s", "2026", drives=True)
    kept = replace(report, id="d2", kind=DutyKind.PRESERVE)
    desk.store.append([Draft("c3", SYSTEM, DutyArose(kept)), Draft("c1", SYSTEM, DutyArose(report))])
    assert [case.id for case in desk.review.waiting(ROSA)] == ["c1", "c2", "c3"]
    desk.store.append([Draft("c1", SYSTEM, DutyMet("d1", "filing:f1"))])
    assert [case.id for case in desk.review.waiting(ROSA)] == ["c2", "c3", "c1"]


def test_reviewers_take_on_what_waits_and_nothing_else(desk: Desk) -> None:
    desk.review.claim(ROSA, "c1")
    desk.review.decide(ROSA, "c1", desk.case.length, CONFIRMED)
    desk.add("c2", Outcome.NEAR)
    desk.review.claim(ROSA, "c2")
    desk.review.decide(ROSA, "c2", 2, NOT_ABUSE)
    for _ in ("decided", "appealed"):
        for who in (ROSA, RUDI):
            with pytest.raises(ForbiddenError):
                desk.review.claim(who, "c1")
            with pytest.raises(ForbiddenError):
                desk.review.claim(who, "c2")
        desk.review.open_appeal(RUDI, "c2", desk.store.case("c2").length, "look again")
    desk.review.claim(SAMI, "c1")
    desk.review.claim(SAMI, "c2")


def test_a_claim_from_before_is_of_no_use_in_the_senior_queue(desk: Desk) -> None:
    desk.review.claim(ROSA, "c1")
    desk.store.append([Draft("c1", SYSTEM, Routed(SENIOR, 0))])
    with pytest.raises(ForbiddenError):
        desk.review.reveal(ROSA, "c1", Look("c1-0", "because"))
    with pytest.raises(ForbiddenError):
        desk.review.decide(ROSA, "c1", desk.case.length, NOT_ABUSE)


def test_a_pause_gives_all_back_and_covers_all(desk: Desk) -> None:
    desk.review.claim(ROSA, "c1")
    desk.review.reveal(ROSA, "c1", Look("c1-0", "because"))
    desk.review.pause(ROSA, on=True)
    assert desk.claims.kept == {}
    assert len(desk.bodies(Hidden)) == 1
    with pytest.raises(NotNowError, match="paused"):
        desk.review.claim(ROSA, "c1")
    desk.review.pause(ROSA, on=False)
    assert desk.review.claim(ROSA, "c1").id == "c1"


# Seeing


def test_a_look_is_in_the_log_before_and_its_seconds_after(desk: Desk) -> None:
    desk.review.claim(ROSA, "c1")
    look = desk.review.reveal(ROSA, "c1", Look("c1-0", " because ", "item", (0.0, 0.0, 0.5, 0.5), ("grey",)))
    assert desk.bodies(Revealed) == [Revealed("c1-0", "because", "item", (0.0, 0.0, 0.5, 0.5), ("grey",))]
    assert look.seconds == LONGEST
    desk.clock.time += timedelta(seconds=7)
    assert desk.review.hide(ROSA, look.id) == pytest.approx(8, abs=2)
    assert len(desk.bodies(Hidden)) == 1
    assert desk.review.hide(ROSA, look.id) == 0
    assert len(desk.bodies(Hidden)) == 1


def test_no_end_heard_counts_as_the_longest_and_a_new_look_ends_it(desk: Desk) -> None:
    desk.review.claim(ROSA, "c1")
    desk.review.reveal(ROSA, "c1", Look("c1-0", "because"))
    desk.clock.time += timedelta(minutes=20)
    desk.review.reveal(ROSA, "c1", Look("c1-0", "because"))
    assert desk.bodies(Hidden) == [Hidden("c1-0", LONGEST)]


def test_seconds_count_from_when_pixels_are_sent(desk: Desk) -> None:
    desk.review.claim(ROSA, "c1")
    look = desk.review.reveal(ROSA, "c1", Look("c1-0", "because"))
    desk.clock.time += timedelta(seconds=20)  # it is decoded
    desk.review.shown(RUDI, look.id)
    desk.review.shown(ROSA, look.id)
    desk.clock.time += timedelta(seconds=3)
    assert desk.review.hide(ROSA, look.id) == pytest.approx(4, abs=1.5)


def test_nobody_ends_the_look_of_another(desk: Desk) -> None:
    desk.review.claim(ROSA, "c1")
    look = desk.review.reveal(ROSA, "c1", Look("c1-0", "because"))
    assert desk.review.hide(RUDI, look.id) == 0
    assert desk.bodies(Hidden) == []


@pytest.mark.parametrize(("item", "reason", "said"), [("c1-0", "  ", "Say why"), ("c1-1", "because", "known item")])
def test_what_is_not_shown(desk: Desk, item: str, reason: str, said: str) -> None:
    desk.review.claim(ROSA, "c1")
    with pytest.raises(NotNowError, match=said):
        desk.review.reveal(ROSA, "c1", Look(item, reason))
    assert desk.bodies(Revealed) == []


def test_who_may_not_sees_nothing_and_learns_nothing(desk: Desk) -> None:
    with pytest.raises(ForbiddenError):
        desk.review.reveal(AUDITOR, "c1", Look("c1-0", "because"))
    with pytest.raises(NotNowError, match="any more"):
        desk.review.reveal(ROSA, "c1", Look("c1-0", "because"))
    desk.review.claim(ROSA, "c1")
    with pytest.raises(ForbiddenError):
        desk.review.reveal(ROSA, "c1", Look("c2-0", "because"))


def test_after_enough_there_is_a_break(desk: Desk) -> None:
    desk.review.claim(ROSA, "c1")
    for _ in range(5):
        look = desk.review.reveal(ROSA, "c1", Look("c1-0", "because"))
        desk.clock.time += timedelta(seconds=LONGEST)
        desk.review.hide(ROSA, look.id)
    with pytest.raises(NotNowError, match="break"):
        desk.review.reveal(ROSA, "c1", Look("c1-0", "because"))


def test_looks_in_a_blink_end_in_a_break(desk: Desk) -> None:
    desk.review.claim(ROSA, "c1")
    desk.clock.time += timedelta(days=1)
    desk.review.claim(ROSA, "c1")
    begun = desk.clock.time
    for _ in range(int(LIMITS.stretch / SHORTEST)):
        desk.review.hide(ROSA, desk.review.reveal(ROSA, "c1", Look("c1-0", "because")).id)
        desk.clock.time = begun
    with pytest.raises(NotNowError, match="break"):
        desk.review.reveal(ROSA, "c1", Look("c1-0", "because"))


def test_an_export_with_media_is_a_look_at_each_item(desk: Desk) -> None:
    with pytest.raises(NotNowError, match="any more"):
        desk.review.take_out(LENA, "c1")
    desk.review.claim(LENA, "c1")
    desk.review.take_out(LENA, "c1")
    found = check(str(LENA.actor), desk.exposures, LIMITS, desk.clock.time)
    assert (found.looks, found.seconds) == (2, 2 * SHORTEST)
    for _ in range(int(LIMITS.stretch / (2 * SHORTEST)) - 1):
        desk.review.take_out(LENA, "c1")
    with pytest.raises(NotNowError, match="break"):
        desk.review.take_out(LENA, "c1")
    for nobody in (ROSA, AUDITOR):
        with pytest.raises(ForbiddenError):
            desk.review.take_out(nobody, "c1")


def test_nothing_is_taken_out_in_a_pause(desk: Desk) -> None:
    desk.review.claim(LENA, "c1")
    desk.exposures.pause(str(LENA.actor), desk.clock.time)
    with pytest.raises(NotNowError, match="paused"):
        desk.review.take_out(LENA, "c1")


def test_who_saw_the_source_kept_the_item_for_others(desk: Desk) -> None:
    desk.review.claim(ROSA, "c1")
    desk.review.reveal(ROSA, "c1", Look("c1-0", "to compare", SOURCE))
    desk.review.release(ROSA, "c1")
    desk.review.claim(RUDI, "c1")
    assert desk.review.reveal(RUDI, "c1", Look("c1-0", "because")).seconds > 0


def test_what_one_has_seen_is_not_shown_to_another_unless_asked(desk: Desk) -> None:
    desk.review.claim(ROSA, "c1")
    desk.review.reveal(ROSA, "c1", Look("c1-0", "because"))
    desk.review.release(ROSA, "c1")
    desk.review.claim(SAMI, "c1")
    with pytest.raises(NotNowError, match="colleague has seen"):
        desk.review.reveal(SAMI, "c1", Look("c1-0", "because"))
    desk.store.append([Draft("c1", SYSTEM, Routed("default", 5, "a stronger find joined"))])
    with pytest.raises(NotNowError, match="colleague has seen"):
        desk.review.reveal(SAMI, "c1", Look("c1-0", "because"))
    desk.review.route(SAMI, "c1", desk.case.length, SENIOR, 0, "look again")
    desk.review.claim(SAMI, "c1")
    assert desk.review.reveal(SAMI, "c1", Look("c1-0", "because")).seconds > 0


# Deciding


def test_one_decides_what_is_not_abuse_and_two_what_is(desk: Desk) -> None:
    desk.review.claim(ROSA, "c1")
    after = desk.review.decide(ROSA, "c1", desk.case.length, CONFIRMED)
    assert after.state is CaseState.PROPOSED
    assert answerable(ROSA, after) == []
    number = after.proposals[0].number
    with pytest.raises(ForbiddenError):
        desk.review.decide_second(RUDI, "c1", after.length, number, CONFIRMED)
    decided, first = desk.review.decide_second(SAMI, "c1", after.length, number, CONFIRMED)
    assert (decided.state, decided.decided_by, first) == (CaseState.DECIDED, ROSA.actor, CONFIRMED)

    desk.add("c2", Outcome.NEAR)
    desk.review.claim(ROSA, "c2")
    alone = desk.review.decide(ROSA, "c2", desk.store.case("c2").length, NOT_ABUSE)
    assert alone.state is CaseState.DECIDED


def test_policy_says_which_decisions_are_made_twice() -> None:
    for policy, state in (("all", CaseState.PROPOSED), ("none", CaseState.DECIDED)):
        desk = Desk(policy)
        desk.add("c2", Outcome.NEAR)
        desk.review.claim(ROSA, "c2")
        finding = NOT_ABUSE if policy == "all" else CONFIRMED
        assert desk.review.decide(ROSA, "c2", 2, finding).state is state


def test_a_decision_is_one_over_all_items(desk: Desk) -> None:
    desk.add("c2", Outcome.NEAR, Outcome.DERIVED)
    desk.review.claim(ROSA, "c2")
    desk.review.decide(ROSA, "c2", 3, NOT_ABUSE)
    assert desk.store.events("c2")[-1].event.body == Decided(NOT_ABUSE, bulk=True)


def test_the_second_is_never_the_first(desk: Desk) -> None:
    desk.review.claim(SAMI, "c1")
    after = desk.review.decide(SAMI, "c1", desk.case.length, CONFIRMED)
    with pytest.raises(TransitionError, match="yourself"):
        desk.review.decide_second(SAMI, "c1", after.length, after.proposals[0].number, CONFIRMED)


ALTERED = replace(CONFIRMED, artificialness=Artificialness.PARTIALLY_ALTERED, real_victim=Answer.YES)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (CONFIRMED, replace(CONFIRMED, classification=Classification.B1)),
        (ALTERED, replace(ALTERED, artificialness=Artificialness.CAMERA_ORIGINAL)),
        (ALTERED, replace(ALTERED, real_victim=Answer.NO)),
    ],
)
def test_two_who_differ_send_it_to_the_seniors(desk: Desk, one: Finding, other: Finding) -> None:
    desk.review.claim(ROSA, "c1")
    after = desk.review.decide(ROSA, "c1", desk.case.length, one)
    again, first = desk.review.decide_second(SAMI, "c1", after.length, after.proposals[0].number, other)
    assert (again.state, again.queue, first) == (CaseState.OPEN, SENIOR, one)
    [why] = [logged.event.body.note for logged in desk.store.events("c1") if isinstance(logged.event.body, Rejected)]
    assert f"{other.classification}, made {other.artificialness}, a real victim {other.real_victim}" in why


@pytest.mark.parametrize(("one", "other"), [(ALTERED, CONFIRMED), (CONFIRMED, ALTERED), (ALTERED, ALTERED)])
def test_who_does_not_know_how_it_was_made_contradicts_nobody_in_that(desk: Desk, one: Finding, other: Finding) -> None:
    desk.review.claim(ROSA, "c1")
    after = desk.review.decide(ROSA, "c1", desk.case.length, one)
    decided, _ = desk.review.decide_second(SAMI, "c1", after.length, after.proposals[0].number, other)
    assert decided.finding == one


@pytest.mark.parametrize(("one", "other"), [(ALTERED, CONFIRMED), (CONFIRMED, ALTERED), (ALTERED, ALTERED)])
def test_the_log_tells_who_of_two_said_how_it_was_made(desk: Desk, one: Finding, other: Finding) -> None:
    desk.review.claim(ROSA, "c1")
    after = desk.review.decide(ROSA, "c1", desk.case.length, one)
    assert weighed(after, desk.store.events(after.id)) is None
    decided, _ = desk.review.decide_second(SAMI, "c1", after.length, after.proposals[0].number, other)
    first, second = (Axes(found.artificialness, found.real_victim) for found in (one, other))
    assert weighed(decided, desk.store.events(decided.id)) == Weighed(first, second, two=True)
    assert decided.finding == one  # it adds to the record, and changes nothing that stands


def test_of_one_person_nothing_is_said_by_two(desk: Desk) -> None:
    desk.add("c2", Outcome.NEAR)
    desk.review.claim(ROSA, "c2")
    decided = desk.review.decide(ROSA, "c2", 2, replace(NOT_ABUSE, artificialness=Artificialness.FULLY_SYNTHETIC))
    said = weighed(decided, desk.store.events(decided.id))
    assert said == Weighed(Axes(Artificialness.FULLY_SYNTHETIC, Answer.UNKNOWN))


def test_who_is_unsure_asks_a_senior(desk: Desk) -> None:
    desk.review.claim(ROSA, "c1")
    after = desk.review.decide(ROSA, "c1", desk.case.length, Finding(Verdict.UNSURE))
    assert (after.state, after.queue) == (CaseState.OPEN, SENIOR)
    assert desk.review.claim_next(ROSA) is None
    assert desk.review.claim_next(SAMI) is not None


def test_a_page_that_is_stale_changes_nothing_but_looks_do_not_make_it_so(desk: Desk) -> None:
    desk.review.claim(ROSA, "c1")
    page = desk.case.length
    desk.review.hide(ROSA, desk.review.reveal(ROSA, "c1", Look("c1-0", "because")).id)
    desk.store.append([Draft("c1", SYSTEM, ItemAdded("new", "f" * 64, 5, "", "items", Outcome.NEAR, "why"))])
    with pytest.raises(ConflictError):
        desk.review.decide(ROSA, "c1", page, NOT_ABUSE)
    page = desk.case.length
    desk.review.hide(ROSA, desk.review.reveal(ROSA, "c1", Look("c1-0", "because")).id)
    assert desk.review.decide(ROSA, "c1", page, NOT_ABUSE).state is CaseState.PROPOSED


@pytest.mark.parametrize("expect", [-1, 0, 99])
def test_a_length_that_cannot_be_is_stale(desk: Desk, expect: int) -> None:
    desk.review.claim(ROSA, "c1")
    with pytest.raises(ConflictError):
        desk.review.decide(ROSA, "c1", expect, NOT_ABUSE)


@pytest.mark.parametrize("policy", ["none", "confirmed"])
def test_nobody_decides_on_known_bytes_alone(policy: str) -> None:
    for finding in (CONFIRMED, NOT_ABUSE):
        desk = Desk(policy)
        desk.review.claim(ROSA, "c1")
        assert desk.review.decide(ROSA, "c1", desk.case.length, finding).state is CaseState.PROPOSED


def test_nobody_undoes_alone_what_was_confirmed(desk: Desk) -> None:
    desk.add("c2", Outcome.NEAR)
    desk.store.append([Draft("c2", ROSA.actor, Proposed(Grave.DECIDE, "why", CONFIRMED))])
    desk.review.decide_second(SAMI, "c2", 3, 2, CONFIRMED)
    lead = ItemAdded("new", "f" * 64, 5, "", "gate", Outcome.LEAD, "why")
    desk.store.append([Draft("c2", SYSTEM, lead)])
    desk.review.claim(RUDI, "c2")
    asked = desk.review.decide(RUDI, "c2", 6, NOT_ABUSE)
    assert (asked.state, asked.finding) == (CaseState.PROPOSED, None)
    assert desk.review.decide_second(SVEN, "c2", 7, 6, NOT_ABUSE)[0].finding == NOT_ABUSE


def test_known_bytes_in_a_case_that_was_not_abuse_come_back_to_two_people(desk: Desk) -> None:
    desk.add("c2", Outcome.NEAR)
    desk.review.claim(ROSA, "c2")
    desk.review.decide(ROSA, "c2", 2, NOT_ABUSE)
    known = ItemAdded("new", "f" * 64, 5, "", "gate", Outcome.KNOWN, "exact")
    desk.store.append([Draft("c2", SYSTEM, known)])
    assert "c2" in [case.id for case in desk.review.waiting(ROSA)]
    desk.review.claim(ROSA, "c2")
    assert desk.review.decide(ROSA, "c2", 4, NOT_ABUSE).state is CaseState.PROPOSED


def test_what_one_found_is_not_undone_by_one_when_an_item_comes(desk: Desk) -> None:
    desk.add("c2", Outcome.NEAR)
    desk.review.claim(ROSA, "c2")
    desk.review.decide(ROSA, "c2", 2, CONFIRMED)
    near = ItemAdded("new", "f" * 64, 5, "", "gate", Outcome.NEAR, "why")
    desk.store.append([Draft("c2", SYSTEM, near)])
    with pytest.raises(TransitionError):
        desk.review.decide_second(SAMI, "c2", 4, 2, CONFIRMED)
    desk.review.claim(RUDI, "c2")
    assert desk.review.decide(RUDI, "c2", 4, NOT_ABUSE).state is CaseState.PROPOSED


def test_two_who_differed_leave_it_to_two_others(desk: Desk) -> None:
    desk.add("c2", Outcome.NEAR)
    desk.review.claim(SVEN, "c2")
    desk.review.decide(SVEN, "c2", 2, CONFIRMED)
    desk.review.decide_second(SAMI, "c2", 3, 2, NOT_ABUSE)
    for who in (SVEN, SAMI):
        with pytest.raises(NotNowError, match="differently"):
            desk.review.claim(who, "c2")
        desk.claims.take("c2", str(who.actor), desk.clock.time, desk.clock.time + LEASE)
        with pytest.raises(NotNowError, match="differently"):
            desk.review.decide(who, "c2", 5, NOT_ABUSE)
        desk.review.release(who, "c2")
    desk.claims.take("c2", str(RUDI.actor), desk.clock.time, desk.clock.time + LEASE)
    with pytest.raises(ForbiddenError):
        desk.review.decide(RUDI, "c2", 5, NOT_ABUSE)
    desk.review.release(RUDI, "c2")
    desk.review.claim(LENA, "c2")
    assert desk.review.decide(LENA, "c2", 5, NOT_ABUSE).state is CaseState.PROPOSED
    assert desk.review.claim_next(SAMI) != desk.store.case("c2")


# Appeals


def test_an_appeal_is_answered_by_somebody_who_had_no_part(desk: Desk) -> None:
    desk.decided()
    appeal = desk.review.open_appeal(ROSA, "c1", desk.case.length, "it is a drawing")
    for part in (ROSA, SAMI):
        with pytest.raises((ForbiddenError, NotNowError)):
            desk.review.uphold(part, "c1", desk.case.length, appeal, "no")
    assert desk.review.uphold(SVEN, "c1", desk.case.length, appeal, "it stands").state is CaseState.DECIDED


def test_two_overturn_a_decision_and_that_answers_the_appeal(desk: Desk) -> None:
    desk.decided()
    appeal = desk.review.open_appeal(ROSA, "c1", desk.case.length, "it is a drawing")
    asked = desk.review.overturn(SVEN, "c1", desk.case.length, appeal, NOT_ABUSE, "it is one")
    assert asked.state is CaseState.PROPOSED
    after = desk.review.answer(LENA, "c1", asked.length, asked.proposals[0].number, approve=True)
    assert (after.state, after.finding, after.appeals) == (CaseState.DECIDED, NOT_ABUSE, ())


def test_nobody_keeps_the_own_decision_from_being_overturned(desk: Desk) -> None:
    desk.decided()
    appeal = desk.review.open_appeal(RUDI, "c1", desk.case.length, "it is a drawing")
    asked = desk.review.overturn(SVEN, "c1", desk.case.length, appeal, NOT_ABUSE, "it is one")
    for approve in (True, False):
        with pytest.raises(NotNowError, match="part in this decision"):
            desk.review.answer(SAMI, "c1", asked.length, asked.proposals[0].number, approve=approve)
    left = desk.review.answer(LENA, "c1", asked.length, asked.proposals[0].number, approve=False)
    assert desk.review.uphold(LENA, "c1", left.length, appeal, "it stands").state is CaseState.DECIDED


def test_who_decided_is_known_after_a_merger(desk: Desk) -> None:
    desk.decided()
    appeal = desk.review.open_appeal(RUDI, "c1", desk.case.length, "it is a drawing")
    desk.add("c0", Outcome.KNOWN)
    desk.store.append([Draft("c0", SYSTEM, Decided(CONFIRMED, by_policy=True))])
    desk.merge("c0")
    for part in (ROSA, SAMI):
        with pytest.raises((ForbiddenError, NotNowError)):
            desk.review.uphold(part, "c0", 4, appeal, "it stands")
    assert desk.review.uphold(SVEN, "c0", 4, appeal, "it stands").state is CaseState.DECIDED


def test_who_saw_what_is_known_after_a_merger(desk: Desk) -> None:
    desk.review.claim(ROSA, "c1")
    desk.review.reveal(ROSA, "c1", Look("c1-0", "because"))
    desk.add("c0", Outcome.NEAR)
    desk.merge("c0")
    desk.review.claim(RUDI, "c0")
    with pytest.raises(NotNowError, match="colleague has seen"):
        desk.review.reveal(RUDI, "c0", Look("c1-0", "because"))
    desk.review.release(RUDI, "c0")
    desk.review.route(SVEN, "c0", 3, "default", 0, "look again")
    desk.review.claim(RUDI, "c0")
    assert desk.review.reveal(RUDI, "c0", Look("c1-0", "because")).seconds > 0


# Evidence


def test_a_hold_is_lifted_by_two(desk: Desk) -> None:
    hold = desk.review.hold(LENA, "c1", desk.case.length, "an order")
    desk.review.ask(LENA, "c1", desk.case.length, Proposed(Grave.LIFT_HOLD, "it ended", hold=hold))
    number = desk.case.proposals[0].number
    with pytest.raises(TransitionError):
        desk.review.answer(LENA, "c1", desk.case.length, number, approve=True)
    desk.review.answer(OTTO, "c1", desk.case.length, number, approve=True)
    assert carry_out(OTTO, "c1", desk.store, Vault()) == ()  # type: ignore[arg-type] # as far as it is asked
    assert desk.case.holds == ()


def test_media_is_destroyed_by_two_with_a_receipt_and_not_under_a_hold(desk: Desk) -> None:
    vault = Vault()
    hold = desk.review.hold(LENA, "c1", desk.case.length, "an order")
    desk.review.ask(LENA, "c1", desk.case.length, Proposed(Grave.DESTROY, "the time is over", item="c1-0"))
    desk.review.answer(OTTO, "c1", desk.case.length, desk.case.proposals[0].number, approve=True)
    assert len(carry_out(OTTO, "c1", desk.store, vault)) == 1  # type: ignore[arg-type] # as above
    assert vault.destroyed == []
    desk.review.ask(LENA, "c1", desk.case.length, Proposed(Grave.LIFT_HOLD, "it ended", hold=hold))
    desk.review.answer(OTTO, "c1", desk.case.length, desk.case.proposals[0].number, approve=True)
    assert carry_out(OTTO, "c1", desk.store, vault) == ()  # type: ignore[arg-type] # as above
    assert vault.destroyed == ["blob-0"]
    assert len(desk.bodies(ItemDestroyed)) == 1
    carry_out(OTTO, "c1", desk.store, vault)  # type: ignore[arg-type] # as above
    assert vault.destroyed == ["blob-0"]


def test_who_may_not_ask_for_grave_things(desk: Desk) -> None:
    with pytest.raises(ForbiddenError):
        desk.review.ask(SAMI, "c1", desk.case.length, Proposed(Grave.DESTROY, "no", item="c1-0"))
    with pytest.raises(TransitionError):
        desk.review.ask(LENA, "c1", desk.case.length, Proposed(Grave.DECIDE, "no", NOT_ABUSE))
