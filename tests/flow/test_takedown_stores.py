"""Takedowns over the stores that are really used, by two workers at once: what one decides on, the other knows of."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from threading import Barrier, BrokenBarrierError, Event
from typing import Any

import pytest

from safelight.adapter.casework import open_casework
from safelight.adapter.closing import open_takedowns
from safelight.model.errors import ConflictError
from safelight.model.takedown import Location, Notice, NoticeState
from tests.databases import DATABASES, close_place, database
from tests.flow.takedown_place import DAY, HOUR, ITEM, SENIOR, START, URL, Place, there, until

NEARBY = 0.3
"""Seconds in which one worker waits for the other at the worst moment; who is locked out does not come."""
WORKERS = 4


class Real(Place):
    """The same place over real stores."""

    def __init__(self, target: Path | str) -> None:
        self.target = target
        super().__init__(hosts={URL: there})

    def __post_init__(self) -> None:
        super().__post_init__()
        self.cases = open_casework(self.target, self.clock)  # type: ignore[assignment] # as it is used
        self.store = open_takedowns(self.target)  # type: ignore[assignment] # as above
        self.takedown = self.made()
        self.case = self.opened("case-1", "item-1")

    def close(self) -> None:
        close_place(self.cases.place)  # type: ignore[attr-defined] # as above


@pytest.fixture(params=DATABASES)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Real]:
    with database(request.param, tmp_path, "casework", "closing") as target:
        made = Real(target)
        yield made
        made.close()


class At:
    """A port of which one act is followed by something."""

    def __init__(self, port: Any, act: str, after: Callable[[], None]) -> None:
        self.port, self.act, self.after = port, act, after

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.port, name)
        if name != self.act:
            return found

        def act(*values: Any, **named: Any) -> Any:
            told = found(*values, **named)
            self.after()
            return told

        return act


def at_once(place: Real, *acts: Callable[[], Location]) -> list[Location]:
    """Do these at once, each on a connection of its own."""

    def alone(act: Callable[[], Location]) -> Location:
        try:
            return act()
        finally:
            place.close()

    with ThreadPoolExecutor(WORKERS) as threads:
        return [one.result(60) for one in [threads.submit(alone, act) for act in acts]]


def in_two_cases(place: Real) -> tuple[Location, Location]:
    """Locations of one URL in two cases, both seen there."""
    second = place.opened("case-2", "item-2", family="another")
    both = tuple(
        place.takedown.begin(SENIOR, place.takedown.add(SENIOR, case, item, URL).id)
        for case, item in ((place.case, "item-1"), (second, "item-2"))
    )
    return both[0], both[1]


def test_of_two_who_ask_about_one_url_at_once_one_waits(place: Real) -> None:
    both = in_two_cases(place)
    meeting = Barrier(2)

    def meet() -> None:
        with suppress(BrokenBarrierError):
            meeting.wait(NEARBY)

    def wrap(port: Any) -> Any:
        return At(port, "of_url", meet) if port is place.store else port

    at_once(place, *(lambda one=one: place.made(wrap).advance(one.id) for one in both))
    told = [notice for one in both for notice in place.store.get(one.id).notices]
    assert [notice.state for notice in told] == [NoticeState.SENT]
    assert len(place.mails) == 1
    [later] = [found for one in both if not (found := place.store.get(one.id)).notices]
    assert later.next_look is not None
    assert told[0].due is not None
    assert START + HOUR <= later.next_look <= told[0].due  # in an hour, where it was not sent yet


def test_a_place_that_leads_on_and_an_answer_at_once_do_not_wait_for_each_other(place: Real) -> None:
    """Whoever locks the log and a location locks the log first."""
    here = place.begun()
    place.hosts[URL] = lambda _at: (200, ITEM, f"{URL}?first")
    here = place.takedown.advance(here.id)
    place.hosts[URL] = lambda _at: (200, ITEM, f"{URL}?second")  # the state is the same: a look that is no event
    place.clock.moment += DAY
    [notice] = here.notices
    looked, answered = Event(), Event()

    def wait() -> None:
        looked.set()
        answered.wait(NEARBY)

    def wrap(port: Any) -> Any:
        return At(port, "put", wait) if port is place.store else port

    def look() -> Location:
        try:
            return place.made(wrap).advance(here.id)
        finally:
            looked.set()  # whatever became of it

    def answer() -> Location:
        looked.wait()
        takedown = place.made(lambda port: At(port, "append", answered.set) if port is place.cases else port)
        while True:
            with suppress(ConflictError):  # it was looked at meanwhile
                return takedown.answer(SENIOR, here.id, notice.id, NoticeState.ACKNOWLEDGED)

    at_once(place, look, answer)
    place.takedown.advance(here.id)  # where the answer came first, the look is taken the next time
    assert {one.url for one in place.store.of_case(place.case)} == {URL, f"{URL}?first", f"{URL}?second"}
    assert place.store.get(here.id).notices[0].state is NoticeState.ACKNOWLEDGED


class Between:
    """The cases and locations of a place in memory; before the act of this number, outside of transactions, `do`."""

    def __init__(self, place: Place, number: int, do: Callable[[], object]) -> None:
        self.place, self.left, self.do, self.inside = place, number, do, False

    def __call__(self, port: Any) -> Any:
        return self.of(port) if port is self.place.cases or port is self.place.store else port

    def of(self, port: Any) -> Any:
        between = self

        class Port:
            def __getattr__(self, name: str) -> Any:
                found = getattr(port, name)
                return between.transaction if name == "transaction" else partial(between.act, found)

        return Port()

    def act(self, found: Callable[..., Any], *values: Any, **named: Any) -> Any:
        self.left -= not self.inside
        if self.left == 0 and not self.inside:
            self.do()
        return found(*values, **named)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        self.act(lambda: None)
        before, self.inside = self.inside, True
        try:
            with self.place.cases.transaction():
                yield
        finally:
            self.inside = before


@pytest.mark.parametrize(
    "state", [NoticeState.ACKNOWLEDGED, NoticeState.REFUSED, NoticeState.FAILED, NoticeState.REMOVED]
)
def test_an_answer_at_whatever_moment_of_a_look_takes_no_look_away(state: NoticeState) -> None:
    number, came = 0, True
    while came:
        place, number, came = Place(hosts={URL: there, f"{URL}?onward": there}), number + 1, False
        here = place.begun()
        [notice] = place.takedown.advance(here.id).notices
        place.hosts[URL] = lambda _at: (200, ITEM, f"{URL}?onward")
        place.clock.moment += DAY

        def answer(place: Place = place, here: Location = here, notice: Notice = notice) -> None:
            nonlocal came
            came = True
            place.takedown.answer(SENIOR, here.id, notice.id, state)

        place.made(Between(place, number, answer)).advance(here.id)
        place.takedown.advance(here.id)
        assert {one.url for one in place.store.of_case(place.case)} == {URL, f"{URL}?onward"}, number
        assert not came or place.store.get(here.id).notices[0].state is state
    assert number > 9


@pytest.mark.parametrize("urls", [2, pytest.param(12, marks=pytest.mark.soak)])
def test_several_workers_come_to_the_end_that_one_comes_to(place: Real, urls: int) -> None:
    """Each location is advanced by two workers at once, and each second URL stands in two cases."""
    alone = Place()
    ends = [worked(world, urls) for world in (alone, place)]
    assert ends[0] == ends[1]
    assert not place.cases.projection_flaws()


def worked(world: Place, urls: int) -> list[tuple[str, ...]]:
    """What becomes of so many URLs until the first contacts are silent, and the next ones acknowledge: all notices."""
    second = world.opened("case-2", "item-2", family="another")
    for number in range(urls):
        url = f"https://host-{number}.example/a.jpg"
        world.hosts[url] = there if number % 3 else until((2 * DAY, (404, b"gone")))
        for case, item in ((world.case, "item-1"), (second, "item-2"))[: 1 + number % 2]:
            world.takedown.begin(SENIOR, world.takedown.add(SENIOR, case, item, url).id)
    for _ in range(30):
        world.clock.moment += 4 * HOUR
        due = world.store.due(world.clock.moment, 1000)
        if isinstance(world, Real):
            at_once(world, *(partial(world.made().advance, one) for one in due * 2))
        else:
            for one in due:
                world.made().advance(one)
    return sorted(
        (one.url, one.place, notice.contact.email, notice.state)
        for one in world.store.all(limit=1000)
        for notice in one.notices
    )
