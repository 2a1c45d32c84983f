"""`ports.Hotline`: the CyberTipline's reporting interface over HTTPS.

Nothing of a request or an answer is logged but the call, its code and the receiver's id of it. Media is read in pieces
from the file that it is given; redirects are never followed, so that neither media nor password goes anywhere else.
"""

import logging
import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO, Final
from urllib.parse import urlsplit

import httpx

from safelight import __version__
from safelight.model.errors import (
    DocumentError,
    HotlineAccountError,
    HotlineDownError,
    HotlineNotDoneError,
    HotlineRefusedError,
    UsageError,
)
from safelight.ports import Clock, HotlineAnswer
from safelight.report.cybertip.check import MOST, answer, schema_of
from safelight.report.cybertip.words import clean

PRODUCTION: Final = "https://report.cybertip.org/ispws"
TEST: Final = "https://exttest.cybertip.org/ispws"
KEPT: Final = timedelta(days=1)
"""How long the schema is taken to be what it was."""
SECONDS: Final = httpx.Timeout(60.0, connect=10.0)
"""Longest silence: of a large file the receiver says nothing until it has it."""
NOT_DONE: Final = frozenset({1100, 1110, 1111, 1300})
"""Codes that say that something failed and was not kept; 1000 says nothing of the kind."""
NO_ACCOUNT: Final = frozenset({2000, 3000})
"""Codes of who does not let us in, as after the password was changed there. They are given before anything is done."""
NOT_FOUND: Final = 1210
"""Of the codes that may be tried again by their number, the one for which that is in vain."""
CHECK: Final = "check SAFELIGHT_NCMEC_USER and SAFELIGHT_NCMEC_PASSWORD"
_XML = {"Content-Type": "text/xml; charset=utf-8"}
_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
_LOCAL = frozenset({"127.0.0.1", "::1"})
_THEIRS = "cybertip.org"
"""Nothing there is a test system but the host of TEST."""

_log = logging.getLogger("safelight.hotline")


def check_test_system(url: str, *, production: bool) -> None:
    """Whether reports may go to this address, as that of a test system. Empty for NCMEC's own.

    Raises:
        UsageError: it is given for real reports, would have the password sent in the clear, or is the real one.
    """
    if not url:
        return
    parts = urlsplit(url)
    host = (parts.hostname or "").rstrip(".")
    if production or not (parts.scheme == "https" or host in _LOCAL):
        raise UsageError(detail="the address of a test system is https://, or on this machine; never for real reports")
    if (host == _THEIRS or host.endswith(f".{_THEIRS}")) and host != urlsplit(TEST).hostname:
        raise UsageError(detail=f"{host} takes real reports: SAFELIGHT_NCMEC_URL is for test systems")


class CyberTipline:
    """The interface, by the account of one provider; for any number of threads."""

    def __init__(
        self,
        user: str,
        password: str,
        folder: Path,
        clock: Clock,
        *,
        production: bool = False,
        url: str = "",
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        """Nothing is opened yet.

        Args:
            user: name of the account; test and production have their own.
            password: its password.
            folder: where the schema is kept.
            clock: says how old the kept schema is.
            production: whether reports are for real.
            url: of another test system. It is HTTPS, or on this machine.
            transport: in place of the network.

        Raises:
            UsageError: `url` is given for real reports, or would have the password sent in the clear.
        """
        check_test_system(url, production=production)
        self.production = production
        self._cached = folder / ("cyber_tipline.xsd" if production else "cyber_tipline-test.xsd")
        self._clock = clock
        self._client = httpx.Client(
            base_url=url or (PRODUCTION if production else TEST),
            auth=httpx.BasicAuth(user, password),
            headers={"User-Agent": f"Safelight/{__version__}"},
            timeout=SECONDS,
            follow_redirects=False,
            trust_env=False,  # no proxy that this machine's user happens to have set sees reports
            transport=transport,
        )

    def close(self) -> None:
        """Let go of connections."""
        self._client.close()

    def status(self) -> HotlineAnswer:
        """See the port."""
        return self._call("status", "GET")

    def schema(self) -> bytes:
        """See the port. The kept one is used for a day; a new one that is no schema is HotlineDownError."""
        if kept := self._kept_schema():
            return kept
        response = self._response("xsd", "GET")
        if response.status_code != httpx.codes.OK:
            raise _by_status("xsd", response)
        try:
            schema_of(response.content)
        except DocumentError as error:
            raise HotlineDownError(call="xsd", cause=str(error)) from error
        self._keep(response.content)
        return response.content

    def submit(self, report: bytes) -> HotlineAnswer:
        """See the port."""
        return self._call("submit", "POST", content=report, headers=_XML)

    def upload(self, number: str, name: str, media: BinaryIO) -> HotlineAnswer:
        """See the port."""
        files = {"file": (name, media, "application/octet-stream")}
        return self._call("upload", "POST", data={"id": number}, files=files)

    def file_info(self, details: bytes) -> HotlineAnswer:
        """See the port."""
        return self._call("fileinfo", "POST", content=details, headers=_XML)

    def finish(self, number: str) -> HotlineAnswer:
        """See the port."""
        return self._call("finish", "POST", files=_form(number))

    def retract(self, number: str) -> HotlineAnswer:
        """See the port."""
        return self._call("retract", "POST", files=_form(number))

    def _call(self, call: str, method: str, **sent: Any) -> HotlineAnswer:  # noqa: ANN401 - httpx's own arguments
        return read_answer(call, self._response(call, method, **sent))

    def _response(self, call: str, method: str, **sent: Any) -> httpx.Response:  # noqa: ANN401 - as above
        try:
            with self._client.stream(method, f"/{call}", **sent) as response:
                body = b""
                for piece in response.iter_bytes():
                    body += piece
                    if len(body) > MOST:
                        raise HotlineDownError(call=call, cause="the answer is too long")
        except _NEVER_SENT as error:
            raise HotlineNotDoneError(call=call, cause=f"cannot be reached: {type(error).__name__}") from error
        except (httpx.TransportError, httpx.DecodingError) as error:
            raise HotlineDownError(call=call, cause=f"no answer: {type(error).__name__}") from error
        whole = httpx.Response(response.status_code, content=body, headers=_told(response.headers))
        _log.info("cybertipline %s: HTTP %d, request %s", call, whole.status_code, _request(whole))
        return whole

    def _kept_schema(self) -> bytes:
        """The schema, if it was fetched within a day; else nothing."""
        with suppress(OSError):
            age = self._clock.now() - datetime.fromtimestamp(self._cached.stat().st_mtime, UTC)
            if timedelta(0) <= age < KEPT:
                return self._cached.read_bytes()
        return b""

    def _keep(self, xsd: bytes) -> None:
        """Keep the schema, whole or not at all. Where that cannot be done it is fetched each time."""
        with suppress(OSError):
            self._cached.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=self._cached.parent, delete=False) as file:
                file.write(xsd)
            now = self._clock.now().timestamp()
            os.utime(file.name, (now, now))
            Path(file.name).replace(self._cached)


def read_answer(call: str, response: httpx.Response) -> HotlineAnswer:
    """What an answer means.

    Raises:
        HotlineNotDoneError: the receiver says that it failed, or turned us away unheard (HTTP 429).
        HotlineDownError: HTTP 5xx, codes 1xxx, and what is no answer.
        HotlineAccountError: our name and password are not taken (codes of NO_ACCOUNT, HTTP 401 and 403).
        HotlineRefusedError: all else but code 0.
    """
    request = _request(response)
    if response.is_server_error:
        raise _by_status(call, response)
    try:
        found = answer(response.content)
    except DocumentError as error:
        if response.status_code != httpx.codes.OK:
            raise _by_status(call, response) from error
        raise HotlineDownError(call=call, cause=f"{error}; request {request}") from error
    cause = f"{found.words or 'no reason given'}; request {request}"
    if found.code in NO_ACCOUNT:
        raise HotlineAccountError(call=call, cause=f"{found.code}: {cause}; {CHECK}")
    if found.code in NOT_DONE:
        raise HotlineNotDoneError(call=call, cause=f"{found.code}: {cause}")
    if 1000 <= found.code < 2000 and found.code != NOT_FOUND:
        raise HotlineDownError(call=call, cause=f"{found.code}: {cause}")
    if found.code:
        raise HotlineRefusedError(call=call, answer=found.code, cause=cause)
    if not response.is_success:
        raise _by_status(call, response)
    return HotlineAnswer(0, found.words, request, found.file or found.report, found.hash, found.files)


def _by_status(call: str, response: httpx.Response) -> HotlineDownError | HotlineRefusedError:
    """The error for an answer that is known by its HTTP status alone."""
    status, cause = response.status_code, f"HTTP {response.status_code}; request {_request(response)}"
    if status in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}:
        return HotlineAccountError(call=call, cause=f"{cause}; {CHECK}")
    if status == httpx.codes.TOO_MANY_REQUESTS:
        return HotlineNotDoneError(call=call, cause=cause)
    if status >= 500 or status == httpx.codes.REQUEST_TIMEOUT:
        return HotlineDownError(call=call, cause=cause)
    return HotlineRefusedError(call=call, answer=f"HTTP {status}", cause=cause)


def _request(response: httpx.Response) -> str:
    """The receiver's id of a request, which its support asks for."""
    return clean(response.headers.get("Request-ID", "unknown"), 100)


def _told(headers: Mapping[str, str]) -> dict[str, str]:
    """Of the head of an answer, what is read."""
    return {name: headers[name] for name in ("Request-ID",) if name in headers}


def _form(number: str) -> dict[str, tuple[None, str]]:
    """The report's number as a multipart form, which is what the interface takes."""
    return {"id": (None, number)}
