"""The wiring: the only place that chooses adapters. Each is built when first asked for.

Imports are inside the methods on purpose: `safelight hash` must not wait for Django, nor `safelight bank list` for
the decoders.
"""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from safelight.model.bank import Bank
from safelight.model.local import Codebook, LocalExamination, Sketch
from safelight.model.media import Limits
from safelight.model.plugin import Plugin
from safelight.model.provenance import TrustList
from safelight.model.scan import Depth
from safelight.model.seal import SealCheck
from safelight.model.signal import SignalRequest
from safelight.ports import (
    BankStore,
    ClipRoom,
    ComparisonOutputs,
    Examiner,
    ExaminerPage,
    FamilyStore,
    FeatureRoom,
    IndexRoom,
    ListReader,
    ListWriter,
    Prompts,
    ScanJournal,
    ScanOutputs,
    Shortlist,
    Signer,
)
from safelight.settings import Settings

if TYPE_CHECKING:
    from safelight.adapter.trust import TrustFolder
    from safelight.adapter.vault.keys import KeyFile
    from safelight.flow.clips import ClipMatcher
    from safelight.flow.lookup import Lookup
    from safelight.flow.matching import Matcher
    from safelight.flow.trace import Tracer
    from safelight.flow.vpdq import ReadFrames, WriteFrames
    from safelight.match.local.quantise import Quantiser


class SystemClock:
    """`ports.Clock` by the machine's clock."""

    def now(self) -> datetime:
        """Now, UTC."""
        return datetime.now(UTC)


JOURNAL = "scan-journal.sqlite"
TRUST = "trust"
"""Folder of the user's trust lists, under the data folder."""


class App:
    """Everything a face needs, from settings."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.clock = SystemClock()

    @property
    def _database(self) -> Path | str:
        return self.settings.service.database_url or self.settings.home

    @property
    def database(self) -> dict[str, Any]:
        """The database in Django's form, for the service."""
        from safelight.adapter.store.opening import database

        return database(self._database)

    @cached_property
    def store(self) -> BankStore:
        """The store of banks, made when absent: embedded in the data folder, or the server that the settings name."""
        from safelight.adapter.store import open_store

        return open_store(self._database, self.clock)

    @cached_property
    def families(self) -> FamilyStore:
        """What is kept of families, in the store of banks."""
        from safelight.adapter.store import open_families

        return open_families(self._database)

    @cached_property
    def room(self) -> IndexRoom:
        """The banks' indexes under the data folder."""
        from safelight.adapter.index import FileIndexRoom

        return FileIndexRoom(self.settings.home / "index")

    @cached_property
    def features(self) -> FeatureRoom:
        """The banks' local features under the data folder."""
        from safelight.adapter.features import FileFeatureRoom

        folder, version = self.settings.home / "features", self.codebook.version
        return FileFeatureRoom(folder, self._keys, version, sealed=not self.settings.volume_encrypted)

    @cached_property
    def _keys(self) -> "KeyFile":
        from safelight.adapter.vault.keys import KeyFile

        home, key = self.settings.home, self.settings.key_file
        return KeyFile(key or home / "key", own=key is None, roots=(home / "features", home / "clips"))

    @cached_property
    def clips(self) -> ClipRoom:
        """The clips of the banks' videos under the data folder."""
        from safelight.adapter.clips import FileClipRoom

        return FileClipRoom(self.settings.home / "clips", self._keys, sealed=not self.settings.volume_encrypted)

    @cached_property
    def codebook(self) -> Codebook:
        """The quantiser that the program ships."""
        from safelight.adapter.codebook import load_codebook

        return load_codebook()

    @cached_property
    def quantiser(self) -> "Quantiser":
        """The codebook, made ready for use."""
        from safelight.match.local.quantise import Quantiser

        return Quantiser(self.codebook)

    def sketcher(self, examination: LocalExamination) -> Sketch:
        """What a bank keeps of a picture's local features."""
        from safelight.match.local.sketch import make_sketch

        return make_sketch(examination, self.quantiser)

    def plugins(self) -> list[Plugin]:
        """The plug-ins that are installed; each is imported."""
        from safelight.plugin import detectors, markers, shortlists

        return [*shortlists.list_plugins(), *markers.list_plugins(), *detectors.list_plugins()]

    @cached_property
    def shortlist(self) -> Shortlist | None:
        """The plug-in that the settings name, if any. Raises UsageError, PluginError."""
        return self._load_shortlist(self.settings.shortlist) if self.settings.shortlist else None

    def kept_shortlists(self) -> list[Shortlist]:
        """All plug-ins that keep something of banks, also ones no longer named by the settings: they must forget, too.

        Raises UsageError, PluginError.
        """
        names = sorted(folder.name for folder in self._shortlists.glob("*") if folder.is_dir())
        return [self._load_shortlist(name) for name in names]

    @property
    def _shortlists(self) -> Path:
        return self.settings.home / "shortlists"

    def _load_shortlist(self, name: str) -> Shortlist:
        from safelight.plugin.shortlists import load_shortlist

        return load_shortlist(name, self._shortlists)

    def tracer(
        self, banks: Sequence[Bank], depth: Depth, out: Path | None = None
    ) -> AbstractContextManager["Tracer | None"]:
        """Traces altered pictures in those of these banks that keep local features; masks go under `out`.

        None where none does: OpenCV and the codebook are then not loaded.
        """
        shortlist = self.shortlist if depth is Depth.FULL else None
        folder = self.settings.home / "features"
        if not any((folder / str(bank.id)).exists() for bank in banks if bank.local):
            return nullcontext()
        import cv2

        from safelight.adapter.outputs.masks import FileMasks
        from safelight.flow.trace import Tracer

        cv2.setNumThreads(1)  # scans trace in threads of their own

        masks = FileMasks(out) if out else None
        return Tracer(self.store, self.features, banks, lambda: self.quantiser, depth, masks, shortlist)

    @contextmanager
    def matcher(
        self, banks: Sequence[str], depth: Depth, threads: int = 1, out: Path | None = None, *, videos: bool = True
    ) -> Iterator["Matcher"]:
        """Compares files with these banks; masks go under `out`. Raises UnknownBankError.

        `videos`: whether any may come; what these take is not loaded otherwise.
        """
        from safelight.flow.lookup import Lookup
        from safelight.flow.matching import Matcher

        with (
            Lookup(self.store, self.room, banks) as lookup,
            self.tracer(lookup.banks, depth, out) as tracer,
            self._clip_matcher(lookup, tracer, out) if videos else nullcontext() as clips,
            Matcher(lookup, tracer, threads, clips) as matcher,
        ):
            yield matcher

    def _clip_matcher(self, lookup: "Lookup", tracer: "Tracer | None", out: Path | None) -> "ClipMatcher":
        from safelight.adapter.outputs.masks import FileMasks
        from safelight.flow.clips import ClipMatcher

        return ClipMatcher(self.store, self.clips, lookup, tracer, FileMasks(out) if out else None)

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

    @property
    def trust_folder(self) -> "TrustFolder":
        """The trust lists under the data folder, and those that the program ships."""
        from safelight.adapter.trust import TrustFolder

        return TrustFolder(self.settings.home / TRUST)

    @cached_property
    def trust(self) -> TrustList:
        """Who vouches for signers of provenance: the official list and the user's own. Raises InputError."""
        return self.trust_folder.load()

    def _check_detector(self) -> None:
        """Raise UsageError, PluginError for a detector that cannot be used, where a worker would only fail to start."""
        if self.settings.detector:
            from safelight.plugin.detectors import check_name

            check_name(self.settings.detector)
        else:
            from safelight.adapter.hint import check_detector

            check_detector()

    def examiner(
        self,
        processes: int | None = None,
        limits: Limits | None = None,
        *,
        local: bool = False,
        signals: SignalRequest | None = None,
        clips: bool = False,
    ) -> Examiner:
        """Confined decoders: `processes` of them, by default as many as the settings say.

        `local`: whether jobs will ask for local features or pixels; `clips`: for clips of videos. `signals`: what they
        will ask for of how files were made. Raises InputError for a broken trust list, UsageError for a plug-in or
        detector that is not installed, PluginError for a detector that cannot be used.
        """
        from safelight.adapter.sandbox import SandboxExaminer

        command = [sys.executable, "-m", "safelight.worker.decoder"]
        if signals is not None:
            # Read here first: a broken file is told with its name, where a worker would only fail to start.
            command += [f"--trust={self.settings.home / TRUST}", f"--trusted={self.trust.sha256}"]
        if signals is not None and self.settings.markers:
            from safelight.plugin.markers import check_names

            check_names(self.settings.markers)
            command.append(f"--markers={','.join(self.settings.markers)}")
        if signals is not None and signals.hint:
            self._check_detector()
            command.append(f"--hint={self.settings.detector}")
        return SandboxExaminer(
            command,
            limits or Limits(),
            processes or self.settings.processes,
            local=local,
            signals=signals is not None,
            clips=clips,
        )

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
