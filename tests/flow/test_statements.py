"""Statements to uploaders: owed once, true, withdrawn when a decision falls, and told to the DSA database in time."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from safelight.adapter.law import TomlLaw
from safelight.case.fold import absorbed
from safelight.flow.statements import Statements
from safelight.model.access import SYSTEM, Actor, ActorKind, Permission, Principal
from safelight.model.case import Classification, Decided, DutyArose, Finding, StatementMade, StatementTold, Verdict
from safelight.model.closing_events import Prompt, StatementKind
from safelight.model.decision import Outcome
from safelight.model.errors import ForbiddenError, TransitionError, UsageError
from safelight.model.law import Duty, DutyKind
from safelight.report.closing.statement_words import LANGUAGES, WORDS
from safelight.report.closing.tdb import batches
from tests.closing import ANN, CONFIRMED, NOT_ABUSE, REPORTER, START, World, told
from tests.flow import closing_histories
from tests.flow.slow_closing import slow_records

REASONS, UPHELD, WITHDRAWN = StatementKind
LEAD = Principal(ANN, frozenset((Permission.REPORT_FILE, Permission.REPORT_PREPARE)))
PLATFORM = Principal(Actor(ActorKind.KEY, "7"), frozenset((Permission.REPORT_PREPARE,)))


def owed(world: World, case: str = "c1") -> dict[str, StatementKind]:
    return {one.item: one.kind for one in world.statements().owed(case)}


def database(world: World) -> list[dict[str, Any]]:
    bodies: Any = world.statements().database(START, world.clock.now() + timedelta(seconds=1))
    return [record for body in bodies for record in body["statements"]]


def test_every_uploader_is_told_once() -> None:
    world = World()
    assert owed(world) == {"i1": REASONS, "i2": REASONS}
    made = world.statements().make(LEAD, "c1", "i1", "fr", Prompt.NOTICE)
    assert owed(world) == {"i2": REASONS}
    with pytest.raises(TransitionError, match="nothing is owed"):
        world.statements().make(LEAD, "c1", "i1")
    assert "Exposé des motifs" in made.text
    assert world.statements().of_case("c1") == (made,)
    body = world.cases.entries[-1].event.body
    assert isinstance(body, StatementMade)
    assert body.digest == sha256(body.text.encode()).hexdigest()


@pytest.mark.parametrize(
    ("rule", "prompt"),
    [
        ("eu/decide", Prompt.NOTICE),
        ("au/removal-notice", Prompt.OTHER),
        ("us/take-it-down", Prompt.OTHER),
        ("us/report", Prompt.OWN),
    ],
)
def test_where_nobody_says_what_made_us_look_the_case_does(rule: str, prompt: Prompt) -> None:
    world = World()
    pack, _, name = rule.partition("/")
    facts = ("title", "to", world.clock.now(), None, "words", "basis", "url", "2026-11-21")
    world.log(DutyArose(Duty(f"{rule}/x", pack, name, DutyKind.REMOVE, *facts, drives=True)))
    triggers = {f"{one.id}/{rule.id}": rule.trigger for one in TomlLaw().packs().values() for rule in one.rules}
    statements = Statements(world.cases, REPORTER, world.clock, world.ids, triggers=triggers, language="de")
    made = statements.make(None, "c1", "i2")
    assert made.language == "de"
    assert [one["source_type"] for one in database(world)] == [prompt]
    own = WORDS["de"]["prompt.own"]
    assert (own in made.text) is (prompt is Prompt.OWN)
    said = statements.make(LEAD, "c1", "i1", "fr", Prompt.OWN)
    assert (said.language, [one["source_type"] for one in database(world)][1]) == ("fr", Prompt.OWN)


def test_who_was_told_in_a_language_is_told_on_in_it() -> None:
    world = World()
    world.statements().make(LEAD, "c1", "i2", "ko")
    world.overturn(NOT_ABUSE)
    assert world.statements().make(None, "c1", "i2").language == "ko"


@pytest.mark.parametrize("finding", [None, NOT_ABUSE])
def test_nobody_is_told_of_what_is_not_confirmed(finding: Finding | None) -> None:
    world = World(finding)
    assert owed(world) == {}
    with pytest.raises(TransitionError):
        world.statements().make(None, "c1", "i1")


def test_a_preview_tells_nobody() -> None:
    world = World()
    before = len(world.cases.entries)
    assert world.statements().preview("c1", "i2").kind is REASONS
    assert len(world.cases.entries) == before


def test_who_may_not_and_what_we_cannot_write() -> None:
    world = World()
    with pytest.raises(ForbiddenError):
        world.statements().make(Principal(ANN, frozenset()), "c1", "i1")
    with pytest.raises(UsageError, match="not in 'xx'"):
        world.statements().make(LEAD, "c1", "i1", "xx")
    assert owed(world) == {"i1": REASONS, "i2": REASONS}


def test_means_are_told_truthfully() -> None:
    world = World()
    gate = world.statements().preview("c1", "i1").text
    api = world.statements().preview("c1", "i2").text
    assert "A program kept it back first; then people took the decision" in gate
    assert "taken by people, not by automated means" in api
    assert "disabled access to it since 2026-03-01" in gate
    by_rule = World(finding=None)
    by_rule.log(Decided(CONFIRMED), who=ANN)
    assert "taken by people" in by_rule.statements().preview("c1", "i2").text


def test_an_overturned_decision_owes_a_withdrawal_to_those_who_were_told() -> None:
    world = World()
    told(world, ["i1"])
    world.overturn(NOT_ABUSE)
    assert owed(world) == {"i1": WITHDRAWN}  # nobody was told of i2
    made = world.statements().make(None, "c1", "i1")
    assert made.kind is WITHDRAWN
    assert "was withdrawn on 2026-03-01" in made.text
    assert owed(world) == {}
    world.overturn(CONFIRMED)
    assert owed(world) == {"i1": REASONS, "i2": REASONS}


def test_an_upheld_appeal_owes_an_answer_once() -> None:
    world = World()
    told(world)
    world.uphold("i1")
    assert owed(world) == {"i1": UPHELD}
    assert "The decision stays" in world.statements().make(None, "c1", "i1").text
    assert owed(world) == {}
    world.uphold()
    assert owed(world) == {"i1": UPHELD, "i2": UPHELD}


def test_another_reason_is_told_anew() -> None:
    world = World()
    told(world)
    world.overturn(replace(CONFIRMED, classification=Classification.OTHER))
    assert owed(world) == {"i1": REASONS, "i2": REASONS}
    assert "not compatible with our rules" in world.statements().make(None, "c1", "i1").text
    assert owed(world) == {"i2": REASONS}


def test_who_came_without_an_account_cannot_be_told() -> None:
    world = World()
    world.add("i3", Outcome.KNOWN, account="")
    world.cases.put_item(replace(world.cases.item("i1"), account=""))  # a row says nothing of that
    assert owed(world) == {"i1": REASONS, "i2": REASONS}
    with pytest.raises(TransitionError, match="nothing is owed"):
        world.statements().make(LEAD, "c1", "i3")


@pytest.mark.parametrize("who", [LEAD, PLATFORM])
def test_a_statement_is_made_and_then_passed_on(who: Principal) -> None:
    world = World()
    first, second = told(world)
    assert {one.told for one in world.statements().of_case("c1")} == {None}
    world.clock.time += timedelta(hours=3)
    at = world.clock.now()
    noted = world.statements().told(who, "c1", second)
    assert (noted.id, noted.told, noted.told_by) == (second, at, who.actor)
    assert world.cases.entries[-1].event.body == StatementTold(second, "i2")
    length = len(world.cases.entries)
    world.clock.time += timedelta(hours=3)
    assert world.statements().told(LEAD, "c1", second) == noted
    assert len(world.cases.entries) == length, "said again, nothing happens"
    assert [(one.id, one.told) for one in world.statements().of_case("c1")] == [(first, None), (second, at)]


def test_who_may_not_say_that_it_was_passed_on_and_of_what() -> None:
    world = World()
    (first,) = told(world, ["i1"])
    with pytest.raises(ForbiddenError):
        world.statements().told(Principal(ANN, frozenset((Permission.REPORT_READ,))), "c1", first)
    with pytest.raises(TransitionError, match="no statement 'made-up'"):
        world.statements().told(LEAD, "c1", "made-up")
    with pytest.raises(TransitionError, match="not done by a system"):
        world.statements().told(Principal(SYSTEM, frozenset(Permission)), "c1", first)
    assert world.statements().of_case("c1")[0].told is None


def test_what_a_merged_case_had_written_is_passed_on_in_the_one_that_took_it_in() -> None:
    world = World()
    (first,) = told(world, ["i1"])
    world.merge("c2", absorbed(world.cases.case("c1")))
    assert world.statements().told(PLATFORM, "c1", first).told == world.clock.now()
    assert world.cases.entries[-1].event.case == "c2"
    assert [one.told for one in world.statements().of_case("c2")] == [world.clock.now()]


def test_a_merged_case_does_not_tell_anybody_twice() -> None:
    world = World()
    told(world, ["i1"])
    world.merge("c2", absorbed(world.cases.case("c1")))
    assert owed(world) == {}
    assert owed(world, "c2") == {"i2": REASONS}
    assert [one.item for one in world.statements().of_case("c2")] == ["i1"]


def test_the_database_gets_each_once_with_a_stable_id() -> None:
    world = World()
    ids = told(world)
    world.clock.time += timedelta(hours=1)
    first = database(world)
    assert [record["puid"] for record in first] == ids
    assert first == database(world)
    assert {record["automated_decision"] for record in first} == {
        "AUTOMATED_DECISION_PARTIALLY",
        "AUTOMATED_DECISION_NOT_AUTOMATED",
    }
    keywords = [record["category_specification"] for record in first]
    assert keywords == [["KEYWORD_CHILD_SEXUAL_ABUSE_MATERIAL"], ["KEYWORD_CHILD_SEXUAL_ABUSE_MATERIAL_DEEPFAKE"]]
    later = world.statements().database(world.clock.now(), world.clock.now() + timedelta(days=1))
    assert list(later) == []


def test_the_database_hears_when_a_restriction_ended() -> None:
    world = World()
    told(world, ["i2"])
    assert "end_date_visibility_restriction" not in database(world)[0]
    world.overturn(NOT_ABUSE)
    world.clock.time += timedelta(days=3)
    told(world, ["i2"])
    world.clock.time += timedelta(hours=1)
    (record,) = database(world)
    assert record["end_date_visibility_restriction"] == "2026-03-04"
    assert record["application_date"] == "2026-03-01"


@settings(max_examples=25, deadline=None)
@given(
    closing_histories.histories() | closing_histories.histories(closing_histories.TOLD),
    st.integers(1, 5),
    st.sampled_from((0, 19, 30, 300)),
    st.sampled_from((1, 40, 4000)),
)
@example(list(closing_histories.TOLD_ELSEWHERE), 2, 0, 4000)
def test_the_database_is_told_the_same_as_by_reading_each_case_for_itself(
    acts: list[closing_histories.Act], step: int, begin: int, days: int
) -> None:
    """Byte by byte, in pages of any size, of any time, whatever happened to the cases since."""
    story = closing_histories.Story()
    for act in [("decide", 0, 0), ("tell", 0, 5), *acts]:
        story.happen(act)
    cases, since = story.world.cases, datetime(2025, 12, 1, tzinfo=UTC) + timedelta(days=begin)
    until = since + timedelta(days=days)
    slow = list(batches(slow_records(cases, since, until)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("safelight.flow.statements.STEP", step)
        assert list(story.world.statements().database(since, until)) == slow


ACTS = ("tell", "upheld", "overturn", "confirm", "merge")


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(ACTS), max_size=8), st.sampled_from(LANGUAGES))
def test_whatever_happens_the_last_word_is_the_true_one(acts: list[str], language: str) -> None:
    """After all that is owed was told, who was told of a decision knows whether it stands."""
    world, case = World(), "c1"
    for act in acts:
        finding = world.cases.case(case).finding
        assert finding is not None
        if act == "tell":
            for one in world.statements().owed(case):
                world.statements().make(None, case, one.item, language)
        elif act == "upheld" and case == "c1":
            world.uphold()
        elif act == "overturn" and case == "c1" and finding.verdict is Verdict.CONFIRMED:
            world.overturn(NOT_ABUSE)
        elif act == "confirm" and case == "c1" and finding.verdict is not Verdict.CONFIRMED:
            world.overturn(CONFIRMED)
        elif act == "merge" and case == "c1":
            world.merge("c2", absorbed(world.cases.case("c1")))
            case = "c2"
    for one in world.statements().owed(case):
        world.statements().make(None, case, one.item, language)
    assert owed(world, case) == {}
    last = {one.item: one.kind for one in world.statements().of_case(case)}
    final = world.cases.case(case).finding
    assert final is not None
    for item in ("i1", "i2"):
        stands = final.verdict is Verdict.CONFIRMED
        assert (last.get(item) in {REASONS, UPHELD}) is stands
