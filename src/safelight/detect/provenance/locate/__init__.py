"""Is there a C2PA manifest store in a file, and where? A look at the container alone, so cheap that every file gets it.

Where stores lie: C2PA specification 2.3, section 11.3 and appendix A ("Embedding manifests"). The look is as wide as
the SDK's own in what it takes for a store, and bounded: it reads headers only, at most `MOST_PARTS` of them.
"""

from collections.abc import Callable

from safelight.detect.buffer import Buffer
from safelight.detect.provenance.locate.boxes import in_boxes, in_jpeg_xl, is_boxes
from safelight.detect.provenance.locate.found import MOST_PARTS, Located, Parts
from safelight.detect.provenance.locate.loose import in_id3, in_pdf, in_svg, is_svg
from safelight.detect.provenance.locate.segments import in_gif, in_jpeg, in_png, in_riff
from safelight.detect.provenance.locate.tiff import in_tiff

__all__ = ["MOST_PARTS", "Located", "locate"]

_CONTAINERS: tuple[tuple[bytes | tuple[bytes, ...], Callable[[memoryview, Parts], None]], ...] = (
    (b"\xff\xd8", in_jpeg),
    (b"\x89PNG\r\n\x1a\n", in_png),
    ((b"RIFF", b"RF64"), in_riff),
    ((b"GIF87a", b"GIF89a"), in_gif),
    ((b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"), in_tiff),
    (b"\0\0\0\x0cJXL \r\n\x87\n", in_jpeg_xl),
    (b"ID3", in_id3),
    (b"%PDF-", in_pdf),
)


def locate(data: Buffer) -> Located:
    """Find manifest stores, and the address of one kept elsewhere, in a whole file.

    The container is told from the bytes. Nothing is found in containers that are not known here, which are fewer than
    the SDK reads: none of the ZIP-based documents. Never raises for what the bytes are.
    """
    view = memoryview(data)
    head = bytes(view[:16])
    parts = Parts()
    walk = next((walk for starts, walk in _CONTAINERS if head.startswith(starts)), None)
    if walk is not None:
        walk(view, parts)
    elif is_boxes(head):
        in_boxes(view, parts)
    elif is_svg(view):
        in_svg(view, parts)
    return parts.located()
