"""Rules that ask for what the rails never let them do."""

import pytest

from safelight.model.decision import Action
from safelight.model.policy import Example, Policy, PolicyRule, Stage
from safelight.policy.rules.default import default_policy
from safelight.policy.rules.facts import Value
from safelight.policy.rules.rails import DETECTOR, INCOMPLETE, NOT_CONFIRMED, NOT_KNOWN
from safelight.policy.rules.withheld import withheld_in_examples

KNOWN: dict[str, Value] = {"outcome": "known"}
NEAR: dict[str, Value] = {"outcome": "near"}


def warnings(stage: Stage, when: str, then: tuple[Action, ...], *examples: dict[str, Value]) -> list[str]:
    rule = PolicyRule("r", stage, when, then, "because", examples=tuple(Example(facts) for facts in examples))
    found = withheld_in_examples(Policy("p", (rule,)))
    assert all(one.rule == "r" for one in found)
    return [one.cause for one in found]


def test_the_default_asks_for_nothing_in_vain() -> None:
    assert withheld_in_examples(default_policy().policy) == []


@pytest.mark.parametrize(
    ("stage", "when", "action", "facts", "why"),
    [
        (Stage.CASE, 'verdict == "not_abuse"', Action.REPORT, {"verdict": "not_abuse"}, NOT_CONFIRMED),
        (Stage.FILE, 'outcome == "near"', Action.BLOCK, NEAR, NOT_KNOWN),
        (Stage.FILE, "degraded", Action.HOLD, KNOWN | {"degraded": True}, INCOMPLETE),
        (Stage.FILE, 'strength == "hinted"', Action.HOLD, {"strength": "hinted"}, DETECTOR),
    ],
)
def test_an_action_that_no_example_gets_is_warned_of(
    stage: Stage, when: str, action: Action, facts: dict[str, Value], why: str
) -> None:
    [warning] = warnings(stage, when, (action, Action.QUEUE), facts)
    assert warning.startswith(f"asks for `{action}`, but the rails always withhold it")
    assert warning.endswith(why)


def test_one_example_that_gets_it_is_enough() -> None:
    both = 'outcome in ["known", "near"]'
    assert warnings(Stage.FILE, both, (Action.BLOCK,), NEAR, KNOWN) == []
    assert len(warnings(Stage.FILE, both, (Action.BLOCK,), NEAR, NEAR | {"distance": 3})) == 1
    assert warnings(Stage.FILE, both, (Action.QUEUE, Action.NONE), NEAR) == []
