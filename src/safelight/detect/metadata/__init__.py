"""Text fields in the containers of pictures and videos, each with its place in the file."""

from safelight.detect.metadata.blocks import Block, BlockKind, Blocks
from safelight.detect.metadata.reader import read_blocks

__all__ = ["Block", "BlockKind", "Blocks", "read_blocks"]
