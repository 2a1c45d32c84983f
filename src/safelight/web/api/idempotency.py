"""`Idempotency-Key`: a request that is sent again gets the answer of the first time.

As draft-ietf-httpapi-idempotency-key-header-07 has it.

The claim on a key is committed before the work, the answer together with it. A process that is killed between leaves a
claim and no trace of the work; after `STALE` the claim is taken over, and the work is done. Should the first one be
alive after all, only slow, then whoever keeps his answer first has done the work, and what the other did is undone.

What takes long, as fetching a file or encrypting it, is done before the transaction, for others wait for that.
"""

import hmac
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import wraps
from http import HTTPStatus
from typing import Final

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from ninja.operation import Operation

from safelight.model.access import Principal
from safelight.web.access import api_auth, principal_of
from safelight.web.api.models import Answer
from safelight.web.api.problem import BAD_REQUEST, IN_FLIGHT, REUSED, ProblemError, problem
from safelight.web.api.uploads import FORM, uploaded
from safelight.web.container import the_app

KEPT: Final = timedelta(hours=24)
STALE: Final = timedelta(minutes=2)
HEADER: Final = "Idempotency-Key"
LONGEST: Final = 255
_OUTDATED = 100
_PASSING = frozenset((HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.CONFLICT, HTTPStatus.TOO_MANY_REQUESTS))
"""Answers that may be others next time: they are not kept."""

Run = Callable[..., HttpResponse]


def idempotent(run: Run, before: Callable[[HttpRequest], object] = lambda _request: None) -> Run:
    """For `ninja.decorators.decorate_view`: a POST that takes idempotency keys.

    `before`: done once the claim is ours, before the transaction of the work begins; raises what the operation may.
    """
    operation: Operation = run.__self__  # type: ignore[attr-defined]  # ninja decorates the bound method
    permission = next(auth.permission for auth in operation.auth_callbacks if isinstance(auth, api_auth))

    @wraps(run)
    def answered(request: HttpRequest, **path: object) -> HttpResponse:
        key, principal = request.headers.get(HEADER), principal_of(request)
        if key is None or principal is None or not principal.may(permission):
            return run(request, **path)
        if not (0 < len(key) <= LONGEST and key.isascii() and key.isprintable()):
            return problem(request, BAD_REQUEST, f"an idempotency key has 1 to {LONGEST} printable ASCII characters")
        try:
            claim = _claim(principal, key, _fingerprint(request))
            if isinstance(claim, Answer):
                return _worked(claim, lambda: before(request), lambda: run(request, **path))
        except Exception as error:  # noqa: BLE001 (the same errors as of the operation, told in the same way)
            return operation.api.on_exception(request, error)
        return claim(request)

    return answered


def _claim(principal: Principal, key: str, fingerprint: bytes) -> Answer | Callable[[HttpRequest], HttpResponse]:
    """The claim, when it is ours to do the work; else what to answer with."""
    now, actor = the_app().clock.now(), str(principal.actor)
    with transaction.atomic():
        old = Answer.objects.filter(created__lt=now - KEPT).values_list("pk", flat=True)[:_OUTDATED]
        Answer.objects.filter(pk__in=list(old)).delete()
        Answer.objects.filter(actor=actor, key=key, created__lt=now - KEPT).delete()
        made = {"fingerprint": fingerprint, "created": now}
        answer, ours = Answer.objects.get_or_create(actor=actor, key=key, defaults=made)
        same = hmac.compare_digest(bytes(answer.fingerprint), fingerprint)
        if not ours and same and answer.status is None and answer.created < now - STALE:
            ours = bool(_held(answer).update(created=now))
            answer.created = now
    if ours:
        return answer
    if not same:
        return lambda request: problem(request, REUSED, "send the same request, or take another key")
    if answer.status is None:
        return lambda request: problem(request, IN_FLIGHT, "wait for its answer", headers={"Retry-After": "1"})
    return lambda _request: _again(answer)


def _worked(claim: Answer, before: Callable[[], object], run: Callable[[], HttpResponse]) -> HttpResponse:
    """Do the work and keep its answer, both or neither; of work that failed, nothing stays but the answer."""
    kept = False
    try:
        before()
        with transaction.atomic():
            response = run()
            if response.status_code < HTTPStatus.BAD_REQUEST:
                _keep(claim, response)
            else:
                transaction.set_rollback(True)
        kept = response.status_code < HTTPStatus.BAD_REQUEST
        if not kept and response.status_code < HTTPStatus.INTERNAL_SERVER_ERROR:
            kept = response.status_code not in _PASSING
            if kept:
                _keep(claim, response)
    finally:
        if not kept:
            _held(claim).delete()
    return response


def _held(claim: Answer) -> QuerySet[Answer]:
    """The claim, while nobody has taken it over; that is known by its time."""
    return Answer.objects.filter(pk=claim.pk, status=None, created=claim.created)


def _keep(claim: Answer, response: HttpResponse) -> None:
    """Keep the answer. Raises ProblemError when somebody else has the claim."""
    kept = _held(claim).update(
        status=response.status_code,
        content_type=response.get("Content-Type", ""),
        location=response.get("Location", ""),
        body=response.content,
    )
    if not kept:
        raise ProblemError(IN_FLIGHT, "it took long, and another request with this key does it now")


def _again(answer: Answer) -> HttpResponse:
    response = HttpResponse(bytes(answer.body), status=answer.status, content_type=answer.content_type)
    if answer.location:
        response["Location"] = answer.location
    response["Idempotency-Replayed"] = "true"
    return response


def _fingerprint(request: HttpRequest) -> bytes:
    """Says whether two requests are the same. With a secret, since a plain digest would tell of content."""
    mac = hmac.new(settings.SECRET_KEY.encode(), b"safelight.api.idempotency", "sha256")
    for part in _parts(request):
        mac.update(len(part).to_bytes(8, "big"))
        mac.update(part)
    return mac.digest()


def _parts(request: HttpRequest) -> Iterator[bytes]:
    yield from (str(text).encode() for text in (request.method, request.get_full_path(), request.content_type))
    if request.content_type == "application/json":
        yield request.body
        return
    upload = uploaded(request)  # of a form what is in it, for the boundary is another each time
    if request.content_type == FORM:
        yield repr(sorted(upload.fields.items())).encode()
    if upload.file is not None:
        while part := upload.file.read(1 << 20):
            yield part
