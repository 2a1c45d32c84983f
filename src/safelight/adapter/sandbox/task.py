"""One top-level file on its way through the workers: what was said of it so far, and what a worker's end means for it.

No process is touched here; the pool tells a task what happened, the task answers with results.
"""

import math
import os
from dataclasses import dataclass, field, replace
from typing import Any

from safelight.adapter.sandbox.bounds import is_text
from safelight.adapter.sandbox.files import OpenFile
from safelight.adapter.sandbox.protocol import Job, ProtocolError
from safelight.adapter.sandbox.validate import (
    check_arrays,
    check_digests,
    check_examination,
    check_path,
)
from safelight.adapter.sandbox.validate_clip import check_clip
from safelight.adapter.sandbox.validate_signals import check_asked
from safelight.model.codec import to_json
from safelight.model.fingerprint import Digests, Fingerprint
from safelight.model.local import LocalRequest, Want
from safelight.model.media import Limits
from safelight.model.scan import Examination, Status
from safelight.model.signal import Signal, SignalRequest
from safelight.ports import Examined, ExamineJob

MAX_FAILURES = 16
"""Members of one file that may each cost a worker before the rest of the file is given up."""
MAX_SIGNAL_FAILURES = 4
"""Members of one file whose signals may each cost a worker before those of the rest are left alone."""
MAX_PROMPTS = 8 << 20
"""Bytes of all prompts of one file as JSON; small files may have fewer, by what they have on the disk."""
PROMPTS_AT_LEAST = 64 << 10
MAX_RESULTS = 256 << 20
"""Bytes of all results of one file as JSON; what it has on the disk earns it as many more, for its frames' hashes.

Local features and pixels do not count: nobody keeps them, and at most those of one result are held here.
"""

# Reading takes its time, too: what a file has on the disk earns it more, at the pace of a slow one.
_BYTES_PER_CPU_SECOND = 64 << 20
_BYTES_PER_WALL_SECOND = 8 << 20
_WALL_PER_CPU = 2  # of what a video earns by its length

# An archive may not keep a worker for ever by being slow at each of its members, nor by talk.
_WHOLE_FILE = 100  # times the wall-clock limit of one member
_BYTES_PER_WHOLE_SECOND = 1 << 20
_WORDS_PER_MEMBER = 10

_IN_MEMORY: dict[str, Any] = {
    "local": None, "pixels": None, "maps": None, "prompts": (), "clip": None, "key_frames": (),
}  # fmt: skip
"""Fields of a result that nobody keeps, as they are without it."""


@dataclass(slots=True)
class Task:
    """A file that is open, and where its examination stands.

    The newest result is held back until it is known whether it is the last.
    """

    job: ExamineJob
    file: OpenFile
    limits: Limits
    _spent: float = 0.0
    _words: int = 0
    _bytes: int = 0
    _made: int = 0
    _failures: int = 0
    _retries: int = 0  # since the last result
    _held: Examination | None = None
    _at_work: str = ""
    _blamed: set[str] = field(default_factory=set)
    _digests: dict[str, Digests] = field(default_factory=dict)
    _announced: Examination | None = None  # what is known of the picture whose local features are asked about
    _was_asked: bool = False  # by this worker, of the picture at work
    _granted: Fingerprint | None = None  # of the picture whose local features the worker was asked for
    _reads_signals: bool = False  # of what is at work
    _without: dict[str, str] = field(default_factory=dict)  # paths whose signals cost a worker, with the cause
    _prompt_bytes: int = 0
    _more: int = 0  # CPU seconds that the video at work has above the usual
    _granted_more: int = 0  # that all videos of the file had so far

    @property
    def wall_seconds(self) -> int:
        """Seconds a worker may take without a word: no more than are left of all that the file may take, and one."""
        alone = self.limits.wall_seconds + self.file.stored // _BYTES_PER_WALL_SECOND + _WALL_PER_CPU * self._more
        return min(alone, max(math.ceil(self.total_seconds - self._spent), 0) + 1)

    @property
    def total_seconds(self) -> int:
        """Seconds that all of the file with its members may take."""
        return _WHOLE_FILE * self.limits.wall_seconds + self.file.stored // _BYTES_PER_WHOLE_SECOND

    @property
    def cpu_seconds(self) -> int:
        """Seconds of CPU time a worker may take for the file or a member of it."""
        return self._usual_cpu_seconds + self._more

    @property
    def _usual_cpu_seconds(self) -> int:
        return self.limits.cpu_seconds + self.file.stored // _BYTES_PER_CPU_SECOND

    @property
    def wants_new_worker(self) -> bool:
        """It is to show whether it fails in a process that has done nothing else."""
        return self._retries > 0

    @property
    def has_own_result(self) -> bool:
        """A file's own result is its last, so nothing is lost when the worker ends after it."""
        return self._held is not None and self._held.path == self.job.name

    def start(self) -> Job:
        """What a worker is told that is to take up this file."""
        self._at_work = self.job.name
        self._granted = None
        self._was_asked = False
        self._reads_signals = False
        self._more = 0
        return Job(
            self.job.name,
            self.job.thumbnail,
            self._made,
            self._usual_cpu_seconds,
            self.job.local,
            self.job.pixels,
            self._signals,
            next(reversed(self._without), ""),
            self.job.clip,
            self._more_left,
        )

    @property
    def _more_left(self) -> int:
        """CPU seconds that are left to videos: what a file has on the disk earns them, however many it unpacks to."""
        earned = self.limits.videos_cpu_seconds(self.file.stored) if self.job.clip is not None else 0
        return max(earned - self._granted_more, 0)

    @property
    def _signals(self) -> SignalRequest | None:
        """What is still read of how files were made: nothing where that has cost too many workers."""
        return self.job.signals if len(self._without) < MAX_SIGNAL_FAILURES else None

    def spend(self, seconds: float) -> None:
        """The worker has spoken after this time, of which no more than its limit counts: the rest was not its fault.

        Raises ProtocolError when it speaks without end.
        """
        self._spent += min(seconds, self.wall_seconds)
        self._words += 1
        if self._words > _WORDS_PER_MEMBER * (self.limits.max_members + MAX_FAILURES):
            raise ProtocolError("messages without end")
        if self._bytes > MAX_RESULTS + self.file.stored:
            raise ProtocolError("results without end")

    @property
    def is_overdue(self) -> bool:
        """It has taken longer than all of it may."""
        return self._spent > self.total_seconds

    @property
    def takes_keypoints(self) -> bool:
        """The worker was told to take the keypoints of the picture at work, and has not given them yet."""
        return self._granted is not None

    def begin(self, path: str, *, signals: bool = False, more: int = 0) -> None:
        """The worker turns to this path, or to its signals. Raises ProtocolError when it is no part of this file.

        `more`: CPU seconds above the usual, for what is at work turned out to be a video.
        """
        check_path(path)
        self._check_ours(path)
        if signals:
            if self._signals is None or path != self._at_work:
                raise ProtocolError("signals out of turn")
            self._reads_signals = True
            return
        if more:
            if path != self._at_work or self._more or not 0 < more <= self._more_left:
                raise ProtocolError("a video out of turn")
            self._more = more
            self._granted_more += more
            return
        self._more = 0
        self._reads_signals = False
        self._at_work = path
        self._granted = None
        self._was_asked = False
        self._digests = {p: d for p, d in self._digests.items() if p == self.job.name}

    def ask(self, digests: Digests) -> None:
        """These are the digests of what is at work: its result has them even if the worker does not survive it."""
        check_digests(digests)
        self._digests[self._at_work] = digests

    def announce(self, found: Examination) -> Examination:
        """The result so far of the picture at work, which is its result if the worker does not survive what is next.

        Returns what it is asked by whether keypoints are wanted. Raises ProtocolError when it is not the time.
        """
        check_examination(found, self.limits)
        check_arrays(found, self._request(keypoints=False), 0)
        check_clip(found, self.job.clip, 0, self.limits)
        if (
            (self.job.local is None and self.job.clip is None)
            or found.path != self._at_work
            or found.fingerprint is None
            or self._was_asked
        ):
            raise ProtocolError("a question out of turn")
        self._was_asked = True
        self._announced = found
        return found

    def answer(self, wanted: Want) -> None:
        """Keypoints of the picture or video that was announced are wanted, or not."""
        self._granted = self._announced.fingerprint if wanted and self._announced else None

    def take(self, examination: Examination) -> list[Examined]:
        """One more result; returns the one before it. Raises ProtocolError for one that is not of this file."""
        check_examination(examination, self.limits)
        self._check_ours(examination.path)
        asked = self._granted is not None and self._granted == examination.fingerprint
        check_arrays(examination, self._request(keypoints=asked), self.job.pixels)
        check_clip(examination, self.job.clip, self.job.pixels, self.limits, keypoints=asked)
        check_asked(examination, self.job.signals)
        examination = self._with_what_is_lost(examination)
        self._bytes += len(to_json(replace(examination, **_IN_MEMORY)))
        self._at_work = self.job.name
        return self._put(examination)

    def _with_what_is_lost(self, examination: Examination) -> Examination:
        """The result, saying so where its signals were not read or its prompts are too long to be kept.

        Neither costs a file its match: that is why failures with signals are counted apart, and prompts as well.
        """
        signals, prompts = list(examination.signals), examination.prompts
        cause = self._without.get(examination.path)
        if cause is None and self.job.signals is not None and self._signals is None:
            cause = f"that of {MAX_SIGNAL_FAILURES} others in this file each stopped the decoder"
        if cause is not None:
            signals.append(Signal("signals_lost", f"how it was made could not be read: {cause}"))
        self._prompt_bytes += len(to_json(prompts)) if prompts else 0
        if prompts and self._prompt_bytes > min(MAX_PROMPTS, PROMPTS_AT_LEAST + 4 * self.file.stored):
            signals.append(Signal("prompts_dropped", "prompts were found and are too long to be kept"))
            prompts = ()
        return replace(examination, signals=tuple(signals), prompts=prompts)

    def finish(self) -> Examined:
        """The worker is through with the file; returns its last result."""
        held = self._held or self._cut_short(self.job.name, "the decoder gave no result")
        return Examined(self.job.key, max(self._made - 1, 0), held, last=True)

    def fail(self, cause: str, *, retries: int = 0) -> tuple[list[Examined], bool]:
        """The worker ended in the middle of this file.

        Args:
            cause: why, as it is to be reported, unless it is what no honest worker gives as its cause.
            retries: new workers to try it with before it is held guilty, as the reason may lie elsewhere.

        Returns:
            Results, and whether the file is done; else it is to be started again.
        """
        if self.has_own_result:
            return [self.finish()], True
        if self._retries < retries:
            self._retries += 1
            return [], False
        if not is_text(cause):
            cause = "the decoder broke its protocol: an impossible cause"
        path = self._at_work
        if self._reads_signals and path not in self._without and not self.is_overdue:
            self._without[path] = cause
            return [], False
        results: list[Examined] = []
        if path != self.job.name and path not in self._blamed:
            self._blamed.add(path)
            self._failures += 1
            results = self._put(self._cut_short(path, cause))
            if self._failures < MAX_FAILURES and not self.is_overdue:
                return results, False
            if not self.is_overdue:
                cause = f"{MAX_FAILURES} members each stopped the decoder"
        if self._made:
            cause += "; the rest of this archive was not examined"
        results += self._put(self._cut_short(self.job.name, cause))
        return [*results, self.finish()], True

    def _request(self, *, keypoints: bool) -> LocalRequest | None:
        """What a result may hold: tiles wherever local features were asked for, keypoints only when wanted, too."""
        request = self.job.local
        return request if keypoints or request is None else replace(request, keypoints=0)

    def close(self) -> None:
        """Let go of the file."""
        os.close(self.file.fd)

    def _put(self, examination: Examination) -> list[Examined]:
        before = [] if self._held is None else [Examined(self.job.key, self._made - 1, self._held, last=False)]
        self._held = examination
        self._made += 1
        self._retries = 0
        self._announced = None
        self._granted = None
        self._was_asked = False
        self._reads_signals = False
        self._more = 0
        return before

    def _cut_short(self, path: str, cause: str) -> Examination:
        """What is left of a result that never came."""
        if self._announced is not None and self._announced.path == path:
            return replace(self._announced, status=Status.DEGRADED, error=f"no keypoints: {cause}")
        digests = self._digests.get(path)
        return Examination(path, Status.UNREADABLE, fingerprint=Fingerprint(digests) if digests else None, error=cause)

    def _check_ours(self, path: str) -> None:
        if path != self.job.name and not path.startswith(self.job.name + "!/"):
            raise ProtocolError("a path outside of its file")
