"""What of a takedown goes on by itself: one location's next things, done one after the other.

`policy.takedown` decides what is next; here it is done, so that it can be killed at any point. What changes nothing
outside (looks, contacts) is done anew. A notice is written down before it is sent, with its Message-ID, and again
after; killed in between, it is sent again under the same Message-ID, so that it is one.
"""

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import BinaryIO, Final

from safelight.flow.merged import current
from safelight.flow.takedown_places import Places
from safelight.flow.takedown_standing import Logs, standing_of
from safelight.model.access import SYSTEM
from safelight.model.address import host_of
from safelight.model.case import (
    Case,
    ContactsFound,
    DutyState,
    Noted,
    NoticeAnswered,
    NoticeSent,
    PlaceChanged,
)
from safelight.model.errors import ConflictError, FetchError, MailDownError, MailRefusedError
from safelight.model.law import DutyKind
from safelight.model.notice import Written
from safelight.model.takedown import (
    Contact,
    Contacts,
    Form,
    Judged,
    Location,
    Look,
    Notice,
    NoticeState,
    Place,
    Plan,
)
from safelight.policy.takedown import PAUSE, RETRY, Act, Do, busy_until, lapsed, next_act, open_notice
from safelight.policy.takedown_clock import SKEW, ahead_by, rebased
from safelight.policy.takedown_looks import BODIES, elsewhere, look_of, looked
from safelight.policy.takedown_phase import Phase
from safelight.ports import CaseStore, Clock, Directory, Ids, Letter, Mailer, Prober, TakedownStore
from safelight.report.notice import choose

Judge = Callable[[BinaryIO, Location], Judged]
"""What an open file is to the family of a location's item."""


Write = Callable[[Case, Location, Notice], Written]
"""Writes a notice; told again of the same one, it says the same."""
Choose = Callable[[Contact], tuple[Form, str]]
"""As what, and in which language (ISO 639-1), a contact is written to."""

NOBODY: Final = "safelight.invalid"
"""Right half of Message-IDs where there is no sender: a name that is never given to anybody (RFC 2606)."""
PACE: Final = timedelta(minutes=1)
"""Least time between two looks at one host."""
PATIENCE: Final = timedelta(minutes=10)
"""How long a clock goes on before it is believed that another was ahead: a machine may start with one behind."""
ROUNDS: Final = 40
"""Most things that one `advance` does."""
ALIKE: Final = timedelta(days=7)
"""For which a letter is tried again that is refused in the same way as letters to others: it may be theirs yet."""
MAX_MOVES: Final = 20
"""Places that one URL may lead to and that are followed: a host could name a new one with every look."""
MAX_CHAIN: Final = 5
"""Places that are followed one from the other."""
MAX_FOLLOWED: Final = 50
"""Places of a case that are followed."""


class Steps(Places):
    """Does what is next about a location."""

    def __init__(
        self,
        cases: CaseStore,
        store: TakedownStore,
        directory: Directory,
        mailer: Mailer | None,
        prober: Prober,
        judge: Judge,
        plan: Plan,
        write: Write,
        clock: Clock,
        ids: Ids,
        choose: Choose = choose,
        domain: str = "",
        asked: Callable[[Case, Location, Contact], bool] = lambda _case, _location, _contact: False,
    ) -> None:
        """Nothing is asked yet.

        Args:
            cases: the log.
            store: the URLs.
            directory: finds who can act.
            mailer: None when there is no mail server: notices then wait for a person.
            prober: looks at URLs.
            judge: compares what is there with the family.
            plan: steps and waits.
            write: writes notices.
            clock: the time.
            ids: names of locations and notices.
            choose: as what notices are written, and in which language.
            domain: of the sender: right half of Message-IDs (RFC 5322, section 3.6.4).
            asked: whether a person depicted asks this contact in their own name: see `flow.requests`.
        """
        super().__init__(cases, store, clock, ids)
        self._directory, self._mailer = directory, mailer
        self._prober, self._judge, self._write, self._choose = prober, judge, write, choose
        self._domain, self._asked = domain or NOBODY, asked
        self.plan, self._logs = plan, Logs(cases)
        self._looked: dict[str, datetime] = {}  # hosts that this process looked at within PACE
        self._doubted: datetime | None = None  # since when by the clock one of the two is wrong
        self._acts: dict[Do, Callable[[Location, Case, Act], Location]] = {
            Do.CLOSE: self._end,
            Do.LAPSE: self._lapse,
            Do.SEND: self._send,
            Do.LOOK: self._look,
            Do.FIND: self._find,
            Do.ASK: self._ask,
        }

    def advance(self, location: str) -> Location:
        """Do what is to be done about a location now. Safe to repeat, and to do twice at the same time.

        Whatever it raises, other locations of the same host have their turn before this one is looked at again.
        """
        try:
            return self._advanced(self._store.get(location))
        except ConflictError:  # somebody else changed it meanwhile: what is left to do is done the next time
            return self._store.get(location)
        except Exception:
            self._put_off(self._store.get(location))
            raise

    def _put_off(self, location: Location) -> None:
        now = self._clock.now()
        if location.next_look is not None and location.next_look <= now:
            self._put(replace(location, next_look=now + PAUSE), location)

    def _advanced(self, location: Location) -> Location:
        if not self._believes(location):
            return location
        for _ in range(ROUNDS):
            (location, case), now = self._current(location), self._clock.now()
            phase = self._phase(location, case)
            act = next_act(location, self.plan, phase, now, mails=self._mailer is not None)
            if act.do is Do.LOOK and (free := self._free(location, now)) > now:
                act = Act(Do.REST, at=free)
            if act.do in {Do.LOOK, Do.FIND, Do.ASK, Do.SEND}:
                act = self._allowed(location, case, act)
            # Whether another case is asking about the URL is read, and ours written down, with nobody in between.
            with self._cases.transaction() if act.do is Do.ASK else nullcontext():
                if act.do is Do.ASK and (joins := self._of_merged(location, case)):
                    location, _ = self._current(joins)
                    continue
                if act.do is Do.ASK and act.contact and (later := self._busy(location, act.contact, now)):
                    act = Act(Do.REST, at=later)
                if act.do is Do.REST:
                    return self._rested(location, act)
                location = self._acts[act.do](location, case, act)
        return location

    def _allowed(self, location: Location, case: Case, act: Act) -> Act:
        """What the log bears out of it: whoever wrote the row, it may be nobody who may."""
        log = self._logs.begun(case)
        # Where it is looked, and whom a look names, goes into the log, which vouches for what follows.
        vouched = log.vouches(location) if act.do in {Do.ASK, Do.SEND} else log.has(location)
        if not vouched:
            return Act(Do.REST, at=self._clock.now() + PAUSE)
        return act if act.contact is None or log.may_be_told(location.url, act.contact) else Act(Do.FIND)

    def _current(self, location: Location) -> tuple[Location, Case]:
        """See `Places`; without what a clock that was ahead wrote down of times to come."""
        location, case = super()._current(location)
        now = self._clock.now()
        healed, ahead = rebased(location, now), ahead_by(location, now)
        if healed == location:
            return location, case
        with self._cases.transaction():
            if ahead > SKEW:
                until = (now + ahead).isoformat()
                said = f"location {location.id}: a clock was ahead: its times until {until} count as just before now"
                self._append(case.id, SYSTEM, Noted(said))
            return self._put(healed, location), case

    def _believes(self, location: Location) -> bool:
        """Whether what a row says of times to come is taken for the word of a clock that was ahead, if it does."""
        now, since = self._clock.now(), self._doubted
        if ahead_by(location, now) <= SKEW:
            return True
        if since is None or not timedelta() <= now - since <= 12 * PATIENCE:
            self._doubted = since = now
        return now - since >= PATIENCE

    def _put(self, after: Location, before: Location) -> Location:
        return super()._put(replace(after, as_of=self._clock.now()), before)

    def _phase(self, location: Location, case: Case) -> Phase:
        if location.begun is None or location.closed:
            return Phase.PAUSED  # nothing is done about it whatever the case says
        return standing_of(self._cases, case, location.item).phase

    def _of_merged(self, location: Location, case: Case) -> Location | None:
        """A location of this URL whose case is in this one by now: whom it told counts before anybody is told."""
        others = self._store.of_url(location.url, lock=True)
        open_ = (one for one in others if one.case != case.id and (one.notices or not one.closed))
        return next((one for one in open_ if current(self._cases, one.case).id == case.id), None)

    def _busy(self, location: Location, contact: Contact, now: datetime) -> datetime | None:
        """Until when another case's notice about this URL is with this contact: nobody is told the same twice."""
        others = (one for one in self._store.of_url(location.url, lock=True) if one.case != location.case)
        return max((until for one in others if (until := busy_until(one, contact, now))), default=None)

    def _rested(self, location: Location, act: Act) -> Location:
        rested = replace(location, next_look=act.at)
        last = open_notice(location)
        if last is not None and last.state is NoticeState.WAITING and last.due and last.due <= self._clock.now():
            # Else it would be due for all the time in which it may not go.
            rested = with_notice(rested, replace(last, due=act.at, put_off=None))  # nothing was tried meanwhile
        return rested if rested == location else self._put(rested, location)

    def _free(self, location: Location, now: datetime) -> datetime:
        """When the host may be looked at again."""
        self._looked = {host: at for host, at in tuple(self._looked.items()) if now - PACE < at <= now}
        before = self._looked.get(host_of(location.url))
        return now if before is None else before + PACE

    def _look(self, location: Location, case: Case, _act: Act) -> Location:
        look = self._seen(location)
        self._looked[host_of(location.url)] = look.at
        after = looked(location, look)
        then = next_act(after, self.plan, self._phase(after, case), look.at, mails=self._mailer is not None)
        if then.do is Do.REST:  # else it stays due until what follows the look is done
            after = replace(after, next_look=then.at)
        with self._cases.transaction():
            onward = look.place is Place.MOVED and self._follows(after, case, look.led_to)
            if after.place is not location.place or onward:
                changed = PlaceChanged(location.id, look.place, look.kind, look.status, look.led_to)
                self._append(location.case, SYSTEM, changed)
            if onward:  # the person who began has begun with this, too
                self._added(SYSTEM, case, after.item, look.led_to, after.id, look.at, after.followed + 1)
            return self._put(after, location)  # after the log, as everywhere: see `CaseStore.transaction`

    def _seen(self, location: Location) -> Look:
        at = self._clock.now()
        try:
            with self._prober.look(location.url) as (seen, file):
                judged = self._judge(file, location) if seen.status in BODIES and seen.length else None
                led_to = seen.led_to if elsewhere(location.url, seen.led_to) else ""
                return look_of(location, at, seen.status, led_to, judged)
        except FetchError as error:
            no_host = bool(error.details.get("no_host"))
            return look_of(location, at, None, cause=str(error.details["cause"]), no_host=no_host)

    def _follows(self, location: Location, case: Case, url: str) -> bool:
        """Whether the place that a URL leads to is worked on as well, and is not yet.

        Where the last is not followed, people are told: see `flow.takedown_alarms`.
        """
        there = self._store.of_case(case.id)
        followed = [one.found_as for one in there if one.followed]
        enough = location.followed >= MAX_CHAIN or len(followed) >= MAX_FOLLOWED
        return not enough and self._at(case.id, url) is None and followed.count(location.id) < MAX_MOVES

    def _find(self, location: Location, case: Case, _act: Act) -> Location:
        try:
            contacts = self._directory.find(location.url)
        except FetchError as error:
            contacts = Contacts(location.url, self._clock.now(), (), flaws=(str(error.details["cause"]),))
        tries = (location.contacts.tries if location.contacts else 0) + 1 if contacts.flaws else 0
        found = replace(contacts, found=self._clock.now(), tries=tries)
        log = self._logs.begun(case)
        new = tuple(dict.fromkeys(one.to for one in found.contacts if not log.may_be_told(location.url, one)))
        with self._cases.transaction():
            if new:
                self._append(case.id, SYSTEM, ContactsFound(location.id, location.url, new))
            return self._put(replace(location, contacts=found), location)

    def _ask(self, location: Location, case: Case, act: Act) -> Location:
        assert act.contact is not None
        now = self._clock.now()
        notice = self._notice(location, case, act.contact, self._ids.new(), now)
        after = replace(location, notices=(*location.notices, notice))
        if self._mailer is not None and not act.contact.email:  # a form for people, who may have no time
            after = with_notice(after, replace(notice, due=now + self._wait(notice)))
        return self._put(after, location)

    def _notice(self, location: Location, case: Case, contact: Contact, name: str, now: datetime) -> Notice:
        theirs = self._asked(case, location, contact)
        form, language = (Form.TAKE_IT_DOWN, "en") if theirs else self._choose(contact)
        waiting = Notice(name, location.id, contact, form, language, NoticeState.WAITING, now, basis=_basis(case))
        return replace(waiting, message=f"{name}@{self._domain}", url=location.url)

    def _send(self, location: Location, case: Case, act: Act) -> Location:
        assert act.notice is not None
        assert self._mailer is not None
        if not self._logs.begun(case).may_be_told(location.url, act.notice.contact):  # what else is due goes on
            return self._put(with_notice(location, replace(act.notice, due=self._clock.now() + PAUSE)), location)
        trying = replace(act.notice, tries=act.notice.tries + 1, written=act.notice.written or self._clock.now())
        written = self._written(case, location, trying)
        if written.missing:
            return self._failed(location, act.notice, f"a person has to fill in: {', '.join(written.missing)}")
        location = self._put(with_notice(location, trying), location)
        letter = Letter(trying.message, trying.contact.email, written.subject, written.outgoing, written.attachments)
        try:
            raw = self._mailer.send(letter)
        except MailDownError as error:
            return self._later(location, trying, error, act.notice.written)
        except MailRefusedError as error:
            return self._failed(location, trying, _cause(trying, error))
        # What a person says in a request stays out of the log, also as a digest that names could be tried against.
        kept = written.text.encode() if trying.form is Form.TAKE_IT_DOWN else raw
        sent = self._as_sent(trying, self._clock.now(), sha256(kept).hexdigest())
        return self._keep(with_notice(location, sent), location, told_of(sent, location.id))

    def _later(self, location: Location, tried: Notice, error: MailDownError, written: datetime | None) -> Location:
        """Try again, but whose own server takes it no sooner than when their time would be over gets it no more.

        Where it seems to be ours instead, as letters to others are refused in the same way, people have a week.
        `written`: since when its words counted before this try, which they do again where nobody can have this one.
        """
        now, cause, theirs = self._clock.now(), _cause(tried, error), error.details.get("theirs")
        put_off = (tried.put_off or now) if theirs or error.details.get("alike") else None
        if put_off is not None and now - put_off >= max(self._wait(tried), timedelta() if theirs else ALIKE):
            return self._failed(location, tried, cause)
        if "answer" in error.details or error.details.get("unsent"):
            tried = replace(tried, written=written)
        due = now + RETRY[min(tried.tries, len(RETRY)) - 1]
        return self._put(with_notice(location, replace(tried, due=due, cause=cause, put_off=put_off)), location)

    def _written(self, case: Case, location: Location, notice: Notice) -> Written:
        if case.finding is None:  # others joined the case: of this item, what was found of it holds
            case = replace(case, finding=standing_of(self._cases, case, location.item).finding)
        location = replace(location, url=notice.names(location.url))
        # The time that a notice names is the plan's, and no law's: what the law asks for is asked of us.
        return self._write(case, location, replace(notice, basis="", written=notice.written or self._clock.now()))

    def _as_sent(self, notice: Notice, now: datetime, digest: str) -> Notice:
        due = now + self._wait(notice)
        return replace(notice, state=NoticeState.SENT, sent=now, due=due, sha256=digest, cause="")

    def _failed(self, location: Location, notice: Notice, cause: str) -> Location:
        failed = replace(notice, state=NoticeState.FAILED, due=None, cause=cause)
        told = NoticeAnswered(notice.id, location.id, NoticeState.FAILED)
        return self._keep(with_notice(location, failed), location, told)

    def _lapse(self, location: Location, _case: Case, act: Act) -> Location:
        assert act.notice is not None
        over = lapsed(act.notice)
        after = with_notice(location, over)
        if over.state is act.notice.state:
            return self._put(after, location)
        return self._keep(after, location, NoticeAnswered(over.id, location.id, over.state))

    def _end(self, location: Location, _case: Case, _act: Act) -> Location:
        return self._closed(location, "the case was decided anew: it is no abuse", SYSTEM)

    def _wait(self, notice: Notice) -> timedelta:
        return next((step.wait for step in self.plan.steps if step.scope is notice.contact.scope), PAUSE)


def with_notice(location: Location, notice: Notice) -> Location:
    """The location with this notice in place of the one of its id."""
    return replace(location, notices=tuple(notice if one.id == notice.id else one for one in location.notices))


def _cause(notice: Notice, error: MailDownError | MailRefusedError) -> str:
    """Why it was not taken. A server may quote what it was sent: of a request that a person signed, its code alone."""
    code = error.details.get("answer")
    hidden = notice.form is Form.TAKE_IT_DOWN and code is not None
    return f"the mail server says {code}" if hidden else str(error.details["cause"])


def told_of(notice: Notice, location: str) -> NoticeSent:
    """The event of a notice that was sent."""
    to = notice.contact
    return NoticeSent(notice.id, location, to.scope, notice.form, to.to, notice.sha256, notice.due, notice.basis)


def _basis(case: Case) -> str:
    """The rule whose deadline is the next one for what is to be removed, or the plan."""
    return min(_removals(case), default=(None, "plan"))[1]


def _removals(case: Case) -> Iterator[tuple[datetime, str]]:
    for owed in case.duties:
        if owed.state is DutyState.OPEN and owed.duty.kind is DutyKind.REMOVE and owed.duty.due is not None:
            yield owed.duty.due, owed.duty.rule
