"""The periodic job of accounts: what is over is deleted, also when nobody comes back to it."""

from datetime import timedelta

from django.utils import timezone

from safelight.web.accounts.models import CacheEntry
from safelight.web.accounts.session_store import SessionStore
from safelight.web.jobs.queue import job


@job("accounts.prune", every=timedelta(minutes=1))
def prune(_subject: str) -> None:
    """Delete sessions that are over, what forms were kept for too long, and counts of failures of long ago."""
    CacheEntry.objects.filter(expires__lte=timezone.now()).delete()
    SessionStore.clear_expired()
