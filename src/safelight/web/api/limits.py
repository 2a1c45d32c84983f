"""Rate limits: a token bucket for each key, shared by all processes through the database.

A process takes tokens out by the handful and gives them to requests from memory, so that most cost no query. What
a process has not used is lost to the others: `HANDFUL` of what comes back in a second.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from math import ceil
from threading import Lock
from typing import Final

from django.db import transaction

from safelight.ports import Clock
from safelight.web.api.models import Bucket

BURST: Final = 10
"""Seconds of the rate that may be used at once."""
HANDFUL: Final = 0.1
AHEAD: Final = timedelta(minutes=1)
"""By how much clocks of machines may differ: one that was further ahead does not keep a bucket empty until then."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How an actor stands after a request: `left` of `most` tokens; `wait`: seconds, when there was none for it."""

    left: int
    most: int
    wait: int = 0


@dataclass(slots=True)
class Limiter:
    """Gives out tokens. `rate`: per second and actor, more than 0."""

    rate: float
    clock: Clock
    _held: dict[str, tuple[int, int]] = field(default_factory=dict)  # in hand, and left in the bucket
    _lock: Lock = field(default_factory=Lock)

    def at_hand(self, actor: str) -> Standing | None:
        """Take a token that this process holds for the actor; None when it has none."""
        with self._lock:
            held, left = self._held.get(actor, (0, 0))
            if not held:
                return None
            self._held[actor] = held - 1, left
        return Standing(left + held - 1, ceil(self.rate * BURST))

    def take(self, actor: str) -> Standing:
        """Take a token for a request of this actor, from memory or out of the bucket."""
        if (standing := self.at_hand(actor)) is not None:
            return standing
        most = ceil(self.rate * BURST)
        got, left, wait = self._fetch(actor, most)
        if not got:
            return Standing(0, most, wait)
        with self._lock:
            held, _ = self._held.get(actor, (0, 0))
            self._held[actor] = held + got - 1, left
        return Standing(left + held + got - 1, most)

    def _fetch(self, actor: str, most: int) -> tuple[int, int, int]:
        """Tokens out of the bucket, how many are left there, and, when there are none, seconds until there is one."""
        now = self.clock.now()
        with transaction.atomic():
            Bucket.objects.get_or_create(actor=actor, defaults={"tokens": most, "at": now})
            bucket = Bucket.objects.select_for_update().get(actor=actor)
            if bucket.at - now > AHEAD:
                bucket.at = now
            passed = max((now - bucket.at).total_seconds(), 0.0)
            tokens = min(bucket.tokens + passed * self.rate, most)
            got = min(max(int(self.rate * HANDFUL), 1), int(tokens))
            bucket.tokens, bucket.at = tokens - got, max(now, bucket.at)
            bucket.save()
        return got, int(tokens - got), ceil((1 - tokens) / self.rate) if not got else 0
