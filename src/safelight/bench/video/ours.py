"""Safelight as a contestant: what `bank add` and a scan at depth `full` do, in this process, over a data folder."""

import io
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from safelight.app import App
from safelight.flow.bank_media import add_media
from safelight.flow.banks import create_bank
from safelight.flow.examine import examine
from safelight.flow.matching import Matcher
from safelight.model.errors import InputError
from safelight.model.fingerprint import Digests
from safelight.model.local import Want
from safelight.model.match import Match
from safelight.model.media import Limits
from safelight.model.scan import Depth, Examination, Status
from safelight.ports import ExamineJob
from safelight.ports.examining import Examined, Known, Wanted
from safelight.settings import read_settings

_FOLDERS = ("clips", "features", "index")
"""What the data folder holds for matching, besides the store."""


class SafelightTracker:
    """The product, from a video's bytes to its matches: `bench.video.trial.Tracker`."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="safelight-bench-")
        self._home = Path(self._folder.name) / "home"
        self._app = App(read_settings({"SAFELIGHT_HOME": str(self._home)}))
        self._bank = create_bank(self._app.store, "bench")
        self._opened: tuple[int, AbstractContextManager[Matcher], Matcher] | None = None

    def add(self, name: str, data: bytes) -> None:
        """Add a video to the bank, as an entry of that name. Raises InputError for one that cannot be read."""
        self._close()
        path = Path(self._folder.name) / name
        path.write_bytes(data)
        app = self._app
        report = add_media(
            app.store,
            app.room,
            app.features,
            InProcess(),
            app.sketcher,
            self._bank,
            str(path),
            _Silent(),
            clips=app.clips,
        )
        path.unlink()
        if not report.added:
            raise InputError(path=name, cause=f"not added: {report.failed}")

    def find(self, data: bytes) -> list[Match]:
        """Its matches. Raises InputError for a video that cannot be read."""
        matcher = self._matcher()
        (found,) = examine(
            "query",
            io.BytesIO(data),
            Limits(),
            local=matcher.request,
            clip=matcher.clip_request,
            wanted=lambda seen: matcher.wanted(0, seen),
        )
        if found.status not in {Status.OK, Status.DEGRADED}:
            raise InputError(path="query", cause=found.error or str(found.status))
        (matches,) = matcher.matches([(0, matcher.start(0, found))])
        matcher.forget(0)
        return list(matches)

    def bytes_stored(self) -> int:
        """Bytes of clips, local features and PDQ index on the disk."""
        files = [path for name in _FOLDERS for path in (self._home / name).rglob("*") if path.is_file()]
        return sum(path.stat().st_size for path in files)

    def close(self) -> None:
        """Close the bank and remove the data folder."""
        self._close()
        self._folder.cleanup()

    def _matcher(self) -> Matcher:
        """The bank, opened in this process: a matcher's threads do not come along when a process is forked."""
        if self._opened is None or self._opened[0] != os.getpid():
            held = self._app.matcher([self._bank.name], Depth.FULL)
            self._opened = os.getpid(), held, held.__enter__()
        return self._opened[2]

    def _close(self) -> None:
        if self._opened is not None:
            self._opened[1].__exit__(None, None, None)
            self._opened = None


class InProcess:
    """Examines files where it is, unconfined, so that all CPU time is this process's: `ports.Examiner`."""

    @property
    def confinement(self) -> dict[str, str]:
        """Nothing holds it."""
        return {}

    @property
    def spent(self) -> dict[str, float]:
        """Not measured apart."""
        return {}

    @contextmanager
    def run(
        self, jobs: Iterable[ExamineJob], known: Known | None = None, wanted: Wanted | None = None
    ) -> Iterator[Iterator[Examined]]:
        """Results of the jobs, one after another."""
        yield (result for job in jobs for result in _results(job, known, wanted))


def _results(job: ExamineJob, known: Known | None, wanted: Wanted | None) -> Iterator[Examined]:
    def asked(seen: Examination) -> Want:
        return Want(wanted(job.key, seen)) if wanted else Want.KEYPOINTS

    def held(digests: Digests) -> bool:
        return known is not None and known(job.key, digests)

    with Path(job.path).open("rb") as stream:
        found = list(examine(job.name, stream, Limits(), local=job.local, clip=job.clip, known=held, wanted=asked))
    for member, one in enumerate(found):
        yield Examined(job.key, member, one, last=member == len(found) - 1)


class _Silent:
    """No progress is shown: `ports.Progress`."""

    def start(self, total: int, done: int) -> None:
        pass

    def advance(self, files: int, size: int, found: int) -> None:
        pass
