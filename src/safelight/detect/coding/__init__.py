"""How a file was encoded: tables, encoder, and whether its EXIF thumbnail shows the same picture."""

from safelight.detect.coding.reading import read_coding

__all__ = ["read_coding"]
