"""`ports.Examiner` by confined worker processes."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from safelight.adapter.sandbox.pool import Pool
from safelight.adapter.sandbox.protocol import CLIP_FLAG, LOCAL_FLAG, MAX_BODY, MAX_PLAIN, SIGNALS_FLAG, size_of_arrays
from safelight.model.fingerprint import Digests
from safelight.model.media import Limits
from safelight.model.scan import Examination
from safelight.ports import Examined, ExamineJob, Known, Wanted

RECYCLE = 500
"""Files after which a worker is replaced, so that one that was taken over does not live long."""


@dataclass(frozen=True, slots=True)
class Abilities:
    """What jobs may ask for besides digests and hashes; the worker module loads what these take.

    `local`: local features or pixels. `signals`: how files were made. `clips`: clips of videos.
    """

    local: bool = False
    signals: bool = False
    clips: bool = False

    @property
    def flags(self) -> tuple[str, ...]:
        """The arguments by which the worker module is told."""
        asked = {LOCAL_FLAG: self.local, SIGNALS_FLAG: self.signals, CLIP_FLAG: self.clips}
        return tuple(flag for flag, wanted in asked.items() if wanted)

    def checked(self, job: ExamineJob) -> ExamineJob:
        """The job. Raises ValueError when it asks for more than that."""
        if not self.local and (job.local is not None or job.pixels):
            raise ValueError("this examiner was not made for local features or pixels")
        if not self.signals and job.signals is not None:
            raise ValueError("this examiner was not made for signals")
        if not self.clips and job.clip is not None:
            raise ValueError("this examiner was not made for clips")
        if size_of_arrays(job.local, job.pixels, job.clip) > MAX_BODY - MAX_PLAIN:
            raise ValueError(f"{job.pixels:,} pixels a side, {job.local} and {job.clip} do not fit into a message")
        return job


class SandboxExaminer:
    """Examines untrusted files in confined workers; see docs/confinement.md."""

    def __init__(
        self,
        command: Sequence[str],
        limits: Limits,
        processes: int,
        *,
        recycle: int = RECYCLE,
        local: bool = False,
        signals: bool = False,
        clips: bool = False,
    ) -> None:
        """Nothing is started yet.

        Args:
            command: program and arguments of a worker module, which calls `zygote.main`. Run in the folder `/`.
            limits: bounds for each file.
            processes: workers at a time.
            recycle: files after which a worker is replaced.
            local: see `Abilities`; with the next two.
            signals: the same.
            clips: the same.
        """
        self._abilities = Abilities(local, signals, clips)
        self._command = (*command, *self._abilities.flags)
        self._limits = limits
        self._processes = processes
        self._recycle = recycle
        self._confinement: dict[str, str] = {}
        self._spent: dict[str, float] = {}

    @property
    def confinement(self) -> dict[str, str]:
        """What holds the workers, as the last one to start has said; empty before the first."""
        return self._confinement

    @property
    def spent(self) -> dict[str, float]:
        """Seconds that workers were busy in the last run, see `ports.Examiner.spent`."""
        return dict(self._spent)

    @contextmanager
    def run(
        self, jobs: Iterable[ExamineJob], known: Known | None = None, wanted: Wanted | None = None
    ) -> Iterator[Iterator[Examined]]:
        """Results as they come; on leaving, every process is ended and every file closed.

        The workers begin to warm up on entering, so the caller can get ready meanwhile.

        Raises:
            SandboxError: on entering or from the iterator, when the workers cannot be started.
            ValueError: from the iterator, for a job that asks for more than this examiner can give.
        """
        pool = Pool(
            self._command,
            self._limits,
            self._processes,
            self._recycle,
            known or _nothing_is_known,
            wanted or _all_are_wanted,
            self._greet,
        )
        self._spent = pool.spent
        try:
            pool.start()
            yield _results(pool, map(self._abilities.checked, jobs))
        finally:
            pool.close()

    def _greet(self, confinement: dict[str, str]) -> None:
        self._confinement = confinement


def _results(pool: Pool, jobs: Iterator[ExamineJob]) -> Iterator[Examined]:
    while True:
        pool.fill(jobs)
        if pool.output:
            while pool.output:
                yield pool.output.popleft()
        elif pool.is_done:
            return
        else:
            pool.wait()


def _nothing_is_known(_key: int, _digests: Digests) -> bool:
    return False


def _all_are_wanted(_key: int, _found: Examination) -> bool:
    return True
