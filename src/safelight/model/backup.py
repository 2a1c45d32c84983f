"""What a backup says of itself."""

from dataclasses import dataclass
from datetime import datetime

BACKUP_FORMAT = 1


@dataclass(frozen=True, slots=True)
class BackupEntry:
    """One file of a backup. `sha256`: hexadecimal."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class BackupManifest:
    """All files of a backup, in their order. `version`: of Safelight. `store`: name of the file of the database.

    `absent`: media that the database names, but whose sealed bytes were not there: destroyed while the backup was made,
    or lost. `left_out`: folders that were left out, since what is in them is not encrypted.
    """

    created: datetime
    version: str
    store: str
    entries: tuple[BackupEntry, ...]
    absent: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    format: int = BACKUP_FORMAT
