"""Can a rule ever be asked, and match? Found by trying the values at which conditions change.

A condition changes only where a fact crosses a literal, so for each fact there are finitely many values that matter:
the literals, their neighbours, all words of an enumeration, and the ends of the range. An example that a rule matches,
and that gets to it, is proof enough; where there is none, all combinations of these values are tried.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, islice, product

from safelight.model.policy import PolicyFlaw, Stage
from safelight.policy.rules.compile import Program, ready
from safelight.policy.rules.facts import FACTS, Fact, Kind, Value, complete
from safelight.policy.rules.language import Parsed, Token

MOST_TRIED = 20_000
"""Combinations of values that are tried for one rule."""
MOST_ASKED = 100_000
"""Conditions that are asked for one policy: about a second."""
_ALL_SUBSETS = 6  # of more words than these, only small and large subsets
_LONGEST_LIST = 50
_MOST_JOINED = 20  # texts of which pairs are joined
_OTHER = "another-one"


@dataclass(frozen=True, slots=True)
class Asked:
    """A rule with what its condition uses."""

    program: Program
    parsed: Parsed


@dataclass(slots=True)
class Budget:
    """How much may still be tried for a policy."""

    left: int = MOST_ASKED


def unreachable(rule: Asked, before: Sequence[Asked], budget: Budget) -> PolicyFlaw | None:
    """Why a rule has no effect, None when it has one.

    Args:
        rule: a rule with examples that hold.
        before: all rules of its stage that come before it.
        budget: of the whole policy; it gets less.
    """
    ending = [one for one in before if one.program.rule.last]
    stage, identity, end = rule.program.rule.stage, rule.program.rule.id, len(rule.program.rule.when)
    if any(_gets_there(stage, rule, ending, example.facts) for example in rule.program.rule.examples):
        return None
    matched = False
    for tried, facts in enumerate(_combinations(stage, [rule, *ending])):
        if tried == MOST_TRIED or budget.left <= 0:
            cause = f"none of {tried:,} combinations of facts gets to this rule and matches it"
            return PolicyFlaw(identity, cause, 0, end, "give an example that it matches and that no earlier rule ends")
        given = ready(stage, complete(stage, facts))
        budget.left -= 1
        if rule.program.ask(given) is True:
            matched = True
            budget.left -= len(ending)
            if all(one.program.ask(given) is not True for one in ending):
                return None
    if not matched:
        return PolicyFlaw(identity, "this condition can never be true", 0, end)
    names = ", ".join(f"`{one.program.rule.id}`" for one in ending)
    return PolicyFlaw(identity, f"this rule is never asked when it would match: {names} end before it", 0, end)


def _gets_there(stage: Stage, rule: Asked, ending: Sequence[Asked], facts: dict[str, Value]) -> bool:
    given = ready(stage, complete(stage, facts))
    return rule.program.ask(given) is True and all(one.program.ask(given) is not True for one in ending)


def _combinations(stage: Stage, rules: Sequence[Asked]) -> Iterator[dict[str, Value]]:
    """All combinations of the values that matter, of the facts that these rules use."""
    words = [word for rule in rules for word in rule.parsed.words]
    texts = {word.literal for word in words if word.token is Token.TEXT}
    numbers = {float(word.text) for word in words if word.token in {Token.WHOLE, Token.REAL}}
    names = sorted({name for rule in rules for name in rule.parsed.used})
    values = [list(islice(_values(FACTS[stage][name], texts, numbers), MOST_TRIED + 1)) for name in names]
    return (dict(zip(names, one, strict=True)) for one in product(*values))


def _values(fact: Fact, texts: Iterable[str], numbers: Iterable[float]) -> Iterator[Value]:
    if fact.kind is Kind.FLAG:
        yield from (False, True)
    elif fact.kind is Kind.TEXT:
        yield from fact.allowed or _strings(texts)
    elif fact.kind is Kind.WHOLE:
        around = {fact.least, fact.most, *(int(one) + step for one in numbers for step in (-1, 0, 1))}
        yield from sorted(int(one) for one in around if fact.least <= one <= fact.most)
    elif fact.kind is Kind.REAL:
        steps = {one: (math.nextafter(one, -math.inf), one, math.nextafter(one, math.inf)) for one in numbers}
        around = {fact.least, fact.most, *(near for three in steps.values() for near in three)}
        yield from sorted(float(one) for one in around if fact.least <= one <= fact.most)
    else:
        yield from _lists(sorted(fact.allowed or _strings(texts)), numbers)


def _strings(texts: Iterable[str]) -> list[str]:
    """Texts that literals tell apart: the same, longer at either end, another, none; and both ends of two of them."""
    texts = sorted(set(texts))
    longer = (made for one in texts for made in (one, one + _OTHER, _OTHER + one))
    joined = (one + other for one, other in product(texts[:_MOST_JOINED], repeat=2))
    return list(dict.fromkeys(("", _OTHER, *longer, *joined)))


def _lists(words: Sequence[str], numbers: Iterable[float]) -> Iterator[list[str]]:
    """Subsets, of many words only the smallest and the largest; and lists as long as numbers ask for."""
    sizes = range(len(words) + 1)
    if len(words) > _ALL_SUBSETS:
        sizes = (0, 1, 2, len(words) - 1, len(words))  # type: ignore[assignment] # both are iterated only
    for size in sizes:
        yield from map(list, combinations(words, size))
    for number in numbers:
        for size in {int(number), int(number) + 1}:
            if len(words) < size <= _LONGEST_LIST:
                yield [*words, *(f"{_OTHER}-{more}" for more in range(size - len(words)))]
