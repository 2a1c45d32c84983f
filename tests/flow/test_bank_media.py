"""Adding media to a bank: entries and their local features, and what an interruption leaves."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest

from safelight.adapter.lists import write_list
from safelight.flow import bank_media, banks
from safelight.flow.bank_media import FRAME_HASHES, MIN_QUALITY, AddReport, add_media, frame_hashes
from safelight.model.bank import Bank, BankEntry
from safelight.model.clip import OF_KNOWN_CLIP, Clip, KeyFrame
from safelight.model.fingerprint import Digests, Fingerprint
from safelight.model.local import OF_KNOWN, LocalExamination, LocalFeatures, Sketch, WorkingPicture
from safelight.model.scan import Examination, Status
from safelight.ports import ExamineJob
from tests.clips import clip, same_clip
from tests.contract.memory_bank_store import MemoryBankStore, SetClock
from tests.contract.memory_family_store import MemoryFamilyStore
from tests.contract.memory_features import MemoryFeatureRoom
from tests.fakes import BruteRoom, CountedProgress, FakeExaminer, MemoryClipRoom
from tests.sketches import same, sketch


def digests(content: str) -> Digests:
    value = sha256(content.encode()).hexdigest()
    return Digests(value[:32], value[:40], value, 1)


def seen(path: str, content: str | None = None, *, seed: int | None = None) -> Examination:
    """A readable file of some content, with local features when `seed` is given."""
    local = None
    if seed is not None:
        one = np.ones(1, np.float32)
        features = LocalFeatures(4, 3, one, one, one, one, np.zeros((1, 128), np.uint8))
        local = LocalExamination(WorkingPicture(np.zeros((3, 4), np.uint8), seed, 3), features, sketch(seed).tiles)
    return Examination(path, Status.OK, fingerprint=Fingerprint(digests(content or path)), local=local)


def video(path: str, content: str | None = None, *, seed: int, frames: int = 3) -> Examination:
    """A readable video, with its clip, and so many key frames a second apart."""
    local = seen(path, seed=1).local
    assert local is not None
    looked = [replace(local, working=replace(local.working, width=1000 * seed + n)) for n in range(frames)]
    key_frames = tuple(KeyFrame(n + 0.125, one) for n, one in enumerate(looked))
    fingerprint = Fingerprint(digests(content or path))
    return Examination(path, Status.OK, fingerprint=fingerprint, clip=clip(seed), key_frames=key_frames)


def sketcher(examination: LocalExamination) -> Sketch:
    return sketch(examination.working.width)


@dataclass
class Place:
    """A folder of files that an examiner answers for, and a bank to add them to."""

    folder: Path
    store: MemoryBankStore = field(default_factory=lambda: MemoryBankStore(SetClock()))
    room: BruteRoom = field(default_factory=BruteRoom)
    features: MemoryFeatureRoom = field(default_factory=MemoryFeatureRoom)
    clips: MemoryClipRoom = field(default_factory=MemoryClipRoom)
    examiner: FakeExaminer = field(default_factory=lambda: FakeExaminer({}))

    def put(self, name: str, *examinations: Examination) -> None:
        (self.folder / name).touch()
        self.examiner.table[name] = examinations

    def add(self, bank: Bank) -> AddReport:
        return add_media(
            self.store,
            self.room,
            self.features,
            self.examiner,
            sketcher,
            bank,
            str(self.folder),
            CountedProgress(),
            clips=self.clips,
        )

    def held(self, bank: Bank) -> dict[str, Sketch]:
        """The sketches of a bank by the names of their entries."""
        names = {entry.id: entry.name for entry in self.store.entries(bank)}
        return {names[entry]: one for (entry, _frame), one in self.features.indexes.get(bank.id, {}).items()}

    def watched(self, bank: Bank) -> dict[str, Clip]:
        """The clips of a bank by the names of their entries."""
        names = {entry.id: entry.name for entry in self.store.entries(bank)}
        return {names[entry]: one for entry, one in self.clips.indexes.get(bank.id, {}).items()}

    def frames(self, bank: Bank, name: str) -> list[int]:
        """The numbers of the frames of which an entry has sketches."""
        number = self.store.entry(bank, name).id
        return sorted(frame for entry, frame in self.features.indexes.get(bank.id, {}) if entry == number)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def pictures(place: Place, numbers: Iterable[int]) -> None:
    for number in numbers:
        place.put(f"{number:03}", seen(f"{number:03}", seed=number))


def test_pictures_get_local_features_and_the_rest_does_not(place: Place) -> None:
    pictures(place, [1, 2])
    place.put("notes.txt", seen("notes.txt"))
    place.put("z.zip", seen("z.zip!/a", seed=7), seen("z.zip!/b", seed=8), seen("z.zip"))
    place.put("broken", Examination("broken", Status.UNREADABLE, error="no picture"))
    bank = banks.create_bank(place.store, "known")
    report = place.add(bank)
    assert (report.added, report.present, report.local) == (6, 0, 4)
    assert report.failed == [("broken", "no picture")]
    held = place.held(bank)
    assert sorted(held) == ["001", "002", "z.zip!/a", "z.zip!/b"]
    assert all(same(held[name], sketch(seed)) for name, seed in (("001", 1), ("z.zip!/b", 8)))
    assert banks.count_local(place.features, bank) == 4


def test_known_pictures_are_looked_at_as_known_ones_are(place: Place) -> None:
    jobs: list[ExamineJob] = []

    def noted(asked: list[ExamineJob]) -> list[ExamineJob]:
        jobs.extend(asked)
        return asked

    place.examiner.shuffle = noted
    pictures(place, [1])
    for name, local in (("with", True), ("without", False)):
        place.add(banks.create_bank(place.store, name, local=local))
    assert [job.local for job in jobs] == [OF_KNOWN, None]


def test_a_bank_without_local_features_never_opens_them(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """So it needs no key."""
    monkeypatch.setattr(place.features, "open", None)
    pictures(place, [1])
    bank = banks.create_bank(place.store, "known", local=False)
    assert place.add(bank).local == 0
    assert place.held(bank) == {}


def test_adding_again_changes_nothing_and_asks_for_nothing(place: Place) -> None:
    pictures(place, range(5))
    bank = banks.create_bank(place.store, "known")
    place.add(bank)
    before = place.held(bank)
    place.examiner.table = {
        name: [replace(examination, local=None)] for name, (examination,) in place.examiner.table.items()
    }
    report = place.add(bank)
    assert (report.added, report.present, report.local) == (0, 5, 0)
    assert place.held(bank) == before


def test_keypoints_are_asked_for_only_where_they_are_lacking(place: Place) -> None:
    pictures(place, range(4))
    bank = banks.create_bank(place.store, "known")
    place.add(bank)
    place.features.open(bank, write=True).remove([place.store.entry(bank, "002").id])
    asked: list[str] = []

    def noting(examination: LocalExamination) -> Sketch:
        if len(examination.features.x):
            asked.append(str(examination.working.width))
        return sketcher(examination)

    pictures(place, [9])
    arguments = (place.store, place.room, place.features, place.examiner, noting, bank, str(place.folder))
    report = add_media(*arguments, CountedProgress())
    assert asked == ["2", "9"]
    assert (report.added, report.local) == (1, 2)


def test_what_was_added_without_is_completed(place: Place) -> None:
    """After the switch was turned on, or when adding was killed between an entry and its sketch."""
    pictures(place, range(6))
    bank = banks.create_bank(place.store, "known", local=False)
    place.add(bank)
    bank = banks.change_bank(place.store, "known", local=True)
    report = place.add(bank)
    assert (report.added, report.present, report.local) == (0, 6, 6)
    assert sorted(place.held(bank)) == [f"{n:03}" for n in range(6)]


def test_an_entry_of_other_bytes_keeps_its_own_features_or_none(place: Place) -> None:
    bank = banks.create_bank(place.store, "known", local=False)
    place.put("same name", seen("same name", "first", seed=1))
    place.add(bank)
    bank = banks.change_bank(place.store, "known", local=True)
    place.put("same name", seen("same name", "second", seed=2))
    assert place.add(bank).local == 0
    assert place.held(bank) == {}
    place.put("same name", seen("same name", "first", seed=1))
    assert place.add(bank).local == 1
    assert same(place.held(bank)["same name"], sketch(1))


def test_of_two_files_of_one_name_the_first_gives_both_entry_and_features(place: Place) -> None:
    place.put("a.zip", seen("a.zip!/x", "first", seed=1), seen("a.zip!/x", "second", seed=2))
    bank = banks.create_bank(place.store, "known")
    report = place.add(bank)
    assert (report.added, report.present, report.local) == (1, 1, 1)
    assert same(place.held(bank)["a.zip!/x"], sketch(1))


@pytest.mark.parametrize("where", ["store", "features"])
def test_an_interrupted_addition_is_completed_by_the_next(
    place: Place, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    monkeypatch.setattr(bank_media, "BATCH", 4)
    pictures(place, range(20))
    bank = banks.create_bank(place.store, "known")
    calls = 0

    def failing(real: Callable[..., object]) -> Callable[..., object]:
        def step(*arguments: object, **options: object) -> object:
            nonlocal calls
            calls += 1
            if calls == 3:
                raise KeyboardInterrupt
            return real(*arguments, **options)

        return step

    with monkeypatch.context() as patch:
        if where == "store":
            patch.setattr(place.store, "add", failing(place.store.add))
        else:
            patch.setattr(place.features, "open", failing(place.features.open))
        with pytest.raises(KeyboardInterrupt):
            place.add(bank)
    entries = len(list(place.store.entries(bank)))
    assert (entries, len(place.held(bank))) == ((8, 8) if where == "store" else (8, 4))
    report = place.add(bank)
    assert report.added == 20 - entries
    assert sorted(place.held(bank)) == [f"{n:03}" for n in range(20)]


def test_an_export_holds_no_local_features(place: Place) -> None:
    """Nothing of any array, and nothing but the fields of an entry."""
    pictures(place, range(3))
    bank = banks.create_bank(place.store, "known")
    place.add(bank)
    for form in ("jsonl", "csv", "vics", "pdq-text"):
        out = BytesIO()
        banks.export_bank(place.store, write_list, "known", form, out)
        data = out.getvalue()
        for one in place.held(bank).values():
            for array in (one.signature[0], one.x, one.y, one.tiles.codes[0], one.tiles.codes[-1]):
                assert array.tobytes() not in data
                assert array.tobytes().hex().encode() not in data.lower()
        if form == "jsonl":
            allowed = {"name", "hashes", "classification", "source", "expires", "metadata"}
            assert all(json.loads(line).keys() <= allowed for line in data.splitlines())


def test_what_is_gone_from_the_store_goes_from_the_features(place: Place) -> None:
    pictures(place, range(3))
    bank = banks.create_bank(place.store, "known")
    place.add(bank)
    place.store.remove(bank, ["001"])  # and killed
    (place.folder / "001").unlink()
    place.add(bank)
    assert len(place.features.indexes[bank.id]) == 2


def test_videos_get_a_clip_sketches_and_hashes_of_their_frames(place: Place) -> None:
    place.put("a.mp4", video("a.mp4", seed=1))
    place.put("b.zip", video("b.zip!/b.mp4", seed=2), seen("b.zip"))
    place.put("c.png", seen("c.png", seed=3))
    place.put("d.mp4", replace(video("d.mp4", seed=4), clip=clip(4, rows=0), key_frames=()))
    bank = banks.create_bank(place.store, "known")
    report = place.add(bank)
    assert (report.added, report.local, report.failed) == (5, 3, [])
    assert "d.mp4" in report.unhashed
    assert "a.mp4" not in report.unhashed
    held = place.watched(bank)
    assert sorted(held) == ["a.mp4", "b.zip!/b.mp4", "d.mp4"]
    assert same_clip(held["a.mp4"], clip(1))
    assert place.frames(bank, "a.mp4") == [126, 1126, 2126]  # 1 and the milliseconds
    assert place.frames(bank, "c.png") == [0]
    number = place.store.entry(bank, "a.mp4").id
    assert same(place.features.indexes[bank.id][number, 1126], sketch(1001))
    kept = [known for known in place.store.entry(bank, "a.mp4").hashes if known.kind == "pdq"]
    rows = [row for row in clip(1).keyed.tolist() if clip(1).quality[row] >= 50]
    assert [known.value for known in kept] == [clip(1).codes[row].tobytes().hex() for row in rows]
    assert len(place.room.indexes[bank.id]) == sum(
        known.kind == "pdq" for entry in place.store.entries(bank) for known in entry.hashes
    )


@pytest.mark.parametrize("rows", [0, 40, 9_000])
def test_hashes_of_frames_are_distinct_good_and_bounded_in_number(rows: int) -> None:
    made = clip(7, rows=rows)
    made.codes[: rows // 4] = made.codes[:1]
    kept = frame_hashes(made)
    assert len(kept) <= FRAME_HASHES
    assert len({known.value for known in kept}) == len(kept)
    assert all(MIN_QUALITY <= known.quality <= 100 for known in kept)
    places = {code.tobytes().hex(): row for row, code in enumerate(made.codes)}
    found = [places[known.value] for known in kept]
    assert all(row in made.keyed for row in found[1:])
    assert found[1:] == sorted(found[1:])
    good = [row for row in made.keyed.tolist() if made.quality[row] >= MIN_QUALITY]
    assert found[-1:] == good[-1:]


def test_videos_are_looked_at_as_known_ones_are(place: Place) -> None:
    jobs: list[ExamineJob] = []

    def noted(asked: list[ExamineJob]) -> list[ExamineJob]:
        jobs.extend(asked)
        return asked

    place.examiner.shuffle = noted
    place.put("a.mp4", video("a.mp4", seed=1))
    plain = banks.create_bank(place.store, "without", local=False)
    for bank in (banks.create_bank(place.store, "with"), plain):
        place.add(bank)
    assert [job.clip for job in jobs] == [OF_KNOWN_CLIP, replace(OF_KNOWN_CLIP, key_frames=0, local=None)]
    assert list(place.watched(plain)) == ["a.mp4"]
    assert place.held(plain) == {}


def test_adding_videos_again_changes_nothing_and_asks_for_nothing(place: Place) -> None:
    place.put("a.mp4", video("a.mp4", seed=1))
    bank = banks.create_bank(place.store, "known")
    place.add(bank)
    place.put("a.mp4", video("a.mp4", seed=9))  # of the same bytes
    report = place.add(bank)
    assert (report.added, report.present, report.local) == (0, 1, 0)
    assert same_clip(place.watched(bank)["a.mp4"], clip(1))
    assert len(place.held(bank)) == 1


@pytest.mark.parametrize("where", ["features", "clips"])
def test_an_interrupted_addition_of_videos_is_completed_by_the_next(
    place: Place, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    monkeypatch.setattr(bank_media, "BATCH", 2)
    names = [f"{n}.mp4" for n in range(6)]
    for number, name in enumerate(names):
        place.put(name, video(name, seed=number))
    bank = banks.create_bank(place.store, "known")
    room = place.features if where == "features" else place.clips
    real, calls = room.open, 0

    def failing(*arguments: object, **options: object) -> object:
        nonlocal calls
        calls += 1
        if calls == 3:  # the second batch
            raise KeyboardInterrupt
        return real(*arguments, **options)  # type: ignore[arg-type]  # as it is called

    with monkeypatch.context() as patch:
        patch.setattr(room, "open", failing)
        with pytest.raises(KeyboardInterrupt):
            place.add(bank)
    entries = len(list(place.store.entries(bank)))
    assert entries == 4
    assert len(place.watched(bank)) == 2
    assert len(place.held(bank)) == (2 if where == "features" else 4)
    assert place.add(bank).added == 2
    assert sorted(place.watched(bank)) == sorted(place.held(bank)) == names


def test_a_video_of_other_bytes_keeps_its_own_clip_or_none(place: Place) -> None:
    bank = banks.create_bank(place.store, "known")
    place.put("a.mp4", video("a.mp4", "first", seed=1))
    place.add(bank)
    place.clips.open(bank, write=True).remove([place.store.entry(bank, "a.mp4").id])
    place.put("a.mp4", video("a.mp4", "second", seed=2))
    place.add(bank)
    assert place.watched(bank) == {}
    place.put("a.mp4", video("a.mp4", "first", seed=1))
    place.add(bank)
    assert same_clip(place.watched(bank)["a.mp4"], clip(1))


def test_batches_of_videos_are_bounded(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bank_media, "BATCH_SKETCHES", 200)
    for number in range(7):
        place.put(f"{number}.mp4", video(f"{number}.mp4", seed=number))
    bank = banks.create_bank(place.store, "known")
    sizes: list[int] = []
    real = place.store.add

    def counted(into: Bank, entries: Sequence[BankEntry]) -> tuple[int, int]:
        sizes.append(len(entries))
        return real(into, entries)

    monkeypatch.setattr(place.store, "add", counted)
    place.add(bank)
    assert sizes == [3, 3, 1]
    assert len(place.watched(bank)) == 7


@pytest.mark.parametrize("how", ["remove", "killed", "reindex", "drop", "delete"])
def test_clips_are_forgotten_with_their_entries(place: Place, how: str) -> None:
    for number in range(3):
        place.put(f"{number}.mp4", video(f"{number}.mp4", seed=number))
    bank = banks.create_bank(place.store, "known")
    place.add(bank)
    gone = place.store.entry(bank, "1.mp4").id
    rooms, families = (place.store, place.room, place.features), MemoryFamilyStore()
    if how == "remove":
        banks.remove_entries(*rooms, families, "known", ["1.mp4"], clips=place.clips)
    elif how == "delete":
        banks.delete_bank(*rooms, families, "known", clips=place.clips)
    else:
        place.store.remove(bank, ["1.mp4"])
        (place.folder / "1.mp4").unlink()
        if how == "killed":
            place.add(bank)
        else:
            banks.reindex(*rooms, "known", clips=place.clips, drop_local=how == "drop")
    left = place.clips.indexes.get(bank.id, {})
    assert gone not in left
    assert len(left) == (0 if how in {"drop", "delete"} else 2)
    sketches = {entry for entry, _frame in place.features.indexes.get(bank.id, {})}
    assert sketches == left.keys()


def test_an_export_holds_no_clip(place: Place) -> None:
    place.put("a.mp4", video("a.mp4", seed=1))
    bank = banks.create_bank(place.store, "known")
    place.add(bank)
    for form in ("jsonl", "csv", "vics", "pdq-text"):
        out = BytesIO()
        banks.export_bank(place.store, write_list, "known", form, out)
        data = out.getvalue().lower()
        (held,) = place.watched(bank).values()
        unkeyed = [row for row in range(len(held.time)) if row not in held.keyed]
        for array in (*held.codes[unkeyed], *held.tiles[0]):
            assert array.tobytes() not in data
            assert array.tobytes().hex().encode() not in data
