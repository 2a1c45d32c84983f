"""Tier by tier: each is asked for what those before it leave open, and regions come with the match."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from safelight.adapter.store import open_store
from safelight.fingerprint.prints import fingerprints
from safelight.flow.bank_media import known_hashes
from safelight.flow.lookup import Lookup
from safelight.flow.matching import Matcher
from safelight.flow.trace import Tracer
from safelight.match.local.sketch import make_sketch
from safelight.model.bank import Bank, BankEntry
from safelight.model.fingerprint import Digests
from safelight.model.local import OF_KNOWN, OF_QUERY
from safelight.model.match import Match, MatchKind
from safelight.model.media import DecodedImage, Frame, MediaFacts
from safelight.model.region import RegionBasis
from safelight.model.scan import Depth, Examination, Status
from tests.contract.memory_features import MemoryFeatureRoom
from tests.fakes import BruteRoom, FakeClock, KeptMasks, without_keypoints
from tests.match.local.pictures import Rgb, drawn, patched, quantiser, seen, warped


def examination(pixels: Rgb, name: str) -> Examination:
    height, width = pixels.shape[:2]
    digests = Digests(f"{len(name):032x}", f"{len(name):040x}", name.encode().hex().zfill(64)[-64:], pixels.size)
    fingerprint = fingerprints(digests, DecodedImage(MediaFacts("image/png", width, height), (Frame(0, pixels),)))
    return Examination(
        name, Status.OK, "image/png", MediaFacts("image/png", width, height), fingerprint, local=seen(pixels, OF_QUERY)
    )


Ask = Callable[[Rgb, str], tuple[Match, ...]]


@contextmanager
def matching(tmp_path: Path, known: dict[str, list[Rgb]], depth: Depth, masks: KeptMasks) -> Iterator[Matcher]:
    store = open_store(tmp_path, FakeClock())
    room, features = BruteRoom(), MemoryFeatureRoom()
    for bank_name, pictures in known.items():
        bank = store.create(Bank(0, bank_name, negative=bank_name == "benign"))
        for number, pixels in enumerate(pictures):
            name = f"picture {number}"
            found = examination(pixels, f"{bank_name} {number} known")
            assert found.fingerprint is not None
            store.add(bank, [BankEntry(name, known_hashes(found.fingerprint))])
            index = features.open(bank, write=True)
            index.add([(store.entry_ids(bank, [name])[name], 0, make_sketch(seen(pixels, OF_KNOWN), quantiser()))])
            index.close()
    with (
        Lookup(store, room, list(known)) as lookup,
        Tracer(store, features, lookup.banks, quantiser, depth, masks) as tracer,
        Matcher(lookup, tracer) as matcher,
    ):
        yield matcher


def ask(matcher: Matcher, pixels: Rgb, name: str = "suspect") -> tuple[Match, ...]:
    """As a scan asks: first without keypoints, then with them where they are wanted."""
    whole = examination(pixels, name)
    assert whole.local is not None
    bare = replace(whole, local=without_keypoints(whole.local))
    final = whole if matcher.request and matcher.request.keypoints and matcher.wanted(1, bare) else bare
    return matcher.matches([(1, matcher.start(1, final))])[0]


@pytest.fixture
def masks() -> KeptMasks:
    return KeptMasks()


CROP = np.array([[1, 0, -70], [0, 1, -60]], float)


def test_a_crop_is_traced_by_keypoints_with_its_replaced_part(tmp_path: Path, masks: KeptMasks) -> None:
    with matching(tmp_path, {"known": [drawn(n) for n in range(4)]}, Depth.FULL, masks) as matcher:
        pixels = warped(patched(drawn(1), drawn(21), (260, 180, 440, 360)), CROP, 500, 380)
        (match,) = ask(matcher, pixels)
        assert (match.kind, match.algorithm, match.entry) == (MatchKind.DERIVATIVE, "local", "picture 1")
        assert match.distance is None
        assert match.inliers is not None
        assert match.inliers > 20
        assert match.affine == pytest.approx((1, 0, 70, 0, 1, 60), abs=1.5)
        region = match.altered_region
        assert region is not None
        assert region.basis is RegionBasis.KEYPOINTS
        assert region.mask is not None
        mask = masks.kept[Path(region.mask).stem]
        assert mask.shape == (380, 500)
        assert mask[120:300, 190:370].mean() > 0.5
        assert mask[:60].mean() < 0.1
        assert matcher.pictures == {"hashes": 1, "keypoints": 1}


def test_by_hashes_alone_a_crop_is_not_found(tmp_path: Path, masks: KeptMasks) -> None:
    with matching(tmp_path, {"known": [drawn(1)]}, Depth.HASHES, masks) as matcher:
        assert ask(matcher, warped(drawn(1), CROP, 500, 380)) == ()
        assert matcher.pictures["keypoints"] == 0


@pytest.mark.parametrize("mirrored", [False, True])
def test_a_pasted_picture_in_its_frame_is_found_by_tiles(tmp_path: Path, masks: KeptMasks, mirrored: bool) -> None:
    with matching(tmp_path, {"known": [drawn(n) for n in range(4)]}, Depth.HASHES, masks) as matcher:
        pixels = patched(drawn(2), drawn(22), (220, 120, 520, 420))
        (match,) = ask(matcher, np.ascontiguousarray(pixels[:, ::-1]) if mirrored else pixels)
        assert (match.kind, match.algorithm, match.entry) == (MatchKind.DERIVATIVE, "tiles", "picture 2")
        assert match.mirrored == mirrored
        assert match.tiles_agree is not None
        assert match.tiles_agree >= 2
        assert match.altered_region is not None
        assert match.altered_region.basis is RegionBasis.TILES
        assert 0.1 < match.altered_region.area < 0.6


def test_what_hashes_find_is_not_traced_but_gets_its_region(tmp_path: Path, masks: KeptMasks) -> None:
    with matching(tmp_path, {"known": [drawn(3)]}, Depth.FULL, masks) as matcher:
        (match,) = ask(matcher, np.ascontiguousarray(drawn(3)[:, ::-1]))
        assert match.kind is MatchKind.NEAR
        assert match.altered_region is not None
        assert match.altered_region.area == 0
        assert match.affine == pytest.approx((-1, 0, 639, 0, 1, 0))
        assert matcher.pictures["keypoints"] == 0


def test_a_near_match_that_was_stretched_beyond_all_measure_stays_a_match(tmp_path: Path, masks: KeptMasks) -> None:
    low = cv2.resize(drawn(1), (640, 40), interpolation=cv2.INTER_AREA)
    long = np.asarray(cv2.resize(low, (30_000, 40), interpolation=cv2.INTER_LINEAR), dtype=np.uint8)
    with matching(tmp_path, {"known": [drawn(1)]}, Depth.FULL, masks) as matcher:
        found = ask(matcher, long)
        assert [m.kind for m in found if m.kind is MatchKind.NEAR] == [MatchKind.NEAR]
        assert matcher.untraced == {}


def test_what_cannot_be_traced_keeps_its_matches_by_hash_and_says_so(
    tmp_path: Path, masks: KeptMasks, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: object) -> list[object]:
        raise MemoryError

    with matching(tmp_path, {"known": [drawn(n) for n in range(3)]}, Depth.FULL, masks) as matcher:
        monkeypatch.setattr("safelight.flow.trace.trace", fail)
        assert ask(matcher, warped(drawn(1), CROP, 500, 380)) == ()
        assert matcher.untraced == {(1, "suspect"): "it could not be traced (MemoryError)"}
        assert [m.kind for m in ask(matcher, drawn(2), "near")] == [MatchKind.NEAR]


def test_a_known_benign_picture_leaves_what_is_pasted_into_it_open(tmp_path: Path, masks: KeptMasks) -> None:
    small = np.ascontiguousarray(drawn(4)[::2, ::2])
    pixels = drawn(5).copy()
    pixels[10 : 10 + small.shape[0], 10 : 10 + small.shape[1]] = small
    with matching(tmp_path, {"known": [drawn(4)], "benign": [pixels]}, Depth.FULL, masks) as matcher:
        found = ask(matcher, pixels)
        assert {(m.bank, m.kind) for m in found} >= {("known", MatchKind.DERIVATIVE), ("benign", MatchKind.NEAR)}


def test_other_pictures_are_not_matched(tmp_path: Path, masks: KeptMasks) -> None:
    with matching(tmp_path, {"known": [drawn(n) for n in range(4)]}, Depth.FULL, masks) as matcher:
        assert [m for m in ask(matcher, drawn(40)) if m.kind is not MatchKind.SHARED_SCENE] == []
        assert masks.kept == {}


def test_without_local_features_nothing_more_is_asked_for(tmp_path: Path) -> None:
    store = open_store(tmp_path, FakeClock())
    bank = store.create(Bank(0, "plain"))
    with Tracer(store, MemoryFeatureRoom(), [bank], quantiser, Depth.FULL) as tracer:
        assert tracer.request is None
