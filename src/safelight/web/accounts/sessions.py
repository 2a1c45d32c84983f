"""Sessions of people: short, bound to the browser they began in, seen to be used."""

from hashlib import sha256
from time import time
from typing import Final

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from safelight.web.accounts.models import User

IDLE: Final = 3600
"""Seconds without a request after which a session ends. It ends after `SESSION_COOKIE_AGE` in any case."""
_NOTE_EVERY = 60.0
_MARK = "safelight"


def begin(request: HttpRequest) -> None:
    """Mark a session that has just begun with its beginning and its browser."""
    now = time()
    request.session[_MARK] = {"browser": _browser(request), "began": now, "seen": now}


def is_good(request: HttpRequest) -> bool:
    """Whether a session may go on: the browser that it began in, not too old, not idle for too long."""
    mark, now = request.session.get(_MARK), time()
    return (
        mark is not None
        and mark["browser"] == _browser(request)
        and now - mark["began"] < settings.SESSION_COOKIE_AGE
        and now - mark["seen"] < IDLE
    )


def note_use(request: HttpRequest) -> None:
    """Note that the session is used; about once a minute, so that reading pages seldom writes."""
    mark, now = request.session[_MARK], time()
    if now - mark["seen"] < _NOTE_EVERY:
        return
    request.session[_MARK] = mark | {"seen": now}
    UserSession.objects.filter(session_key=request.session.session_key).update(last_seen_at=timezone.now())


def end_all(user: User) -> None:
    """End every session of a person, wherever it is."""
    for session in UserSession.objects.filter(user=user):
        session.end()


def _browser(request: HttpRequest) -> str:
    """Coarse on purpose: addresses change under way, and what browsers are asked further would be tracking."""
    return sha256(request.META.get("HTTP_USER_AGENT", "").encode()).hexdigest()[:16]
