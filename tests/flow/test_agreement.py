"""Cohen's kappa, against the figures of published examples."""

import pytest

from safelight.flow.agreement import Agreement, agreement


def pairs(table: dict[tuple[str, str], int]) -> list[tuple[str, str]]:
    return [pair for pair, times in table.items() for _ in range(times)]


def test_nothing() -> None:
    assert agreement([]) == Agreement(0, None, None)


def test_a_known_example() -> None:
    # Of 50 grants: both yes 20, both no 15, 5 and 10 between. Agreement 0.7, by chance 0.5.
    found = agreement(pairs({("y", "y"): 20, ("y", "n"): 5, ("n", "y"): 10, ("n", "n"): 15}))
    assert found.same == pytest.approx(0.7)
    assert found.kappa == pytest.approx(0.4)


def test_the_same_answer_everywhere_says_nothing() -> None:
    assert agreement([("a", "a")] * 9) == Agreement(9, 1.0, None)


def test_complete_disagreement_is_below_chance() -> None:
    assert agreement([("a", "b"), ("b", "a")]).kappa == pytest.approx(-1)
