"""What people found, or asked to find, outlives mergers and splits: nothing acts on what is in dispute."""

import pytest

from safelight.case.fold import absorbed
from safelight.flow.filing_facts import confirmed
from safelight.flow.filing_send import OBJECTED
from safelight.flow.item_findings import last_findings
from safelight.flow.takedown_standing import standing_of
from safelight.model.access import Actor, ActorKind
from safelight.model.case import (
    Answer,
    Approved,
    CaseState,
    Classification,
    Decided,
    Draft,
    Finding,
    Grave,
    ItemAdded,
    Merged,
    Noted,
    Opened,
    Proposed,
    Rejected,
    Routed,
    Verdict,
)
from safelight.model.decision import Outcome
from safelight.model.errors import TransitionError
from safelight.model.filing import Body, FilingState
from safelight.policy.takedown_phase import Phase
from tests.flow import test_intake as intake
from tests.flow.filing_world import ANN, LEAD, World
from tests.flow.test_filing_people import BEN, two
from tests.flow.test_intake import known, near, told

NO = Finding(Verdict.NOT_ABUSE)


def phases(world: World, case: str) -> dict[str, Phase]:
    found = world.cases.case(case)
    return {item.id: standing_of(world.cases, found, item.id).phase for item in found.items}


def merge(world: World, other: str, into: str) -> None:
    case = world.cases.case(other)
    world.log(other, Merged(into))
    world.log(into, absorbed(case))


@pytest.mark.parametrize("before", [True, False])
def test_bytes_that_people_found_to_be_no_abuse_are_not_reported_as_another_item(before: bool) -> None:
    """Of two cases that become one: people look at both, whenever the report was confirmed."""
    world = World()
    [first, _] = world.cases.case("c1").items
    world.log("c2", Opened("near", family="other"))
    world.add("c2", "j1", Outcome.KNOWN)
    world.log("c2", ItemAdded("j2", first.sha256, first.size, first.mime, "items", Outcome.KNOWN, "why"))
    two(world, "c2", Grave.DECIDE, NO)
    filings = world.filings()
    drafted = filings.draft(LEAD, "c1", Body.NCMEC)
    if before:
        filings.confirm(LEAD, drafted.id, filings.preview(drafted.id).digest)
    merge(world, "c2", "c1")
    assert phases(world, "c1") == {"i1": Phase.PAUSED, "i2": Phase.GO, "j1": Phase.PAUSED, "j2": Phase.PAUSED}
    assert set(confirmed(world.cases, world.cases.case("c1"))) == {"i2"}
    if before:
        waits = filings.send(drafted.id)
        assert (waits.state, waits.cause) == (FilingState.SENDING, OBJECTED)
    else:
        agreed = filings.confirm(LEAD, drafted.id, filings.preview(drafted.id).digest)
        assert [one.item for one in agreed.items] == ["i2"]
    two(world, "c1", Grave.DECIDE, Finding(Verdict.CONFIRMED))
    assert set(phases(world, "c1").values()) == {Phase.GO}, "they looked at all of it"


def test_of_abuse_of_which_people_found_different_things_each_is_reported_as_what_it_is() -> None:
    world = World()
    other = Finding(Verdict.CONFIRMED, Classification.A1, real_victim=Answer.YES)
    world.log("c2", Opened("known", family="other"))
    world.add("c2", "j1", Outcome.KNOWN)
    world.log("c2", Decided(other), who=ANN)
    stood = world.cases.case("c1").finding
    merge(world, "c2", "c1")
    case = world.cases.case("c1")
    assert case.state is CaseState.OPEN
    assert confirmed(world.cases, case) == {"i1": stood, "i2": stood, "j1": other}
    assert set(phases(world, "c1").values()) == {Phase.GO}


@pytest.mark.parametrize("how", ["joins", "merges"])
def test_who_asked_to_find_that_it_is_no_abuse_is_heard_whatever_joins(how: str) -> None:
    world = World()
    world.add("c1", "i3", Outcome.NEAR)
    world.log("c1", Proposed(Grave.DECIDE, "why", NO), who=ANN)
    assert set(phases(world, "c1").values()) == {Phase.HELD, Phase.PAUSED}
    case = "c1"
    if how == "joins":
        world.add("c1", "i4", Outcome.NEAR)
    else:
        world.log("c0", Opened("near", family="other"))
        merge(world, "c1", case := "c0")
    assert set(phases(world, case).values()) == {Phase.PAUSED}
    assert last_findings(world.cases, case) == {}
    with pytest.raises(TransitionError):
        world.filings().draft(LEAD, case, Body.NCMEC)


def test_who_was_answered_keeps_nothing_waiting() -> None:
    world = World()
    world.add("c1", "i3", Outcome.NEAR)
    world.log("c1", Proposed(Grave.DECIDE, "why", NO), who=ANN)
    world.log("c1", Rejected(world.cases.case("c1").proposals[0].number), who=BEN)
    world.add("c1", "i4", Outcome.NEAR)
    assert phases(world, "c1") == {"i1": Phase.GO, "i2": Phase.GO, "i3": Phase.PAUSED, "i4": Phase.PAUSED}


def by_two(world: intake.World, case: str | None, finding: Finding) -> None:
    assert case is not None
    ann, ben = (Actor(ActorKind.USER, number) for number in "12")
    world.cases.append([Draft(case, ann, Proposed(Grave.DECIDE, "why", finding))])
    world.cases.append([Draft(case, ben, Approved(world.cases.case(case).length - 1))])


@pytest.mark.parametrize("link", ["m", "bank/b"])
def test_known_bytes_that_people_found_to_be_no_abuse_are_not_closed_unseen_in_another_family(link: str) -> None:
    """What linked them is forgotten, or the entry that the case is named after."""
    world = intake.World()
    world.take(b"k1", told(known("a")))
    other = world.take(b"n2", told(near("b")))
    kb = world.take(b"kb", told(known("b")) if link == "m" else told(known("b"), known("c")))
    by_two(world, other.case, NO)
    if link == "m":
        link = world.take(b"m", told(near("a"), near("b"))).sha256 or ""
    world.families.forget([link])
    world.seen[b"kb"] = world.seen[b"kb"] if "/" not in link else (told(known("c")),)
    again = world.take(b"kb")
    case = world.case(again)
    assert again.sha256 == kb.sha256
    assert case.id != world.case(kb).id
    assert (case.state, case.finding) == (CaseState.OPEN, None)
    [note] = [one.event.body.text for one in world.cases.events(case.id) if isinstance(one.event.body, Noted)]
    assert "people found that these bytes are no abuse" in note


def test_a_case_that_takes_in_one_that_waited_waits_where_and_as_urgently_as_that_did() -> None:
    world = intake.World()
    world.take(b"n1", told(near("a")))
    other = world.take(b"n2", told(near("b")))
    assert other.case is not None
    unsure = Routed("senior", 900, "the reviewer was unsure")
    world.cases.append([Draft(other.case, Actor(ActorKind.USER, "1"), unsure)])
    case = world.case(world.take(b"m", told(near("a"), near("b"))))
    assert (case.queue, case.priority) == ("senior", 900)
    assert case.id != other.case
