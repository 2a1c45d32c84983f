from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.model.decision import Action, Outcome
from safelight.model.scan import Status
from safelight.policy.decide import decide
from tests.golden_matches import cases, parse


@pytest.mark.parametrize("case", cases("policy/decide.yml"), ids=lambda case: str(case["name"]))
def test_golden(case: dict[str, Any]) -> None:
    decision = decide(Status(case["status"]), [parse(m) for m in case["matches"]], case.get("error"))
    assert decision.outcome == case["outcome"]
    assert list(decision.actions) == case["actions"]
    assert decision.degraded == case["degraded"]
    assert [rule.rule for rule in decision.rules if rule.matched] == case["matched"]
    assert decision.reason == case.get("reason", decision.reason)


short_matches = st.builds(
    "{}/{} {}{}".format,
    st.just("known"),
    st.sampled_from("abc"),
    st.sampled_from(["exact 0", "near 0", "near 31"]),
    st.sampled_from(["", " negative", " suppressed"]),
).filter(lambda short: not (short.startswith("exact") and "suppressed" in short))


@given(st.sampled_from(list(Status)), st.lists(short_matches.map(parse), max_size=4))
def test_every_input_gets_a_decision_with_all_rules(status: Status, matches: list[Any]) -> None:
    decision = decide(status, matches)
    assert [rule.rule for rule in decision.rules] == [
        "known-bytes",
        "near-known",
        "known-benign",
        "could-not-check",
        "checked-in-part",
    ]
    assert decision.actions
    assert decision.reason


@given(st.sampled_from(list(Status)), st.lists(short_matches.map(parse), max_size=4))
def test_nothing_is_held_on_a_near_match_or_a_degraded_file(status: Status, matches: list[Any]) -> None:
    decision = decide(status, matches)
    if Action.HOLD in decision.actions:
        assert decision.outcome is Outcome.KNOWN
        assert not decision.degraded
        assert status not in {Status.DEGRADED, Status.UNREADABLE, Status.SKIPPED}
