"""Settings, all from the environment, read in one place. docs/settings.md is generated from SETTINGS."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from safelight.model.errors import UsageError

SETTINGS = (
    ("SAFELIGHT_HOME", "folder for banks, store and index", "$XDG_DATA_HOME/safelight or ~/.local/share/safelight"),
    ("SAFELIGHT_PROCESSES", "confined workers that decode at the same time", "one for each processor"),
)


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings in force."""

    home: Path
    processes: int


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Settings from an environment.

    Raises:
        UsageError: a value that cannot be used, naming the variable.
    """
    data = environ.get("XDG_DATA_HOME") or os.path.join(environ.get("HOME", "~"), ".local", "share")
    home = Path(environ.get("SAFELIGHT_HOME") or os.path.join(data, "safelight")).expanduser()
    text = environ.get("SAFELIGHT_PROCESSES") or str(len(os.sched_getaffinity(0)))
    if not text.isdecimal() or int(text) < 1:
        raise UsageError(detail=f"SAFELIGHT_PROCESSES is {text!r}; it takes a whole number from 1")
    return Settings(home.absolute(), int(text))
