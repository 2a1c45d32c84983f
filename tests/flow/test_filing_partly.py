"""Reports on what was confirmed of a case, while items that joined it wait for a decision."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from safelight.adapter.law import TomlLaw
from safelight.case.fold import absorbed
from safelight.flow.filing import Document
from safelight.flow.filing_facts import confirmed, waits
from safelight.flow.item_findings import last_findings
from safelight.flow.prepare import prepare
from safelight.flow.settle import Settle
from safelight.flow.settle_facts import history
from safelight.flow.takedown_standing import standing_of
from safelight.model.assessment import Artificialness
from safelight.model.case import (
    AppealDecided,
    AppealOpened,
    Case,
    CaseState,
    Classification,
    Decided,
    DutyArose,
    DutyState,
    Finding,
    Grave,
    Hidden,
    Merged,
    Opened,
    Proposed,
    ReportConfirmed,
    Verdict,
)
from safelight.model.decision import Outcome
from safelight.model.errors import TransitionError
from safelight.model.filing import Body as Taker
from safelight.model.filing import Filing, FilingState
from safelight.model.policy import Ruling, Stage
from safelight.policy.takedown_phase import Phase
from tests.flow.filing_world import ANN, CONFIRMED, LEAD, World
from tests.flow.test_filing_people import ACTS, BEN, LAW, Act, overturned, two

NO_ABUSE = Finding(Verdict.NOT_ABUSE)
OTHER = replace(CONFIRMED, classification=Classification.A2)


def case_of(world: World, case: str = "c1") -> Case:
    return world.cases.case(case)


def joined(finding: Finding = CONFIRMED) -> World:
    """On `i1` and `i2` a decision stands; `i3` waits for one."""
    world = World(finding=finding)
    world.add("c1", "i3", Outcome.DERIVED)
    assert case_of(world).state is CaseState.OPEN
    return world


def sent(world: World) -> Filing:
    return world.filings().send(world.confirmed())


def join(world: World, number: int, finding: Finding | None) -> None:
    """Another case is merged into `c1`, with one item, on which this was found."""
    other = f"c{number}"
    world.log(other, Opened("near", family=other))
    world.add(other, f"i{number}", Outcome.NEAR)
    if finding is not None:
        two(world, other, Grave.DECIDE, finding)
    moving = absorbed(case_of(world, other))
    world.log(other, Merged("c1"))
    world.log("c1", moving)


def merged(*findings: Finding | None) -> World:
    """`c1` after others have become part of it, with `i3` and so on."""
    world = World()
    for number, finding in enumerate(findings, 3):
        join(world, number, finding)
    return world


def test_a_report_is_about_what_was_decided_and_says_what_was_found_of_it() -> None:
    world = joined()
    filings = world.filings()
    made = filings.draft(LEAD, "c1", Taker.NCMEC)
    assert [one.item for one in made.items] == ["i1", "i2"]
    assert (made.classification, made.artificialness) == (str(CONFIRMED.classification), CONFIRMED.artificialness)
    assert all(one.generative for one in made.items)
    preview = filings.preview(made.id)
    assert preview.flaws == ()
    confirming = filings.confirm(LEAD, made.id, preview.digest)
    [told] = [one.event.body for one in world.cases.events("c1") if isinstance(one.event.body, ReportConfirmed)]
    assert told.items == ("i1", "i2")
    assert filings.send(confirming.id).state is FilingState.FINISHED
    assert world.server.finished()[0].xml == preview.documents[0].content
    assert case_of(world).state is CaseState.OPEN


def test_the_duty_ends_with_that_report_and_begins_anew_when_the_rest_is_confirmed() -> None:
    world = World()
    packs = TomlLaw().packs()
    settle = Settle(world.cases, packs, ("us",), lambda _: Ruling("default", Stage.CASE, (), ()), world.clock)
    world.add("c1", "i3", Outcome.DERIVED)
    settle.settle("c1")

    def duties() -> list[DutyState]:
        return [one.state for one in case_of(world).duties if one.duty.taker == "ncmec" and one.duty.rule == "report"]

    assert duties() == [DutyState.OPEN]
    sent(world)
    settle.settle("c1")
    assert duties() == [DutyState.MET]
    world.log("c1", Decided(OTHER), who=ANN)
    settle.settle("c1")
    assert duties() == [DutyState.MET, DutyState.OPEN]
    second = sent(world)
    assert [one.item for one in second.items] == ["i3"]
    settle.settle("c1")
    assert duties() == [DutyState.MET, DutyState.MET]


def test_never_a_second_report_on_what_was_reported() -> None:
    world = joined()
    sent(world)
    with pytest.raises(TransitionError, match=r"that are confirmed were reported .* waits for a decision on 1 item$"):
        world.filings().draft(LEAD, "c1", Taker.NCMEC)
    world.log("c1", Decided(CONFIRMED), who=ANN)
    assert [one.item for one in sent(world).items] == ["i3"]
    assert [len(report.files) for report in world.server.finished()] == [2, 1]


def test_a_draft_from_before_stays_what_it_is_until_the_new_item_is_decided() -> None:
    world = World()
    filings = world.filings()
    made = filings.draft(LEAD, "c1", Taker.NCMEC)
    before = filings.preview(made.id)
    world.add("c1", "i3", Outcome.DERIVED)
    assert filings.preview(made.id) == before
    filings.confirm(LEAD, made.id, before.digest)
    assert filings.send(made.id).state is FilingState.FINISHED


@pytest.mark.parametrize("hidden", [False, True])
def test_what_people_find_to_be_no_abuse_is_not_reported_whatever_joins(hidden: bool) -> None:
    world = joined()
    made = world.filings().draft(LEAD, "c1", Taker.NCMEC)
    two(world, "c1", Grave.DECIDE, NO_ABUSE)
    if hidden:
        world.add("c1", "i4", Outcome.NEAR)
    words = "; it waits for a decision on 4 items" if hidden else ""
    assert waits(case_of(world), confirmed(world.cases, case_of(world))) == 4 * hidden
    with pytest.raises(TransitionError, match=f"nobody has confirmed that it is abuse{words}$"):
        world.filings().draft(LEAD, "c1", Taker.NCMEC)
    preview = world.filings().preview(made.id)
    assert preview.flaws == (f"nobody has confirmed that it is abuse{words}",)
    with pytest.raises(TransitionError, match="nobody has confirmed"):
        world.filings().confirm(LEAD, made.id, preview.digest)


def appealed(world: World) -> None:
    world.log("c1", AppealOpened("a1", "please look"))
    world.add("c1", "i3", Outcome.DERIVED)


def denied(world: World) -> None:
    world.add("c1", "i3", Outcome.DERIVED)
    world.log("c1", Proposed(Grave.DECIDE, "decision", NO_ABUSE), who=BEN)


@pytest.mark.parametrize("act", [appealed, denied])
def test_while_somebody_says_that_it_is_no_abuse_nothing_is_confirmed(act: Callable[[World], None]) -> None:
    world = World()
    filings = world.filings()
    made = filings.draft(LEAD, "c1", Taker.NCMEC)
    act(world)
    with pytest.raises(TransitionError, match="first an appeal has to be answered"):
        filings.confirm(LEAD, made.id, filings.preview(made.id).digest)
    assert world.rows.get(made.id).state is FilingState.DRAFT


def test_what_a_second_person_is_asked_about_new_items_is_not_waited_for() -> None:
    world = joined()
    world.log("c1", Proposed(Grave.DECIDE, "decision", OTHER), who=ANN)
    assert case_of(world).state is CaseState.PROPOSED
    done = sent(world)
    assert (done.classification, len(done.items)) == (str(CONFIRMED.classification), 2)


def test_of_a_merged_case_each_item_has_the_finding_of_its_own() -> None:
    other = replace(OTHER, artificialness=Artificialness.CAMERA_ORIGINAL)
    world = merged(other, None)
    found = confirmed(world.cases, case_of(world))
    assert found == {"i1": CONFIRMED, "i2": CONFIRMED, "i3": other}
    assert waits(case_of(world), confirmed(world.cases, case_of(world))) == 1
    done = sent(world)
    assert [(one.item, one.generative) for one in done.items] == [("i1", True), ("i2", True), ("i3", False)]
    assert (done.classification, done.artificialness) == (str(Classification.NONE), Artificialness.UNKNOWN)


def test_what_was_no_abuse_in_a_merged_case_is_not_reported_with_the_rest() -> None:
    world = merged(NO_ABUSE)
    assert case_of(world).state is CaseState.OPEN
    assert [one.item for one in world.filings().draft(LEAD, "c1", Taker.NCMEC).items] == ["i1", "i2"]


def test_what_is_not_confirmed_any_more_leaves_a_draft() -> None:
    world = World()
    filings = world.filings()
    made = filings.draft(LEAD, "c1", Taker.NCMEC)
    overturned(world)
    join(world, 3, OTHER)
    assert [one.item for one in filings.draft(LEAD, "c1", Taker.NCA).items] == ["i3"]
    preview = filings.preview(made.id)
    assert (len(preview.documents), "nothing of it is left" in preview.flaws[0]) == (0, True)
    renewed = filings.draft(LEAD, "c1", Taker.NCMEC)
    assert (renewed.id, [one.item for one in renewed.items]) == (made.id, ["i3"])


def test_what_happens_to_a_case_after_it_was_merged_makes_no_finding_newer() -> None:
    world = World()
    world.log("c0", Opened("near", family="other"))
    moving = absorbed(case_of(world))
    world.log("c1", Merged("c0"))
    world.log("c0", moving)
    two(world, "c0", Grave.DECIDE, NO_ABUSE)
    world.log("c1", Hidden("i1", 2.0))
    world.add("c0", "i3", Outcome.NEAR)
    assert last_findings(world.cases, "c0") == {"i1": NO_ABUSE, "i2": NO_ABUSE}


def test_what_people_hand_over_tells_the_finding_that_stood() -> None:
    world = joined()
    seen: list[Finding | None] = []

    def papers(_filing: Filing, case: Case) -> tuple[Document, ...]:
        seen.append(case.finding)
        return ()

    filings = world.filings(papers=papers)
    made = filings.draft(LEAD, "c1", Taker.NCA)
    filings.hand(LEAD, made.id)
    filings.preview(made.id)
    assert set(seen) == {CONFIRMED}


def test_policy_has_what_is_confirmed_prepared_and_no_more() -> None:
    world = joined()
    world.log("c1", DutyArose(LAW))
    [made] = prepare(world.filings(), "c1")
    assert [one.item for one in made.items] == ["i1", "i2"]
    assert prepare(world.filings(), "c1") == ()


@pytest.mark.parametrize("act", ACTS)
def test_what_is_confirmed_is_what_is_known_by_the_duties(act: Act) -> None:
    world = World()
    world.log("c1", DutyArose(LAW))
    world.confirmed()
    act(world)
    case = case_of(world) if case_of(world).merged_into is None else case_of(world, "c0")
    assert confirmed(world.cases, case).keys() == history(world.cases, case.id).known.keys()


@pytest.mark.parametrize("joined", [False, True])
def test_what_two_people_found_to_be_no_abuse_is_not_reported_for_known_bytes_of_another_case(joined: bool) -> None:
    """Also when that finding was undone, before the merger, by known bytes that joined."""
    world = World()
    world.log("c2", Opened("known", family="c2"))
    world.add("c2", "k1", Outcome.KNOWN)
    world.log("c2", Decided(CONFIRMED), who=ANN)
    world.log("c2", AppealOpened("a9", "look again"))
    two(world, "c2", Grave.OVERTURN, NO_ABUSE)
    world.log("c2", AppealDecided("a9", upheld=False), who=BEN)
    if joined:
        world.add("c2", "k2", Outcome.KNOWN)
    moving = absorbed(case_of(world, "c2"))
    world.log("c2", Merged("c1"))
    world.log("c1", moving)
    assert case_of(world).state is CaseState.OPEN
    assert standing_of(world.cases, case_of(world), "k1").phase is Phase.PAUSED
    assert sorted(confirmed(world.cases, case_of(world))) == ["i1", "i2"]
    assert [item.item for item in sent(world).items] == ["i1", "i2"]


def test_known_bytes_wait_for_an_answer_that_a_merger_has_cut_off() -> None:
    world = World()
    world.log("c2", Opened("near", family="c2"))
    world.add("c2", "k1", Outcome.KNOWN)
    world.log("c2", Proposed(Grave.DECIDE, "looked at it", NO_ABUSE), who=ANN)
    moving = absorbed(case_of(world, "c2"))
    world.log("c2", Merged("c1"))
    world.log("c1", moving)
    assert case_of(world).state is CaseState.OPEN
    assert [item.item for item in sent(world).items] == ["i1", "i2"]


def test_a_report_on_its_way_waits_while_somebody_has_found_that_it_is_no_abuse() -> None:
    world = World()
    filing = world.confirmed()
    world.add("c1", "i3", Outcome.DERIVED)
    world.log("c1", Proposed(Grave.DECIDE, "looked at it", NO_ABUSE), who=ANN)
    waiting = world.filings().send(filing)
    assert waiting.state is FilingState.SENDING
    assert "no abuse" in waiting.cause
