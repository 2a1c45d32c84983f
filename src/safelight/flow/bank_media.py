"""Adding a folder of known media to a bank."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from safelight.flow.banks import sync_index
from safelight.flow.walk import display, list_files
from safelight.model.bank import Bank, BankEntry, KnownHash
from safelight.model.errors import InputError
from safelight.model.fingerprint import Fingerprint, View
from safelight.model.scan import Examination, Status
from safelight.ports import BankStore, ExamineJob, Examiner, IndexRoom, Progress


@dataclass(slots=True)
class AddReport:
    """What came of adding a folder. `unhashed`: entries known by digest only; `failed`: (path, cause), not added."""

    added: int = 0
    present: int = 0
    unhashed: list[str] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)


def add_media(
    store: BankStore,
    room: IndexRoom,
    examiner: Examiner,
    bank: Bank,
    folder: str,
    progress: Progress,
    classification: str = "",
    source: str = "",
) -> AddReport:
    """Add every file under `folder` (and in archives there) as an entry named by its path relative to `folder`.

    An entry holds the three digests and, of pictures, the PDQ of each frame that matters and of the content box. What
    cannot be read is not added and is reported; what is no picture is added by its digests. A `folder` that is one
    file gives one entry by its name. Entries whose name is in the bank already are left as they are.

    Raises:
        InputError: the folder does not exist or holds no file.
    """
    root = Path(folder)
    if not root.exists():
        raise InputError(path=display(folder), cause="no such file or folder")
    base = root if root.is_dir() else root.parent
    paths = list(list_files([folder]))
    report = AddReport()
    progress.start(len(paths), 0)
    jobs = (ExamineJob(key, path, display(str(Path(path).relative_to(base)))) for key, path in enumerate(paths))
    with examiner.run(jobs) as results:

        def entries() -> Iterator[BankEntry]:
            for result in results:
                progress.advance(int(result.last), 0, 0)
                entry = _entry(result.examination, report, classification, source)
                if entry is not None:
                    yield entry

        report.added, report.present = store.add(bank, entries())
    sync_index(store, room, bank)
    return report


def known_hashes(fingerprint: Fingerprint) -> tuple[KnownHash, ...]:
    """What a bank keeps of a fingerprint: digests, and the distinct PDQ codes of its upright and content-box views."""
    digests = fingerprint.digests
    kept = [KnownHash(kind, getattr(digests, kind)) for kind in ("md5", "sha1", "sha256")]
    codes = {p.pdq.hash: p.pdq.quality for p in reversed(fingerprint.prints) if p.view is not View.RAW}
    return (*kept, *(KnownHash("pdq", code, quality) for code, quality in reversed(codes.items())))


def _entry(examination: Examination, report: AddReport, classification: str, source: str) -> BankEntry | None:
    fingerprint = examination.fingerprint
    if examination.status in {Status.UNREADABLE, Status.SKIPPED} or fingerprint is None:
        report.failed.append((examination.path, examination.error or examination.status))
        return None
    if not fingerprint.prints:
        report.unhashed.append(examination.path)
    return BankEntry(examination.path, known_hashes(fingerprint), classification, source)
