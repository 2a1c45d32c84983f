"""Cursors: where a listing goes on. Signed, so that they stay ours to change, and of use in their own listing alone."""

from typing import Annotated, Any, TypeVar

from django.core.signing import BadSignature, Signer
from ninja import Query

from safelight.web.api.problem import INVALID, ProblemError

MOST = 1_000
"""Things on a page."""

Cursor = Annotated[
    str | None, Query(max_length=500, description="`next_cursor` of the page before; nothing for the beginning")
]
Limit = Annotated[int, Query(ge=1, le=MOST, description="things on a page")]

T = TypeVar("T", str, int, list[int])


def sealed(listing: str, place: object) -> str:
    """The cursor of a place in a listing."""
    return _signer(listing).sign_object(place)


def opened(listing: str, cursor: str | None, beginning: T) -> T:
    """The place that a cursor stands for, `beginning` for none. Raises ProblemError for a cursor that is not ours."""
    if not cursor:
        return beginning
    try:
        place: Any = _signer(listing).unsign_object(cursor)
    except (BadSignature, ValueError):
        place = None
    if type(place) is not type(beginning):
        where = {"where": ["query", "cursor"], "what": "not a cursor of this listing"}
        raise ProblemError(INVALID, "something in the request cannot be used", [where])
    kept: T = place
    return kept


def _signer(listing: str) -> Signer:
    return Signer(salt=f"safelight.api.cursor.{listing}")
