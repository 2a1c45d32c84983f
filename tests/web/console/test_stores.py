"""Claims and looks in the console's tables do what those in plain lists do, which the flow is tested with."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from safelight.flow.review_rules import Claims
from safelight.flow.wellness import Exposures
from safelight.web.console.models import Claim, Look, Pause
from safelight.web.console.stores import TableClaims, TableExposures
from tests.flow.test_review import MemoryClaims, MemoryExposures

pytestmark = pytest.mark.usefixtures("db")

START = datetime(2026, 11, 22, tzinfo=UTC)
PEOPLE, CASES = ("user:1", "user:2"), ("c1", "c2")
STEPS = st.lists(
    st.tuples(st.sampled_from(("take", "drop", "all", "wait")), st.sampled_from(CASES), st.sampled_from(PEOPLE)),
    max_size=12,
)
ACTS = ("begin", "shown", "end", "pause", "go on")
FEW = settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])


@FEW
@given(STEPS)
def test_claims(steps: list[tuple[str, str, str]]) -> None:
    Claim.objects.all().delete()
    both: tuple[Claims, Claims] = (TableClaims(), MemoryClaims())
    now = START
    for what, case, person in steps:
        if what == "take":
            one, other = (claims.take(case, person, now, now + timedelta(minutes=2)) for claims in both)
            assert one == other
        elif what == "wait":
            now += timedelta(minutes=1)
        else:
            for claims in both:
                claims.drop(person, case if what == "drop" else None)
        assert both[0].holders(now) == both[1].holders(now)


@FEW
@given(
    st.lists(
        st.tuples(st.sampled_from(("begin", "shown", "end", "pause", "go on")), st.sampled_from(PEOPLE)), max_size=12
    )
)
def test_looks(steps: list[tuple[str, str]]) -> None:
    Look.objects.all().delete()
    Pause.objects.all().delete()
    both: tuple[Exposures, Exposures] = (TableExposures(), MemoryExposures())
    begun: list[tuple[str, str]] = []
    for number, (what, person) in enumerate(steps):
        now = START + timedelta(seconds=25 * number)
        if what == "begin":
            begun.append((both[0].begin(person, "c", "i", now), both[1].begin(person, "c", "i", now)))
        elif what == "shown":
            for one, other in begun:
                both[0].shown(one, person, now)
                both[1].shown(other, person, now)
        elif what == "end":
            for one, other in begun:
                assert both[0].end(one, person, now) == both[1].end(other, person, now)
        else:
            for exposures in both:
                exposures.pause(person, now if what == "pause" else None)
        for somebody in PEOPLE:
            kept, plain = (exposures.since(somebody, START - timedelta(days=1), now) for exposures in both)
            assert sorted(kept, key=str) == sorted(plain, key=str)
            assert len(both[0].unended(somebody)) == len(both[1].unended(somebody))
            assert both[0].paused(somebody) == both[1].paused(somebody)


def test_looks_cannot_be_guessed() -> None:
    looks = {TableExposures().begin("user:1", "c", "i", START) for _ in range(20)}
    assert len(looks) == 20
    assert min(map(len, looks)) >= 43
