"""Takedowns by a clock that jumps: what one that was ahead wrote keeps nobody from looking, telling, or being told."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from random import Random
from typing import BinaryIO

import pytest

from safelight.flow.borne_out import stalled
from safelight.model.access import Actor, ActorKind, Principal, Role, granted
from safelight.model.case import (
    AppealDecided,
    AppealOpened,
    Approved,
    ItemAdded,
    Noted,
    Proposed,
    Rejected,
)
from safelight.model.case_events import Grave
from safelight.model.decision import Outcome
from safelight.model.errors import MailDownError
from safelight.model.takedown import AlarmKind, Location, NoticeState, Retraction, RetractionState, Scope
from safelight.model.takedown import Place as At
from safelight.ports import Seen
from tests.flow.takedown_place import (
    DAY,
    EVERYBODY,
    HOUR,
    ITEM,
    MINUTE,
    NO_ABUSE,
    SENIOR,
    START,
    URL,
    Host,
    Place,
    shortened,
    there,
    until,
)

ALL = [str(scope) for scope in Scope]
LEAD = Principal(Actor(ActorKind.USER, "8"), granted([Role.LEAD]))
YEAR = 365 * DAY
LOOKS, WATCH = (HOUR, 6 * HOUR, DAY), (DAY, 3 * DAY, 7 * DAY)
OFF = (0 * DAY, 0 * DAY, YEAR, 3 * DAY, 12 * HOUR, 20 * MINUTE, 5 * timedelta(seconds=1), -2 * DAY, -30 * MINUTE)
"""By how much the clock of a world is ahead of its true time; right more often than any."""


class Jumping(Place):
    """A place whose hosts go by true time, and whose own clock is `off` by so much."""

    def __init__(self, hosts: dict[str, Host]) -> None:
        self.true, self.off, self.seen = START, timedelta(), dict[str, list[datetime]]()
        self.jumps: list[datetime] = []
        super().__init__(hosts=hosts, plan=shortened(LOOKS, WATCH))

    def jump(self, off: timedelta) -> None:
        self.off = off
        self.jumps.append(self.true)

    def longest(self, url: str, *, over: bool) -> timedelta:
        """For which nobody looked, or since the clock was set last: what a clock does before that tells nobody."""
        looks = [*self.seen[url], *([] if over else [self.true])]
        return max(b - max([a, *(at for at in self.jumps if at < b)]) for a, b in pairwise(looks))

    def pass_by(self, time: timedelta) -> None:
        self.true += time
        self.clock.moment = self.true + self.off

    def work(self) -> None:
        """What `safelight serve` does about all that is due."""
        for _ in range(4):
            for location in self.takedown.due():
                self.takedown.advance(location)

    @contextmanager
    def look(self, url: str) -> Iterator[tuple[Seen, BinaryIO]]:
        host, self.hosts[url] = self.hosts[url], lambda _at: host(self.true)
        self.seen.setdefault(url, []).append(self.true)
        try:
            with super().look(url) as found:
                yield found
        finally:
            self.hosts[url] = host


def hosts(chance: Random) -> dict[str, Host]:
    """Hosts that never remove, that do, that flap, and that have it back after days."""
    gone, silent = (404, b"gone"), None
    at = [chance.randrange(5 * 24) * HOUR for _ in range(4)]
    return {
        URL: there,
        "https://removes.example/": until((at[0], gone)),
        "https://flaps.example/": until((at[1], gone), (at[1] + 40 * MINUTE, (200, ITEM)), (at[1] + 3 * HOUR, silent)),
        "https://again.example/": until((at[2], gone), (at[2] + 4 * DAY, (200, ITEM))),
        "https://silent.example/": until((at[3], silent), (at[3] + 2 * DAY, (200, ITEM))),
    }


@pytest.mark.parametrize("seed", [*range(2), *(pytest.param(n, marks=pytest.mark.soak) for n in range(2, 60))])
def test_whatever_the_clock_does_all_is_looked_at_in_time_and_told_once(seed: int) -> None:
    chance = Random(seed)
    world = Jumping(hosts(chance))
    begun = {url: world.begun(url).id for url in world.hosts}
    for _ in range(10 * 24):
        if chance.random() < 0.04:
            world.jump(chance.choice(OFF))
        world.pass_by(HOUR)
        world.work()
        assert not stalled(world.cases, world.store, world.plan, world.clock.now())
    world.jump(timedelta())
    for _ in range(14 * 24):
        world.pass_by(HOUR)
        world.work()
        assert not stalled(world.cases, world.store, world.plan, world.clock.now())
    assert len({letter.id for _, letter in world.mails}) == len(world.mails)
    for url, name in begun.items():
        location = world.store.get(name)
        told = [letter.to.partition("@")[0] for _, letter in world.mails if f" {url} " in letter.text]
        anew = location.anew is not None
        assert len(told) <= len(ALL) * (1 + anew), (url, told)
        assert anew or len(set(told)) == len(told), (url, told)
        removed = url in {"https://removes.example/", "https://again.example/"}
        longest = world.longest(url, over=location.next_look is None)
        assert longest <= (max(WATCH) if removed else max(LOOKS)) + HOUR, url
        assert set(told) == set(ALL) or location.gone is not None or anew, url
    assert world.store.get(begun["https://removes.example/"]).gone is not None
    assert world.store.get(begun["https://again.example/"]).place is At.PRESENT
    assert not any(one.as_of and one.as_of > world.true for one in world.store.all())


@pytest.fixture
def place() -> Place:
    made = Place()
    made.hosts[URL] = there
    return made


def served(place: Place, time: timedelta) -> None:
    """What `safelight serve` does in this time: each half hour all that is due."""
    end = place.clock.moment + time
    while place.clock.moment < end:
        place.clock.moment += 30 * MINUTE
        for _ in range(3):
            for location in place.takedown.due():
                place.takedown.advance(location)


def ahead(place: Place, time: timedelta = HOUR, off: timedelta = YEAR) -> None:
    """The clock is ahead for a time, and is set right."""
    place.clock.moment += off
    served(place, time)
    place.clock.moment -= off


def test_who_was_told_by_a_clock_that_was_ahead_has_the_whole_wait_and_the_next_is_told(place: Place) -> None:
    location = place.begun()
    ahead(place)
    assert place.mails[0][0] > START + YEAR
    assert place.takedown.due() == [location.id]
    served(place, HOUR)
    after = place.store.get(location.id)
    assert after.notices[0].due is not None
    assert after.notices[0].due <= place.clock.moment + DAY
    assert after.looks[0].at <= place.clock.moment
    [note] = place.bodies(Noted)
    assert note.text.startswith(
        f"location {location.id}: a clock was ahead: its times until {START + YEAR + HOUR:%Y-%m-%d}"
    )
    served(place, 10 * DAY)
    assert [scope for scope, _ in place.scopes] == ALL


def test_a_rest_that_a_clock_which_was_ahead_has_planned_leaves_no_other_trace(place: Place) -> None:
    location = place.begun()
    place.run(5 * DAY)
    looks = len(place.looks)
    place.say(place.case, AppealOpened("a", "why"))
    place.clock.moment += YEAR
    place.takedown.advance(location.id)  # it looks there, and rests
    place.clock.moment -= YEAR
    served(place, 2 * DAY)
    assert len(place.looks) > looks + 2


def test_a_watch_that_ended_by_a_clock_that_was_ahead_goes_on(place: Place) -> None:
    place.hosts[URL] = until((10 * HOUR, (404, b"gone")))
    location = place.begun()
    place.run(3 * DAY)
    assert place.store.get(location.id).gone is not None
    ahead(place)
    assert place.store.get(location.id).next_look is None  # by then nobody looked any more
    place.hosts[URL] = there
    served(place, 10 * DAY)
    back = place.store.get(location.id)
    assert (back.place, back.returned) == (At.PRESENT, 1)


def test_what_came_back_by_a_clock_that_was_ahead_has_nobody_told_again_and_again(place: Place) -> None:
    place.hosts[URL] = until((10 * HOUR, (404, b"gone")))
    location = place.begun()
    place.run(2 * DAY)
    place.hosts[URL] = there
    ahead(place)
    assert place.store.get(location.id).anew is not None
    before = len(place.mails)
    served(place, 12 * DAY)
    told = [scope for scope, _ in place.scopes][before - 1 :]
    assert told == ALL


def test_a_mail_that_was_put_off_by_a_clock_that_was_ahead_is_tried_now(place: Place) -> None:
    place.begun()
    place.fails = [MailDownError(to="site", cause="down")] * 3
    ahead(place, 30 * MINUTE)
    place.fails = []
    served(place, HOUR)
    assert len(place.mails) == 1


def test_a_machine_that_starts_with_a_clock_that_is_behind_changes_nothing(place: Place) -> None:
    location = place.begun()
    place.run(30 * HOUR)
    before, mails = place.store.get(location.id), len(place.mails)
    place.clock.moment -= 20 * YEAR
    place.takedown = place.made()  # it has just started
    for _ in range(5):
        place.clock.moment += MINUTE
        for name in place.takedown.due():
            place.takedown.advance(name)
        assert place.takedown.freed(place.case) == ()
    assert place.store.get(location.id) == before
    place.clock.moment += 20 * YEAR  # set right
    served(place, HOUR)
    assert place.store.get(location.id).notices == before.notices
    assert len(place.mails) == mails


def test_so_is_what_takes_a_notice_back_though_the_url_is_closed(place: Place) -> None:
    location = place.begun()
    place.run(HOUR)
    closed = place.takedown.close(SENIOR, location.id, "done")
    [notice] = closed.notices
    taken = Retraction("r", notice.id, RetractionState.WAITING, START, due=START + YEAR)
    place.store.put(replace(closed, retractions=(taken,)), expect=closed)
    assert place.store.retracting(place.clock.moment, 9) == []
    assert place.takedown.due() == [location.id]
    place.takedown.advance(location.id)
    assert [one.id for one in place.store.retracting(place.clock.moment, 9)] == [location.id]
    assert place.takedown.due() == []


def test_a_case_that_was_stopped_by_a_clock_that_was_ahead_is_told_of(place: Place) -> None:
    place.begun()
    place.run(HOUR)
    place.clock.moment += YEAR
    place.say(place.case, AppealOpened("a", "why"))
    place.clock.moment -= YEAR
    assert [one.kind for one in place.takedown.overdue()] == [AlarmKind.PAUSED]


# The end of a hold


def held(place: Place, *, mails: int) -> Location:
    """An appeal has held a takedown for two days, with a notice that waits, or before there is one."""
    place.fails = [MailDownError(to="site", cause="down")] * mails
    location = place.begun()
    if mails:
        place.takedown.advance(location.id)
    place.fails = []
    place.say(place.case, AppealOpened("a", "why"))
    place.run(2 * DAY)
    assert place.mails == []
    return place.store.get(location.id)


@pytest.mark.parametrize("mails", [0, 1])
def test_a_notice_that_an_appeal_held_is_due_once_it_is_answered(place: Place, mails: int) -> None:
    location = held(place, mails=mails)
    place.clock.moment += 10 * MINUTE
    assert place.takedown.freed(place.case) == ()  # it is not answered
    place.say(place.case, AppealDecided("a", upheld=True), who=SENIOR)
    assert place.takedown.freed(place.case) == (location.id,)
    assert place.takedown.due() == [location.id]
    place.takedown.advance(location.id)
    assert [at for at, _ in place.mails] == [START + 2 * DAY + 10 * MINUTE]
    place.takedown.freed(place.case)
    place.takedown.advance(location.id)
    assert len(place.mails) == 1


@pytest.mark.parametrize("mails", [0, 1])
def test_where_nobody_tells_it_goes_out_within_the_hour(place: Place, mails: int) -> None:
    held(place, mails=mails)
    place.say(place.case, AppealDecided("a", upheld=True), who=SENIOR)
    place.run(2 * DAY + HOUR)
    assert len(place.mails) == 1


def test_what_two_people_did_not_overturn_goes_on_at_once_and_what_is_no_abuse_ends(place: Place) -> None:
    location = place.begun()
    place.say(place.case, ItemAdded("i9", "9" * 64, 8, "image/jpeg", "gate", Outcome.NEAR, "why"))
    place.say(place.case, Proposed(Grave.DECIDE, "doubt", NO_ABUSE), who=SENIOR)
    place.run(DAY)
    [asked] = place.cases.case(place.case).proposals
    place.say(place.case, Rejected(asked.number), who=LEAD)
    assert place.takedown.freed(place.case) == (location.id,)
    place.run(DAY)
    assert len(place.mails) == 1
    place.say(place.case, Proposed(Grave.DECIDE, "sure", NO_ABUSE), who=SENIOR)
    [asked] = place.cases.case(place.case).proposals
    place.say(place.case, Approved(asked.number), who=LEAD)
    assert place.takedown.freed(place.case) == (location.id,)
    assert place.takedown.advance(location.id).closed
    assert place.takedown.freed(place.case) == ()


def test_a_form_that_waits_for_a_person_does_not_lapse_because_an_appeal_was_answered(place: Place) -> None:
    place.contacts = (replace(EVERYBODY[0], email="", form="https://site.example/form"),)
    location = place.begun()
    place.run(0 * HOUR)
    due = place.store.get(location.id).notices[0].due
    place.say(place.case, AppealOpened("a", "why"))
    place.say(place.case, AppealDecided("a", upheld=True), who=SENIOR)
    place.takedown.freed(place.case)
    place.takedown.advance(location.id)
    [notice] = place.store.get(location.id).notices
    assert (notice.state, notice.due) == (NoticeState.WAITING, due)
