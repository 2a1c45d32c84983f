"""What is asked: every source in 33 edits, every negative in some of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from safelight.bench.derivative.edits import EDITS, Edited, apply, seed_for
from safelight.bench.derivative.pictures import Picture
from safelight.bench.derivative.split import Split

POSITIVE = "positive"
SAME_SCENE = "same scene"
UNRELATED = "unrelated"


@dataclass(frozen=True, slots=True)
class Query:
    """An edit of a picture, not made yet. `group`: POSITIVE, SAME_SCENE or UNRELATED. `seed`: fixes the edit."""

    group: str
    picture: Picture
    edit: str
    others: tuple[Picture, ...]
    seed: int

    @property
    def name(self) -> str:
        """Unique in a run."""
        return f"{self.picture.key}:{self.edit}"

    def make(self) -> Edited:
        """Make the edit."""
        return apply(self.edit, self.picture.load(), [one.load() for one in self.others], self.seed)


def plan(split: Split, seed: int, edits_per_negative: int) -> list[list[Query]]:
    """All queries, those of one picture together. No pixel of the index gets into another picture's query."""
    outsiders = split.outsiders
    planned = [[_query(POSITIVE, one, name, outsiders, seed) for name in EDITS] for one in split.sources]
    for group, negatives in ((SAME_SCENE, split.same_scene), (UNRELATED, split.unrelated)):
        for one in negatives:
            rng = np.random.default_rng(seed_for(seed, one.key, "which edits"))
            chosen = rng.choice(list(EDITS), edits_per_negative, replace=False).tolist()
            planned.append([_query(group, one, name, outsiders, seed) for name in chosen])
    return planned


def _query(group: str, picture: Picture, edit: str, outsiders: Sequence[Picture], seed: int) -> Query:
    count = EDITS[edit].others
    rng = np.random.default_rng(seed_for(seed, picture.key, edit, "other pictures"))
    drawn = rng.permutation(len(outsiders))[: count + 1].tolist()
    others = [outsiders[row] for row in drawn if outsiders[row] != picture]
    return Query(group, picture, edit, tuple(others[:count]), seed_for(seed, picture.key))
