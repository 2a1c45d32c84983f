"""Adding a folder of known media to a bank."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from safelight.flow.banks import sync_features, sync_index
from safelight.flow.walk import display, list_files
from safelight.model.bank import Bank, BankEntry, KnownHash
from safelight.model.errors import InputError
from safelight.model.fingerprint import Fingerprint, View
from safelight.model.local import OF_KNOWN, LocalExamination, Sketch, WorkingPicture
from safelight.model.scan import Examination, Status
from safelight.ports import BankStore, ExamineJob, Examiner, FeatureRoom, IndexRoom, Progress, Shortlist

BATCH = 128
"""Entries that become durable together with their local features; as many are lost when adding is killed."""

Sketcher = Callable[[LocalExamination], Sketch]
"""Makes what a bank keeps of a picture's local features."""


@dataclass(slots=True)
class AddReport:
    """What came of adding a folder. `unhashed`: entries known by digest only; `failed`: (path, cause), not added.

    `local`: entries whose local features were taken in, also of entries that were there without them.
    """

    added: int = 0
    present: int = 0
    local: int = 0
    unhashed: list[str] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)


def add_media(
    store: BankStore,
    room: IndexRoom,
    features: FeatureRoom,
    examiner: Examiner,
    sketcher: Sketcher,
    bank: Bank,
    folder: str,
    progress: Progress,
    classification: str = "",
    source: str = "",
    shortlist: Shortlist | None = None,
) -> AddReport:
    """Add every file under `folder` (and in archives there) as an entry named by its path relative to `folder`.

    An entry holds the three digests and, of pictures, the PDQ of each frame that matters and of the content box. What
    cannot be read is not added and is reported; what is no picture is added by its digests. A `folder` that is one
    file gives one entry by its name. Entries whose name is in the bank already are left as they are.

    A bank with local features gets those of each picture, too, also of an entry that is there without them and holds
    the same bytes: so adding again completes what was interrupted, or what was added before they were kept. A
    `shortlist` takes in all pictures that are met, also of entries that it may have.

    Raises:
        InputError: the folder does not exist or holds no file.
        IndexCorruptError, VaultKeyError: the bank's local features cannot be read; nothing is added.
        PluginError: the shortlist failed; adding again completes what it lacks.
    """
    root = Path(folder)
    if not root.exists():
        raise InputError(path=display(folder), cause="no such file or folder")
    base = root if root.is_dir() else root.parent
    paths = list(list_files([folder]))
    report = AddReport()
    shelf = _LocalShelf(store, features, bank, shortlist)
    local = OF_KNOWN if bank.local else None
    progress.start(len(paths), 0)
    jobs = (
        ExamineJob(key, path, display(str(Path(path).relative_to(base))), local=local) for key, path in enumerate(paths)
    )
    with examiner.run(jobs, wanted=lambda _key, found: shelf.lacks(found)) as results:

        def found() -> Iterator[tuple[BankEntry, _Kept | None]]:
            for result in results:
                progress.advance(int(result.last), 0, 0)
                seen = result.examination
                entry = _entry(seen, report, classification, source)
                if entry is not None:
                    yield entry, None if seen.local is None else _Kept(sketcher(seen.local), seen.local.working)

        source_of_entries = found()
        while batch := list(islice(source_of_entries, BATCH)):
            added, present = store.add(bank, [entry for entry, _kept in batch])
            report.added += added
            report.present += present
            report.local += shelf.put(batch)
    sync_index(store, room, bank)
    if bank.local:
        sync_features(store, features, bank)
    return report


def known_hashes(fingerprint: Fingerprint) -> tuple[KnownHash, ...]:
    """What a bank keeps of a fingerprint: digests, and the distinct PDQ codes of its upright and content-box views."""
    digests = fingerprint.digests
    kept = [KnownHash(kind, getattr(digests, kind)) for kind in ("md5", "sha1", "sha256")]
    codes = {p.pdq.hash: p.pdq.quality for p in reversed(fingerprint.prints) if p.view is not View.RAW}
    return (*kept, *(KnownHash("pdq", code, quality) for code, quality in reversed(codes.items())))


@dataclass(frozen=True, slots=True)
class _Kept:
    """What is kept of a picture, and what a shortlist is shown of it."""

    sketch: Sketch
    working: WorkingPicture


class _LocalShelf:
    """A bank's local features while media are added to it."""

    def __init__(self, store: BankStore, features: FeatureRoom, bank: Bank, shortlist: Shortlist | None) -> None:
        self._store = store
        self._features = features
        self._bank = bank
        self._shortlist = shortlist
        self._held: set[int] = set()
        if bank.local:
            with closing(features.open(bank, write=True)) as index:  # that writing fails is known at once
                self._held.update(index.entries().tolist())

    def lacks(self, found: Examination) -> bool:
        """Whether keypoints are needed of a picture: not when its entry is there with local features."""
        if not self._held or found.fingerprint is None:
            return True
        known = self._store.by_digests([self._bank], found.fingerprint.digests)
        return not any(entry.name == found.path and entry.id in self._held for _bank, entry, _hash in known)

    def put(self, batch: Sequence[tuple[BankEntry, _Kept | None]]) -> int:
        """Take in the sketches of those that are in the store with the same bytes, and had none; return how many."""
        numbers = self._store.entry_ids(self._bank, [entry.name for entry, kept in batch if kept is not None])
        shown = set(numbers.values()) if self._shortlist else set(numbers.values()) - self._held
        stored = self._store.by_entry_ids(shown)
        present = {
            numbers[entry.name]: kept
            for entry, kept in batch
            if kept is not None and numbers[entry.name] in stored and _same_bytes(entry, stored[numbers[entry.name]])
        }
        missing = {number: kept.sketch for number, kept in present.items() if number not in self._held}
        if missing:
            with closing(self._features.open(self._bank, write=True)) as index:
                index.add((number, 0, sketch) for number, sketch in missing.items())
            self._held.update(missing)
        if self._shortlist and present:
            self._shortlist.add(self._bank.id, ((number, kept.working) for number, kept in present.items()))
        return len(missing)


def _same_bytes(entry: BankEntry, other: BankEntry) -> bool:
    mine, others = ({known.value for known in one.hashes if known.kind == "sha256"} for one in (entry, other))
    return bool(mine & others)


def _entry(examination: Examination, report: AddReport, classification: str, source: str) -> BankEntry | None:
    fingerprint = examination.fingerprint
    if examination.status in {Status.UNREADABLE, Status.SKIPPED} or fingerprint is None:
        report.failed.append((examination.path, examination.error or examination.status))
        return None
    if not fingerprint.prints:
        report.unhashed.append(examination.path)
    return BankEntry(examination.path, known_hashes(fingerprint), classification, source)
