"""Maps between working and full pictures, and of pictures that match as a whole."""

import numpy as np
import pytest

from safelight.fingerprint.pdq import pdq
from safelight.match.local.frames import TURNS, enlarging, from_source, full_frame, to_source
from safelight.model.fingerprint import DIHEDRAL
from tests.match.local.pictures import drawn


def send(affine: tuple[float, ...], x: float, y: float) -> list[float]:
    u, v = (np.reshape(affine, (2, 3)) @ [x, y, 1.0]).tolist()
    return [u, v]


@pytest.mark.parametrize("name", DIHEDRAL)
def test_each_variant_is_the_picture_turned_as_the_table_says(name: str) -> None:
    pixels = drawn(3)
    height, width = pixels.shape[:2]
    variant = np.array(TURNS[name])
    shape = (int(abs(variant[0]) @ [width, height]), int(abs(variant[1]) @ [width, height]))
    affine = full_frame(name, (0, 0, width, height), shape)
    turned = np.zeros((shape[1], shape[0], 3), np.uint8)
    for y in range(height):
        for x in (0, width // 3, width - 1):
            u, v = send(affine, x, y)
            assert 0 <= round(u) < shape[0]
            assert 0 <= round(v) < shape[1]
    ys, xs = np.mgrid[:height, :width]
    places = np.reshape(affine, (2, 3)) @ np.stack((xs.ravel(), ys.ravel(), np.ones(xs.size)))
    u, v = np.rint(places).astype(int)
    turned[v, u] = pixels.reshape(-1, 3)
    whole, other = pdq(pixels), pdq(turned)
    assert whole is not None
    assert other is not None
    expected = whole.dihedral[DIHEDRAL.index(name)]
    assert (int(expected, 16) ^ int(other.hash, 16)).bit_count() <= 16


def test_a_box_becomes_the_whole_source() -> None:
    affine = full_frame("flip_y", (10, 20, 110, 70), (200, 100))
    assert send(affine, 9.5, 19.5) == pytest.approx([199.5, -0.5])
    assert send(affine, 109.5, 69.5) == pytest.approx([-0.5, 99.5])


def test_working_pixels_lie_where_their_corners_say() -> None:
    grown = enlarging((40, 30), (400, 300))
    assert (grown @ [-0.5, -0.5, 1]).tolist() == pytest.approx([-0.5, -0.5, 1])
    assert (grown @ [39.5, 29.5, 1]).tolist() == pytest.approx([399.5, 299.5, 1])


def test_a_working_map_becomes_one_of_full_pictures_and_back() -> None:
    to_query = np.array([[0.5, 0.1, 7.0], [-0.1, 0.5, 90.0]])
    query, source = ((480, 360), (1920, 1440)), ((400, 300), (3200, 2400))
    affine = to_source(to_query, query, source)
    full = enlarging(*source) @ [100, 80, 1]
    seen = enlarging(*query) @ [*(to_query @ [100, 80, 1]), 1]
    assert send(affine, *seen[:2]) == pytest.approx(full[:2].tolist())
    assert (from_source(affine) @ full).tolist() == pytest.approx(seen[:2].tolist())
