"""Reads a video: chosen frames of it, and what is to be said about the file."""

from collections.abc import Callable, Iterator, Sequence
from types import TracebackType
from typing import Self

from safelight.media.image.buffer import Buffer
from safelight.media.image.checks import decoder_errors
from safelight.media.video.clock import MICROSECOND
from safelight.media.video.picture import Painter
from safelight.media.video.probe import seed_of
from safelight.media.video.reading import TOO_SLOW, Reading, Seen
from safelight.media.video.source import DECODED_VIDEO, Source
from safelight.media.video.structure import cut_short
from safelight.model.clip import Sampling
from safelight.model.errors import LimitExceededError, MediaError, UnsupportedMediaError
from safelight.model.media import Limits, MediaFacts, MediaType, VideoFrame

_MISSING_SHARE, _MISSING_SECONDS = 0.1, 2.0
_WRONG_SHARE, _WRONG_SECONDS = 0.2, 10.0  # by which a claim must be wrong to be told


def open_video(data: Buffer, media_type: MediaType, limits: Limits) -> "VideoReader":
    """Open a whole file as a video; close the reader, or use it in a `with` statement.

    Args:
        data: the file's bytes. A mapped file is passed as `memoryview(mapping)`, and is not copied.
        media_type: its type, as sniffed. Only the demuxer of that type is tried, and nothing else is ever opened.
        limits: `max_file_bytes` and `max_pixels` are kept here; while frames are read, `max_pixels`, `video_frames` and
            `video_seconds`.

    Raises:
        UnsupportedMediaError: the type or the codec is not decoded, or the video is encrypted.
        LimitExceededError: a limit was reached (or memory ran out).
        MediaError: there is no video in it that can be read. The cause holds no text of the file.
    """
    if media_type.mime not in DECODED_VIDEO:
        raise UnsupportedMediaError(f"{media_type.mime} is not decoded")
    if len(data) > limits.max_file_bytes:
        raise LimitExceededError(f"has {len(data):,} bytes; the limit for decoding is {limits.max_file_bytes:,}")
    return VideoReader(data, media_type.mime, limits)


class VideoReader:
    """An opened video. Every method raises nothing but MediaError and its subclasses."""

    def __init__(self, data: Buffer, mime: str, limits: Limits) -> None:
        """Open it; see `open_video`."""
        self._view = memoryview(data)
        self._mime = mime
        self._limits = limits
        try:
            with decoder_errors(limits):
                self._source: Source | None = Source(self._view, mime, limits)
        except BaseException:
            self._view.release()
            raise
        context = self._source.decoder
        self._used = False
        self._claimed, self._stated = self._source.claimed, self._source.stated
        self._codec = context.codec.canonical_name
        self._mode = context.pix_fmt or ""
        self._size = context.width, context.height
        self._seen = Seen()
        self._others = self._source.others
        self._seed = seed_of(self._view)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give back what FFmpeg holds and the view of the data."""
        if self._source is not None:
            self._source.close()
            self._source = None
        self._view.release()

    @property
    def claimed(self) -> float:
        """Seconds that the container says the video lasts; 0 when it says nothing or something absurd."""
        return self._claimed

    @property
    def others(self) -> int:
        """How many video streams are in it that are not looked at."""
        return self._others

    @property
    def misleading(self) -> bool:
        """Whether frames other than its key frames may show something else: told once these were read."""
        return self._seen.probes is not None and self._seen.probes.misleading

    @property
    def misleads(self) -> bool:
        """Whether it was seen that its key frames do not show what is played."""
        return self._seen.probes is not None and self._seen.probes.certain

    @property
    def facts(self) -> MediaFacts:
        """What is known by now: final once frames were read to the end.

        Before the first frame was read, width and height are those stored. `width`, `height` and `mode` are those of
        the first frame when later ones differ; a warning says so.
        """
        width, height = self._seen.size or self._size
        return MediaFacts(
            mime=self._mime,
            width=width,
            height=height,
            mode=self._seen.mode or self._mode,
            frames=self._seen.packets,
            truncated=self._seen.damaged or self._seen.cut_short or bool(self._seen.stopped),
            warnings=tuple(self._warnings()),
            duration=self._seen.end / MICROSECOND,
            codec=self._codec,
        )

    def frames(
        self,
        sampling: Sampling,
        *,
        side: int = 0,
        colour: bool = False,
        at: Sequence[float] = (),
        exact: bool = False,
        scattered: bool = False,
        goes_on: Callable[[], bool] = lambda: True,
    ) -> Iterator[VideoFrame]:
        """Read the video from its start and give the frames asked for, times strictly ascending.

        Args:
            sampling: which frames. With `keys`, the container's key frames: those that are nearer to the frame before
                than half of `every` are passed over, and gaps of more than 1.25 times `every` are filled evenly.
                Without, the first frame at or after each multiple of `every`.
            side: longest side in pixels, made smaller by area averaging, never enlarged; 0 for full size.
            colour: RGB instead of luma.
            at: seconds; the frames shown then are given in place of a sample, the last frame for what lies behind it.
            exact: with `colour` and full size, the very pixels that vPDQ's program hashes: not turned, made RGB by
                BT.601 whatever the tags say, rounded accurately.
            scattered: one frame in each stretch of `every`, at places that follow from the file, and no key frames.
            goes_on: asked before each packet; False ends the reading as at the end of the file. What was read stays.

        Raises:
            LimitExceededError: memory ran out, or the first frame has too many pixels.
            MediaError: not one frame could be decoded, or the view of the data was closed.
        """
        with decoder_errors(self._limits):
            source = self._fresh_source()
            self._seen = seen = Seen()
            reading = Reading(
                source, self._limits, seen, Painter(side, colour=colour, exact=exact), goes_on, self._seed
            )
            yield from reading.frames(sampling, at, scattered=scattered)
            self._judge(source)
            if not seen.given:
                raise MediaError(self._nothing())

    def _fresh_source(self) -> Source:
        """Opened anew for each reading: not every container can be wound back."""
        if self._used or self._source is None:
            if self._source is not None:
                self._source.close()
            self._source = None
            self._source = Source(self._view, self._mime, self._limits)
        self._used = True
        return self._source

    def _judge(self, source: Source) -> None:
        """Tell how whole the file is, once it was read."""
        seen = self._seen
        seen.jumps = source.jumps
        if seen.stopped:
            return
        missing = self._claimed - seen.end / MICROSECOND
        claims = self._mime in {"video/x-flv", "video/x-ms-asf"}  # whose structure does not say how long they are
        lacks = claims and not seen.partial and missing > max(_MISSING_SECONDS, _MISSING_SHARE * self._claimed)
        seen.cut_short = lacks or source.torn or cut_short(self._view, self._mime)
        seen.damaged = seen.damaged or source.damaged or seen.failures > 0

    def _nothing(self) -> str:
        if self._seen.stopped == TOO_SLOW:
            return TOO_SLOW
        if self._seen.cut_short:
            return "cut short before any frame"
        if not self._seen.packets:
            return "has no frames"
        return "damaged: not one frame could be decoded"

    def _warnings(self) -> Iterator[str]:
        seen = self._seen
        if self._others:
            yield f"has {self._others + 1} video streams; only one was looked at"
        if seen.cut_short:
            yield "cut short: what could be read is used"
        if seen.failures:
            yield f"damaged: {seen.failures:,} of {seen.packets:,} coded frames gave an error"
        elif seen.damaged and not seen.cut_short:
            yield "damaged: what could be read is used"
        if seen.jumps:
            yield "its timestamps jump: times are made to go on steadily"
        if len(seen.sizes) > 1:
            yield "its picture size changes: the first one is told"
        if seen.askew:
            yield "to be turned by an angle other than 90, 180 or 270 degrees: left as stored"
        yield from self._ends()

    def _ends(self) -> Iterator[str]:
        """Where reading ended, if that is not where the container says."""
        seen = self._seen
        if seen.stopped == TOO_SLOW:
            yield f"only the first {seen.end / MICROSECOND:.0f} s were looked at: {TOO_SLOW}"
        elif seen.stopped:
            yield seen.stopped
        elif self._claims_wrongly():
            yield f"says that it lasts {self._stated:,.0f} s; its frames last {seen.end / MICROSECOND:,.0f} s"

    def _claims_wrongly(self) -> bool:
        """Whether the container's word on how long it lasts is far from what was read."""
        seen = self._seen
        if not self._stated or not seen.given or seen.partial or seen.cut_short:
            return False
        wrong = abs(self._stated - seen.end / MICROSECOND)
        return wrong > max(_WRONG_SECONDS, _WRONG_SHARE * max(self._stated, seen.end / MICROSECOND))
