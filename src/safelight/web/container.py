"""The one `App` of this process."""

import os
from functools import cache

from safelight.app import App
from safelight.settings import read_settings


@cache
def the_app() -> App:
    """What the service is made of, from the environment. Raises UsageError for a setting that cannot be used."""
    return App(read_settings(os.environ))
