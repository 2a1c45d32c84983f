"""The processes of the service; `safelight serve`, `config check`, `jobs`, and what people do end up here.

`python -P -m safelight.web`: without -P, Python would import what lies in the working folder.
"""

import json
import os
import sys

import click

from safelight.model.errors import SafelightError
from safelight.web.run import lifeline


@click.group()
def main() -> None:
    """Run parts of the service."""


@main.command()
@click.option("--host", default="127.0.0.1")
@click.option("--port", type=int, default=8411)
@click.option("--web", type=int, default=2)
@click.option("--workers", type=int, default=2)
def serve(host: str, port: int, web: int, workers: int) -> None:
    """Start web processes and workers, and see that they live."""
    from safelight.web.run.supervisor import serve as supervise  # noqa: PLC0415 (each process loads what it needs)

    sys.exit(supervise(host, port, web, workers))


@main.command()
def prepare() -> None:
    """Make the data folder and the tables; say the link of the first run, if there is one."""
    from safelight.web.run.prepare import prepare as make_ready  # noqa: PLC0415 (as above)

    if link := make_ready():
        click.echo(link)


@main.command()
@click.option("--socket", type=int, required=True, help="Number of the open file that is the listening socket.")
def web(socket: int) -> None:
    """Answer requests."""
    lifeline.hold()
    from safelight.web.run.processes import answer  # noqa: PLC0415 (as above)

    answer(socket)


@main.command()
def worker() -> None:
    """Run jobs."""
    lifeline.hold()
    from safelight.web.run.processes import run_jobs  # noqa: PLC0415 (as above)

    run_jobs()


@main.command()
@click.option("--json", "as_json", is_flag=True)
def check(as_json: bool) -> None:
    """Look at settings, folders and everything that the service needs."""
    from safelight.web.run.check import check as look  # noqa: PLC0415 (as above)

    sys.exit(look(as_json=as_json))


@main.command()
@click.argument("name", default="")
@click.option("--role", "roles", multiple=True)
@click.option("--first-run", is_flag=True)
def invite(name: str, roles: tuple[str, ...], first_run: bool) -> None:
    """Say a link by which somebody comes in."""
    from safelight.web.run.invite import invite as make_link  # noqa: PLC0415 (as above)

    click.echo(make_link(name, roles, first_run=first_run))


@main.command()
@click.argument("what")
@click.option("--as", "name", required=True)
@click.argument("words")
def act(what: str, name: str, words: str) -> None:
    """Do what only a person does, once that person has proved to be the one. `words`: JSON."""
    from safelight.web.run.act import act as do  # noqa: PLC0415 (as above)

    try:
        click.echo(do(what, name, json.loads(words)))
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)  # as other commands end that are interrupted


@main.command()
@click.argument("action", type=click.Choice(["list", "retry", "drop"]))
@click.argument("numbers", nargs=-1, type=int)
@click.option("--json", "as_json", is_flag=True)
def jobs(action: str, numbers: tuple[int, ...], as_json: bool) -> None:
    """Look after dead letters."""
    from safelight.web.run.letters import letters  # noqa: PLC0415 (as above)

    letters(action, numbers, as_json=as_json)


def run() -> int:
    """Run a command; a foreseen error is one line on standard error and its own exit code."""
    # numba would read `.numba_config.yaml` in the working folder, which may be a stranger's: see cli/main.py.
    sys.modules["yaml"] = None  # type: ignore[assignment]
    os.umask(0o077)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "safelight.web.settings")
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        main()
    except SafelightError as error:
        from safelight.flow.walk import display  # noqa: PLC0415 (as above)

        click.echo(display(f"safelight: {error}"), err=True)  # it may quote what a stranger wrote
        return error.exit
    return 0


if __name__ == "__main__":
    sys.exit(run())
