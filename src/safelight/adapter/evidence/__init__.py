"""Media as evidence: encrypted, once for each content, verified when it is read. docs/evidence.md.

`keys` opens key-encryption keys, `stream` is the form of sealed bytes, `plain` is where plain bytes go, `models` is
what the database knows of each blob, and `vault` is `ports.EvidenceVault`, made of these and a `ports.BlobStore`.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from safelight.adapter.evidence.keys import KeyRing
from safelight.ports import BlobStore, Clock, Ids

if TYPE_CHECKING:
    from safelight.adapter.evidence.vault import DjangoEvidenceVault


def open_vault(target: Path | str, blobs: BlobStore, keys: KeyRing, ids: Ids, clock: Clock) -> "DjangoEvidenceVault":
    """The vault whose records are in the database `target` (`adapter.store.open_store` says which that is).

    Raises StorageError.
    """
    from safelight.adapter.store.opening import open_place  # noqa: PLC0415 (loads Django)

    place = open_place(target, "evidence")

    from safelight.adapter.evidence.vault import DjangoEvidenceVault  # noqa: PLC0415 (models need a configured Django)

    return DjangoEvidenceVault(place, blobs, keys, ids, clock)
