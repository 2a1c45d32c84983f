"""What only a person does: handed to the service's own code, which asks at the terminal who that is."""

import json
import os
import sys
from typing import NoReturn

import click

from safelight.cli.config import SERVICE

AS = click.option(
    "--as", "person", metavar="NAME", required=True, help="Who you are. Asks for your password and second factor."
)
DIGEST = click.option(
    "--digest", metavar="SHA256", default="", help="Of what you have read. Without it, you read it now and are asked."
)
NOTE = click.option("--note", default="", help="For colleagues; it must not describe what is seen.")
REASON = click.option("--reason", required=True, help="Why, in a few words; it must not describe what is seen.")


def act(what: str, person: str, **words: str | bool) -> NoReturn:
    """Become the process that asks who this is and does it. `words`: as the act in `web/run/act.py` names them."""
    os.execv(sys.executable, [*SERVICE, "act", what, f"--as={person}", json.dumps(words)])  # noqa: S606 (our own)
