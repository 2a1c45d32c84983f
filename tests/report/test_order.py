import gc
import random
from collections.abc import Iterator

from hypothesis import given, settings
from hypothesis import strategies as st

from safelight.model.decision import Outcome
from safelight.model.match import MatchKind
from safelight.model.scan import ScanRow
from safelight.report.order import best_match, closeness, first_rows, rank
from safelight.report.words import OUTCOMES
from tests.report.samples import derivative, exact, near, row, scene

ROWS = [row(number) for number in range(120)]


def slowly(rows: list[ScanRow], limit: int) -> list[ScanRow]:
    """The obvious way: a list for each outcome, near ones by their distance, derivatives by chance."""
    classes = [[r for r in rows if r.decision.outcome is outcome] for outcome in OUTCOMES]
    for outcome, members in zip(OUTCOMES, classes, strict=True):
        if outcome in {Outcome.NEAR, Outcome.SUPPRESSED}:
            members.sort(key=lambda r: min((m.distance, m.p_false_match) for m in r.matches if not m.negative))
        if outcome is Outcome.DERIVED:
            members.sort(key=lambda r: r.matches[0].p_false_match or 0)
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
        "derivative",
        "shared_scene",
        "suppressed",
        "not_checked",
        "partly_checked",
        "no_match",
    ]
    assert [rank(r) for r in first_rows(drawn, 10)] == list(range(8))


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
    hidden = scene(rng, suppressed_by="logo")
    ordered = [exact(rng, "00"), near(rng, 4, ""), near(rng, 30, ""), derivative(rng, (400, 300))]
    ordered += [suppressed, scene(rng), benign, hidden]
    matches = sorted(ordered, key=lambda match: list(MatchKind).index(match.kind))
    for best in ordered:
        assert best_match(row(1, matches=tuple(matches))) == best
        matches.remove(best)
    assert best_match(row(1, matches=())) is None


def test_derivatives_are_sorted_behind_every_distance_and_leads_behind_them() -> None:
    rng = random.Random(1)
    matches = [exact(rng, "00"), near(rng, 2, ""), near(rng, 30, ""), derivative(rng, (400, 300)), scene(rng)]
    places = [closeness(match) for match in matches]
    assert places == [0, 2, 30, *sorted(places[3:])]
    assert 40 < places[3] < places[4]
    assert closeness(derivative(rng, (400, 300), distance=3)) == places[3]
