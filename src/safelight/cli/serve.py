"""`safelight serve` and `safelight jobs`: the service, in processes of its own."""

import os
import sys

import click

from safelight.app import App
from safelight.cli.config import SERVICE


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=8411, show_default=True, help="Port; 0 for a free one.")
@click.option(
    "--web",
    type=click.IntRange(0),
    default=lambda: min(4, len(os.sched_getaffinity(0))),
    help="Processes that answer requests.  [default: one a processor, at most 4]",
)
@click.option(
    "--workers",
    type=click.IntRange(0),
    default=lambda: min(2, len(os.sched_getaffinity(0))),
    help="Processes that run jobs.  [default: one a processor, at most 2]",
)
@click.pass_obj
def serve(app: App, host: str, port: int, web: int, workers: int) -> None:
    """Run the service: upload gate, API, review console and jobs.

    Makes what is missing: data folder, keys, tables. On a terminal, prints a link for the first account, which
    works once; elsewhere ask `safelight invite --first-run` for it. Ends what has begun, then itself, on SIGTERM and
    Ctrl-C. See docs/service.md.
    """
    del app  # it was made, so the settings can be used
    words = [f"--host={host}", f"--port={port}", f"--web={web}", f"--workers={workers}"]
    os.execv(sys.executable, [*SERVICE, "serve", *words])  # noqa: S606 (our own; signals now reach it)


@click.command()
@click.argument("action", type=click.Choice(["list", "retry", "drop"]))
@click.argument("numbers", nargs=-1, type=int)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.pass_obj
def jobs(app: App, action: str, numbers: tuple[int, ...], as_json: bool) -> None:
    """List jobs that failed for good; try them again, or drop them, by their numbers."""
    del app
    os.execv(sys.executable, [*SERVICE, "jobs", action, *map(str, numbers), *(["--json"] if as_json else [])])  # noqa: S606 (as above)
