"""The periodic jobs of the service itself."""

from base64 import b64encode
from datetime import timedelta

from safelight.case.heads import head_bytes
from safelight.model.audit import SignedHead
from safelight.web.api.idempotency import KEPT
from safelight.web.api.models import Answer, Bucket
from safelight.web.container import the_app
from safelight.web.jobs import keeper
from safelight.web.jobs.queue import job

LOOSE_BLOBS_KEPT = timedelta(days=1)
"""Sealed bytes without a record are somebody's unfinished upload for so long, and rubbish afterwards."""


@job("jobs.prune", every=timedelta(minutes=5))
def prune_jobs(_subject: str) -> None:
    """Delete jobs and tasks that are long finished."""
    keeper.prune()


@job("log.sign", every=timedelta(minutes=10))
def sign_head(_subject: str) -> None:
    """Sign the tree over the whole log, if it has grown since it was signed last."""
    app = the_app()
    head = app.cases.head()
    last = next(iter(app.cases.heads(limit=1)), None)
    if head.size == (last.head.size if last else 0):
        return
    signature = app.log_signer.sign(head_bytes(head))
    app.cases.put_head(SignedHead(head, app.log_signer.fingerprint, b64encode(signature).decode("ascii")))


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
