"""The folders of the demo: known items, known-benign ones, and one to check, with what a scan should find in it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from PIL import Image

from safelight.demo import oddities
from safelight.demo.declared import declared
from safelight.demo.draw import draw, scene, title
from safelight.demo.oddities import Made
from safelight.demo.placeholder import placeholder
from safelight.demo.variants import ALTERED, RECIPES, Picture, encode, jpeg
from safelight.demo.videos import known_videos, videos
from safelight.model.assessment import Artificialness
from safelight.model.decision import Outcome

KNOWN_COUNT = 39
"""Drawn pictures in the bank; a placeholder card, which a list should not hold, is its fortieth item."""

UNRELATED_FROM = 100
UNRELATED_COUNT = 180

EXPECTED = "expected.json"
"""Beside the scanned folder: path in it (archive members as `outer.zip!/inner`) to `expect`, `why`, maybe `made`."""

_SHELVES = {
    "outdoors": {"hills", "harbour", "mountains", "balloons", "forest", "dunes", "lighthouse", "meadow", "planets"},
    "town": {"skyline", "street"},
    "indoors": {"bookshelf", "still-life", "crockery", "plants", "charts"},
}
_SHAPES = ((640, 480), (640, 480), (720, 480), (480, 600), (560, 560))
_KNOWN_FORMATS = {
    4: ("png", "PNG"),
    17: ("png", "PNG"),
    9: ("webp", "WEBP"),
    22: ("webp", "WEBP"),
    27: ("avif", "AVIF"),
}
_OPTIONS: dict[str, dict[str, int]] = {
    "JPEG": {"quality": 90},
    "PNG": {},
    "WEBP": {"quality": 85},
    "AVIF": {"quality": 80, "speed": 10, "max_threads": 1},
}
_CARD = "placeholders/no-preview.jpg"


@dataclass(frozen=True, slots=True)
class Expectation:
    """What a scan should say of one path, and why. `made`: of how it was made, where the file is there for that."""

    expect: Outcome
    why: str
    made: Artificialness | None = None


def picture(number: int) -> Picture:
    """Picture `number` in one of five formats, upright, square or wide."""
    return draw(number, *_SHAPES[number % len(_SHAPES)])


def known_name(number: int) -> str:
    """Path of known item `number` in the bank's folder."""
    shelf = next((shelf for shelf, scenes in _SHELVES.items() if scene(number) in scenes), "patterns")
    return f"{shelf}/{title(number)}.{_KNOWN_FORMATS.get(number, ('jpg', ''))[0]}"


def known_bytes(number: int) -> bytes:
    """The very bytes of known item `number`."""
    kind = _KNOWN_FORMATS.get(number, ("jpg", "JPEG"))[1]
    return encode(_known(number), kind, **_OPTIONS[kind])


def make_bank_folder(folder: Path) -> Path:
    """Write the 40 known pictures and three videos into `folder` (made if absent), in subfolders, and return it."""
    for number in range(KNOWN_COUNT):
        _write(folder / known_name(number), known_bytes(number))
    _write(folder / _CARD, _card_bytes())
    for path, data in known_videos():
        _write(folder / path, data)
    return folder


def make_negative_folder(folder: Path) -> Path:
    """Write the known-benign items into `folder`: placeholder cards that programs show instead of a picture."""
    for number in (1, 2):
        _write(folder / f"card-{number}.png", encode(placeholder(number), "PNG"))
    return folder


def make_suspect_folder(folder: Path) -> Path:
    """Write the folder to check, and `expected.json` beside it; return the folder.

    The expectations hold for a scan against the bank and the negative bank together, at their default thresholds.
    """
    expected = {}
    for made in _everything():
        _write(folder / made.path, made.data)
        expected[made.path] = {"expect": made.expect.value, "why": made.why}
        if made.made is not None:
            expected[made.path]["made"] = made.made.value
        for inner, outcome, why in made.members:
            expected[f"{made.path}!/{inner}"] = {"expect": outcome.value, "why": why}
    listing = json.dumps(dict(sorted(expected.items())), indent=1, ensure_ascii=False)
    (folder.parent / EXPECTED).write_text(listing + "\n", encoding="utf-8")
    return folder


def expectations(folder: Path) -> dict[str, Expectation]:
    """What `make_suspect_folder(folder)` wrote beside the folder, by path relative to it."""
    listing = json.loads((folder.parent / EXPECTED).read_text(encoding="utf-8"))
    return {
        path: Expectation(Outcome(row["expect"]), row["why"], Artificialness(row["made"]) if "made" in row else None)
        for path, row in listing.items()
    }


def _everything() -> Iterator[Made]:
    yield from _copies()
    yield from _changed()
    yield from _altered()
    yield from _cards()
    yield from declared(picture)
    yield from oddities.moving(_known, picture)
    yield from oddities.archives(_known, picture, known_bytes)
    yield from oddities.damaged(_known)
    yield from oddities.misnamed(_known, known_bytes)
    yield from oddities.flat_and_tiny()
    yield from oddities.other_types()
    yield from videos(_known)
    yield from _unrelated()


def _copies() -> Iterator[Made]:
    """The very bytes of known items, most of them under another name."""
    why = "the very bytes of a known item"
    for number in (5, 17, 22, 27):
        yield Made(f"copies/{Path(known_name(number)).name}", known_bytes(number), Outcome.KNOWN, why)
    for count, number in enumerate((2, 8, 19, 31), 1):
        yield Made(f"copies/IMG_{4200 + count}.jpg", known_bytes(number), Outcome.KNOWN, f"{why}, renamed")
    yield Made("copies/old phone/DCIM/P1010031.JPG", known_bytes(36), Outcome.KNOWN, f"{why}, renamed")


def _changed() -> Iterator[Made]:
    """Two known pictures through each recipe, so that every known picture is used."""
    for place, recipe in enumerate(RECIPES):
        for number in (2 * place % KNOWN_COUNT, (2 * place + 1) % KNOWN_COUNT):
            name = f"{recipe.folder}/{title(number)}-{recipe.word}.{recipe.suffix}"
            yield Made(name, recipe.make(_known(number)), Outcome.NEAR, recipe.why)


def _altered() -> Iterator[Made]:
    for place, (word, why, make) in enumerate(ALTERED):
        for number in (3 * place, 3 * place + 1):
            data = make(_known(number), picture(950 + number))
            yield Made(f"altered/{title(number)}-{word}.jpg", data, Outcome.DERIVED, why)


def _cards() -> Iterator[Made]:
    """Placeholder cards: near one that a list holds by mistake, but nearer to a known-benign one."""
    card = placeholder(1)
    benign = "a placeholder card: near a known item, but a known-benign one is closer"
    small = card.resize((320, 240), Image.Resampling.LANCZOS)
    yield Made("cards/no-preview-60.jpg", jpeg(card, 60), Outcome.SUPPRESSED, benign)
    yield Made("cards/no-preview-small.png", encode(small, "PNG"), Outcome.SUPPRESSED, benign)
    yield Made("cards/no-preview.webp", encode(card, "WEBP", quality=80), Outcome.SUPPRESSED, benign)
    yield Made("cards/camera.jpg", jpeg(placeholder(2), 80), Outcome.CLEAR, "near a known-benign item only")
    listed = "the very bytes of a known item: a known-benign one never suppresses these"
    yield Made("cards/listed.jpg", _card_bytes(), Outcome.KNOWN, listed)


def _unrelated() -> Iterator[Made]:
    """Other drawings, sorted into albums, in several formats."""
    for count in range(UNRELATED_COUNT):
        number = UNRELATED_FROM + count
        suffix, data = _album_file(number)
        yield Made(f"albums/{2018 + count % 6}/{title(number)}.{suffix}", data, Outcome.CLEAR, "unrelated")
        if count % 30 == 0:
            yield Made(f"albums/backup/{title(number)}.{suffix}", data, Outcome.CLEAR, "unrelated, and there twice")


def _album_file(number: int) -> tuple[str, bytes]:
    drawn = picture(number)
    if number % 29 == 0:
        return "png", encode(drawn, "PNG", compress_level=1)
    if number % 13 == 0:
        return "webp", encode(drawn, "WEBP", quality=75, method=2)
    return "jpg", jpeg(drawn, 75 + number % 4 * 5)


def _card_bytes() -> bytes:
    return jpeg(placeholder(0), 90)


@lru_cache(maxsize=KNOWN_COUNT)
def _known(number: int) -> Picture:
    """Known picture `number`; drawn once, never changed in place."""
    return picture(number)


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
