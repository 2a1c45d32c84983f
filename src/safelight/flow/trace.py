"""What hashes leave open, traced by tiles and keypoints in the banks that keep them. Read `Tracer.matches`."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from safelight.flow.looking import WorkingLook
from safelight.match.local.derive import Derived, derive, fine_tiles
from safelight.match.local.frames import enlarging, from_source, full_frame
from safelight.match.local.quantise import Quantiser
from safelight.match.local.trace import trace
from safelight.match.region import coarse
from safelight.match.tiles import TileAgreement, differing_cells
from safelight.model.bank import Bank, BankEntry
from safelight.model.derivation import Affine, Verdict
from safelight.model.fingerprint import Fingerprint
from safelight.model.local import OF_QUERY, LocalRequest, Sketch
from safelight.model.match import Match, MatchKind
from safelight.model.region import AlteredRegion, Box, RegionMap
from safelight.model.scan import Depth, LocalExamination
from safelight.ports import BankStore, FeatureIndex, FeatureRoom, Masks

KINDS = {Verdict.DERIVATIVE: MatchKind.DERIVATIVE, Verdict.SHARED_SCENE: MatchKind.SHARED_SCENE}


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
    ) -> None:
        self._store = store
        self._quantiser = quantiser
        self.depth = depth
        self._masks = masks
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

    def matches(self, seen: LocalExamination, item: str) -> list[Match]:
        """The banks' pictures that this one came from, and those of the same scene.

        `item`: what masks are named after, the SHA-256 of the file.
        """
        found: list[Match] = []
        look = WorkingLook(seen.working)
        full = (seen.working.width, seen.working.height)
        for bank, index in self._indexes.values():
            traced = trace(seen.features, index.segments(), index.sketch, look, self._quantiser())
            derived = [(one, derive(one, look, full, len(index))) for one in traced]
            owners = [index.owner(one.candidate.segment, one.candidate.picture) for one in traced]
            entries = self._store.by_entry_ids([entry for entry, _frame in owners])
            for (_one, about), (entry, _frame) in zip(derived, owners, strict=True):
                if about.derivation.verdict in KINDS and entry in entries:
                    found.append(self._match(bank, entries[entry], about, full, item))
        return found

    def with_region(self, match: Match, fingerprint: Fingerprint, seen: LocalExamination) -> Match:
        """A near match, with what of the picture was replaced as far as tiles can tell."""
        held = self._indexes.get(match.bank)
        if match.kind is not MatchKind.NEAR or held is None or match.frame or match.dihedral is None:
            return match
        bank, index = held
        full = (seen.working.width, seen.working.height)
        box = next(
            (p.box for p in fingerprint.prints if p.frame == match.frame and p.view is match.view and p.box is not None),
            (0, 0, *full),
        )
        for sketch in index.of_entry(self._store.entry(bank, match.entry).id):
            affine = full_frame(match.dihedral, box, (sketch.width, sketch.height))
            agreement = _tiles(sketch, affine, seen)
            region = self._told(coarse_map(full, affine, sketch, agreement), fingerprint.digests.sha256, match)
            judged = int(agreement.judged.sum())
            return replace(match, affine=affine, tiles=judged, tiles_agree=agreement.loose, altered_region=region)
        return match

    def _match(self, bank: Bank, entry: BankEntry, about: Derived, full: tuple[int, int], item: str) -> Match:
        known = about.derivation
        match = Match(
            bank=bank.name,
            entry=entry.name,
            kind=KINDS[known.verdict],
            algorithm="local",
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
        if known.verdict is not Verdict.DERIVATIVE or known.affine is None:
            return match
        sketch = about.sketch
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
