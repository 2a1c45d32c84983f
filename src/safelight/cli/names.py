"""Cases by the short names that people type."""

import click

from safelight.app import App
from safelight.flow.short_names import case_named
from safelight.flow.walk import display


def named(app: App, text: str) -> str:
    """The id of the case that a text names, see `case_named`; told beside the output where the text is another."""
    case = case_named(app.cases, text)
    if case != text:
        click.echo(display(f"case {case}"), err=True)
    return case
