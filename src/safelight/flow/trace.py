"""What hashes leave open, traced by tiles and keypoints in the banks that keep them: `Tracer`."""

import hashlib
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial, wraps
from types import TracebackType
from typing import ParamSpec, Self, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from safelight.fingerprint.tiles import picture_tiles
from safelight.flow.looking import WorkingLook
from safelight.match.local.derive import MIRROR, Derived, derive, fine_tiles, in_frame
from safelight.match.local.frames import enlarging, from_source, full_frame
from safelight.match.local.quantise import Quantiser
from safelight.match.local.sketch import lists_of
from safelight.match.local.trace import OF_PICTURE, Effort, Traced, trace
from safelight.match.region import coarse
from safelight.match.tiles import TileAgreement, differing_cells, tile_candidates
from safelight.model.bank import Bank, BankEntry
from safelight.model.clip import video_seconds
from safelight.model.derivation import Affine, Derivation, Verdict
from safelight.model.errors import TraceError
from safelight.model.fingerprint import Fingerprint
from safelight.model.local import (
    COARSE_TILES,
    OF_QUERY,
    InvertedLists,
    LocalExamination,
    LocalRequest,
    Sketch,
    WorkingPicture,
)
from safelight.model.match import Match, MatchKind
from safelight.model.region import AlteredRegion, RegionMap
from safelight.model.scan import Depth
from safelight.model.tiles import TileHashes
from safelight.ports import BankStore, ClipIndex, FeatureIndex, FeatureRoom, Masks, Shortlist

TILE_CANDIDATES = 12
"""Pictures of a segment that are compared tile by tile."""
REGIONS = 8
"""Matches of a picture whose altered region is told, the best ones: a picture may lie in a crowd of near-identical
entries, and each region costs as much as the picture is large."""

KINDS = {Verdict.DERIVATIVE: MatchKind.DERIVATIVE, Verdict.SHARED_SCENE: MatchKind.SHARED_SCENE}
SHORTLISTED = 50
"""Entries of each bank that a plugged-in shortlist is asked for."""


P = ParamSpec("P")
R = TypeVar("R")
Index = TypeVar("Index", bound=FeatureIndex | ClipIndex)


def told_of_the_picture(work: Callable[P, R]) -> Callable[P, R]:
    """What fails for a picture's own sake is a TraceError, that one file's result. Broken storage is not."""

    @wraps(work)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return work(*args, **kwargs)
        except (ValueError, LookupError, ArithmeticError, AssertionError, MemoryError, cv2.error) as error:
            raise TraceError(f"it could not be traced ({type(error).__name__})") from error

    return guarded


@dataclass(frozen=True, slots=True)
class Searched:
    """Derivations of a picture whose size is `full`: the bank, the entry's id, its frame and what is known."""

    full: tuple[int, int]
    found: tuple[tuple[Bank, int, int, Derived], ...]


class Tracer:
    """The banks of a look-up that keep local features; a context manager. Banks without any are left out."""

    def __init__(
        self,
        store: BankStore,
        room: FeatureRoom,
        banks: Sequence[Bank],
        quantiser: Callable[[], Quantiser],
        depth: Depth,
        masks: Masks | None = None,
        shortlist: Shortlist | None = None,
    ) -> None:
        self._store = store
        self._quantiser = quantiser
        self.depth = depth
        self._masks = masks
        self._shortlist = shortlist
        self._indexes: dict[str, tuple[Bank, FeatureIndex]] = opened(room.open, [bank for bank in banks if bank.local])

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for _bank, index in self._indexes.values():
            index.close()

    @property
    def request(self) -> LocalRequest | None:
        """How closely pictures are looked at, None when no bank could make use of it."""
        if not self._indexes:
            return None
        return OF_QUERY if self.depth is Depth.FULL else replace(OF_QUERY, keypoints=0)

    @property
    def shortlist(self) -> str:
        """Name of the plugged-in shortlist, empty for none."""
        return self._shortlist.name if self._shortlist else ""

    def sizes(self) -> dict[str, int]:
        """Sketches of each bank that has any."""
        return {name: len(index) for name, (_bank, index) in self._indexes.items()}

    @told_of_the_picture
    def by_tiles(self, seen: LocalExamination, item: str) -> list[Match]:
        """The banks' pictures in whose frame this one stands, perhaps mirrored, by the tiles that are left of them.

        `item`: what masks are named after, the SHA-256 of the file.
        """
        regions: dict[tuple[str, str], Callable[[], RegionMap]] = {}
        found: list[Match] = []
        for variant, working in _as_shown(seen.working):
            tiles = picture_tiles(working.grey)
            coarse_tiles = TileHashes(tiles.codes[:COARSE_TILES], tiles.quality[:COARSE_TILES])
            for bank, index in self._indexes.values():
                for segment, lists in enumerate(index.segments()):
                    for picture in _most_alike(coarse_tiles, lists):
                        owner = index.owner(segment, picture)
                        sketch = index.sketch(segment, picture)
                        match, region = self._in_frame(bank, owner, sketch, variant, seen, len(index))
                        if match is not None:
                            found.append(match)
                            regions.setdefault((match.bank, match.entry), region)
        best = _best(found)
        # Of a video's frame nothing is told: those that it keeps tiles of show other moments.
        return [
            self._with(match, regions[match.bank, match.entry], item)
            if number < REGIONS and match.source_time is None
            else match
            for number, match in enumerate(best)
        ]

    @told_of_the_picture
    def search(self, seen: LocalExamination, effort: Effort = OF_PICTURE) -> Searched:
        """What keypoints say of a picture, as yet without names. Reads nothing that changes: for any thread."""
        look = WorkingLook(seen.working)
        full = (seen.working.width, seen.working.height)
        found = []
        for bank, index in self._indexes.values():
            traced = [
                (*index.owner(one.candidate.segment, one.candidate.picture), one)
                for one in trace(seen.features, index.segments(), index.sketch, look, self._quantiser(), effort)
            ]
            known = {entry for entry, _frame, _one in traced}
            for entry, frame, one in traced + self._shortlisted(bank, index, seen, look, known):
                about = derive(one, look, full, len(index))
                if about.derivation.verdict in KINDS:
                    found.append((bank, entry, frame, about))
        return Searched(full, tuple(found))

    def _shortlisted(
        self, bank: Bank, index: FeatureIndex, seen: LocalExamination, look: WorkingLook, known: Collection[int]
    ) -> list[tuple[int, int, Traced]]:
        """What a plugged-in shortlist brings besides what is `known`, aligned and looked at as anything else is."""
        if self._shortlist is None:
            return []
        nearest = self._shortlist.nearest(bank.id, seen.working, SHORTLISTED)
        named = [(entry, sketch) for entry in nearest if entry not in known for sketch in index.of_entry(entry)]
        sketches = [sketch for _entry, sketch in named]
        traced = trace(seen.features, [lists_of(sketches)], lambda _segment, n: sketches[n], look, self._quantiser())
        return [(named[one.candidate.picture][0], 0, one) for one in traced]

    @told_of_the_picture
    def told(self, searched: Searched, item: str) -> list[Match]:
        """The banks' pictures that a picture came from, and those of the same scene. `item`: as for `by_tiles`."""
        entries = self._store.by_entry_ids([entry for _bank, entry, _frame, _about in searched.found])
        matches = []
        for bank, entry, frame, about in searched.found:
            if entry in entries:
                match = _match(bank, entries[entry], "local", about.derivation, frame)
                if match.kind is MatchKind.DERIVATIVE:
                    match = self._with(match, partial(by_keypoints, about, searched.full), item)
                matches.append(match)
        return _best(matches)

    def by_keypoints(self, seen: LocalExamination, item: str) -> list[Match]:
        """`search` and `told` in one."""
        return self.told(self.search(seen), item)

    def _in_frame(
        self, bank: Bank, owner: tuple[int, int], sketch: Sketch, variant: str, seen: LocalExamination, size: int
    ) -> tuple[Match | None, Callable[[], RegionMap]]:
        """The match of a picture that stands in this sketch's frame, if it does, and how to get its region."""
        full, source = (seen.working.width, seen.working.height), (sketch.width, sketch.height)
        affine = full_frame(variant, (0, 0, *full), source)
        agreement = _tiles(sketch, affine, seen)
        known = in_frame(agreement, variant, full, source, size)
        entry, number = owner
        held = self._store.by_entry_ids([entry]).get(entry)
        found = known.verdict is Verdict.DERIVATIVE and held is not None
        match = _match(bank, held, "tiles", known, number) if found and held is not None else None
        return match, partial(coarse_map, full, affine, sketch, agreement)

    @told_of_the_picture
    def with_region(self, match: Match, fingerprint: Fingerprint, seen: LocalExamination) -> Match:
        """A near match, with what of the picture was replaced as far as tiles can tell.

        Of a video's frame nothing is told: the frames that it keeps tiles of show other moments.
        """
        held = self._indexes.get(match.bank) if match.source_time is None else None
        if match.kind is not MatchKind.NEAR or held is None or match.frame or match.dihedral is None:
            return match
        bank, index = held
        full = (seen.working.width, seen.working.height)
        own = (p.box for p in fingerprint.prints if p.frame == match.frame and p.view is match.view)
        box = next((box for box in own if box is not None), (0, 0, *full))
        for sketch in index.of_entry(self._store.entry(bank, match.entry).id):
            affine = full_frame(match.dihedral, box, (sketch.width, sketch.height))
            agreement = _tiles(sketch, affine, seen)
            judged = int(agreement.judged.sum())
            placed = replace(match, affine=affine, tiles=judged, tiles_agree=agreement.loose)
            region = partial(coarse_map, full, affine, sketch, agreement)
            return self._with(placed, region, fingerprint.digests.sha256)
        return match

    def _with(self, match: Match, region: Callable[[], RegionMap], item: str) -> Match:
        """The match with its altered region; without one where the map stretches too far for one to be told."""
        with suppress(ValueError):
            return replace(match, altered_region=self._told(region(), item, match))
        return match

    def _told(self, region: RegionMap, item: str, match: Match) -> AlteredRegion:
        told = altered(region)
        if self._masks is None or told.bbox is None:
            return told
        of = hashlib.sha256(f"{match.bank}/{match.entry}".encode("utf-8", "surrogatepass")).hexdigest()
        return replace(told, mask=self._masks.put(f"{item}-{of[:16]}", region.replaced))


def by_keypoints(about: Derived, full: tuple[int, int]) -> RegionMap:
    """Where the source's keypoints do not answer any more."""
    known, sketch = about.derivation, about.sketch
    assert known.affine is not None
    source = (sketch.width, sketch.height)
    grown = enlarging((sketch.work_width, sketch.work_height), source)[:2]
    places = about.places @ grown[:, :2].T + grown[:, 2]
    return coarse.keypoint_region(full, np.reshape(known.affine, (2, 3)), places, about.agree, source)


def _most_alike(tiles: TileHashes, lists: InvertedLists) -> list[int]:
    """The live pictures whose 3x3 tiles are candidates, at most TILE_CANDIDATES: those whose tiles are nearest."""
    rows = tile_candidates(tiles, lists.tiles, lists.tile_quality)
    rows = rows[lists.live[rows]]
    if len(rows) > TILE_CANDIDATES:
        apart = np.bitwise_count(lists.tiles[rows] ^ tiles.codes).sum(axis=(1, 2), dtype=np.int64)
        rows = rows[np.argsort(apart, kind="stable")[:TILE_CANDIDATES]]
    return [int(row) for row in rows]


def _match(bank: Bank, entry: BankEntry, algorithm: str, known: Derivation, frame: int) -> Match:
    return Match(
        bank=bank.name,
        entry=entry.name,
        kind=KINDS[known.verdict],
        algorithm=algorithm,
        distance=None,
        classification=entry.classification,
        negative=bank.negative,
        p_false_match=known.p_false_match if known.verdict is Verdict.DERIVATIVE else None,
        inliers=known.inliers,
        affine=known.affine,
        mirrored=known.mirrored,
        looked_for=known.looked_for,
        found=known.found,
        tiles=known.tiles,
        tiles_agree=known.tiles_agree,
        log_ratio=known.log_ratio,
        parts=known.parts,
        source_time=video_seconds(frame),
    )


def _best(matches: Sequence[Match]) -> list[Match]:
    """One match for each entry: a derivative before a shared scene, then the higher ratio."""
    ordered = sorted(matches, key=lambda m: (m.kind is MatchKind.SHARED_SCENE, -(m.log_ratio or 0.0), m.bank, m.entry))
    best: dict[tuple[str, str], Match] = {}
    for match in ordered:
        best.setdefault((match.bank, match.entry), match)
    return list(best.values())


def _as_shown(working: WorkingPicture) -> tuple[tuple[str, WorkingPicture], tuple[str, WorkingPicture]]:
    """The picture as it stands, and its mirror image, each with the name of its dihedral variant."""
    turned = np.ascontiguousarray(working.grey[:, ::-1])
    return ("original", working), (MIRROR, replace(working, grey=turned))


def altered(region: RegionMap) -> AlteredRegion:
    """A region as it is told in results."""
    compared = region.replaced if region.box else ~region.outside
    confidence = float(region.confidence[compared].mean()) / 255 if compared.any() else 0.0
    return AlteredRegion(
        area=round(region.replaced_share, 4),
        bbox=region.box,
        basis=region.basis,
        overlay=round(region.overlay_share, 4),
        outside=round(region.outside_share, 4),
        confidence=round(confidence, 4),
    )


def coarse_map(full: tuple[int, int], affine: Affine, sketch: Sketch, agreement: TileAgreement) -> RegionMap:
    """The cells of the source's 4x4 grid that are not in the picture any more."""
    agreeing, known = differing_cells(agreement)
    return coarse.coarse_region(full, np.reshape(affine, (2, 3)), agreeing, known, (sketch.width, sketch.height))


def _tiles(sketch: Sketch, affine: Affine, seen: LocalExamination) -> TileAgreement:
    """The sketch's 4x4 tiles against those of a picture of which the affine to the source is known."""
    look = WorkingLook(seen.working)
    source = (sketch.work_width, sketch.work_height)
    enlarged = enlarging(source, (sketch.width, sketch.height))
    reduced = np.linalg.inv(enlarging(look.size, (seen.working.width, seen.working.height)))
    to_query: NDArray[np.float64] = (reduced @ np.vstack((from_source(affine), [0.0, 0.0, 1.0])) @ enlarged)[:2]
    return fine_tiles(sketch, look.tiles(to_query, *source), to_query, look.size)


def opened(open_: Callable[[Bank], Index], banks: Iterable[Bank]) -> dict[str, tuple[Bank, Index]]:
    """The indexes of the banks that have anything, by the bank's name; the others are closed again."""
    indexes = {}
    for bank in banks:
        index = open_(bank)
        if len(index):
            indexes[bank.name] = bank, index
        else:
            index.close()
    return indexes
