"""Comparing two pictures: the values are right in the files' own pixels, and what goes wrong names file and cause."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from safelight.demo.draw import draw
from safelight.flow.compare import FEW_KEYPOINTS, compare, nearest
from safelight.flow.compare_methods import Methods, Placement
from safelight.model.comparison import Blur, ComparedPictures, Comparison
from safelight.model.derivation import Affine, Derivation, Verdict
from safelight.model.errors import InputError
from safelight.model.fingerprint import DIHEDRAL, Fingerprint, Pdq
from safelight.model.local import TILES, LocalExamination, LocalFeatures, WorkingPicture
from safelight.model.media import MediaFacts
from safelight.model.region import RegionBasis, RegionMap
from safelight.model.scan import Examination, Status
from safelight.model.signal import Signal
from safelight.model.tiles import TileHashes
from tests.fakes import FakeClock, FakeExaminer
from tests.rows import digests_of, examination_of, fingerprint_of

FULL = 3
"""Pixels of a file for each of the picture that is handed over, along both axes."""
SHIFT = np.array([[1.0, 0.0, 30.0], [0.0, 1.0, 12.0]])
"""From the pixels of the suspect to those of the original, as handed over: the suspect is a crop."""


@cache
def original_pixels() -> NDArray[np.uint8]:
    return np.asarray(draw(1, 200, 150))


@cache
def suspect_pixels() -> NDArray[np.uint8]:
    """A crop of the original, 160 x 120, with a plain patch of another picture."""
    suspect = original_pixels()[12:132, 30:190].copy()
    suspect[40:80, 50:110] = np.asarray(draw(2, 200, 150))[40:80, 50:110]
    return suspect


def seen(
    path: Path, number: int, pixels: NDArray[np.uint8], *signals: Signal, keypoints: int = FEW_KEYPOINTS, **facts: Any
) -> Examination:
    height, width = pixels.shape[:2]
    none = np.zeros(keypoints, np.float32)
    local = LocalExamination(
        WorkingPicture(pixels[..., 1].copy(), width * FULL, height * FULL),
        LocalFeatures(width, height, none, none, none, none, np.zeros((keypoints, 128), np.uint8)),
        TileHashes(np.zeros((TILES, 32), np.uint8), np.zeros(TILES, np.uint8)),
    )
    return replace(
        examination_of(str(path), number, *signals),
        facts=MediaFacts("image/png", width * FULL, height * FULL, **facts),
        local=local,
        pixels=pixels,
    )


@pytest.fixture
def paths(tmp_path: Path) -> tuple[Path, Path]:
    found = tmp_path / "suspect.png", tmp_path / "original.png"
    for path in found:
        path.touch()
    return found


class Aligner:
    """Answers with the affine between the full files that `matrix` stands for, or with another verdict."""

    def __init__(
        self, matrix: NDArray[np.float64] | None = SHIFT, verdict: Verdict | None = Verdict.DERIVATIVE
    ) -> None:
        self.matrix, self.verdict = matrix, verdict
        self.asked: list[tuple[int, int]] = []

    def __call__(self, suspect: LocalExamination, original: LocalExamination) -> Derivation | None:
        self.asked.append((suspect.working.width, original.working.width))
        affine: Affine | None = None
        if self.verdict is None:
            return None
        if self.matrix is not None:
            middle = (FULL - 1) / 2  # of a block of pixels, from the centre of its first
            linear, shift = self.matrix[:, :2], self.matrix[:, 2]
            moved = FULL * shift + middle - linear @ [middle, middle]
            (a, b), (d, e) = linear.tolist()
            affine = (a, b, float(moved[0]), d, e, float(moved[1]))
        return Derivation(self.verdict, affine, inliers=40, log_ratio=12.0)


def find_region(suspect: NDArray[np.uint8], original: NDArray[np.uint8], matrix: NDArray[np.float64]) -> RegionMap:
    """Plain difference after warping: enough for what is the same to the bit."""
    height, width = suspect.shape[:2]
    flags = cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP
    there = cv2.warpAffine(np.full(original.shape[:2], 255, np.uint8), matrix, (width, height), flags=flags) > 0
    moved = cv2.warpAffine(original, matrix, (width, height), flags=flags)
    replaced = (np.abs(suspect.astype(int) - moved).max(axis=2) > 0) & there
    y, x = np.nonzero(replaced)
    box = (int(x.min()), int(y.min()), int(x.max()) + 1, int(y.max()) + 1) if len(x) else None
    nothing = np.zeros_like(replaced)
    return RegionMap(RegionBasis.PIXELS, replaced, nothing, ~there, np.full(replaced.shape, 204, np.uint8), box)


def never_placed(suspect: Examination, original: Examination) -> Placement:
    raise AssertionError(f"{suspect.path} and {original.path} are pictures")


def run(
    paths: Sequence[Path],
    examinations: Sequence[Examination],
    align: Aligner | None = None,
    blur: Blur = Blur.ALL,
    **options: Any,
) -> tuple[Comparison, ComparedPictures]:
    table = {str(path): (examination,) for path, examination in zip(paths, examinations, strict=True)}
    examiner = FakeExaminer({**table}, lambda jobs: jobs[::-1])
    one, other = map(str, paths)
    methods = Methods(align or Aligner(), find_region, never_placed)
    comparison, pictures = compare(one, other, examiner, methods, FakeClock(), blur, **options)
    assert isinstance(pictures, ComparedPictures)
    return comparison, pictures


def usual(paths: Sequence[Path]) -> list[Examination]:
    return [seen(paths[0], 1, suspect_pixels()), seen(paths[1], 2, original_pixels())]


def test_a_derivative_with_a_replaced_part(paths: tuple[Path, Path]) -> None:
    align = Aligner()
    comparison, pictures = run(paths, usual(paths), align)
    assert align.asked == [(480, 600)]
    assert pictures.matrix is not None
    np.testing.assert_allclose(pictures.matrix, SHIFT, atol=1e-9)
    assert comparison.derivation.verdict is Verdict.DERIVATIVE
    assert comparison.statement.startswith("The suspect picture derives from the original")
    assert comparison.region is not None
    assert comparison.shares is not None
    assert comparison.region.bbox == (150, 120, 330, 240)  # of the file, not of the picture handed over
    changed = (suspect_pixels() != original_pixels()[12:132, 30:190]).any(axis=2)
    assert comparison.shares.replaced == comparison.region.area == changed.mean()
    assert comparison.shares.unchanged == pytest.approx(1 - changed.mean())
    assert comparison.shares.of_original == pytest.approx((~changed).sum() / (200 * 150))
    assert comparison.region.confidence == pytest.approx(0.8)
    assert (comparison.region.mask, comparison.region.face) == ("mask.png", None)
    assert not comparison.same_bytes
    assert (comparison.made.microsecond, comparison.blur) == (0, Blur.ALL)
    assert (comparison.suspect.name, comparison.original.name) == ("suspect.png", "original.png")
    assert (comparison.suspect.width, comparison.original.height) == (480, 450)
    assert comparison.confinement == FakeExaminer.confinement


def test_the_other_way_round_the_rest_is_outside(paths: tuple[Path, Path]) -> None:
    """What was the original is the suspect now: the crop does not reach all of it, and the patch differs again."""
    back = Aligner(np.array([[1.0, 0.0, -30.0], [0.0, 1.0, -12.0]]))
    comparison, _ = run(paths, [seen(paths[0], 2, original_pixels()), seen(paths[1], 1, suspect_pixels())], back)
    shares = comparison.shares
    assert shares is not None
    assert shares.outside == pytest.approx(1 - 160 * 120 / (200 * 150))
    assert 0 < shares.replaced <= 40 * 60 / (200 * 150)
    assert shares.unchanged + shares.replaced + shares.overlay + shares.outside == pytest.approx(1)
    assert "does not reach the remaining 36.0 %" in comparison.statement


def test_nothing_replaced_is_said(paths: tuple[Path, Path]) -> None:
    crop = np.ascontiguousarray(original_pixels()[12:132, 30:190])
    comparison, _ = run(paths, [seen(paths[0], 1, crop), seen(paths[1], 2, original_pixels())])
    assert comparison.statement.endswith("100 % of it is unchanged, and no replaced part was found.")
    assert comparison.region is not None
    assert comparison.region.bbox is None
    assert comparison.region.confidence == pytest.approx(0.8)


def test_the_same_bytes_need_no_evidence(paths: tuple[Path, Path]) -> None:
    align = Aligner(verdict=Verdict.NOT_DERIVED)
    comparison, pictures = run(paths, [seen(path, 1, original_pixels()) for path in paths], align)
    assert align.asked == []
    assert comparison.same_bytes
    assert comparison.pdq_distance == 0
    assert comparison.shares is not None
    assert comparison.shares.unchanged == 1
    assert [comparison.region, pictures.region] == [None, None]
    assert "very same bytes" in comparison.statement


@pytest.mark.parametrize("verdict", [Verdict.SHARED_SCENE, Verdict.NOT_DERIVED, Verdict.UNDECIDED])
def test_only_a_derivative_is_laid_over(verdict: Verdict, paths: tuple[Path, Path]) -> None:
    comparison, pictures = run(paths, usual(paths), Aligner(verdict=verdict))
    assert [pictures.matrix, pictures.region, comparison.shares, comparison.region] == [None] * 4
    assert comparison.derivation.verdict is verdict
    assert comparison.cannot_conclude


def test_a_derivative_that_was_not_aligned_has_no_region(paths: tuple[Path, Path]) -> None:
    comparison, _ = run(paths, usual(paths), Aligner(None))
    assert comparison.region is None
    assert comparison.statement.startswith("The suspect picture derives from the original.")


def test_few_keypoints_leave_it_open(paths: tuple[Path, Path]) -> None:
    one, other = usual(paths)
    poor = seen(paths[1], 2, original_pixels(), keypoints=FEW_KEYPOINTS - 1)
    assert run(paths, [one, other], Aligner(verdict=None))[0].derivation.verdict is Verdict.NOT_DERIVED
    assert run(paths, [one, poor], Aligner(verdict=None))[0].derivation.verdict is Verdict.UNDECIDED
    traced, _ = run(paths, [one, poor], Aligner(verdict=Verdict.NOT_DERIVED))
    assert (traced.derivation.verdict, traced.derivation.inliers) == (Verdict.UNDECIDED, 40)
    assert run(paths, [one, poor])[0].derivation.verdict is Verdict.DERIVATIVE


def turned_print(fingerprint: Fingerprint, variant: int, flips: int) -> Fingerprint:
    """One whose form number `variant` differs from this one's hash by that many bits."""
    assert fingerprint.main is not None
    code = int(fingerprint.main.pdq.hash, 16) ^ ((1 << flips) - 1)
    forms = [f"{number:064x}" for number in range(8)]
    forms[variant] = f"{code:064x}"
    return replace(fingerprint, prints=(replace(fingerprint.main, pdq=Pdq(tuple(forms), 100)),))


@pytest.mark.parametrize("variant", [0, 5])
def test_pictures_without_keypoints_fall_back_on_their_hashes(variant: int, paths: tuple[Path, Path]) -> None:
    """The suspect is the whole original again, or its mirror image: the region is found by that alone."""
    picture = original_pixels() if variant == 0 else np.ascontiguousarray(original_pixels()[:, ::-1])
    one, other = seen(paths[0], 1, picture, keypoints=3), seen(paths[1], 2, original_pixels(), keypoints=3)
    assert other.fingerprint is not None
    for flips, verdict in ((31, Verdict.DERIVATIVE), (32, Verdict.UNDECIDED)):
        prints = turned_print(other.fingerprint, variant, flips)
        near = replace(one, fingerprint=replace(prints, digests=digests_of(1)))
        comparison, _ = run(paths, [near, other], Aligner(verdict=None))
        assert comparison.derivation.verdict is verdict
        assert comparison.pdq_distance == flips
        if verdict is Verdict.DERIVATIVE:
            assert comparison.derivation.mirrored == (variant == 5)
            assert comparison.shares is not None
            assert comparison.shares.unchanged == 1
            assert 0 < (comparison.derivation.p_false_match or 0) < 0.001


def test_oddities_of_the_files_are_noted(paths: tuple[Path, Path]) -> None:
    other = usual(paths)[1]
    odd = seen(paths[0], 1, suspect_pixels(), Signal("file_oddity", "trailing data"), frames=12)
    comparison, _ = run(paths, [replace(odd, status=Status.DEGRADED, error="cut short"), other], blur=Blur.NONE)
    assert comparison.suspect.notes == ("cut short", "trailing data", "one of its 12 frames was compared")
    assert comparison.original.notes == ()


@pytest.mark.parametrize("bad", [0, 1])
@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"status": Status.UNREADABLE, "error": "image/png: broken", "facts": None}, "image/png: broken"),
        ({"status": Status.OK, "mime": "application/zip", "facts": None}, "application/zip is not a picture or video"),
        ({"status": Status.SKIPPED, "error": "symbolic link", "fingerprint": None, "facts": None}, "symbolic link"),
        ({"mime": "", "local": None}, "this is not a picture"),
    ],
)
def test_what_cannot_be_compared_is_named_with_its_cause(
    bad: int, change: dict[str, Any], says: str, paths: tuple[Path, Path]
) -> None:
    examinations = usual(paths)
    examinations[bad] = replace(examinations[bad], **change)
    with pytest.raises(InputError) as raised:
        run(paths, examinations)
    assert str(raised.value).startswith(f"{paths[bad]}: {says}")


def test_a_missing_file_is_named(paths: tuple[Path, Path]) -> None:
    paths[1].unlink()
    with pytest.raises(InputError, match=r"original\.png: no such file"):
        run(paths, usual(paths))


@given(st.integers(0, 50), st.integers(0, 50))
def test_pdq_distance_is_the_least_of_the_eight(one: int, other: int) -> None:
    """Against counting bits one by one."""
    a, b = fingerprint_of(one), fingerprint_of(other)
    assert a.main is not None
    assert b.main is not None
    bits = [f"{int(form, 16):0256b}" for form in a.main.pdq.dihedral]
    known = f"{int(b.main.pdq.hash, 16):0256b}"
    slow = [sum(x != y for x, y in zip(form, known, strict=True)) for form in bits]
    found = nearest(a, b)
    assert found is not None
    assert found.distance == min(slow) == slow[DIHEDRAL.index(found.variant)]
    assert nearest(replace(a, prints=()), b) is None
    assert nearest(a, replace(b, prints=())) is None


@given(
    st.lists(st.floats(-3, 3), min_size=4, max_size=4).filter(lambda m: abs(m[0] * m[3] - m[1] * m[2]) > 0.05),
    st.floats(-50, 50),
    st.floats(-50, 50),
    st.tuples(st.integers(20, 60), st.integers(20, 60)),
)
def test_places_agree_between_full_files_and_what_is_handed_over(
    linear: list[float], x: float, y: float, at: tuple[int, int]
) -> None:
    """A pixel's centre goes to the same place by either matrix."""
    matrix = np.array([[linear[0], linear[1], x], [linear[2], linear[3], y]])
    paths = Path("/nowhere/a"), Path("/nowhere/b")
    handed: list[NDArray[np.float64]] = []

    def keep(suspect: NDArray[np.uint8], original: NDArray[np.uint8], given_: NDArray[np.float64]) -> RegionMap:
        handed.append(given_)
        nothing = np.zeros(suspect.shape[:2], bool)
        return RegionMap(RegionBasis.PIXELS, nothing, nothing, nothing, nothing.astype(np.uint8), None)

    align = Aligner(matrix)
    table = {str(path): (examination,) for path, examination in zip(paths, usual(paths), strict=True)}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("os.path.lexists", lambda _path: True)
        methods = Methods(align, keep, never_placed)
        comparison, _ = compare(str(paths[0]), str(paths[1]), FakeExaminer({**table}), methods, FakeClock())
    a, b, c, d, e, f = comparison.derivation.affine or (0.0,) * 6
    full = FULL * np.array(at) + (FULL - 1) / 2
    there = np.array([a * full[0] + b * full[1] + c, d * full[0] + e * full[1] + f])
    small = handed[0] @ [*at, 1]
    np.testing.assert_allclose(FULL * small + (FULL - 1) / 2, there, atol=1e-6)
