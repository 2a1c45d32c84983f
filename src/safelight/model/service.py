"""Values of the service: what the gate answers, items as they are kept, blobs of the vault."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from safelight.model.scan import ScanRow


class GateVerdict(StrEnum):
    """What an upload gate answers."""

    ALLOW = "allow"  # 200: nothing speaks against it, which is not a statement about the content
    HOLD = "hold"  # 202: keep it back until a person has looked
    DENY = "deny"  # 451: the very bytes of a known item


class GateFailure(StrEnum):
    """What the gate answers when it could not look: the operator's choice."""

    OPEN = "open"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class GateAnswer:
    """The gate's answer. `checked`: it was examined in full. `row`: why; for the service, never for the caller.

    `item`: id under which what is not allowed was kept, for people to look at; None where it could not be. `retry`:
    seconds after which it may be looked at, when too much waited for that; else 0.
    """

    verdict: GateVerdict
    checked: bool
    row: ScanRow
    item: str | None = None
    retry: int = 0


class ItemState(StrEnum):
    """Where an item stands."""

    WAITING = "waiting"  # to be examined
    DONE = "done"
    FAILED = "failed"  # it was tried often enough; see the dead letters


@dataclass(frozen=True, slots=True)
class Item:
    """A file that came to the service. `row`: None while WAITING. `case`: None where nothing was found.

    `reference`, `account`: the integrator's own ids. `blob`: id in the vault; None where no media is kept.
    `callback`: id of the webhook endpoint that is told when it is done; empty for all. `keep`: its media stays in the
    vault also when nothing was found. `url`: where it was fetched from; empty when its bytes were sent.
    """

    id: str
    state: ItemState
    created: datetime
    source: str
    reference: str = ""
    account: str = ""
    blob: str | None = None
    sha256: str | None = None
    row: ScanRow | None = None
    case: str | None = None
    updated: datetime | None = None
    callback: str = ""
    keep: bool = False
    url: str = ""


@dataclass(frozen=True, slots=True)
class Blob:
    """Media in the vault, once for each content. `id` says nothing about the content. `size`: plain bytes.

    `sha256`: of the plain bytes. `key`: id of the key-encryption key that wraps its data key; `wrapped`: the data key,
    wrapped, base64; empty once it was destroyed.
    """

    id: str
    sha256: str
    size: int
    mime: str
    created: datetime
    key: str
    wrapped: str


@dataclass(frozen=True, slots=True)
class VaultStatus:
    """What the vault holds. `size`: plain bytes. `keys`: how many blobs each key-encryption key wraps, by its id."""

    blobs: int
    size: int
    destroyed: int
    keys: dict[str, int]
