"""Adding a folder of known media to a bank."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

from safelight.flow.banks import sync_features, sync_index
from safelight.flow.walk import display, list_files
from safelight.model.bank import Bank, BankEntry, KnownHash
from safelight.model.clip import OF_KNOWN_CLIP, Clip, evenly, video_frame
from safelight.model.errors import InputError
from safelight.model.fingerprint import Fingerprint, View
from safelight.model.local import OF_KNOWN, LocalExamination, Sketch, WorkingPicture
from safelight.model.scan import Examination, Status
from safelight.ports import BankStore, ClipRoom, ExamineJob, Examiner, FeatureRoom, IndexRoom, Progress, Shortlist

BATCH = 128
"""Entries that become durable together with their local features; as many are lost when adding is killed."""
BATCH_SKETCHES = 2_048
"""Or fewer entries, when they have so many sketches between them: videos have many."""
FRAME_HASHES = 1_024
"""PDQ hashes of a video's frames that its entry has, spread over it: by these, single frames of it are found."""
MIN_QUALITY = 50
"""PDQ quality of frames whose hashes an entry has."""

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
    clips: ClipRoom | None = None,
) -> AddReport:
    """Add every file under `folder` (and in archives there) as an entry named by its path relative to `folder`.

    An entry holds the three digests and, of pictures, the PDQ of each frame that matters and of the content box; of
    videos, the PDQ of frames all over it, and in `clips` what finds it in time. What cannot be read is not added and is
    reported; what is neither picture nor video is added by its digests. A `folder` that is one
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
    shelf = _LocalShelf(store, features, bank, shortlist, clips)
    local = OF_KNOWN if bank.local else None
    clip = OF_KNOWN_CLIP if bank.local else replace(OF_KNOWN_CLIP, key_frames=0, local=None)
    progress.start(len(paths), 0)
    jobs = (
        ExamineJob(
            key, path, display(str(Path(path).relative_to(base))), local=local, clip=None if clips is None else clip
        )
        for key, path in enumerate(paths)
    )
    with examiner.run(jobs, wanted=lambda _key, found: shelf.lacks(found)) as results:

        def found() -> Iterator[tuple[BankEntry, _Kept]]:
            for result in results:
                progress.advance(int(result.last), 0, 0)
                seen = result.examination
                entry = _entry(seen, report, classification, source)
                if entry is not None:
                    yield entry, _kept(seen, sketcher)

        for batch in _batches(found()):
            added, present = store.add(bank, [entry for entry, _kept in batch])
            report.added += added
            report.present += present
            report.local += shelf.put(batch)
    sync_index(store, room, bank)
    if bank.local:
        sync_features(store, features, bank)
    if clips is not None:
        sync_features(store, clips, bank)
    return report


def known_hashes(fingerprint: Fingerprint, clip: Clip | None = None) -> tuple[KnownHash, ...]:
    """What a bank keeps of a fingerprint: digests, and the distinct PDQ codes of its upright and content-box views.

    Of a video: those of its keyed rows, FRAME_HASHES of them at most.
    """
    digests = fingerprint.digests
    kept = [KnownHash(kind, getattr(digests, kind)) for kind in ("md5", "sha1", "sha256")]
    codes = {p.pdq.hash: p.pdq.quality for p in reversed(fingerprint.prints) if p.view is not View.RAW}
    if not codes and clip is not None:
        return (*kept, *frame_hashes(clip))
    return (*kept, *(KnownHash("pdq", code, quality) for code, quality in reversed(codes.items())))


def frame_hashes(clip: Clip) -> tuple[KnownHash, ...]:
    """Distinct PDQ codes of a clip's keyed rows that have enough to tell, FRAME_HASHES at most, spread over it."""
    rows = clip.keyed[clip.quality[clip.keyed] >= MIN_QUALITY]
    rows = rows[evenly(len(rows), FRAME_HASHES)]
    codes = {clip.codes[row].tobytes().hex(): int(clip.quality[row]) for row in rows.tolist()}
    return tuple(KnownHash("pdq", code, quality) for code, quality in codes.items())


@dataclass(frozen=True, slots=True)
class _Kept:
    """What is kept of a picture or a video, and what a shortlist is shown of it. `sketches`: by number of the frame."""

    sketches: dict[int, Sketch]
    clip: Clip | None
    working: WorkingPicture | None


def _kept(seen: Examination, sketcher: Sketcher) -> _Kept:
    sketches = {video_frame(frame.time): sketcher(frame.local) for frame in seen.key_frames}
    if seen.local is not None:
        sketches[0] = sketcher(seen.local)
    return _Kept(sketches, seen.clip, seen.local.working if seen.local else None)


def _batches(found: Iterable[tuple[BankEntry, _Kept]]) -> Iterator[list[tuple[BankEntry, _Kept]]]:
    batch: list[tuple[BankEntry, _Kept]] = []
    sketches = 0
    for entry, kept in found:
        batch.append((entry, kept))
        sketches += len(kept.sketches) + (0 if kept.clip is None else 64)
        if len(batch) >= BATCH or sketches >= BATCH_SKETCHES:
            yield batch
            batch, sketches = [], 0
    if batch:
        yield batch


class _LocalShelf:
    """A bank's local features while media are added to it."""

    def __init__(
        self,
        store: BankStore,
        features: FeatureRoom,
        bank: Bank,
        shortlist: Shortlist | None,
        clips: ClipRoom | None,
    ) -> None:
        self._store = store
        self._features = features
        self._clips = clips
        self._bank = bank
        self._shortlist = shortlist
        self._held: set[int] = set()
        self._held_clips: set[int] = set()
        if bank.local:
            with closing(features.open(bank, write=True)) as index:  # that writing fails is known at once
                self._held.update(index.entries().tolist())
        if clips is not None:
            with closing(clips.open(bank)) as kept:
                self._held_clips.update(kept.entries().tolist())

    def lacks(self, found: Examination) -> bool:
        """Whether keypoints are needed of a picture or video: not when its entry is there with local features."""
        if not self._held or found.fingerprint is None:
            return True
        known = self._store.by_digests([self._bank], found.fingerprint.digests)
        return not any(entry.name == found.path and entry.id in self._held for _bank, entry, _hash in known)

    def put(self, batch: Sequence[tuple[BankEntry, _Kept]]) -> int:
        """Take in what is kept of those that are in the store with the same bytes, and had none.

        Returns of how many entries sketches were taken in.
        """
        kept = [(entry, one) for entry, one in batch if one.sketches or one.clip is not None]
        numbers = self._store.entry_ids(self._bank, [entry.name for entry, _kept in kept])
        stored = self._store.by_entry_ids(set(numbers.values()))
        present = {
            numbers[entry.name]: one
            for entry, one in kept
            if numbers[entry.name] in stored and _same_bytes(entry, stored[numbers[entry.name]])
        }
        missing = {number: one for number, one in present.items() if one.sketches and number not in self._held}
        if missing:
            with closing(self._features.open(self._bank, write=True)) as index:
                index.add((number, frame, s) for number, one in missing.items() for frame, s in one.sketches.items())
            self._held.update(missing)
        fresh = {number: one.clip for number, one in present.items() if one.clip and number not in self._held_clips}
        if fresh and self._clips is not None:
            with closing(self._clips.open(self._bank, write=True)) as clips:
                clips.add(fresh.items())
            self._held_clips.update(fresh)
        shown = [(number, one.working) for number, one in present.items() if one.working is not None]
        if self._shortlist and shown:
            self._shortlist.add(self._bank.id, shown)
        return len(missing)


def _same_bytes(entry: BankEntry, other: BankEntry) -> bool:
    mine, others = ({known.value for known in one.hashes if known.kind == "sha256"} for one in (entry, other))
    return bool(mine & others)


def _entry(examination: Examination, report: AddReport, classification: str, source: str) -> BankEntry | None:
    fingerprint = examination.fingerprint
    if examination.status in {Status.UNREADABLE, Status.SKIPPED} or fingerprint is None:
        report.failed.append((examination.path, examination.error or examination.status))
        return None
    if not fingerprint.prints and (examination.clip is None or not len(examination.clip.time)):
        report.unhashed.append(examination.path)
    return BankEntry(examination.path, known_hashes(fingerprint, examination.clip), classification, source)
