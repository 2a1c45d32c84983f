"""Lines of the log: one JSON object each on standard error, redacted; the same for other people's code."""

import logging
import os
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog
from structlog.typing import Processor

from safelight.web.container import the_app
from safelight.web.ops.redact import redact

_QUIET = (
    *("asyncio", "httpx", "httpcore", "urllib3", "botocore", "boto3", "s3transfer", "PIL", "numba"),
    *("django.db.backends", "django_tasks", "django_tasks_db", "uvicorn"),
)
"""Say too much below a warning, some of which is content."""


def configure(process: str) -> None:
    """Set logging up by SAFELIGHT_LOG and SAFELIGHT_LOG_LEVEL. `process`: what this one is, for the lines."""
    service = the_app().settings.service
    level = getattr(logging, service.log_level.upper())

    def named(_logger: object, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        line["process"], line["pid"] = process, os.getpid()
        return line

    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        named,
    ]
    shown: Processor = (
        structlog.processors.JSONRenderer() if service.log == "json" else structlog.dev.ConsoleRenderer(colors=False)
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, template_only],
            processors=[redact, shown],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in _QUIET:
        logging.getLogger(name).setLevel(max(level, logging.WARNING))
    logging.getLogger("django.request").addFilter(_tells_more)
    logging.captureWarnings(capture=True)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def _tells_more(record: logging.LogRecord) -> bool:
    """Leave out what says no more than the status of an answer: our own line says that."""
    return bool(record.exc_info)


def template_only(_logger: object, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Of a message of other people's code, what they wrote, without what they filled in."""
    record = line.get("_record")
    if isinstance(record, logging.LogRecord):
        line["event"] = str(record.msg)
        if record.exc_info:
            line["exc_info"] = record.exc_info
    return line
