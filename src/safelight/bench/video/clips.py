"""Which clips a run works on, each encoded once and kept in a folder."""

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from pathlib import Path

import av

from safelight.bench.derivative.edits import seed_for
from safelight.bench.derivative.pictures import Picture, distinct, photographs
from safelight.bench.video.draw import drawn, shots_for
from safelight.bench.video.footage import Coding, Footage, encode, recorded
from safelight.demo.draw import title
from safelight.model.errors import InputError

EDITED_SECONDS = 16.0
"""Of a longer recorded clip only so much is edited; all of it is known."""
KINDS = ("recorded", "photographs", "drawings")
"""What frames come from."""
SUFFIXES = frozenset({".mp4", ".mov", ".mkv", ".webm", ".avi"})
LONG_GOP_EVERY = 4
"""Every fourth drawn clip has its key frames as far apart as x264 does by itself."""
USUAL = Coding()
_RECIPES = 2
"""Counts changes to how clips are drawn or edited: what was kept before is then made again."""


@dataclass(frozen=True, slots=True)
class VideoClip:
    """One clip. Either `path` is a recorded video, or it is drawn of `pictures`, decided by `seed`.

    `group`: what clips that are variants of one another share. `coding`: how it is encoded, and its edits where they
    do not say otherwise.
    """

    key: str
    group: str
    pictures: tuple[Picture, ...] = ()
    seed: int = 0
    path: Path | None = None
    coding: Coding = USUAL

    @property
    def kind(self) -> str:
        """One of `KINDS`."""
        if self.path is not None:
            return KINDS[0]
        return KINDS[1 + (self.pictures[0].drawn is not None)]

    def data(self, shelf: "Shelf") -> bytes:
        """The video file."""
        if self.path is not None:
            return self.path.read_bytes()
        return shelf.take(self.key, self.recipe, lambda: encode(self.drawn(), self.coding))

    @property
    def recipe(self) -> list[str]:
        """All that decides its bytes."""
        if self.path is not None:
            return [self.path.name, str(self.path.stat().st_size), str(EDITED_SECONDS)]
        return [str(self.seed), str(self.coding), *(one.digest or one.key for one in self.pictures)]

    def drawn(self) -> Footage:
        """The frames before encoding; those of a recorded clip, as it is. Raises InputError for what is no video."""
        if self.path is not None:
            return recorded(self.path.read_bytes(), str(self.path), EDITED_SECONDS)
        return drawn(self.pictures, self.seed)

    def footage(self, shelf: "Shelf") -> Footage:
        """What an editor has before them: the frames of the file."""
        return recorded(self.data(shelf), self.key, EDITED_SECONDS)


@dataclass(frozen=True, slots=True)
class Clips:
    """`known` are in the bank; `sources`, of them, are edited and asked for. `strangers` are not known."""

    known: tuple[VideoClip, ...]
    sources: tuple[VideoClip, ...]
    strangers: tuple[VideoClip, ...]


class Shelf:
    """A folder in which videos are kept that take long to make."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def take(self, key: str, recipe: Sequence[str], make: Callable[[], bytes]) -> bytes:
        """The video of that recipe: kept, or else made and kept. Several processes may ask at once."""
        digest = hashlib.sha256("\0".join([str(_RECIPES), av.__version__, key, *recipe]).encode()).hexdigest()
        name = "".join(letter if letter.isalnum() or letter in "-+" else "_" for letter in key)
        path = self._folder / f"{name}-{digest[:16]}.video"
        if path.is_file():
            return path.read_bytes()
        data = make()
        partial = path.with_suffix(f".{os.getpid()}")
        partial.write_bytes(data)
        partial.replace(path)
        return data


def choose(
    photos: Path | None, videos: Sequence[Path], *, seed: int, known: int, sources: int, say: Callable[[str], None]
) -> Clips:
    """`known` clips, as many strangers, and which of the known to edit: at most `sources`, of each kind by turns.

    Half of the drawn clips are made of photographs under `photos`, where there are any and enough of them; no picture
    is in two clips. Of recorded videos the first of each group of variants is known and edited (see `recordings`).
    Raises InputError for folders that cannot be used.
    """
    recorded_ones = recordings(videos)[:known]
    count = 2 * known - len(recorded_ones)
    drawings, pictures = iter(_drawings()), iter(_photographs(photos, count, seed, say))
    made: list[VideoClip] = []
    for number in range(count):
        shots = shots_for(number)
        chosen = [picture for _, picture in zip(range(shots), pictures, strict=False)] if number % 2 else []
        if len(chosen) < shots:
            chosen = [next(drawings) for _ in range(shots)]
        key = f"clip-{number:03d}"
        clip = VideoClip(key, key, tuple(chosen), seed_for(seed, key))
        made.append(replace(clip, coding=Coding(key_seconds=None)) if number % LONG_GOP_EVERY == 3 else clip)
    own = known - len(recorded_ones)
    turns = zip_longest(recorded_ones, made[:own:2], made[1:own:2])
    everyone = tuple(clip for turn in turns for clip in turn if clip is not None)
    return Clips(everyone, everyone[:sources], tuple(made[own:]))


def recordings(folders: Sequence[Path]) -> list[VideoClip]:
    """The recorded videos in these folders, one of each group of variants: the first by name that says `orig`.

    Names that begin alike up to the first hyphen are variants of one another. Raises InputError for a folder that is
    not there, and for a file that is no video.
    """
    groups: dict[str, list[Path]] = {}
    for folder in folders:
        if not folder.is_dir():
            raise InputError(path=folder, cause="there is no such folder")
        for path in sorted(folder.iterdir()):
            if path.suffix.lower() in SUFFIXES:
                groups.setdefault(path.stem.split("-")[0], []).append(path)
    chosen = [min(paths, key=lambda path: ("orig" not in path.stem, path.name)) for paths in groups.values()]
    clips = [VideoClip(path.stem, group, path=path) for group, path in zip(groups, chosen, strict=True)]
    for clip in clips:
        clip.drawn()  # is it a video at all?
    return clips


def default_folders() -> tuple[Path | None, list[Path]]:
    """Photographs and recorded videos of the shared material, where the machine has it.

    The shared folder is named by SAFELIGHT_SHARED, or lies beside the working directory as `../shared`.
    """
    root = Path(os.environ.get("SAFELIGHT_SHARED", "../shared"))
    photos = root / "corpus" / "photos"
    videos = [root / "corpus" / "video", root / "conformance" / "vpdq" / "sample-videos"]
    return (photos if photos.is_dir() else None), [folder for folder in videos if folder.is_dir()]


def _drawings() -> Iterator[Picture]:
    number = 0
    while True:
        yield Picture(f"drawn/{title(number)}", "", drawn=number)
        number += 1


def _photographs(folder: Path | None, clips: int, seed: int, say: Callable[[str], None]) -> list[Picture]:
    """Distinct photographs, enough for every second clip if there are so many, in an order that the seed decides."""
    if folder is None:
        return []
    wanted = sum(shots_for(number) for number in range(1, clips, 2))
    found = distinct(photographs(folder, wanted + wanted // 8), say)
    return sorted(found, key=lambda one: seed_for(seed, one.digest))
