"""Claims and looks in the console's tables do what those in plain lists do, which the flow is tested with."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier, BrokenBarrierError, Event
from time import sleep

import pytest
from django.db import connections, transaction
from django.utils.connection import ConnectionProxy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from safelight.adapter.store.opening import open_place
from safelight.flow.review import Review
from safelight.flow.review_rules import Claims
from safelight.flow.review_rules import Look as See
from safelight.flow.wellness import SHORTEST, Exposure, Exposures, Limits
from safelight.model.access import SYSTEM, Actor, ActorKind, Principal, Role, granted
from safelight.model.case import Body, Draft, ItemAdded, Opened, Revealed
from safelight.model.decision import Outcome
from safelight.model.errors import NotNowError
from safelight.web.console import stores
from safelight.web.console.models import Claim, Look, Pause
from safelight.web.console.stores import TableClaims, TableExposures
from safelight.web.container import the_app
from tests.databases import database
from tests.flow.test_review import MemoryClaims, MemoryExposures

START = datetime(2026, 11, 22, tzinfo=UTC)
PEOPLE, CASES = ("user:1", "user:2"), ("c1", "c2")
STEPS = st.lists(
    st.tuples(st.sampled_from(("take", "drop", "all", "wait")), st.sampled_from(CASES), st.sampled_from(PEOPLE)),
    max_size=12,
)
ACTS = ("begin", "shown", "end", "pause", "go on")
FEW = settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.mark.usefixtures("db")
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


@pytest.mark.usefixtures("db")
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


class Meeting(TableExposures):
    """Whoever has counted what was seen waits a little for others who count it, too."""

    def __init__(self) -> None:
        self.both = Barrier(2)

    def since(self, person: str, after: datetime, now: datetime) -> list[Exposure]:
        found = super().since(person, after, now)
        with suppress(BrokenBarrierError):
            self.both.wait(0.3)
        return found


@pytest.mark.usefixtures("committed_db")
def test_of_two_looks_at_once_one_has_room() -> None:
    app, who = the_app(), Principal(Actor(ActorKind.USER, "1"), granted([Role.REVIEWER]))
    items = [ItemAdded(f"i{n}", f"{n:064x}", 5, "image/png", "items", Outcome.NEAR, "why", blob="b") for n in range(2)]
    opened: list[Body] = [Opened("why"), *items]
    app.cases.append([Draft("c", SYSTEM, body) for body in opened])
    limits = Limits(day=SHORTEST, stretch=300, rest=600)
    review = Review(app.cases, TableClaims(), Meeting(), app.clock, app.ids, limits)
    review.claim(who, "c")

    def look(item: str) -> bool:
        try:
            review.reveal(who, "c", See(item, "to decide"))
        except NotNowError:
            return False
        else:
            return True
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(look, ("i0", "i1"))) == [False, True]
    assert Look.objects.count() == 1
    assert sum(isinstance(one.event.body, Revealed) for one in app.cases.events("c")) == 1


def test_on_postgresql_one_waits_for_the_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with database("postgresql", tmp_path, "casework") as target:
        place = open_place(target)
        monkeypatch.setattr(stores, "connection", ConnectionProxy(connections, place))
        first, order = Event(), []

        def hold(name: str, person: str, seconds: float) -> None:
            with transaction.atomic(using=place):
                TableExposures().lock(person)
                first.set()
                sleep(seconds)
                order.append(name)
            connections.close_all()

        with ThreadPoolExecutor(3) as threads:
            asked = [threads.submit(hold, "first", "user:1", 0.3)]
            assert first.wait(10)
            asked += [threads.submit(hold, "same", "user:1", 0), threads.submit(hold, "other", "user:2", 0)]
            for one in asked:
                one.result()
    assert order == ["other", "first", "same"]


@pytest.mark.usefixtures("db")
def test_looks_cannot_be_guessed() -> None:
    looks = {TableExposures().begin("user:1", "c", "i", START) for _ in range(20)}
    assert len(looks) == 20
    assert min(map(len, looks)) >= 43
