"""Telling integrators, by Standard Webhooks: signed, thin, tried again on its schedule."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import uuid4

import msgspec
import structlog
from django.db import transaction
from django.utils import timezone
from standardwebhooks import Webhook

from safelight.model.audit import LoggedEvent
from safelight.model.errors import FetchError
from safelight.web.closing.wiring import UNVOUCHED
from safelight.web.container import the_app
from safelight.web.followed import BEGINNING, seal_of, stands
from safelight.web.hooks.events import EVENTS, OPEN, told_of
from safelight.web.hooks.models import Delivery, Endpoint, Message, Position
from safelight.web.hooks.secrets import draw, seal, unseal
from safelight.web.jobs.queue import LaterError, enqueue

DELIVER: Final = "hook.deliver"
"""The kind of the job that sends one message."""
SCHEDULE: Final = tuple(
    timedelta(seconds=seconds) for seconds in (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
)
"""Waits after each failure: 5 s, 5 min, 30 min, 2, 5, 10, 14, 20, 24 h, as Standard Webhooks recommends."""
OVERLAP: Final = timedelta(days=1)
"""How long the old secret signs besides the new one, after a rotation."""
GONE: Final = 410
KEPT: Final = timedelta(days=30)
"""For how long messages are kept."""
_PAGE = 500
_TELLER: Final = "hook.tell"

_log = structlog.get_logger("safelight.hooks")


class NotDeliveredError(LaterError):
    """The endpoint did not take the message; it is tried again."""


def add_endpoint(
    url: str, events: Sequence[str] = (), description: str = "", *, cases: bool = False
) -> tuple[Endpoint, str]:
    """A new endpoint, and its secret, which is shown this once.

    `cases`: whoever adds it may read cases. Raises ValueError for events that there are not.
    """
    if unknown := set(events) - set(EVENTS):
        raise ValueError(f"there is no event {min(unknown)!r}")
    secret = draw()
    made = Endpoint.objects.create(
        url=url, events=list(events), description=description, cases=cases, secret=seal(secret)
    )
    return made, secret


def rotate(endpoint: Endpoint) -> str:
    """Give an endpoint another secret, and return it; for `OVERLAP`, messages are signed with both."""
    secret = draw()
    endpoint.old_secret, endpoint.old_expires = endpoint.secret, timezone.now() + OVERLAP
    endpoint.secret = seal(secret)
    endpoint.save()
    return secret


def emit(event: str, data: dict[str, str], only: Endpoint | None = None) -> None:
    """Tell those who want to hear of it, once the transaction that this is called in has been committed."""
    with transaction.atomic():
        message = Message.objects.create(id=f"msg_{uuid4().hex}", event=event, data=data, created=timezone.now())
        _address(message, only)


def tell_log() -> None:
    """Tell what the log took in since it was last told: each event once, however often this is called.

    Where nothing vouches for how far that is, it is told from the beginning on, but for what was told; and for what is
    older than `KEPT`, as whether that was told is forgotten.
    """
    cases = the_app().cases
    with transaction.atomic():
        Position.objects.get_or_create(id=1)
        place = Position.objects.select_for_update().get(id=1)
        since = None
        if not stands(cases, _TELLER, place.told, place.seal):
            place.told, since = BEGINNING, timezone.now() - KEPT
            _log.error("a row of the database says what the log does not", place=_TELLER)
            emit(UNVOUCHED, {"place": _TELLER})
        while events := cases.log(place.told, _PAGE):
            for logged in events:
                if since is None or logged.event.at >= since:
                    _tell(logged)
            place.told, place.seal = events[-1].position, seal_of(_TELLER, events[-1])
        place.save()


def _tell(logged: LoggedEvent) -> None:
    if (told := told_of(logged, the_app().cases.events)) is not None:
        message, new = Message.objects.get_or_create(
            id=f"msg_{logged.hash[:32]}", defaults={"event": told[0], "data": told[1], "created": logged.event.at}
        )
        if new:
            _address(message, None)


def deliver(delivery: Delivery) -> None:
    """Send one message. Raises NotDeliveredError when it is to be tried again."""
    if delivery.done or delivery.failed or delivery.endpoint.disabled:
        return
    endpoint, message, now = delivery.endpoint, delivery.message, timezone.now()
    body = body_of(message)
    delivery.attempts += 1
    try:
        answer = the_app().poster.post(endpoint.url, headers_of(endpoint, message.id, body, now), body)
    except FetchError as error:
        delivery.status = None
        delivery.save()
        raise NotDeliveredError from error
    delivery.status = answer.status
    if 200 <= answer.status < 300:
        delivery.done = now
    elif answer.status == GONE:
        delivery.failed = now
        Endpoint.objects.filter(pk=endpoint.pk).update(disabled=now, reason="it answered 410 Gone")
    delivery.save()
    if not delivery.done and not delivery.failed:
        raise NotDeliveredError(timedelta(seconds=answer.retry_after or 0))


def body_of(message: Message) -> bytes:
    """The payload of a message: what, when, and ids."""
    told = {"type": message.event, "timestamp": message.created.isoformat(), "data": message.data}
    return msgspec.json.encode(told, order="sorted")


def headers_of(endpoint: Endpoint, message: str, body: bytes, now: datetime) -> dict[str, str]:
    """The headers of Standard Webhooks; two signatures while a secret is being rotated."""
    secrets = [endpoint.secret]
    if endpoint.old_secret is not None and endpoint.old_expires is not None and endpoint.old_expires > now:
        secrets.append(endpoint.old_secret)
    return {
        "Content-Type": "application/json",
        "webhook-id": message,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(Webhook(unseal(kept)).sign(message, now, body.decode()) for kept in secrets),
    }


def _address(message: Message, only: Endpoint | None) -> None:
    to = [only] if only else [one for one in Endpoint.objects.filter(disabled=None) if hears(one, message.event)]
    for endpoint in to:
        delivery = Delivery.objects.create(endpoint=endpoint, message=message)
        enqueue(DELIVER, str(delivery.pk))


def hears(endpoint: Endpoint | None, event: str) -> bool:
    """Whether an endpoint is told of an event: it wants to hear of it, and may."""
    if endpoint is None or not (endpoint.cases or event in OPEN):
        return False
    return not endpoint.events or event in endpoint.events
