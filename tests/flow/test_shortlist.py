"""A shortlist learns of the pictures that go into a bank with local features, and forgets what goes."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from safelight.flow import banks
from safelight.flow.bank_media import AddReport, add_media
from safelight.model.bank import Bank
from safelight.model.errors import PluginError, UnknownEntryError
from safelight.model.fingerprint import Digests, Fingerprint
from safelight.model.local import LocalExamination, LocalFeatures, WorkingPicture
from safelight.model.scan import Examination, Status
from tests.contract.memory_bank_store import MemoryBankStore, SetClock
from tests.contract.memory_family_store import MemoryFamilyStore
from tests.contract.memory_features import MemoryFeatureRoom
from tests.fakes import BruteRoom, CountedProgress, FakeExaminer
from tests.sketches import sketch


@dataclass
class KeptShortlist:
    """Keeps the widths of the pictures it was shown; each picture of these tests has its own."""

    name: str = "kept"
    held: dict[int, dict[int, int]] = field(default_factory=dict)
    broken: bool = False

    def add(self, bank_id: int, items: Iterable[tuple[int, WorkingPicture]]) -> None:
        if self.broken:
            raise PluginError(name=self.name, cause="OSError: broken")
        self.held.setdefault(bank_id, {}).update({entry: working.width for entry, working in items})

    def remove(self, bank_id: int, entries: Iterable[int]) -> None:
        for entry in entries:
            self.held.get(bank_id, {}).pop(entry, None)

    def nearest(self, bank_id: int, working: WorkingPicture, count: int) -> list[int]:
        raise NotImplementedError

    def drop(self, bank_id: int) -> None:
        self.held.pop(bank_id, None)


def seen(path: str, seed: int | None, content: str | None = None) -> Examination:
    """A readable file, a picture of width `seed` when that is given."""
    value = sha256((content or path).encode()).hexdigest()
    local = None
    if seed is not None:
        one = np.ones(1, np.float32)
        features = LocalFeatures(4, 3, one, one, one, one, np.zeros((1, 128), np.uint8))
        local = LocalExamination(WorkingPicture(np.zeros((3, 4), np.uint8), seed, 3), features, sketch(seed).tiles)
    return Examination(path, Status.OK, fingerprint=Fingerprint(Digests(value[:32], value[:40], value, 1)), local=local)


@dataclass
class Place:
    """A folder of four pictures and a text, a bank, and a shortlist."""

    folder: Path
    store: MemoryBankStore = field(default_factory=lambda: MemoryBankStore(SetClock()))
    room: BruteRoom = field(default_factory=BruteRoom)
    features: MemoryFeatureRoom = field(default_factory=MemoryFeatureRoom)
    families: MemoryFamilyStore = field(default_factory=MemoryFamilyStore)
    examiner: FakeExaminer = field(default_factory=lambda: FakeExaminer({}))
    shortlist: KeptShortlist = field(default_factory=KeptShortlist)

    def put(self, name: str, examination: Examination) -> None:
        (self.folder / name).touch()
        self.examiner.table[name] = [examination]

    def add(self, bank: Bank, shortlist: KeptShortlist | None) -> AddReport:
        return add_media(
            self.store,
            self.room,
            self.features,
            self.examiner,
            lambda local: sketch(local.working.width),
            bank,
            str(self.folder),
            CountedProgress(),
            shortlist=shortlist,
        )

    def held(self, bank: Bank) -> dict[str, int]:
        """What the shortlist holds, by the names of the entries."""
        names = {entry.id: entry.name for entry in self.store.entries(bank)}
        return {names[entry]: width for entry, width in self.shortlist.held.get(bank.id, {}).items()}


ALL = {"1": 11, "2": 12, "3": 13, "4": 14}


@pytest.fixture
def place(tmp_path: Path) -> Place:
    place = Place(tmp_path)
    for name, width in ALL.items():
        place.put(name, seen(name, width))
    place.put("text", seen("text", None))
    return place


def test_it_learns_of_the_pictures_that_are_added(place: Place) -> None:
    bank = banks.create_bank(place.store, "known")
    assert place.add(bank, place.shortlist).local == 4
    assert place.held(bank) == ALL


def test_adding_again_tells_it_what_it_missed(place: Place) -> None:
    """The bank was filled before it was plugged in, or it failed."""
    bank = banks.create_bank(place.store, "known")
    place.add(bank, None)
    assert place.held(bank) == {}
    place.shortlist.broken = True
    with pytest.raises(PluginError, match="broken"):
        place.add(bank, place.shortlist)
    place.shortlist.broken = False
    assert place.add(bank, place.shortlist).local == 0
    assert place.held(bank) == ALL


def test_it_is_not_shown_a_file_of_other_bytes_than_the_entry(place: Place) -> None:
    bank = banks.create_bank(place.store, "known")
    place.add(bank, None)
    place.put("2", seen("2", 99, "other bytes"))
    place.add(bank, place.shortlist)
    assert place.held(bank) == {name: width for name, width in ALL.items() if name != "2"}


def test_a_bank_without_local_features_is_none_of_its_business(place: Place) -> None:
    bank = banks.create_bank(place.store, "known", local=False)
    place.add(bank, place.shortlist)
    assert place.shortlist.held == {}


def test_what_is_removed_is_forgotten_all_or_none(place: Place) -> None:
    bank = banks.create_bank(place.store, "known")
    place.add(bank, place.shortlist)

    def remove(*names: str) -> None:
        banks.remove_entries(place.store, place.room, place.features, place.families, "known", names, [place.shortlist])

    with pytest.raises(UnknownEntryError):
        remove("1", "none")
    assert place.held(bank) == ALL
    remove("1", "text", "4")
    assert place.held(bank) == {"2": 12, "3": 13}
    assert len(place.shortlist.held[bank.id]) == 2


@pytest.mark.parametrize("how", ["delete", "drop local"])
def test_a_bank_is_forgotten_and_no_other(place: Place, how: str) -> None:
    bank, other = (banks.create_bank(place.store, name) for name in ("known", "other"))
    for one in (bank, other):
        place.add(one, place.shortlist)
    given = (place.store, place.room, place.features)
    if how == "delete":
        banks.delete_bank(*given, place.families, "known", [place.shortlist])
    else:
        banks.reindex(*given, "known", shortlists=[place.shortlist])
        assert place.held(bank) == ALL
        banks.reindex(*given, "known", drop_local=True, shortlists=[place.shortlist])
    assert bank.id not in place.shortlist.held
    assert place.held(other) == ALL
