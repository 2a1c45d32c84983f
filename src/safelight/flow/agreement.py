"""How far people agree when they decide the same thing without knowing of each other."""

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Agreement:
    """`pairs` of answers; `same`: share that agree, 0 to 1; `kappa`: that beyond chance, -1 to 1.

    Both are None for no pairs; `kappa` also where all answers are the same one, so that chance explains everything.
    """

    pairs: int
    same: float | None
    kappa: float | None


def agreement(pairs: Sequence[tuple[Hashable, Hashable]]) -> Agreement:
    """Cohen's kappa of two answers to each question.

    Source: J. Cohen, "A coefficient of agreement for nominal scales", Educational and Psychological Measurement 20,
    1960, 10.1177/001316446002000104.
    """
    number = len(pairs)
    if not number:
        return Agreement(0, None, None)
    same = sum(one == other for one, other in pairs) / number
    first, second = Counter(one for one, _ in pairs), Counter(other for _, other in pairs)
    chance = sum(first[answer] * second[answer] for answer in first) / number**2
    return Agreement(number, same, None if chance == 1 else (same - chance) / (1 - chance))
