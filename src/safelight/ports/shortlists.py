"""The plug-in point of tier 1: candidates by a descriptor of the whole picture (docs/plugins.md)."""

from collections.abc import Iterable
from typing import Protocol, runtime_checkable

from safelight.model.local import WorkingPicture


@runtime_checkable
class Shortlist(Protocol):
    """Names the known pictures that look most like a query; whether one is its source is then decided by keypoints.

    Deterministic: the same calls give the same answers, on every run and whatever the number of threads. It keeps
    vectors, never pictures, in the folder that it was opened with, and nothing anywhere else. Several processes may
    have it open, and write, at a time.
    """

    name: str
    """As its entry point has it."""

    def add(self, bank_id: int, items: Iterable[tuple[int, WorkingPicture]]) -> None:
        """Take in (entry id, picture), durably; one that is there already takes the place of the former."""
        ...

    def remove(self, bank_id: int, entries: Iterable[int]) -> None:
        """Forget these entries, durably and leaving no byte of them; those that are not there do not matter."""
        ...

    def nearest(self, bank_id: int, working: WorkingPicture, count: int) -> list[int]:
        """Ids of at most `count` entries of the bank, best first. Called from several threads at a time."""
        ...

    def drop(self, bank_id: int) -> None:
        """Forget all of a bank, which need not be readable or there at all."""
        ...
