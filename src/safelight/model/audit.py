"""What proves the log: hashes of entries, heads of the tree over all of them, proofs, and what a check finds.

An entry is the UTF-8 JSON of a `CaseEvent`, exactly these bytes. Its hash is that of a leaf in RFC 6962, SHA-256 of a
zero byte and the entry; the next event of the case names it as `prev`. The tree over all entries, in the order in which
the log took them in, is that of RFC 6962, section 2.1; a node is SHA-256 of a one byte and its two children.
"""

from dataclasses import dataclass
from datetime import datetime

from safelight.model.case import CaseEvent

NO_HASH = "0" * 64
"""`prev` of the first event of a case."""


@dataclass(frozen=True, slots=True)
class LoggedEvent:
    """An event with its place. `position`: in the whole log, from 0. `entry`: its bytes; `hash`: hexadecimal."""

    position: int
    hash: str
    entry: bytes
    event: CaseEvent


@dataclass(frozen=True, slots=True)
class TreeHead:
    """The tree over the first `size` entries. `root`: hexadecimal. `log`: id of the log: heads are not mixed."""

    log: str
    size: int
    root: str
    at: datetime


@dataclass(frozen=True, slots=True)
class SignedHead:
    """A head with its Ed25519 signature over `case.heads.head_bytes(head)`, base64.

    `key`: SHA-256 of the public key's DER form, hexadecimal. `stamp`: an RFC 3161 time-stamp token over the signature's
    SHA-256, base64; empty without one.
    """

    head: TreeHead
    key: str
    signature: str
    stamp: str = ""


@dataclass(frozen=True, slots=True)
class Inclusion:
    """That entry `position` is in the tree of `size` entries: the hashes beside its path, from the leaf up."""

    position: int
    size: int
    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Consistency:
    """That the tree of `first` entries is the beginning of that of `second`."""

    first: int
    second: int
    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Flaw:
    """Something that a check found wrong. `where`: the part, with a number or name; `what`: one line."""

    where: str
    what: str


@dataclass(frozen=True, slots=True)
class AuditReport:
    """What a check looked at and found. `heads`: signatures checked; `stamps`: time stamps checked.

    `intact`: there is no flaw, and a key that was named has signed. `notes`: what could not be checked, for people.
    """

    entries: int
    cases: int
    items: int
    blobs: int
    heads: int
    stamps: int
    signed_by: tuple[str, ...]
    flaws: tuple[Flaw, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def intact(self) -> bool:
        """Nothing was changed since it was signed."""
        return not self.flaws and bool(self.signed_by)
