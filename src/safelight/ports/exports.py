"""Exports of the log as files, and who vouches for the time."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import BinaryIO, Protocol

from safelight.model.audit import Flaw, TreeHead
from safelight.model.export import ExportLabel
from safelight.model.seal import SealedFile
from safelight.ports.outputs import Signer

ExportPart = tuple[str, Callable[[], Iterable[bytes]]]
"""The name of a member, and what gives its bytes: the same ones each time it is called."""


class BundleReader(Protocol):
    """An export that is being checked, once, from its beginning to its end. The file is a stranger's."""

    flaws: list[Flaw]
    """What is wrong with the file as such, by member; complete when `parts` has ended."""
    label: ExportLabel | None
    """What the manifest says it is; None where it says nothing that could be read."""
    key: str
    """Fingerprint of the key whose signature over the manifest holds; empty where none does."""
    named: bool
    """Whether that is a key that the verifier named."""

    @property
    def files(self) -> Mapping[str, SealedFile]:
        """What the manifest lists, by name; known from the first part on."""
        ...

    def parts(self) -> Iterator[tuple[str, Iterator[bytes]]]:
        """The members that the manifest lists, in order. Each is read before the next one is asked for."""
        ...

    def holds(self, key: str, signature: str, data: bytes) -> bool | None:
        """Whether this is the key's signature, base64; None for a key that neither verifier nor export brought."""
        ...


class Bundles(Protocol):
    """The one form that exports have."""

    def write(
        self, out: BinaryIO, label: ExportLabel, parts: Sequence[ExportPart], signer: Signer | None
    ) -> tuple[str, int]:
        """Write an export, in one go; return its SHA-256 and size. Raises StorageError when parts change meanwhile."""
        ...


class Stamper(Protocol):
    """A time-stamp authority (RFC 3161)."""

    def stamp(self, data: bytes) -> str:
        """A token over the SHA-256 of the data, base64. Raises FetchError."""
        ...


class LastHead(Protocol):
    """What the log was when it was signed last, kept where who owns the database cannot change it."""

    def alone(self) -> AbstractContextManager[None]:
        """Let nobody else sign until the block ends. Raises StorageError."""
        ...

    def get(self) -> TreeHead | None:
        """The head; None when none was signed yet. Raises StorageError."""
        ...

    def put(self, head: TreeHead) -> None:
        """Keep a head in its place, durably. Raises StorageError."""
        ...


class StampCheck(Protocol):
    """Checks tokens of authorities that the verifier trusts."""

    def time(self, stamp: str, data: bytes) -> datetime:
        """When the data was there already. Raises ValueError, with the cause, for a token that proves nothing."""
        ...
