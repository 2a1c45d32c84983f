"""What a web process and a worker do, from their start to their end."""

import socket
import sys

import django
import uvicorn

from safelight.web.ops import logs, traces
from safelight.web.run.spreading import Spread

DRAIN = 25
"""Seconds in which requests may end after SIGTERM; less than the supervisor waits."""
SWITCH = 0.001
"""Seconds after which threads take turns, of Python's usual five: the event loop waits less for those that match."""


def answer(file: int) -> None:
    """Answer requests that come in on an open listening socket, until SIGTERM; then those that have begun."""
    django.setup()
    logs.configure("web")
    sys.setswitchinterval(SWITCH)
    traces.configure("web")
    from safelight.web.asgi import application  # noqa: PLC0415 (needs configured logs)

    config = uvicorn.Config(
        Spread(application),
        loop="uvloop",
        http="httptools",
        access_log=False,  # it would log query strings; ours are written by web/ops/requests.py
        log_config=None,
        server_header=False,
        proxy_headers=False,  # whom to believe is SAFELIGHT_PROXIES' to say
        timeout_graceful_shutdown=DRAIN,
    )
    uvicorn.Server(config).run(sockets=[socket.socket(fileno=file)])


def run_jobs() -> None:
    """Run jobs until SIGTERM, after which the one that runs is ended."""
    django.setup()
    logs.configure("worker")
    traces.configure("worker")
    from safelight.web.jobs.worker import work  # noqa: PLC0415 (models need a configured Django)

    work()
