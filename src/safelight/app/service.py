"""What goes on for as long as the service does: the gate, the way in, calls to others."""

import os
import sys
from concurrent.futures import Executor
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from safelight.app.files import Files
from safelight.model.bank import Bank
from safelight.model.media import Limits
from safelight.model.policy import Ruling
from safelight.model.scan import Depth, ScanRow
from safelight.model.signal import SignalRequest
from safelight.ports import (
    Fetcher,
    Poster,
    StandingExaminer,
)

if TYPE_CHECKING:
    from safelight.flow.gate import Gate, Keep
    from safelight.flow.intake import Intake, Tell
    from safelight.flow.live import LiveMatcher
    from safelight.flow.look import Looker


GATE_THREADS = 4
"""Threads in which the gate asks banks and keeps evidence: look-ups wait for the disk and leave the interpreter."""


class Service(Files):
    """What goes on for as long as the service does: the gate, the way in, calls to others."""

    @cached_property
    def fetcher(self) -> Fetcher:
        """Fetches what strangers name by URL."""
        from safelight.adapter.fetch import SafeFetcher

        return SafeFetcher(self.settings.service.max_upload)

    @cached_property
    def poster(self) -> Poster:
        """Calls webhooks."""
        from safelight.adapter.fetch import SafeFetcher

        return SafeFetcher(0, hosts=frozenset(self.settings.service.hook_hosts))

    @cached_property
    def standing_examiner(self) -> StandingExaminer:
        """The confined decoders of the service, which stay up. Who is done with them calls `close_gate`."""
        from safelight.adapter.sandbox import Abilities, StandingSandbox

        command = [sys.executable, "-m", "safelight.worker.decoder"]
        abilities = Abilities(local=True, clips=True)  # banks that keep such things may come at any time
        return StandingSandbox(command, Limits(), self.settings.service.decoders or self.settings.processes, abilities)

    def examiner_answers(self, seconds: float) -> bool:
        """Whether this process's confined decoders were started and take an empty file, or have too many to do so."""
        from safelight.model.errors import BusyError, SandboxError
        from safelight.ports import ExamineJob

        examiner: StandingExaminer | None = vars(self).get("standing_examiner")
        if examiner is None:
            return False
        with os.fdopen(os.memfd_create("probe", os.MFD_CLOEXEC), "rb") as file:
            try:
                answer = examiner.examine(file, ExamineJob(0, "", "probe"))
            except BusyError:
                return True
            try:
                answer.result(seconds)
            except (SandboxError, TimeoutError):
                return False
            finally:
                answer.cancel()  # does nothing to one that was answered
        return True

    @cached_property
    def live(self) -> "LiveMatcher":
        """Compares with all enabled banks, as they are at any time."""
        from safelight.flow.live import LiveMatcher

        depth = self.settings.service.gate_depth
        return LiveMatcher(self.store, self.room, lambda names: self.matcher(names, depth), self._stamp)

    def _stamp(self, bank: Bank) -> tuple[tuple[int, int] | None, ...]:
        """Differs when local features or clips of a bank have changed."""
        folders = (self.settings.home / kind / str(bank.id) for kind in ("features", "clips"))
        return tuple(_identity(folder / "manifest") for folder in folders)

    @cached_property
    def looker(self) -> "Looker":
        """Examines, matches and judges open files."""
        from safelight.adapter.store.threads import drop_broken
        from safelight.flow.look import Looker

        return Looker(self.standing_examiner, self.live, drop_broken)

    def threads(self, name: str, count: int) -> Executor:
        """Threads for work with the database; each has its own connection, which is renewed when it breaks."""
        from safelight.adapter.store.threads import DatabaseThreads

        return DatabaseThreads(count, name)

    def gate(self, keep: "Keep") -> "Gate":
        """Answers for uploads, and gives what is not allowed to `keep`."""
        from safelight.flow.gate import Gate

        service = self.settings.service
        return Gate(
            self.looker,
            self.threads("gate", GATE_THREADS),
            keep,
            failure=service.gate_failure,
            seconds=service.gate_seconds,
            rule=self.file_rule,
        )

    def file_rule(self, row: ScanRow, source: str) -> Ruling:
        """What the policy that comes with the program says of a file; `Closing` asks the one in force."""
        from safelight.flow.policy import by_default

        return by_default(row, source)

    def intake(self, waiting: "Tell", done: "Tell") -> "Intake":
        """The way in for files that are not examined at once; see `flow.intake` for whom it tells."""
        from safelight.flow.intake import Intake

        stores = self.cases, self.evidence, self.families, self.store
        return Intake(*stores, self._look_closely, self.ids, self.clock, waiting, done, self.file_rule)

    def _look_closely(self, file: BinaryIO, name: str) -> "tuple[ScanRow, ...]":
        return self._close_looker(file, name)

    @cached_property
    def _close_looker(self) -> "Looker":
        """Looks as closely as the banks allow, and for signals, whatever the gate does: nobody waits for it.

        Raises InputError for a broken trust list, UsageError for a plug-in that is not installed.
        """
        from safelight.adapter.sandbox import Abilities, StandingSandbox
        from safelight.adapter.store.threads import drop_broken
        from safelight.flow.live import LiveMatcher
        from safelight.flow.look import Looker

        asked, abilities = SignalRequest(), Abilities(local=True, signals=True, clips=True)
        examiner = StandingSandbox(self._decoder(asked), Limits(), self.settings.processes, abilities)
        live = LiveMatcher(self.store, self.room, lambda names: self.matcher(names, Depth.FULL), self._stamp)
        self._at_close.callback(live.close)
        self._at_close.callback(examiner.close)
        return Looker(examiner, live, drop_broken, asked)

    @cached_property
    def _at_close(self) -> ExitStack:
        return ExitStack()

    def close_intake(self) -> None:
        """End what looking at items has started."""
        vars(self).pop("_close_looker", None)
        self._at_close.close()

    def open_gate(self) -> None:
        """Begin to warm up the gate's decoders, and open the banks. Raises StorageError, IndexCorruptError."""
        _ = self.standing_examiner
        self.live.open()

    def close_gate(self) -> None:
        """End what the gate has started."""
        if "standing_examiner" in vars(self):
            self.standing_examiner.close()
            del self.standing_examiner
        if "live" in vars(self):
            self.live.close()
            del self.live
        vars(self).pop("looker", None)


def _identity(path: Path) -> tuple[int, int] | None:
    """Of a file that is only ever replaced as a whole; None where there is none."""
    try:
        facts = path.stat()
    except OSError:
        return None
    return facts.st_ino, facts.st_mtime_ns
