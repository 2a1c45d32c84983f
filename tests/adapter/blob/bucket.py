"""A bucket of moto's real HTTP server, on the loopback address."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from importlib import import_module
from typing import Any
from uuid import uuid4

from moto.server import ThreadedMotoServer

from safelight.adapter.blob.s3 import S3BlobStore, S3Place

PLACE = S3Place("evidence", "media/", "", "us-east-1", "account", "secret")


@contextmanager
def running_server() -> Iterator[str]:
    """Its address."""
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        yield f"http://{host}:{port}"
    finally:
        server.stop()


@cache
def client(address: str) -> Any:
    session = import_module("boto3.session").Session()
    access = {"aws_access_key_id": PLACE.access, "aws_secret_access_key": PLACE.secret}
    return session.client("s3", region_name=PLACE.region, endpoint_url=address, **access)


def open_bucket(address: str) -> tuple[S3BlobStore, S3Place]:
    """A bucket of its own."""
    place = replace(PLACE, bucket=f"evidence-{uuid4().hex}", endpoint=address)
    client(address).create_bucket(Bucket=place.bucket)
    return S3BlobStore(place), place
