"""Adding videos to a bank: clips, sketches and hashes of their frames, and what an interruption leaves."""

from collections.abc import Sequence
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest

from safelight.adapter.lists import write_list
from safelight.flow import bank_media, banks
from safelight.flow.bank_media import FRAME_HASHES, MIN_QUALITY, frame_hashes
from safelight.model.bank import Bank, BankEntry
from safelight.model.clip import OF_KNOWN_CLIP
from safelight.ports import ExamineJob
from tests.clips import clip, same_clip
from tests.contract.memory_family_store import MemoryFamilyStore
from tests.flow.bank_place import Place, seen, video
from tests.sketches import same, sketch


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


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
