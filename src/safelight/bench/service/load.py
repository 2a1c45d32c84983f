"""Clients: threads that send prepared requests over plain sockets, one after another, and note how long answers take.

They take a few per cent of a processor, the same for both contestants.
"""

import os
import socket
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

_PIECE = 1 << 16
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Target:
    """A server on this machine. `process`: the one whose descendants all do the work. `headers`: on every request."""

    port: int
    process: int
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Heard:
    """What clients heard. `seconds`: of each answer. `wall`, `cpu`: of the run, and of all processes of the server."""

    seconds: list[float]
    errors: int
    wall: float
    cpu: float

    @property
    def rate(self) -> float:
        """Answers in a second that are no errors."""
        return (len(self.seconds) - self.errors) / self.wall

    @property
    def cpu_each(self) -> float:
        """CPU seconds of an answer, all processes of the server together."""
        return self.cpu / len(self.seconds)

    def quantile(self, share: float) -> float:
        """Seconds within which this share of the answers came."""
        return sorted(self.seconds)[min(int(share * len(self.seconds)), len(self.seconds) - 1)]


def together(runs: Sequence[Heard]) -> Heard:
    """All runs as one."""
    return Heard(
        [one for run in runs for one in run.seconds],
        sum(run.errors for run in runs),
        sum(run.wall for run in runs),
        sum(run.cpu for run in runs),
    )


def work(target: Target, path: str, media_type: str, bodies: Sequence[bytes], clients: int, seconds: float) -> Heard:
    """Have so many clients ask for so long. Any answer but 200, 202 and 451, and none at all, is an error."""
    heads = [_head(target, path, media_type, len(body)) for body in bodies]
    requests = [head + body for head, body in zip(heads, bodies, strict=True)]
    times: list[float] = []
    errors: list[str] = []
    cpu, began = cpu_of_tree(target.process), time.perf_counter()
    threads = [
        threading.Thread(target=_client, args=(target.port, requests, number, began + seconds, times, errors))
        for number in range(clients)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Heard(times, len(errors), time.perf_counter() - began, cpu_of_tree(target.process) - cpu)


def _head(target: Target, path: str, media_type: str, size: int) -> bytes:
    lines = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Type: {media_type}", f"Content-Length: {size}"]
    lines += [f"{name}: {value}" for name, value in target.headers.items()]
    return "\r\n".join([*lines, "", ""]).encode()


def _client(
    port: int, requests: Sequence[bytes], number: int, until: float, times: list[float], errors: list[str]
) -> None:
    connection = None
    while time.perf_counter() < until:
        began = time.perf_counter()
        try:
            connection = connection or socket.create_connection(("127.0.0.1", port), timeout=60)
            connection.sendall(requests[number % len(requests)])
            status, stays = answer(connection)
        except OSError as error:
            status, stays = type(error).__name__, False
        number += 1
        times.append(time.perf_counter() - began)
        if status not in {"200", "202", "451"}:
            errors.append(status)
        if not stays and connection is not None:
            connection.close()
            connection = None
    if connection is not None:
        connection.close()


def answer(connection: socket.socket) -> tuple[str, bool]:
    """Status of the next answer, and whether the connection stays open. Raises OSError when it is cut off."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += _some(connection)
    head, _, body = data.partition(b"\r\n\r\n")
    status, *lines = head.decode("latin-1").lower().split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    left = int(headers["content-length"]) - len(body)
    while left > 0:
        left -= len(_some(connection))
    return status.split()[1], headers.get("connection") != "close"


def _some(connection: socket.socket) -> bytes:
    piece = connection.recv(_PIECE)
    if not piece:
        raise ConnectionResetError
    return piece


def cpu_of_tree(root: int) -> float:
    """CPU seconds that a process and its descendants have taken, those that were waited for included."""
    parents: dict[int, list[int]] = {}
    spent: dict[int, float] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                fields = (entry / "stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
            except OSError:
                continue
            parents.setdefault(int(fields[1]), []).append(int(entry.name))
            spent[int(entry.name)] = sum(map(int, fields[11:15])) / _TICKS
    total, queue = 0.0, [root]
    while queue:
        pid = queue.pop()
        total += spent.get(pid, 0.0)
        queue += parents.get(pid, [])
    return total
