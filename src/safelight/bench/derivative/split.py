"""Which picture is used for what. Pictures are assigned by their digests, so a folder in other order splits the same.

A third of the photographs, the same for every seed, is kept for fitting rules and thresholds and is never measured on.
The seed divides the rest into what is indexed and what is not.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

from safelight.bench.derivative.pictures import Picture

NEGATIVE_SHARE = 0.25
"""Share of all photographs that are kept out of the index and asked for."""


@dataclass(frozen=True, slots=True)
class Split:
    """`index` is searched; `sources`, of it, are edited and asked for. `same_scene` and `unrelated` are negatives.

    `fit` is for fitting alone. The index shares no picture with the others.
    """

    fit: tuple[Picture, ...]
    index: tuple[Picture, ...]
    sources: tuple[Picture, ...]
    same_scene: tuple[Picture, ...]
    unrelated: tuple[Picture, ...]

    @property
    def outsiders(self) -> tuple[Picture, ...]:
        """All that is not indexed, by key: what patches, collages and backgrounds are taken from."""
        return tuple(sorted((*self.fit, *self.same_scene, *self.unrelated), key=lambda one: one.key))


def is_for_fitting(digest: str) -> bool:
    """Whether a picture of that digest (hexadecimal SHA-256) belongs to the third that nothing is measured on."""
    return int(digest[:8], 16) % 3 == 0


def divide(
    photos: Sequence[Picture], negatives: Sequence[Picture], *, seed: int, sources: int, same_scene: str
) -> Split:
    """Split distinct pictures; all of `negatives` become unrelated negatives, whatever their digests.

    `sources`: how many of the index to edit, at most; chosen by digest and seed. `same_scene`: a glob over file names
    (last part of the key); photographs so called share rooms and floors with others in the index.
    """
    fit = [one for one in photos if is_for_fitting(one.digest)]
    rest = sorted((one for one in photos if not is_for_fitting(one.digest)), key=lambda one: _rank(seed, one))
    held = -int(-NEGATIVE_SHARE * len(photos) // 1)
    out, index = rest[:held], rest[held:]
    alike = [one for one in out if fnmatchcase(PurePosixPath(one.key).name, same_scene)]
    others = [one for one in out if one not in alike]
    return Split(
        fit=tuple(fit),
        index=tuple(index),
        sources=tuple(index[:sources]),
        same_scene=tuple(alike),
        unrelated=(*others, *negatives),
    )


def _rank(seed: int, picture: Picture) -> bytes:
    return hashlib.sha256(f"{seed}\0{picture.digest}".encode()).digest()
