"""Files that are not sound pictures: damaged, wrongly named, empty, flat, tiny, bombs, other types, archives."""

import gzip
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
from PIL import Image

from safelight.demo.containers import encrypted_zip, png, png_header, seven_zip, write_tar, write_zip
from safelight.demo.variants import Picture, animated, encode, jpeg
from safelight.model.assessment import Artificialness
from safelight.model.decision import Outcome

KNOWN, NEAR, CLEAR = Outcome.KNOWN, Outcome.NEAR, Outcome.CLEAR
DERIVED, PARTIAL, UNCHECKED = Outcome.DERIVED, Outcome.PARTIAL, Outcome.UNCHECKED


@dataclass(frozen=True, slots=True)
class Made:
    """One file of the folder. `members` are the expectations for what is inside, by the path after `!/`.

    `made`: what should be told of how it was made, where that is the point of the file.
    """

    path: str
    data: bytes
    expect: Outcome
    why: str
    members: tuple[tuple[str, Outcome, str], ...] = ()
    made: Artificialness | None = None


Draw = Callable[[int], Picture]
"""Gives picture `number` of the bank, or an unrelated one."""


def damaged(known: Draw) -> Iterator[Made]:
    """Cut short, forged or empty."""
    baseline, progressive = jpeg(known(2)), encode(known(6), "JPEG", quality=85, progressive=True)
    deep = encode(known(9), "PNG", compress_level=1)
    cut = "cut short"
    rest = f"{cut}: what is left of the picture is traced by its keypoints"
    yield Made("damaged/half.jpg", baseline[: len(baseline) * 2 // 5], DERIVED, rest)
    yield Made("damaged/last-rows-missing.jpg", baseline[: len(baseline) * 98 // 100], NEAR, f"{cut} at the very end")
    yield Made(
        "damaged/coarse.jpg", progressive[: len(progressive) * 3 // 4], NEAR, f"{cut}, but progressive: a coarse whole"
    )
    yield Made("damaged/half.png", deep[: len(deep) // 2], DERIVED, rest)
    noise = np.random.default_rng(17).bytes(20_000)
    yield Made("damaged/garbage.jpg", noise, PARTIAL, "no known type: only its digests are compared")
    yield Made("damaged/head-only.jpg", baseline[:300], UNCHECKED, "no picture data at all")
    yield Made("damaged/empty.jpg", b"", UNCHECKED, "an empty file")
    rows = zlib.compress(bytes(60_000 * 3 + 1) * 20, 9)
    bomb = png(png_header(60_000, 60_000), [(b"IDAT", rows)])
    yield Made("damaged/bomb.png", bomb, UNCHECKED, "claims 60,000 x 60,000 pixels: over the limit, never decoded")


def misnamed(known: Draw, copy: Callable[[int], bytes]) -> Iterator[Made]:
    """Names that lie about the type."""
    page = b"<!DOCTYPE html>\n<html><head><title>404</title></head><body><p>Not found</p></body></html>\n"
    yield Made("misnamed/page.jpg", page, PARTIAL, "a web page saved as .jpg: only its digests are compared")
    yield Made(
        "misnamed/picture.jpg", encode(known(4), "PNG", compress_level=1), NEAR, "a PNG named .jpg: type by content"
    )
    yield Made("misnamed/report.pdf", encode(known(12), "WEBP", quality=75), NEAR, "a WebP named .pdf: type by content")
    yield Made("misnamed/thumbs.db", copy(0), KNOWN, "a known file under a harmless name")
    yield Made("misnamed/no-suffix", jpeg(known(1), 60), NEAR, "no suffix at all: type by content")


def flat_and_tiny() -> Iterator[Made]:
    """Pictures without anything to recognise."""
    flat = "one flat colour: digests are compared, there is nothing to hash"
    yield Made("flat/white.jpg", jpeg(Image.new("RGB", (640, 480), "white")), CLEAR, flat)
    yield Made("flat/red.png", encode(Image.new("RGB", (300, 300), "#b3202a"), "PNG"), CLEAR, flat)
    yield Made("flat/black.gif", encode(Image.new("L", (200, 100), 0), "GIF"), CLEAR, flat)
    yield Made("flat/clear.webp", encode(Image.new("RGBA", (64, 64), (0, 0, 0, 0)), "WEBP"), CLEAR, flat)
    yield Made("flat/tracking-pixel.gif", encode(Image.new("P", (1, 1)), "GIF"), CLEAR, "a single pixel")
    yield Made("flat/dot.png", encode(Image.new("RGB", (1, 1), "#123456"), "PNG"), CLEAR, "a single pixel")


def other_types() -> Iterator[Made]:
    """What is no picture: compared by digests only."""
    why = "not a picture: only its digests are compared"
    svg = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><circle cx="4" cy="4" r="3"/></svg>\n'
    boxes = b"\0\0\0\x18ftypisom\0\0\2\0isommp42\0\0\0\x08free\0\0\0\x08mdat"
    yield Made("other/notes.txt", b"Things to bring: tent, torch, matches, map.\n", PARTIAL, why)
    yield Made("other/table.csv", b"name,count\nteapots,12\nlighthouses,3\n", PARTIAL, why)
    yield Made("other/drawing.svg", svg, PARTIAL, why)
    yield Made("other/clip.mp4", boxes, UNCHECKED, "a video, header only: there is no frame to look at")
    yield Made("other/settings.json", b'{"theme": "dusk", "volume": 7}\n', PARTIAL, why)


def moving(known: Draw, unrelated: Draw) -> Iterator[Made]:
    """Animations; two hold a known picture."""
    frames = [unrelated(n).resize((320, 240)) for n in (930, 931, 932, 933)]
    hidden = [*frames[:2], known(15).resize((320, 240)), frames[3]]
    why = "its third frame is a known picture"
    yield Made("moving/third-frame.gif", animated(hidden, "GIF"), NEAR, why)
    yield Made("moving/third-frame.webp", animated(hidden, "WEBP"), NEAR, why)
    yield Made("moving/third-frame.png", animated(hidden, "PNG"), NEAR, why)
    yield Made("moving/unrelated.gif", animated(frames, "GIF"), CLEAR, "no frame is known")


def archives(known: Draw, unrelated: Draw, copy: Callable[[int], bytes]) -> Iterator[Made]:
    """Archives, their members listed one by one."""
    other = partial(_other, unrelated)
    exact, again = (KNOWN, "an exact copy in an archive"), (NEAR, "a known picture, saved again, in an archive")
    clear = (CLEAR, "unrelated")
    whole = "an archive; each of its members has its own line"
    first = {
        "pics/a.jpg": copy(3),
        "pics/b.jpg": jpeg(known(5), 60),
        "pics/c.jpg": other(940),
        "read me.txt": b"Hello.\n",
    }
    text = (PARTIAL, "not a picture: only its digests are compared")
    yield _archive("archives/holiday.zip", write_zip(first), whole, first, (exact, again, clear, text))
    second = {
        "backup/1.png": encode(known(8), "PNG", compress_level=1),
        "backup/2.jpg": copy(10),
        "backup/3.jpg": other(941),
    }
    packed = gzip.compress(write_tar(second), 1, mtime=0)
    yield _archive("archives/backup.tar.gz", packed, whole, second, (again, exact, clear))
    third = {"flat/x.jpg": jpeg(known(11), 75), "flat/y.jpg": other(942)}
    yield _archive("archives/solid.7z", seven_zip(third), whole, third, (again, clear))
    inner = {"deep/inner.jpg": copy(14), "deep/other.jpg": other(943)}
    outer = {"letter.txt": b"See the attachment.\n", "attachment.zip": write_zip(inner)}
    nested = _archive("archives/nested.tar", write_tar(outer), whole, outer, (text, (CLEAR, whole)))
    deeper = tuple((f"attachment.zip!/{n}", *e) for n, e in zip(inner, (exact, clear), strict=True))
    yield Made(nested.path, nested.data, nested.expect, nested.why, (*nested.members, *deeper))
    mirrored = {"album/mirrored.jpg": jpeg(known(13).transpose(Image.Transpose.FLIP_LEFT_RIGHT))}
    yield _archive("archives/album.cbz", write_zip(mirrored), whole, mirrored, ((NEAR, "mirrored, in a comic book"),))
    locked = encrypted_zip("locked.jpg", jpeg(known(7).resize((200, 150)), 60), b"safelight")
    member = ("locked.jpg", UNCHECKED, "encrypted: cannot be examined")
    yield Made("archives/locked.zip", locked, PARTIAL, "its member is encrypted", (member,))
    torn = write_zip({"whole.jpg": copy(16), "torn.jpg": other(944)})
    saved = ("whole.jpg", *exact), ("torn.jpg", UNCHECKED, "cut short inside its data")
    yield Made("archives/torn.zip", torn[: len(torn) * 3 // 4], PARTIAL, "cut short: no directory", saved)


def _other(unrelated: Draw, number: int) -> bytes:
    return jpeg(unrelated(number), 80)


def _archive(
    path: str, data: bytes, why: str, members: dict[str, bytes], expected: tuple[tuple[Outcome, str], ...]
) -> Made:
    return Made(path, data, CLEAR, why, tuple((name, *e) for name, e in zip(members, expected, strict=True)))
