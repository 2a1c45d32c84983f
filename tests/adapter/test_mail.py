"""Mail, handed to a real server on the loopback address."""

import asyncio
import base64
import ssl
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP as STRICT
from ipaddress import ip_address
from pathlib import Path
from typing import Any, cast

import dkim  # type: ignore[import-untyped] # ships no types
import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from safelight.adapter.mail import DkimKey, SmtpMailer, read_dkim_key
from safelight.model.errors import MailDownError, MailRefusedError, SafelightError, UsageError
from safelight.ports import Letter
from tests.fakes import FakeClock

SENDER = "safety@pictures.example.org"
LETTER = Letter(
    "0195558d@pictures.example.org",
    "abuse@host.example",
    "Request for removal [1]",
    "Dear host,\n\n.hidden dot\nhttps://host.example/a?b=c\n",
    (("xarf.json", "application/json", b'{"a": 1}'),),
)
EVERYTHING = {"from", "to", "subject", "date", "message-id", "auto-submitted", "mime-version", "content-type"}


@pytest.fixture(scope="session")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


@pytest.fixture(scope="session")
def contexts(key: rsa.RSAPrivateKey, tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """For a server at 127.0.0.1, and for clients that trust it alone."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    begin = datetime.now(UTC) - timedelta(hours=1)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(begin)
        .not_valid_after(begin + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "both.pem"
    certificate = made.public_bytes(Encoding.PEM)
    file.write_bytes(certificate + key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(file)
    return server, ssl.create_default_context(cadata=certificate.decode())


HANGS_UP = "hangs up"


class Desk:
    """Takes mail, or answers as told at MAIL, RCPT or DATA."""

    def __init__(self) -> None:
        self.taken: list[Envelope] = []
        self.names: list[str | None] = []
        self.encrypted: list[bool] = []
        self.mail = self.rcpt = self.data = ""

    async def handle_MAIL(  # noqa: N802 - aiosmtpd looks for this name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if self.mail:
            return self.mail
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(  # noqa: N802 - as above
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if self.rcpt:
            return self.rcpt
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - as above
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        if self.data == HANGS_UP:
            assert server.transport is not None
            server.transport.close()
        if self.data:
            return self.data
        self.taken.append(envelope)
        self.names.append(session.host_name)
        self.encrypted.append(session.ssl is not None)
        return "250 taken"


def logged_in(_server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: Any) -> AuthResult:
    good = cast("LoginPassword", data) == LoginPassword(b"us er", b"p@ss")
    return AuthResult(success=good, handled=False)


Serve = Callable[..., tuple[Desk, int]]


@pytest.fixture
def serve(socket_enabled: None) -> Iterator[Serve]:
    """Starts servers, in a thread of their own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    async def begin(desk: Desk, context: ssl.SSLContext | None, options: dict[str, Any]) -> asyncio.Server:
        return await loop.create_server(lambda: SMTP(desk, loop=loop, **options), "127.0.0.1", 0, ssl=context)

    running = []

    def start(ssl_context: ssl.SSLContext | None = None, **options: Any) -> tuple[Desk, int]:
        desk = Desk()
        server = asyncio.run_coroutine_threadsafe(begin(desk, ssl_context, options), loop).result(10)
        running.append(server)
        return desk, server.sockets[0].getsockname()[1]

    async def end() -> None:
        for server in running:
            server.close()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    yield start
    asyncio.run_coroutine_threadsafe(end(), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


def mailer(url: str, **options: Any) -> SmtpMailer:
    return SmtpMailer(url, SENDER, FakeClock(), name="Example Pictures", seconds=3.0, **options)


def parsed(raw: bytes) -> EmailMessage:
    message = message_from_bytes(raw, policy=STRICT)
    assert isinstance(message, EmailMessage)
    return message


def test_a_letter_arrives_as_it_was_written_over_tls(
    serve: Serve, contexts: tuple[ssl.SSLContext, ssl.SSLContext]
) -> None:
    desk, port = serve(tls_context=contexts[0], require_starttls=True)
    raw = mailer(f"smtp://127.0.0.1:{port}", context=contexts[1]).send(LETTER)
    [taken] = desk.taken
    assert taken.original_content == raw
    assert (taken.mail_from, taken.rcpt_tos) == (SENDER, ["abuse@host.example"])
    assert desk.encrypted == [True]
    assert desk.names == ["pictures.example.org"]  # not the name of this machine
    message = parsed(raw)
    assert message["From"] == "Example Pictures <safety@pictures.example.org>"
    assert (message["To"], message["Subject"]) == ("abuse@host.example", "Request for removal [1]")
    assert message["Message-ID"] == "<0195558d@pictures.example.org>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Date"] == "Thu, 01 Jan 2026 00:00:01 +0000"
    body = message.get_body(("plain",))
    assert body is not None
    assert body.get_content().replace("\r\n", "\n") == LETTER.text
    [attached] = message.iter_attachments()
    assert (attached.get_filename(), attached.get_content_type()) == ("xarf.json", "application/json")
    assert attached.get_payload(decode=True) == b'{"a": 1}'


def test_a_letter_is_never_sent_without_tls(serve: Serve, contexts: tuple[ssl.SSLContext, ssl.SSLContext]) -> None:
    desk, port = serve()
    with pytest.raises(MailDownError):
        mailer(f"smtp://127.0.0.1:{port}", context=contexts[1]).send(LETTER)
    assert desk.taken == []


def test_a_server_that_is_not_who_it_says_gets_nothing(
    serve: Serve, contexts: tuple[ssl.SSLContext, ssl.SSLContext]
) -> None:
    desk, port = serve(tls_context=contexts[0])
    with pytest.raises(MailDownError):
        mailer(f"smtp://127.0.0.1:{port}", context=ssl.create_default_context()).send(LETTER)
    assert desk.taken == []


def test_this_machine_s_own_server_is_spoken_to_without(serve: Serve) -> None:
    desk, port = serve()
    mailer(f"smtp://127.0.0.1:{port}").send(LETTER)
    assert desk.encrypted == [False]


def test_tls_from_the_first_byte(serve: Serve, contexts: tuple[ssl.SSLContext, ssl.SSLContext]) -> None:
    desk, port = serve(ssl_context=contexts[0])
    mailer(f"smtps://127.0.0.1:{port}", context=contexts[1]).send(LETTER)
    assert len(desk.taken) == 1


@pytest.mark.parametrize(("password", "good"), [("p%40ss", True), ("wrong", False)])
def test_name_and_password_are_of_the_url(
    serve: Serve, contexts: tuple[ssl.SSLContext, ssl.SSLContext], password: str, good: bool
) -> None:
    desk, port = serve(tls_context=contexts[0], authenticator=logged_in, auth_required=True)
    sending = mailer(f"smtp://us%20er:{password}@127.0.0.1:{port}", context=contexts[1])
    if good:
        sending.send(LETTER)
    else:
        with pytest.raises(MailDownError) as error:  # that we are refused is not the letter's fault
            sending.send(LETTER)
        assert "wrong" not in str(error.value)
    assert len(desk.taken) == good


@pytest.mark.parametrize(
    ("place", "answer", "error", "theirs"),
    [
        ("rcpt", "450 try again", MailDownError, True),
        ("rcpt", "450 4.2.0 greylisted", MailDownError, True),
        ("rcpt", "452 4.2.2 mailbox full", MailDownError, True),
        ("rcpt", "451 4.1.8 unknown", MailDownError, True),
        ("rcpt", "452 full", MailDownError, True),  # it may be our server's own disk: see `mail_answers`
        ("rcpt", "450 4.7.1 too many mails from you", MailDownError, True),
        ("rcpt", "421 4.3.2 closing", MailDownError, True),
        ("rcpt", "550 nobody here", MailRefusedError, None),
        ("rcpt", "550 5.1.1 nobody here", MailRefusedError, None),
        ("rcpt", "550 5.4.1 no such recipient", MailRefusedError, None),
        ("rcpt", "554 5.7.1 relay access denied", MailDownError, True),
        ("rcpt", "530 sign in first", MailDownError, True),
        ("mail", "553 5.7.1 not your sender address", MailDownError, None),  # it knows of no recipient yet
        ("mail", "553 5.1.8 no such sender", MailDownError, None),
        ("mail", "550 no", MailDownError, None),
        ("mail", "451 later", MailDownError, None),
        ("mail", "552 5.3.4 too large", MailRefusedError, None),
        ("data", "450 try again", MailDownError, True),
        ("data", "554 5.7.1 policy", MailDownError, True),
        ("data", "554 no\x1b[2J spam", MailRefusedError, None),
        ("data", "550 5.6.0 no such form", MailRefusedError, None),
    ],
)
def test_what_the_server_says_decides_whether_it_is_tried_again(
    serve: Serve, place: str, answer: str, error: type[SafelightError], *, theirs: bool | None
) -> None:
    desk, port = serve()
    setattr(desk, place, answer)
    with pytest.raises(error, match=answer[:3]) as raised:
        mailer(f"smtp://127.0.0.1:{port}").send(LETTER)
    assert str(raised.value).isprintable()
    assert raised.value.details.get("theirs") is theirs
    assert desk.taken == []


def test_what_two_are_refused_for_is_ours_until_a_letter_is_taken(serve: Serve) -> None:
    desk, port = serve()
    sending = mailer(f"smtp://127.0.0.1:{port}")

    def told(to: str) -> tuple[object, object]:
        with pytest.raises(MailDownError) as error:
            sending.send(Letter("1@pictures.example.org", to, "s", "t"))
        return error.value.details["theirs"], error.value.details["alike"]

    desk.rcpt = "550 relay not permitted"
    assert told("abuse@host.example") == (True, False)
    assert told("abuse@other.example") == (False, True)
    desk.rcpt = ""
    sending.send(LETTER)
    desk.rcpt = "550 relay not permitted"
    assert told("abuse@host.example") == (True, False)


def test_nobody_there_is_for_later(socket_enabled: None) -> None:
    with pytest.raises(MailDownError) as error:
        mailer("smtp://127.0.0.1:1").send(LETTER)
    assert (error.value.details.get("theirs"), error.value.details["unsent"]) == (None, True)


def test_a_server_that_hangs_up_may_have_the_letter(serve: Serve) -> None:
    desk, port = serve()
    desk.data = HANGS_UP
    with pytest.raises(MailDownError) as error:
        mailer(f"smtp://127.0.0.1:{port}").send(LETTER)
    assert error.value.details["unsent"] is False


class Silent:
    """In place of a connection: takes everything."""

    def sendmail(self, *_: object) -> None:
        """Sent."""


def written(letter: Letter, **options: Any) -> EmailMessage:
    sending = SmtpMailer("smtp://127.0.0.1", SENDER, FakeClock(), **options)
    sending._server = lambda: nullcontext(Silent())  # type: ignore[assignment,method-assign,return-value] # no network
    return parsed(sending.send(letter))


@given(subject=st.text(), text=st.text(), name=st.text(), file=st.text(max_size=40), data=st.binary(max_size=80))
def test_nothing_that_is_written_makes_a_header(subject: str, text: str, name: str, file: str, data: bytes) -> None:
    letter = Letter("a@b.example", "to@host.example", subject, text, ((file, "application/json", data),))
    message = written(letter, name=name)
    assert {header.lower() for header in message.keys()} == EVERYTHING  # noqa: SIM118 - of a message, `in` is another thing
    assert len(message.keys()) == len(EVERYTHING)
    assert message["From"].addresses[0].addr_spec == SENDER
    assert [one.addr_spec for one in message["To"].addresses] == ["to@host.example"]
    [attached] = message.iter_attachments()
    assert attached.get_payload(decode=True) == data
    assert sum(1 for _ in message.walk()) == 3


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=300))
def test_texts_of_all_languages_survive(text: str) -> None:
    body = written(Letter("a@b.example", "to@host.example", "x", text)).get_body(("plain",))
    assert body is not None
    lines = text.encode().splitlines()
    assert body.get_content().encode().splitlines() == lines or lines == []


@given(subject=st.text(st.characters(codec="utf-8", categories=["L", "N", "P"]), min_size=1, max_size=150))
def test_subjects_of_all_languages_survive(subject: str) -> None:
    assert written(Letter("a@b.example", "to@host.example", subject, "x"))["Subject"] == subject


@pytest.mark.parametrize(
    "bad",
    [
        {"to": "a@b.example\r\nBcc: c@d.example"},
        {"to": "a@b.example, c@d.example"},
        {"to": "nobody"},
        {"to": ""},
        {"id": "a@b>\r\nX: y"},
        {"id": "plain"},
        {"headers": (("Bcc", "c@d.example"),)},
        {"headers": (("X-A\r\nBcc", "c@d.example"),)},
        {"headers": (("X-A", "1"), ("X-A", "2"))},
        {"headers": (("From", "c@d.example"),)},
        {"attachments": (("a", "text/plain\r\nX: y", b""),)},
        {"attachments": (("a", "nothing", b""),)},
    ],
)
def test_a_letter_that_is_not_in_form_is_not_sent(bad: dict[str, Any]) -> None:
    fields = {"id": "a@b.example", "to": "to@host.example", "subject": "s", "text": "t", **bad}
    with pytest.raises(MailRefusedError) as error:
        mailer("smtp://127.0.0.1").send(Letter(**fields))
    assert str(error.value).isprintable()


def test_long_ids_and_addresses_are_on_one_line_as_they_are() -> None:
    """A mail server that folds them, or writes them in code, makes two letters of one."""
    id_, to = "0" * 36 + "@" + "a" * 60 + ".example.org", "x" * 64 + "@" + "y" * 60 + ".example.com"
    message = written(Letter(id_, to, "s", "t"))
    assert (message["Message-ID"], message["To"]) == (f"<{id_}>", to)
    raw = SmtpMailer("smtp://127.0.0.1", SENDER, FakeClock())._written(Letter(id_, to, "s", "t"))
    assert f"\r\nMessage-ID: <{id_}>\r\n".encode() in raw


def test_a_letter_may_add_headers_of_its_own() -> None:
    letter = Letter("a@b.example", "to@host.example", "s", "t", headers=(("X-XARF", "PLAIN\r\nBcc: c@d.example"),))
    message = written(letter)
    assert message["X-XARF"] == "PLAIN Bcc: c@d.example"
    assert message["Bcc"] is None


def test_what_is_sent_is_signed_when_there_is_a_key(serve: Serve, key: rsa.RSAPrivateKey, tmp_path: Path) -> None:
    file = tmp_path / "dkim.pem"
    file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    public = base64.b64encode(key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
    asked = []

    def dns(name: bytes, timeout: int = 5) -> bytes:
        asked.append(name)
        return b"v=DKIM1; k=rsa; p=" + public

    desk, port = serve()
    mailer(f"smtp://127.0.0.1:{port}", key=read_dkim_key(file, "sel")).send(LETTER)
    raw = desk.taken[0].original_content
    assert isinstance(raw, bytes)
    assert dkim.verify(raw, dnsfunc=dns)
    assert asked == [b"sel._domainkey.pictures.example.org."]
    for before, after in ((b"Dear host", b"Dear boss"), (b"Subject: Request", b"Subject: Reguest")):
        assert not dkim.verify(raw.replace(before, after), dnsfunc=dns)
    assert not dkim.verify(raw.replace(b"\r\nTo:", b"\r\nFrom: else@example.com\r\nTo:"), dnsfunc=dns)


@pytest.mark.parametrize(
    "content", [None, b"", b"no key", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"]
)
def test_a_key_that_cannot_be_used_is_told_at_once(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "dkim.pem"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(UsageError, match="SAFELIGHT_DKIM_KEY"):
        read_dkim_key(file, "sel")


def test_a_key_is_in_no_representation() -> None:
    assert "secret" not in repr(DkimKey("sel", b"secret"))


@pytest.mark.parametrize("url", ["http://mail.example", "smtp://", "smtp://mail.example:x", "mail.example", ""])
def test_servers_that_cannot_be(url: str) -> None:
    with pytest.raises(UsageError):
        SmtpMailer(url, SENDER, FakeClock())


@pytest.mark.parametrize(
    "url",
    [
        "smtp://user:hunter/2secret@mail.example:25",
        "smtp://user:12?hunter@mail.example",
        "smtp://user:12#hunter@mail.example",
        "smtp://user:hunter2secret@mail.example:hunter",
        "smtp://user:hunter2secret@[mail.example:25",
        "smtp://mail.example:25/hunter",
    ],
)
def test_a_password_is_in_no_error_not_even_in_part(url: str) -> None:
    with pytest.raises(UsageError) as caught:
        SmtpMailer(url, SENDER, FakeClock())
    assert "hunter" not in "".join(traceback.format_exception(caught.value))
    assert caught.value.__context__ is None


def test_a_sender_is_needed() -> None:
    with pytest.raises(UsageError, match="SAFELIGHT_MAIL_FROM"):
        SmtpMailer("smtp://mail.example", "", FakeClock())
