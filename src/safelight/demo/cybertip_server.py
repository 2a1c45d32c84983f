"""A CyberTipline of one's own, for tests and the demo: its calls, codes and life of reports, and faults on demand.

It keeps everything in memory and is no receiver of real reports. `CyberTipline` is what answers; `serve` puts it on a
port of this machine. Source: CyberTipline Reporting API documentation, last updated 2025-06-11.
"""

import base64
import binascii
import hashlib
import hmac
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from enum import Enum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final
from urllib.parse import parse_qs

from lxml import etree

from safelight.model.errors import DocumentError
from safelight.report.cybertip.check import validate

CODES: Final = {
    0: "Success",
    1000: "An internal server error occurred",
    1100: "Saving failed",
    1110: "Upload failed",
    1111: "File upload failed",
    1210: "Not found",
    1300: "Update failed",
    2000: "Authentication required",
    3000: "Not authorised",
    3100: "No right to submit",
    3300: "No right to update",
    4000: "Invalid request",
    4100: "Validation failed",
    4110: "Malformed XML",
    4200: "Malformed file",
    5001: "Report not available",
    5002: "File not available",
    5101: "Report was already retracted",
    5102: "Report was already finished",
}
"""The documented codes; NCMEC says that there are more."""
FIRST_NUMBER: Final = 4564654
LIFE: Final = timedelta(hours=24)
IDLE: Final = timedelta(hours=1)
"""An unfinished report is deleted LIFE after it was opened, or IDLE after its last change: what is later."""


class When(Enum):
    """When a fault strikes."""

    BEFORE = "before"  # nothing was done
    AFTER = "after"  # it was done, and nobody hears of it


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong with one call: the first that is set of these.

    `code`: it is the answer, and nothing was done. `http`: the status, without an answer. `silent`: seconds without a
    word before the connection is dropped. `receipt`: the file is kept, but its receipt is of another. None of them: the
    connection is dropped.
    """

    when: When = When.BEFORE
    code: int = 0
    http: int = 0
    silent: float = 0.0
    receipt: bool = False


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer. `status` 0: the connection is dropped, after `silent` seconds."""

    status: int
    body: bytes = b""
    request: str = ""
    silent: float = 0.0


@dataclass(slots=True)
class KeptFile:
    """A file of a report. `details`: its `<fileDetails>`, once it was described."""

    id: str
    media: bytes
    details: bytes = b""


@dataclass(slots=True)
class KeptReport:
    """A report. `state`: open, finished, retracted or deleted."""

    number: str
    xml: bytes
    opened: datetime
    touched: datetime
    state: str = "open"
    files: dict[str, KeptFile] = field(default_factory=dict)


class CyberTipline:
    """Answers calls; for any number of threads. `faults`: for each call, what goes wrong next, in order."""

    def __init__(self, now: Callable[[], datetime], xsd: bytes, user: str, password: str) -> None:
        """Nothing is kept yet.

        Args:
            now: the time, by which unfinished reports are deleted.
            xsd: the schema; without one (empty) no document is validated, and `GET /xsd` finds nothing.
            user: name of the one account.
            password: its password.
        """
        self._now, self._xsd, self._user, self._account = now, xsd, user, f"{user}:{password}"
        self._mutex = threading.Lock()
        self._requests = 0
        self.reports: dict[str, KeptReport] = {}
        self.faults: dict[str, list[Fault]] = {}
        self.calls: list[str] = []

    def finished(self) -> list[KeptReport]:
        """The reports that were finished, oldest first."""
        return [report for report in self.reports.values() if report.state == "finished"]

    def handle(self, method: str, path: str, authorization: str, kind: str, body: bytes) -> Reply:
        """Answer one request.

        Args:
            method: `GET` or `POST`.
            path: whose last part is the call.
            authorization: the header of that name; empty for none.
            kind: the content type.
            body: what was sent.
        """
        if not self._known(authorization):
            return self._reply(self._code(2000), 401)
        call = path.rstrip("/").rpartition("/")[2]
        if (method, call) not in _CALLS:
            return self._reply(self._code(4000), 404)
        if call in {"submit", "fileinfo"} and not kind.lower().startswith("text/xml"):
            return self._reply(self._code(4000))
        return self.call(call, _form(kind, body) if call in _FORMS else body)

    def call(self, call: str, sent: "bytes | dict[str, bytes]" = b"") -> Reply:
        """Answer one call of somebody who may make it. `sent`: XML, or the fields of the form."""
        with self._mutex:
            self.calls.append(call)
            fault = self.faults[call].pop(0) if self.faults.get(call) else None
            if fault and fault.when is When.BEFORE and not fault.receipt:
                return self._failed(fault)
            self._delete_old()
            body = self._answer(call, sent, altered=fault is not None and fault.receipt)
            if fault and not fault.receipt:
                return self._failed(fault)
            if not body:
                return self._reply(self._code(1210), 404)
            return self._reply(body)

    def _answer(self, call: str, sent: "bytes | dict[str, bytes]", *, altered: bool) -> bytes:
        if isinstance(sent, dict):
            number = sent.get("id", b"").decode(errors="replace")
            if call == "upload":
                return self._upload(number, sent.get("file"), altered=altered)
            return self._finish(number) if call == "finish" else self._retract(number)
        if call == "submit":
            return self._submit(sent)
        if call == "fileinfo":
            return self._file_info(sent)
        if call == "xsd":
            return self._xsd
        return self._code(0, f"Remote User : {self._user}, Remote Ip : 127.0.0.1")

    def _submit(self, xml: bytes) -> bytes:
        if code := self._flaw(xml, "report"):
            return code
        number = str(FIRST_NUMBER + len(self.reports))
        self.reports[number] = KeptReport(number, xml, self._now(), self._now())
        return self._code(0, reportId=number)

    def _upload(self, number: str, media: bytes | None, *, altered: bool) -> bytes:
        if code := self._closed(number):
            return code
        if media is None:
            return self._code(4000)
        report = self.reports[number]
        file = hashlib.sha256(f"{number} {len(report.files)}".encode()).hexdigest()[:32]
        report.files[file] = KeptFile(file, media)
        report.touched = self._now()
        receipt = hashlib.md5(media + b"?" * altered, usedforsecurity=False).hexdigest()
        return self._code(0, reportId=number, fileId=file, hash=receipt)

    def _file_info(self, xml: bytes) -> bytes:
        if code := self._flaw(xml, "fileDetails"):
            return code
        root = etree.fromstring(xml)
        number, name = root.findtext("reportId", ""), root.findtext("fileId", "")
        if code := self._closed(number):
            return code
        file = self.reports[number].files.get(name)
        if file is None:
            return self._code(5002)
        if file.details:
            return self._code(4000, "The file was described already")
        file.details = xml
        self.reports[number].touched = self._now()
        return self._code(0, reportId=number)

    def _finish(self, number: str) -> bytes:
        if code := self._closed(number):
            return code
        report = self.reports[number]
        report.state = "finished"
        root = etree.Element("reportDoneResponse")
        etree.SubElement(root, "responseCode").text = "0"
        etree.SubElement(root, "reportId").text = number
        files = etree.SubElement(root, "files")
        for file in report.files:
            etree.SubElement(files, "fileId").text = file
        return etree.tostring(root, encoding="UTF-8", xml_declaration=True)

    def _retract(self, number: str) -> bytes:
        if code := self._closed(number):
            return code
        self.reports[number].state = "retracted"
        return self._code(0, reportId=number)

    def _closed(self, number: str) -> bytes:
        """The answer for a report that cannot be changed; empty for one that can."""
        report = self.reports.get(number)
        state = report.state if report else "deleted"
        code = {"open": 0, "finished": 5102, "retracted": 5101, "deleted": 5001}[state]
        return self._code(code) if code else b""

    def _delete_old(self) -> None:
        now = self._now()
        for report in self.reports.values():
            if report.state == "open" and now >= max(report.opened + LIFE, report.touched + IDLE):
                report.state = "deleted"

    def _flaw(self, xml: bytes, name: str) -> bytes:
        try:
            root = etree.fromstring(xml, etree.XMLParser(resolve_entities=False, no_network=True))
        except etree.XMLSyntaxError as error:
            return self._code(4110, str(error))
        if root.tag != name:
            return self._code(4100, f"Not a {name}")
        try:
            if self._xsd:
                validate(xml, self._xsd)
        except DocumentError as error:
            return self._code(4100, str(error))
        return b""

    def _known(self, authorization: str) -> bool:
        scheme, _, told = authorization.partition(" ")
        try:
            account = base64.b64decode(told, validate=True)
        except binascii.Error:
            return False
        return scheme == "Basic" and hmac.compare_digest(account, self._account.encode())

    def _failed(self, fault: Fault) -> Reply:
        if fault.code:
            return self._reply(self._code(fault.code))
        return self._reply(b"", fault.http) if fault.http else Reply(0, silent=fault.silent)

    def _reply(self, body: bytes, status: int = 200) -> Reply:
        self._requests += 1
        return Reply(status, body, f"request-{self._requests}")

    def _code(self, code: int, words: str = "", **told: str) -> bytes:
        root = etree.Element("reportResponse")
        etree.SubElement(root, "responseCode").text = str(code)
        etree.SubElement(root, "responseDescription").text = words or CODES[code]
        for name, text in told.items():
            etree.SubElement(root, name).text = text
        return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


_FORMS = frozenset({"upload", "finish", "retract"})
_CALLS = frozenset({("GET", "status"), ("GET", "xsd")}) | frozenset(
    ("POST", call) for call in ("submit", "upload", "fileinfo", "finish", "retract")
)


@contextmanager
def serve(tipline: CyberTipline, port: int = 0) -> Iterator[str]:
    """Answer on a port of this machine, a free one by default; gives the base URL."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._handle("GET")

        def do_POST(self) -> None:
            self._handle("POST")

        def _handle(self, method: str) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            kind = self.headers.get("Content-Type", "")
            reply = tipline.handle(method, self.path, self.headers.get("Authorization", ""), kind, body)
            if not reply.status:
                time.sleep(reply.silent)
                self.close_connection = True
                return
            self.send_response(reply.status)
            self.send_header("Content-Type", "text/xml; charset=utf-8")
            self.send_header("Content-Length", str(len(reply.body)))
            self.send_header("Request-ID", reply.request)
            self.end_headers()
            self.wfile.write(reply.body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
            """Requests hold reports: nothing is logged."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), name="cybertipline", daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/ispws"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _form(kind: str, body: bytes) -> dict[str, bytes]:
    """The fields of a form, of either encoding."""
    if not kind.startswith("multipart/form-data"):
        return {name: values[0].encode() for name, values in parse_qs(body.decode(errors="replace")).items()}
    message = message_from_bytes(f"Content-Type: {kind}\r\n\r\n".encode() + body, policy=policy.HTTP)
    fields = {}
    for part in message.iter_parts():
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        if isinstance(name, str) and isinstance(content, bytes):
            fields[name] = content
    return fields
