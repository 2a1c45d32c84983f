"""What somebody typed, kept for as long as it takes to prove again who one is; see `safelight.web.access.step_up`.

It lies on the server, in the cache that all processes share, where it ends by itself: at most one form a session, for
the path that it was sent to, for the person who sent it, for as long as the password stays the same. It is handed out
once, under a random name that only the redirect told. Files and whatever looks like a secret are never kept, nor is the
form that they came with.

It is signed, with the time and for the session, under the key that signs sessions: who writes the cache's rows cannot
have people send another form than their own.
"""

import re
from dataclasses import dataclass
from secrets import compare_digest, token_urlsafe
from typing import Any, Final, cast

from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.core.cache import cache
from django.core.signing import BadSignature, dumps, loads
from django.http import HttpRequest

KEPT: Final = 300
"""Seconds for which a form is kept."""
MOST_BYTES: Final = 16_384
"""Of names and values of a form, as UTF-8; a larger one is not kept."""
_MOST_FIELDS: Final = 200
_CSRF: Final = "csrfmiddlewaretoken"
_SECRET: Final = re.compile("pass|secret|token|key|code|otp|credential", re.IGNORECASE)
_FORMS: Final = frozenset(("application/x-www-form-urlencoded", "multipart/form-data"))


@dataclass(frozen=True, slots=True)
class Kept:
    """A form as it was sent. `what`: what it does, in words; `page`: where it was filled in; `fields`: in order."""

    what: str
    path: str
    page: str
    fields: tuple[tuple[str, str], ...]


def keep(request: HttpRequest, what: str, page: str) -> str | None:
    """Keep the form that was sent, in place of one that is kept; its random name, or None when it cannot be kept."""
    fields = _fields(request)
    if fields is None or request.session.session_key is None:
        return None
    token = token_urlsafe(24)
    form = {"what": what, "path": request.path, "page": page, "fields": fields}
    value = {"token": token, "person": _person(request), "form": form}
    cache.set(_place(request), dumps(value, salt=_place(request)), KEPT)
    return token


def take(request: HttpRequest, token: str) -> Kept | None:
    """The form of this name, once; None when there is none, or not for this person any more."""
    found = _read(cache.get(_place(request)), _place(request))
    if (
        found is None
        or found["person"] != _person(request)
        or not compare_digest(found["token"].encode(), token.encode())
        or not cache.delete(_place(request))  # another request was quicker
    ):
        return None
    form = found["form"]
    return Kept(form["what"], form["path"], form["page"], tuple((name, value) for name, value in form["fields"]))


def _read(kept: object, place: str) -> dict[str, Any] | None:
    """What was kept there, by us and not too long ago."""
    try:
        return cast(dict[str, Any], loads(str(kept), salt=place, max_age=KEPT))
    except BadSignature:
        return None


def _place(request: HttpRequest) -> str:
    """Name of the form in the cache: by that of the session's row, which no browser knows."""
    return f"kept_form:{request.session.session_key}"


def _person(request: HttpRequest) -> list[str]:
    """Who is signed in, by which password: Django keeps both in the session, and the second as an HMAC."""
    return [str(request.session.get(name, "")) for name in (SESSION_KEY, HASH_SESSION_KEY)]


def _fields(request: HttpRequest) -> list[tuple[str, str]] | None:
    if request.content_type not in _FORMS or request.FILES:
        return None
    fields = [(name, value) for name, values in request.POST.lists() if name != _CSRF for value in values]
    size = sum(len(name.encode()) + len(value.encode()) for name, value in fields)
    if size > MOST_BYTES or len(fields) > _MOST_FIELDS or any(_SECRET.search(name) for name, _ in fields):
        return None
    return fields
