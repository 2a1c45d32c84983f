"""The wiring: the only place that chooses adapters. Each is built when first asked for.

Imports are inside the methods on purpose: `safelight hash` must not wait for Django, nor `safelight bank list` for
the decoders.
"""

import sys
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from safelight.model.media import Limits
from safelight.ports import BankStore, Examiner, IndexRoom, ListReader, ListWriter, ScanJournal, ScanOutputs
from safelight.settings import Settings


class SystemClock:
    """`ports.Clock` by the machine's clock."""

    def now(self) -> datetime:
        """Now, UTC."""
        return datetime.now(UTC)


JOURNAL = "scan-journal.sqlite"


class App:
    """Everything a face needs, from settings."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.clock = SystemClock()

    @cached_property
    def store(self) -> BankStore:
        """The embedded store under the data folder, made when absent."""
        from safelight.adapter.store import open_store

        return open_store(self.settings.home, self.clock)

    @cached_property
    def room(self) -> IndexRoom:
        """The banks' indexes under the data folder."""
        from safelight.adapter.index import FileIndexRoom

        return FileIndexRoom(self.settings.home / "index")

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

    def examiner(self, processes: int | None = None, limits: Limits | None = None) -> Examiner:
        """Confined decoders: `processes` of them, by default as many as the settings say."""
        from safelight.adapter.sandbox import SandboxExaminer

        command = (sys.executable, "-m", "safelight.worker.decoder")
        return SandboxExaminer(command, limits or Limits(), processes or self.settings.processes)

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
