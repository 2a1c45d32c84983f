"""The vault with its sealed bytes in a bucket, as the settings name one."""

import io
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from safelight.adapter.blob.s3 import S3BlobStore
from safelight.app import App
from safelight.model.errors import EvidenceDamagedError, StorageError
from safelight.settings import read_settings
from tests.adapter.blob.bucket import PLACE, client, running_server

PLAIN = bytes(range(256)) * (9 << 12)  # two parts of an upload


@pytest.fixture(scope="module")
def s3_address() -> Iterator[str]:
    with running_server() as address:
        yield address


@pytest.mark.usefixtures("socket_enabled")
def test_media_in_a_bucket(s3_address: str, tmp_path: Path) -> None:
    bucket = client(s3_address)
    bucket.create_bucket(Bucket="media")
    settings = {
        "SAFELIGHT_HOME": str(tmp_path),
        "SAFELIGHT_BLOBS": "s3://media/sealed",
        "SAFELIGHT_S3_ENDPOINT": s3_address,
        "SAFELIGHT_S3_ACCESS_KEY": PLACE.access,
        "SAFELIGHT_S3_SECRET_KEY": PLACE.secret,
    }
    app = App(read_settings(settings))
    assert isinstance(app.blobs, S3BlobStore)
    blob = app.evidence.put(io.BytesIO(PLAIN), "video/mp4")
    assert app.evidence.put(io.BytesIO(PLAIN), "video/mp4") == blob
    with app.evidence.read(blob.id) as file:
        assert file.read() == PLAIN
    (found,) = bucket.list_objects_v2(Bucket="media")["Contents"]
    assert found["Key"] == f"sealed/{blob.id}"
    sealed = bucket.get_object(Bucket="media", Key=found["Key"])["Body"].read()
    assert PLAIN[:32] not in sealed
    bucket.put_object(Bucket="media", Key=found["Key"], Body=sealed[:-1])
    with pytest.raises(EvidenceDamagedError, match=blob.id):
        app.evidence.check(blob.id)
    app.evidence.destroy(blob.id)
    assert "Contents" not in bucket.list_objects_v2(Bucket="media")
    assert not (tmp_path / "blobs").exists()
    assert app.evidence.sweep(app.clock.now() - timedelta(days=1)) == 0
    bucket.delete_bucket(Bucket="media")
    with pytest.raises(StorageError, match="s3://media/sealed/"):
        app.evidence.put(io.BytesIO(PLAIN), "video/mp4")
    assert app.evidence.status().blobs == 0
