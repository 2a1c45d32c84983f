"""A small internet on the loopback address: a web server that answers by path, and a DNS server that does by name."""

import json
import socket
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import dns.flags
import dns.message
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rrset

from safelight.adapter.directory import BootstrapLists, Names, Records, WebDirectory
from safelight.adapter.fetch import SafeFetcher
from safelight.ports import Clock


class Web:
    """Answers GET by path: a status, headers and a body. What is not there is a 404."""

    def __init__(self) -> None:
        self.answers: dict[str, tuple[int, dict[str, str], bytes]] = {}
        self.asked: list[tuple[str, str]] = []
        self.accepted: set[str] = set()
        answers, asked, accepted = self.answers, self.asked, self.accepted

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked.append((self.headers.get("Host", ""), self.path))
                accepted.add(self.headers.get("Accept", ""))
                status, headers, body = answers.get(self.path, (404, {}, b""))
                self.send_response(status)
                for name, value in {"Content-Length": str(len(body)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                with suppress(OSError):  # the client has had enough
                    self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Be quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def url(self, path: str = "") -> str:
        return f"http://registry.example:{self.port}/{path}"

    def put(self, path: str, said: object) -> None:
        self.answers[path] = (200, {"Content-Type": "application/rdap+json"}, json.dumps(said).encode())

    def send_to(self, path: str, place: str) -> None:
        self.answers[path] = (302, {"Location": place}, b"")

    def paths(self) -> list[str]:
        return [path for _, path in self.asked]


class NameServer:
    """Answers by table: (name, type) to texts. A name that has no type at all does not exist."""

    def __init__(self, table: dict[tuple[str, str], list[str]]) -> None:
        self.table = table
        self.broken = False
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._socket.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as end:
            end.sendto(b"", self._socket.getsockname())
        self._thread.join()
        self._socket.close()

    def _serve(self) -> None:
        while True:
            data, client = self._socket.recvfrom(4_096)
            if not data:
                return
            query = dns.message.from_wire(data)
            answer = dns.message.make_response(query)
            answer.flags |= dns.flags.RA
            question = query.question[0]
            name, kind = question.name.to_text(omit_final_dot=True).lower(), dns.rdatatype.to_text(question.rdtype)
            if self.broken:
                answer.set_rcode(dns.rcode.SERVFAIL)
            elif texts := self.table.get((name, kind)):
                answer.answer.append(dns.rrset.from_text(question.name, 60, dns.rdataclass.IN, kind, *texts))
            elif not any(known == name for known, _ in self.table):
                answer.set_rcode(dns.rcode.NXDOMAIN)
            self._socket.sendto(answer.to_wire(), client)


class World:
    """Both, a directory that asks them, and the lists of RDAP servers that lead there."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self.web = Web()
        self.dns = NameServer(
            {
                ("www.example.com", "A"): ["93.184.215.14"],
                ("example.com", "A"): ["93.184.215.14"],
                ("example.com", "MX"): ["10 mail.example.com."],
                ("example.com", "NS"): ["ns2.dns.example.", "NS1.dns.example."],
                ("nomail.example.com", "MX"): ["0 ."],
            }
        )
        self.folder, self.clock = folder, clock
        self.serve("dns", ["com"])
        self.serve("ipv4", ["93.0.0.0/8"])
        self.serve("ipv6", ["2606:2800::/32"])
        self.serve("asn", ["64496-64511"])
        self.names = Names(self.dns.address, seconds=2.0)
        self.lists = BootstrapLists(self.fetcher(), self.web.url("lists"), folder, clock)
        self.records = Records(self.fetcher(), self.lists)
        self.directory = WebDirectory(
            self.records, self.names, self.fetcher(), clock, f"http://{{site}}:{self.web.port}/.well-known/security.txt"
        )

    def close(self) -> None:
        self.web.close()
        self.dns.close()

    def serve(self, name: str, entries: list[str]) -> None:
        services: list[Any] = [[entries, [self.web.url("rdap/")]]]
        self.web.put(f"/lists/{name}.json", {"version": "1.0", "services": services})

    def resolve(self, host: str, _port: int) -> list[str]:
        """The world's own hosts are here; those inside are where nobody may go."""
        try:
            return [str(ip_address(host))]
        except ValueError:
            return ["10.0.0.5"] if host.startswith("inside") else ["127.0.0.1"]

    def fetcher(self) -> SafeFetcher:
        return SafeFetcher(
            1 << 16,
            seconds=5.0,
            resolve=self.resolve,
            permitted=lambda address: str(address) == "127.0.0.1",
            ports=frozenset({self.web.port}),
            accept="application/rdap+json",
            redirects=3,
        )
