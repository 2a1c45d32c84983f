"""The CyberTipline of one's own: what it answers is what NCMEC's documentation says."""

import base64
from datetime import timedelta

import pytest

from safelight.demo.cybertip_server import CODES, CyberTipline, Fault, Reply, When
from safelight.report.cybertip.check import Answer, answer
from tests.flow.filing_world import SetClock

SCHEMA = b"""<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="report" type="xs:int"/>
<xs:element name="fileDetails"/></xs:schema>"""
DETAILS = "<fileDetails><reportId>{}</reportId><fileId>{}</fileId></fileDetails>"


class Talk:
    """A provider's side."""

    def __init__(self, xsd: bytes = SCHEMA) -> None:
        self.clock = SetClock()
        self.server = CyberTipline(self.clock.now, xsd, "u", "p")

    def reply(self, call: str, body: bytes = b"", kind: str = "text/xml", account: str = "u:p") -> Reply:
        method = "GET" if call in {"status", "xsd"} else "POST"
        basic = "Basic " + base64.b64encode(account.encode()).decode()
        return self.server.handle(method, f"/ispws/{call}", basic, kind, body)

    def xml(self, call: str, body: str = "") -> Answer:
        return answer(self.reply(call, body.encode()).body)

    def form(self, call: str, **fields: str) -> Answer:
        body = "&".join(f"{name}={value}" for name, value in fields.items())
        return answer(self.reply(call, body.encode(), "application/x-www-form-urlencoded").body)

    def opened(self) -> str:
        return self.xml("submit", "<report>1</report>").report


def test_the_whole_of_it() -> None:
    talk = Talk()
    assert talk.xml("status").words == "Remote User : u, Remote Ip : 127.0.0.1"
    assert talk.reply("xsd").body == SCHEMA
    number = talk.opened()
    sent = talk.form("upload", id=number, file="abc")
    assert (sent.report, sent.hash) == (number, "900150983cd24fb0d6963f7d28e17f72")  # RFC 1321, A.5
    assert talk.xml("fileinfo", DETAILS.format(number, sent.file)).code == 0
    done = talk.form("finish", id=number)
    assert (done.code, done.report, done.files) == (0, number, (sent.file,))
    assert len(talk.server.finished()) == 1


def test_who_is_not_known_learns_nothing() -> None:
    talk = Talk()
    reply = talk.reply("status", account="u:q")
    assert (reply.status, answer(reply.body).code) == (401, 2000)
    assert answer(talk.server.handle("GET", "/status", "", "", b"").body).code == 2000
    assert answer(talk.server.handle("GET", "/status", "Basic ???", "", b"").body).code == 2000


def test_codes_of_wrong_calls() -> None:
    talk = Talk()
    assert talk.xml("submit", "<report>").code == 4110
    assert talk.xml("submit", "<other/>").code == 4100
    invalid = talk.xml("submit", "<report>one</report>")
    assert invalid.code == 4100
    assert "line 1" in invalid.words
    assert answer(talk.reply("submit", b"<report>1</report>", "text/plain").body).code == 4000
    assert talk.xml("nothing").code == 4000
    assert answer(talk.server.handle("GET", "/submit", "Basic dTpw", "", b"").body).code == 4000
    number = talk.opened()
    assert talk.form("upload", id=number).code == 4000
    assert talk.form("upload", id="1").code == 5001
    assert talk.xml("fileinfo", DETAILS.format(number, "none")).code == 5002
    file = talk.form("upload", id=number, file="abc").file
    assert talk.xml("fileinfo", DETAILS.format(number, file)).code == 0
    assert talk.xml("fileinfo", DETAILS.format(number, file)).code == 4000
    assert talk.form("retract", id=number).code == 0
    assert talk.form("retract", id=number).code == 5101
    assert talk.form("finish", id=number).code == 5101
    other = talk.opened()
    assert talk.form("finish", id=other).code == 0
    assert talk.form("finish", id=other).code == 5102
    assert Talk(b"").reply("xsd").status == 404


def test_what_is_not_finished_is_deleted_in_time() -> None:
    talk = Talk()
    early, late = talk.opened(), talk.opened()
    talk.clock.time += timedelta(hours=23, minutes=30)
    assert talk.form("upload", id=late, file="a").code == 0
    talk.clock.time += timedelta(minutes=30)
    assert talk.form("finish", id=early).code == 5001
    talk.clock.time += timedelta(minutes=29)
    assert talk.form("upload", id=late, file="b").code == 0
    talk.clock.time += timedelta(hours=1)
    assert talk.form("finish", id=late).code == 5001


def test_faults_strike_once_each_before_or_after() -> None:
    talk = Talk()
    talk.server.faults["submit"] = [
        Fault(),
        Fault(When.AFTER, silent=3.0),
        Fault(http=502),
        Fault(code=1110),
    ]
    replies = [talk.reply("submit", b"<report>1</report>") for _ in range(5)]
    assert [(reply.status, reply.silent) for reply in replies] == [(0, 0), (0, 3.0), (502, 0), (200, 0), (200, 0)]
    assert answer(replies[3].body).code == 1110
    assert len(talk.server.reports) == 2


@pytest.mark.parametrize("code", CODES)
def test_every_code_has_words(code: int) -> None:
    talk = Talk()
    if code:
        talk.server.faults["status"] = [Fault(code=code)]
    found = talk.xml("status")
    assert found.code == code
    assert found.words
