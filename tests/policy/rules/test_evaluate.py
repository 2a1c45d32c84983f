"""Asking a policy: order and `last` as the obvious evaluator has them, and rails that hold whatever rules say."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safelight.model.decision import Action
from safelight.model.policy import Policy, PolicyRule, Ruling, Stage, Withheld
from safelight.policy.rules.compile import Compiled, Program, compile_policy
from safelight.policy.rules.default import default_policy
from safelight.policy.rules.evaluate import evaluate, reduced
from safelight.policy.rules.facts import Facts, complete, without_detectors
from safelight.policy.rules.rails import DETECTOR, HARMLESS, INCOMPLETE, NOT_A_CASE, NOT_CONFIRMED, NOT_KNOWN, OF_A_CASE
from tests.policy.rules.material import Made, facts, policies

FILE, CASE = Stage.FILE, Stage.CASE
EVERYTHING = tuple(action for action in Action if action is not Action.NONE)


def one(when: str, *then: Action, stage: Stage = FILE, last: bool = False) -> PolicyRule:
    return PolicyRule(when, stage, when, then, "because", last)


def ask(*rules: PolicyRule, **told: Any) -> Ruling:
    stage = rules[0].stage
    return evaluate(compile_policy(Policy("ours", rules)), stage, complete(stage, told))


def obvious(made: Made, given: Facts) -> list[tuple[str, bool, bool]]:
    """Rule by rule: its name, whether it was asked, whether it matched."""
    told, ended = [], False
    for rule, holds in zip(made.policy.rules, made.holds, strict=True):
        matched = not ended and holds(given)
        told.append((rule.id, not ended, matched))
        ended = ended or (matched and rule.last)
    return told


@st.composite
def asked(draw: st.DrawFn) -> tuple[Stage, Made, Facts]:
    stage = draw(st.sampled_from(Stage))
    return stage, draw(policies(stage)), draw(facts(stage))


@settings(max_examples=300, deadline=None)
@given(asked())
def test_rules_are_asked_as_the_obvious_evaluator_asks_them(case: tuple[Stage, Made, Facts]) -> None:
    stage, made, given_facts = case
    ruling = evaluate(compile_policy(made.policy), stage, given_facts)
    silent = without_detectors(given_facts)
    heard, unheard = obvious(made, given_facts), obvious(made, silent)
    assert [(t.rule, t.matched) for t in ruling.rules] == [
        (one[0], one[2] or other[2]) for one, other in zip(heard, unheard, strict=True)
    ]
    assert not any(trace.failed for trace in ruling.rules)
    wanted = {a for rule, told in zip(made.policy.rules, unheard, strict=True) if told[2] for a in rule.then}
    refused = {one.action for one in ruling.withheld}
    assert set(ruling.actions) - HARMLESS == wanted - HARMLESS - refused
    if not refused and silent == given_facts:
        assert set(ruling.actions) == (wanted - {Action.NONE} or {Action.NONE})


@settings(max_examples=500, deadline=None)
@given(asked())
def test_no_policy_leaves_the_rails(case: tuple[Stage, Made, Facts]) -> None:
    stage, made, told = case
    compiled = compile_policy(made.policy)
    ruling = evaluate(compiled, stage, told)
    actions = set(ruling.actions)
    silent = evaluate(compiled, stage, without_detectors(told))
    assert actions - {Action.QUEUE} in (set(silent.actions) - {Action.QUEUE}, set())
    assert (actions | {Action.NONE}) - {Action.QUEUE} == (set(silent.actions) | {Action.NONE}) - {Action.QUEUE}
    assert Action.QUEUE not in silent.actions or Action.QUEUE in actions
    by_a_person = stage is CASE and told["verdict"] != "none" and not told["by_policy"]
    if told["degraded"] and not by_a_person:
        assert actions <= HARMLESS
        assert ruling.degraded
    confirmed = stage is CASE and told["verdict"] == "confirmed"
    if Action.BLOCK in actions:
        assert confirmed or (stage is FILE and told["outcome"] == "known")
    assert confirmed or not actions & OF_A_CASE
    assert Action.NONE not in actions or actions == {Action.NONE}
    assert not ruling.withheld or Action.QUEUE in actions
    assert not {one.action for one in ruling.withheld if one.why != DETECTOR} & actions
    assert not set(reduced(ruling, "x").actions) - {Action.NONE, Action.QUEUE, Action.HOLD}


def test_all_that_match_count_and_the_last_ends_it() -> None:
    ruling = ask(
        one("distance < 9", Action.QUEUE),
        one("distance < 8", Action.HOLD, last=True),
        one("distance < 7", Action.BLOCK),
        outcome="known",
        distance=1,
    )
    assert ruling.actions == (Action.QUEUE, Action.HOLD)
    assert [(trace.matched, trace.reason) for trace in ruling.rules] == [
        (True, "because"),
        (True, "because"),
        (False, "not asked: distance < 8 comes first"),
    ]


def test_nothing_asked_for_is_nothing() -> None:
    assert ask(one("degraded", Action.HOLD)).actions == (Action.NONE,)
    assert ask(one("!degraded", Action.NONE)).actions == (Action.NONE,)
    assert ask(one("!degraded", Action.NONE, Action.HOLD)).actions == (Action.HOLD,)


@pytest.mark.parametrize("when", ['hint == "likely_ai"', 'strength == "hinted"'])
def test_a_detector_alone_only_has_people_look(when: str) -> None:
    ruling = ask(one(when, *EVERYTHING), outcome="known", hint="likely_ai", strength="hinted")
    assert ruling.actions == (Action.QUEUE,)
    assert {told.action for told in ruling.withheld} == set(EVERYTHING) - {Action.QUEUE}
    assert {told.why for told in ruling.withheld} == {DETECTOR}
    assert ruling.rules[0].reason == "because; only by what a detector says"


def test_a_detector_prevents_nothing() -> None:
    rules = one('hint == "likely_ai"', Action.NONE, last=True), one('outcome == "known"', Action.BLOCK)
    assert ask(*rules, outcome="known", hint="likely_ai").actions == (Action.BLOCK,)
    ruling = ask(one('hint != "likely_ai"', Action.BLOCK), outcome="known", hint="likely_ai")
    assert ruling.actions == (Action.BLOCK,)
    assert ruling.rules[0].reason == "because; what a detector says cannot prevent it"


def test_a_detector_beside_evidence_does_no_harm() -> None:
    either = one('outcome == "near" || hint == "likely_ai"', Action.HOLD)
    assert ask(either, outcome="near", hint="likely_ai") == ask(either, outcome="near")


@pytest.mark.parametrize(
    ("stage", "told", "actions", "why"),
    [
        (FILE, {"outcome": "known", "degraded": True}, (Action.HOLD, Action.BLOCK), INCOMPLETE),
        (FILE, {"outcome": "near"}, (Action.BLOCK,), NOT_KNOWN),
        (FILE, {"outcome": "known"}, tuple(OF_A_CASE), NOT_A_CASE),
        (CASE, {"verdict": "not_abuse"}, tuple(OF_A_CASE), NOT_CONFIRMED),
        (CASE, {"verdict": "not_abuse"}, (Action.BLOCK,), NOT_KNOWN),
        (CASE, {"verdict": "confirmed", "by_policy": True, "degraded": True}, (Action.PRESERVE,), INCOMPLETE),
    ],
)
def test_what_is_withheld_says_why(stage: Stage, told: dict[str, Any], actions: tuple[Action, ...], why: str) -> None:
    ruling = ask(one("items > 0" if stage is CASE else "file_size >= 0", *actions, stage=stage), **told)
    assert ruling.actions == (Action.QUEUE,)
    assert ruling.withheld == tuple(Withheld(action, ruling.rules[0].rule, why) for action in actions)


def test_what_a_person_decided_is_not_held_up_by_a_file_that_was_read_in_part() -> None:
    ruling = evaluate(default_policy(), CASE, {"verdict": "confirmed", "degraded": True, "jurisdictions": ["eu"]})
    assert ruling.actions == (Action.REPORT, Action.PRESERVE, Action.NOTIFY)
    assert not ruling.degraded


def test_a_rule_that_fails_has_people_look_and_ends_nothing() -> None:
    broken = Program(one("true", Action.BLOCK, last=True), lambda _facts: "no value")
    whole = compile_policy(Policy("ours", (one('outcome == "known"', Action.HOLD),)))
    ruling = evaluate(Compiled(whole.policy, {FILE: (broken, *whole.programs[FILE])}), FILE, {"outcome": "known"})
    assert ruling.actions == (Action.QUEUE, Action.HOLD)
    assert [(trace.failed, trace.matched, trace.reason) for trace in ruling.rules] == [
        (True, False, "no value"),
        (False, True, "because"),
    ]


def test_facts_of_a_wrong_type_fail_the_rules_that_use_them() -> None:
    ruling = ask(one("distance < 3", Action.BLOCK), one("checked", Action.HOLD), distance="near")
    assert ruling.actions == (Action.QUEUE, Action.HOLD)
    assert [trace.failed for trace in ruling.rules] == [True, False]


def test_many_threads_ask_one_policy() -> None:
    compiled = compile_policy(Policy("ours", (one('banks.exists(b, b == "mine") && distance < 9', Action.HOLD),)))

    def held(number: int) -> bool:
        banks = ["mine"] if number % 2 else ["theirs"]
        return evaluate(compiled, FILE, {"banks": banks, "distance": number % 9}).actions == (Action.HOLD,)

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(held, range(4_000))) == [bool(number % 2) for number in range(4_000)]
