"""Decodes a picture to RGB frames, under limits and without ever raising anything but MediaError.

Runs inside a confined child process: `warm_up` (see `warm.py`) must have been called before files can no longer be
opened there.
"""

from collections.abc import Callable

from safelight.media.image.buffer import Buffer
from safelight.media.image.checks import decoder_errors
from safelight.media.image.heif import decode_heif
from safelight.media.image.jpeg import decode_jpeg
from safelight.media.image.jxl import decode_jxl
from safelight.media.image.pillow import decode_with_pillow
from safelight.model.errors import LimitExceededError, UnsupportedMediaError
from safelight.model.media import DecodedImage, Limits, MediaType

_DECODERS: dict[str, Callable[[Buffer, str, Limits], DecodedImage]] = {
    "image/jpeg": decode_jpeg,
    "image/heic": decode_heif,
    "image/heif": decode_heif,
    "image/jxl": decode_jxl,
    **dict.fromkeys(
        ("image/png", "image/apng", "image/webp", "image/gif", "image/bmp", "image/tiff", "image/jp2", "image/avif"),
        decode_with_pillow,
    ),
}

DECODED: frozenset[str] = frozenset(_DECODERS)
"""Media types that `decode_image` decodes."""


def decode_image(data: Buffer, media_type: MediaType, limits: Limits) -> DecodedImage:
    """Decode a whole file.

    Args:
        data: the file's bytes. A mapped file is passed as `memoryview(mapping)`.
        media_type: its type, as sniffed. Only the decoder of that type is tried.
        limits: `max_file_bytes`, `max_pixels` and `max_frames` are kept here; the pixel limit before any decoding.

    Returns:
        The facts and the frames that matter, as `model.media` describes them: pixels as stored (EXIF orientation is
        told, not applied; HEIC, JPEG XL and TIFF are the exception, whose decoders apply it: 1 is told), alpha dropped,
        ICC profiles ignored. Deep grey pictures may give two frames of number 0: clipped to 8 bits as the PDQ reference
        has it, and with the full range kept. What could not be read is said in `truncated` and `warnings`.

    Raises:
        UnsupportedMediaError: the type is not decoded here.
        LimitExceededError: a limit was reached (or memory ran out).
        MediaError: no picture could be read. The cause holds no text of the file.
    """
    decoder = _DECODERS.get(media_type.mime)
    if decoder is None:
        raise UnsupportedMediaError(f"{media_type.mime} is not decoded")
    if len(data) > limits.max_file_bytes:
        raise LimitExceededError(f"has {len(data):,} bytes; the limit for decoding is {limits.max_file_bytes:,}")
    if isinstance(data, bytes):
        with decoder_errors(limits):
            return decoder(data, media_type.mime, limits)
    with (
        memoryview(data) as view,
        decoder_errors(limits),
    ):  # released here, so that a mapping can be closed after a failure
        return decoder(view, media_type.mime, limits)
