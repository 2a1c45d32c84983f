"""Which reader goes with which type of file."""

from collections.abc import Callable

from safelight.detect.buffer import Buffer
from safelight.detect.metadata.blocks import Blocks
from safelight.detect.metadata.bmff import read_boxes
from safelight.detect.metadata.exif import read_exif
from safelight.detect.metadata.gather import Gather
from safelight.detect.metadata.gif import read_gif
from safelight.detect.metadata.jpeg import read_jpeg
from safelight.detect.metadata.matroska import read_matroska
from safelight.detect.metadata.png import read_png
from safelight.detect.metadata.psd import read_psd
from safelight.detect.metadata.riff import read_avi, read_webp


def _read_tiff(gather: Gather) -> None:
    read_exif(gather, gather.file, "TIFF")


READERS: dict[str, Callable[[Gather], None]] = {
    "image/jpeg": read_jpeg,
    "image/png": read_png,
    "image/apng": read_png,
    "image/webp": read_webp,
    "image/gif": read_gif,
    "image/tiff": _read_tiff,
    "image/jxr": _read_tiff,
    "image/vnd.adobe.photoshop": read_psd,
    **dict.fromkeys(("image/heic", "image/heif", "image/avif", "image/x-canon-cr3"), read_boxes),
    **dict.fromkeys(("image/jxl", "image/jp2"), read_boxes),
    **dict.fromkeys(("video/mp4", "video/quicktime", "video/3gpp"), read_boxes),
    **dict.fromkeys(("video/matroska", "video/webm"), read_matroska),
    "video/vnd.avi": read_avi,
}
"""By media type. Types that are not here give no fields: they have none, or theirs are not read (docs/metadata.md)."""


def read_blocks(data: Buffer, mime: str) -> Blocks:
    """Every text field of a file of that media type (as the sniffer tells it), with its bytes in the file.

    Work and results are bounded whatever the file says (MAX_TEXT, MAX_ALL, MAX_BLOCKS and those of `gather`); what is
    left out, or broken, is told in `oddities`. Raises nothing for what a file holds, MemoryError aside.
    """
    view = memoryview(data)
    gather = Gather(view)
    reader = READERS.get(mime)
    if reader:
        reader(gather)
    return gather.result()
