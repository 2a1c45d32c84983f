"""What the manifest of a bank's features says of each segment."""

from dataclasses import dataclass

from safelight.adapter.vault.manifest import SegmentEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureEntry(SegmentEntry):
    """A pair of files, `file`.lists and `file`.records, of so many sketches and keypoints.

    `lists`, `records`: SHA-256 of their headers, hexadecimal.
    """

    pictures: int
    keypoints: int
    lists: str
    records: str

    @property
    def count(self) -> int:
        """Number of sketches."""
        return self.pictures

    @property
    def files(self) -> tuple[str, ...]:
        """Names of the two files."""
        return f"{self.file}.lists", f"{self.file}.records"
