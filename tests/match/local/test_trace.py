"""A drawn picture is traced to its source through edits, with the map that made them, and other pictures are not."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safelight.flow.looking import WorkingLook
from safelight.match.local.derive import Derived, derive
from safelight.match.local.frames import from_source
from safelight.match.local.sketch import lists_of, make_sketch
from safelight.match.local.trace import trace
from safelight.model.derivation import Verdict
from safelight.model.local import OF_KNOWN
from tests.match.local.pictures import Rgb, drawn, patched, quantiser, seen, sketch, warped

KNOWN = tuple(range(8))


def traced(pixels: Rgb) -> list[tuple[int, Derived]]:
    query = seen(pixels)
    look = WorkingLook(query.working)
    sketches = [sketch(n) for n in KNOWN]
    found = trace(query.features, [lists_of(sketches)], lambda _s, n: sketches[n], look, quantiser())
    full = (query.working.width, query.working.height)
    return [(one.candidate.picture, derive(one, look, full, len(KNOWN))) for one in found]


def corner_error(found: Derived, true: np.ndarray, width: int, height: int) -> float:
    """Largest error of the affine at the picture's corners, in pixels of the source."""
    assert found.derivation.affine is not None
    corners = np.array([[0, 0, 1], [width, 0, 1], [0, height, 1], [width, height, 1]], float)
    sent = corners @ np.reshape(found.derivation.affine, (2, 3)).T
    return float(np.abs(sent - corners @ true.T).max())


EDITS = {
    "as it is": np.array([[1, 0, 0], [0, 1, 0]], float),
    "half": np.array([[0.5, 0, -0.25], [0, 0.5, -0.25]]),
    "mirrored": np.array([[-1, 0, 639], [0, 1, 0]], float),
    "turned": np.array([[0.94, 0.342, -60], [-0.342, 0.94, 150]]),
    "cropped": np.array([[1, 0, -120], [0, 1, -90]], float),
    "stretched": np.array([[1.15, 0, 0.075], [0, 1, 0]]),
    "mirrored and turned": np.array([[-0.94, 0.342, 500], [0.342, 0.94, -60]]),
}


@pytest.mark.parametrize("name", EDITS)
@pytest.mark.parametrize("number", [1, 4])
def test_the_source_and_the_map_are_found(name: str, number: int) -> None:
    to_edit = EDITS[name]
    width, height = (320, 240) if name == "half" else (640, 480)
    other = drawn(number + 20)
    pixels = warped(patched(drawn(number), other, (200, 120, 380, 330)), to_edit, width, height)
    found = traced(pixels)
    assert found[0][0] == number
    about = found[0][1]
    assert about.derivation.verdict is Verdict.DERIVATIVE
    assert about.derivation.mirrored == name.startswith("mirrored")
    affine = tuple(to_edit.reshape(-1).tolist())
    assert corner_error(about, from_source(affine), width, height) < 8  # 1 % of the diagonal
    assert about.derivation.inliers >= 8
    assert about.derivation.p_false_match is not None
    assert about.derivation.p_false_match < 0.01
    assert about.derivation.log_ratio == pytest.approx(sum(part.nats for part in about.derivation.parts), abs=1e-3)


def test_keypoints_in_the_patch_are_missed_and_those_around_it_found() -> None:
    box = (200, 120, 420, 360)
    (number, about), *_ = traced(patched(drawn(1), drawn(25), box))
    assert number == 1
    x, y = (about.places + 0.5).T * (640 / about.sketch.work_width)
    inside = (x > box[0] + 20) & (x < box[2] - 20) & (y > box[1] + 20) & (y < box[3] - 20)
    outside = (x < box[0] - 20) | (x > box[2] + 20) | (y < box[1] - 20) | (y > box[3] + 20)
    assert about.agree[inside].mean() < 0.2
    assert about.agree[outside].mean() > 0.8


@pytest.mark.parametrize("number", [30, 31, 32, 33, 34, 35])
def test_other_pictures_are_not_derived(number: int) -> None:
    assert all(about.derivation.verdict is not Verdict.DERIVATIVE for _, about in traced(drawn(number)))


def test_the_same_query_gives_the_same_evidence_with_any_number_of_threads() -> None:
    pixels = patched(drawn(2), drawn(26), (150, 100, 420, 380))
    before = cv2.getNumThreads()
    try:
        told = []
        for threads in (1, 2):
            cv2.setNumThreads(threads)
            told.append([(n, about.derivation) for n, about in traced(pixels)])
    finally:
        cv2.setNumThreads(before)
    assert told[0] == told[1]
    assert told[0]


def test_segments_are_searched_alike() -> None:
    query = seen(patched(drawn(3), drawn(27), (100, 100, 300, 300)))
    look = WorkingLook(query.working)
    sketches = [sketch(n) for n in KNOWN]
    whole = trace(query.features, [lists_of(sketches)], lambda _s, n: sketches[n], look, quantiser())
    halves = [sketches[:4], sketches[4:]]
    split = trace(query.features, [lists_of(h) for h in halves], lambda s, n: halves[s][n], look, quantiser())
    assert [one.measures for one in whole] == [one.measures for one in split]
    assert [one.candidate.picture for one in whole] == [4 * o.candidate.segment + o.candidate.picture for o in split]


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 90), st.integers(1, 90), st.integers(1, 90), st.integers(1, 90), st.integers(0, 2**31))
def test_any_two_pictures_of_any_size_give_a_result(h1: int, w1: int, h2: int, w2: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    kind = rng.integers(0, 3)
    one, two = (
        np.full((h, w, 3), 70, np.uint8) if kind == 0 else rng.integers(0, 256, (h, w, 3)).astype(np.uint8)
        for h, w in ((h1, w1), (h2, w2))
    )
    if kind == 2:
        two = np.ascontiguousarray(np.tile(one, (2, 2, 1)))
    known = make_sketch(seen(one, OF_KNOWN), quantiser())
    query = seen(two)
    look = WorkingLook(query.working)
    for found in trace(query.features, [lists_of([known])], lambda _s, _n: known, look, quantiser()):
        about = derive(found, look, (query.working.width, query.working.height), 1)
        assert about.derivation.verdict in set(Verdict)
        assert np.isfinite(about.derivation.affine or (0,)).all()


def test_a_sketch_that_does_not_fit_its_lists_is_an_error() -> None:
    query = seen(drawn(1))
    with pytest.raises(IndexError, match="does not fit"):
        trace(
            query.features, [lists_of([sketch(1)])], lambda _s, _n: sketch(5), WorkingLook(query.working), quantiser()
        )
