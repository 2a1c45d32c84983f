"""Clients of a service that is killed all the time: they note what they sent and what they were told."""

import json
import threading
import time
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from random import Random
from typing import Any
from urllib.parse import quote

from safelight.demo.draw import draw
from safelight.demo.variants import ALTERED, jpeg

SIZE = 400, 300
KNOWN, CLEAN = range(4), range(100, 112)
"""Numbers of drawn pictures: those in the bank, and some that are not."""
IN_FLIGHT = 409
ANSWERS = {"known": {451, 202}, "near": {202}, "altered": {200, 202}, "clean": {200, 202}}
"""What the gate may say: held is also what could not be looked at in time, allowed what is not alike."""


@dataclass(frozen=True)
class File:
    """An upload. `kind`: of `ANSWERS`; `of`: number of its picture."""

    kind: str
    of: int
    data: bytes


def files() -> list[File]:
    """Everything that clients upload."""
    made = [File("known", number, known(number)) for number in KNOWN]
    made += [File("near", number, jpeg(draw(number, *SIZE), quality)) for number in KNOWN for quality in (45, 60)]
    pasted = ALTERED[0][2]
    made += [File("altered", number, pasted(draw(number, *SIZE), draw(number + 50, *SIZE))) for number in KNOWN]
    return made + [File("clean", number, jpeg(draw(number, *SIZE), 80)) for number in CLEAN]


def known(number: int) -> bytes:
    """The very bytes of a known item."""
    return jpeg(draw(number, *SIZE), 90)


@dataclass
class Sent:
    """A request. `mark`: its own text, that what it makes must carry. `key`: makes it safe to send again.

    `told`: what the service said it made; `open`: it was sent, and nobody knows what became of it.
    """

    what: str
    path: str
    mark: str
    file: File | None = None
    body: bytes = b""
    key: str = ""
    told: list[str | None] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    open: bool = False


class Client(threading.Thread):
    """Sends one request after another until told to stop."""

    def __init__(self, number: int, port: int, key: str, uploads: list[File], seed: int) -> None:
        super().__init__(daemon=True)
        self._number, self._port, self._uploads = number, port, uploads
        self._sign = {"Authorization": f"Bearer {key}"}
        self._random = Random(seed * 1000 + number)
        self._over = threading.Event()
        self._connection: HTTPConnection | None = None
        self._cases: list[str] = []
        self.sent: list[Sent] = []
        self.wrong: list[str] = []
        self.broken = 0

    def run(self) -> None:
        while not self._over.wait(self._random.uniform(0.02, 0.25)):
            one = self._next()
            self.sent.append(one)
            self._send(one)
            if one.key and not one.open and self._random.random() < 0.3:
                self._send(one)  # as a client does that has not heard the answer
            if len(self.sent) % 20 == 1:
                self._look_for_cases()

    def stop(self) -> None:
        self._over.set()
        self.join()

    def settle(self, until: float) -> None:
        """Send again what nobody knows about and may be sent again, until it is known. Once the thread has ended."""
        for one in self.sent:
            while one.open and one.key and time.monotonic() < until:
                self._send(one)
                if one.open:
                    time.sleep(0.5)
        self._hang_up()

    def _next(self) -> Sent:
        mark = f"client-{self._number}-{len(self.sent)}"
        key = f"key-{mark}" if self._random.random() < 0.7 else ""
        choice = self._random.random()
        if choice < 0.2 and self._cases:
            case = self._random.choice(self._cases)
            if choice < 0.15:
                return Sent("note", f"cases/{case}/notes", mark, body=json.dumps({"text": mark}).encode(), key=key)
            return Sent("hold", f"cases/{case}/holds", mark, body=json.dumps({"basis": mark}).encode(), key=key)
        file = self._random.choice(self._uploads)
        if choice < 0.6:
            return Sent("gate", f"gate?reference={quote(mark)}", mark, file, file.data)
        return Sent("items", f"items?reference={quote(mark)}", mark, file, file.data, f"key-{mark}")

    def _send(self, one: Sent) -> None:
        headers = self._sign | {"Idempotency-Key": one.key} if one.key else self._sign
        as_json = {"Content-Type": "application/octet-stream" if one.file else "application/json"}
        answer = self._ask("POST", one.path, one.body, headers | as_json)
        one.open = answer is None or answer[0] == IN_FLIGHT
        if answer is None or answer[0] == IN_FLIGHT:
            return
        status, told = answer
        one.statuses.append(status)
        if one.what == "gate":
            if status not in ANSWERS[one.file.kind if one.file else ""]:
                self.wrong.append(f"{one.what} {one.file and one.file.kind}: {status} {told}")
            one.told.append(told.get("item"))
        elif status in {201, 202}:
            one.told.append(told.get("id") or f"{told.get('case_id')}/{told.get('seq')}")
        else:
            self.wrong.append(f"{one.what}: {status} {told}")

    def _ask(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, dict[str, Any]] | None:
        """Status and what was said; None when the connection broke, or nobody listened."""
        try:
            self._connection = self._connection or HTTPConnection("127.0.0.1", self._port, timeout=60)
            self._connection.request(method, f"/api/v1/{path}", body, headers)
            answer = self._connection.getresponse()
            return answer.status, json.loads(answer.read())
        except (OSError, HTTPException, ValueError):
            self.broken += 1
            self._hang_up()
            time.sleep(0.1)
            return None

    def _hang_up(self) -> None:
        if self._connection:
            self._connection.close()
        self._connection = None

    def _look_for_cases(self) -> None:
        answer = self._ask("GET", "cases?limit=50", b"", self._sign)
        if answer is not None:
            self._cases = [case["id"] for case in answer[1].get("cases", ()) if not case["merged_into"]]
