"""A folder to add to a bank, with an examiner that answers for it: for the tests of adding media."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path

import numpy as np

from safelight.flow.bank_media import AddReport, add_media
from safelight.model.bank import Bank
from safelight.model.clip import Clip, KeyFrame
from safelight.model.fingerprint import Digests, Fingerprint
from safelight.model.local import LocalExamination, LocalFeatures, Sketch, WorkingPicture
from safelight.model.scan import Examination, Status
from tests.clips import clip
from tests.contract.memory_bank_store import MemoryBankStore, SetClock
from tests.contract.memory_features import MemoryFeatureRoom
from tests.fakes import BruteRoom, CountedProgress, FakeExaminer, MemoryClipRoom
from tests.sketches import sketch


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


def pictures(place: Place, numbers: Iterable[int]) -> None:
    for number in numbers:
        place.put(f"{number:03}", seen(f"{number:03}", seed=number))
