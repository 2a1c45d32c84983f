"""One file from its bytes to its fingerprint; runs inside the confined worker.

Read `_Walk.item`: digests, type by content, then either decode and fingerprint, or walk the archive and do the same
for each member. Results come in one fixed order (an archive's own row after its members), so that a walk that was cut
short by a crash can be taken up again at the next member.
"""

import io
import mmap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, BinaryIO

from safelight.fingerprint.digests import digest
from safelight.fingerprint.prints import fingerprints
from safelight.flow.mosaic import mosaic
from safelight.media.archive import Budget, Member, members
from safelight.media.decode import decode_image
from safelight.media.formats import UNKNOWN
from safelight.media.sniff import HEAD_BYTES, name_agrees, sniff
from safelight.model.clip import ClipRequest
from safelight.model.errors import LimitExceededError, MediaError
from safelight.model.fingerprint import Digests, Fingerprint
from safelight.model.local import LocalRequest, Want
from safelight.model.media import DecodedImage, Frame, Limits, MediaKind, MediaType
from safelight.model.scan import Examination, Status
from safelight.model.signal import NAME_SIGNAL, Signal, SignalRequest

if TYPE_CHECKING:
    from safelight.flow.signals import SignalTools


def examine(
    name: str,
    stream: BinaryIO,
    limits: Limits,
    *,
    thumbnail: bool = False,
    skip: int = 0,
    local: LocalRequest | None = None,
    pixels: int = 0,
    signals: SignalRequest | None = None,
    without: str = "",
    clip: ClipRequest | None = None,
    known: Callable[[Digests], bool] = lambda _digests: False,
    wanted: Callable[[Examination], Want] = lambda _found: Want.KEYPOINTS,
    begin: Callable[[str], None] = lambda _path: None,
    reading: Callable[[str], None] = lambda _path: None,
    more: Callable[[int], int] = lambda seconds: seconds,
    tools: "SignalTools | None" = None,
) -> Iterator[Examination]:
    """Examine a file and, if it is an archive, everything in it.

    Args:
        name: what the file is called in results; members are `name!/inner`.
        stream: the open file, readable and seekable; pictures are decoded from a mapping of it.
        limits: bounds for this file; see `model.media.Limits`.
        thumbnail: also make the 16x16 mosaic.
        skip: results of an earlier, interrupted walk that are not to be made again.
        local: how to take local features of pictures, None for not at all.
        pixels: longest side of the pictures to hand over, 0 for none.
        signals: what to read of how the file was made, None for nothing.
        without: the path whose signals are not to be read.
        clip: how closely to look at videos, None for digests alone.
        known: told the digests of each file before it is decoded; True means that digests are enough.
        wanted: told the result of each decoded picture, with its tile hashes, and of each video, with its clip, before
            keypoints are taken; says what is to be added.
        begin: told the path of what is about to be worked on, so that a crash can be laid at its door.
        reading: told the path whose signals are about to be read, after all else of it.
        more: told how many CPU seconds above the usual a video would take, before it is decoded; says how many it gets.
        tools: what reading signals takes.

    Yields:
        One `Examination` for each file, in walk order. Never raises for what a file holds.
    """
    options = _Options(
        thumbnail=thumbnail,
        local=local,
        pixels=pixels,
        signals=signals,
        without=without,
        clip=clip,
        known=known,
        wanted=wanted,
        begin=begin,
        reading=reading,
        more=more,
        tools=tools,
    )
    yield from _Walk(limits, options, skip).item(name, stream, depth=0)


@dataclass(frozen=True, slots=True)
class _Options:
    """What `examine` was asked for, but for where to start."""

    thumbnail: bool
    local: LocalRequest | None
    pixels: int
    signals: SignalRequest | None
    without: str
    clip: ClipRequest | None
    known: Callable[[Digests], bool]
    wanted: Callable[[Examination], Want]
    begin: Callable[[str], None]
    reading: Callable[[str], None]
    more: Callable[[int], int]
    tools: "SignalTools | None"


class _Walk:
    """The state of one top-level file's examination: how many results were made, what it may still cost."""

    def __init__(self, limits: Limits, options: _Options, skip: int) -> None:
        self.limits = limits
        self.budget = Budget(limits)
        self.options = options
        self.skip = skip
        self.made = 0

    def item(self, path: str, stream: BinaryIO, depth: int) -> Iterator[Examination]:
        """One file, and what is in it."""
        stream.seek(0)
        media_type = sniff(stream.read(HEAD_BYTES))
        if media_type.kind is MediaKind.ARCHIVE:
            yield from self.archive(path, stream, media_type, depth)
        elif self.is_due():
            self.options.begin(path)
            yield self.leaf(path, stream, media_type)

    def is_due(self) -> bool:
        """Count one result; False when an earlier walk made it already."""
        self.made += 1
        return self.made > self.skip

    def leaf(self, path: str, stream: BinaryIO, media_type: MediaType) -> Examination:
        """Digests, then pixels, then fingerprint; what fails says why and keeps what was found before."""
        digests = _digests(stream)
        found = Examination(
            path, Status.OK, media_type.mime, None, Fingerprint(digests), _name_signals(path, media_type)
        )
        if digests.size == 0:
            return replace(found, status=Status.UNREADABLE, error="empty file")
        if self.options.known(digests):
            return found
        if media_type.kind is MediaKind.VIDEO and self.options.clip is not None:
            return self.video(found, stream, media_type, self.options.clip)
        if media_type.kind is not MediaKind.IMAGE:
            return self.signals(replace(found, status=Status.UNSUPPORTED), stream, None)
        try:
            self.check_size(digests)
            with _content(stream) as data:
                image = decode_image(data, media_type, self.limits)
        except MediaError as error:
            found = replace(found, status=Status.UNREADABLE, error=f"{media_type.mime}: {error.cause}")
            return self.signals(found, stream, None)
        prints = fingerprints(digests, image)
        found = replace(
            found,
            status=Status.DEGRADED if image.facts.truncated else Status.OK,
            facts=image.facts,
            fingerprint=prints,
            signals=found.signals + _picture_signals(image, prints),
            thumbnail=mosaic(image.frames[0].pixels) if self.options.thumbnail else None,
        )
        if self.options.clip is not None and len(image.frames) > 1:
            from safelight.flow.clip import examine_animation  # noqa: PLC0415 - OpenCV: only where it is needed

            found = replace(found, clip=examine_animation(image, self.options.clip))
        return self.signals(self.closer(found, image, _main_frame(image, prints)), stream, image)

    def check_size(self, digests: Digests) -> None:
        """Raises LimitExceededError for what is too long to be decoded."""
        if digests.size > self.limits.max_file_bytes:
            limit = f"{digests.size:,} bytes; the limit for decoding is {self.limits.max_file_bytes:,}"
            raise LimitExceededError(limit)

    def video(self, found: Examination, stream: BinaryIO, media_type: MediaType, request: ClipRequest) -> Examination:
        """A video's clip, and its key frames where these are wanted."""
        from safelight.flow.clip import VideoAsked, examine_video  # noqa: PLC0415 - loads FFmpeg and OpenCV

        options, shown = self.options, None
        hint = options.signals is not None and options.signals.hint and options.tools is not None
        asked = VideoAsked(request, options.pixels, options.thumbnail, hint, self.limits, options.wanted, options.more)
        try:
            with _content(stream) as data:
                found, shown = examine_video(found, data, media_type, asked)
        except MediaError as error:
            found = replace(found, status=Status.UNREADABLE, error=f"{media_type.mime}: {error.cause}")
        return self.signals(found, stream, shown)

    def closer(self, found: Examination, image: DecodedImage, frame: Frame) -> Examination:
        """The result with local features and pixels of this frame, where these were asked for and are wanted."""
        local, pixels, orientation = self.options.local, self.options.pixels, image.facts.orientation
        if local is not None:
            from safelight.flow.local import tiles_of, with_keypoints  # noqa: PLC0415 - OpenCV: only where it is needed

            found = replace(found, local=tiles_of(frame.pixels, orientation, local))
            if local.keypoints and found.local is not None and self.options.wanted(found):
                found = replace(found, local=with_keypoints(found.local, local))
        if pixels:
            from safelight.flow.local import displayed  # noqa: PLC0415 - see above

            found = replace(found, pixels=displayed(frame.pixels, orientation, pixels))
        return found

    def signals(self, found: Examination, stream: BinaryIO, image: DecodedImage | None) -> Examination:
        """The result with what is to be told of how the file was made, where that was asked for."""
        request, size = self.options.signals, found.fingerprint.digests.size if found.fingerprint else 0
        if request is None or found.mime == UNKNOWN.mime or found.path == self.options.without:
            return found
        if size > self.limits.max_file_bytes:
            return replace(
                found, signals=(*found.signals, Signal("signals_lost", "too large to look for how it was made"))
            )
        from safelight.flow.signals import SignalTools, read_signals  # noqa: PLC0415 - loads what else is not needed

        self.options.reading(found.path)
        with _content(stream) as data:
            more = read_signals(data, found.mime, request, self.options.tools or SignalTools(), image)
        return replace(
            found,
            signals=found.signals + more.signals,
            provenance=more.provenance,
            prompts=more.prompts,
            hint=more.hint,
            maps=more.maps,
        )

    def archive(self, path: str, stream: BinaryIO, media_type: MediaType, depth: int) -> Iterator[Examination]:
        """The members, then the archive itself: by then it is known whether all of it could be read."""
        self.options.begin(path)
        digests = _digests(stream)
        signals = _name_signals(path, media_type)
        found = Examination(path, Status.OK, media_type.mime, None, Fingerprint(digests), signals)
        if not self.options.known(digests):
            lost, seen, error = 0, 0, None
            try:
                if depth >= self.limits.max_depth:
                    raise LimitExceededError(f"archives nested deeper than {self.limits.max_depth}")
                for member in members(stream, media_type, self.limits, budget=self.budget):
                    seen += 1
                    lost += member.error is not None
                    yield from self.member(f"{path}!/{member.name}", member, depth + 1)
                    self.options.begin(path)
            except MediaError as failure:
                error = f"{media_type.mime}: {failure.cause}"
            found = _archive_outcome(found, seen, lost, error)
        if self.is_due():
            yield found

    def member(self, path: str, member: Member, depth: int) -> Iterator[Examination]:
        """One member; one that was read only in part says so in its own row, the last of its rows."""
        if member.data is None:
            if self.is_due():
                yield Examination(path, Status.UNREADABLE, error=member.error)
            return
        for examination in self.item(path, member.stream(), depth):
            if member.error and examination.path == path and examination.status is not Status.UNREADABLE:
                yield replace(examination, status=Status.DEGRADED, error=member.error)
            else:
                yield examination


def _digests(stream: BinaryIO) -> Digests:
    stream.seek(0)
    return digest(stream)


@contextmanager
def _content(stream: BinaryIO) -> Iterator[memoryview]:
    """The whole content as one buffer: memory as it is, a file mapped. Raises LimitExceededError."""
    if isinstance(stream, io.BytesIO):
        yield memoryview(stream.getvalue())  # `getbuffer` would copy
        return
    try:
        mapped = mmap.mmap(stream.fileno(), stream.seek(0, io.SEEK_END), access=mmap.ACCESS_READ)
    except (OSError, ValueError) as error:
        raise LimitExceededError("needs more memory than the limit allows") from error
    with mapped, memoryview(mapped) as view:
        yield view


def _archive_outcome(found: Examination, seen: int, lost: int, error: str | None) -> Examination:
    if lost:
        text = f"{lost} of {seen} members could not be read whole"
        found = replace(found, status=Status.DEGRADED, signals=(*found.signals, Signal("members_lost", text)))
    if error:
        found = replace(found, status=Status.DEGRADED if seen else Status.UNREADABLE, error=error)
    return found


def _name_signals(path: str, media_type: MediaType) -> tuple[Signal, ...]:
    if name_agrees(path, media_type) is not False:
        return ()
    return (Signal(NAME_SIGNAL, f"the name's ending is not that of {media_type.mime}"),)


def _picture_signals(image: DecodedImage, fingerprint: Fingerprint) -> tuple[Signal, ...]:
    signals = [Signal("file_oddity", warning) for warning in image.facts.warnings]
    if not fingerprint.prints:
        signals.insert(0, Signal("unhashable", "one flat colour, or too small: there is nothing to hash"))
    return tuple(signals)


def _main_frame(image: DecodedImage, fingerprint: Fingerprint) -> Frame:
    """The first frame that was hashed, or else the first."""
    main = fingerprint.main
    return next((frame for frame in image.frames if main is not None and frame.number == main.frame), image.frames[0])
