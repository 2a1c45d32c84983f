"""What the scanning process, the zygote and the workers say to each other: length, kind, JSON. Never pickle.

A frame is a 4-byte big-endian length of the body, a 1-byte kind and the body, the JSON of one of the values below. The
readers trust nothing: a frame that is too long, of a kind that is not expected or of another shape is an error.

    scanning process -> zygote   Fork (with the worker's end of a socket pair), Kill
    zygote -> scanning process   Ready, Exited
    scanning process -> worker   Job (with the open file), Answer
    worker -> scanning process   Hello, then for each job: (Begin | Ask | Wants | Examination)* Done, or Failed, the end
"""

import socket
import struct
from collections.abc import Iterator
from dataclasses import dataclass

import msgspec

from safelight.adapter.sandbox.arrays import to_array, to_plain
from safelight.model.clip import CLIP_TILES, ClipRequest
from safelight.model.codec import decoder
from safelight.model.fingerprint import Digests
from safelight.model.local import LocalRequest
from safelight.model.media import Limits
from safelight.model.scan import Examination
from safelight.model.signal import SignalRequest

MAX_BODY = 16 << 20
"""Bytes of the longest body, which the scanning process may have to hold for each worker. See `size_of_arrays`."""
MAX_PLAIN = 1 << 20
"""Of them, bytes of a result but for its arrays: 64 frames with three prints each take 0.2 MiB."""

CLIP_FLAG = "--clip"
"""Argument of a worker module: its workers will be asked for clips of videos."""

LOCAL_FLAG = "--local"
"""Argument of a worker module: its workers will be asked for local features or pixels."""

SIGNALS_FLAG = "--signals"
"""Argument of a worker module: its workers will be asked for signals."""

_SMALL_ARRAYS = 4 << 10  # bytes: tile hashes, names of fields
_HEADER = struct.Struct(">IB")


class ProtocolError(Exception):
    """The other side sent what it must not send. The text says what, and quotes nothing of it."""


@dataclass(frozen=True, slots=True)
class Ready:
    """The zygote has imported and warmed up everything."""


@dataclass(frozen=True, slots=True)
class Fork:
    """Fork the worker of this number. The frame carries its end of a socket pair."""

    worker: int
    limits: Limits


@dataclass(frozen=True, slots=True)
class Kill:
    """End a worker now."""

    worker: int


@dataclass(frozen=True, slots=True)
class Exited:
    """A worker ended; `code` as from `os.waitstatus_to_exitcode`: negative is the number of a signal."""

    worker: int
    code: int


@dataclass(frozen=True, slots=True)
class Hello:
    """The worker's first word: it is confined, and this is what holds it."""

    confinement: dict[str, str]


@dataclass(frozen=True, slots=True)
class Job:
    """Examine the file that the frame carries. `cpu_seconds` is for each of its members, or itself.

    `local`, `pixels`, `signals`, `clip`: as in `ports.ExamineJob`. `without`: the path whose signals are not to be
    read, as an earlier worker did not survive that; empty for none. `more`: CPU seconds above the usual that its videos
    may take in all.
    """

    name: str
    thumbnail: bool
    skip: int
    cpu_seconds: int
    local: LocalRequest | None = None
    pixels: int = 0
    signals: SignalRequest | None = None
    without: str = ""
    clip: ClipRequest | None = None
    more: int = 0


@dataclass(frozen=True, slots=True)
class Begin:
    """The next thing that can go wrong goes wrong with this file or member; `signals`: with reading its signals.

    `more`: CPU seconds that it may take above the usual, being a video.
    """

    path: str
    signals: bool = False
    more: int = 0


@dataclass(frozen=True, slots=True)
class Ask:
    """Are these bytes known already?"""

    digests: Digests


@dataclass(frozen=True, slots=True)
class Answer:
    """To `Ask`: True means that digests are enough. To `Wants`: True means yes; `dense`: as `Want.DENSE` says."""

    yes: bool
    dense: bool = False


@dataclass(frozen=True, slots=True)
class Wants:
    """Are local features of this picture or video wanted, too? `found` is its result without them."""

    found: Examination


@dataclass(frozen=True, slots=True)
class Done:
    """The job is finished."""


@dataclass(frozen=True, slots=True)
class Failed:
    """The worker cannot go on and ends; `cause` is one line fit for a report."""

    cause: str


Message = Ready | Fork | Kill | Exited | Hello | Job | Begin | Ask | Answer | Examination | Done | Failed | Wants

_KINDS: tuple[type[Message], ...] = (
    Ready, Fork, Kill, Exited, Hello, Job, Begin, Ask, Answer, Examination, Done, Failed, Wants,
)  # fmt: skip
_NUMBERS = {kind: number for number, kind in enumerate(_KINDS)}
_ENCODER = msgspec.json.Encoder(enc_hook=to_plain)


def size_of_arrays(local: LocalRequest | None, pixels: int, clip: ClipRequest | None = None) -> int:
    """About how many bytes of a body the arrays of a result can take that is asked for like this.

    An honest job keeps to MAX_BODY - MAX_PLAIN: pixels of a side of 1,280 with local features as of a query do. What a
    video gives takes the place of what a picture gives; most are far from square, which is what is counted with.
    """
    size = _size_of_picture(local, pixels)
    if clip is not None:
        rows = clip.rows * (32 + 2 * 4 + 1 + 2) + clip.keyed * (CLIP_TILES * 33 + 4)
        frames = max(clip.key_frames, len(clip.at))
        size = max(size, rows + frames * _size_of_picture(clip.local, pixels, look=clip.look) * 3 // 4)
    return (size + _SMALL_ARRAYS) * 4 // 3  # base64


def _size_of_picture(local: LocalRequest | None, pixels: int, *, look: bool = True) -> int:
    size = 3 * pixels * pixels
    return size if local is None else size + look * local.side * local.side + local.keypoints * (128 + 4 * 4)


def frame(message: Message) -> bytes:
    """The bytes of one message. Raises ProtocolError when it is too long to be sent."""
    body = _ENCODER.encode(message)
    if len(body) > MAX_BODY:
        raise ProtocolError(f"a message of {len(body):,} bytes")
    return _HEADER.pack(len(body), _NUMBERS[type(message)]) + body


def _parse(number: int, body: bytes | bytearray) -> Message:
    try:
        return decoder(_KINDS[number], to_array).decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise ProtocolError(f"a malformed {_KINDS[number].__name__} message") from None


def _check_header(size: int, number: int) -> None:
    if number >= len(_KINDS):
        raise ProtocolError("a message of an unknown kind")
    if size > MAX_BODY:
        raise ProtocolError("an oversized message")


class Inbox:
    """Puts the messages of one sender together from the pieces in which they arrive; holds at most one and a piece."""

    def __init__(self) -> None:
        self._bytes = bytearray()

    def feed(self, piece: bytes) -> Iterator[Message]:
        """The messages that this piece completes. Raises ProtocolError, after which the sender is not to be heard."""
        self._bytes += piece
        start = 0
        try:
            while len(self._bytes) - start >= _HEADER.size:
                size, number = _HEADER.unpack_from(self._bytes, start)
                _check_header(size, number)
                end = start + _HEADER.size + size
                if end > len(self._bytes):
                    break
                body = self._bytes[start + _HEADER.size : end]
                start = end
                yield _parse(number, body)
        finally:
            del self._bytes[:start]


class Channel:
    """The blocking end of a connection, as the zygote and the workers use it."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection

    def fileno(self) -> int:
        """The connection's file descriptor, for a selector."""
        return self._connection.fileno()

    def send(self, message: Message) -> None:
        """Send one message. Raises OSError when the other side is gone, ProtocolError when it is too long."""
        self._connection.sendall(frame(message))

    def receive(self) -> tuple[Message, int | None] | None:
        """The next message and the file descriptor that came with it; None when the other side has closed.

        A stream socket never joins bytes across a passed descriptor, and the descriptor arrives with the first byte
        of its message: so it is the header's `recvmsg` that takes it.
        """
        header, fds, _flags, _address = socket.recv_fds(self._connection, _HEADER.size, 1)
        if not header:
            return None
        if len(header) < _HEADER.size:
            header += self._exactly(_HEADER.size - len(header))
        size, number = _HEADER.unpack(header)
        _check_header(size, number)
        return _parse(number, self._exactly(size)), (fds[0] if fds else None)

    def _exactly(self, size: int) -> bytes:
        data = bytearray()
        while len(data) < size:
            piece = self._connection.recv(size - len(data))
            if not piece:
                raise ProtocolError("a message that breaks off")
            data += piece
        return bytes(data)
