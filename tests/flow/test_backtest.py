"""A policy tried on past cases: counts, what people found, and what would change, in cases that are known in full."""

from dataclasses import replace

import pytest

from safelight.model.access import SYSTEM, Actor, ActorKind
from safelight.model.case import TOOL, Body, Decided, Draft, Finding, ItemAdded, Opened, Verdict
from safelight.model.decision import Action
from safelight.model.errors import PolicyError
from safelight.model.match import Match, MatchKind
from safelight.model.policy import ActionWithheld, Differing, RuleRecord, Stage
from safelight.model.scan import ScanRow
from safelight.model.service import Item, ItemState
from safelight.policy.decide import decide
from safelight.policy.rules.default import DEFAULT
from safelight.policy.rules.rails import NOT_KNOWN
from safelight.policy.rules.withheld import withheld_in_cases
from tests.flow.policy_place import FUTILE, LAZY, Place
from tests.rows import row_of

FILE, CASE = Stage.FILE, Stage.CASE
NEAR = Match("a", "one", MatchKind.NEAR, "pdq", 12)
EXACT = Match("a", "one", MatchKind.EXACT, "sha256", 0)
PERSON = Actor(ActorKind.USER, "7")


def row(match: Match) -> ScanRow:
    made = row_of("a")
    return replace(made, matches=(match,), decision=decide(made.status, (match,)))


def put(place: Place, name: str, match: Match, verdict: Verdict | None, *, kept: bool = True, items: int = 1) -> None:
    """A case of items with one match, decided by a person; with `verdict` None by policy."""
    seen = row(match)
    bodies: list[Body] = [Opened("near", family=name)]
    for number in range(items):
        item = f"{name}-{number}"
        bodies.append(ItemAdded(item, "0" * 64, 1, "image/png", "gate", seen.decision.outcome, "near"))
        if kept:
            place.cases.put_item(Item(item, ItemState.DONE, place.clock.now(), "gate", row=seen, case=name))
    place.cases.append([Draft(name, SYSTEM, body, TOOL) for body in bodies])
    finding = Finding(verdict or Verdict.CONFIRMED)
    decided = Draft(name, PERSON if verdict else SYSTEM, Decided(finding, by_policy=verdict is None), TOOL)
    place.cases.append([decided])


@pytest.fixture
def place() -> Place:
    made = Place()
    put(made, "c1", NEAR, Verdict.CONFIRMED, items=2)
    put(made, "c2", NEAR, Verdict.NOT_ABUSE)
    put(made, "c3", EXACT, None)
    put(made, "c4", NEAR, Verdict.CONFIRMED, kept=False)
    made.cases.append([Draft("c5", SYSTEM, Opened("open", family="c5"), TOOL)])
    return made


def test_rules_are_held_against_what_people_found(place: Place) -> None:
    said: list[tuple[int, int]] = []
    found = place.policies.backtest(DEFAULT, say=lambda done, whole: said.append((done, whole)))
    assert (found.cases, found.items, found.without_row) == (4, 4, 1)
    assert said == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert found.differing == ()
    assert found.rules[:4] == (
        RuleRecord("known-bytes", FILE, matched=1, undecided=1, before=1),
        RuleRecord("looks-known", FILE, matched=2, confirmed=1, not_abuse=1, before=2),
        RuleRecord("same-scene", FILE),
        RuleRecord("confirmed", CASE, matched=3, confirmed=2, undecided=1, before=3),
    )


def test_how_often_rules_match_is_told_beside_the_policy_in_force(place: Place) -> None:
    found = place.policies.backtest(LAZY.replace('id = "known-bytes"', 'id = "same-bytes"'))
    counts = {rule.rule: (rule.before, rule.matched, rule.gone) for rule in found.rules if rule.before or rule.matched}
    assert counts["looks-known"] == (2, 0, False)
    assert (counts["same-bytes"], counts["known-bytes"]) == ((0, 1, False), (1, 0, True))


def test_what_the_rails_withhold_in_every_case_is_counted_and_warned_of(place: Place) -> None:
    found = place.policies.backtest(FUTILE)
    withheld = {rule.rule: rule.withheld for rule in found.rules if rule.withheld}
    assert withheld == {"looks-known": (ActionWithheld(Action.BLOCK, 2, (NOT_KNOWN,)),)}
    [warning] = withheld_in_cases(found)
    assert (warning.rule, NOT_KNOWN in warning.cause) == ("looks-known", True)
    sometimes = FUTILE.replace('outcome in ["near", "derivative"]', 'outcome in ["near", "known"]')
    sometimes = sometimes.replace('facts = { outcome = "derivative"', 'facts = { outcome = "near"')
    put(place, "c6", EXACT, Verdict.CONFIRMED)
    found = place.policies.backtest(sometimes)
    [rule] = [rule for rule in found.rules if rule.withheld]
    assert (rule.matched, rule.withheld[0].cases) == (4, 2)
    assert withheld_in_cases(found) == []


def test_cases_that_would_have_gone_otherwise(place: Place) -> None:
    silent = LAZY.replace('then = ["notify"]', 'then = ["none"]')
    found = place.policies.backtest(silent)
    all_three = (Action.REPORT, Action.PRESERVE, Action.NOTIFY)
    assert found.differing == (
        Differing("c1", FILE, (Action.QUEUE, Action.HOLD), (Action.NONE,)),
        Differing("c1", CASE, all_three, all_three[:2]),
        Differing("c2", FILE, (Action.QUEUE, Action.HOLD), (Action.NONE,)),
        Differing("c3", CASE, all_three, all_three[:2]),
        Differing("c4", CASE, all_three, all_three[:2]),
    )
    before = len(place.cases.log(-1, 100))
    place.enact(silent)
    assert place.policies.backtest(silent).differing == ()
    assert len(place.cases.log(-1, 100)) == before + 2  # of the approval; trying writes nothing


def test_the_latest_cases_are_taken(place: Place) -> None:
    found = place.policies.backtest(LAZY, limit=2)
    assert (found.cases, {one.case for one in found.differing}) == (2, set())
    assert place.policies.backtest(LAZY, limit=3).differing[0].case == "c2"


def test_only_a_policy_without_flaws_is_tried(place: Place) -> None:
    with pytest.raises(PolicyError):
        place.policies.backtest(DEFAULT.replace("outcome", "outcme"))
