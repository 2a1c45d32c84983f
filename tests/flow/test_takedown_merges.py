"""Takedowns of cases that merge, at any moment and in chains: nobody is told twice, and what people said holds."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final

import pytest

from safelight.adapter.closing.stores import due_of
from safelight.case.fold import absorbed
from safelight.flow.merged import by_position, current, lineage
from safelight.flow.takedown_retract import Retractions
from safelight.model.address import canonical
from safelight.model.case import AppealDecided, AppealOpened, CaseState, Decided, Merged, NoticeSent
from safelight.model.errors import MailDownError, NotNowError, TransitionError
from safelight.model.filing import Reporter
from safelight.model.takedown import Contact, Location, NoticeState, RetractionState, Scope
from safelight.policy.takedown import DEFAULT_PLAN
from safelight.ports import Letter
from tests.flow.takedown_place import (
    CONFIRMED,
    DAY,
    EVERYBODY,
    HOUR,
    ITEM,
    MINUTE,
    PAGE,
    SENIOR,
    START,
    Host,
    Place,
    there,
    until,
)
from tests.flow.test_takedown_retract import overturn

SPELLINGS: Final = ("https://a.example/x.jpg", "HTTPS://A.example:443/x.jpg", "https://a.example/./x.jpg")
CASES: Final = 4
ROUNDS: Final = 2_000
PASSING: Final = (0 * HOUR, 10 * MINUTE, HOUR, 7 * HOUR, DAY, 3 * DAY)
ENDING: Final = 40 * DAY
RUNS, WAITS, CLOSED, NONE = range(4)
"""What a case does about the URL, the first before the next where two become one."""
ANSWERS: Final = (NoticeState.ACKNOWLEDGED, NoticeState.REMOVED, NoticeState.REFUSED, NoticeState.FAILED)
GONE: Final = (404, b"gone")


class KilledError(BaseException):
    """As kill -9: no handler of errors sees it."""


def merge(place: Place, small: str, big: str) -> None:
    case = place.cases.case(small)
    place.say(small, Merged(big))
    place.say(big, absorbed(case))


def dying(left: list[int]) -> Callable[[Any], Any]:
    """Wraps ports so that the process is killed at one of their calls."""

    def wrap(port: Any) -> Any:
        class Dying:
            def __getattr__(self, name: str) -> Any:
                left[0] -= name != "transaction"
                if left[0] == 0:
                    raise KilledError
                return getattr(port, name)

            def __call__(self, *args: Any) -> Any:
                return port(*args)

        return Dying()

    return wrap


@dataclass(frozen=True)
class Told:
    """Whom somebody wrote to, when, and by which notice of which case."""

    at: datetime
    to: str
    url: str
    notice: str
    case: str


class Merging(Place):
    """Cases that have one URL, in all its spellings; `life`: what each that is not merged does about it, by people."""

    def __init__(self, seed: int) -> None:
        self.chance = Random(seed)
        self.kind = self.chance.choice(sorted(HOSTS))
        left = self.chance.randrange(1, 15 * 24) * HOUR
        back = left + self.chance.randrange(3 * 24, 12 * 24) * HOUR
        self.left, self.host = START + left, HOSTS[self.kind](left, back)
        self.told: list[Told] = []
        self.anew = [START + back] if self.kind == "returns" else []
        self.due: dict[str, datetime] = {}
        self.merged_at = START
        self.words: dict[str, tuple[datetime, str]] = {}
        self.contradicted = False
        self.calm = self.kind == "stays"
        self.story: list[str] = []
        super().__init__(
            hosts=dict.fromkeys(SPELLINGS, self.host) | {ELSEWHERE: there},
            contacts=EVERYBODY if self.chance.random() < 0.8 else (FORM, *EVERYBODY[1:]),
            mailing=self.chance.random() < 0.85,
        )
        self.life = {f"case-{number}": NONE for number in range(1, CASES + 1)}
        for number in range(1, CASES + 1):
            if number > 1:
                self.opened(f"case-{number}", f"item-{number}", family=f"family-{number}")
            if self.chance.random() < 0.7:
                one = self.takedown.add(SENIOR, f"case-{number}", f"item-{number}", self.chance.choice(SPELLINGS))
                self.begins(one, vouched=self.chance.random() < 0.2)
                self.serve(self.chance.choice(PASSING))

    def noted(self, what: str) -> None:
        self.story.append(f"{(self.clock.moment - START) / DAY:.2f} {what}")

    def root(self, case: str) -> str:
        return current(self.cases, case).id

    def serve(self, span: timedelta) -> None:
        """Time passes, from one thing that is due to the next."""
        end = self.clock.moment + span
        for _ in range(ROUNDS):
            found = self.store.due(end, 1)
            if not found:
                self.clock.moment = end
                return
            self.clock.moment = max(due_of(self.store.get(found[0])) or end, self.clock.moment)
            for location in self.takedown.due():
                self.advanced(location)
        raise AssertionError("something is due for ever")

    def advanced(self, location: str) -> None:
        if self.chance.random() > 0.1:
            self.takedown.advance(location)
            return
        with suppress(KilledError):
            self.made(dying([self.chance.randrange(1, 60)])).advance(location)

    def send(self, letter: Letter) -> bytes:
        raw = super().send(letter)
        case, url, name = letter.text.split()[:3]
        self.tell(case, letter.to, url, name.rstrip(","))
        return raw

    def tell(self, case: str, to: str, url: str, notice: str) -> None:
        """Somebody is written to: nobody was so by another notice, unless the plan began anew since."""
        now, root, url = self.clock.moment, self.root(case), canonical(url)
        self.noted(f"{root} tells {to} by {notice} of {url}")
        assert self.life[root] == RUNS or url == ELSEWHERE
        assert not self.cases.case(root).appeals
        known = any(one.notice == notice for one in self.told)
        made = next(one.created for kept in self.store.all() for one in kept.notices if one.id == notice)
        for one in self.told:
            if one.notice != notice and one.url == url and self.root(one.case) == root:
                again = any(one.at < at <= now for at in self.anew)
                assert one.to != to or again, f"{to} is told twice"
                if self.calm and not known and made > self.merged_at:
                    assert self.due[one.notice] <= now, f"{one.to} had time left"
        if not known:
            self.told.append(Told(now, to, url, notice, case))
            self.due[notice] = now + WAITS_OF[to.partition("@")[0]]

    # What happens

    def happen(self) -> None:
        acts = (
            (3, self.adds),
            (3, self.begins_any),
            (2, self.merges),
            (1, self.moves_contacts),
            (1, self.closes),
            (1, self.ends),
            (2, self.answers),
            (2, self.sends),
            (1, self.appeals),
            (2, self.decides),
            (1, self.fails_for_a_time),
            (1, self.arrives),
        )
        act = self.chance.choices([act for _, act in acts], [weight for weight, _ in acts])[0]
        with suppress(NotNowError, TransitionError):
            act()

    def any_case(self) -> str:
        return self.chance.choice(sorted(self.life))

    def any_place(self) -> Location | None:
        """A location of the URL: one that goes on, or one that ended long ago."""
        found = [one for one in self.store.all() if canonical(one.url) != ELSEWHERE]
        return self.chance.choice(found) if found else None

    def adds(self) -> None:
        case = self.any_case()
        item, root = f"item-{case[-1]}", self.root(case)
        one = self.takedown.add(SENIOR, case, item, self.chance.choice(SPELLINGS))
        self.noted(f"added {one.id} to {case}")
        self.life[root] = min(self.life[root], WAITS) if self.life[root] != CLOSED else CLOSED

    def begins_any(self) -> None:
        one = self.any_place()
        if one is not None:
            self.begins(one, vouched=self.chance.random() < 0.2)

    def begins(self, one: Location, *, vouched: bool) -> None:
        after = self.takedown.begin(SENIOR, one.id, vouched=vouched)
        self.noted(f"began {one.id}: {after.id}, vouched: {vouched}")
        self.life[self.root(one.case)] = RUNS
        self.anew += [self.clock.moment] if vouched and after.anew == self.clock.moment else []
        if after.vouched == self.clock.moment:
            self.contradicted = True
            self.words[self.root(one.case)] = self.clock.moment, "there"

    def merges(self) -> None:
        live = [case for case in self.life if self.root(case) == case]
        if len(live) > 1:
            small, big = self.chance.sample(live, 2)
            self.merged_at = self.clock.moment
            words = {case: self.words.pop(case) for case in (small, big) if case in self.words}
            words = {
                case: word for case, word in words.items() if self.life[case] <= min(self.life[small], self.life[big])
            }
            if words:
                self.words[big] = max(words.values())
                if len({kind for _, kind in words.values()}) == 2 and self.words[big][1] == "there":
                    self.anew.append(self.clock.moment)  # one person contradicts the other
            merge(self, small, big)
            self.noted(f"merged {small} into {big}")
            self.life[big] = min(self.life[small], self.life[big])

    def closes(self) -> None:
        one = self.any_place()
        if one is not None:
            after = self.takedown.close(SENIOR, one.id, "a person says so")
            self.noted(f"closed {one.id}: {after.id}")
            self.calm = False
            self.life[self.root(one.case)] = CLOSED

    def ends(self) -> None:
        one = self.any_place()
        if one is not None and not self.is_there():
            after = self.takedown.confirm_gone(SENIOR, one.id, "I looked")
            self.noted(f"gone by a person {one.id}: {after.id}")
            assert after.gone is not None
            self.words[self.root(one.case)] = self.clock.moment, "gone"

    def answers(self) -> None:
        one = self.any_place()
        named = [told.notice for told in self.told]
        if one is not None and named:
            notice, state = self.chance.choice(named), self.chance.choice(ANSWERS)
            after = self.takedown.answer(SENIOR, one.id, notice, state)
            self.noted(f"{one.id}: {notice} was answered: {state}")
            told = next(kept for kept in after.notices if kept.id == notice)
            assert told.state is state
            self.due[notice] = told.due or self.clock.moment

    def sends(self) -> None:
        found = [(kept.id, notice) for kept in self.store.all() for notice in kept.notices]
        found = [(name, one) for name, one in found if one.state is NoticeState.WAITING]
        if found:
            name, notice = self.chance.choice(found)
            case = self.store.get(name).case
            if self.life[self.root(case)] == RUNS and not self.cases.case(self.root(case)).appeals:
                after = self.takedown.sent_by_hand(SENIOR, name, notice.id)
                self.tell(after.case, notice.contact.to, after.url, notice.id)

    def appeals(self) -> None:
        case = self.root(self.any_case())
        self.say(case, AppealOpened(f"appeal-{len(self.story)}", "look again"))
        self.noted(f"appeal in {case}")

    def decides(self) -> None:
        for case in [case for case in sorted(self.life) if self.root(case) == case]:
            for appeal in self.cases.case(case).appeals:
                self.say(case, AppealDecided(appeal, upheld=True), who=SENIOR)
            if self.cases.case(case).state is CaseState.OPEN:
                self.say(case, Decided(CONFIRMED), who=SENIOR)
            self.takedown.freed(case)
        self.noted("all decided")

    def fails_for_a_time(self) -> None:
        more = self.chance.choice(({}, {"unsent": True}, {"theirs": True, "answer": 450}))
        times = self.chance.randrange(1, 40)
        self.fails = [MailDownError(to="x", cause="down", **more) for _ in range(times)]
        self.noted(f"{times} mails fail {more}")

    def moves_contacts(self) -> None:
        self.contacts = self.chance.choice((EVERYBODY, (FORM, *EVERYBODY[1:]), EVERYBODY[1:]))
        self.noted(f"contacts: {[one.to for one in self.contacts]}")

    def arrives(self) -> None:
        case = self.any_case()
        root = self.root(case)
        one = self.takedown.came_back(f"item-{case[-1]}", self.chance.choice(SPELLINGS))
        self.noted(f"came back to {case}: {one.id if one else None}")
        if one is not None and self.life[root] in {CLOSED, NONE}:
            self.life[root] = WAITS
            self.anew.append(self.clock.moment)
            self.words.pop(root, None)
            self.contradicted = True
            self.calm = False

    def is_there(self) -> bool:
        answer = self.host(self.clock.moment)
        return answer is not None and answer[1] in {ITEM, PAGE}

    # What is so in the end

    def end(self) -> None:
        self.fails = []
        self.decides()
        self.serve(ENDING)
        for case in sorted(case for case in self.life if self.root(case) == case):
            rows = [one for name in lineage(self.cases, case) for one in self.store.of_case(name)]
            rows = [one for one in rows if not one.closed or one.looks or one.notices]
            lives = [
                CLOSED if one.closed else WAITS if one.begun is None else RUNS
                for one in rows
                if canonical(one.url) != ELSEWHERE
            ]
            assert lives.count(RUNS) == (self.life[case] == RUNS), "what people said of it"
            log = {
                one.event.body.notice: one.event.body.to
                for one in by_position(self.cases, case)
                if isinstance(one.event.body, NoticeSent)
            }
            kept = {notice.id: notice for one in rows for notice in one.notices}
            for told in self.told:
                if self.root(told.case) == case:
                    assert told.notice in kept
                    assert log.get(told.notice) == told.to or kept[told.notice].state is NoticeState.FAILED
            for one in rows:
                if not one.closed and one.begun is not None:
                    self.is_true(one)

    def is_true(self, one: Location) -> None:
        """What a location that is worked on says is what its host does, and everybody was told whom it had to be."""
        all_told = {notice.contact.to for notice in one.notices} >= {contact.to for contact in EVERYBODY[1:]}
        if self.kind in {"removes", "flaps"}:
            assert one.vouched is not None or one.gone is not None
            assert one.gone is None or one.gone >= self.left
        elif self.kind in {"stays", "returns", "moves"}:
            assert one.gone is None
            assert one.next_look is not None
            assert all_told or not self.mailing
        elif self.kind == "shows a page":
            word = self.words.get(self.root(one.case), (START, ""))[1]
            assert (one.vouched is not None) == (word == "there")
            assert (one.gone is not None) == (word == "gone")
            assert word != "there" or all_told or not self.mailing
        if self.kind in {"stays", "removes", "moves"}:
            assert one.returned == 0 or self.contradicted
        assert one.next_look is None or one.next_look > self.clock.moment


FORM: Final = Contact(Scope.SITE, "the site", form="https://forms.example/")
ELSEWHERE: Final = "https://elsewhere.example/"
WAITS_OF: Final = {str(step.scope): step.wait for step in DEFAULT_PLAN.steps} | {FORM.form: DAY}
HOSTS: Final[dict[str, Callable[[timedelta, timedelta], Host]]] = {
    "stays": lambda _left, _back: there,
    "removes": lambda left, _back: until((left, GONE)),
    "returns": lambda left, back: until((left, GONE), (back, (200, ITEM))),
    "flaps": lambda left, _back: until((left, GONE), (left + 90 * MINUTE, (200, ITEM)), (left + 5 * HOUR, GONE)),
    "is silent": lambda left, _back: until((left, None)),
    "has a page later": lambda left, _back: until((left, (200, PAGE))),
    "shows a page": lambda _left, _back: lambda _at: (200, PAGE),
    "moves": lambda left, _back: lambda at: (200, ITEM, ELSEWHERE) if at >= START + left else (200, ITEM),
}


@pytest.mark.parametrize("seed", [*range(4), *(pytest.param(n, marks=pytest.mark.soak) for n in range(4, 1_000))])
def test_in_any_world_that_merges_cases_nobody_is_told_twice_and_all_ends_true(seed: int) -> None:
    world = Merging(seed)
    try:
        for _ in range(world.chance.randrange(10, 50)):
            world.happen()
            world.serve(world.chance.choice(PASSING))
        world.end()
    except BaseException:
        print("\n".join(world.story))  # noqa: T201 - what led to it
        raise


# What such worlds have shown

URL: Final = SPELLINGS[0]


@pytest.fixture
def place() -> Place:
    made = Place(hosts=dict.fromkeys(SPELLINGS, there))
    made.opened("case-2", "item-2", family="family-2")
    made.opened("case-3", "item-3", family="family-3")
    return made


def running(place: Place, number: int, url: str = URL) -> Location:
    """The takedown of the URL in a case, which has begun."""
    one = place.takedown.add(SENIOR, f"case-{number}", f"item-{number}", url)
    return place.takedown.begin(SENIOR, one.id)


def told(place: Place) -> list[str]:
    return [letter.to.partition("@")[0] for _, letter in place.mails]


def test_what_a_person_closes_after_a_merge_stays_closed_whatever_the_other_case_did(place: Place) -> None:
    first, second = running(place, 1), running(place, 2, SPELLINGS[1])
    merge(place, "case-1", "case-2")
    place.takedown.close(SENIOR, second.id, "enough")
    place.run(9 * DAY)
    assert place.mails == []
    assert place.takedown.get(first.id) == place.store.get(second.id)
    assert place.takedown.get(first.id).closed == "enough"


def test_who_acts_on_the_oldest_of_a_chain_acts_on_what_goes_on(place: Place) -> None:
    first, second = running(place, 1), running(place, 2, SPELLINGS[1])
    merge(place, "case-1", "case-2")
    place.run(HOUR)  # the first has joined the second
    merge(place, "case-2", "case-3")  # which has no such URL
    notice = place.store.get(second.id).notices[0]
    assert place.takedown.get(first.id).id == second.id
    assert place.takedown.answer(SENIOR, first.id, notice.id, NoticeState.REFUSED).id == second.id
    place.run(2 * HOUR)
    after = place.takedown.close(SENIOR, first.id, "enough")
    assert (after.id, after.case, after.closed) == (second.id, "case-3", "enough")
    assert told(place) == ["site", "host"]
    place.run(9 * DAY)
    assert told(place) == ["site", "host"]


@pytest.mark.parametrize("unsent", [True, False])
def test_a_mail_that_was_put_off_goes_to_nobody_whom_the_other_case_has_told(place: Place, unsent: bool) -> None:
    place.fails = [MailDownError(to="site", cause="down", unsent=unsent) for _ in range(27)]
    first = running(place, 1)
    place.run(25 * HOUR)
    assert not told(place)
    place.fails = []
    second = running(place, 2)
    place.takedown.advance(second.id)  # a day has passed: the other case keeps nobody waiting
    assert told(place) == ["site"]
    merge(place, "case-1", "case-2")
    place.run(9 * DAY)
    assert told(place) == [str(scope) for scope in Scope]
    kept = [one.state for one in place.store.get(second.id).notices if one.id != place.mails[0][1].text.split()[2]]
    assert (NoticeState.FAILED in kept) is not unsent  # nobody can have that one
    assert place.store.get(first.id).closed


def test_whoever_was_told_last_keeps_the_time_to_answer(place: Place) -> None:
    first, second = running(place, 1), running(place, 2)
    place.run(0 * HOUR)
    place.run(30 * HOUR)  # the host was told by the first, and the site by the second
    waits = [one for one in place.store.get(first.id).notices if one.contact.scope is Scope.HOST]
    assert [one.due for one in waits] == [START + 2 * DAY]
    notice = place.store.get(second.id).notices[-1]
    place.takedown.answer(SENIOR, second.id, notice.id, NoticeState.REFUSED)
    merge(place, "case-2", "case-1")
    place.run(2 * DAY - MINUTE)
    assert told(place) == ["site", "host", "site"]
    place.run(2 * DAY)
    assert told(place)[3:] == ["upstream"]


def test_what_a_person_is_to_send_can_be_said_to_be_sent_after_a_merge() -> None:
    place = Place(hosts=dict.fromkeys(SPELLINGS, there), mailing=False)
    place.opened("case-2", "item-2", family="family-2")
    first, second = running(place, 1), place.takedown.add(SENIOR, "case-2", "item-2", SPELLINGS[1])
    place.run(HOUR)
    waiting = place.store.get(first.id).notices[0]
    merge(place, "case-1", "case-2")
    after = place.takedown.sent_by_hand(SENIOR, first.id, waiting.id)
    assert (after.id, after.notices[0].id, after.notices[0].state) == (second.id, waiting.id, NoticeState.SENT)


def test_what_waits_for_a_person_is_due_at_no_time_for_what_was_told_before(place: Place) -> None:
    first = running(place, 1)
    place.run(HOUR)
    notice = place.store.get(first.id).notices[0]
    place.takedown.close(SENIOR, first.id, "by mistake")
    second = place.takedown.add(SENIOR, "case-2", "item-2", URL)
    merge(place, "case-1", "case-2")
    place.takedown.contacts(SENIOR, first.id)
    place.clock.moment += 9 * DAY
    assert (place.takedown.due(), place.store.get(second.id).closed) == ([], "")
    place.takedown.answer(SENIOR, first.id, notice.id, NoticeState.ACKNOWLEDGED)
    assert place.takedown.due() == []


def test_a_late_answer_makes_nothing_due(place: Place) -> None:
    first = running(place, 1)
    place.run(10 * DAY)
    notice = place.store.get(first.id).notices[-1]
    assert notice.state is NoticeState.SILENT
    place.takedown.close(SENIOR, first.id, "done")
    place.takedown.came_back("item-1", URL)
    place.takedown.answer(SENIOR, first.id, notice.id, NoticeState.ACKNOWLEDGED)
    assert place.takedown.due() == []


def test_what_is_gone_stays_so_in_a_merge_until_somebody_has_seen_it(place: Place) -> None:
    place.hosts |= dict.fromkeys(SPELLINGS, until((30 * MINUTE, GONE)))
    first = running(place, 1)
    place.run(9 * DAY)
    second = running(place, 2, SPELLINGS[1])  # somebody else says so, and nobody has looked
    merge(place, "case-1", "case-2")
    place.run(10 * DAY)
    after = place.store.get(second.id)
    assert (after.gone, after.returned, after.past) == (START + HOUR, 0, ())
    assert place.takedown.overdue() == ()
    assert (place.store.get(first.id).gone, told(place)) == (None, ["site"])


def test_an_item_from_where_a_merged_case_had_closed_its_work_has_it_wait(place: Place) -> None:
    first = running(place, 1)
    place.run(HOUR)
    place.takedown.close(SENIOR, first.id, "done")
    merge(place, "case-1", "case-2")
    back = place.takedown.came_back("item-2", SPELLINGS[2])
    assert back is not None
    assert (back.id, back.case, back.closed, back.begun) == (first.id, "case-2", "", None)
    assert back.anew == back.back == START + HOUR


@pytest.mark.parametrize("joined", [False, True])
def test_notices_of_a_merged_case_are_taken_back_by_the_name_that_people_know(place: Place, joined: bool) -> None:
    first, second = running(place, 1), running(place, 2, SPELLINGS[1])
    place.run(HOUR)
    retractions = Retractions(
        place.cases, place.store, None, Reporter("Desk", "desk@a.example"), place.clock, place.ids
    )
    merge(place, "case-1", "case-2")
    if joined:
        place.takedown.contacts(SENIOR, first.id)
    overturn(place, case="case-2")
    name = second.id if joined else first.id
    owed = retractions.owed(place.store.get(name))
    assert len(owed) == 1
    after = retractions.confirm(SENIOR, first.id, (owed[0].id,))
    assert after.id == name
    after = retractions.sent_by_hand(SENIOR, first.id, after.retractions[0].id)
    assert (after.id, after.retractions[0].state) == (name, RetractionState.SENT)
