"""`safelight plugins`: what is installed beside Safelight, and whether it works."""

import json

import click
import msgspec
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from safelight.app import App
from safelight.flow.walk import display


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.pass_obj
def plugins(app: App, as_json: bool) -> None:
    """List the installed plug-ins. Each is loaded: one that cannot be is listed as failed, with the error.

    A plug-in is used only when SAFELIGHT_SHORTLIST or SAFELIGHT_MARKERS names it.
    """
    found = app.plugins()
    if as_json:
        for one in found:
            click.echo(json.dumps(msgspec.to_builtins(one)))
        return
    table = Table("plug-in", "kind", "package", "version", "state", "error")
    for one in found:
        table.add_row(
            *(escape(display(text)) for text in (one.name, one.kind, one.package, one.version, one.state, one.error))
        )
    Console().print(table if found else "no plug-ins are installed")
