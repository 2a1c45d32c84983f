"""What is wrong with a policy, found before it ever runs."""

from collections import Counter
from collections.abc import Iterator

from safelight.model.policy import Example, Policy, PolicyFlaw, PolicyRule, Stage
from safelight.policy.rules.compile import Program, compile_rule, ready
from safelight.policy.rules.facts import FACTS, Fact, Kind, Value, complete
from safelight.policy.rules.language import Parsed, guess, parse, unknown_words
from safelight.policy.rules.rails import NOT_A_CASE, OF_A_CASE
from safelight.policy.rules.reach import Asked, Budget, unreachable
from safelight.policy.rules.reading import read_policy

_PYTHON = {Kind.TEXT: str, Kind.WHOLE: int, Kind.REAL: float, Kind.FLAG: bool, Kind.TEXTS: list}


def check(text: str) -> list[PolicyFlaw]:
    """All flaws of a policy as it is written; none for one that can be used. It never raises."""
    policy, flaws = read_policy(text)
    return [*flaws, *check_policy(policy)]


def check_policy(policy: Policy) -> list[PolicyFlaw]:
    """All flaws of a policy that was read, in the order of its rules."""
    flaws = [
        PolicyFlaw(name, f"{count} rules have this id")
        for name, count in Counter(rule.id for rule in policy.rules).items()
        if count > 1
    ]
    asked: dict[Stage, list[Asked]] = {stage: [] for stage in Stage}
    budget = Budget()
    for rule in policy.rules:
        parsed = parse(rule.id, rule.when, FACTS[rule.stage])
        found = list(_of_condition(rule, parsed))
        made = None if parsed.flaws else compile_rule(rule)
        if isinstance(made, PolicyFlaw):
            found.append(made)
        elif made is not None:
            told = list(_of_examples(made))
            one = Asked(made, parsed)
            found += told
            if not found and (useless := unreachable(one, asked[rule.stage], budget)):
                found.append(useless)
            asked[rule.stage].append(one)
        flaws += found
    return flaws


def _of_condition(rule: PolicyRule, parsed: Parsed) -> Iterator[PolicyFlaw]:
    yield from parsed.flaws
    yield from unknown_words(rule.id, parsed, FACTS[rule.stage])
    for action in rule.then:
        if rule.stage is Stage.FILE and action in OF_A_CASE:
            yield PolicyFlaw(rule.id, f"`{action}` would always be withheld: {NOT_A_CASE}", hint='stage = "case"')


def _of_examples(program: Program) -> Iterator[PolicyFlaw]:
    """Flaws of a rule's examples, and what they show of the rule."""
    rule = program.rule
    for wanted in (True, False):
        if all(example.matches is not wanted for example in rule.examples):
            verb = "matches" if wanted else "does not match"
            yield PolicyFlaw(rule.id, f"there is no example that this rule {verb}", hint="[[rule.example]]")
    for number, example in enumerate(rule.examples, 1):
        wrong = list(_of_facts(rule, number, example))
        yield from wrong
        if wrong:
            continue
        answer = program.ask(ready(rule.stage, complete(rule.stage, example.facts)))
        if isinstance(answer, str):
            yield PolicyFlaw(rule.id, f"example {number} cannot be answered: {answer}", 0, len(rule.when))
        elif answer is not example.matches:
            found = "matches" if answer else "does not match"
            yield PolicyFlaw(rule.id, f"this rule {found} example {number}", 0, len(rule.when))


def _of_facts(rule: PolicyRule, number: int, example: Example) -> Iterator[PolicyFlaw]:
    facts = FACTS[rule.stage]
    for name, value in example.facts.items():
        if name not in facts:
            yield PolicyFlaw(rule.id, f"example {number}: there is no fact `{name}`", hint=guess(name, list(facts)))
        elif cause := _misfit(facts[name], value):
            yield PolicyFlaw(rule.id, f"example {number}: `{name}` {cause[0]}", hint=cause[1])


def _misfit(fact: Fact, value: Value) -> tuple[str, str] | None:
    """Why a fact cannot be so, with a hint."""
    if type(value) is not _PYTHON[fact.kind]:
        return f"is of type {fact.kind}", "with a point, as 1.0" if fact.kind is Kind.REAL else ""
    words = value if isinstance(value, list) else [value] if isinstance(value, str) else []
    if not all(isinstance(word, str) for word in words):
        return "is a list of texts", ""
    for word in words:
        if fact.allowed and word not in fact.allowed:
            return f"is never {word!r}", guess(str(word), fact.allowed) or f"one of {', '.join(fact.allowed)}"
    if isinstance(value, int | float) and not isinstance(value, bool) and not fact.least <= value <= fact.most:
        return f"is from {fact.least:g} to {fact.most:g}", ""
    return None
