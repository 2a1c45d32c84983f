"""The end of every request: one line in the log and one figure, neither of which says what was asked about."""

from uuid import uuid4

import structlog

from safelight.web.ops.metrics import count_request

_log = structlog.get_logger("safelight.requests")
_UNSAID = frozenset(("healthz", "readyz", "metrics"))
"""Routes that machines ask for every few seconds: counted, not logged."""


def new_request_id() -> str:
    """An id for a request: 32 hexadecimal digits that mean nothing. A caller's own is not taken: it would be logged."""
    return uuid4().hex


def finished(request: str, method: str, route: str, status: int, seconds: float, actor: str = "") -> None:
    """Count and log an answered request.

    Args:
        request: its id.
        method: as sent.
        route: the template of its route (`api/v1/cases/{case}`), never the path; empty when there was none.
        status: of the answer.
        seconds: until the answer's head was ready.
        actor: who asked, as logs name them; empty for nobody known.
    """
    count_request(method, route, status, seconds)
    if route not in _UNSAID:
        _log.info(
            "request",
            request=request,
            method=method,
            route=route,
            status=status,
            seconds=round(seconds, 4),
            actor=actor,
        )
