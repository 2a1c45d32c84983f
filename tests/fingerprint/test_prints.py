"""Which prints a decoded picture gets."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from safelight.fingerprint.pdq import pdq
from safelight.fingerprint.prints import fingerprints
from safelight.model.fingerprint import Digests, View
from safelight.model.media import DecodedImage, Frame, MediaFacts

Pixels = NDArray[np.uint8]
Draw = Callable[[str, int, int, int], Pixels]

DIGESTS = Digests("d41d8cd98f00b204e9800998ecf8427e", "", "", 0)

TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""How Pillow turns a picture of each EXIF orientation upright."""


def turned(pixels: Pixels, orientation: int) -> Pixels:
    image = Image.fromarray(pixels)
    return np.array(image.transpose(TURNS[orientation]) if orientation in TURNS else image)


def decoded(*frames: Pixels, orientation: int = 1) -> DecodedImage:
    height, width = frames[0].shape[:2]
    if orientation >= 5:
        width, height = height, width
    facts = MediaFacts("image/png", width, height, orientation=orientation, frames=len(frames))
    return DecodedImage(facts, tuple(Frame(number, pixels) for number, pixels in enumerate(frames)))


def test_a_plain_picture_has_one_print(draw: Draw) -> None:
    pixels = draw("smooth", 200, 150, 1)
    fingerprint = fingerprints(DIGESTS, decoded(pixels))
    assert fingerprint.digests is DIGESTS
    assert [(p.frame, p.view, p.pdq, p.box) for p in fingerprint.prints] == [(0, View.UPRIGHT, pdq(pixels), None)]
    assert fingerprint.main is fingerprint.prints[0]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_upright_print_is_that_of_the_picture_as_displayed(draw: Draw, orientation: int) -> None:
    pixels = draw("smooth", 203, 151, orientation)
    prints = fingerprints(DIGESTS, decoded(pixels, orientation=orientation)).prints
    expected = turned(pixels, orientation)
    assert prints[0].view is View.UPRIGHT
    assert prints[0].pdq == pdq(expected)
    if orientation == 1:
        assert len(prints) == 1
    else:
        assert [(p.view, p.pdq) for p in prints[1:]] == [(View.RAW, pdq(pixels))]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_content_print_has_its_box_as_displayed(draw: Draw, orientation: int) -> None:
    content = draw("smooth", 200, 120, 6)
    pixels = np.full((170, 300, 3), 255, dtype=np.uint8)
    pixels[10:130, 25:225] = content
    last = fingerprints(DIGESTS, decoded(pixels, orientation=orientation)).prints[-1]
    assert last.view is View.CONTENT
    assert last.pdq == pdq(turned(content, orientation))
    assert last.box is not None
    left, top, right, bottom = last.box
    assert (turned(pixels, orientation)[top:bottom, left:right] == turned(content, orientation)).all()


def test_flat_frames_have_no_print_and_the_others_keep_their_numbers(draw: Draw) -> None:
    flat = np.full((90, 120, 3), 77, dtype=np.uint8)
    frames = (flat, draw("smooth", 120, 90, 1), flat, draw("noise", 120, 90, 2))
    prints = fingerprints(DIGESTS, decoded(*frames)).prints
    assert [(p.frame, p.view) for p in prints] == [(1, View.UPRIGHT), (3, View.UPRIGHT)]


def test_a_picture_with_nothing_to_hash_keeps_its_digests() -> None:
    fingerprint = fingerprints(DIGESTS, decoded(np.zeros((3, 2000, 3), dtype=np.uint8)))
    assert fingerprint.prints == ()
    assert fingerprint.main is None
    assert fingerprint.digests is DIGESTS
