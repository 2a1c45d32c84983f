"""Requests for removal by people who are depicted: taken down in writing, completed, put to work, and erased.

Under the TAKE IT DOWN Act (47 U.S.C. 223a) a platform has 48 hours from a valid request. One that lacks something is
kept, told what is missing, and starts no clock; the moment in which it is whole starts it, once.

What people say of themselves is in one row of a store, from which it can be erased (Regulation (EU) 2016/679, Article
17). The log, from which nothing is ever erased, has a request's id, its times, and a digest with a salt that is erased
along: without it nobody can try names against the digest.

What they say goes to a site only where a person has said so, of this request, this URL and this address; machines take
requests down and send none on.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from secrets import token_hex
from typing import Final

from safelight.case.fold import in_force
from safelight.flow.merged import act_on, by_position, current, lineage
from safelight.flow.one_url import of_one_url
from safelight.flow.request_words import clean, joined_words
from safelight.flow.review_rules import must
from safelight.flow.settle import OLDEST, Settle
from safelight.model.access import SYSTEM, Actor, ActorKind, Permission, Principal
from safelight.model.case import (
    TOOL,
    Body,
    Case,
    Draft,
    DutyState,
    NoticeSent,
    RequestErased,
    RequestReleased,
    RequestTaken,
)
from safelight.model.codec import to_json
from safelight.model.errors import ForbiddenError, NotNowError, UsageError
from safelight.model.notice import RemovalRequest
from safelight.model.removal import ERASURES, Erasure, Received, RequestState, lacking
from safelight.model.takedown import Contact, Form, Location, Scope
from safelight.policy.ending import held
from safelight.policy.takedown import was_told
from safelight.ports import CaseStore, Clock, Ids, RequestStore, TakedownStore

RULE: Final = "us/take-it-down"
"""The rule of a law pack whose clock a valid request starts."""


@dataclass(frozen=True, slots=True)
class Onward:
    """Where a request can go. `released`: a person has said so; `unsure`: whether it is in the United States."""

    location: Location
    contact: Contact
    released: bool
    unsure: bool


class RemovalRequests:
    """The acts about requests. All raise the errors of the stores, and ForbiddenError for who may not do something."""

    def __init__(
        self,
        cases: CaseStore,
        store: RequestStore,
        takedowns: TakedownStore,
        settle: Settle,
        clock: Clock,
        ids: Ids,
        mark: Callable[[bytes], str],
        salt: Callable[[], str] = token_hex,
    ) -> None:
        """`mark`: a digest under a key that is in no database; `salt`: gives a new secret each time."""
        self._cases, self._store, self._takedowns, self._settle = cases, store, takedowns, settle
        self._clock, self._ids, self._mark, self._salt = clock, ids, mark, salt

    def receive(
        self, who: Principal, case: str, item: str, said: RemovalRequest, at: datetime, *, pass_on: bool = False
    ) -> Received:
        """Take a request down; the same one, word for word and of the same moment, is taken down once.

        That is so whatever came in for it later, and when it was erased: a form that repeats itself brings no words
        back. Only a person can take down anew what was erased.

        Args:
            who: needs REPORT_PREPARE, as for other things that start clocks.
            case: that the item is in.
            item: that the request is about.
            said: what they say, as they say it.
            at: when it came in, with a zone.
            pass_on: they want it sent on, in their name, to sites where the item is.

        Returns:
            The request, as `of_case` tells it to `who`; `Received.lacks` is what the Act asks for and they did not say.

        Raises:
            UsageError: the case has no such item, a field is too long or nothing was said; or `at` is to come.
        """
        must(who, Permission.REPORT_PREPARE)
        said = clean(said)
        if said == RemovalRequest():
            raise UsageError(detail="say what they said: nothing was given")
        self._must_have_been(at)

        def take(found: Case) -> Received:
            if all(one.id != item for one in found.items):
                raise UsageError(detail="the case has no such item")
            mark = self._mark(to_json((item, at, pass_on, said)))
            anew = who.actor.kind is ActorKind.USER
            for one in self._store.of_item(item):
                if one.mark == mark and (one.erased is None or not anew):
                    return one
            name, salt = self._ids.new(), self._salt()
            new = Received(name, found.id, item, at, said, salt, lacking(said), pass_on=pass_on, mark=mark)
            made = self._judged(who, found, new, at)
            self._store.put(made)
            return made

        return _told(who, act_on(self._cases, case, take))

    def complete(self, who: Principal, case: str, request: str, said: RemovalRequest, at: datetime) -> Received:
        """Add what was missing and came in later. What they have said already stays as they said it.

        Args:
            who: needs REPORT_PREPARE.
            case: of the request.
            request: its id.
            said: more of what they say; fields in which something is said already are passed over.
            at: when this came in, with a zone.

        Returns:
            The request as it is now; one that was valid before is not changed.

        Raises:
            UsageError: as for `receive`; or the case has no such request, or it came in later than `at`.
            NotNowError: it was erased.
        """
        must(who, Permission.REPORT_PREPARE)
        more = clean(said)
        self._must_have_been(at)

        def add(found: Case) -> Received:
            before = self._of(found, request)
            if before.said is None:
                raise NotNowError(cause="This request was erased.")
            if at < before.received:
                raise UsageError(detail="what was missing cannot have come in before the request")
            both = joined_words(before.said, more)
            if before.state is RequestState.VALID or both == before.said:
                return before
            after = self._judged(who, found, replace(before, said=both, lacks=lacking(both)), at)
            self._store.put(after, expect=before)
            return after

        return _told(who, act_on(self._cases, case, add))

    def erase(self, who: Principal, case: str, request: str, why: Erasure = Erasure.ENDED) -> Received:
        """Erase what a request says; its id and times stay. One that is erased already stays as it is.

        Args:
            who: a person with REPORT_FILE.
            case: of the request.
            request: its id.
            why: who asked does not want it kept any more; or what was missing never came; or its takedown has ended:
                its duty is met or does not apply, or it has none and there are URLs of the item; and each of those is
                gone or closed.

        Raises:
            UsageError: the case has no such request.
            NotNowError: it is still needed, or held.
        """
        _must_be_person(who)
        return act_on(self._cases, case, lambda found: self._wipe(who.actor, found, self._of(found, request), why))

    def end(self, case: Case, request: Received) -> Received:
        """Erase a request by itself, in a transaction: for the job alone, once `flow.ending` says that it is over.

        Raises NotNowError as `erase` does, ConflictError.
        """
        return self._wipe(SYSTEM, case, request, by_itself(request))

    def needed(self, case: Case, request: Received) -> str:
        """Why a request could not be erased now if nobody withdrew it; empty where it could."""
        return self._still_needed(case, request, by_itself(request))

    def of_case(self, who: Principal, case: str) -> tuple[Received, ...]:
        """All requests of a case and of those merged into it, oldest first; what they say is for REPORT_FILE alone."""
        must(who, Permission.REPORT_READ)
        names = lineage(self._cases, current(self._cases, case).id)
        found = (one for name in names for one in self._store.of_case(name))
        return tuple(_told(who, one) for one in sorted(found, key=lambda one: one.id))

    def incomplete(self, who: Principal) -> list[tuple[str, Received]]:
        """Each request that lacks something, with the case that it is in now; by when they came in, oldest first."""
        must(who, Permission.REPORT_READ)
        found, after = list[Received](), ""
        while page := self._store.all(after):
            found += (one for one in page if one.state is RequestState.INCOMPLETE)
            after = page[-1].id
        found.sort(key=lambda one: (one.received, one.id))
        return [(current(self._cases, one.case).id, _told(who, one)) for one in found]

    def onward(self, who: Principal, case: str, request: str) -> tuple[Onward, ...]:
        """Where a person may have a request go, or has: sites of which nobody was told yet.

        Only for URLs that people gave: where a redirect led, whoever put it there has chosen the address. Of sites in
        the United States, or of which nothing tells where they are.
        """
        _must_be_person(who)
        found = current(self._cases, case)
        one = self._of(found, request)
        said = [body for _, body in self._bodies(found.id)]
        if one.state is not RequestState.VALID or not one.pass_on or not log_says(said, one):
            return ()
        places = (place for name in lineage(self._cases, found.id) for place in self._takedowns.of_case(name))
        return tuple(
            Onward(place, contact, self._released(found, place, contact) == one, not contact.country)
            for place in places
            if not place.closed and one.item in of_one_url(said, place).items
            for contact in (place.contacts.contacts if place.contacts else ())
            if _may_get_it(place, contact) and not was_told(place, contact)
        )

    def release(
        self, who: Principal, case: str, request: str, location: str, to: str, *, vouched: bool = False
    ) -> Onward:
        """A person has a request go to an address about a URL, in place of the usual notice, once that is due.

        Args:
            who: a person with REPORT_FILE.
            case: of the request.
            request: its id.
            location: of the URL.
            to: the address.
            vouched: they say that it is in the United States; needed where nothing else tells.

        Raises:
            UsageError: the case has no such request.
            NotNowError: it cannot go there: see `onward`.
        """
        _must_be_person(who)

        def send_on(found: Case) -> Onward:
            there = self.onward(who, found.id, request)
            one = next((one for one in there if (one.location.id, one.contact.email) == (location, to)), None)
            if one is None:
                raise NotNowError(cause="This request cannot go there, or somebody there was told already.")
            if one.unsure and not vouched:
                raise NotNowError(cause="Nothing tells that this site is in the United States: say so if you know it.")
            if not one.released:
                body = RequestReleased(request, location, to, vouched)
                self._cases.append([Draft(found.id, who.actor, body, TOOL)], expect=found.length)
            return replace(one, released=True)

        return act_on(self._cases, case, send_on)

    def to_pass_on(self, case: Case, location: Location, contact: Contact) -> RemovalRequest | None:
        """What the request says that a person has had sent on to this contact about this URL; None for none.

        For notices alone. A row that the log does not vouch for, word by word, sends nothing.
        """
        found = self._released(case, location, contact)
        return found.said if found is not None else None

    def asks(self, case: Case, location: Location, contact: Contact) -> bool:
        """Whether a contact is asked in their name."""
        return self._released(case, location, contact) is not None

    def _released(self, case: Case, location: Location, contact: Contact) -> Received | None:
        """The request that was released last to this address about this URL, is still valid, and was not sent since."""
        if not _may_get_it(location, contact):
            return None
        logged = self._bodies(case.id)
        same = of_one_url((body for _, body in logged), location)
        known = {one.id: one for item in sorted(same.items) for one in self._store.of_item(item)}
        for by, body in reversed(logged):
            match body:
                case NoticeSent(form=Form.TAKE_IT_DOWN, to=contact.to) if body.location in same.ids:
                    return None  # what comes back later may be run by others: that is released anew, or not
                case RequestReleased(to=contact.email) if body.location in same.ids and by.kind is ActorKind.USER:
                    one = known.get(body.request)
                    there = bool(contact.country) or body.vouched
                    valid = one is not None and one.state is RequestState.VALID and one.pass_on
                    if one is not None and there and valid and log_says((body for _, body in logged), one):
                        return one
                case _:
                    pass
        return None

    def _bodies(self, case: str) -> list[tuple[Actor, Body]]:
        """All that was said in a case and in those merged into it, the oldest first, and by whom."""
        return [(one.event.actor, one.event.body) for one in by_position(self._cases, case)]

    def _judged(self, who: Principal, case: Case, request: Received, at: datetime) -> Received:
        """The request, noted in the log; if nothing is missing any more, it is valid since `at`, and the clock runs."""
        if request.lacks:
            self._say(who.actor, case, RequestTaken(request.id, request.item, at, request.lacks))
            return request
        valid = replace(request, valid=at)
        self._say(who.actor, case, _valid(valid))
        try:
            duty = self._settle.request(who, case.id, at, RULE, f"removal request {request.id}").id
        except UsageError:  # the rule is not of a law that applies here, or was not in force: the request is kept
            duty = ""
        return replace(valid, duty=duty)

    def _wipe(self, by: Actor, case: Case, before: Received, why: Erasure) -> Received:
        if before.erased is not None:
            return before
        if cause := self._held(case, before) or self._still_needed(case, before, why):
            raise NotNowError(cause=cause)
        after = replace(before, said=None, salt="", lacks=(), pass_on=False, erased=self._clock.now())
        self._say(by, case, RequestErased(before.id, ERASURES[why]))
        self._store.put(after, expect=before)
        return after

    def _held(self, case: Case, request: Received) -> str:
        if any(in_force(hold, self._clock.now()) for hold in case.holds):
            return "A legal hold on the case is in force."
        if held(by_position(self._cases, case.id), f"request:{request.id}") is not None:
            return "Somebody has it kept: see the page of the request."
        return ""

    def _still_needed(self, case: Case, request: Received, why: Erasure) -> str:
        """Why a request cannot be erased for this reason; empty where it can."""
        if why is Erasure.WITHDRAWN:
            return ""
        if (why is Erasure.NEVER_COMPLETED) != (request.state is RequestState.INCOMPLETE):
            return "What is not complete was withdrawn, or never completed; what is valid never is the latter."
        if why is Erasure.NEVER_COMPLETED:
            return ""
        names = lineage(self._cases, case.id)
        said = [body for _, body in self._bodies(case.id)]
        there = (one for name in names for one in self._takedowns.of_case(name))
        places = [one for one in there if request.item in of_one_url(said, one).items]
        duty = next((one.state for one in case.duties if one.duty.id == request.duty), None)
        goes_on = duty is DutyState.OPEN or any(not one.closed and one.gone is None for one in places)
        if goes_on or (duty is None and not places):
            return "It is still needed: its takedown goes on, or has not begun. Who asked can withdraw it."
        return ""

    def _of(self, case: Case, request: str) -> Received:
        names = lineage(self._cases, case.id)
        found = (one for name in names for one in self._store.of_case(name) if one.id == request)
        if (one := next(found, None)) is None:
            raise UsageError(detail="the case has no such request")
        return one

    def _must_have_been(self, at: datetime) -> None:
        now = self._clock.now()
        if at.tzinfo is None or not now - OLDEST <= at <= now:
            raise UsageError(detail="say when it came in, with a time zone: not later than now, nor years ago")

    def _say(self, by: Actor, case: Case, body: Body) -> None:
        self._cases.append([Draft(case.id, by, body, TOOL)], expect=case.length)


def by_itself(request: Received) -> Erasure:
    """Why a request is erased that nobody withdrew."""
    return Erasure.NEVER_COMPLETED if request.state is RequestState.INCOMPLETE else Erasure.ENDED


def log_says(said: Iterable[Body], request: Received) -> bool:
    """Whether the log of a case says of a valid request just what its row does, once, and not that it was erased."""
    about = (body for body in said if isinstance(body, RequestTaken | RequestErased) and body.request == request.id)
    return [body for body in about if not (isinstance(body, RequestTaken) and body.lacks)] == [_valid(request)]


def digest_of(request: Received) -> str:
    """SHA-256 of a request's salt and words, as the log names it: who has the row can show that it is the same."""
    return sha256(request.salt.encode() + to_json(request.said)).hexdigest()


def _valid(request: Received) -> RequestTaken:
    assert request.valid is not None
    return RequestTaken(request.id, request.item, request.valid, (), request.pass_on, digest_of(request))


def _may_get_it(location: Location, contact: Contact) -> bool:
    """Whether a site of a URL that a person gave may be one that the Act binds, and takes mail."""
    site = contact.scope is Scope.SITE and contact.how != "platform" and bool(contact.email)
    return location.followed == 0 and site and contact.country in {"", "US"}


def _must_be_person(who: Principal) -> None:
    must(who, Permission.REPORT_FILE)
    if who.actor.kind is not ActorKind.USER:
        raise ForbiddenError


def _told(who: Principal, request: Received) -> Received:
    return request if who.may(Permission.REPORT_FILE) else replace(request, said=None, salt="")
