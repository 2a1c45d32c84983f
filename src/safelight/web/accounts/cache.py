"""What all processes of the service remember together for minutes: throttling, locks, which one-time codes were used.

Django's own cache in the database un-pickles what it reads, so that whoever can write to that table runs code in the
service; and it throws live entries away when there are 300, so that whoever fails often enough is no longer throttled.
Here values are JSON, and nothing goes before its time.
"""

import json
from datetime import UTC, datetime
from time import monotonic
from typing import Any, Final

from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from safelight.web.accounts.models import CacheEntry

CULL_SECONDS: Final = 60
"""How often a process deletes what has expired."""
_NEVER = datetime.max.replace(tzinfo=UTC)


class JsonDatabaseCache(BaseCache):
    """A cache in the table of `CacheEntry`. Values: what JSON has; others raise TypeError.

    The setting LOCATION names the connection to the database.
    """

    def __init__(self, location: str, params: dict[str, Any]) -> None:
        super().__init__(params)
        self._using = location
        self._cull_due = 0.0

    def get(self, key: str, default: object = None, version: int | None = None) -> object:
        """The value; `default` where there is none, or none that is JSON."""
        kept = self._live(key, version).values_list("value", flat=True).first()
        try:
            return default if kept is None else json.loads(kept)
        except (ValueError, RecursionError):
            return default

    def set(self, key: str, value: object, timeout: float | None = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        """Keep a value in place of any other."""
        self._cull()
        self._entries.update_or_create(cache_key=self._name(key, version), defaults=self._entry(value, timeout))

    def add(self, key: str, value: object, timeout: float | None = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """Keep a value if there is none; of any number of processes, one is told True."""
        self._cull()
        name = self._name(key, version)
        try:
            with transaction.atomic(using=self._using):
                self._entries.filter(cache_key=name, expires__lte=timezone.now()).delete()
                if not self._entries.filter(cache_key=name).exists():
                    self._entries.create(cache_key=name, **self._entry(value, timeout))
                    return True
        except IntegrityError:
            pass  # another was quicker
        return False

    def touch(self, key: str, timeout: float | None = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """Give an entry another end; say whether there is one."""
        return bool(self._live(key, version).update(expires=self._end(timeout)))

    def delete(self, key: str, version: int | None = None) -> bool:
        """Forget an entry; say whether there was one."""
        gone, _ = self._entries.filter(cache_key=self._name(key, version)).delete()
        return bool(gone)

    def clear(self) -> None:
        """Forget all."""
        self._entries.all().delete()

    @property
    def _entries(self) -> QuerySet[CacheEntry]:
        return CacheEntry.objects.using(self._using)

    def _name(self, key: str, version: int | None) -> str:
        return self.make_and_validate_key(key, version=version)

    def _live(self, key: str, version: int | None) -> QuerySet[CacheEntry]:
        return self._entries.filter(cache_key=self._name(key, version), expires__gt=timezone.now())

    def _entry(self, value: object, timeout: float | None) -> dict[str, object]:
        return {"value": json.dumps(value), "expires": self._end(timeout)}

    def _end(self, timeout: float | None) -> datetime:
        seconds = self.get_backend_timeout(timeout)  # since 1970; None for never
        return _NEVER if seconds is None else datetime.fromtimestamp(seconds, UTC)

    def _cull(self) -> None:
        if monotonic() >= self._cull_due:
            self._cull_due = monotonic() + CULL_SECONDS
            self._entries.filter(expires__lte=timezone.now()).delete()
