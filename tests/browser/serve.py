"""A process that fills a data folder with benign drawn pictures and people, prints what is in it, and serves it.

Usage: python -m tests.browser.serve PORT; the settings are in the environment.
"""

import base64
import json
import os
import sys
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from time import time

import django
import uvicorn
from django.core.management import call_command

PASSWORD = "correct horse battery staple"


LATER = "later"
"""While a file of this name is in the data folder, it is an hour later for all who were asked for a second factor."""


def main(port: int, outside: ExitStack) -> None:
    from tests.browser import closing_world

    os.environ |= closing_world.settings(outside)
    django.setup()
    _let_time_pass(Path(os.environ["SAFELIGHT_HOME"]) / LATER)
    call_command("migrate", verbosity=0, interactive=False)
    from safelight.model.access import Role
    from safelight.web.accounts.models import User
    from safelight.web.accounts.people import first_run_link
    from safelight.web.container import the_app
    from safelight.web.ops import logs
    from tests.web.conftest import add_second_factor
    from tests.web.console.closing_material import fill_closing
    from tests.web.console.material import fill

    link = first_run_link(f"http://127.0.0.1:{port}/")
    closing_world.surround(the_app())
    filled = asdict(fill(the_app())) | {"closing": asdict(fill_closing(the_app()))}
    secrets = {}
    for name, role in {"rosa": Role.REVIEWER, "sami": Role.SENIOR, "lena": Role.LEAD, "otto": Role.LEAD}.items():
        secrets[name] = base64.b32encode(f"benign secret of {name:8}".encode()).decode().rstrip("=")
        add_second_factor(User.objects.create_user(name, PASSWORD, (role,)), secrets[name])
    sys.stdout.write(
        json.dumps({"link": link, "secrets": secrets, "closing": filled.pop("closing"), "cases": filled}) + "\n"
    )
    sys.stdout.flush()
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # nobody reads on: a full pipe would stop every request
    logs.configure("web")
    closing_world.run_jobs()
    uvicorn.run("safelight.web.asgi:application", host="127.0.0.1", port=port, log_level="warning", access_log=False)


def _let_time_pass(later: Path) -> None:
    from safelight.web import access

    vars(access)["time"] = lambda: time() + (3_600 if later.exists() else 0)


if __name__ == "__main__":
    with ExitStack() as stack:
        main(int(sys.argv[1]), stack)
