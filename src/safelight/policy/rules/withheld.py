"""Rules that ask for what the rails never let them do: no flaw, as nothing goes wrong, but seldom what was meant."""

from collections.abc import Iterator

from safelight.model.decision import Action
from safelight.model.policy import Backtest, Policy, PolicyFlaw, PolicyRule
from safelight.policy.rules.compile import Compiled, compile_policy
from safelight.policy.rules.evaluate import evaluate
from safelight.policy.rules.rails import HARMLESS


def withheld_in_examples(policy: Policy) -> list[PolicyFlaw]:
    """Warnings about a policy without flaws: actions that are withheld in all examples that their rule matches."""
    return [flaw for rule in policy.rules for flaw in _of_rule(rule, _alone(policy, rule))]


def withheld_in_cases(found: Backtest) -> list[PolicyFlaw]:
    """Warnings about a policy that was tried: actions that were withheld in all past cases that their rule matched."""
    return [
        _warning(rule.rule, one.action, one.why, f"in all past cases that it matches: {rule.matched:,}")
        for rule in found.rules
        for one in rule.withheld
        if one.cases == rule.matched
    ]


def _alone(policy: Policy, rule: PolicyRule) -> Compiled:
    """The rule as if there were no other."""
    return compile_policy(Policy(policy.name, (rule,)))


def _of_rule(rule: PolicyRule, alone: Compiled) -> Iterator[PolicyFlaw]:
    rulings = [evaluate(alone, rule.stage, example.facts) for example in rule.examples if example.matches]
    for action in dict.fromkeys(rule.then):
        whys = [{one.why: None for one in ruling.withheld if one.action is action} for ruling in rulings]
        if action not in HARMLESS and whys and all(whys):
            told = tuple(dict.fromkeys(why for one in whys for why in one))
            yield _warning(rule.id, action, told, "in all examples that it matches")


def _warning(rule: str, action: Action, whys: tuple[str, ...], where: str) -> PolicyFlaw:
    return PolicyFlaw(rule, f"asks for `{action}`, but the rails always withhold it, {where}: {'; '.join(whys)}")
