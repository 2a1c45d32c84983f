"""Banks: named lists of known items."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Bank:
    """A bank and its settings.

    `threshold`: largest PDQ distance (0-40, bits of 256) that counts as near. `min_quality`: PDQ quality (0-100)
    under which neither an entry's nor a query's PDQ is compared. `enabled`: a disabled bank never matches.
    `negative`: known-benign items; a hit suppresses hits of equal or greater distance in other banks. `local`: local
    features of media that are added are kept, and altered pictures are traced by them.
    """

    id: int
    name: str
    threshold: int = 31
    min_quality: int = 50
    enabled: bool = True
    negative: bool = False
    description: str = ""
    entries: int = 0
    local: bool = True


@dataclass(frozen=True, slots=True)
class KnownHash:
    """One hash of an entry. `kind` is `pdq`, `md5`, `sha1` or `sha256`; `value` lower-case hexadecimal.

    `quality` is the PDQ quality 0-100 (100 when a list states none, as ThreatExchange assumes) and 0 for digests.
    `id` is the store's number of this hash; it is what the PDQ index returns.
    """

    kind: str
    value: str
    quality: int = 0
    id: int = 0


@dataclass(frozen=True, slots=True)
class BankEntry:
    """One known item of a bank. `name` is unique in its bank.

    `classification` is the list owner's own word (for instance a VICS category with its region), kept as it came.
    `metadata` keeps other fields of the source record that have a meaning later (victim identified, series ...).
    """

    name: str
    hashes: tuple[KnownHash, ...]
    classification: str = ""
    source: str = ""
    expires: datetime | None = None
    metadata: dict[str, str] = field(default_factory=dict)
    id: int = 0


@dataclass(frozen=True, slots=True)
class HashChange:
    """One step of a bank's history, in the order of `seq`: PDQ hash `hash_id` came (`pdq` set) or went (None)."""

    seq: int
    hash_id: int
    pdq: bytes | None


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row of an imported list that was passed over. `row` counts from 1 as the file's lines or records do."""

    row: int
    cause: str


@dataclass(frozen=True, slots=True)
class ListNote:
    """Something to know about an imported list as a whole, one line for people."""

    text: str


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did: rows read, entries added, entries that were there already, rows passed over."""

    read: int
    added: int
    present: int
    bad: tuple[BadRow, ...] = ()
    bad_total: int = 0
    notes: tuple[str, ...] = ()
