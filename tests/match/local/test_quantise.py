"""Words and signatures: exact on every machine, and mirrored without a second look."""

import numpy as np
import pytest

from safelight.adapter.codebook import load_codebook
from safelight.match.local.quantise import Quantiser, distances, mirrored
from safelight.model.local import WORDS, Codebook
from tests.match.local.pictures import drawn, quantiser, seen


def test_words_are_the_nearest_centroids() -> None:
    book = load_codebook()
    descriptors = seen(drawn(1)).features.descriptors[:40]
    apart = ((descriptors[:, None].astype(np.int64) - book.centroids[None].astype(np.int64)) ** 2).sum(axis=2)
    words = quantiser().words(descriptors, 8)
    assert (np.diff(words, axis=1) > 0).all()
    for row, chosen in zip(apart, words, strict=True):
        assert set(row[chosen].tolist()) == set(np.sort(row)[:8].tolist())
    assert (apart[np.arange(40), quantiser().words(descriptors)[:, 0]] == apart.min(axis=1)).all()


def test_signatures_are_signs_of_rotated_residuals_in_whole_numbers() -> None:
    book = load_codebook()
    descriptors = seen(drawn(2)).features.descriptors[:30]
    words = quantiser().words(descriptors, 3)
    found = quantiser().signatures(quantiser().rotated(descriptors), words)
    for n in range(30):
        for k in range(3):
            residual = descriptors[n].astype(np.int64) - book.centroids[words[n, k]].astype(np.int64)
            bits = residual @ book.rotation.astype(np.int64) > 0
            assert [int(found[n, k, i // 64]) >> (i % 64) & 1 for i in range(128)] == bits.astype(int).tolist()


def test_batches_of_any_size_give_the_same_bits() -> None:
    descriptors = seen(drawn(3)).features.descriptors
    words = quantiser().words(descriptors, 8)
    whole = quantiser().signatures(quantiser().rotated(descriptors), words)
    for n in range(0, len(descriptors), 7):
        part = descriptors[n : n + 7]
        assert (quantiser().words(part, 8) == words[n : n + 7]).all()
        assert (quantiser().signatures(quantiser().rotated(part), words[n : n + 7]) == whole[n : n + 7]).all()


def test_distances_count_differing_bits() -> None:
    left = np.array([[0b1011, 0], [2**64 - 1, 1]], np.uint64)
    right = np.array([[0b0001, 1 << 63], [0, 1]], np.uint64)
    assert distances(left, right).tolist() == [3, 64]


@pytest.mark.parametrize("number", range(3))
def test_a_mirrored_picture_has_the_permuted_descriptors(number: int) -> None:
    plain, turned = seen(drawn(number)), seen(np.ascontiguousarray(drawn(number)[:, ::-1]))
    width = plain.features.width
    near = []
    for n in range(len(plain.features.x)):
        there = np.hypot(turned.features.x - (width - 1 - plain.features.x[n]), turned.features.y - plain.features.y[n])
        angle = np.abs(np.angle(np.exp(1j * (np.pi - turned.features.angle - plain.features.angle[n]))))
        same = (there < 0.5) & (angle < 0.05)
        if same.any():
            change = mirrored(turned.features.descriptors[same][:1]).astype(int) - plain.features.descriptors[n]
            near.append(float(np.abs(change).mean()))
    assert len(near) > 100  # patterns with ties choose other keypoints
    assert np.median(near) < 3  # of 255; other places differ by about 30


def test_mirroring_twice_changes_nothing() -> None:
    descriptors = np.random.default_rng(1).integers(0, 256, (5, 128)).astype(np.uint8)
    assert (mirrored(mirrored(descriptors)) == descriptors).all()


def test_a_codebook_of_another_shape_is_refused() -> None:
    with pytest.raises(ValueError, match="not a codebook"):
        Quantiser(Codebook(1, np.zeros((10, 128), np.uint8), np.zeros((128, 128), np.int8)))


def test_the_shipped_codebook_is_sound() -> None:
    book = load_codebook()
    assert book.version == 1
    assert len(np.unique(book.centroids, axis=0)) > 0.99 * WORDS
    turned = book.rotation.astype(float)
    gram = turned.T @ turned
    off = gram - np.diag(np.diag(gram))
    assert np.abs(off).max() < 0.05 * np.diag(gram).min()
