"""Traces by OpenTelemetry, for those who have a collector; nothing of it is loaded otherwise."""

import os

from safelight import __version__
from safelight.model.errors import UsageError

ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
KEPT = frozenset(
    (
        *("http.method", "http.status_code", "http.route", "http.scheme", "http.flavor"),
        *("http.request.method", "http.response.status_code", "network.protocol.version", "error.type"),
    )
)
"""Attributes of a span that leave the machine: no addresses, no queries, no paths with ids."""


def configure(process: str) -> None:
    """Trace requests, when the environment names a collector. Call it before the application is made.

    Raises UsageError when the extra `otel` is not installed.
    """
    if not any(os.environ.get(name) for name in ENDPOINTS):
        return
    try:
        from safelight.web.ops.spans import start  # noqa: PLC0415 (of an extra)
    except ImportError as error:
        raise UsageError(detail=f"{ENDPOINTS[0]} is set: pip install 'safelight[otel]'") from error
    start(process, __version__)
