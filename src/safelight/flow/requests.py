"""Requests for removal by people who are depicted: taken down in writing, completed, put to work, and erased.

Under the TAKE IT DOWN Act (47 U.S.C. 223a) a platform has 48 hours from a valid request. One that lacks something is
kept, told what is missing, and starts no clock; the moment in which it is whole starts it, once.

What people say of themselves is in one row of a store, from which it can be erased (Regulation (EU) 2016/679, Article
17). The log, from which nothing is ever erased, has a request's id, its times, and a digest with a salt that is erased
along: without it nobody can try names against the digest.
"""

from collections.abc import Callable
from dataclasses import fields, replace
from datetime import datetime
from hashlib import sha256
from secrets import token_hex
from typing import Final, TypeVar

from safelight.flow.merged import current, histories, lineage
from safelight.flow.review_rules import must
from safelight.flow.settle import OLDEST, TRIES, Settle
from safelight.model.access import Actor, ActorKind, Permission, Principal
from safelight.model.case import TOOL, Case, Draft, DutyState, Noted
from safelight.model.codec import to_json
from safelight.model.errors import ConflictError, ForbiddenError, NotNowError, UsageError
from safelight.model.notice import RemovalRequest
from safelight.model.removal import LONGEST_FIELD, Received, RequestState, lacking
from safelight.model.takedown import Contact, Scope
from safelight.ports import CaseStore, Clock, Ids, RequestStore, TakedownStore

_T = TypeVar("_T")

RULE: Final = "us/take-it-down"
"""The rule of a law pack whose clock a valid request starts."""


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
        salt: Callable[[], str] = token_hex,
    ) -> None:
        """`salt`: gives a new secret each time."""
        self._cases, self._store, self._takedowns, self._settle = cases, store, takedowns, settle
        self._clock, self._ids, self._salt = clock, ids, salt

    def receive(
        self, who: Principal, case: str, item: str, said: RemovalRequest, at: datetime, *, pass_on: bool = False
    ) -> Received:
        """Take a request down; the same one, word for word and of the same moment, is taken down once.

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
        said = _clean(said)
        if said == RemovalRequest():
            raise UsageError(detail="say what they said: nothing was given")
        self._must_have_been(at)

        def take(found: Case) -> Received:
            if all(one.id != item for one in found.items):
                raise UsageError(detail="the case has no such item")
            for one in self._store.of_item(item):
                if (one.said, one.received, one.pass_on) == (said, at, pass_on):
                    return one
            new = Received(self._ids.new(), found.id, item, at, said, self._salt(), lacking(said), pass_on=pass_on)
            made = self._judged(who, found, new, at)
            self._store.put(made)
            return made

        return _told(who, self._repeat(case, take))

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
        more = _clean(said)
        self._must_have_been(at)

        def add(found: Case) -> Received:
            before = self._of(found, request)
            if before.said is None:
                raise NotNowError(cause="This request was erased.")
            if at < before.received:
                raise UsageError(detail="what was missing cannot have come in before the request")
            both = _joined(before.said, more)
            if before.state is RequestState.VALID or both == before.said:
                return before
            after = self._judged(who, found, replace(before, said=both, lacks=lacking(both)), at)
            self._store.put(after, expect=before)
            return after

        return _told(who, self._repeat(case, add))

    def erase(self, who: Principal, case: str, request: str, *, withdrawn: bool = False) -> Received:
        """Erase what a request says; its id and times stay. One that is erased already stays as it is.

        Args:
            who: a person with REPORT_FILE.
            case: of the request.
            request: its id.
            withdrawn: who asked does not want it kept any more. Else it can be erased once its takedown has ended:
                its duty is met or does not apply, and each URL of the item is gone or closed.

        Raises:
            UsageError: the case has no such request.
            NotNowError: it is still needed.
        """
        must(who, Permission.REPORT_FILE)
        if who.actor.kind is not ActorKind.USER:
            raise ForbiddenError

        def wipe(found: Case) -> Received:
            before = self._of(found, request)
            if before.erased is not None:
                return before
            if not withdrawn and self._needed(found, before):
                raise NotNowError(cause="It is still needed: its takedown goes on. Who asked can withdraw it.")
            after = replace(before, said=None, salt="", lacks=(), pass_on=False, erased=self._clock.now())
            why = "who asked has withdrawn it" if withdrawn else "its takedown has ended"
            self._note(who.actor, found, f"removal request {before.id}: erased, {why}")
            self._store.put(after, expect=before)
            return after

        return self._repeat(case, wipe)

    def of_case(self, who: Principal, case: str) -> tuple[Received, ...]:
        """All requests of a case and of those merged into it, oldest first; what they say is for REPORT_FILE alone."""
        must(who, Permission.REPORT_READ)
        names = lineage(self._cases, current(self._cases, case).id)
        found = (one for name in names for one in self._store.of_case(name))
        return tuple(_told(who, one) for one in sorted(found, key=lambda one: one.id))

    def to_pass_on(self, case: Case, item: str) -> RemovalRequest | None:
        """What the newest valid request about an item says, if they want it sent on; None for none.

        For notices alone. A row that the log does not vouch for, word by word, sends nothing.
        """
        found = [one for one in self._store.of_item(item) if one.state is RequestState.VALID and one.pass_on]
        if not found:
            return None
        last = max(found, key=lambda one: (one.valid or one.received, one.id))
        said = Noted(_valid(last))
        logged = (one.event.body == said for events in histories(self._cases, case.id) for one in events)
        return last.said if any(logged) else None

    def asks(self, case: Case, item: str, contact: Contact) -> bool:
        """Whether a contact is asked in their name: a site that the Act may bind, in the United States or who knows."""
        bound = contact.scope is Scope.SITE and contact.how != "platform" and contact.country in {"", "US"}
        return bound and self.to_pass_on(case, item) is not None

    def _judged(self, who: Principal, case: Case, request: Received, at: datetime) -> Received:
        """The request, noted in the log; if nothing is missing any more, it is valid since `at`, and the clock runs."""
        if request.lacks:
            missing = ", ".join(request.lacks)
            self._note(who.actor, case, f"removal request {request.id}: came in at {at.isoformat()}, without {missing}")
            return request
        valid = replace(request, valid=at)
        self._note(who.actor, case, _valid(valid))
        try:
            duty = self._settle.request(who, case.id, at, RULE, f"removal request {request.id}").id
        except UsageError:  # the rule is not of a law that applies here, or was not in force: the request is kept
            duty = ""
        return replace(valid, duty=duty)

    def _needed(self, case: Case, request: Received) -> bool:
        owed = any(one.duty.id == request.duty and one.state is DutyState.OPEN for one in case.duties)
        names = lineage(self._cases, case.id)
        places = (one for name in names for one in self._takedowns.of_case(name) if one.item == request.item)
        return owed or any(not one.closed and one.gone is None for one in places)

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

    def _note(self, by: Actor, case: Case, text: str) -> None:
        self._cases.append([Draft(case.id, by, Noted(text), TOOL)], expect=case.length)

    def _repeat(self, case_id: str, act: Callable[[Case], _T]) -> _T:
        """Act on a case as it is; look again when others change it meanwhile."""
        for left in reversed(range(TRIES)):
            try:
                with self._cases.transaction():
                    return act(current(self._cases, case_id))
            except ConflictError:
                if not left:
                    raise
        raise AssertionError("the last try returns or raises")


def digest_of(request: Received) -> str:
    """SHA-256 of a request's salt and words, as the log names it: who has the row can show that it is the same."""
    return sha256(request.salt.encode() + to_json(request.said)).hexdigest()


def _valid(request: Received) -> str:
    assert request.valid is not None
    since = request.valid.isoformat()
    return f"removal request {request.id}: valid under {RULE} since {since}; SHA-256 with its salt {digest_of(request)}"


def _told(who: Principal, request: Received) -> Received:
    return request if who.may(Permission.REPORT_FILE) else replace(request, said=None, salt="")


def _clean(said: RemovalRequest) -> RemovalRequest:
    """Without what cannot be read. Raises UsageError for a field that is too long."""
    values = {one.name: str(getattr(said, one.name)) for one in fields(said)}
    clean = {
        name: "".join(letter for letter in value if letter.isprintable() or letter in "\n\t").strip()
        for name, value in values.items()
    }
    if long := next((name for name, value in clean.items() if len(value) > LONGEST_FIELD), ""):
        raise UsageError(detail=f"{long} is longer than {LONGEST_FIELD} characters")
    return RemovalRequest(**clean)


def _joined(said: RemovalRequest, more: RemovalRequest) -> RemovalRequest:
    """With what `more` says where nothing was said."""
    empty = (one.name for one in fields(said) if not any(map(str.isalnum, getattr(said, one.name))))
    return replace(said, **{name: getattr(more, name) for name in empty})
