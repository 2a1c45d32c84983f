"""`ports.FilingStore`, `TakedownStore`, `RequestStore` and `PolicyStore` on the Django ORM."""

from collections import Counter
from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.db.models import Count, F, Window
from django.db.models.functions import RowNumber

from safelight.adapter.closing.models import FilingRow, LocationRow, PolicyRow, RequestRow
from safelight.adapter.store.erasing import forget_old_pages, overwriting
from safelight.adapter.store.errors import storage_errors
from safelight.model.address import canonical, host_of
from safelight.model.codec import from_json, to_json
from safelight.model.errors import ConflictError, UnknownFilingError, UnknownLocationError, UsageError
from safelight.model.filing import Body, Filing, FilingState
from safelight.model.policy import PolicyState, PolicyVersion
from safelight.model.removal import Received
from safelight.model.takedown import Location, NoticeState, Place, RetractionState
from safelight.policy.takedown_clock import LONGEST_REST, SKEW

_PAGE: Final = 500
_OPEN = frozenset((NoticeState.WAITING, NoticeState.SENT, NoticeState.ACKNOWLEDGED))


class _Rows:
    """Rows behind one of Django's connections."""

    def __init__(self, place: str) -> None:
        self._place = place

    def _write(self, row: FilingRow | LocationRow | RequestRow, expect: Filing | Location | Received | None) -> None:
        """Add a row, or change the one that still says what is expected. Raises ConflictError."""
        with self._atomic(), storage_errors(self._place):
            if expect is None:
                self._add(row)
                return
            # The values are compared, not their texts: a newer version may have written another text for the same.
            there = type(row).objects.using(self._place).select_for_update().filter(pk=row.pk).first()
            if there is None or from_json(there.value, type(expect)) != expect:
                raise ConflictError(what=f"{row.pk}")
            row.save(using=self._place, force_update=True)

    def _overwrite(self, row: FilingRow | RequestRow, expect: Filing | Received | None) -> None:
        """`_write`; what the row was is overwritten in the file and, once it is erased, out of SQLite's log."""
        with self._atomic(), storage_errors(self._place):
            if expect is not None:
                overwriting(self._place)
            self._write(row, expect)
            if not row.kept:
                transaction.on_commit(partial(forget_old_pages, self._place), using=self._place)

    def _unerased(self, rows: type[FilingRow] | type[RequestRow], after: str, limit: int) -> list[str]:
        with storage_errors(self._place):
            found = rows.objects.using(self._place).filter(kept=True, id__gt=after).order_by("id")
            return list(found.values_list("id", flat=True)[:limit])

    def _add(self, row: FilingRow | LocationRow | RequestRow) -> None:
        try:
            with self._atomic():
                row.save(using=self._place, force_insert=True)
        except IntegrityError as error:
            raise ConflictError(what=f"{row.pk}") from error

    def _atomic(self) -> AbstractContextManager[None]:
        atomic: AbstractContextManager[None] = transaction.atomic(using=self._place)
        return atomic


class DjangoFilingStore(_Rows):
    """Reports on their way."""

    def put(self, filing: Filing, expect: Filing | None = None) -> None:
        """See the port. What it told of people before is overwritten as that of a request is."""
        kept, value = filing.erased is None, to_json(filing).decode()
        row = FilingRow(id=filing.id, case=filing.case, state=filing.state, body=filing.body, kept=kept, value=value)
        self._overwrite(row, expect)

    def get(self, filing: str) -> Filing:
        """See the port."""
        with storage_errors(self._place):
            row = FilingRow.objects.using(self._place).filter(id=filing).first()
        if row is None:
            raise UnknownFilingError(filing=filing)
        return from_json(row.value, Filing)

    def of_case(self, case: str) -> list[Filing]:
        """See the port."""
        with storage_errors(self._place):
            rows = FilingRow.objects.using(self._place).filter(case=case).order_by("id")
            return [from_json(row.value, Filing) for row in rows]

    def unerased(self, after: str = "", limit: int = 100) -> list[str]:
        """See the port."""
        return self._unerased(FilingRow, after, limit)

    def all(
        self, states: Sequence[FilingState] = (), body: Body | None = None, after: str = "", limit: int = 100
    ) -> list[Filing]:
        """See the port."""
        with storage_errors(self._place):
            rows = FilingRow.objects.using(self._place).filter(id__gt=after).order_by("id")
            rows = rows.filter(state__in=states) if states else rows
            rows = rows.filter(body=body) if body else rows
            return [from_json(row.value, Filing) for row in rows[:limit]]


class DjangoTakedownStore(_Rows):
    """URLs that are worked on."""

    def put(self, location: Location, expect: Location | None = None) -> None:
        """See the port."""
        row = LocationRow(
            id=location.id,
            **_found_by(location),
            year=location.added.astimezone(UTC).year,
            place=location.place,
            hours=location.hours,
            value=to_json(location).decode(),
        )
        self._write(row, expect)

    def get(self, location: str) -> Location:
        """See the port."""
        with storage_errors(self._place):
            row = LocationRow.objects.using(self._place).filter(id=location).first()
        if row is None:
            raise UnknownLocationError(location=location)
        return from_json(row.value, Location)

    def of_case(self, case: str) -> list[Location]:
        """See the port."""
        with storage_errors(self._place):
            rows = LocationRow.objects.using(self._place).filter(case=case).order_by("id")
            return [from_json(row.value, Location) for row in rows]

    def of_cases(self, cases: Collection[str]) -> list[Location]:
        """See the port."""
        with storage_errors(self._place):
            rows = LocationRow.objects.using(self._place).filter(case__in=cases).order_by("case", "id")
            return [from_json(row.value, Location) for row in rows]

    def worked(self, year: int) -> Counter[tuple[Place, float | None]]:
        """See the port."""
        rows = LocationRow.objects.using(self._place).filter(year=year).values_list("place", "hours")
        with storage_errors(self._place):
            found = rows.annotate(n=Count("*")).order_by()
            return Counter({(Place(place), hours): n for place, hours, n in found})

    def of_family(self, family: str) -> list[Location]:
        """See the port."""
        with storage_errors(self._place):
            rows = LocationRow.objects.using(self._place).filter(family=family).order_by("id")
            return [from_json(row.value, Location) for row in rows]

    def of_url(self, url: str, *, lock: bool = False) -> list[Location]:
        """See the port. On SQLite, whoever is in a transaction is alone already."""
        with storage_errors(self._place):
            rows = LocationRow.objects.using(self._place).filter(url_hash=_hash(url)).order_by("id")
            rows = rows.select_for_update() if lock else rows
            return [from_json(row.value, Location) for row in rows]

    def due(self, now: datetime, limit: int) -> list[str]:
        """See the port."""
        with storage_errors(self._place):
            rows = LocationRow.objects.using(self._place)
            turn = Window(RowNumber(), partition_by=F("host"), order_by=("look", "id"))
            firsts = rows.filter(look__lte=now).annotate(turn=turn).filter(turn=1).order_by("look", "id")
            notices = rows.filter(notice__lte=now).order_by("notice", "id")
            found = [*firsts.values_list("look", "id")[:limit], *notices.values_list("notice", "id")[:limit]]
            # By a clock that was ahead: what of those is to be done, and when, `policy.takedown_clock` says.
            planned = rows.filter(as_of__gt=now + SKEW).order_by("as_of", "id").values_list("id", flat=True)
            resting = rows.filter(retract__gt=now + LONGEST_REST).order_by("retract", "id").values_list("id", flat=True)
            ahead = [*planned[:limit], *resting[:limit]]
        return list(dict.fromkeys((*(name for _, name in sorted(found)), *ahead)))[:limit]

    def retracting(self, now: datetime, limit: int) -> list[Location]:
        """See the port."""
        with storage_errors(self._place):
            rows = LocationRow.objects.using(self._place).filter(retract__lte=now).order_by("retract", "id")
            return [from_json(row.value, Location) for row in rows[:limit]]

    def misfiled(self) -> list[str]:
        """See the port."""
        found, after = list[str](), ""
        with storage_errors(self._place):
            while page := list(LocationRow.objects.using(self._place).filter(id__gt=after).order_by("id")[:_PAGE]):
                said = ((row, _found_by(from_json(row.value, Location))) for row in page)
                found += [row.id for row, of in said if any(getattr(row, name) != of[name] for name in of)]
                after = page[-1].id
        return found

    def all(self, after: str = "", limit: int = 100) -> list[Location]:
        """See the port."""
        with storage_errors(self._place):
            rows = LocationRow.objects.using(self._place).filter(id__gt=after).order_by("id")
            return [from_json(row.value, Location) for row in rows[:limit]]


class DjangoRequestStore(_Rows):
    """Requests of people depicted."""

    def put(self, request: Received, expect: Received | None = None) -> None:
        """See the port. What it was before is overwritten in the file and, once it is erased, out of SQLite's log."""
        kept, value = request.erased is None, to_json(request).decode()
        row = RequestRow(id=request.id, case=request.case, item=request.item, kept=kept, value=value)
        self._overwrite(row, expect)

    def get(self, request: str) -> Received:
        """See the port."""
        with storage_errors(self._place):
            row = RequestRow.objects.using(self._place).filter(id=request).first()
        if row is None:
            raise UsageError(detail="there is no such request")
        return from_json(row.value, Received)

    def unerased(self, after: str = "", limit: int = 100) -> list[str]:
        """See the port."""
        return self._unerased(RequestRow, after, limit)

    def of_case(self, case: str) -> list[Received]:
        """See the port."""
        with storage_errors(self._place):
            rows = RequestRow.objects.using(self._place).filter(case=case).order_by("id")
            return [from_json(row.value, Received) for row in rows]

    def of_item(self, item: str) -> list[Received]:
        """See the port."""
        with storage_errors(self._place):
            rows = RequestRow.objects.using(self._place).filter(item=item).order_by("id")
            return [from_json(row.value, Received) for row in rows]

    def all(self, after: str = "", limit: int = 100) -> list[Received]:
        """See the port."""
        with storage_errors(self._place):
            rows = RequestRow.objects.using(self._place).filter(id__gt=after).order_by("id")
            return [from_json(row.value, Received) for row in rows[:limit]]


class DjangoPolicyStore(_Rows):
    """Versions of the policy."""

    def put(self, version: PolicyVersion) -> None:
        """See the port."""
        with storage_errors(self._place):
            PolicyRow.objects.using(self._place).update_or_create(
                number=version.number, defaults={"state": version.state, "value": to_json(version).decode()}
            )

    def versions(self) -> list[PolicyVersion]:
        """See the port."""
        with storage_errors(self._place):
            rows = PolicyRow.objects.using(self._place).order_by("-number")
            return [from_json(row.value, PolicyVersion) for row in rows]

    def current(self, state: PolicyState = PolicyState.IN_FORCE) -> PolicyVersion | None:
        """See the port."""
        with storage_errors(self._place):
            row = PolicyRow.objects.using(self._place).filter(state=state).order_by("-number").first()
        return from_json(row.value, PolicyVersion) if row else None


def _found_by(location: Location) -> dict[str, Any]:
    """The columns by which a location is found, and found to be due."""
    return {
        "case": location.case,
        "family": location.family,
        "url_hash": _hash(location.url),
        "host": host_of(location.url),
        "look": look_of(location),
        "notice": notice_of(location),
        "retract": retract_of(location),
        "as_of": as_of(location),
    }


def _hash(url: str) -> str:
    return sha256(canonical(url).encode()).hexdigest()


def due_of(location: Location) -> datetime | None:
    """When something is to be done about a location."""
    return min((time for time in (look_of(location), notice_of(location)) if time), default=None)


def look_of(location: Location) -> datetime | None:
    """When a location is looked at next."""
    return location.next_look if not location.closed else None


def notice_of(location: Location) -> datetime | None:
    """When the time of a location's last notice in force is over, or it is tried."""
    last = location.in_force[-1:] if not location.closed else ()
    return next((one.due for one in last if one.state in _OPEN), None)


def as_of(location: Location) -> datetime | None:
    """When a location that is worked on was changed last."""
    runs = location.begun is not None and not location.closed
    return (location.as_of or location.added) if runs else None


def retract_of(location: Location) -> datetime | None:
    """When somebody is to be told next that a notice is taken back."""
    waiting = (one.due for one in location.retractions if one.state is RetractionState.WAITING)
    return min((time for time in waiting if time), default=None)
