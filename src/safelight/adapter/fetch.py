"""`ports.Fetcher`: what a stranger's URL names, fetched without being led astray (server-side request forgery).

The guard sits where connections are made. There a name is resolved, every address that it stands for is checked, and
one of the checked ones is connected to: between the check and the connection nobody can change the answer (DNS
rebinding), and each redirect comes by here again. Sources: OWASP, Server-Side Request Forgery Prevention Cheat Sheet;
IANA's registries of special-purpose addresses (RFC 6890), as Python's `ipaddress` has them, and what that lacks.
"""

import os
import socket
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from ssl import SSLContext
from typing import BinaryIO
from urllib.parse import SplitResult, urljoin, urlsplit

import httpcore

from safelight import __version__
from safelight.model.errors import FetchError
from safelight.ports import Posted

Address = IPv4Address | IPv6Address
Resolve = Callable[[str, int], Iterable[str]]

PORTS = frozenset({80, 443, 8080, 8443})
"""Ports of web servers. Others are how mail, databases and consoles are reached."""
MAX_REDIRECTS = 5
MAX_URL = 2_048
CONNECT_SECONDS = 5.0
READ_SECONDS = 5.0
"""Longest silence of a server."""
SECONDS = 20.0
"""For all of it, redirects included: however slowly a server drips."""
_AGENT = f"Safelight/{__version__}"
NO_ANSWER = "the server did not answer as a web server does, or not in time"
"""All that is said of a server that could not be talked to."""
NETWORK_ERRORS = (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError)
_PIECE = 1 << 16
_NAT64 = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"))
_COMPATIBLE = IPv6Network("::/96")
_SPECIAL = tuple(
    ip_network(text)
    for text in (
        "192.0.0.0/24",  # protocol assignments, of which some versions of Python take parts for global
        "192.31.196.0/24",  # AS112, answered by whoever is near: RFC 7535
        "192.52.193.0/24",  # automatic multicast tunnelling: RFC 7450
        "192.88.99.0/24",  # 6to4 relays, given up: RFC 7526
        "192.175.48.0/24",  # AS112: RFC 7534
        "2620:4f:8000::/48",  # AS112: RFC 7534
        "3fff::/20",  # documentation: RFC 9637
        "5f00::/16",  # segment routing, inside of networks: RFC 9602
    )
)
"""Not of the public internet, whatever this version of Python knows of them."""
_NO_HOST = frozenset((socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)))
"""Answers that a name has no address; all else may be our own resolver's fault."""
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


class SafeFetcher:
    """Fetches over HTTP and HTTPS from public addresses alone."""

    def __init__(
        self,
        max_bytes: int,
        *,
        seconds: float = SECONDS,
        resolve: Resolve | None = None,
        permitted: Callable[[Address], bool] | None = None,
        ports: frozenset[int] = PORTS,
        hosts: frozenset[str] = frozenset(),
        accept: str = "*/*",
        redirects: int = MAX_REDIRECTS,
        https: bool = False,
    ) -> None:
        """Nothing is opened yet.

        Args:
            max_bytes: largest file.
            seconds: for one file, redirects included.
            resolve: host and port to addresses; the system's way by default.
            permitted: which addresses are connected to; by default `is_public`.
            ports: that may be named.
            hosts: the operator's own, which may have any address and port.
            accept: media types that `fetch` asks for.
            redirects: that `fetch` follows at most.
            https: refuse http, but to `hosts`.
        """
        self._max_bytes = max_bytes
        self._seconds = seconds
        self._resolve = resolve or _system_addresses
        self._permitted = permitted or is_public
        self._ports = ports
        self._hosts = hosts
        self._accept = accept
        self._redirects = redirects
        self._https = https

    @contextmanager
    def fetch(self, url: str) -> Iterator[BinaryIO]:
        """The bytes behind a URL; see `ports.Fetcher.fetch`."""
        deadline = time.monotonic() + self._seconds
        with os.fdopen(os.memfd_create("fetched", os.MFD_CLOEXEC), "w+b") as file:
            try:
                self._follow(url, file, deadline)
            except NETWORK_ERRORS as error:
                # What a library says of a connection may tell of the network behind it.
                raise FetchError(cause=NO_ANSWER) from error
            file.seek(0)
            yield file

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Posted:
        """Send bytes, follow nothing, read no answer but its head; see `ports.Poster.post`."""
        parts = self._checked(url)
        backend = self._backend(time.monotonic() + self._seconds)
        told: dict[bytes | str, bytes | str] = {"Host": parts.netloc, "User-Agent": _AGENT}
        told.update(headers.items())
        told["Content-Length"] = str(len(body))
        try:
            with (
                httpcore.ConnectionPool(network_backend=backend, max_connections=1) as pool,
                pool.stream("POST", parts.geturl(), headers=told, content=body) as response,
            ):
                wait = next((value for name, value in response.headers if name.lower() == b"retry-after"), b"")
                return Posted(response.status, int(wait) if wait.isdigit() and len(wait) < 7 else None)
        except NETWORK_ERRORS as error:
            raise FetchError(cause=NO_ANSWER) from error

    def _backend(self, deadline: float) -> "_GuardedBackend":
        return _GuardedBackend(self._resolve, self._permitted, self._hosts, deadline)

    def _follow(self, url: str, file: BinaryIO, deadline: float) -> str:
        """Write the bytes behind a URL to `file`; return where redirects ended."""
        backend = self._backend(deadline)
        for hop in range(self._redirects + 1):
            parts = self._checked(url)
            try:
                with httpcore.ConnectionPool(network_backend=backend, max_connections=1) as pool:
                    redirect = self._get(pool, parts, file)
            except FetchError as error:
                if hop and error.details.get("no_host"):  # the host that was asked for has an address, and answered
                    raise FetchError(cause="it is redirected to a host that is not known") from error
                raise
            if redirect is None:
                return parts.geturl()
            try:
                url = urljoin(parts.geturl(), redirect)
            except ValueError as error:
                raise FetchError(cause="it is redirected to what is no URL") from error
            if parts.scheme == "https" and url[:5].lower() == "http:":
                raise FetchError(cause="it is redirected from https to http")
        raise FetchError(cause=f"it is redirected more than {self._redirects} times")

    def _checked(self, url: str) -> SplitResult:
        """The parts of a URL that may be fetched, as far as its text shows."""
        if len(url) > MAX_URL or not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
            raise FetchError(cause="it is too long, or holds characters that a URL does not")
        try:
            parts = urlsplit(url)
            port = {"http": 80, "https": 443}.get(parts.scheme, 0) if parts.port is None else parts.port
        except ValueError as error:
            raise FetchError(cause="it is no URL") from error
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise FetchError(cause="only http:// and https:// URLs with a host are fetched")
        if self._https and parts.scheme != "https" and parts.hostname not in self._hosts:
            raise FetchError(cause="only https:// is spoken here")
        if parts.username is not None or parts.password is not None or "@" in parts.netloc:
            raise FetchError(cause="it holds a user name or password")
        if port not in self._ports and parts.hostname not in self._hosts:
            raise FetchError(cause="its port is not one of web servers")
        return parts._replace(fragment="")

    def _get(self, pool: httpcore.ConnectionPool, parts: SplitResult, file: BinaryIO) -> str | None:
        """Write the body to `file`; or the place that the server sends us to."""
        headers: dict[bytes | str, bytes | str] = {
            "Host": parts.netloc,
            "User-Agent": _AGENT,
            "Accept": self._accept,
            "Accept-Encoding": "identity",  # nothing that unpacks to more than it says
        }
        with pool.stream("GET", parts.geturl(), headers=headers) as response:
            told = {name.lower(): value for name, value in response.headers}
            if response.status in _REDIRECTS:
                place = told.get(b"location", b"").decode("latin-1")
                if not place:
                    raise FetchError(cause="it is redirected to nowhere")
                return place
            if response.status != 200:
                self._refused(response, told, file)
                said = f"the server answers with status {response.status}"
                raise FetchError(cause=said, status=response.status, url=parts.geturl())
            self._body(response, told, file)
        return None

    def _refused(self, response: httpcore.Response, told: Mapping[bytes, bytes], file: BinaryIO) -> None:
        """Something else than the file: nothing of it is read."""

    def _body(self, response: httpcore.Response, told: Mapping[bytes, bytes], file: BinaryIO) -> None:
        if told.get(b"content-encoding", b"identity").lower() != b"identity":
            raise FetchError(cause="the server packs what it was asked to send plain")
        length = told.get(b"content-length", b"0")
        if not length.isdigit() or int(length) > self._max_bytes:
            raise FetchError(cause=f"it is larger than {self._max_bytes:,} bytes")
        self._read(response.iter_stream(), file)

    def _read(self, body: Iterable[bytes], file: BinaryIO) -> None:
        size = 0
        for piece in body:
            size += len(piece)
            if size > self._max_bytes:
                raise FetchError(cause=f"it is larger than {self._max_bytes:,} bytes")
            file.write(piece)


def is_public(address: Address) -> bool:
    """Whether an address is one of the public internet, itself and what is wrapped in it."""
    if isinstance(address, IPv6Address):
        if address.scope_id is not None:
            return False
        inner = _wrapped(address)
        if inner is not None:
            return is_public(inner)
        if address.is_site_local:
            return False
    if any(address in network for network in _SPECIAL):
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def _wrapped(address: IPv6Address) -> Address | None:
    """The IPv4 address that this one stands for: mapped, 6to4, Teredo's server, NAT64, or the old compatible form."""
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None:
        return IPv4Address("127.0.0.1")  # a tunnel past every rule: never
    if any(address in network for network in _NAT64):
        return IPv4Address(int(address) & 0xFFFFFFFF)
    if address in _COMPATIBLE and int(address) > 1:
        return IPv4Address(int(address))
    return None


def _system_addresses(host: str, port: int) -> Sequence[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(place[0]) for *_, place in found))


class _GuardedBackend(httpcore.NetworkBackend):
    """Makes connections to checked addresses only, and none that outlives the deadline."""

    def __init__(
        self, resolve: Resolve, permitted: Callable[[Address], bool], hosts: frozenset[str], deadline: float
    ) -> None:
        self._resolve = resolve
        self._permitted = permitted
        self._hosts = hosts
        self._deadline = deadline
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """A connection to one of the host's addresses, all of which must be permitted."""
        del timeout
        for number, address in enumerate(addresses := self._addresses(host, port)):
            try:
                stream = self._inner.connect_tcp(
                    address, port, _left(self._deadline, CONNECT_SECONDS), local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if number == len(addresses) - 1:
                    raise
            else:
                return _BoundedStream(stream, self._deadline)
        raise httpcore.ConnectError

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None
    ) -> httpcore.NetworkStream:
        """Never."""
        raise httpcore.ConnectError(path, timeout, socket_options)

    def _addresses(self, host: str, port: int) -> list[str]:
        try:
            found = [ip_address(text) for text in self._resolve(host.strip("[]"), port)]
        except (OSError, UnicodeError, ValueError) as error:
            no_host = isinstance(error, socket.gaierror) and error.errno in _NO_HOST
            raise FetchError(cause="its host is not known", no_host=no_host) from error
        # One address that is not public condemns the name: which one is used must not be a matter of luck.
        if not found or (host not in self._hosts and not all(map(self._permitted, found))):
            raise FetchError(cause="its host is not on the public internet")
        return [str(address) for address in found]


class _BoundedStream(httpcore.NetworkStream):
    """A connection whose every act ends by the deadline."""

    def __init__(self, inner: httpcore.NetworkStream, deadline: float) -> None:
        self._inner = inner
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """See `httpcore.NetworkStream`."""
        del timeout
        return self._inner.read(min(max_bytes, _PIECE), _left(self._deadline, READ_SECONDS))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """See `httpcore.NetworkStream`."""
        del timeout
        self._inner.write(buffer, _left(self._deadline, READ_SECONDS))

    def close(self) -> None:
        """See `httpcore.NetworkStream`."""
        self._inner.close()

    def start_tls(
        self, ssl_context: SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """See `httpcore.NetworkStream`."""
        del timeout
        inner = self._inner.start_tls(ssl_context, server_hostname, _left(self._deadline, CONNECT_SECONDS))
        return _BoundedStream(inner, self._deadline)

    def get_extra_info(self, info: str) -> object:
        """See `httpcore.NetworkStream`."""
        return self._inner.get_extra_info(info)


def _left(deadline: float, most: float) -> float:
    """Seconds that the next act may take. Raises `httpcore.ReadTimeout` when there are none."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout
    return min(left, most)
