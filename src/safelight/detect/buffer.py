"""The bytes of one file, however they are held."""

from typing import TypeAlias

Buffer: TypeAlias = bytes | bytearray | memoryview
"""A whole file in memory; a memoryview must be of bytes. Pass a mapped file as one: it is not copied."""
