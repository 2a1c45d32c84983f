"""What a bucket promises besides the contract, over real HTTP."""

import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from safelight.adapter.blob.s3 import PART, S3BlobStore, S3Place
from safelight.model.errors import StorageError, UsageError
from tests.adapter.blob.bucket import PLACE, client, open_bucket, running_server

NAME = "01a203bb-b6a2-7b67-bc23-1e2fb4d3d005"


@pytest.fixture(scope="module")
def s3_address() -> Iterator[str]:
    with running_server() as address:
        yield address


@pytest.mark.usefixtures("socket_enabled")
def test_large_ones_go_in_parts_and_stay_under_the_prefix(s3_address: str) -> None:
    store, place = open_bucket(s3_address)
    store.put(NAME, [bytes(PART), b"rest"])
    beside = client(s3_address)
    told = beside.head_object(Bucket=place.bucket, Key=f"media/{NAME}")
    assert told["ETag"].endswith('-2"')  # how S3 marks an object of two parts
    beside.put_object(Bucket=place.bucket, Key="elsewhere", Body=b"of somebody else")
    assert list(store.names()) == [NAME]


@pytest.mark.usefixtures("socket_enabled")
def test_an_interrupted_upload_is_aborted_and_a_killed_one_swept(s3_address: str) -> None:
    store, place = open_bucket(s3_address)
    beside = client(s3_address)

    def parts() -> Iterator[bytes]:
        yield bytes(3 * PART)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        store.put(NAME, parts())
    assert "Uploads" not in beside.list_multipart_uploads(Bucket=place.bucket)
    beside.create_multipart_upload(Bucket=place.bucket, Key=f"media/{NAME}")
    now = datetime.now(UTC)
    assert store.sweep(now - timedelta(days=30_000)) == 0
    assert store.sweep(now + timedelta(hours=1)) == 1
    assert "Uploads" not in beside.list_multipart_uploads(Bucket=place.bucket)
    assert list(store.names()) == []


@pytest.mark.usefixtures("socket_enabled")
def test_what_the_store_refuses_is_told_in_one_line_without_secrets(s3_address: str) -> None:
    lost = S3BlobStore(replace(PLACE, bucket="no-such-bucket", endpoint=s3_address))
    for attempt in (lost.check, lambda: lost.put(NAME, [b""]), lambda: list(lost.names())):
        with pytest.raises(StorageError) as raised:
            attempt()
        assert str(raised.value).startswith("s3://no-such-bucket/media/: ")
        assert PLACE.secret not in str(raised.value)
        assert "\n" not in str(raised.value)


@pytest.mark.usefixtures("socket_enabled")
def test_a_store_that_does_not_answer_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    store = S3BlobStore(replace(PLACE, endpoint="http://127.0.0.1:9"))
    with pytest.raises(StorageError, match="s3://evidence/media/: Could not connect"):
        store.check()


def test_how_a_place_is_written() -> None:
    settings = ("", "us-east-1", "", "")
    assert S3Place.of_url("s3://bucket", *settings).prefix == ""
    assert S3Place.of_url("s3://bucket/a/b/", *settings).prefix == "a/b/"
    assert "hidden" not in repr(S3Place.of_url("s3://bucket", "", "", "name", "hidden"))
    for url in ("gs://bucket", "s3://", "s3:bucket"):
        with pytest.raises(UsageError, match="s3://bucket/prefix"):
            S3Place.of_url(url, *settings)


def test_without_boto3_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "boto3.session", None)
    with pytest.raises(UsageError, match=r"safelight\[s3\]"):
        S3BlobStore(PLACE)
