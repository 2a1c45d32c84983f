"""`safelight`: the commands, and how errors become exit codes."""

import os
import sys
import traceback
from importlib import import_module

import click

from safelight import __version__
from safelight.flow.walk import display
from safelight.model.errors import SafelightError, UsageError
from safelight.settings import read_settings

FOUND, NOTHING, UNCHECKED, INTERRUPTED = 1, 0, 3, 130
"""Exit codes of a search: something found; nothing found; nothing found, but files could not be checked; Ctrl-C."""

COMMANDS = {
    "scan": "safelight.cli.scan:scan",
    "bank": "safelight.cli.bank:bank",
    "match": "safelight.cli.lookup:match",
    "hash": "safelight.cli.lookup:hash_files",
    "explain": "safelight.cli.lookup:explain",
    "examine": "safelight.cli.examine:examine",
    "family": "safelight.cli.family:family",
    "compare": "safelight.cli.compare:compare",
    "vpdq": "safelight.cli.vpdq:vpdq",
    "verify": "safelight.cli.verify:verify",
    "trust": "safelight.cli.trust:trust",
    "keygen": "safelight.cli.verify:keygen",
    "serve": "safelight.cli.serve:serve",
    "jobs": "safelight.cli.serve:jobs",
    "invite": "safelight.cli.people:invite",
    "config": "safelight.cli.config:config",
    "law": "safelight.cli.law:law",
    "duties": "safelight.cli.duties:duties",
    "policy": "safelight.cli.policy:policy",
    "audit": "safelight.cli.audit:audit",
    "evidence": "safelight.cli.evidence:evidence",
    "report": "safelight.cli.report:report",
    "takedown": "safelight.cli.takedown:takedown",
    "backup": "safelight.cli.backup:backup",
    "restore": "safelight.cli.backup:restore",
    "demo": "safelight.cli.demo:demo",
    "plugins": "safelight.cli.plugins:plugins",
    "bench": "safelight.cli.bench:bench",
}


class _LazyGroup(click.Group):
    """Loads a command's module only when that command is asked for: start-up stays short."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name].split(":")
        command: click.Command = getattr(import_module(module), name)
        return command


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="safelight")
@click.pass_context
def cli(ctx: click.Context) -> None:
    """Check folders of media against banks of known items.

    Data lives in SAFELIGHT_HOME. Exit codes: 0 nothing found, 1 something found, 2 usage, 3 nothing found but some
    files could not be checked; see docs/errors.md for the others.
    """
    from safelight.app import App  # noqa: PLC0415 - it loads numpy, which `main` makes ready for

    ctx.obj = App(read_settings(os.environ))


def main() -> None:
    """Run the command line; every foreseen error is one line on stderr and its own exit code."""
    _take_no_settings_from_the_working_folder()
    os.umask(0o077)  # banks and results are nobody else's business
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # scans have threads of their own; more only wait on each other
    try:
        code = cli.main(standalone_mode=False)
    except click.exceptions.Abort:
        code = INTERRUPTED
    except click.ClickException as error:
        error.show()
        code = max(error.exit_code, UsageError.exit)  # 1 would say that something was found
    except SafelightError as error:
        click.echo(display(f"safelight: {error}"), err=True)  # it may quote what a stranger wrote
        code = error.exit
    except KeyboardInterrupt:
        click.echo("safelight: interrupted", err=True)
        code = INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 141
    except Exception:  # noqa: BLE001 - a bug: told in full, and never with the exit code 1 of "found"
        traceback.print_exc()
        code = SafelightError.exit
    sys.exit(code if isinstance(code, int) else 0)


def _take_no_settings_from_the_working_folder() -> None:
    """People work inside the folder that they check, so whatever lies there is a stranger's.

    numba, imported later, reads `.numba_config.yaml` there, which can name the folder that it unpickles compiled code
    from: running code. Without the YAML package it leaves that file alone.
    """
    sys.modules["yaml"] = None  # type: ignore[assignment]  # how `import yaml` is made to fail: docs of sys.modules
