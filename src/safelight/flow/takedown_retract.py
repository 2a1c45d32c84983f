"""Taking notices back: whoever was told of what is no abuse is told so, once a person has confirmed that.

Each goes out as a notice does (`flow.takedown_steps`): it is written down before the mail, with a Message-ID of its
own, and again after. Killed in between, it is sent again under the same one, so that it is one.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import chain
from typing import Final

from safelight.flow.merged import by_position, current
from safelight.flow.review_rules import must, said
from safelight.flow.takedown_places import all_of, is_spent
from safelight.flow.takedown_standing import Standing, standing_of
from safelight.flow.takedown_steps import NOBODY
from safelight.model.access import SYSTEM, Actor, ActorKind, Permission, Principal
from safelight.model.address import canonical
from safelight.model.case import (
    TOOL,
    Body,
    Case,
    Draft,
    Located,
    NoticeRetracted,
    NoticeSent,
    RetractionConfirmed,
    RetractionEnded,
    Verdict,
)
from safelight.model.errors import ConflictError, MailDownError, MailRefusedError, NotNowError
from safelight.model.filing import Reporter
from safelight.model.notice import Written
from safelight.model.takedown import Form, Location, Notice, NoticeState, Retraction, RetractionState
from safelight.policy.takedown import PAUSE, RETRY
from safelight.policy.takedown_looks import OVER
from safelight.policy.takedown_phase import Phase
from safelight.ports import CaseStore, Clock, Ids, Letter, Mailer, TakedownStore
from safelight.report.notice import retraction

BY_HAND: Final = timedelta(days=1)
"""After which the case of one that a person has to send is asked again: it may have been confirmed as abuse anew. And
after which one that is put off by the server of whom it is for, or may be, is for people to send."""
OPEN: Final = frozenset((RetractionState.WAITING, RetractionState.FAILED))
"""Of which something is still to be done."""
_PAGE: Final = 500


class Retractions:
    """The acts of taking back. All raise the errors of the stores, and ForbiddenError for who may not do something."""

    def __init__(
        self,
        cases: CaseStore,
        store: TakedownStore,
        mailer: Mailer | None,
        reporter: Reporter,
        clock: Clock,
        ids: Ids,
        domain: str = "",
    ) -> None:
        """Nothing is sent yet. Arguments as of `flow.takedown_steps.Steps`; `reporter`: who takes the notices back."""
        self._cases, self._store, self._mailer, self._reporter = cases, store, mailer, reporter
        self._clock, self._ids, self._domain = clock, ids, domain or NOBODY

    # What people do

    def owed(self, location: Location) -> tuple[Notice, ...]:
        """The notices of a location that are to be taken back and that nobody has confirmed yet."""
        return owed(self._cases, self._store, location)

    def preview(self, location: Location, notice: Notice) -> Written:
        """What whoever had this notice is told. Raises DocumentError."""
        return retraction(notice, notice.names(location.url), self._reporter)

    def goes_by_mail(self, notice: Notice) -> bool:
        """Whether we send it ourselves. A platform's interface takes notices and no word that they are withdrawn."""
        return self._mailer is not None and bool(notice.contact.email) and notice.contact.how != "platform"

    def confirm(self, who: Principal, location: str, notices: tuple[str, ...]) -> Location:
        """A person has these notices taken back, having read what is told; the mails follow by `advance`.

        Raises ConflictError unless they are all that is owed, TransitionError for who is no person.
        """
        must(who, Permission.TAKEDOWN_RUN)
        found, now = self._get(location), self._clock.now()
        owing = self.owed(found)
        if not notices or notices != tuple(one.id for one in owing):
            raise ConflictError(what="what is to be taken back")
        new = tuple(self._new(notice, now) for notice in notices)
        after = replace(found, retractions=(*found.retractions, *new))
        body = RetractionConfirmed(found.id, notices, tuple(one.contact.to for one in owing))
        return self._keep(after, found, body, who.actor)

    def sent_by_hand(self, who: Principal, location: str, name: str) -> Location:
        """A person has told somebody: one who is not told by mail, or whom no mail reaches.

        Raises NotNowError where that is not theirs to do, or the case does not say any more that it is no abuse.
        """
        must(who, Permission.TAKEDOWN_RUN)
        found, one, notice = self._for_people(location, name)
        if not _is_over(self._cases, self._store, found):
            raise NotNowError(cause="The case does not say now that it is no abuse.")
        digest = sha256(self.preview(found, notice).text.encode()).hexdigest()
        return self._sent(found, one, notice, digest, who.actor)

    def give_up(self, who: Principal, location: str, name: str, reason: str) -> Location:
        """A person says why somebody cannot be told. Raises NotNowError without a reason, or as `sent_by_hand`."""
        must(who, Permission.TAKEDOWN_RUN)
        found, one, _ = self._for_people(location, name)
        return self._ended(found, one, RetractionState.GIVEN_UP, said(reason), who.actor)

    # What goes on by itself

    def due(self, limit: int = 100) -> list[str]:
        """Locations that `advance` has something to do for, the longest due first."""
        return [one.id for one in self._store.retracting(self._clock.now(), limit)]

    def advance(self, location: str) -> Location:
        """Send what is to be sent about a location now. Safe to repeat, and to do twice at the same time."""
        found, now = self._store.get(location), self._clock.now()
        try:
            for name in [one.id for one in found.retractions]:
                one = next(one for one in found.retractions if one.id == name)
                if one.state is RetractionState.WAITING and one.due is not None and one.due <= now:
                    found = self._next(found, one, now)
        except ConflictError:  # somebody else changed it meanwhile: what is left to do is done the next time
            return self._store.get(location)
        return found

    def _next(self, found: Location, one: Retraction, now: datetime) -> Location:
        _, standing = _standing(self._cases, found)
        if standing.finding is not None and standing.finding.verdict is Verdict.CONFIRMED:
            cause = "it was confirmed as abuse again before this was sent"
            return self._ended(found, one, RetractionState.UPHELD, cause, SYSTEM)
        if not _is_over(self._cases, self._store, found):
            return self._put(found, replace(one, due=now + PAUSE))
        notice = notice_of(found, one)
        if not self.goes_by_mail(notice):
            return self._put(found, replace(one, due=now + BY_HAND))
        if not vouched(self._cases, found, notice):
            return self._put(found, replace(one, due=now + PAUSE))
        return self._mailed(found, one, notice)

    def _mailed(self, found: Location, one: Retraction, notice: Notice) -> Location:
        assert self._mailer is not None
        written = self.preview(found, notice)
        # Not due again before a mail server has had time to answer: a second job that comes meanwhile passes by.
        later = self._clock.now() + RETRY[min(one.tries, len(RETRY) - 1)]
        trying = replace(one, tries=one.tries + 1, due=later)
        found = self._put(found, trying)
        first = f"<{notice.message}>"
        headers = (("In-Reply-To", first), ("References", first)) if notice.tries else ()  # else it was no mail
        letter = Letter(one.message, notice.contact.email, written.subject, written.text, headers=headers)
        try:
            raw = self._mailer.send(letter)
        except MailDownError as error:
            cause = str(error.details["cause"])
            may_be_theirs = error.details.get("theirs") or error.details.get("alike")
            if may_be_theirs and self._clock.now() - one.asked >= BY_HAND:
                return self._ended(found, trying, RetractionState.FAILED, cause, SYSTEM)
            return self._put(found, replace(trying, cause=cause))
        except MailRefusedError as error:
            return self._ended(found, trying, RetractionState.FAILED, str(error.details["cause"]), SYSTEM)
        # Meanwhile a second job may have told the others: what became of this one is noted beside that.
        found = self._store.get(found.id)
        if trying not in found.retractions:
            raise ConflictError(what=found.id)
        return self._sent(found, trying, notice, sha256(raw).hexdigest(), SYSTEM)

    # What all of it rests on

    def _get(self, location: str) -> Location:
        """The location, or the one that it has joined as its case was merged."""
        found = self._store.get(location)
        every = all_of(self._cases, self._store, current(self._cases, found.case), found.url)
        return next((one for one in every if not is_spent(one)), found) if is_spent(found) else found

    def _new(self, notice: str, now: datetime) -> Retraction:
        name = self._ids.new()
        return Retraction(name, notice, RetractionState.WAITING, now, due=now, message=f"{name}@{self._domain}")

    def _for_people(self, location: str, name: str) -> tuple[Location, Retraction, Notice]:
        """One that is for people to send: no mail goes there. Raises NotNowError."""
        found = self._get(location)
        one = next((one for one in found.retractions if one.id == name), None)
        notice = notice_of(found, one) if one is not None else None
        if one is None or notice is None or one.state not in OPEN:
            raise NotNowError(cause="This waits for nobody.")
        if one.state is RetractionState.WAITING and self.goes_by_mail(notice):
            raise NotNowError(cause="This goes out by mail.")
        return found, one, notice

    def _sent(self, found: Location, one: Retraction, notice: Notice, digest: str, by: Actor) -> Location:
        sent = replace(one, state=RetractionState.SENT, sent=self._clock.now(), due=None, sha256=digest, cause="")
        body = NoticeRetracted(one.id, notice.id, found.id, notice.contact.to, digest)
        return self._keep(_with(found, sent), found, body, by)

    def _ended(self, found: Location, one: Retraction, state: RetractionState, cause: str, by: Actor) -> Location:
        after = _with(found, replace(one, state=state, due=None, cause=cause))
        return self._keep(after, found, RetractionEnded(one.id, one.notice, found.id, state, cause), by)

    def _put(self, found: Location, one: Retraction) -> Location:
        after = _with(found, one)
        self._store.put(after, expect=found)
        return after

    def _keep(self, after: Location, before: Location, body: Body, by: Actor) -> Location:
        """Write a change with its event, in the case that the location's own one is in by now."""
        with self._cases.transaction():
            self._cases.append([Draft(current(self._cases, before.case).id, by, body, TOOL)])
            self._store.put(after, expect=before)
        return after


def owed(cases: CaseStore, store: TakedownStore, location: Location) -> tuple[Notice, ...]:
    """The notices of a location that are to be taken back, and that no person has confirmed yet."""
    done = {one.notice for one in location.retractions if one.state is not RetractionState.UPHELD}
    found = tuple(one for one in location.notices if left_us(one) and one.id not in done)
    return found if found and _is_over(cases, store, location) else ()


def to_take_back(cases: CaseStore, store: TakedownStore, location: Location) -> str:
    """A notice of which somebody still believes what is not so; empty for none: all is done, or it is abuse."""
    waiting = [one.notice for one in location.retractions if one.state in OPEN]
    if waiting and _is_over(cases, store, location):
        return waiting[0]
    return next((one.id for one in owed(cases, store, location)), "")


def left_us(notice: Notice) -> bool:
    """Whether somebody has it from us, or may have: one that was cut off in the middle counts as well.

    So does one whose last try was refused, if it was not the first: an earlier one may have arrived unheard.

    The request of a person depicted is theirs, whatever we find: nobody else withdraws it.
    """
    if notice.form is Form.TAKE_IT_DOWN:
        return False
    if notice.sent is not None:
        return notice.state is not NoticeState.FAILED  # it came back
    if notice.state is NoticeState.FAILED:
        return notice.tries > (0 if notice.cause == OVER else 1)
    return notice.state is NoticeState.WAITING and notice.tries > 0


def vouched(cases: CaseStore, location: Location, notice: Notice) -> bool:
    """Whether the log says that a person has this notice taken back at this address, and that nobody has done so yet.

    Rows are only rows, as for `flow.takedown_standing.Begun`.
    """
    to, asked, place = notice.contact.to, False, ""
    for logged in by_position(cases, current(cases, location.case).id):
        match logged.event.body:
            case Located() as body if body.location == location.id and not place:
                place = canonical(body.url)
            case NoticeSent(notice=notice.id) as body if body.to != to:
                return False
            case RetractionConfirmed() as body if logged.event.actor.kind is ActorKind.USER:
                asked = asked or (notice.id, to) in zip(body.notices, body.to, strict=False)
            case NoticeRetracted(notice=notice.id) | RetractionEnded(notice=notice.id):
                asked = False
            case _:
                pass
    return asked and place == canonical(location.url)


def notice_of(location: Location, one: Retraction) -> Notice:
    """The notice that is taken back."""
    return next(notice for notice in location.notices if notice.id == one.notice)


def of_abuse(cases: CaseStore, store: TakedownStore) -> Iterator[Location]:
    """All locations by id, but those whose item was found to be no abuse: nobody is measured by them."""
    found: dict[tuple[str, str], bool] = {}
    after = ""
    while page := store.all(after, _PAGE):
        for location in page:
            about = location.case, location.item
            if about not in found:
                found[about] = is_no_abuse(cases, location)
            if not found[about]:
                yield location
        after = page[-1].id


def is_no_abuse(cases: CaseStore, location: Location) -> bool:
    """Whether what was found last of a location's item is that it is no abuse, whatever has joined the case since."""
    _, standing = _standing(cases, location)
    return standing.finding is not None and standing.finding.verdict is Verdict.NOT_ABUSE


def _standing(cases: CaseStore, location: Location) -> tuple[Case, Standing]:
    case = current(cases, location.case)
    return case, standing_of(cases, case, location.item)


def _is_over(cases: CaseStore, store: TakedownStore, location: Location) -> bool:
    """Whether the case is decided to be no abuse, and no other one says of this URL, or of these bytes, that it is.

    Else a host would be asked to put back what it has to keep away. However the URL is spelled there.
    """
    case, standing = _standing(cases, location)
    if standing.phase is not Phase.OVER:
        return False
    others = (_standing(cases, one) for one in store.of_url(location.url) if one.id != location.id)
    found = chain((other for there, other in others if there.id != case.id), _of_same_bytes(cases, case, location))
    return not any(one.finding is not None and one.finding.verdict is Verdict.CONFIRMED for one in found)


def _of_same_bytes(cases: CaseStore, case: Case, location: Location) -> Iterator[Standing]:
    """What holds for items of other cases with the same content."""
    after = ""
    while location.sha256 and (page := cases.items(after, _PAGE, location.sha256)):
        for item in page:
            there = current(cases, item.case) if item.case else case
            if there.id != case.id:
                yield standing_of(cases, there, item.id)
        after = page[-1].id


def _with(location: Location, one: Retraction) -> Location:
    """The location with this retraction in place of the one of its id.

    Once it may have arrived, whoever has it would have to be told anew, should it be abuse after all: see
    `Location.in_force`.
    """
    return replace(location, retractions=tuple(one if kept.id == one.id else kept for kept in location.retractions))
