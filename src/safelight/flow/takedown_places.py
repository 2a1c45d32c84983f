"""The places of a case: URLs are added, follow cases that are merged, and end; each change with its event."""

from dataclasses import replace
from datetime import datetime

from safelight.flow.merged import current, lineage
from safelight.model.access import SYSTEM, Actor
from safelight.model.address import canonical
from safelight.model.case import TOOL, Body, Case, CaseItem, Draft, Located, LocationClosed
from safelight.model.takedown import Location
from safelight.policy.takedown_merge import joined
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
        there = self._there(case, url)
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
        """The location that goes on in place of this one, with all that is done elsewhere for its case, and that case.

        Its case is another where it was merged; then all locations of this URL in what that one took in become one.
        """
        case = current(self._cases, location.case)
        one, *others = all_of(self._cases, self._store, case, location.url) or [location]
        if one.case != case.id:
            one = self._moved(one, case)
        for other in others:
            one = self._joined(other, one)
        return one, case

    def _moved(self, location: Location, case: Case) -> Location:
        """The location in the case that its own is in now."""
        moved = replace(location, case=case.id, family=case.family or location.family)
        with self._cases.transaction():
            self._append(case.id, SYSTEM, Located(location.id, location.item, location.url, location.found_as))
            return self._put(moved, location)

    def _joined(self, location: Location, twin: Location) -> Location:
        """The location of the same URL in the case that stays, with all that was done so far; this one ends."""
        over = f"it goes on as {twin.id} of case {twin.case}, which this one is in now"
        ended = replace(location, closed=over, next_look=None, notices=(), retractions=(), looks=(), gone=None)
        ended = replace(ended, past=(), returned=0)
        after = joined(twin, location, self._clock.now())
        with self._cases.transaction():
            self._append(location.case, SYSTEM, LocationClosed(location.id, over))
            if after.found_as == location.id:
                self._append(twin.case, SYSTEM, Located(twin.id, after.item, after.url, location.id))
            self._put(ended, location)
            return self._put(after, twin)

    def _there(self, case: Case, url: str) -> Location | None:
        """The location of a case that has this URL, however it is spelled, also if it was that of one it took in."""
        found = all_of(self._cases, self._store, case, url)
        return self._current(found[0])[0] if any(one.case != case.id for one in found) else next(iter(found), None)

    def _at(self, case: str, url: str) -> Location | None:
        """The location of a case that has this URL, however it is spelled."""
        place = canonical(url)
        return next((one for one in self._store.of_case(case) if canonical(one.url) == place), None)

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


def all_of(cases: CaseStore, store: TakedownStore, case: Case, url: str) -> list[Location]:
    """All locations of a case, and of those that it took in, that have this URL: its own first, if it has one.

    Without those that have joined another already, or of which nothing was done before they were closed.
    """
    found = store.of_url(url)
    own = [one for one in found if one.case == case.id]
    if len(own) == len(found):
        return own
    names = set(lineage(cases, case.id)) - {case.id}
    return own + [one for one in found if one.case in names and not is_spent(one)]


def is_spent(location: Location) -> bool:
    """Whether it has joined another location already, or was closed before anything was done."""
    return bool(location.closed) and not (location.looks or location.notices or location.retractions)


def item_in(case: Case, item: str) -> CaseItem | None:
    """The item of this id."""
    return next((one for one in case.items if one.id == item), None)
