import gc
import random
from collections.abc import Iterator

from hypothesis import given, settings
from hypothesis import strategies as st

from safelight.model.decision import Outcome
from safelight.model.match import MatchKind
from safelight.model.scan import ScanRow
from safelight.report.order import best_match, first_rows, rank
from safelight.report.words import OUTCOMES
from tests.report.samples import near, row

ROWS = [row(number) for number in range(120)]


def slowly(rows: list[ScanRow], limit: int) -> list[ScanRow]:
    """The obvious way: a list for each outcome, near ones by their distance."""
    classes = [[r for r in rows if r.decision.outcome is outcome] for outcome in OUTCOMES]
    for outcome, members in zip(OUTCOMES, classes, strict=True):
        if outcome in {Outcome.NEAR, Outcome.SUPPRESSED}:
            members.sort(key=lambda r: min(m.distance for m in r.matches if not m.negative))
    return [r for members in classes for r in members][:limit]


@settings(deadline=None)  # the machine may be busy
@given(st.permutations(ROWS), st.integers(0, 130))
def test_first_rows_are_those_of_the_obvious_way(rows: list[ScanRow], limit: int) -> None:
    assert first_rows(rows, limit) == slowly(rows, limit)


def test_order_of_outcomes() -> None:
    drawn = [row(number, outcome) for number, outcome in enumerate(reversed(Outcome))]
    assert [r.decision.outcome.value for r in first_rows(drawn, 10)] == [
        "known",
        "near",
        "suppressed",
        "not_checked",
        "partly_checked",
        "no_match",
    ]
    assert [rank(r) for r in first_rows(drawn, 10)] == list(range(6))


def test_no_more_rows_are_held_than_shown() -> None:
    limit, most = 50, 0

    def rows() -> Iterator[ScanRow]:
        nonlocal most
        for number in range(5000):
            yield row(number, path=f"file-{number}")
            if number % 1000 == 999:
                alive = sum(type(value) is ScanRow and value.path.startswith("file-") for value in gc.get_objects())
                most = max(most, alive)

    assert len(first_rows(rows(), limit)) == limit
    assert most <= limit + 3


def test_best_match_is_the_one_that_says_most() -> None:
    rng = random.Random(1)
    benign = near(rng, 0, "", negative=True)
    suppressed = near(rng, 2, "", suppressed_by="logo")
    far, close = near(rng, 30, ""), near(rng, 4, "")
    exact = row(1, Outcome.KNOWN).matches[0]
    assert exact.kind is MatchKind.EXACT
    matches = [benign, suppressed, far, close, exact]
    for best in (exact, close, far, suppressed, benign):
        assert best_match(row(1, matches=tuple(matches))) == best
        matches.remove(best)
    assert best_match(row(1, matches=())) is None
