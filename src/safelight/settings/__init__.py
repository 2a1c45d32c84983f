"""Settings, all from the environment, read in one place. docs/settings.md is generated from SETTINGS."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from safelight.model.errors import UsageError
from safelight.settings.service import SERVICE_SETTINGS, ServiceSettings, read_service_settings

__all__ = ["SERVICE_SETTINGS", "SETTINGS", "ServiceSettings", "Settings", "read_settings"]

SETTINGS = (
    ("SAFELIGHT_HOME", "folder for banks, store and index", "$XDG_DATA_HOME/safelight or ~/.local/share/safelight"),
    ("SAFELIGHT_PROCESSES", "confined workers that decode at the same time", "one for each processor"),
    (
        "SAFELIGHT_KEY_FILE",
        "key of local features: 32 bytes, or 64 hexadecimal digits",
        "`key` there, made when needed",
    ),
    (
        "SAFELIGHT_VOLUME",
        "`encrypted`: says that the folder's volume is; local features are then kept plain",
        "not said",
    ),
    (
        "SAFELIGHT_PASSPHRASE",
        "passphrase of the key that comparisons are signed with, and of keys in backups",
        "asked for when a key has one",
    ),
    (
        "SAFELIGHT_SHORTLIST",
        "name of the plug-in that brings further candidates for tracing ([Plug-ins](plugins.md))",
        "none",
    ),
    (
        "SAFELIGHT_DETECTOR",
        "name of the plug-in that gives the hint, in place of the detector of [Hint](hint.md)",
        "that one",
    ),
    (
        "SAFELIGHT_MARKERS",
        "names of plug-ins that read further marks in pixels, with commas between ([Plug-ins](plugins.md))",
        "none",
    ),
)


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings in force. `key_file`: None for the one in `home`, which is made when it is needed.

    `shortlist`, `detector`: name of a plug-in, empty for none. `markers`: names of plug-ins. `service`: of
    `safelight serve`.
    """

    home: Path
    processes: int
    key_file: Path | None = None
    volume_encrypted: bool = False
    passphrase: str = field(default="", repr=False)
    shortlist: str = ""
    markers: tuple[str, ...] = ()
    detector: str = ""
    service: ServiceSettings = field(default_factory=ServiceSettings)


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
    key_file, volume = environ.get("SAFELIGHT_KEY_FILE"), environ.get("SAFELIGHT_VOLUME", "")
    if volume not in {"", "encrypted"}:
        raise UsageError(detail=f"SAFELIGHT_VOLUME is {volume!r}; it takes `encrypted`, or nothing")
    return Settings(
        home.absolute(),
        int(text),
        key_file=Path(key_file).expanduser().absolute() if key_file else None,
        volume_encrypted=bool(volume),
        passphrase=environ.get("SAFELIGHT_PASSPHRASE", ""),
        shortlist=environ.get("SAFELIGHT_SHORTLIST", ""),
        detector=environ.get("SAFELIGHT_DETECTOR", ""),
        markers=tuple(filter(None, map(str.strip, environ.get("SAFELIGHT_MARKERS", "").split(",")))),
        service=read_service_settings(environ),
    )
