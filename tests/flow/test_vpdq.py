"""vPDQ's frame lists: hashed from videos, taken into banks, and given out again."""

import math
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from safelight.adapter.lists.vpdq import read_vpdq, write_frames
from safelight.fingerprint.vpdq import clip_of_frames
from safelight.flow import banks
from safelight.flow.vpdq import AddedLists, add_frame_lists, frames_of_entry, hash_video, read_frames
from safelight.model.bank import Bank, KnownHash
from safelight.model.clip import OF_KNOWN_CLIP, Clip, ClipRows, Sampling
from safelight.model.errors import ImportFormatError, InputError, UnknownEntryError, UsageError
from safelight.model.media import MediaFacts
from safelight.model.scan import Examination, Status
from safelight.model.signal import Signal
from safelight.model.vpdq import VpdqFrame
from safelight.ports import ExamineJob
from tests.contract.memory_bank_store import MemoryBankStore, SetClock
from tests.fakes import BruteRoom, FakeExaminer


@dataclass
class Clips:
    """`ports.ClipIndex` and `ports.ClipRoom` of one bank, as far as is needed here."""

    held: dict[int, Clip] = field(default_factory=dict)

    def open(self, bank: Bank, *, write: bool = False) -> "Clips":
        del bank, write
        return self

    def close(self) -> None:
        """Nothing is open."""

    def add(self, clips: Iterable[tuple[int, Clip]]) -> int:
        fresh = dict(clips)
        self.held.update(fresh)
        return len(fresh)

    def entries(self) -> NDArray[np.int64]:
        return np.array(sorted(self.held), np.int64)

    def clip(self, entry: int) -> Clip:
        return self.held[entry]

    def __len__(self) -> int:
        return len(self.held)

    def remove(self, entries: Iterable[int]) -> None:
        raise NotImplementedError

    def rows(self) -> ClipRows:
        raise NotImplementedError

    def renew(self, bank: Bank, stays: Callable[[Collection[int]], Collection[int]]) -> None:
        raise NotImplementedError

    def drop(self, bank: Bank) -> None:
        raise NotImplementedError


def code(seed: int) -> str:
    return np.random.default_rng(seed).bytes(32).hex()


def listed(*seeds: int, quality: int = 100) -> tuple[VpdqFrame, ...]:
    return tuple(VpdqFrame(30 * n, quality, code(seed), float(n)) for n, seed in enumerate(seeds))


@dataclass
class Place:
    folder: Path
    store: MemoryBankStore = field(default_factory=lambda: MemoryBankStore(SetClock()))
    room: BruteRoom = field(default_factory=BruteRoom)
    clips: Clips = field(default_factory=Clips)

    def write(self, name: str, frames: tuple[VpdqFrame, ...]) -> Path:
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        with path.open("wb") as stream:
            write_frames(frames, stream)
        return path

    def add(self, *paths: Path) -> AddedLists:
        bank = self.store.bank("known")
        return add_frame_lists(self.store, self.room, self.clips, read_vpdq, bank, paths, "category", "a friend")

    def held(self) -> dict[str, Clip]:
        names = {entry.id: entry.name for entry in self.store.entries(self.store.bank("known"))}
        return {names[number]: clip for number, clip in self.clips.held.items()}


@pytest.fixture
def place(tmp_path: Path) -> Place:
    made = Place(tmp_path)
    banks.create_bank(made.store, "known")
    return made


def test_each_list_is_an_entry_with_its_hashes_and_its_clip(place: Place) -> None:
    report = place.add(place.write("one.txt", listed(1, 1, 2)), place.write("two.txt", listed(3)))
    assert (report.added, report.present, report.failed) == (2, 0, [])
    entry = place.store.entry(place.store.bank("known"), "one.txt")
    assert [replace(known, id=0) for known in entry.hashes] == [
        KnownHash("pdq", code(1), 100),
        KnownHash("pdq", code(2), 100),
    ]
    assert (entry.classification, entry.source) == ("category", "a friend")
    assert len(place.room.open(place.store.bank("known"))) == 3
    assert place.held()["one.txt"].time.tolist() == [0.0, 2.0]
    assert place.held()["one.txt"].duration == 3.0


def test_adding_again_changes_nothing_and_completes_what_was_interrupted(place: Place) -> None:
    paths = [place.write(f"{n}.txt", listed(n)) for n in range(3)]
    place.add(*paths)
    before = dict(place.clips.held)
    place.clips.held.popitem()
    report = place.add(*paths)
    assert (report.added, report.present, report.failed) == (0, 3, [])
    assert place.clips.held.keys() == before.keys()


def test_another_list_of_the_same_name_is_told_and_left(place: Place) -> None:
    first, second = place.write("list.txt", listed(1)), place.write("other/list.txt", listed(2))
    report = place.add(first, second)
    assert (report.added, report.present) == (1, 0)
    assert report.failed == [(str(second), "the bank has another entry called 'list.txt'")]
    assert place.held()["list.txt"].codes.tobytes().hex() == code(1)


def test_lists_that_cannot_be_used_are_told_and_the_rest_is_added(place: Place) -> None:
    broken = place.folder / "broken.txt"
    broken.write_text("0,100,x,0\n")
    poor = place.write("poor.txt", listed(1, 2, quality=49))
    missing = place.folder / "missing.txt"
    report = place.add(broken, poor, missing, place.write("good.txt", listed(3)))
    assert report.added == 1
    assert report.failed == [
        (str(broken), "line 1: pdq has 64 hexadecimal digits, here are 1 characters"),
        (str(poor), "no frame is of a quality at which frames are compared"),
        (str(missing), "No such file or directory"),
    ]


def test_a_known_video_is_given_out_as_a_list(place: Place) -> None:
    place.add(place.write("one.txt", listed(1, 1, 2)))
    video = frames_of_entry(place.store, place.clips, "known", "one.txt", 1.0)
    assert video.frames == tuple(VpdqFrame(n, 100, code(seed), float(n)) for n, seed in enumerate([1, 1, 2]))
    assert video.notes == ()


def test_bars_are_noted_since_vpdq_hashes_them_too(place: Place) -> None:
    place.add(place.write("one.txt", listed(1)))
    number, clip = place.clips.held.popitem()
    place.clips.held[number] = replace(clip, box=(0, 10, 100, 90))
    (note,) = frames_of_entry(place.store, place.clips, "known", "one.txt", 1.0).notes
    assert "inside bars" in note


def test_what_has_no_clip_cannot_be_given_out(place: Place) -> None:
    place.add(place.write("one.txt", listed(1)))
    place.clips.held.clear()
    with pytest.raises(UsageError, match="has no clip"):
        frames_of_entry(place.store, place.clips, "known", "one.txt", 1.0)
    with pytest.raises(UnknownEntryError):
        frames_of_entry(place.store, place.clips, "known", "two.txt", 1.0)
    for every in (0.0, -1.0, math.inf, math.nan):
        with pytest.raises(UsageError, match="seconds apart"):
            frames_of_entry(place.store, place.clips, "known", "one.txt", every)


def test_more_frames_than_a_list_has_are_refused(place: Place) -> None:
    first, second = listed(1, 2)
    place.add(place.write("one.txt", (first, replace(second, time=1e6))))
    with pytest.raises(UsageError, match="more than 250,000"):
        frames_of_entry(place.store, place.clips, "known", "one.txt", 1.0)


def clip_of_worker(*seeds: int, every: float) -> Clip:
    """A row for each frame, as `ClipRequest.exact` has it."""
    frames = tuple(VpdqFrame(n, 100, code(seed), n * every) for n, seed in enumerate(seeds))
    return clip_of_frames(frames, replace(OF_KNOWN_CLIP, sampling=Sampling(0.0)))


class AskedExaminer(FakeExaminer):
    """Keeps what it was asked for."""

    def __init__(self, name: str, *found: Examination) -> None:
        super().__init__({name: found}, self._note)
        self.asked: list[ExamineJob] = []

    def _note(self, jobs: list[ExamineJob]) -> list[ExamineJob]:
        self.asked += jobs
        return jobs


def video(name: str, **changes: object) -> Examination:
    facts = MediaFacts("video/mp4", 64, 48, frames=90, duration=3.0)
    found = Examination(name, Status.OK, "video/mp4", facts, clip=clip_of_worker(1, 2, 3, every=1.0))
    return replace(found, **changes)  # type: ignore[arg-type]  # any field


@pytest.fixture
def path(tmp_path: Path) -> str:
    made = tmp_path / "video.mp4"
    made.touch()
    return str(made)


def test_a_video_is_hashed_frame_by_frame_in_the_worker(path: str) -> None:
    examiner = AskedExaminer(path, video(path))
    hashed = hash_video(examiner, path)
    assert hashed.frames == tuple(VpdqFrame(n, 100, code(n + 1), float(n)) for n in range(3))
    (job,) = examiner.asked
    assert job.clip is not None
    assert (job.clip.exact, job.clip.sampling, job.clip.keyed, job.clip.local) == (True, Sampling(0.0), 0, None)


def test_numbers_of_sampled_frames_are_those_in_the_video(path: str) -> None:
    hashed = hash_video(AskedExaminer(path, video(path)), path, every=1.0)
    assert [one.frame for one in hashed.frames] == [0, 30, 60]


def test_what_is_odd_about_a_video_is_told(path: str) -> None:
    found = video(path, status=Status.DEGRADED, signals=(Signal("file_oddity", "cut short"), Signal("other", "x")))
    assert hash_video(AskedExaminer(path, found), path).notes == ("cut short",)


@pytest.mark.parametrize(
    ("changes", "cause"),
    [
        ({"clip": None, "error": "damaged: not one frame could be decoded"}, "damaged: not one frame could be decoded"),
        ({"clip": None, "mime": "image/png"}, r"no video \(image/png\)"),
        ({"clip": None, "mime": ""}, r"no video \(unknown type\)"),
        ({"path": "video.mp4!/inside.mp4"}, "is an archive; take the video out first"),
    ],
)
def test_what_is_no_video_is_told(path: str, changes: dict[str, object], cause: str) -> None:
    with pytest.raises(InputError, match=cause):
        hash_video(AskedExaminer(path, video(path, **changes)), path)


def test_a_missing_file_and_impossible_seconds_are_told(path: str) -> None:
    with pytest.raises(InputError, match="no such file"):
        hash_video(FakeExaminer({}), path + "x")
    for every in (-1.0, math.inf, math.nan):
        with pytest.raises(UsageError, match="seconds apart"):
            hash_video(FakeExaminer({}), path, every)


def test_a_list_is_read_from_its_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="Is a directory"):
        read_frames(read_vpdq, tmp_path)
    (tmp_path / "empty").touch()
    with pytest.raises(ImportFormatError, match="holds no frame"):
        read_frames(read_vpdq, tmp_path / "empty")
