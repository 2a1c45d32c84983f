"""Random facts, and random conditions with what they mean in Python."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from hypothesis import strategies as st

from safelight.model.decision import Action
from safelight.model.policy import Policy, PolicyRule, Stage
from safelight.policy.rules.facts import FACTS, Fact, Facts, Kind, Value

WORDS = st.sampled_from(["", "a", "bank-1", "bank-2", "gate", "image/png", "default"])


def values(fact: Fact) -> st.SearchStrategy[Value]:
    """Values that a fact may have, those at the ends among them."""
    words = st.sampled_from(fact.allowed) if fact.allowed else WORDS
    if fact.kind is Kind.FLAG:
        return st.booleans()
    if fact.kind is Kind.TEXT:
        return words
    if fact.kind is Kind.TEXTS:
        return st.lists(words, max_size=3, unique=True).map(sorted)
    if fact.kind is Kind.REAL:
        return st.sampled_from([0.0, 1e-9, 0.25, 0.5, 1.0])
    return st.sampled_from([int(fact.least), 0, 7, 8, 9, int(fact.most)])


@cache
def facts(stage: Stage) -> st.SearchStrategy[Facts]:
    """All facts of a stage."""
    return st.fixed_dictionaries({name: values(fact) for name, fact in FACTS[stage].items()})


@dataclass(frozen=True)
class Condition:
    """A condition as CEL text, and the same in Python."""

    text: str
    holds: Callable[[Facts], bool]


def _compared(name: str, fact: Fact) -> st.SearchStrategy[Condition]:
    words = list(fact.allowed) or ["a", "bank-1", "gate", "image/png", "default"]
    if fact.kind is Kind.FLAG:
        return st.just(Condition(name, lambda given: bool(given[name])))
    if fact.kind is Kind.TEXT:
        is_one = st.sampled_from(words).map(lambda w: Condition(f'{name} == "{w}"', lambda given: given[name] == w))
        among = st.lists(st.sampled_from(words), min_size=1, max_size=3).map(
            lambda some: Condition(
                f"{name} in [{', '.join(repr(word) for word in some)}]", lambda given: given[name] in some
            )
        )
        return is_one | among
    if fact.kind is Kind.TEXTS:
        has = st.sampled_from(words).map(
            lambda w: Condition(f'{name}.exists(x, x == "{w}")', lambda given: w in _texts(given[name]))
        )
        all_begin = st.sampled_from(["a", "b", "near"]).map(
            lambda w: Condition(
                f'{name}.all(x, x.startsWith("{w}"))',
                lambda given: all(one.startswith(w) for one in _texts(given[name])),
            )
        )
        inside = st.sampled_from(words).map(
            lambda w: Condition(f'"{w}" in {name}', lambda given: w in _texts(given[name]))
        )
        sizes = st.sampled_from([0, 1, 2]).map(
            lambda n: Condition(f"size({name}) > {n}", lambda given: len(_texts(given[name])) > n)
        )
        return has | all_begin | inside | sizes
    number = st.sampled_from([0.25, 0.5, 1.0] if fact.kind is Kind.REAL else [0, 8, 100])
    return number.map(lambda n: Condition(f"{name} <= {n}", lambda given: _number(given[name]) <= n))


def _texts(value: Value) -> list[str]:
    assert isinstance(value, list)
    return value


def _number(value: Value) -> float:
    assert isinstance(value, int | float)
    return value


def _both(one: Condition, other: Condition) -> Condition:
    return Condition(f"({one.text}) && ({other.text})", lambda given: one.holds(given) and other.holds(given))


def _either(one: Condition, other: Condition) -> Condition:
    return Condition(f"({one.text}) || ({other.text})", lambda given: one.holds(given) or other.holds(given))


def _no(one: Condition) -> Condition:
    return Condition(f"!({one.text})", lambda given: not one.holds(given))


@cache
def conditions(stage: Stage) -> st.SearchStrategy[Condition]:
    """Conditions over the facts of a stage, a few levels deep."""
    leaves = st.one_of([_compared(name, fact) for name, fact in FACTS[stage].items()])
    return st.recursive(
        leaves,
        lambda inner: st.builds(_both, inner, inner) | st.builds(_either, inner, inner) | st.builds(_no, inner),
        max_leaves=4,
    )


@dataclass(frozen=True)
class Made:
    """A policy of one stage, with what its conditions mean."""

    policy: Policy
    holds: tuple[Callable[[Facts], bool], ...]


@st.composite
def policies(draw: st.DrawFn, stage: Stage) -> Made:
    """Policies of up to five rules that ask for anything."""
    chosen = draw(st.lists(conditions(stage), min_size=1, max_size=5))
    rules = [
        PolicyRule(
            f"r{number}",
            stage,
            condition.text,
            tuple(draw(st.lists(st.sampled_from(Action), min_size=1, max_size=4))),
            "because",
            draw(st.booleans()),
        )
        for number, condition in enumerate(chosen)
    ]
    return Made(Policy("random", tuple(rules)), tuple(condition.holds for condition in chosen))
