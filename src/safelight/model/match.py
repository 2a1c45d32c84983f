"""Matches: an item against a bank's entry."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from safelight.model.derivation import Affine, EvidencePart
from safelight.model.fingerprint import View
from safelight.model.region import AlteredRegion
from safelight.model.segment import Segment, clock, longest, placed


class MatchKind(StrEnum):
    """How an item and an entry agree."""

    EXACT = "exact"  # the same bytes, by a cryptographic digest
    NEAR = "near"  # the same picture, by PDQ distance
    DERIVATIVE = "derivative"  # an altered picture that came from the entry's
    SHARED_SCENE = "shared_scene"  # another picture of the same room or object: a lead for people, no match


@dataclass(frozen=True, slots=True)
class Match:
    """One item matched one entry; the best agreement of that pair is kept.

    `algorithm`: `md5`, `sha1`, `sha256`, `pdq`, `tiles` (PDQ of parts of the picture), `local` (keypoints) or `clip` (a
    video against a known video, in time).
    `distance`: bits of 256, 0 for exact, None for `local`. `frame`, `view`, `dihedral`: which of the item's hashes
    matched. Of derivatives and shared scenes: `inliers`, keypoints that agree on `affine`, which takes pixels of the
    item to those of the entry's picture (see `model.derivation.Affine`), `mirrored`; `looked_for` and `found`,
    `tiles` and `tiles_agree`, `log_ratio` and its `parts` as `model.derivation.Derivation` says. `altered_region`:
    what was replaced; None when it could not be told. `expected_false_matches`: chance hits expected for one
    query at this distance or less against a bank of this size and this quality; `p_false_match` is 1-exp(-that).
    Both None for exact and shared scenes. `suppressed_by`: entry of a negative bank that is at least as close. `time`:
    second of the item, a video, in which the picture was matched; `source_time`: of the entry, a video. Of `clip`:
    `segments` in the order of the item's time, `share` of its seconds that they cover, and `source_share` of the
    entry's, 0 to 1; `distance` is the median over frames.
    """

    bank: str
    entry: str
    kind: MatchKind
    algorithm: str
    distance: int | None
    query: str = ""
    known: str = ""
    frame: int = 0
    view: View | None = None
    dihedral: str | None = None
    classification: str = ""
    negative: bool = False
    expected_false_matches: float | None = None
    p_false_match: float | None = None
    suppressed_by: str | None = None
    inliers: int | None = None
    affine: Affine | None = None
    mirrored: bool = False
    looked_for: int | None = None
    found: int | None = None
    tiles: int | None = None
    tiles_agree: int | None = None
    log_ratio: float | None = None
    parts: tuple[EvidencePart, ...] = ()
    altered_region: AlteredRegion | None = None
    time: float | None = None
    source_time: float | None = None
    segments: tuple[Segment, ...] = ()
    share: float | None = None
    source_share: float | None = None

    @property
    def counts(self) -> bool:
        """Whether it speaks of a known item: not of a benign one, and no benign one explains it."""
        return not self.negative and self.suppressed_by is None


def moments(match: Match, percent: Callable[[float], str]) -> Iterator[str]:
    """Where in time a match lies: its longest stretch and how much there is in all, or the second of a frame.

    `percent`: how a share is written.
    """
    if match.segments:
        yield placed(longest(match.segments))
        if more := len(match.segments) - 1:
            yield f"{more:,} more stretch{'' if more == 1 else 'es'}"
        if match.share is not None:
            yield f"{percent(match.share)} of the video"
        return
    if match.source_time is not None:
        yield f"second {clock(match.source_time)} of it"
    if match.time is not None:
        yield f"at {clock(match.time)}"
