"""Time stamps by a third party (RFC 3161): asking an authority for one, and checking those that others got.

Optional: it takes the extra `timestamp`. A stamp is kept as the token alone (the CMS signed data), base64.
"""

import base64
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import httpx
from cryptography import x509

from safelight.model.errors import FetchError, InputError, UsageError

_MAX_REPLY = 1 << 20
_SECONDS = 20.0
_GRANTED = b"\x30\x03\x02\x01\x00"  # PKIStatusInfo { status granted(0) }: what a token is wrapped in to be read


class Authority:
    """`ports.Stamper` at an address. `transport`: None for the network."""

    def __init__(self, url: str, transport: httpx.BaseTransport | None = None) -> None:
        """Nothing is sent by this. Raises UsageError when the extra is missing."""
        self._library = _library()
        self._url = url
        self._transport = transport

    def stamp(self, data: bytes) -> str:
        """A token over the SHA-256 of the data; see `ports.Stamper.stamp`. Only the digest is sent."""
        library = self._library
        request = library.TimestampRequestBuilder().data(data).hash_algorithm(library.HashAlgorithm.SHA256).build()
        reply = self._ask(request.as_bytes())
        try:
            response = library.decode_timestamp_response(reply)
            if response.status != library.PKIStatus.GRANTED:
                raise FetchError(cause=f"the time-stamp authority refused (status {response.status})")
            told = response.tst_info
            same = told.message_imprint.message == request.message_imprint.message and told.nonce == request.nonce
            token = response.time_stamp_token()
        except ValueError as error:
            raise FetchError(cause="the time-stamp authority sent no time stamp") from error
        if not same:
            raise FetchError(cause="the time-stamp authority stamped something else")
        return base64.b64encode(token).decode("ascii")

    def _ask(self, request: bytes) -> bytes:
        headers = {"Content-Type": "application/timestamp-query"}
        reply = bytearray()
        try:
            with (
                httpx.Client(transport=self._transport, timeout=_SECONDS, trust_env=False) as client,
                client.stream("POST", self._url, content=request, headers=headers) as response,
            ):
                if response.status_code != httpx.codes.OK:
                    raise FetchError(cause=f"the time-stamp authority answered {response.status_code}")
                for part in response.iter_bytes():
                    reply += part
                    if len(reply) > _MAX_REPLY:
                        raise FetchError(cause="the time-stamp authority sends too much")
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise FetchError(cause=f"the time-stamp authority does not answer ({type(error).__name__})") from error
        return bytes(reply)


class StampRoots:
    """`ports.StampCheck` by root certificates that the verifier trusts."""

    def __init__(self, roots: Sequence[x509.Certificate]) -> None:
        """Raises UsageError when the extra is missing, or there are no roots."""
        self._library = _library()
        if not roots:
            raise UsageError(detail="no certificate of a time-stamp authority is named")
        self._roots = list(dict.fromkeys(roots))

    def time(self, stamp: str, data: bytes) -> datetime:
        """When the data was there already; see `ports.StampCheck.time`."""
        token = base64.b64decode(stamp, validate=True)
        try:
            response = self._library.decode_timestamp_response(_sequence(_GRANTED + token))
            verifier = self._library.VerifierBuilder(roots=list(self._roots)).build()
            verifier.verify_message(response, data)
        except self._library.VerificationError as error:
            raise ValueError(str(error)) from error
        time: datetime = response.tst_info.gen_time
        return time.astimezone(UTC)


def open_roots(paths: Sequence[Path]) -> StampRoots:
    """Roots from files with certificates in PEM. Raises InputError, UsageError."""
    roots: list[x509.Certificate] = []
    for path in paths:
        try:
            roots += x509.load_pem_x509_certificates(path.read_bytes())
        except OSError as error:
            raise InputError(path=path, cause=error.strerror or str(error)) from error
        except ValueError as error:
            raise InputError(path=path, cause="holds no certificate in PEM") from error
    return StampRoots(roots)


def _sequence(content: bytes) -> bytes:
    """DER of a SEQUENCE (X.690, section 8.1.3)."""
    length = len(content)
    if length < 0x80:
        return bytes((0x30, length)) + content
    size = (length.bit_length() + 7) // 8
    return bytes((0x30, 0x80 | size)) + length.to_bytes(size, "big") + content


def _library() -> Any:  # noqa: ANN401 (the module itself: it is not installed everywhere)
    try:
        return import_module("rfc3161_client")
    except ImportError as error:
        raise UsageError(detail="time stamps need `pip install safelight[timestamp]`") from error
