"""What a web process and a worker do, from their start to their end."""

import socket

import django
import uvicorn

from safelight.web.ops import logs, traces

DRAIN = 25
"""Seconds in which requests may end after SIGTERM; less than the supervisor waits."""


def answer(file: int) -> None:
    """Answer requests that come in on an open listening socket, until SIGTERM; then those that have begun."""
    django.setup()
    logs.configure("web")
    traces.configure("web")
    config = uvicorn.Config(
        "safelight.web.asgi:application",
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
