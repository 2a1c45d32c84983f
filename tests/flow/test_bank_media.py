"""Adding media to a bank: entries and their local features, and what an interruption leaves."""

import json
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest

from safelight.adapter.lists import write_list
from safelight.flow import bank_media, banks
from safelight.flow.bank_media import add_media
from safelight.model.local import OF_KNOWN, LocalExamination, Sketch
from safelight.model.scan import Examination, Status
from safelight.ports import ExamineJob
from tests.fakes import CountedProgress
from tests.flow.bank_place import Place, pictures, seen, sketcher
from tests.sketches import same, sketch


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


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
