"""Takedown: a URL is added, a person begins, and from then on `advance` does what the plan says, by the clock.

Whoever may do something is asked for its permission before anything is read. What matters is an event of the case.
"""

from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from typing import Final

from safelight.flow.merged import current, lineage
from safelight.flow.review_rules import must, said
from safelight.flow.takedown_alarms import alarms
from safelight.flow.takedown_places import all_of
from safelight.flow.takedown_standing import standing_of
from safelight.flow.takedown_steps import MAX_FOLLOWED, Steps, told_of, with_notice
from safelight.model.access import SYSTEM, Permission, Principal
from safelight.model.address import host_of
from safelight.model.case import TOOL, Case, Draft, Located, Noted, NoticeAnswered, PlaceChanged, TakedownBegun
from safelight.model.defang import LONGEST_URL, defanged, is_web_address, read_url
from safelight.model.errors import NotNowError, UsageError
from safelight.model.notice import Written
from safelight.model.takedown import Alarm, Contact, Location, Notice, NoticeState, Place
from safelight.policy.takedown import freed, next_contact, open_notice, schedule
from safelight.policy.takedown_clock import due_now
from safelight.policy.takedown_looks import (
    OVER,
    THERE,
    arrived,
    by_person,
    may_be_gone,
    may_vouch,
    there_again,
    vouched_for,
)
from safelight.policy.takedown_merge import joined
from safelight.policy.takedown_next import Coming, coming
from safelight.policy.takedown_phase import Phase

MAX_OF_HOST: Final = 20
"""Places of a case at one host that wait for people to begin: whoever names so many keeps no other host from it."""
_ANSWERS: Final = frozenset((NoticeState.ACKNOWLEDGED, NoticeState.REMOVED, NoticeState.REFUSED, NoticeState.FAILED))
_ANSWERABLE: Final = _ANSWERS - {NoticeState.FAILED} | {NoticeState.SENT, NoticeState.SILENT}


class Takedowns(Steps):
    """The acts of takedown. All raise the errors of the stores, and ForbiddenError for who may not do something."""

    # What people do

    def add(self, who: Principal, case: str, item: str, url: str) -> Location:
        """Say where an item is; the location that is there already, if the case has the URL. Nothing is sent yet.

        `url`: as it is, or as people pass it on: see `model.defang`.

        Raises UsageError for what is no web address, UnknownCaseError, TransitionError for an item of another case.
        """
        must(who, Permission.TAKEDOWN_ADD)
        try:
            meant = read_url(url)
        except ValueError as error:
            raise UsageError(detail=f"{error}; you wrote: {defanged(url.strip())[:LONGEST_URL]}") from error
        found = current(self._cases, case)
        return self._added(who.actor, found, item, meant, self._last_gone(found))

    def begin(self, who: Principal, location: str, *, vouched: bool = False) -> Location:
        """Have the takedown begin, which goes on by itself from the next `advance`; or take up one that was closed.

        `vouched`: the person says that it is there, also if we are refused, if the URL is a page that shows it, or if
        looks found it gone. Raises TransitionError unless the case is decided as abuse.
        """
        must(who, Permission.TAKEDOWN_RUN)
        found, _ = self._current(self._store.get(location))
        now = self._clock.now()
        goes_on = found.begun is not None and not found.closed
        if goes_on and not (vouched and may_vouch(found, now)):
            return found
        begun = replace(found, begun=found.begun or now, next_look=now, closed="")
        begun = vouched_for(begun, now) if vouched else begun
        return self._keep(begun, found, TakedownBegun(found.id, vouched), who.actor)

    def contacts(self, who: Principal, location: str) -> Location:
        """Find out who can act about a location, and keep it."""
        must(who, Permission.TAKEDOWN_ADD)
        found, _ = self._current(self._store.get(location))
        return self._put(replace(found, contacts=self._directory.find(found.url)), found)

    def get(self, location: str) -> Location:
        """A location, or the one that goes on in its place once its case was merged, as it is or will be. Only reads.

        Raises UnknownLocationError.
        """
        found = self._store.get(location)
        one, *others = all_of(self._cases, self._store, current(self._cases, found.case), found.url) or [found]
        for other in others:
            one = joined(one, other, self._clock.now())
        return one

    def preview(self, location: str) -> tuple[Contact, Written] | None:
        """Who is told next, and the notice as it would be written now; None when nobody is left to be told."""
        found = self.get(location)
        case, now = current(self._cases, found.case), self._clock.now()
        known = replace(there_again(found, now), contacts=found.contacts or self._directory.find(found.url))
        last = open_notice(known)
        if last is not None and last.state is NoticeState.WAITING:
            self._vouched_for(case, found, last)
        else:
            told = next_contact(known, self.plan)
            if told is None:
                return None
            last = self._notice(known, case, told, "preview", now)
        # By the hour, so that what a person has read is what it still is once they say so.
        hour = now.replace(minute=0, second=0, microsecond=0)
        return last.contact, self._written(case, known, replace(last, written=last.written or hour))

    def answer(self, who: Principal, location: str, notice: str, state: NoticeState, note: str = "") -> Location:
        """Record what became of a notice: acknowledged, removed, refused, failed (it came back). `note`: in short.

        Of one that waits only that it failed, as whom it is for cannot be reached.
        Who acknowledges has the same time once more; who refuses, or cannot be reached, is followed by the next at
        once, so that only who may begin may say that; that it was removed, a look has to show. The same answer again
        changes nothing.

        Raises NotNowError for a notice that cannot be answered so.
        """
        hastens = state in {NoticeState.REFUSED, NoticeState.FAILED}
        must(who, Permission.TAKEDOWN_RUN if hastens else Permission.TAKEDOWN_ADD)
        found, _ = self._current(self._store.get(location))
        told = _notice_of(found, notice)
        waits = told.state is NoticeState.WAITING
        if state not in _ANSWERS or not (told.state in _ANSWERABLE or (waits and state is NoticeState.FAILED)):
            raise NotNowError(cause=f"A notice that is {told.state} does not become {state}.")
        if told.state is state:
            return found
        now = self._clock.now()
        counts = open_notice(found) == told  # else its time is over, or it is gone: the answer is kept
        changed = replace(told, state=state, answered=now, due=told.due if counts else None)
        if waits and told.tries:  # a try of which nobody heard may have arrived, whatever others were answered
            changed = replace(changed, cause=OVER)
        if counts and state is NoticeState.ACKNOWLEDGED and told.state is NoticeState.SENT:
            changed = replace(changed, due=now + self._wait(told))
        elif state in {NoticeState.REFUSED, NoticeState.FAILED}:
            changed = replace(changed, due=None)
        after = with_notice(found, changed)
        at_once = found.gone is None and (
            state is NoticeState.REMOVED or (counts and state is not NoticeState.ACKNOWLEDGED)
        )
        after = replace(after, next_look=now if at_once else self._next_look(after, now))
        return self._keep(after, found, NoticeAnswered(notice, found.id, state, note), who.actor)

    def sent_by_hand(self, who: Principal, location: str, notice: str) -> Location:
        """A person has sent a notice that waits; its time begins. Raises NotNowError for one that does not wait."""
        must(who, Permission.TAKEDOWN_RUN)
        found, case = self._current(self._store.get(location))
        told = _notice_of(found, notice)
        if told.state is not NoticeState.WAITING:
            raise NotNowError(cause="This notice does not wait to be sent.")
        self._vouched_for(case, found, told)
        now = self._clock.now()
        written = self._written(case, found, told)
        sent = self._as_sent(told, now, sha256(written.text.encode()).hexdigest())
        after = with_notice(found, sent)
        after = replace(after, next_look=self._next_look(after, now))
        return self._keep(after, found, told_of(sent, found.id), who.actor)

    def _next_look(self, location: Location, now: datetime) -> datetime | None:
        """When it is looked at next, after what a person did: a look that is due stays so."""
        due = location.next_look
        return due if due is not None and due <= now else schedule(location, self.plan, now)

    def _vouched_for(self, case: Case, location: Location, notice: Notice) -> None:
        """Raise NotNowError where no look-up has named whom a notice waits for: its row may have been changed."""
        if not self._logs.begun(case).may_be_told(location.url, notice.contact):
            raise NotNowError(cause="The log does not say that whom this notice is for was found. Say that it failed.")

    def close(self, who: Principal, location: str, reason: str) -> Location:
        """End the work on a location. Raises NotNowError without a reason, or when it has ended."""
        must(who, Permission.TAKEDOWN_RUN)
        found, _ = self._current(self._store.get(location))
        if found.closed:
            raise NotNowError(cause="The work on this address has ended already.")
        return self._closed(found, said(reason), who.actor)

    def confirm_gone(self, who: Principal, location: str, reason: str) -> Location:
        """A person says that it is gone, which no look can show: since the look after the last that found it there.

        From then on it is watched. Raises NotNowError without a reason, and where the last look found it there, nobody
        has looked yet, nothing was begun, the work has ended, or it is gone and nothing has come in its place.
        """
        must(who, Permission.TAKEDOWN_RUN)
        found, _ = self._current(self._store.get(location))
        if found.place in THERE:
            raise NotNowError(cause="The last look found it there.")
        if found.closed or found.begun is None or not may_be_gone(found):
            raise NotNowError(cause="This address is not being looked at, or is found to be gone already.")
        now, cause = self._clock.now(), f"a person says that it is gone: {said(reason)}"
        after = by_person(found, now, cause)
        after = replace(after, next_look=schedule(after, self.plan, now))
        bodies = PlaceChanged(found.id, Place.GONE), Noted(f"location {found.id}: {cause}")
        with self._cases.transaction():
            self._cases.append([Draft(found.case, who.actor, body, TOOL) for body in bodies])
            return self._put(after, found)

    # What others tell, and what is to be told

    def came_back(self, item: str, url: str) -> Location | None:
        """An item arrived from this URL. If something of its family was ever being taken down, the URL is one more.

        The URL then waits for a person to begin, also where work on it was closed; one that is worked on is looked at
        at once. None: nothing was.
        """
        name = self._cases.item(item).case
        if name is None or not is_web_address(url):
            return None
        case = current(self._cases, name)
        ended = self._there(case, url)
        relatives = self._relatives(case)
        there = self._store.of_case(case.id)
        hosts = [host_of(one.url) for one in there if (one.found_as or one.back) and not (one.begun or one.closed)]
        crowded = len(hosts) >= MAX_FOLLOWED or hosts.count(host_of(url)) >= MAX_OF_HOST
        if crowded or not any(one.begun for one in relatives):
            return None  # so many wait for people already that one more tells nobody anything
        if ended is not None and ended.closed:
            return self._reopened(ended, case)
        gone = self._last_gone(case) or max(relatives, key=lambda one: one.begun or one.added).id
        return self._added(SYSTEM, case, item, url, gone)

    def _reopened(self, location: Location, case: Case) -> Location:
        """A location that was closed waits for a person to begin it again, unless its item is no abuse."""
        if standing_of(self._cases, case, location.item).phase is Phase.OVER:
            return location
        body = Located(location.id, location.item, location.url, location.found_as)
        return self._keep(arrived(location, self._clock.now()), location, body)

    def freed(self, case: str) -> tuple[str, ...]:
        """What waited for a case to be decided, or for nobody to object any more, is due now; ids of the locations."""
        found = current(self._cases, case)
        names = list[str]()
        for name in lineage(self._cases, found.id):
            for location in filter(self._believes, self._store.of_case(name)):
                before, there = self._current(location)
                after = freed(before, self._clock.now())
                if after != before and self._phase(before, there) in {Phase.GO, Phase.OVER}:
                    names.append(self._put(after, before).id)
        return tuple(dict.fromkeys(names))

    def due(self, limit: int = 100) -> list[str]:
        """Locations that `advance` has something to do for, the longest due first.

        Of each host one to look at, and all whose notices have run out of time or are to be sent: those ask no host.
        """
        return self._store.due(self._clock.now(), limit)

    def put_right(self, location: str) -> Location:
        """A location whose row keeps it from being looked at in time is due now, and found by what it says; logged."""
        found, now = self._store.get(location), self._clock.now()
        said = Noted(f"location {found.id}: its row, as it was, had it looked at too late; it is due now")
        with self._cases.transaction():
            self._append(current(self._cases, found.case).id, SYSTEM, said)
            return self._put(due_now(found, self.plan, now), found)

    def coming(self, location: Location) -> Coming:
        """What comes next at a location by itself, and when. Raises UnknownCaseError."""
        phase = self._phase(location, current(self._cases, location.case))
        return coming(location, self.plan, phase, mails=self._mailer is not None)

    def overdue(self, now: datetime | None = None) -> tuple[Alarm, ...]:
        """What waits for people, the most pressing first."""
        return alarms(self._cases, self._store, self.plan, now or self._clock.now())


def _notice_of(location: Location, notice: str) -> Notice:
    """A notice of a location. Raises NotNowError."""
    for found in location.notices:
        if found.id == notice:
            return found
    raise NotNowError(cause="This address has no such notice.")
