"""Makes every query, asks it, and notes what came back and what is true."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from safelight.bench.derivative.edits import seed_for
from safelight.bench.video.baseline import VpdqRule
from safelight.bench.video.clips import Clips, Shelf, VideoClip
from safelight.bench.video.edits import EDITS, Edited, apply
from safelight.bench.video.footage import encode
from safelight.model.match import Match

POSITIVE, STRANGER = "positive", "stranger"


class Tracker(Protocol):
    """Finds known videos in others. With several processes, each gets a forked copy once all is added."""

    def add(self, name: str, data: bytes) -> None:
        """Take in a known video."""

    def find(self, data: bytes) -> list[Match]:
        """Matches of a video with known ones, by the names these were added under."""

    def bytes_stored(self) -> int:
        """Bytes that all that was added takes."""

    def close(self) -> None:
        """Let go of files and memory."""


@dataclass(frozen=True, slots=True)
class Query:
    """An edit of a clip, not made yet. `others`: clips that go into it. `seed`: fixes the edit."""

    group: str
    clip: VideoClip
    edit: str
    others: tuple[VideoClip, ...]
    seed: int

    def edited(self, shelf: Shelf) -> Edited:
        """The edit, not encoded yet."""
        others = [other.drawn() for other in self.others]
        return apply(self.edit, self.clip.footage(shelf), others, self.seed, self.clip.coding)

    def encoded(self, edited: Edited, shelf: Shelf) -> bytes:
        """The video file that is asked about."""
        recipe = [self.edit, str(edited.coding), str(self.seed)]
        recipe += [line for clip in (self.clip, *self.others) for line in clip.recipe]
        key = f"{self.clip.key}-{self.edit}"
        return shelf.take(key, recipe, lambda: encode(edited.footage, edited.coding))


@dataclass(frozen=True, slots=True)
class Outcome:
    """A query with its answers. `truth`, `replaced`: as `Edited` has them. `seconds`: CPU time of ours.

    `vpdq`: percent of the query's frames that agree with each known video by vPDQ's rule.
    """

    query: Query
    truth: NDArray[np.float64]
    replaced: float
    matches: tuple[Match, ...]
    seconds: float
    vpdq: Mapping[str, float]


def plan(clips: Clips, seed: int) -> list[list[Query]]:
    """All queries, those of one clip together: every source in every edit, every stranger in one, taken in turn.

    What is pasted or played around a clip is a stranger's.
    """
    planned = [[_query(POSITIVE, one, edit, clips.strangers, seed) for edit in EDITS] for one in clips.sources]
    edits = list(EDITS)
    for number, one in enumerate(clips.strangers):
        planned.append([_query(STRANGER, one, edits[number % len(edits)], clips.strangers, seed)])
    return planned


def _query(group: str, clip: VideoClip, edit: str, strangers: Sequence[VideoClip], seed: int) -> Query:
    rng = np.random.default_rng(seed_for(seed, clip.key, edit, "other clips"))
    rest = [one for one in strangers if one != clip]
    chosen = rng.permutation(len(rest))[: EDITS[edit].others].tolist()
    return Query(group, clip, edit, tuple(rest[place] for place in chosen), seed_for(seed, clip.key))


@dataclass(frozen=True, slots=True)
class Contest:
    """Who is asked: ours, and vPDQ's rule; and where videos are kept."""

    ours: Tracker
    vpdq: VpdqRule
    shelf: Shelf

    def ask(self, query: Query) -> Outcome:
        """Make one query and ask both."""
        edited = query.edited(self.shelf)
        data = query.encoded(edited, self.shelf)
        began = time.process_time()
        matches = tuple(self.ours.find(data))
        seconds = time.process_time() - began
        return Outcome(query, edited.truth, edited.replaced, matches, seconds, self.vpdq.find(data))
