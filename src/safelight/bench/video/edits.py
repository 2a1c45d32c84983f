"""The edits of the video benchmark, each with the truth about its outcome.

All randomness comes from the seed given, so an edit of a clip is the same on every run.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from safelight.bench.derivative.edits import seed_for
from safelight.bench.video import cut as do
from safelight.bench.video.cut import Cut, Step
from safelight.bench.video.footage import Coding, Footage

POOR = Coding(options=(("preset", "superfast"), ("crf", "35")))
MPEG4 = Coding("mpeg4", "mp4", (), bit_rate=900_000)
VP9 = Coding("libvpx-vp9", "webm", (("deadline", "realtime"), ("cpu-used", "8")), bit_rate=700_000)
LONG_GOP = Coding(key_seconds=None)


@dataclass(frozen=True, slots=True)
class Edit:
    """One edit: steps in order, then an encoding. `others`: how many other clips go into it.

    `coding` None: x264 as the clip itself was encoded.
    """

    name: str
    steps: tuple[Step, ...] = ()
    coding: Coding | None = None
    others: int = 0


@dataclass(frozen=True, slots=True)
class Edited:
    """An edited clip, not encoded yet, and the truth about it.

    `truth`: float64 (seconds,), for each whole second of it the second of the source that its middle shows, NaN where
    it shows none. `replaced`: share of the picture, 0 to 1, that is other content in every frame.
    """

    footage: Footage
    coding: Coding
    truth: NDArray[np.float64]
    replaced: float
    mirrored: bool


def apply(name: str, source: Footage, others: Sequence[Footage], seed: int, coding: Coding | None = None) -> Edited:
    """Edit `source` by the edit of that name.

    `others`: benign clips for patches and surroundings, used from the first on. `coding`: how the source is encoded.
    Raises KeyError for an unknown name, ValueError where an edit needs another clip and there is none.
    """
    edit = EDITS[name]
    if edit.others > len(others):
        raise ValueError(f"edit {name} needs another clip")
    rng = np.random.default_rng(seed_for(seed, name))
    cut = do.begin(source)
    for step in edit.steps:
        cut = step(cut, others, rng)
    return Edited(cut.footage, edit.coding or coding or Coding(), seconds_shown(cut), cut.replaced, cut.mirrored)


def seconds_shown(cut: Cut) -> NDArray[np.float64]:
    """What the middle of each whole second shows; a part of a second at the end counts from half a second on."""
    fps = float(cut.footage.fps)
    middles = np.arange(max(1, int(np.floor(cut.footage.seconds + 0.5)))) + 0.5
    frames = np.minimum((middles * fps).astype(np.int64), cut.footage.count - 1)
    return np.asarray(cut.shows[frames] + (middles - frames / fps), np.float64)


_ALL = (
    Edit("re-encode crf35", coding=POOR),
    Edit("re-encode mpeg4", coding=MPEG4),
    Edit("re-encode vp9", coding=VP9),
    Edit("re-encode gop250", coding=LONG_GOP),
    Edit("resize50", (do.resized(0.5),)),
    Edit("letterbox", (do.letterboxed,)),
    Edit("trim40", (do.trimmed(0.4),)),
    Edit("mirror", (do.mirrored,)),
    Edit("crop25", (do.cropped(0.25),)),
    Edit("speed+10", (do.faster(1.1),)),
    Edit("speed-10", (do.faster(0.9),)),
    Edit("grey", (do.grey,)),
    Edit("text", (do.text,)),
    Edit("pip50", (do.inset(0.5),), others=1),
    Edit("inserted", (do.inserted(6.0),), others=1),
    Edit("screen", (do.on_screen,), others=1),
    Edit("region10", (do.region(0.10),), others=1),
    Edit("region20", (do.region(0.20),), others=1),
    Edit("region35", (do.region(0.35),), others=1),
    Edit("region20 moving", (do.region(0.20, moves=True),), others=1),
    Edit("region20+trim40", (do.region(0.20), do.trimmed(0.4)), others=1),
    Edit("region20+trim40+mirror", (do.region(0.20), do.trimmed(0.4), do.mirrored), others=1),
)

EDITS: Mapping[str, Edit] = MappingProxyType({edit.name: edit for edit in _ALL})
"""All edits by name, in the order of the tables."""

REGION_EDITS = tuple(name for name in EDITS if name.startswith("region"))
"""The edits that replace a part of every frame."""
