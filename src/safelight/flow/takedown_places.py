"""The places of a case: URLs are added, follow cases that are merged, and end; each change with its event."""

from dataclasses import replace
from datetime import datetime

from safelight.flow.merged import current
from safelight.model.access import SYSTEM, Actor
from safelight.model.case import TOOL, Body, Case, CaseItem, Draft, Located, LocationClosed
from safelight.model.takedown import Location
from safelight.policy.takedown_looks import stopped
from safelight.ports import CaseStore, Clock, Ids, TakedownStore


class Places:
    """The rows of locations, and the log that they follow."""

    def __init__(self, cases: CaseStore, store: TakedownStore, clock: Clock, ids: Ids) -> None:
        """Nothing is read yet."""
        self._cases, self._store, self._clock, self._ids = cases, store, clock, ids

    def _added(
        self,
        by: Actor,
        case: Case,
        item: str,
        url: str,
        found_as: str,
        begun: datetime | None = None,
        followed: int = 0,
    ) -> Location:
        there = next((one for one in self._store.of_case(case.id) if one.url == url), None)
        if there is not None:  # somebody says that it is there: where work goes on, a look will tell
            at_once = there.begun is not None and not there.closed
            return self._put(replace(there, next_look=self._clock.now()), there) if at_once else there
        wanted = item_in(case, item)
        now = self._clock.now()
        location = Location(
            id=self._ids.new(),
            case=case.id,
            item=item,
            sha256=wanted.sha256 if wanted else "",
            url=url,
            added=now,
            next_look=begun,
            found_as=found_as,
            family=case.family or "",
            begun=begun,
            followed=followed,
        )
        with self._cases.transaction():
            self._append(case.id, by, Located(location.id, item, url, found_as))
            self._store.put(location)
        return location

    def _current(self, location: Location) -> tuple[Location, Case]:
        """The location in the case that its own case was merged into, if it was, and that case."""
        case = current(self._cases, location.case)
        if case.id == location.case or location.closed:
            return location, case
        twin = next((one for one in self._store.of_case(case.id) if one.url == location.url), None)
        if twin is not None and not twin.closed and (twin.begun is not None or location.begun is None):
            reason = f"case {case.id}, which this one is in now, has the same address"
            return self._closed(location, reason, SYSTEM), case
        if twin is not None:
            return self._taken_over(location, twin), case
        moved = replace(location, case=case.id, family=case.family or location.family)
        with self._cases.transaction():
            self._append(case.id, SYSTEM, Located(location.id, location.item, location.url, location.found_as))
            return self._put(moved, location), case

    def _taken_over(self, location: Location, twin: Location) -> Location:
        """A location of the same URL, which nobody works on, once it is what goes on: with all that was done so far."""
        over = f"it goes on as {twin.id} of case {twin.case}, which this one is in now"
        closed = replace(location, closed=over, next_look=None, notices=(), retractions=())
        after = replace(
            location,
            id=twin.id,
            case=twin.case,
            family=twin.family or location.family,
            added=min(twin.added, location.added),
            found_as=location.id,
            notices=tuple(replace(one, location=twin.id) for one in (*stopped(twin.notices), *location.notices)),
            retractions=(*twin.retractions, *location.retractions),
        )
        with self._cases.transaction():
            self._append(location.case, SYSTEM, LocationClosed(location.id, over))
            self._append(twin.case, SYSTEM, Located(twin.id, after.item, twin.url, location.id))
            self._put(closed, location)
            return self._put(after, twin)

    def _relatives(self, case: Case) -> list[Location]:
        family = self._store.of_family(case.family) if case.family else []
        return list({one.id: one for one in (*family, *self._store.of_case(case.id))}.values())

    def _last_gone(self, case: Case) -> str:
        """The location of the family that something was removed from last; empty for none."""
        gone = [(one.gone, one.id) for one in self._relatives(case) if one.gone is not None]
        return max(gone)[1] if gone else ""

    def _closed(self, location: Location, reason: str, by: Actor) -> Location:
        after = replace(location, closed=reason, next_look=None)
        return self._keep(after, location, LocationClosed(location.id, reason), by)

    def _keep(self, after: Location, before: Location, body: Body, by: Actor = SYSTEM) -> Location:
        """Write a change with its event."""
        with self._cases.transaction():
            self._append(before.case, by, body)
            return self._put(after, before)

    def _put(self, after: Location, before: Location) -> Location:
        self._store.put(after, expect=before)
        return after

    def _append(self, case: str, by: Actor, body: Body) -> None:
        self._cases.append([Draft(case, by, body, TOOL)])


def item_in(case: Case, item: str) -> CaseItem | None:
    """The item of this id."""
    return next((one for one in case.items if one.id == item), None)
