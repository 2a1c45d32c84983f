"""Fingerprints: what a file is recognised by."""

from dataclasses import dataclass
from enum import StrEnum

DIHEDRAL = (
    "original",
    "rotate90",
    "rotate180",
    "rotate270",
    "flip_x",
    "flip_y",
    "flip_plus_1",
    "flip_minus_1",
)
"""Order of the eight dihedral hashes, as in ThreatExchange's `compute_dihedral`.

Rotations are counter-clockwise by that library's files; `flip_x` mirrors top to bottom there, `flip_y` left to right.
Conformance files bridge-1 to bridge-8 hold this order, and the tests check it.
"""


class View(StrEnum):
    """Which pixels of a frame a hash was taken from."""

    UPRIGHT = "upright"  # as displayed, EXIF orientation applied
    RAW = "raw_orientation"  # as stored; only when the orientation is not 1
    CONTENT = "content_box"  # the picture inside a uniform border; only when one is found


@dataclass(frozen=True, slots=True)
class Digests:
    """Cryptographic digests of the bytes, lower-case hexadecimal, and their number."""

    md5: str
    sha1: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Pdq:
    """A PDQ hash with its quality (0-100) and its eight dihedral variants (order: DIHEDRAL; [0] is the hash itself).

    Each variant is 64 lower-case hexadecimal digits. Source: "The TMK+PDQF Video-Hashing Algorithm and the PDQ
    Image-Hashing Algorithm", Facebook, 2019, and the ThreatExchange reference code's published vectors.
    """

    dihedral: tuple[str, ...]
    quality: int

    @property
    def hash(self) -> str:
        """The hash of the picture as it stands."""
        return self.dihedral[0]


@dataclass(frozen=True, slots=True)
class PdqPrint:
    """The PDQ of one view of one frame. `box` is (left, top, right, bottom) in pixels for `View.CONTENT`."""

    frame: int
    view: View
    pdq: Pdq
    box: tuple[int, int, int, int] | None = None


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """Everything a file is looked up by. `prints` is empty for what is not an image, or is one flat colour."""

    digests: Digests
    prints: tuple[PdqPrint, ...] = ()

    @property
    def main(self) -> PdqPrint | None:
        """The upright print of the first hashed frame: the one hash shown for a file."""
        return next((p for p in self.prints if p.view is View.UPRIGHT), None)
