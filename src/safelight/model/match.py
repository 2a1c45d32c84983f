"""Matches: an item against a bank's entry."""

from dataclasses import dataclass
from enum import StrEnum

from safelight.model.fingerprint import View


class MatchKind(StrEnum):
    """How an item and an entry agree."""

    EXACT = "exact"  # the same bytes, by a cryptographic digest
    NEAR = "near"  # the same picture, by PDQ distance


@dataclass(frozen=True, slots=True)
class Match:
    """One item matched one entry; the best agreement of that pair is kept.

    `algorithm`: `md5`, `sha1`, `sha256` or `pdq`. `distance`: bits of 256, 0 for exact. `variant`: which of the
    item's hashes matched - frame, view, and dihedral name. `expected_false_matches`: chance hits expected for one
    query at this distance or less against a bank of this size and this quality; `p_false_match` is 1-exp(-that).
    Both None for exact. `suppressed_by`: entry of a negative bank that is at least as close.
    """

    bank: str
    entry: str
    kind: MatchKind
    algorithm: str
    distance: int
    query: str
    known: str
    frame: int = 0
    view: View | None = None
    dihedral: str | None = None
    classification: str = ""
    negative: bool = False
    expected_false_matches: float | None = None
    p_false_match: float | None = None
    suppressed_by: str | None = None
