"""What the readers of containers find: text fields, with their places."""

from dataclasses import dataclass
from enum import StrEnum

from safelight.model.signal import Place


class BlockKind(StrEnum):
    """Where a field comes from."""

    PNG_TEXT = "png_text"  # tEXt, zTXt, iTXt; key: the chunk's keyword
    EXIF = "exif"  # key: the tag's EXIF name, as Make, Software, UserComment, ImageDescription, Artist
    XMP = "xmp"  # key: "{namespace}name"; one block for each property's text, resource or array item
    IPTC = "iptc"  # key: the dataset's name in IPTC-IIM, as Credit, By-line, Source
    COMMENT = "comment"  # JPEG COM, GIF comment; key: empty
    CONTAINER = "container"  # fields of other boxes, as QuickTime udta; key: the box's type or key


@dataclass(frozen=True, slots=True)
class Block:
    """One field. `text`: decoded, raw (not cleaned), at most MAX_TEXT characters; `cut` when there was more."""

    kind: BlockKind
    key: str
    text: str
    place: Place
    cut: bool = False


MAX_TEXT = 1 << 18
"""Characters of one block's text."""
MAX_ALL = 1 << 20
"""Characters of all blocks of a file."""
MAX_BLOCKS = 2_000
"""Blocks of a file."""


@dataclass(frozen=True, slots=True)
class Blocks:
    """All fields of a file, in file order. `oddities`: one line each, on what is broken or was left out, and why.

    `thumbnail`: bytes (start, end) in the file of the JPEG thumbnail that EXIF holds, None without one.
    """

    blocks: tuple[Block, ...] = ()
    oddities: tuple[str, ...] = ()
    thumbnail: tuple[int, int] | None = None
