"""What hashes leave open, traced by tiles and keypoints in the banks that keep them: `Tracer`."""

import hashlib
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from safelight.fingerprint.tiles import picture_tiles
from safelight.flow.looking import WorkingLook
from safelight.match.local.derive import MIRROR, Derived, derive, fine_tiles, in_frame
from safelight.match.local.frames import enlarging, from_source, full_frame
from safelight.match.local.quantise import Quantiser
from safelight.match.local.sketch import lists_of
from safelight.match.local.trace import Traced, trace
from safelight.match.region import coarse
from safelight.match.tiles import TileAgreement, differing_cells, tile_candidates
from safelight.model.bank import Bank, BankEntry
from safelight.model.derivation import Affine, Derivation, Verdict
from safelight.model.fingerprint import Fingerprint
from safelight.model.local import COARSE_TILES, OF_QUERY, LocalRequest, Sketch, WorkingPicture
from safelight.model.match import Match, MatchKind
from safelight.model.region import AlteredRegion, RegionMap
from safelight.model.scan import Depth, LocalExamination
from safelight.model.tiles import TileHashes
from safelight.ports import BankStore, FeatureIndex, FeatureRoom, Masks, Shortlist

KINDS = {Verdict.DERIVATIVE: MatchKind.DERIVATIVE, Verdict.SHARED_SCENE: MatchKind.SHARED_SCENE}
SHORTLISTED = 50
"""Entries of each bank that a plugged-in shortlist is asked for."""


@dataclass(frozen=True, slots=True)
class Searched:
    """Derivations of a picture whose size is `full`: the bank, the entry's id and what is known."""

    full: tuple[int, int]
    found: tuple[tuple[Bank, int, Derived], ...]


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
        opened = ((bank, room.open(bank)) for bank in banks if bank.local)
        self._indexes: dict[str, tuple[Bank, FeatureIndex]] = {
            bank.name: (bank, index) for bank, index in opened if _kept(index)
        }

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

    def sizes(self) -> dict[str, int]:
        """Sketches of each bank that has any."""
        return {name: len(index) for name, (_bank, index) in self._indexes.items()}

    def by_tiles(self, seen: LocalExamination, item: str) -> list[Match]:
        """The banks' pictures in whose frame this one stands, perhaps mirrored, by the tiles that are left of them.

        `item`: what masks are named after, the SHA-256 of the file.
        """
        found: list[Match] = []
        full = (seen.working.width, seen.working.height)
        for variant, working in _as_shown(seen.working):
            tiles = picture_tiles(working.grey)
            coarse_tiles = TileHashes(tiles.codes[:COARSE_TILES], tiles.quality[:COARSE_TILES])
            for bank, index in self._indexes.values():
                for segment, lists in enumerate(index.segments()):
                    for picture in tile_candidates(coarse_tiles, lists.tiles, lists.tile_quality).tolist():
                        if lists.live[picture]:
                            sketch = index.sketch(segment, picture)
                            entry, _frame = index.owner(segment, picture)
                            found += self._in_frame(bank, entry, sketch, variant, seen, full, item, len(index))
        return _best(found)

    def search(self, seen: LocalExamination) -> Searched:
        """What keypoints say of a picture, as yet without names. Reads nothing that changes: for any thread."""
        look = WorkingLook(seen.working)
        full = (seen.working.width, seen.working.height)
        found = []
        for bank, index in self._indexes.values():
            traced = [
                (index.owner(one.candidate.segment, one.candidate.picture)[0], one)
                for one in trace(seen.features, index.segments(), index.sketch, look, self._quantiser())
            ]
            for entry, one in traced + self._shortlisted(bank, index, seen, look, {entry for entry, _one in traced}):
                about = derive(one, look, full, len(index))
                if about.derivation.verdict in KINDS:
                    found.append((bank, entry, about))
        return Searched(full, tuple(found))

    def _shortlisted(
        self, bank: Bank, index: FeatureIndex, seen: LocalExamination, look: WorkingLook, known: Collection[int]
    ) -> list[tuple[int, Traced]]:
        """What a plugged-in shortlist brings besides what is `known`, aligned and looked at as anything else is."""
        if self._shortlist is None:
            return []
        nearest = self._shortlist.nearest(bank.id, seen.working, SHORTLISTED)
        named = [(entry, sketch) for entry in nearest if entry not in known for sketch in index.of_entry(entry)]
        sketches = [sketch for _entry, sketch in named]
        traced = trace(seen.features, [lists_of(sketches)], lambda _segment, n: sketches[n], look, self._quantiser())
        return [(named[one.candidate.picture][0], one) for one in traced]

    def told(self, searched: Searched, item: str) -> list[Match]:
        """The banks' pictures that a picture came from, and those of the same scene. `item`: as for `by_tiles`."""
        entries = self._store.by_entry_ids([entry for _bank, entry, _about in searched.found])
        matches = []
        for bank, entry, about in searched.found:
            if entry in entries:
                match = _match(bank, entries[entry], "local", about.derivation)
                matches.append(self._with_keypoints(match, about, searched.full, item))
        return _best(matches)

    def by_keypoints(self, seen: LocalExamination, item: str) -> list[Match]:
        """`search` and `told` in one."""
        return self.told(self.search(seen), item)

    def _in_frame(
        self,
        bank: Bank,
        entry: int,
        sketch: Sketch,
        variant: str,
        seen: LocalExamination,
        full: tuple[int, int],
        item: str,
        size: int,
    ) -> Iterator[Match]:
        source = (sketch.width, sketch.height)
        agreement = _tiles(sketch, full_frame(variant, (0, 0, *full), source), seen)
        known = in_frame(agreement, variant, full, source, size)
        held = self._store.by_entry_ids([entry]).get(entry)
        if known.verdict is Verdict.DERIVATIVE and known.affine is not None and held is not None:
            match = _match(bank, held, "tiles", known)
            region = coarse_map(full, known.affine, sketch, agreement)
            yield replace(match, altered_region=self._told(region, item, match))

    def with_region(self, match: Match, fingerprint: Fingerprint, seen: LocalExamination) -> Match:
        """A near match, with what of the picture was replaced as far as tiles can tell."""
        held = self._indexes.get(match.bank)
        if match.kind is not MatchKind.NEAR or held is None or match.frame or match.dihedral is None:
            return match
        bank, index = held
        full = (seen.working.width, seen.working.height)
        own = (p.box for p in fingerprint.prints if p.frame == match.frame and p.view is match.view)
        box = next((box for box in own if box is not None), (0, 0, *full))
        for sketch in index.of_entry(self._store.entry(bank, match.entry).id):
            affine = full_frame(match.dihedral, box, (sketch.width, sketch.height))
            agreement = _tiles(sketch, affine, seen)
            region = self._told(coarse_map(full, affine, sketch, agreement), fingerprint.digests.sha256, match)
            judged = int(agreement.judged.sum())
            return replace(match, affine=affine, tiles=judged, tiles_agree=agreement.loose, altered_region=region)
        return match

    def _with_keypoints(self, match: Match, about: Derived, full: tuple[int, int], item: str) -> Match:
        known, sketch = about.derivation, about.sketch
        if known.verdict is not Verdict.DERIVATIVE or known.affine is None:
            return match
        source = (sketch.width, sketch.height)
        grown = enlarging((sketch.work_width, sketch.work_height), source)[:2]
        places = about.places @ grown[:, :2].T + grown[:, 2]
        region = coarse.keypoint_region(full, np.reshape(known.affine, (2, 3)), places, about.agree, source)
        return replace(match, altered_region=self._told(region, item, match))

    def _told(self, region: RegionMap, item: str, match: Match) -> AlteredRegion:
        told = altered(region)
        if self._masks is None or told.bbox is None:
            return told
        of = hashlib.sha256(f"{match.bank}/{match.entry}".encode("utf-8", "surrogatepass")).hexdigest()
        return replace(told, mask=self._masks.put(f"{item}-{of[:16]}", region.replaced))


def _match(bank: Bank, entry: BankEntry, algorithm: str, known: Derivation) -> Match:
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


def _kept(index: FeatureIndex) -> bool:
    if len(index):
        return True
    index.close()
    return False
