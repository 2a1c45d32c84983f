"""Measure how close hashes of unrelated pictures come, and write src/safelight/match/chance_table.py.

    python tools/calibrate_chance.py FOLDER...

Each FOLDER is taken as one kind of picture: only pairs from different folders are counted, so that pictures of one
scene or one hand are not compared with each other. Each picture is used four times to fill the lower qualities: as it
is, at 15 % contrast, and blurred by 2 % and 6 % of its longest side. Pairs are counted within bands of the lower of
the two qualities, each under the eight dihedral forms.
"""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageEnhance, ImageFilter

from safelight.fingerprint.pdq import pdq

BANDS = ((0, 49), (50, 99), (100, 100))
ENOUGH = 20
"""Pairs that must have been seen at a distance or less for that share to count as measured."""
STEP = 6
OUT = Path(__file__).parent.parent / "src" / "safelight" / "match" / "chance_table.py"


def variants(path: Path) -> Iterator[Image.Image]:
    """The picture at up to 512 px, and three poorer versions of it."""
    with Image.open(path) as opened:
        picture = opened.convert("RGB")
    picture.thumbnail((512, 512))
    longest = max(picture.size)
    yield picture
    yield ImageEnhance.Contrast(picture).enhance(0.15)
    yield picture.filter(ImageFilter.GaussianBlur(longest * 0.02))
    yield picture.filter(ImageFilter.GaussianBlur(longest * 0.06))


def codes(folders: list[Path]) -> tuple[NDArray[np.float32], NDArray[np.int64], NDArray[np.int64], int]:
    """Bits (n, 8, 256) of every variant, qualities (n,), folder numbers (n,), and the number of pictures."""
    bits, qualities, groups, pictures = [], [], [], 0
    for group, folder in enumerate(folders):
        for path in sorted(folder.iterdir()):
            pictures += 1
            for picture in variants(path):
                hashed = pdq(np.asarray(picture))
                if hashed is None:
                    continue
                forms = [np.unpackbits(np.frombuffer(bytes.fromhex(code), dtype=np.uint8)) for code in hashed.dihedral]
                bits.append(forms)
                qualities.append(hashed.quality)
                groups.append(group)
    return np.array(bits, dtype=np.float32), np.array(qualities), np.array(groups), pictures


def histograms(
    bits: NDArray[np.float32], qualities: NDArray[np.int64], groups: NDArray[np.int64]
) -> list[NDArray[np.int64]]:
    """For each band, how many pairs (x 8 forms) of different folders lie at each distance 0-256."""
    counts = [np.zeros(257, dtype=np.int64) for _ in BANDS]
    upright = bits[:, 0]
    for start in range(0, len(bits), 500):
        rows = slice(start, min(start + 500, len(bits)))
        different = groups[rows, None] < groups[None, :]
        lower = np.minimum(qualities[rows, None], qualities[None, :])
        for form in range(8):
            mine = bits[rows, form]
            distance = (mine @ (1 - upright).T + (1 - mine) @ upright.T).astype(np.int64)
            for count, (low, high) in zip(counts, BANDS, strict=True):
                chosen = different & (lower >= low) & (lower <= high)
                np.add(count, np.bincount(distance[chosen], minlength=257), out=count)
    return counts


def knots(histogram: NDArray[np.int64]) -> list[tuple[int, float]]:
    """(distance, log10 share at that distance or less) from the first well-measured distance up to 128."""
    below = histogram.cumsum()
    first = int(np.argmax(below >= ENOUGH))
    return [(d, round(float(np.log10(below[d] / below[-1])), 3)) for d in range(first, 129, STEP)]


def main() -> None:
    """Measure and write the table."""
    folders = [Path(name) for name in sys.argv[1:]]
    if len(folders) < 2:
        sys.exit(__doc__)
    bits, qualities, groups, pictures = codes(folders)
    counted = histograms(bits, qualities, groups)
    lines = [
        '"""Written by tools/calibrate_chance.py; see `chance`. Do not edit.',
        "",
        f"Measured {datetime.now(UTC):%Y-%m-%d} on {pictures} benign pictures of {len(folders)} kinds",
        "(" + ", ".join(sorted(folder.name for folder in folders)) + "), each in four qualities.",
        "Pairs counted (x 8 dihedral forms) and the smallest distance seen, by band of the lower quality:",
        *(
            f"  {low}-{high}: {int(histogram.sum()):,} pairs, smallest {int(np.argmax(histogram > 0))}"
            for (low, high), histogram in zip(BANDS, counted, strict=True)
        ),
        '"""',
        "",
        f"QUALITY_BANDS = {BANDS!r}",
        "KNOTS: tuple[tuple[tuple[int, float], ...], ...] = (",
        *("    (\n" + "".join(f"        {knot!r},\n" for knot in knots(histogram)) + "    )," for histogram in counted),
        ")",
        "",
    ]
    OUT.write_text("\n".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
