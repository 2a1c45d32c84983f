"""The periodic jobs of the service itself."""

from datetime import timedelta

import structlog

from safelight.app import App
from safelight.flow import audit
from safelight.model.errors import SafelightError
from safelight.web.api.idempotency import KEPT
from safelight.web.api.models import Answer, Bucket
from safelight.web.container import the_app
from safelight.web.jobs import keeper
from safelight.web.jobs.queue import job

LOOSE_BLOBS_KEPT = timedelta(days=1)
"""Sealed bytes without a record are somebody's unfinished upload for so long, and rubbish afterwards."""

_log = structlog.get_logger("safelight.jobs")


@job("jobs.prune", every=timedelta(minutes=5))
def prune_jobs(_subject: str) -> None:
    """Delete jobs and tasks that are long finished."""
    keeper.prune()


@job("log.sign", attempts=5, every=timedelta(minutes=10))
def sign_head(_subject: str) -> None:
    """Sign the tree over the whole log, if it has grown since it was signed last, and have it stamped.

    Raises LogRewrittenError for a log that does not go on from what was signed last, which becomes a dead letter.
    """
    app = the_app()
    last = app.last_head.get()
    head = app.cases.head()
    audit.check_goes_on(app.cases, last, head)
    if head.size > (last.size if last else 0):
        audit.sign_head(app.cases, app.log_signer, last=app.last_head)
    if url := app.settings.service.timestamp_url:
        _stamp_newest(app, url)


def _stamp_newest(app: App, url: str) -> None:
    """Have the newest head stamped that is ours. What fails is tried again in the next round: signing does not wait."""
    newest = next(iter(app.cases.heads(limit=1)), None)
    if newest is None or newest.stamp or newest.key != app.log_signer.fingerprint:
        return
    try:
        audit.stamp_head(app.cases, newest, app.time_stamps(url))
    except (SafelightError, ValueError) as error:  # ValueError: a signature in the database that is none
        _log.warning("head not stamped", error=type(error).__name__)


@job("blobs.sweep", every=timedelta(hours=6))
def sweep_blobs(_subject: str) -> None:
    """Remove sealed bytes that no record names."""
    app = the_app()
    app.evidence.sweep(app.clock.now() - LOOSE_BLOBS_KEPT)


@job("api.prune", every=timedelta(hours=1))
def prune_answers(_subject: str) -> None:
    """Delete answers that were kept for requests that are repeated, and counts of requests that are long full again."""
    now = the_app().clock.now()
    Answer.objects.filter(created__lt=now - KEPT).delete()
    Bucket.objects.filter(at__lt=now - KEPT).delete()
