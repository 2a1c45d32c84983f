"""The codebook that the program ships; tools/train_codebook.py made it."""

from importlib.resources import files

import numpy as np

from safelight.model.local import Codebook


def load_codebook() -> Codebook:
    """Codebook 1: 4,096 words, from benign photographs and drawn pictures."""
    with files("safelight.adapter").joinpath("codebook-1.npz").open("rb") as stream, np.load(stream) as data:
        return Codebook(int(data["version"]), data["centroids"], data["rotation"])
