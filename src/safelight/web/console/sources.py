"""The known picture that an item matched, where its media is in the vault."""

from safelight.model.errors import SafelightError
from safelight.model.match import Match
from safelight.model.scan import ScanRow
from safelight.web.console.wiring import store
from safelight.web.container import the_app

_MOST = 3
"""Matches whose entries are looked up: the strongest come first."""


def source_of(item: str) -> str | None:
    """The blob of the entry that an item matched; None where none is kept."""
    row = store().item(item).row
    return next(filter(None, map(_blob, matches_of(row)[:_MOST])), None) if row else None


def matches_of(row: ScanRow) -> list[Match]:
    """Matches that speak of a known item, not of a benign one."""
    return [match for match in row.matches if match.counts]


def _blob(match: Match) -> str | None:
    """By the digest that the entry has: some item with these very bytes came to the service, too."""
    banks = the_app().store
    try:
        entry = banks.entry(banks.bank(match.bank), match.entry)
    except SafelightError:
        return None  # the entry, or its bank, is gone since
    digests = [known.value for known in entry.hashes if known.kind == "sha256"]
    found = (item.blob for digest in digests for item in store().items(sha256=digest) if item.blob)
    return next(found, None)
