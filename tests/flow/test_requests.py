"""Requests of people depicted: what makes one valid, the one clock that it starts, and where its words never go."""

import base64
import hmac
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safelight.adapter.law import TomlLaw
from safelight.adapter.mail import SmtpMailer
from safelight.case.fold import absorbed
from safelight.flow.dossier import dossier
from safelight.flow.notices import NoticeWriter
from safelight.flow.requests import RULE, RemovalRequests, digest_of
from safelight.flow.settle import Settle
from safelight.flow.statements import Statements
from safelight.model.access import SYSTEM, Actor, ActorKind, Principal, Role, Scope, granted
from safelight.model.case import (
    Body,
    Classification,
    Decided,
    Draft,
    DutyArose,
    DutyState,
    Finding,
    ItemAdded,
    Merged,
    Noted,
    NoticeSent,
    Opened,
    RequestErased,
    RequestReleased,
    RequestTaken,
    Verdict,
)
from safelight.model.codec import to_json
from safelight.model.decision import Outcome
from safelight.model.errors import (
    ConflictError,
    ForbiddenError,
    MailDownError,
    MailRefusedError,
    NotNowError,
    TransitionError,
    UsageError,
)
from safelight.model.filing import Body as Taker
from safelight.model.filing import Reporter
from safelight.model.notice import RemovalRequest, Written
from safelight.model.policy import Ruling, Stage
from safelight.model.removal import LONGEST_FIELD, NEEDED, Erasure, Received, RequestState
from safelight.model.service import Item, ItemState
from safelight.model.takedown import Contact, Contacts, Form, Location, Notice, NoticeState, Place
from safelight.model.takedown import Scope as Who
from safelight.policy.takedown import DEFAULT_PLAN
from safelight.ports import Letter
from safelight.report.closing.bundles import documents
from tests.contract.memory_case_store import MemoryCaseStore
from tests.fakes import FakeClock
from tests.flow.takedown_place import MemoryTakedownStore, Numbers
from tests.flow.takedown_place import Place as Takedown

START = datetime(2026, 6, 1, 12, tzinfo=UTC)
CAME = START - timedelta(hours=2)
LENA = Principal(Actor(ActorKind.USER, "1"), granted([Role.LEAD]))
SAMI = Principal(Actor(ActorKind.USER, "2"), granted([Role.SENIOR]))
RITA = Principal(Actor(ActorKind.USER, "3"), granted([Role.REVIEWER]))
FORM = Principal(Actor(ActorKind.KEY, "7"), granted(scopes=[Scope.REPORT]))
MARK = "planted-marker"
SAID = RemovalRequest(*(f"{MARK}-{one.name}" for one in fields(RemovalRequest)))
URL = "https://pictures.example/a"
HOST = Contact(Who.SITE, "Pictures", "abuse@pictures.example", country="US")
PLACE = Location("l1", "case", "a", "a" * 64, URL, START)


class MemoryRequests:
    """`ports.RequestStore` as a dictionary."""

    def __init__(self) -> None:
        self.kept: dict[str, Received] = {}

    def put(self, request: Received, expect: Received | None = None) -> None:
        if self.kept.get(request.id) != expect:
            raise ConflictError(what=request.id)
        self.kept[request.id] = request

    def get(self, request: str) -> Received:
        return self.kept[request]

    def unerased(self, after: str = "", limit: int = 100) -> list[str]:
        return [name for name, one in sorted(self.kept.items()) if one.erased is None and name > after][:limit]

    def of_case(self, case: str) -> list[Received]:
        return [one for _, one in sorted(self.kept.items()) if one.case == case]

    def of_item(self, item: str) -> list[Received]:
        return [one for _, one in sorted(self.kept.items()) if one.item == item]

    def all(self, after: str = "", limit: int = 100) -> list[Received]:
        return [one for name, one in sorted(self.kept.items()) if name > after][:limit]


class Together(MemoryCaseStore):
    """The cases, with the requests in the same transactions."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__(clock)
        self.requests = MemoryRequests()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        before = dict(self.requests.kept)
        try:
            with super().transaction():
                yield
        except BaseException:
            self.requests.kept = before
            raise


@dataclass
class Desk:
    """A case with two items, where the law of these jurisdictions applies."""

    jurisdictions: Sequence[str] = ("us",)
    clock: FakeClock = field(default_factory=FakeClock)

    def __post_init__(self) -> None:
        self.clock.time = START
        self.cases = Together(self.clock)
        self.store = self.cases.requests
        self.takedowns = MemoryTakedownStore()
        self.settle = Settle(
            self.cases, TomlLaw().packs(), self.jurisdictions, lambda _: Ruling("", Stage.CASE, (), ()), self.clock
        )
        self.ids = Numbers()
        self.flow = RemovalRequests(self.cases, self.store, self.takedowns, self.settle, self.clock, self.ids, marked)
        self.say("case", Opened("why"), *(_added(item) for item in ("a", "b")))

    def say(self, case: str, *bodies: Body, by: Principal | None = None) -> None:
        self.cases.append([Draft(case, by.actor if by else SYSTEM, body) for body in bodies])

    def receive(
        self, said: RemovalRequest = SAID, at: datetime = CAME, who: Principal = LENA, **more: bool
    ) -> Received:
        return self.flow.receive(who, "case", "a", said, at, **more)

    def bodies(self, kind: type, case: str = "case") -> list[object]:
        return [one.event.body for one in self.cases.events(case) if isinstance(one.event.body, kind)]

    def release(self, request: str, contact: Contact = HOST, who: Principal = LENA, **more: bool) -> None:
        """Of the URL of `PLACE`, which is added if it is not there."""
        if PLACE.id not in self.takedowns.kept:
            self.takedowns.put(replace(PLACE, contacts=Contacts(URL, START, (contact,))))
        self.flow.release(who, "case", request, PLACE.id, contact.email, **more)

    def onward(self, case: str = "case", place: Location | None = None, contact: Contact = HOST) -> object:
        return self.flow.to_pass_on(self.cases.case(case), place or PLACE, contact)

    @property
    def log(self) -> bytes:
        return b"".join(one.entry for one in self.cases.entries)


def marked(said: bytes) -> str:
    return hmac.new(b"a secret of the tests", said, "sha256").hexdigest()


def _added(item: str) -> ItemAdded:
    return ItemAdded(item, item * 64, 5, "image/png", "items", Outcome.NEAR, "why")


def slow_lacking(said: RemovalRequest) -> set[str]:
    """The four of section 3(a)(1)(B), one after the other."""
    missing = set()
    if not [one for one in said.signature if one.isalpha() or one.isnumeric()]:
        missing.add("signature")  # (i)
    if not [one for one in said.identification if one.isalpha() or one.isnumeric()]:
        missing.add("identification of the depiction")  # (ii)
    if not [one for one in said.belief if one.isalpha() or one.isnumeric()]:
        missing.add("statement of good faith")  # (iii)
    if not [one for one in said.contact if one.isalpha() or one.isnumeric()]:
        missing.add("contact information")  # (iv)
    return missing


WORDS = st.sampled_from(["", " \n", "____", "\u200b\x00", "x", "7", "\u00fc", "\uc815", "/s/ A. Person"])
SAYING = st.builds(RemovalRequest, *(WORDS for _ in fields(RemovalRequest)))


@given(SAYING, st.lists(SAYING, max_size=3))
@settings(max_examples=150, deadline=None)
def test_valid_is_what_says_all_four_and_the_clock_starts_once_when_it_does(
    first: RemovalRequest, later: list[RemovalRequest]
) -> None:
    desk = Desk()
    if not any(getattr(first, one.name).strip("\u200b\x00 \n") for one in fields(first)):
        with pytest.raises(UsageError, match="nothing was given"):
            desk.receive(first)
        return
    known, moment = first, CAME
    one = desk.receive(first)
    since = None if slow_lacking(known) else moment
    for more in later:
        moment += timedelta(minutes=10)
        known = RemovalRequest(
            *(
                getattr(more if not any(map(str.isalnum, getattr(known, name))) else known, name)
                for name in (each.name for each in fields(known))
            )
        )
        since = since or (None if slow_lacking(known) else moment)
        one = desk.flow.complete(LENA, "case", one.id, more, moment)
    assert set(one.lacks) == slow_lacking(known)
    assert one.valid == since
    assert one.state is (RequestState.INCOMPLETE if since is None else RequestState.VALID)
    duties = desk.cases.case("case").duties
    assert [each.duty.id for each in duties] == ([one.duty] if since else [])
    assert all((each.duty.began, each.duty.due) == (since, since + timedelta(hours=48)) for each in duties if since)


def test_the_form_is_taken_down_by_whoever_starts_other_clocks_and_read_by_few() -> None:
    desk = Desk()
    made = desk.receive(who=FORM)
    assert (made.said, made.salt, made.state) == (None, "", RequestState.VALID)
    assert "planted" not in repr(desk.store.kept)
    [all_of_it] = desk.flow.of_case(LENA, "case")
    assert all_of_it.said == SAID
    [told] = desk.flow.of_case(SAMI, "case")
    assert (told.said, told.salt, told.id) == (None, "", made.id)
    with pytest.raises(ForbiddenError):
        desk.flow.of_case(RITA, "case")
    with pytest.raises(ForbiddenError):
        desk.receive(who=RITA)


def test_the_same_is_taken_down_once_and_another_is_another() -> None:
    desk = Desk()
    first = desk.receive()
    assert desk.receive() == first
    second = desk.receive(replace(SAID, contact="elsewhere"), CAME + timedelta(minutes=1))
    assert second.id != first.id
    assert len(desk.cases.case("case").duties) == 2  # each has its own 48 hours
    assert desk.flow.complete(LENA, "case", first.id, SAID, START) == first


def test_what_was_said_stays_as_it_was_said() -> None:
    desk = Desk()
    part = desk.receive(replace(SAID, signature="", name=""))
    assert part.lacks == ("signature",)
    assert desk.bodies(RequestTaken) == [RequestTaken(part.id, "a", CAME, ("signature",))]
    whole = desk.flow.complete(
        FORM, "case", part.id, RemovalRequest("/s/ A", "A", contact="mine instead"), CAME + timedelta(hours=1)
    )
    assert (whole.valid, whole.lacks) == (CAME + timedelta(hours=1), ())
    assert desk.store.kept[part.id].said == replace(SAID, signature="/s/ A", name="A")


@pytest.mark.parametrize("jurisdictions", [(), ("eu", "ca")])
def test_where_the_law_asks_for_nothing_it_is_kept_all_the_same(jurisdictions: tuple[str, ...]) -> None:
    desk = Desk(jurisdictions)
    made = desk.receive()
    assert (made.state, made.duty) == (RequestState.VALID, "")
    assert desk.bodies(DutyArose) == []


def test_before_the_act_was_in_force_no_clock_runs() -> None:
    assert Desk().receive(at=datetime(2026, 5, 18, 12, tzinfo=UTC)).duty == ""


@pytest.mark.parametrize(
    ("act", "cause"),
    [
        (lambda desk: desk.receive(at=START + timedelta(hours=1)), "not later than now"),
        (lambda desk: desk.receive(at=CAME.replace(tzinfo=None)), "time zone"),
        (lambda desk: desk.receive(replace(SAID, belief="x" * (LONGEST_FIELD + 1))), "belief is longer"),
        (lambda desk: desk.flow.receive(LENA, "case", "nothing", SAID, CAME), "no such item"),
        (lambda desk: desk.flow.complete(LENA, "case", "nothing", SAID, CAME), "no such request"),
        (lambda desk: desk.flow.erase(LENA, "case", "nothing"), "no such request"),
        (
            lambda desk: desk.flow.complete(
                LENA, "case", desk.receive(RemovalRequest("x")).id, SAID, CAME - timedelta(1)
            ),
            "before the request",
        ),
    ],
)
def test_what_cannot_be_says_why_and_repeats_none_of_it(act: Callable[[Desk], object], cause: str) -> None:
    with pytest.raises(UsageError, match=cause) as error:
        act(Desk())
    assert MARK not in str(error.value)


def test_it_is_all_or_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk()

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(desk.store, "put", broken)
    with pytest.raises(ZeroDivisionError):
        desk.receive()
    assert desk.bodies(DutyArose) == desk.bodies(RequestTaken) == []


# ---- erasing


def test_it_is_erased_once_its_takedown_has_ended() -> None:
    desk = Desk()
    made = desk.receive(pass_on=True)
    with pytest.raises(NotNowError, match="still needed"):
        desk.flow.erase(LENA, "case", made.id)
    place = Location("l1", "case", "a", "a" * 64, URL, START, begun=START)
    desk.takedowns.put(place)
    desk.settle.met(LENA, "case", made.duty, "removed here")
    with pytest.raises(NotNowError, match="still needed"):
        desk.flow.erase(LENA, "case", made.id)
    gone = replace(place, gone=START)
    desk.takedowns.put(gone, expect=place)
    erased = desk.flow.erase(LENA, "case", made.id)
    kept = Received(made.id, "case", "a", CAME, None, valid=CAME, duty=made.duty, erased=erased.erased, mark=made.mark)
    assert erased == kept
    assert erased.erased is not None
    assert desk.flow.erase(LENA, "case", made.id) == erased
    assert MARK not in to_json(desk.store.kept[made.id]).decode()
    assert desk.onward() is None
    with pytest.raises(NotNowError, match="erased"):
        desk.flow.complete(LENA, "case", made.id, SAID, START)


def test_who_asked_can_withdraw_it_and_only_people_who_file_erase() -> None:
    desk = Desk()
    made = desk.receive()
    for who in (SAMI, FORM, replace(FORM, permissions=LENA.permissions)):
        with pytest.raises(ForbiddenError):
            desk.flow.erase(who, "case", made.id, Erasure.WITHDRAWN)
    assert desk.flow.erase(LENA, "case", made.id, Erasure.WITHDRAWN).state is RequestState.ERASED
    [duty] = desk.cases.case("case").duties
    assert duty.state is DutyState.OPEN  # that it does not apply any more, a person says


@pytest.mark.parametrize("jurisdictions", [("us",), ("eu",)])
def test_before_anything_began_nothing_has_ended(jurisdictions: tuple[str, ...]) -> None:
    desk = Desk(jurisdictions)
    made = desk.receive()
    with pytest.raises(NotNowError, match="has not begun"):
        desk.flow.erase(LENA, "case", made.id)
    with pytest.raises(NotNowError, match="never is the latter"):
        desk.flow.erase(LENA, "case", made.id, Erasure.NEVER_COMPLETED)
    if not made.duty:
        desk.takedowns.put(replace(PLACE, closed="not ours"))
    else:
        desk.settle.met(LENA, "case", made.duty, "removed here")
    assert desk.flow.erase(LENA, "case", made.id).state is RequestState.ERASED
    assert desk.bodies(RequestErased) == [RequestErased(made.id, "its takedown has ended")]


def test_what_was_never_completed_is_erased_for_that_and_the_log_says_so() -> None:
    desk = Desk()
    part = desk.receive(replace(SAID, contact=""))
    desk.takedowns.put(replace(PLACE, closed="not ours"))
    with pytest.raises(NotNowError, match="never completed"):
        desk.flow.erase(LENA, "case", part.id)
    assert desk.flow.erase(LENA, "case", part.id, Erasure.NEVER_COMPLETED).state is RequestState.ERASED
    assert desk.bodies(RequestErased) == [RequestErased(part.id, "what was missing never came")]


def test_the_same_is_known_again_once_it_was_completed_or_erased() -> None:
    desk = Desk()
    part = desk.receive(replace(SAID, contact=""), who=FORM)
    desk.flow.complete(FORM, "case", part.id, SAID, CAME)
    again = desk.receive(replace(SAID, contact=""), who=FORM)
    assert (again.id, again.state) == (part.id, RequestState.VALID)
    desk.flow.erase(LENA, "case", part.id, Erasure.WITHDRAWN)
    again = desk.receive(replace(SAID, contact=""), who=FORM)
    assert (again.id, again.state) == (part.id, RequestState.ERASED)
    assert MARK not in to_json(tuple(desk.store.kept.values())).decode()
    assert desk.receive(replace(SAID, contact="")).id != part.id  # a person takes it down anew


def test_requests_stay_with_their_item_when_cases_are_merged() -> None:
    desk = Desk()
    made = desk.receive(pass_on=True)
    desk.release(made.id)
    case = desk.cases.case("case")
    desk.say("other", Opened("why"))
    desk.cases.append([Draft("other", SYSTEM, absorbed(case)), Draft("case", SYSTEM, Merged("other"))])
    assert [one.id for one in desk.flow.of_case(LENA, "case")] == [made.id]
    assert [one.id for one in desk.flow.of_case(LENA, "other")] == [made.id]
    assert desk.onward("other") == SAID
    assert desk.flow.erase(LENA, "case", made.id, Erasure.WITHDRAWN).state is RequestState.ERASED


# ---- sent on, and nowhere else


def test_only_what_a_person_has_released_is_sent_on_and_only_as_the_log_vouches() -> None:
    desk = Desk()
    alone = desk.receive()
    with pytest.raises(NotNowError, match="cannot go there"):
        desk.release(alone.id)  # they did not ask for it
    first = desk.receive(replace(SAID, belief="first"), pass_on=True)
    second = desk.receive(replace(SAID, belief="second"), CAME + timedelta(minutes=1), pass_on=True)
    part = desk.receive(replace(SAID, signature=""), START, pass_on=True)
    assert desk.onward() is None
    for who in (FORM, SAMI, replace(FORM, permissions=LENA.permissions)):
        with pytest.raises(ForbiddenError):
            desk.release(first.id, who=who)
    with pytest.raises(NotNowError):
        desk.release(part.id)
    desk.release(first.id)
    desk.release(first.id)  # again is nothing more
    assert desk.bodies(RequestReleased) == [RequestReleased(first.id, "l1", HOST.email)]
    assert desk.onward() == replace(SAID, belief="first")
    desk.release(second.id)
    assert desk.onward() == replace(SAID, belief="second")
    desk.receive(replace(SAID, belief="of a machine"), START, FORM, pass_on=True)
    assert desk.onward() == replace(SAID, belief="second")
    elsewhere = (
        desk.onward(place=replace(PLACE, id="l2")),
        desk.onward(place=replace(PLACE, item="b")),
        desk.onward(contact=replace(HOST, email="abuse@evil.example")),
    )
    assert elsewhere == (None, None, None)


@pytest.mark.parametrize(
    "forged",
    [
        {"said": replace(SAID, contact="somebody else")},
        {"item": "b"},
        {"pass_on": True},
        {"valid": START},
    ],
)
def test_a_row_that_the_log_does_not_vouch_for_goes_nowhere(forged: dict[str, Any]) -> None:
    desk = Desk()
    kept = desk.receive(pass_on="pass_on" not in forged)
    released = RequestReleased(kept.id, PLACE.id, HOST.email)
    desk.say("case", released, by=LENA)
    place = replace(PLACE, item=forged.get("item", "a"))
    assert (desk.onward() is None) == ("pass_on" in forged)
    kept = desk.store.kept[kept.id]
    desk.store.put(replace(kept, **forged), expect=kept)
    assert desk.onward(place=place) is None
    assert desk.flow.onward(LENA, "case", kept.id) == ()


def test_nothing_that_others_say_in_the_log_vouches_for_a_row() -> None:
    """Notes are for keys, too; and what was incomplete in the row may be said to be complete, once more."""
    desk = Desk()
    made = desk.receive(pass_on=True)
    desk.release(made.id)
    assert desk.onward() == SAID
    kept = desk.store.kept[made.id]
    other = replace(kept, said=replace(SAID, contact="somebody else"))
    desk.store.put(other, expect=kept)
    taken = RequestTaken(made.id, "a", CAME, (), True, digest_of(other))
    desk.say("case", Noted(f"removal request {made.id}: {taken}"), by=FORM)
    assert desk.onward() is None
    desk.say("case", taken, by=FORM)
    assert desk.onward() is None
    desk.store.put(kept, expect=other)
    assert desk.onward() is None


def test_what_was_erased_and_is_put_back_goes_nowhere() -> None:
    desk = Desk()
    made = desk.receive(pass_on=True)
    kept = desk.store.kept[made.id]
    desk.release(made.id)
    desk.flow.erase(LENA, "case", made.id, Erasure.WITHDRAWN)
    desk.store.put(kept, expect=desk.store.kept[made.id])
    assert desk.onward() is None
    assert desk.flow.onward(LENA, "case", made.id) == ()


def test_no_machine_says_in_the_log_that_it_was_released() -> None:
    desk = Desk()
    made = desk.receive(pass_on=True)
    for actor in (SYSTEM, FORM.actor):
        with pytest.raises(TransitionError):
            desk.cases.append([Draft("case", actor, RequestReleased(made.id, PLACE.id, HOST.email))])


def test_only_sites_that_the_act_binds_of_urls_that_people_gave_are_asked_in_their_name() -> None:
    desk = Desk()
    made = desk.receive(pass_on=True)
    desk.release(made.id)
    case = desk.cases.case("case")
    assert desk.flow.asks(case, PLACE, HOST)
    others = (
        replace(HOST, country="NL"),
        replace(HOST, country=""),  # nobody has said where it is
        replace(HOST, how="platform"),
        *(replace(HOST, scope=one) for one in Who if one is not Who.SITE),
    )
    assert not any(desk.flow.asks(case, PLACE, one) for one in others)
    assert not desk.flow.asks(case, replace(PLACE, followed=1), HOST)


def test_where_nothing_tells_the_country_a_person_has_to_know_it() -> None:
    desk, unknown = Desk(), replace(HOST, country="")
    made = desk.receive(pass_on=True)
    with pytest.raises(NotNowError, match="say so if you know"):
        desk.release(made.id, unknown)
    assert desk.onward(contact=unknown) is None
    desk.release(made.id, unknown, vouched=True)
    assert desk.onward(contact=unknown) == SAID


def test_what_a_person_can_release_is_shown_until_somebody_there_was_told() -> None:
    desk = Desk()
    made = desk.receive(pass_on=True)
    known = Contacts(URL, START, (HOST, replace(HOST, country="NL"), replace(HOST, scope=Who.HOST)))
    place = replace(PLACE, contacts=known)
    led = replace(place, id="l2", url="https://evil.example/", found_as="l1", followed=1)
    other = replace(place, id="l3", url=f"{URL}/b", item="b")
    for one in (place, led, other):
        desk.takedowns.put(one)
    [shown] = desk.flow.onward(LENA, "case", made.id)
    assert (shown.location, shown.contact, shown.released, shown.unsure) == (place, HOST, False, False)
    desk.release(made.id)
    assert [one.released for one in desk.flow.onward(LENA, "case", made.id)] == [True]
    told = replace(place, notices=(Notice("n", "l1", HOST, Form.XARF, "en", NoticeState.SENT, START, START),))
    desk.takedowns.put(told, expect=place)
    assert desk.flow.onward(LENA, "case", made.id) == ()
    with pytest.raises(ForbiddenError):
        desk.flow.onward(SAMI, "case", made.id)


@pytest.mark.parametrize("error", [MailRefusedError, MailDownError])
def test_a_server_that_quotes_their_words_has_them_kept_nowhere(error: type[Exception]) -> None:
    place = Takedown(contacts=(HOST,))
    place.hosts[URL] = lambda _at: (200, b"the item")
    place.fails = [error(to=HOST.email, cause=f"the mail server says 550 refused: {MARK}", answer=550)]  # type: ignore[call-arg]
    takedown = place.made()
    takedown._asked = lambda *_: True
    location = takedown.begin(SAMI, takedown.add(SAMI, place.case, "item-1", URL).id)
    takedown.advance(location.id)
    [notice] = place.store.get(location.id).notices
    assert notice.cause == "the mail server says 550"
    assert MARK not in to_json(place.store.get(location.id)).decode()


def test_no_machine_and_no_redirect_makes_their_words_go_out() -> None:
    """A key hands in a request after a person began; the URL leads to a host whose address is the perpetrator's."""
    evil, at_evil = "https://evil.example/copy", Contact(Who.SITE, "x", "abuse@evil.example", country="US")
    place = Takedown(contacts=())
    place.hosts |= {URL: lambda _at: (200, b"the item", evil), evil: lambda _at: (200, b"the item")}
    usual = place.find
    place.find = lambda url: replace(usual(url), contacts=(at_evil if "evil" in url else HOST,))  # type: ignore[method-assign]
    settle = Settle(place.cases, TomlLaw().packs(), ("us",), lambda _: Ruling("", Stage.CASE, (), ()), place.clock)
    flow = RemovalRequests(place.cases, MemoryRequests(), place.store, settle, place.clock, place.ids, marked)
    made = lambda case: dossier(case, place.cases, place.store, Reporter("Example", "safety@example.org"))  # noqa: E731 - short
    takedown = place.made()
    takedown._write, takedown._asked = NoticeWriter(made, place.plan, flow.to_pass_on), flow.asks
    location = takedown.begin(SAMI, takedown.add(SAMI, place.case, "item-1", URL).id)
    place.clock.moment += timedelta(minutes=1)
    one = flow.receive(FORM, place.case, "item-1", SAID, place.clock.moment, pass_on=True)
    place.run(timedelta(hours=8), takedown)
    assert {letter.to for _, letter in place.mails} == {HOST.email, at_evil.email}
    assert not any(MARK in letter.text for _, letter in place.mails)
    led = next(each for each in place.store.all() if each.url == evil)
    assert flow.onward(LENA, place.case, one.id) == ()
    for name, to in ((led.id, at_evil.email), (location.id, HOST.email)):
        with pytest.raises(NotNowError):
            flow.release(LENA, place.case, one.id, name, to, vouched=True)


def _placed(form: Form) -> tuple[Location, Notice]:
    told = Notice("n1", "l1", HOST, form, "en", NoticeState.WAITING, START)
    return Location("l1", "case", "a", "a" * 64, URL, START, Place.PRESENT, notices=(told,), begun=START), told


def _marked() -> Desk:
    desk = Desk()
    desk.release(desk.receive(pass_on=True).id)
    desk.receive(replace(SAID, signature=""), START - timedelta(hours=1), pass_on=True)
    desk.say("case", Decided(Finding(Verdict.CONFIRMED, Classification.B2)), by=LENA)
    desk.cases.put_item(Item("a", ItemState.DONE, START, "items", account="account", case="case"))
    return desk


def _written(desk: Desk, form: Form) -> Written:
    location, told = _placed(form)
    made = lambda case: dossier(case, desk.cases, desk.takedowns, Reporter("Example", "safety@example.org"))  # noqa: E731 - short
    return NoticeWriter(made, DEFAULT_PLAN, desk.flow.to_pass_on)(desk.cases.case("case"), location, told)


def test_their_words_go_into_the_letter_of_their_form_and_into_nothing_that_people_here_read() -> None:
    desk = _marked()
    one = _written(desk, Form.TAKE_IT_DOWN)
    assert one.missing == ()
    assert all(getattr(SAID, field) in one.outgoing for field in (*NEEDED, "name", "acting_for"))
    assert MARK not in f"{one.subject}{one.text}{one.letter}{one!r}"
    assert one.attachments == ()
    assert LENA.actor.id + "@" not in one.outgoing
    assert "user:" not in one.outgoing


@pytest.mark.parametrize("form", [form for form in Form if form is not Form.TAKE_IT_DOWN])
def test_no_other_notice_has_any_of_them(form: Form) -> None:
    one = _written(_marked(), form)
    letter = Letter("a@b.example", "abuse@host.example", one.subject, one.outgoing, one.attachments)
    raw = SmtpMailer("smtp://127.0.0.1", "safety@example.org", FakeClock(), name="Example")._written(letter)
    assert MARK.encode() not in raw
    assert base64.b64encode(MARK.encode())[:-4] not in raw
    assert not any(MARK.encode() in data for _, _, data in one.attachments)


def test_the_log_and_all_documents_have_none_of_them() -> None:
    desk = _marked()
    assert MARK.encode() not in desk.log
    [valid] = [one for one in desk.store.kept.values() if one.valid]
    assert digest_of(valid) in desk.log.decode()
    assert RULE in desk.log.decode()
    desk.takedowns.put(_placed(Form.TAKE_IT_DOWN)[0], expect=desk.takedowns.get("l1"))
    reporter = Reporter("Example", "safety@example.org")
    whole = dossier(desk.cases.case("case"), desk.cases, desk.takedowns, reporter)
    assert MARK not in repr(whole)
    for taker in (Taker.CYBERTIP_CA, Taker.NCA, Taker.POLICE):
        assert not any(MARK.encode() in one.content for one in documents(taker, whole, START))
    statements = Statements(desk.cases, reporter, desk.clock, desk.ids)
    assert MARK not in repr(statements.of_case("case"))
    assert MARK not in json.dumps(list(statements.database(START - timedelta(days=1), START + timedelta(days=1))))


def test_a_digest_cannot_be_guessed_without_its_salt() -> None:
    first, second = Desk(), Desk()
    for desk in (first, second):
        desk.receive()
    one, other = (next(iter(desk.store.kept.values())) for desk in (first, second))
    assert one.said == other.said
    assert digest_of(one) != digest_of(other)
    assert len(one.salt) == 64
    assert one.salt.encode() not in first.log


def test_the_mail_goes_out_by_itself_in_their_name() -> None:
    place = Takedown(contacts=(HOST, *(Contact(one, "x", f"{one}@abuse.example") for one in Who)))
    place.hosts[URL] = lambda _at: (200, b"the item")
    said: list[RemovalRequest] = [SAID]
    made = lambda case: dossier(case, place.cases, place.store, Reporter("Example", "safety@example.org"))  # noqa: E731 - short
    writer = NoticeWriter(made, place.plan, lambda _case, one, _to: said[0] if said and one.item == "item-1" else None)
    takedown = place.made()
    takedown._write = writer
    takedown._asked = lambda _case, _location, contact: bool(said) and contact == HOST
    location = takedown.add(SAMI, place.case, "item-1", URL)
    preview = takedown.preview(location.id)
    assert preview is not None
    assert MARK not in preview[1].letter
    takedown.begin(SAMI, location.id)
    place.run(timedelta(hours=1), takedown)
    [(_, letter)] = place.mails
    assert letter.to == HOST.email
    assert SAID.signature in letter.text
    [notice] = place.store.get(location.id).notices
    assert (notice.form, notice.state) == (Form.TAKE_IT_DOWN, NoticeState.SENT)
    [told] = place.bodies(NoticeSent)
    assert (
        told.digest
        == notice.sha256
        == sha256(
            takedown._written(place.cases.case(place.case), place.store.get(location.id), notice).text.encode()
        ).hexdigest()
    )  # of no word of theirs
    assert MARK.encode() not in b"".join(one.entry for one in place.cases.entries)
    assert MARK not in to_json(place.store.get(location.id)).decode()
