"""The worker's side of a job: take the file, run the handler, say what comes of it."""

import io
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Protocol

from safelight.adapter.sandbox.confine import allow_cpu, confine
from safelight.adapter.sandbox.protocol import (
    Answer,
    Ask,
    Begin,
    Channel,
    Done,
    Failed,
    Hello,
    Job,
    ProtocolError,
    Wants,
)
from safelight.model.clip import ClipRequest
from safelight.model.fingerprint import Digests
from safelight.model.local import LocalRequest, Want
from safelight.model.media import Limits
from safelight.model.scan import Examination
from safelight.model.signal import SignalRequest

_BUFFER = 1 << 16
_SIGNAL_SECONDS = 30  # of CPU time for how one file was made; a manifest of 2 GB takes four, a detector three


class Handler(Protocol):
    """What a worker does with a file; `flow.examine.examine` is the real one.

    It yields the results of one walk in an order that depends on the bytes alone, a container's own result after those
    of its members, and leaves out the first `skip`. `begin(path)` says what it works on next; between members that is
    the container. `known(digests)` says whether digests are enough, `wanted(found)` whether local features, taken as
    `local` says, are to be added to this result; `pixels` is the longest side of the picture to add, 0 for none.
    `clip`: how closely to look at videos; `more(seconds)` asks for so many CPU seconds above the usual for one, and
    says how many it gets.
    `signals`: what is to be read beside that, but not of the path `without`; `reading(path)` says that it begins to.
    The file cannot be opened again nor its `fstat` relied on: to map it, pass its length.
    """

    def __call__(
        self,
        name: str,
        stream: BinaryIO,
        limits: Limits,
        *,
        thumbnail: bool,
        skip: int,
        local: LocalRequest | None,
        pixels: int,
        signals: SignalRequest | None,
        without: str,
        clip: ClipRequest | None,
        known: Callable[[Digests], bool],
        wanted: Callable[[Examination], Want],
        begin: Callable[[str], None],
        reading: Callable[[str], None],
        more: Callable[[int], int],
    ) -> Iterator[Examination]:
        """Examine one file."""
        ...


def serve(channel: Channel, handler: Handler, limits: Limits, parent: int) -> None:
    """Confine the process and do jobs until the other side hangs up, or something goes wrong.

    After a failure of any kind the process ends, for nobody knows what state it is in.
    """
    try:
        channel.send(Hello(confine(limits, parent)))
        _Jobs(channel, handler, limits).run()
    except MemoryError:
        channel.send(Failed(f"needs more than {limits.memory_bytes >> 20:,} MiB of memory"))
    except (BrokenPipeError, ConnectionResetError):
        return
    except Exception as error:  # noqa: BLE001 - whatever it is, it is this file's result
        channel.send(Failed(f"the decoder failed ({_name(error)})"))


class _Jobs:
    """The jobs of one worker, one after another; the next may arrive while one is at work."""

    def __init__(self, channel: Channel, handler: Handler, limits: Limits) -> None:
        self._channel = channel
        self._handler = handler
        self._limits = limits
        self._waiting: deque[tuple[Job, int]] = deque()
        self._cpu_seconds = 0
        self._left = 0  # of the CPU seconds that videos may take above the usual
        self._current = ""

    def run(self) -> None:
        """Work until the other side hangs up."""
        while self._waiting or self._receive() is not None:
            job, file = self._waiting.popleft()
            with io.BufferedReader(io.FileIO(file, "rb"), _BUFFER) as stream:
                self._examine(job, stream)
            self._channel.send(Done())

    def _examine(self, job: Job, stream: BinaryIO) -> None:
        self._cpu_seconds, self._left = job.cpu_seconds, job.more
        self._current = job.name
        allow_cpu(self._cpu_seconds)
        stream.seek(0)  # an earlier worker may have read from the same open file
        for examination in self._handler(
            job.name,
            stream,
            self._limits,
            thumbnail=job.thumbnail,
            skip=job.skip,
            local=job.local,
            pixels=job.pixels,
            signals=job.signals,
            without=job.without,
            clip=job.clip,
            known=self._known,
            wanted=self._wanted,
            begin=self._begin,
            reading=self._reading,
            more=self._more,
        ):
            self._channel.send(examination)
            self._current = job.name

    def _begin(self, path: str) -> None:
        allow_cpu(self._cpu_seconds)
        # The other side takes it that the file itself is at work before the first member and between members.
        if path != self._current:
            self._channel.send(Begin(path))
            self._current = path

    def _reading(self, path: str) -> None:
        allow_cpu(min(self._cpu_seconds, _SIGNAL_SECONDS))
        self._channel.send(Begin(path, signals=True))

    def _more(self, seconds: int) -> int:
        granted = min(seconds, self._left)
        if granted > 0:
            self._left -= granted
            allow_cpu(self._cpu_seconds + granted)
            self._channel.send(Begin(self._current, more=granted))
        return granted

    def _known(self, digests: Digests) -> bool:
        return self._answer_to(Ask(digests)).yes

    def _wanted(self, found: Examination) -> Want:
        answer = self._answer_to(Wants(found))
        return Want.NOTHING if not answer.yes else Want.DENSE if answer.dense else Want.KEYPOINTS

    def _answer_to(self, question: Ask | Wants) -> Answer:
        self._channel.send(question)
        while not isinstance(message := self._receive(), Answer):
            if message is None:
                raise BrokenPipeError
        return message

    def _receive(self) -> Job | Answer | None:
        """The next message, None at the end. Jobs are put to those that wait."""
        received = self._channel.receive()
        if received is None:
            return None
        message, file = received
        if isinstance(message, Job) and file is not None:
            self._waiting.append((message, file))
            return message
        if isinstance(message, Answer):
            return message
        raise ProtocolError("neither a job nor an answer")


def _name(error: BaseException) -> str:
    """The kind of an error and where it was raised; its text could quote the file."""
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    return f"{type(error).__name__}{_where(place)}"


def _where(place: TracebackType | None) -> str:
    return f" at {Path(place.tb_frame.f_code.co_filename).name}:{place.tb_lineno}" if place else ""
