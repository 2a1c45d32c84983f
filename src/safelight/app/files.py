"""What is read from files and written to them: lists, results, comparisons, exports."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from safelight.app.matching import Matching
from safelight.model.case import TOOL
from safelight.model.seal import SealCheck
from safelight.ports import (
    BundleReader,
    ComparisonOutputs,
    ExaminerPage,
    LastHead,
    ListReader,
    ListWriter,
    Prompts,
    ScanJournal,
    ScanOutputs,
    Signer,
    StampCheck,
    Stamper,
)

if TYPE_CHECKING:
    from safelight.flow.audit import Exporter
    from safelight.flow.vpdq import ReadFrames, WriteFrames


JOURNAL = "scan-journal.sqlite"


class Files(Matching):
    """What is read from files and written to them: lists, results, comparisons, exports."""

    @property
    def read_list(self) -> ListReader:
        """Reads hash lists."""
        from safelight.adapter.lists import read_list

        return read_list

    @property
    def write_list(self) -> ListWriter:
        """Writes hash lists."""
        from safelight.adapter.lists import write_list

        return write_list

    @property
    def read_frames(self) -> "ReadFrames":
        """Reads frame lists of vPDQ."""
        from safelight.adapter.lists.vpdq import read_vpdq

        return read_vpdq

    @property
    def write_frames(self) -> "WriteFrames":
        """Writes frame lists of vPDQ."""
        from safelight.adapter.lists.vpdq import write_frames

        return write_frames

    def journal(self, out: Path) -> ScanJournal:
        """The journal of the scan that writes to `out`."""
        from safelight.adapter.journal.sqlite import SqliteJournal

        return SqliteJournal(out / JOURNAL)

    def own_files(self, out: Path) -> tuple[Path, ...]:
        """The files that a scan itself makes in its output folder."""
        from safelight.adapter.journal.sqlite import files_of

        return (*self.output_files(out), *files_of(out / JOURNAL))

    def output_files(self, out: Path) -> tuple[Path, ...]:
        """The files that a finished scan leaves in its output folder."""
        from safelight.adapter.outputs import NAMES

        return tuple(out / name for name in NAMES)

    def outputs(self, out: Path) -> ScanOutputs:
        """The writers of results.jsonl, results.parquet, summary.json and report.html."""
        from safelight.adapter.outputs import FileOutputs

        return FileOutputs(out)

    def examiner_page(self, out: Path) -> ExaminerPage:
        """The writer of examiner.html and its maps."""
        from safelight.adapter.outputs.examiner import FileExaminerPage

        return FileExaminerPage(out)

    def prompts(self, out: Path) -> Prompts:
        """Where the prompts go that scanned files carry."""
        from safelight.adapter.outputs.prompts import FilePrompts

        return FilePrompts(out)

    def comparison_outputs(self, out: Path) -> ComparisonOutputs:
        """The writers of comparison.json, report.html, report.pdf, masks, manifest and signature."""
        from safelight.adapter.outputs.comparison import FileComparison

        return FileComparison(out)

    def signer(self, key: Path, ask: Callable[[], str]) -> Signer:
        """The private key in a file; its passphrase is taken from the settings, or else from `ask`."""
        from safelight.adapter.signing import open_key

        return open_key(key, lambda: self.settings.passphrase or ask())

    def make_key(self, path: Path, passphrase: str) -> tuple[Path, str]:
        """Make a key to sign with; returns the public key's path and fingerprint."""
        from safelight.adapter.signing import make_key

        return make_key(path, passphrase)

    def check_seal(self, folder: Path, keys: Sequence[Path]) -> SealCheck:
        """Hold a comparison's folder against its manifest and signature."""
        from safelight.adapter.outputs.seal import check_seal

        return check_seal(folder, keys)

    @cached_property
    def log_signer(self) -> Signer:
        """The key that heads of the log are signed with: `log-key.pem` in the data folder, made when it is absent.

        Raises InputError, StorageError.
        """
        from safelight.adapter.signing import make_key, open_key
        from safelight.model.errors import InputError

        path, passphrase = self.settings.home / "log-key.pem", self.settings.passphrase
        if not path.exists():
            with suppress(InputError):  # another process has made it since
                make_key(path, passphrase)
        return open_key(path, lambda: passphrase)

    @cached_property
    def last_head(self) -> LastHead:
        """What `log_signer` signed last: `log-head.json` beside its key. It is in no database and no backup."""
        from safelight.adapter.last_head import LastHeadFile

        return LastHeadFile(self.settings.home / "log-head.json", self.settings.home / "log-key.pem")

    def exporter(self, key: Path | None, ask: Callable[[], str], *, stamp: bool = True) -> "Exporter":
        """What exports of the log need; `key`: file of the private key that signs, None to sign nothing.

        `stamp`: have heads stamped where the settings name an authority.
        """
        from safelight.adapter.outputs.bundle import ZipBundles
        from safelight.flow.audit import Exporter

        signer = self.signer(key, ask) if key else None
        url = self.settings.service.timestamp_url if signer and stamp else ""
        stamper = self.time_stamps(url) if url else None
        last = self.last_head if key and key.resolve() == (self.settings.home / "log-key.pem").resolve() else None
        return Exporter(self.cases, self.evidence, ZipBundles(), TOOL, signer, stamper, last)

    def open_export(self, file: BinaryIO, keys: Sequence[Path]) -> BundleReader:
        """An export to be checked by these public keys. Raises InputError."""
        from safelight.adapter.outputs.bundle import open_bundle

        return open_bundle(file, keys)

    def head_check(self, keys: Sequence[Path]) -> Callable[[str, str, bytes], bool | None]:
        """Says whether a head's signature is by one of these public keys. Raises InputError."""
        from safelight.adapter.outputs.bundle import PublicKeys

        return PublicKeys.of_files(keys).holds

    def time_stamps(self, url: str) -> Stamper:
        """A time-stamp authority. Raises UsageError when the extra is missing."""
        from safelight.adapter.timestamp import Authority

        return Authority(url)

    def stamp_check(self, roots: Sequence[Path]) -> StampCheck:
        """Checks time stamps by these root certificates. Raises InputError, UsageError."""
        from safelight.adapter.timestamp import open_roots

        return open_roots(roots)

    @contextmanager
    def new_file(self, path: Path) -> Iterator[BinaryIO]:
        """A file that is there when the block ends well, whole and synced, or not at all. Raises StorageError."""
        from safelight.adapter.outputs.staging import staged

        with staged(path.parent, [path.name]) as files:
            yield files[path.name]
