"""Trains the codebook that all sketches share, from benign photographs and drawn pictures.

    python tools/train_codebook.py PHOTOS src/safelight/adapter/codebook-1.npz

Of PHOTOS only the benchmark's fit part is used (see `safelight.bench.derivative.split`), so that the benchmark measures
on pictures the codebook has not seen. k-means is faiss's (the `bench` extra); the rotation comes from a seeded
generator. The result is data, made once: training again gives another version, whose sketches do not mix with those
before.
"""

import hashlib
import sys
from pathlib import Path

import faiss
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from safelight.bench.derivative.split import is_for_fitting
from safelight.demo.draw import draw
from safelight.fingerprint.local import local_features, working_picture
from safelight.model.local import WORDS, WORKING_SIDE_KNOWN, WORKING_SIDE_QUERY

VERSION = 1
DRAWN = 150
SEED = 20261122


def main(photos: Path, out: Path) -> None:
    """Train and write."""
    fit = [p for p in sorted(photos.glob("*.jpg")) if is_for_fitting(hashlib.sha256(p.read_bytes()).hexdigest())]
    pictures = [np.array(Image.open(path).convert("RGB")) for path in fit]
    print(f"{len(pictures)} photographs of the fit part, {DRAWN} drawn pictures")
    pictures += [np.array(draw(number).convert("RGB")) for number in range(DRAWN)]
    samples = np.concatenate(
        [descriptors(p, side) for p in pictures for side in (WORKING_SIDE_KNOWN, WORKING_SIDE_QUERY)]
    )
    kmeans = faiss.Kmeans(samples.shape[1], WORDS, niter=25, seed=SEED, min_points_per_centroid=5)
    kmeans.train(samples.astype(np.float32))
    rng = np.random.default_rng(SEED)
    rotation = np.linalg.qr(rng.standard_normal((samples.shape[1], samples.shape[1])))[0]
    np.savez_compressed(
        out,
        version=np.int64(VERSION),
        centroids=np.clip(np.rint(np.asarray(kmeans.centroids)), 0, 255).astype(np.uint8),
        rotation=np.rint(rotation / np.abs(rotation).max() * 127).astype(np.int8),
    )
    print(f"{len(samples):,} descriptors; wrote {out}, {out.stat().st_size:,} bytes")


def descriptors(pixels: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """What is sketched of a picture at this working size."""
    return local_features(working_picture(pixels, 1, side).grey, 400).descriptors


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
