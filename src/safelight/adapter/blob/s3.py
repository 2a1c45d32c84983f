"""`ports.BlobStore` in a bucket of Amazon S3, or of a store that speaks its protocol."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from importlib import import_module
from itertools import chain
from typing import Any, BinaryIO, cast
from urllib.parse import urlsplit

from safelight.adapter.blob import check_name
from safelight.model.errors import StorageError, UnknownBlobError, UsageError

PART = 8 << 20
"""Bytes of one part of an upload; what is not larger goes in one request."""


@dataclass(frozen=True, slots=True)
class S3Place:
    """Where the bucket is. `endpoint`: empty for Amazon's. `access`, `secret`: empty for what boto3 finds itself."""

    bucket: str
    prefix: str
    endpoint: str = ""
    region: str = "us-east-1"
    access: str = field(default="", repr=False)
    secret: str = field(default="", repr=False)

    @classmethod
    def of_url(cls, url: str, endpoint: str, region: str, access: str, secret: str) -> "S3Place":
        """The place that `s3://bucket/prefix` names. Raises UsageError."""
        parts = urlsplit(url)
        if parts.scheme != "s3" or not parts.netloc:
            raise UsageError(detail=f"SAFELIGHT_BLOBS is {url!r}; a bucket is written s3://bucket/prefix")
        prefix = parts.path.strip("/")
        return cls(parts.netloc, f"{prefix}/" if prefix else "", endpoint, region, access, secret)


class S3BlobStore:
    """Sealed bytes as objects `prefix/name`. Any number of threads and processes may use the bucket."""

    def __init__(self, place: S3Place) -> None:
        """Nothing is sent by this. Raises UsageError where boto3 is not installed."""
        self._place = place
        self._client = _client(place)

    def __str__(self) -> str:
        return f"s3://{self._place.bucket}/{self._place.prefix}"

    def put(self, name: str, parts: Iterable[bytes]) -> int:
        """Keep bytes under a new name; see `ports.BlobStore.put`. Raises StorageError."""
        where = self._where(name)
        pieces = _pieces(parts)
        with self._errors():
            first, second = next(pieces, b""), next(pieces, b"")
            if not second:
                self._client.put_object(**where, Body=first)
                return len(first)
            upload = where | {"UploadId": self._client.create_multipart_upload(**where)["UploadId"]}
            try:
                size, tags = 0, []
                for number, piece in enumerate(chain((first, second), pieces), 1):
                    told = self._client.upload_part(**upload, PartNumber=number, Body=piece)
                    tags.append({"PartNumber": number, "ETag": told["ETag"]})
                    size += len(piece)
                self._client.complete_multipart_upload(**upload, MultipartUpload={"Parts": tags})
            except BaseException:
                with suppress(Exception):  # else `sweep` does it
                    self._client.abort_multipart_upload(**upload)
                raise
        return size

    @contextmanager
    def get(self, name: str) -> Iterator[BinaryIO]:
        """The bytes; see `ports.BlobStore.get`. Raises UnknownBlobError, StorageError."""
        with self._errors(name):
            body = self._client.get_object(**self._where(name))["Body"]
            try:
                yield cast(BinaryIO, body)
            finally:
                body.close()

    def delete(self, name: str) -> None:
        """Remove them; see `ports.BlobStore.delete`. Raises StorageError."""
        with self._errors():
            self._client.delete_object(**self._where(name))

    def names(self) -> Iterator[str]:
        """All names; see `ports.BlobStore.names`. Raises StorageError."""
        for found in self._pages("list_objects_v2", "Contents"):
            yield found["Key"].removeprefix(self._place.prefix)

    def sweep(self, before: datetime) -> int:
        """Abort uploads that a killed process had begun; see `ports.BlobStore.sweep`. Raises StorageError."""
        count = 0
        for found in self._pages("list_multipart_uploads", "Uploads"):
            if found["Initiated"] < before:
                with self._errors():
                    self._client.abort_multipart_upload(
                        Bucket=self._place.bucket, Key=found["Key"], UploadId=found["UploadId"]
                    )
                count += 1
        return count

    def check(self) -> None:
        """Whether the bucket answers; see `ports.BlobStore.check`. Raises StorageError."""
        with self._errors():
            self._client.head_bucket(Bucket=self._place.bucket)

    def _where(self, name: str) -> dict[str, Any]:
        return {"Bucket": self._place.bucket, "Key": self._place.prefix + check_name(self, name)}

    def _pages(self, call: str, part: str) -> Iterator[dict[str, Any]]:
        with self._errors():
            pages = self._client.get_paginator(call).paginate(Bucket=self._place.bucket, Prefix=self._place.prefix)
            for page in pages:
                yield from page.get(part, ())

    @contextmanager
    def _errors(self, name: str = "") -> Iterator[None]:
        """What boto3 raises, in the words of `model.errors`; for an object called `name` that is not there, its own."""
        known = import_module("botocore.exceptions")
        try:
            yield
        except known.ClientError as error:
            told = error.response.get("Error", {})
            if name and told.get("Code") in {"NoSuchKey", "404"}:
                raise UnknownBlobError(blob=name) from error
            cause = " ".join(str(told.get("Message") or told.get("Code") or error).split())
            raise StorageError(path=self, cause=cause) from error
        except (known.BotoCoreError, known.HTTPClientError) as error:
            raise StorageError(path=self, cause=" ".join(str(error).split())) from error


def _client(place: S3Place) -> Any:  # noqa: ANN401 - boto3 makes its classes at run time: they have no types
    try:
        session = import_module("boto3.session").Session()
        config = import_module("botocore.config").Config(
            connect_timeout=5,
            read_timeout=60,
            retries={"mode": "standard", "max_attempts": 4},
            s3={"addressing_style": "path" if place.endpoint else "auto"},
            request_checksum_calculation="when_required",  # stores that are not Amazon's may not know the others
            response_checksum_validation="when_required",
        )
    except ImportError as error:
        raise UsageError(
            detail="SAFELIGHT_BLOBS names a bucket, which takes boto3: pip install 'safelight[s3]'"
        ) from error
    return session.client(
        "s3",
        region_name=place.region,
        endpoint_url=place.endpoint or None,
        aws_access_key_id=place.access or None,
        aws_secret_access_key=place.secret or None,
        config=config,
    )


def _pieces(parts: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in pieces of PART bytes, the last one shorter."""
    pending = bytearray()
    for part in parts:
        pending += part
        while len(pending) >= PART:
            yield bytes(pending[:PART])
            del pending[:PART]
    if pending:
        yield bytes(pending)
