"""Data-fed stand-ins for ports: what flows are tested with when no decoder, index or clock may get in the way."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from safelight.model.bank import Bank, HashChange
from safelight.model.clip import CLIP_TILES, Clip, ClipRows
from safelight.model.errors import StorageError
from safelight.model.local import LocalExamination, LocalFeatures
from safelight.model.scan import Examination, ScanRow, ScanSummary
from safelight.ports import Examined, ExamineJob, Hits, Known, Wanted


class FakeClock:
    """Each look at it is a second later."""

    def __init__(self) -> None:
        self.time = datetime(2026, 1, 1, tzinfo=UTC)

    def now(self) -> datetime:
        self.time += timedelta(seconds=1)
        return self.time


def without_keypoints(seen: LocalExamination) -> LocalExamination:
    """What a worker says of a picture before it is told that its keypoints are wanted."""
    nothing = np.zeros(0, np.float32)
    bare = LocalFeatures(
        seen.features.width, seen.features.height, nothing, nothing, nothing, nothing, np.zeros((0, 128), np.uint8)
    )
    return replace(seen, features=bare)


class FakeExaminer:
    """Answers from a table name -> examinations; yields jobs in the order that `shuffle` gives them.

    `local`, `pixels`, `clip` and `key_frames` of an examination in the table go to those only who ask for them.
    """

    confinement = {"rlimits": "none: this is a test"}  # noqa: RUF012 - a constant
    spent = {"hashes": 1.0, "keypoints": 0.5}  # noqa: RUF012 - a constant

    def __init__(
        self, table: dict[str, Sequence[Examination]], shuffle: Callable[[list[ExamineJob]], list[ExamineJob]] = list
    ) -> None:
        self.table = table
        self.shuffle = shuffle
        self.decoded: list[str] = []
        self.stop_after: int | None = None

    @contextmanager
    def run(
        self, jobs: Iterable[ExamineJob], known: Known | None = None, wanted: Wanted | None = None
    ) -> Iterator[Iterator[Examined]]:
        known = known or (lambda _key, _digests: False)
        wanted = wanted or (lambda _key, _found: True)
        yield self._results(self.shuffle(list(jobs)), known, wanted)

    def _results(self, jobs: list[ExamineJob], known: Known, wanted: Wanted) -> Iterator[Examined]:
        for count, job in enumerate(jobs):
            if count == self.stop_after:
                raise KeyboardInterrupt
            examinations = self.table[job.name]
            for member, examination in enumerate(examinations):
                fingerprint, local, clip, key_frames = examination.fingerprint, None, None, examination.key_frames[:0]
                if fingerprint is None or not known(job.key, fingerprint.digests):
                    self.decoded.append(examination.path)
                    if job.local and examination.local:
                        bare = replace(examination, local=without_keypoints(examination.local))
                        wants = job.local.keypoints and wanted(job.key, bare)
                        local = examination.local if wants else bare.local
                    if job.clip and examination.clip:
                        clip, bare = examination.clip, replace(examination, key_frames=())
                        key_frames = examination.key_frames[: job.clip.key_frames if wanted(job.key, bare) else 0]
                pixels = examination.pixels if job.pixels else None
                told = replace(examination, local=local, pixels=pixels, clip=clip, key_frames=key_frames)
                yield Examined(job.key, member, told, member == len(examinations) - 1)


class BruteIndex:
    """`ports.HashIndex` by comparing everything with everything."""

    def __init__(self) -> None:
        self.codes: dict[int, bytes] = {}
        self.built_to = 0

    def __len__(self) -> int:
        return len(self.codes)

    def apply(self, changes: Sequence[HashChange]) -> None:
        for change in changes:
            self.built_to = change.seq
            if change.pdq is None:
                self.codes.pop(change.hash_id, None)
            else:
                self.codes[change.hash_id] = change.pdq

    def search(self, queries: NDArray[np.uint8], radius: int) -> Hits:
        found = sorted(
            (row, distance, hash_id)
            for row, query in enumerate(queries)
            for hash_id, code in self.codes.items()
            if (distance := (int.from_bytes(query.tobytes()) ^ int.from_bytes(code)).bit_count()) <= radius
        )
        columns = np.array(found, dtype=np.int64).reshape(-1, 3)
        return Hits(columns[:, 0], columns[:, 2], columns[:, 1])

    def close(self) -> None:
        """Nothing to let go of."""


class BruteRoom:
    """`ports.IndexRoom` in memory."""

    def __init__(self) -> None:
        self.indexes: dict[int, BruteIndex] = {}

    def open(self, bank: Bank, *, write: bool = False) -> BruteIndex:
        del write
        return self.indexes.setdefault(bank.id, BruteIndex())

    def drop(self, bank: Bank) -> None:
        self.indexes.pop(bank.id, None)


@dataclass
class MemoryClips:
    """`ports.ClipIndex` in a dictionary, by entry id: the obvious version that the others are compared with."""

    held: dict[int, Clip] = field(default_factory=dict)
    writable: bool = False

    def __len__(self) -> int:
        return len(self.held)

    def add(self, clips: Iterable[tuple[int, Clip]]) -> int:
        self._expect_writable()
        fresh = dict(clips)
        self.held.update(fresh)
        return len(fresh)

    def remove(self, entries: Iterable[int]) -> None:
        self._expect_writable()
        for entry in entries:
            self.held.pop(entry, None)

    def entries(self) -> NDArray[np.int64]:
        return np.array(sorted(self.held), np.int64)

    def rows(self) -> ClipRows:
        clips = [self.held[entry] for entry in sorted(self.held)]
        return ClipRows(
            entry=np.repeat(self.entries(), [len(clip.keyed) for clip in clips]),
            row=np.concatenate([np.empty(0, np.int32), *(clip.keyed for clip in clips)]),
            codes=np.concatenate([np.empty((0, 32), np.uint8), *(clip.codes[clip.keyed] for clip in clips)]),
            quality=np.concatenate([np.empty(0, np.uint8), *(clip.quality[clip.keyed] for clip in clips)]),
            tiles=np.concatenate([np.empty((0, CLIP_TILES, 32), np.uint8), *(clip.tiles for clip in clips)]),
            tile_quality=np.concatenate([np.empty((0, CLIP_TILES), np.uint8), *(clip.tile_quality for clip in clips)]),
        )

    def clip(self, entry: int) -> Clip:
        return self.held[entry]

    def close(self) -> None:
        """Nothing is open."""

    def _expect_writable(self) -> None:
        if not self.writable:
            raise StorageError(path="memory", cause="open for reading only")


class MemoryClipRoom:
    """`ports.ClipRoom`."""

    def __init__(self) -> None:
        self.indexes: dict[int, dict[int, Clip]] = {}

    def open(self, bank: Bank, *, write: bool = False) -> MemoryClips:
        return MemoryClips(self.indexes.setdefault(bank.id, {}), write)

    def renew(self, bank: Bank, stays: Callable[[Collection[int]], Collection[int]]) -> None:
        held = self.indexes.setdefault(bank.id, {})
        staying = stays(list(held))
        for entry in [entry for entry in held if entry not in staying]:
            del held[entry]

    def drop(self, bank: Bank) -> None:
        self.indexes.pop(bank.id, None)


class KeptOutputs:
    """`ports.ScanOutputs` that keeps what it was given."""

    def __init__(self) -> None:
        self.rows: list[ScanRow] = []
        self.summary: ScanSummary | None = None

    def write(self, rows: Callable[[], Iterator[ScanRow]], summary: ScanSummary) -> dict[str, str]:
        self.rows = list(rows())
        self.summary = summary
        return {"results.jsonl": "kept"}


class CountedProgress:
    """`ports.Progress` that counts."""

    def __init__(self) -> None:
        self.total = self.done = self.found = 0

    def start(self, total: int, done: int) -> None:
        self.total, self.done = total, done

    def advance(self, files: int, size: int, found: int) -> None:
        del size
        self.done += files
        self.found += found


@dataclass
class KeptMasks:
    """`ports.Masks`."""

    kept: dict[str, NDArray[np.bool_]] = field(default_factory=dict)

    def put(self, name: str, mask: NDArray[np.bool_]) -> str:
        self.kept[name] = mask
        return f"masks/{name}.png"
