"""Text fields of Photoshop files: the image resources IPTC, Exif and XMP.

Source: Adobe Photoshop File Formats Specification (2019), "File Header Section" to "Image Resources Section".
"""

import struct

from safelight.detect.metadata import iptc
from safelight.detect.metadata.exif import read_exif
from safelight.detect.metadata.gather import Gather
from safelight.detect.metadata.xmp import read_xmp


def read_psd(gather: Gather) -> None:
    """The resources 0x0404 (IPTC), 0x0422 (Exif) and 0x0424 (XMP)."""
    with gather.part("PSD"):
        at = 30 + struct.unpack_from(">I", gather.view, 26)[0]
        size = struct.unpack_from(">I", gather.view, at)[0]
        for number, value in iptc.resources(gather, gather.file.part(at + 4, at + 4 + size), "PSD"):
            if number == iptc.IPTC_RESOURCE:
                iptc.read_iim(gather, value, "PSD IPTC")
            elif number == iptc.EXIF_RESOURCE:
                read_exif(gather, value, "PSD EXIF")
            elif number == iptc.XMP_RESOURCE:
                read_xmp(gather, value, "PSD XMP")
