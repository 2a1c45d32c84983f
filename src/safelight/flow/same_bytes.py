"""Items that are the same bytes."""

from collections.abc import Iterator

from safelight.model.service import Item
from safelight.ports import CaseStore


def same_bytes(sha256: str | None, store: CaseStore) -> Iterator[Item]:
    """All items of this content, however many; every item there is for None."""
    after = ""
    while page := store.items(after, sha256=sha256):
        yield from page
        after = page[-1].id
