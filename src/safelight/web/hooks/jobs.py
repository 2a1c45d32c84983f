"""The jobs of webhooks."""

from datetime import timedelta

from django.utils import timezone

from safelight.web.hooks.models import Delivery, Message
from safelight.web.hooks.sending import DELIVER, KEPT, SCHEDULE, deliver, tell_log
from safelight.web.jobs.queue import job


def _give_up(delivery: str) -> None:
    Delivery.objects.filter(pk=delivery, done=None).update(failed=timezone.now())


@job(DELIVER, delays=SCHEDULE, dead=_give_up)
def deliver_one(delivery: str) -> None:
    """Send one message."""
    if (found := Delivery.objects.select_related("endpoint", "message").filter(pk=delivery).first()) is not None:
        deliver(found)


@job("hook.tell", every=timedelta(seconds=10))
def tell(_subject: str) -> None:
    """Tell what happened in cases."""
    tell_log()


@job("hook.prune", every=timedelta(hours=6))
def prune(_subject: str) -> None:
    """Forget messages of a month ago."""
    Message.objects.filter(created__lt=timezone.now() - KEPT).delete()
