"""Opening a video: the demuxer of its sniffed type and no other, its best video stream, its packets with sound times.

FFmpeg can follow playlists, references to other files and URLs. None of that is reachable: the format is given, so no
playlist is recognised, and whatever a demuxer asks to open besides the file is refused.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from typing import IO, NoReturn, cast

import av
from av.codec.context import CodecContext, ThreadType
from av.container import InputContainer
from av.packet import Packet
from av.stream import Discard, Disposition
from av.video.stream import VideoStream

from safelight.media.image.buffer import as_file
from safelight.media.image.checks import check_pixels
from safelight.media.video.clock import MICROSECOND, Clock
from safelight.media.video.structure import cut_short, head_to_index
from safelight.model.errors import MediaError, UnsupportedMediaError
from safelight.model.media import Limits

av.logging.set_level(None)  # FFmpeg's log quotes files; nothing here reads it

_DEMUXERS = {
    "video/mp4": "mov",
    "video/quicktime": "mov",
    "video/3gpp": "mov",
    "video/matroska": "matroska",
    "video/webm": "matroska",
    "video/vnd.avi": "avi",
    "video/mp2t": "mpegts",
    "video/mpeg": "mpeg",
    "video/x-flv": "flv",
    "video/x-ms-asf": "asf",
    "video/ogg": "ogg",
    "application/vnd.rn-realmedia": "rm",
    "application/mxf": "mxf",
    "video/x-nut": "nut",
    "video/x-ivf": "ivf",
    "video/x-yuv4mpeg": "yuv4mpegpipe",
    "video/av1": "obu",
    "video/h264": "h264",
    "video/h265": "hevc",
    "video/mp4v-es": "m4v",
}
DECODED_VIDEO: frozenset[str] = frozenset(_DEMUXERS)
"""Media types that `open_video` opens."""

_STREAMS = frozenset({"video/av1", "video/h264", "video/h265", "video/mp4v-es"})  # in no container: no times at all
_UNSTAMPED = (
    frozenset({"video/vnd.avi"}) | _STREAMS
)  # packets say in which order they are decoded, not when they are shown
_ELEMENTARY = re.compile(rb"\0{2,4096}\x01\xb3")  # an MPEG-1 or MPEG-2 stream in no container
_BUFFER = 1 << 16
_HEAD = 1 << 16
_RETRIES = 16  # times that reading goes on behind an error
_SHORTEST_FRAME, _LONGEST_FRAME = 1 / 240, 1.0
_LONGEST_CLAIM = 30 * 86_400
_FEWEST_BYTES = 50  # that a second of video takes; a claim of longer videos is absurd
_UNTIMED_START = 500  # packets among which the first key frame is waited for
_DRM = (  # GUIDs of ASF's content encryption objects, as stored
    bytes.fromhex("fbb3112223bdd211b4b700a0c955fc6e"),
    bytes.fromhex("14e68a292226174cb935dae07ee9289c"),
)
_ENCRYPTED = "encrypted (DRM): cannot be decoded without its key"


@dataclass(slots=True)
class Coded:
    """A packet of the video stream. `time`: microseconds at which its frame is shown, `lasts`: for how long.

    `hidden`: it is needed to decode others, but not shown (cut off by an edit list).
    """

    packet: "Packet[VideoStream]"
    time: int
    lasts: int
    key: bool
    hidden: bool


class Source:
    """An opened container and the stream of it that is read.

    What reading its packets showed: `damaged`, that some were; `torn`, that the last one was; `jumps`, that times did.
    `unstamped`: times of packets are those of decoding; frames come in the same number, but perhaps in another order.
    """

    def __init__(self, view: memoryview, mime: str, limits: Limits) -> None:
        """Open it. Raises MediaError, or what FFmpeg raises, when there is no video to decode in it."""
        self._view = view
        if mime == "video/x-ms-asf" and any(guid in bytes(view[:_HEAD]) for guid in _DRM):
            raise UnsupportedMediaError(_ENCRYPTED)
        self.jumps = self.torn = False
        self.container, self.damaged = _open(view, mime, limits)
        try:
            self.stream, self.others = _best(self.container)
            self.decoder = self.stream.codec_context
            self._set_up(limits)
        except BaseException:
            self.container.close()
            raise
        for stream in self.container.streams:
            stream.discard = Discard.none if stream.index == self.stream.index else Discard.all
        self.frame_seconds = _frame_seconds(self.stream)
        self.unstamped, self._bare = mime in _UNSTAMPED, mime in _STREAMS

    @property
    def claimed(self) -> float:
        """Seconds that the container says the video lasts; 0 when it says nothing or something absurd."""
        seconds = self.stated
        return seconds if 0 < seconds <= min(_LONGEST_CLAIM, len(self._view) / _FEWEST_BYTES) else 0.0

    @property
    def stated(self) -> float:
        """Seconds that the container says the video lasts, however absurd; 0 when it says nothing."""
        seconds = _seconds(self.stream.duration, self.stream.time_base)
        return seconds or _seconds(self.container.duration, Fraction(1, MICROSECOND))

    def packets(self) -> Iterator[Coded]:
        """The stream's packets from the first key frame on, in the order of decoding. Empty ones are left out.

        Times are from the first frame that is shown; frames before it have negative ones.
        """
        waiting: list[Coded] = []
        origin: int | None = None
        for coded in self._timed():
            waiting.append(coded)
            if origin is None:
                if len(waiting) < _UNTIMED_START and (coded.hidden or not any(held.key for held in waiting)):
                    continue
                origin = coded.time
                waiting = waiting[next((place for place, held in enumerate(waiting) if held.key), 0) :]
            yield from self._from(origin, waiting)
            waiting = []
        if waiting:
            shown = [coded.time for coded in waiting if not coded.hidden]
            yield from self._from(min(shown, default=0), waiting)

    @staticmethod
    def _from(origin: int, waiting: list[Coded]) -> Iterator[Coded]:
        for coded in waiting:
            coded.time -= origin
            # The decoder hands it on to the frame: so frames carry sound times, too.
            coded.packet.pts, coded.packet.dts = coded.time, None
            yield coded

    def _timed(self) -> Iterator[Coded]:
        clock = Clock(float(self.stream.time_base or 0), self.frame_seconds)
        for packet in self._raw():
            if packet.is_keyframe and packet.has_sidedata("encryption_info"):
                raise UnsupportedMediaError(_ENCRYPTED)
            self.damaged = self.damaged or self.torn
            self.torn = packet.is_corrupt
            shown, decoded = packet.pts, packet.dts
            if self.unstamped:
                shown, decoded = None, None if self._bare else shown if decoded is None else decoded
            time, lasts = clock.time(shown, decoded), clock.span(packet.duration)
            self.jumps = self.jumps or clock.jumped
            yield Coded(packet, time, lasts, packet.is_keyframe, packet.is_discard)

    def _raw(self) -> "Iterator[Packet[VideoStream]]":
        for _ in range(_RETRIES):
            try:
                for packet in self.container.demux(self.stream):
                    if packet.size:
                        yield packet
            except MemoryError:
                raise
            except Exception:  # noqa: BLE001 - a demuxer's failures are of many kinds; what lies behind may be whole
                self.damaged = True
            else:
                return

    def _set_up(self, limits: Limits) -> None:
        if self.decoder.codec_tag == "encv":
            raise UnsupportedMediaError(_ENCRYPTED)
        if self.decoder.width and self.decoder.height:  # else the first frame tells
            check_pixels((self.decoder.width, self.decoder.height), limits)
        self.decoder.thread_count = 1
        self.decoder.thread_type = ThreadType.NONE
        self.decoder.options = {"max_pixels": str(limits.max_pixels), "threads": "1"}
        try:
            self.decoder.open(strict=False)  # now: a decoder may heed `skip_frame` at this moment and never again
        except av.FFmpegError as failure:
            raise _named(failure, "damaged: its decoder cannot be set up") from failure

    def close(self) -> None:
        """Give back what FFmpeg holds."""
        self.container.close()


def _open(view: memoryview, mime: str, limits: Limits) -> tuple[InputContainer, bool]:
    """The container, and whether its index had to be looked for."""
    try:
        return _open_file(as_file(view), view, mime, limits), False
    except av.FFmpegError as failure:
        cause = "cut short before any frame" if cut_short(view, mime) else "damaged: its structure cannot be read"
        error = _named(failure, cause)
        head = head_to_index(view, mime)
        if head is None or isinstance(error, MemoryError):
            raise error from failure
    try:
        return _open_file(cast("IO[bytes]", _Patched(as_file(view), head)), view, mime, limits), True
    except av.FFmpegError as failure:
        raise _named(failure, cause) from failure


def _open_file(file: IO[bytes], view: memoryview, mime: str, limits: Limits) -> InputContainer:
    name = "mpegvideo" if _ELEMENTARY.match(view) else _DEMUXERS[mime]
    options = {"max_pixels": str(limits.max_pixels), "threads": "1", "fpsprobesize": "0"}
    return av.open(file, "r", name, options, metadata_errors="replace", buffer_size=_BUFFER, io_open=_refuse_to_open)


class _Patched:
    """A file whose first bytes are others."""

    def __init__(self, file: IO[bytes], head: bytes) -> None:
        self._file, self._head = file, head
        self.seek, self.tell = file.seek, file.tell

    def read(self, size: int = -1) -> bytes:
        at = self._file.tell()
        piece = self._file.read(size)
        head = self._head[at : at + len(piece)]
        return head + piece[len(head) :]


def _named(failure: av.FFmpegError, cause: str) -> MediaError | MemoryError:
    return failure if isinstance(failure, MemoryError) else MediaError(cause)


def _refuse_to_open(_url: str, _flags: int, _options: object) -> NoReturn:
    raise PermissionError


def _best(container: InputContainer) -> tuple[VideoStream, int]:
    """The video stream that players show, and how many others there are. Cover pictures are none.

    It is the first that is marked as the usual one, or else the first of all. A larger one may be a decoy.
    """
    streams = [stream for stream in container.streams.video if not stream.disposition & Disposition.attached_pic]
    if not streams:
        raise MediaError("has no video stream")
    decodable = [stream for stream in streams if _is_decodable(stream)]
    if not decodable:
        raise UnsupportedMediaError("its video codec is not decoded here")
    usual = (stream for stream in decodable if stream.disposition & Disposition.default)
    return next(usual, decodable[0]), len(streams) - 1


def _is_decodable(stream: VideoStream) -> bool:
    context: CodecContext | None = stream.codec_context  # PyAV's stubs leave out that there may be none
    return context is not None


def _seconds(count: int | None, unit: Fraction | None) -> float:
    return float(count * unit) if count and unit else 0.0


def _frame_seconds(stream: VideoStream) -> float:
    """Seconds from frame to frame as the container has it, within reason."""
    rates: tuple[Callable[[], Fraction | None], ...] = (lambda: stream.average_rate, lambda: stream.guessed_rate)
    for rate in rates:
        with suppress(ArithmeticError, ValueError):
            value = rate()
            if value and _SHORTEST_FRAME <= 1 / value <= _LONGEST_FRAME:
                return float(1 / value)
    return 1 / 25
