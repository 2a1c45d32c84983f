"""Exchanging videos with those who use vPDQ: hash one, read lists, put them into banks and out of them."""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from io import BufferedReader
from itertools import islice
from pathlib import Path
from typing import BinaryIO, Protocol

from safelight.fingerprint.vpdq import clip_of_frames, frames_of_clip
from safelight.flow.bank_media import frame_hashes
from safelight.flow.banks import sync_index
from safelight.flow.walk import display
from safelight.model.bank import Bank, BankEntry
from safelight.model.clip import Clip, ClipRequest, Sampling
from safelight.model.errors import ImportFormatError, InputError, UsageError
from safelight.model.media import MediaFacts
from safelight.model.vpdq import VpdqFrame
from safelight.ports import BankStore, ClipRoom, ExamineJob, Examiner, IndexRoom

MAX_FRAMES = 250_000
"""Frames in the list of one video, about as many as one answer of a worker holds: 2.3 hours at 30 a second."""
BATCH = 64
"""Entries that become durable together with their clips."""

ReadFrames = Callable[[BufferedReader, str], tuple[VpdqFrame, ...]]
"""Reads a frame list; told what errors call it. Raises ImportFormatError."""


class WriteFrames(Protocol):
    """Writes frame lists."""

    def __call__(self, frames: Iterable[VpdqFrame], stream: BinaryIO, *, as_json: bool = False) -> None:
        """Write one, as lines or as JSON."""
        ...


@dataclass(frozen=True, slots=True)
class HashedVideo:
    """A video's frame list, and what is odd about the video, one line each."""

    frames: tuple[VpdqFrame, ...]
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class AddedLists:
    """What came of adding frame lists. `failed`: (path, cause), not added."""

    added: int = 0
    present: int = 0
    failed: list[tuple[str, str]] = field(default_factory=list)


def exact_request(every: float) -> ClipRequest:
    """What a worker is asked for: PDQ of whole frames at full size, one in `every` seconds, all with 0."""
    return ClipRequest(Sampling(every), rows=MAX_FRAMES, keyed=0, key_frames=0, local=None, exact=True, look=False)


def hash_video(examiner: Examiner, path: str, every: float = 0.0) -> HashedVideo:
    """The frame list of a video, decoded in a confined worker. What can be read of a broken one is hashed.

    An animated picture is no video here.

    Numbers are those of frames in the video. With `every` they are told from the times and the mean frame rate, so
    they can be off in a video of variable rate.

    Raises:
        UsageError: `every` is below 0, or no number.
        InputError: no such file, or it is no video, or cannot be decoded.
    """
    if not 0 <= every < math.inf:
        raise UsageError(detail=f"frames cannot be {every} seconds apart")
    name = display(path)
    if not Path(path).exists():
        raise InputError(path=name, cause="no such file")
    with examiner.run([ExamineJob(0, path, name, clip=exact_request(every))]) as results:
        found = next(results).examination
    if found.path != name:
        raise InputError(path=name, cause="is an archive; take the video out first")
    if found.clip is None:
        raise InputError(path=name, cause=found.error or f"no video ({found.mime or 'unknown type'})")
    notes = tuple(signal.detail for signal in found.signals if signal.name == "file_oddity")
    return HashedVideo(_frames(found.clip, found.facts if every else None), notes)


def read_frames(read: ReadFrames, path: Path) -> tuple[VpdqFrame, ...]:
    """The frames of a list in a file. Raises InputError, ImportFormatError."""
    name = display(str(path))
    try:
        with path.open("rb") as stream:
            return read(stream, name)
    except OSError as error:
        raise InputError(path=name, cause=error.strerror or str(error)) from error


def add_frame_lists(
    store: BankStore,
    room: IndexRoom,
    clips: ClipRoom,
    read: ReadFrames,
    bank: Bank,
    paths: Sequence[Path],
    classification: str = "",
    source: str = "",
) -> AddedLists:
    """Add each frame list to a bank, as an entry called by its file's name: hashes of its frames, and a clip.

    An entry that is there with the same hashes gets the clip if it has none, so an interrupted run can be repeated; one
    with others is left as it is, and the list is told as failed. So is a list that cannot be read, or none of whose
    frames is good enough to be found by.

    Raises:
        IndexCorruptError, VaultKeyError: the bank's clips cannot be read; nothing is added.
        StorageError: they or the store cannot be written; what was committed before is kept.
    """
    report = AddedLists()
    with closing(clips.open(bank, write=True)) as index:
        held = set(index.entries().tolist())
        found = _entries(read, paths, report, classification, source)
        while batch := list(islice(found, BATCH)):
            added, present = store.add(bank, [entry for _path, entry, _clip in batch])
            report.added += added
            report.present += present
            numbers = store.entry_ids(bank, [entry.name for _path, entry, _clip in batch])
            stored = store.by_entry_ids(numbers.values())
            fresh: dict[int, Clip] = {}
            for path, entry, clip in batch:
                number = numbers[entry.name]
                if number not in stored or _hashes(stored[number]) != _hashes(entry):
                    report.present -= 1
                    report.failed.append((path, f"the bank has another entry called {entry.name!r}"))
                elif number not in held:
                    fresh[number] = clip
            index.add(fresh.items())
            held |= fresh.keys()
    sync_index(store, room, bank)
    return report


def frames_of_entry(store: BankStore, clips: ClipRoom, name: str, entry: str, every: float) -> HashedVideo:
    """The frame list of a known video, one frame in `every` seconds; numbers count these frames.

    Raises:
        UsageError: `every` is not above 0, or so small that there are more than MAX_FRAMES; or the entry has no clip.
        UnknownBankError, UnknownEntryError: no such bank or entry.
        IndexCorruptError, VaultKeyError: the bank's clips cannot be read.
    """
    if not 0 < every < math.inf:
        raise UsageError(detail=f"frames of a known video cannot be {every} seconds apart: not all are kept")
    bank = store.bank(name)
    number = store.entry(bank, entry).id
    with closing(clips.open(bank)) as index:
        if number not in index.entries():
            raise UsageError(detail=f"{entry!r} of bank {name} has no clip: no video, or added as hashes only")
        clip = index.clip(number)
    if clip.duration / every > MAX_FRAMES:
        raise UsageError(detail=f"a frame every {every} seconds makes more than {MAX_FRAMES:,} of {entry!r}")
    bars = ("its hashes are of the picture inside bars: vPDQ's own, of whole frames, differ",) if clip.box else ()
    return HashedVideo(frames_of_clip(clip, every), bars)


def _frames(clip: Clip, facts: MediaFacts | None) -> tuple[VpdqFrame, ...]:
    """The rows of an exact clip, numbered one by one, or with `facts` by their times at the video's mean frame rate."""
    rate = facts.frames / facts.duration if facts and facts.duration else 0.0
    return tuple(
        VpdqFrame(round(time * rate) if rate else number, int(clip.quality[number]), code.tobytes().hex(), time)
        for number, (time, code) in enumerate(zip(clip.time.tolist(), clip.codes, strict=True))
    )


def _entries(
    read: ReadFrames, paths: Sequence[Path], report: AddedLists, classification: str, source: str
) -> Iterator[tuple[str, BankEntry, Clip]]:
    for path in paths:
        name = display(str(path))
        try:
            clip = clip_of_frames(read_frames(read, path))
        except (InputError, ImportFormatError) as error:
            report.failed.append((name, str(error.details["cause"])))
            continue
        hashes = frame_hashes(clip)
        if hashes:
            yield name, BankEntry(display(path.name), hashes, classification, source), clip
        else:
            report.failed.append((name, "no frame is of a quality at which frames are compared"))


def _hashes(entry: BankEntry) -> set[tuple[str, str]]:
    return {(known.kind, known.value) for known in entry.hashes}
