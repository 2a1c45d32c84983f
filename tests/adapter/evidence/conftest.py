"""Vaults to test: on SQLite and PostgreSQL, with sealed bytes in files."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from safelight.adapter.blob.files import FileBlobStore
from safelight.adapter.casework.ids import TimeIds
from safelight.adapter.evidence import open_vault
from safelight.adapter.evidence.keys import KeyRing, open_key
from safelight.adapter.evidence.vault import DjangoEvidenceVault
from safelight.ports import BlobStore
from tests.databases import DATABASES, database

Open = Callable[..., DjangoEvidenceVault]


class HandClock:
    """A clock that stands until it is set."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 11, 1, 12, tzinfo=UTC)

    def now(self) -> datetime:
        return self.moment

    def pass_by(self, **time: float) -> datetime:
        self.moment += timedelta(**time)
        return self.moment


def ring(home: Path, *names: str) -> KeyRing:
    """Keys in the data folder, which are made: the first is the one in force. Names like `a`; none for the default."""

    def source(name: str) -> Callable[[bool], object]:
        path = home / f"{name}.key"
        if not path.exists():
            path.write_bytes(name.encode().ljust(32, b"\1"))
        return lambda _make: open_key(str(path), home, make=False)

    if not names:
        return KeyRing(lambda make: open_key("", home, make=make))
    first, *old = map(source, names)
    return KeyRing(first, old)  # type: ignore[arg-type]


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def blobs(home: Path) -> FileBlobStore:
    return FileBlobStore(home / "blobs")


@pytest.fixture(params=DATABASES)
def opened(request: pytest.FixtureRequest, home: Path, blobs: FileBlobStore, clock: HandClock) -> Iterator[Open]:
    """Opens the vault, with these keys."""
    with database(request.param, home, "evidence") as target:

        def opened(*names: str, store: BlobStore = blobs) -> DjangoEvidenceVault:
            return open_vault(target, store, ring(home, *names), TimeIds(clock), clock)

        yield opened


@pytest.fixture
def vault(opened: Open) -> DjangoEvidenceVault:
    return opened()
