"""Sessions in the database, of which a row is named by an HMAC of the cookie: who reads the rows cannot sign in.

`session_key` is the name of the row, everywhere: in Django's table, in allauth's list of somebody's sessions, in code.
Only the cookie holds what it is made from, and `CookieMiddleware` alone goes from one to the other.
"""

from secrets import token_urlsafe
from typing import Final

from django.conf import settings
from django.contrib.sessions.backends import db
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac

_LENGTH: Final = 40
"""Hexadecimal digits of a row's name, the most that the column takes: 160 bits."""


class SessionStore(db.SessionStore):
    """A session by the name of its row. `cookie`: what the browser has; empty where that is not known."""

    cookie = ""

    @classmethod
    def of_cookie(cls, cookie: str) -> "SessionStore":
        """The session of a cookie that a browser sent."""
        found = cls(row_name(cookie))
        found.cookie = cookie
        return found

    def _get_new_session_key(self) -> str:
        """Draw a new cookie, of 256 bits: that two are alike need not be looked for."""
        self.cookie = token_urlsafe(32)
        return row_name(self.cookie)

    async def _aget_new_session_key(self) -> str:
        return self._get_new_session_key()


class CookieMiddleware(SessionMiddleware):
    """Django's, but that cookies hold what rows do not."""

    def process_request(self, request: HttpRequest) -> None:
        """Find the session of the cookie."""
        cookie = request.COOKIES.get(settings.SESSION_COOKIE_NAME)
        request.session = SessionStore.of_cookie(cookie) if cookie else SessionStore()
        request.first_session = request.session  # type: ignore[attr-defined]

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Save the session, and give its cookie to the browser."""
        response = super().process_response(request, response)
        name = response.cookies.get(settings.SESSION_COOKIE_NAME)
        if name is None or not name.value:
            return response
        key = request.session.session_key
        # allauth opens a session anew by its row's name: then the one of before knows the cookie.
        known = [
            getattr(session, "cookie", "") for session in (request.session, getattr(request, "first_session", None))
        ]
        cookie = next((text for text in known if row_name(text) == key), "")
        response.cookies[settings.SESSION_COOKIE_NAME] = cookie  # the other attributes stay
        return response


def row_name(cookie: str) -> str:
    """The name of the row of a cookie."""
    return salted_hmac("safelight.session", cookie, algorithm="sha256").hexdigest()[:_LENGTH]
