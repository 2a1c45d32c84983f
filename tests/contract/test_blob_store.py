"""One suite over every adapter of `ports.BlobStore`."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import cast

import pytest

from safelight.adapter.blob.files import FileBlobStore
from safelight.adapter.blob.s3 import PART
from safelight.model.errors import StorageError, UnknownBlobError
from safelight.ports import BlobStore
from tests.adapter.blob.bucket import open_bucket, running_server
from tests.contract.memory_blob_store import MemoryBlobStore

NAME = "01a203bb-b6a2-7b67-bc23-1e2fb4d3d005"
OTHER = "01a203bb-b6a2-7b67-bc23-1e2fb4d3d0ff"
THIRD = "01a203bb-b6a2-7b67-bc23-1e2fb4d3d105"


@pytest.fixture(scope="module")
def bucket() -> Iterator[Callable[[], BlobStore]]:
    """Gives an empty bucket; it is the same one, as boto3 takes long to begin."""
    with running_server() as address:

        @cache
        def opened() -> BlobStore:
            return open_bucket(address)[0]

        def emptied() -> BlobStore:
            for name in list(opened().names()):
                opened().delete(name)
            return opened()

        yield emptied


@pytest.fixture(params=["memory", "files", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> BlobStore:
    if request.param == "memory":
        return MemoryBlobStore()
    if request.param == "files":
        return FileBlobStore(tmp_path / "blobs")
    request.getfixturevalue("socket_enabled")
    return cast(Callable[[], BlobStore], request.getfixturevalue("bucket"))()


def held(store: BlobStore, name: str) -> bytes:
    with store.get(name) as file:
        return file.read()


@pytest.mark.parametrize(
    "parts",
    [(), (b"",), (b"one",), (b"one", b"", b"two"), (bytes(PART),), (b"a" * (PART - 1), b"bc"), (b"x" * (3 << 20),) * 7],
    ids=lambda parts: str(sum(map(len, parts))),
)
def test_what_was_put_is_got(store: BlobStore, parts: tuple[bytes, ...]) -> None:
    whole = b"".join(parts)
    assert store.put(NAME, iter(parts)) == len(whole)
    assert held(store, NAME) == whole
    assert list(store.names()) == [NAME]


def test_it_is_read_piece_by_piece(store: BlobStore) -> None:
    store.put(NAME, [b"0123456789"])
    with store.get(NAME) as file:
        assert [file.read(4), file.read(4), file.read(4), file.read(4)] == [b"0123", b"4567", b"89", b""]


def test_each_name_is_its_own(store: BlobStore) -> None:
    for name in (NAME, OTHER, THIRD):
        store.put(name, [name.encode()])
    assert sorted(store.names()) == sorted((NAME, OTHER, THIRD))
    store.delete(OTHER)
    assert sorted(store.names()) == sorted((NAME, THIRD))
    assert held(store, THIRD) == THIRD.encode()
    with pytest.raises(UnknownBlobError):
        held(store, OTHER)


def test_what_is_not_there(store: BlobStore) -> None:
    assert list(store.names()) == []
    store.delete(NAME)
    with pytest.raises(UnknownBlobError, match=NAME):
        held(store, NAME)
    store.check()


@pytest.mark.parametrize("before", [0, 1, 3 * PART])
def test_a_put_that_fails_half_way_leaves_nothing(store: BlobStore, before: int) -> None:
    def parts() -> Iterator[bytes]:
        yield bytes(before)
        raise KeyError

    with pytest.raises(KeyError):
        store.put(NAME, parts())
    assert list(store.names()) == []
    assert store.sweep(datetime.now(UTC) + timedelta(days=1)) == 0
    store.put(NAME, [b"again"])
    assert held(store, NAME) == b"again"


@pytest.mark.parametrize("name", ["", "a", "../../x", "/etc/x", ".hidden", "a/b", "Ä", "a\n"])
def test_a_name_that_could_lead_elsewhere_is_refused(store: BlobStore, name: str) -> None:
    if isinstance(store, MemoryBlobStore):
        pytest.skip("its names lead nowhere")
    with pytest.raises(StorageError, match="cannot be the name"):
        store.put(name, [b""])
    with pytest.raises(StorageError, match="cannot be the name"):
        store.delete(name)
