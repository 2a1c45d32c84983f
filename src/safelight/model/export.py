"""An export of the log: one file that can be checked with nothing but a public key. docs/audit.md describes it."""

from dataclasses import dataclass
from datetime import datetime

from safelight.model.access import Actor
from safelight.model.audit import SignedHead
from safelight.model.case import CaseItem
from safelight.model.seal import SealedFile

EXPORT_SCHEMA = 1
"""Version of the file's layout and of all its members; raised when a field changes its meaning or goes."""
EXPORT_KIND = "safelight-export"
EXPORT_SIGNATURE_KIND = "safelight-export-signature"
"""What a member says it is, so that nothing signed for one purpose can serve for another."""

MANIFEST, SIGNATURE, HEAD, KEY = "manifest.json", "manifest.sig", "head.json", "key.pem"
ENTRIES, CASE, ITEMS, MEDIA = "log/entries.jsonl", "case.json", "items.json", "media/"
"""Names of the members, in their order in the file; MEDIA is followed by the id of an item."""


@dataclass(frozen=True, slots=True)
class ExportLabel:
    """What an export is. `log`: id of the log. `case`: None for the whole log. `tool`: what made it, when (`made`)."""

    log: str
    case: str | None
    made: datetime
    tool: str


@dataclass(frozen=True, slots=True)
class ExportManifest:
    """All members but this one and its signature, in order. `key`: fingerprint of the one that signs, or empty."""

    schema: int
    kind: str
    label: ExportLabel
    key: str
    files: tuple[SealedFile, ...]


@dataclass(frozen=True, slots=True)
class EarlierHead:
    """A head that was signed before, with the proof that its tree is the beginning of the export's."""

    head: SignedHead
    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ExportHead:
    """`head.json`: the head that the entries are proven against. `key` and `signature` of it are empty unsigned."""

    head: SignedHead
    earlier: tuple[EarlierHead, ...]


@dataclass(frozen=True, slots=True)
class LogLine:
    """A line of `log/entries.jsonl`. `entry`: exactly the bytes of the entry, as text.

    `path`: the proof that it is in the tree of the head, from the leaf up; empty where the whole log is there.
    """

    entry: str
    path: tuple[str, ...]
    position: int


@dataclass(frozen=True, slots=True)
class CustodyStep:
    """Something that happened to an item. `number`: of the event in its case; `position`: in the log.

    `before`, `after`: SHA-256 of its bytes; None where there are none, or nobody looked.
    """

    number: int
    position: int
    at: datetime
    actor: Actor
    kind: str
    why: str
    tool: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class ItemCustody:
    """An item with all that happened to it, oldest first. `media`: the member that holds its media, if one does."""

    item: CaseItem
    media: str | None
    steps: tuple[CustodyStep, ...]


@dataclass(frozen=True, slots=True)
class Exported:
    """An export that was written. `sha256`, `size`: of the file. `media`: ids of the items whose media it holds."""

    sha256: str
    size: int
    entries: int
    media: tuple[str, ...]
    head: SignedHead
