"""Makes this process one in which the service can be tested: its settings, a data folder of its own, Django set up.

Called before anything else configures Django: the embedded store, which other tests open, takes what it finds.
"""

import atexit
import os
import shutil
from pathlib import Path
from tempfile import mkdtemp

from safelight.settings import SETTINGS
from safelight.settings.service import SERVICE_SETTINGS

ELSEWHERE = "TEST_DATABASE_URL"
"""Variable with the address of an empty database on PostgreSQL, for tests of the service there: `tests.databases`."""


def prepare() -> None:
    """Set up Django with the settings of the service, none of which are the developer's own."""
    for name, *_ in (*SETTINGS, *SERVICE_SETTINGS):
        os.environ.pop(name, None)
        os.environ.pop(f"{name}_FILE", None)
    home, owner = Path(mkdtemp(prefix="safelight-test-")), os.getpid()
    atexit.register(_remove, home, owner)
    os.environ["SAFELIGHT_HOME"] = str(home)
    if elsewhere := os.environ.get(ELSEWHERE):
        os.environ["SAFELIGHT_DATABASE_URL"] = elsewhere
    os.environ["DJANGO_SETTINGS_MODULE"] = "safelight.web.settings"
    import django

    django.setup()


def _remove(home: Path, owner: int) -> None:
    if os.getpid() == owner:  # a process that was forked off leaves it to its parent
        shutil.rmtree(home, ignore_errors=True)
