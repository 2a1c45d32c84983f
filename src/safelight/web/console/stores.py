"""`flow.review.Claims` and `flow.wellness.Exposures` in the console's tables."""

from datetime import datetime
from hashlib import blake2b
from secrets import token_urlsafe

from django.db import IntegrityError, connection, transaction

from safelight.flow.wellness import LONGEST, Exposure
from safelight.web.console.models import Claim, Look, Pause


class TableClaims:
    """See `flow.review.Claims`."""

    def take(self, case: str, person: str, now: datetime, until: datetime) -> bool:
        """The key of the table is the case, so that of two who take it one fails."""
        with transaction.atomic():
            Claim.objects.filter(case=case, until__lte=now).delete()
            if Claim.objects.filter(case=case, person=person).update(until=until):
                return True
            try:
                with transaction.atomic():
                    Claim.objects.create(case=case, person=person, since=now, until=until)
            except IntegrityError:
                return False
            return True

    def drop(self, person: str, case: str | None = None) -> None:
        """See the protocol."""
        held = Claim.objects.filter(person=person)
        (held if case is None else held.filter(case=case)).delete()

    def holders(self, now: datetime) -> dict[str, str]:
        """See the protocol."""
        return dict(Claim.objects.filter(until__gt=now).values_list("case", "person"))


class TableExposures:
    """See `flow.wellness.Exposures`."""

    def lock(self, person: str) -> None:
        """See the protocol. On SQLite, whoever is in a transaction is alone already."""
        if connection.vendor == "postgresql":
            number = int.from_bytes(blake2b(person.encode(), digest_size=8, person=b"exposure").digest(), signed=True)
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])

    def begin(self, person: str, case: str, item: str, at: datetime) -> str:
        """See the protocol."""
        return Look.objects.create(id=token_urlsafe(32), person=person, case=case, item=item, started=at).id

    def shown(self, look: str, person: str, at: datetime) -> None:
        """See the protocol."""
        Look.objects.filter(id=look, person=person, seconds=None).update(started=at)

    def end(self, look: str, person: str, at: datetime) -> tuple[str, str, float] | None:
        """See the protocol."""
        with transaction.atomic():
            row = Look.objects.select_for_update().filter(id=look, person=person, seconds=None).first()
            if row is None:
                return None
            row.seconds = _seconds(row.started, at)
            row.save(update_fields=["seconds"])
        return row.case, row.item, row.seconds

    def unended(self, person: str) -> list[str]:
        """See the protocol."""
        return list(Look.objects.filter(person=person, seconds=None).values_list("id", flat=True))

    def since(self, person: str, after: datetime, now: datetime) -> list[Exposure]:
        """See the protocol."""
        rows = Look.objects.filter(person=person, started__gt=after).order_by("started")
        return [
            Exposure(row.started, _seconds(row.started, now) if row.seconds is None else row.seconds) for row in rows
        ]

    def paused(self, person: str) -> bool:
        """See the protocol."""
        return Pause.objects.filter(person=person).exists()

    def pause(self, person: str, at: datetime | None) -> None:
        """See the protocol."""
        if at is None:
            Pause.objects.filter(person=person).delete()
        else:
            Pause.objects.get_or_create(person=person, defaults={"since": at})


def people_since(after: datetime) -> list[str]:
    """Who looked at any media after this moment."""
    return list(Look.objects.filter(started__gt=after).values_list("person", flat=True).distinct())


def _seconds(started: datetime, now: datetime) -> float:
    return min(max((now - started).total_seconds(), 0.0), LONGEST)
