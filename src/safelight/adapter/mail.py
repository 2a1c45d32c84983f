"""`ports.Mailer` by SMTP (RFC 5321) over TLS, signed when there is a key (DKIM, RFC 6376).

What goes into headers is checked or cleaned here, wherever it came from: a letter has the headers that it should have
and no others.
"""

import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

import dkim  # type: ignore[import-untyped] # ships no types

from safelight.adapter.mail_answers import About, Answers
from safelight.model.errors import MailDownError, MailRefusedError, UsageError
from safelight.ports import Clock, Letter
from safelight.report.contacts.mailbox import line, mailbox

SECONDS = 30.0
"""Longest silence of the server."""
MAX_SUBJECT = 200
_PORTS = {"smtp": 587, "smtps": 465}
_SHAPE = (
    "SAFELIGHT_SMTP takes smtp://user:password@host:port, or smtps://, and nothing after it;"
    " write / ? # @ : % of a password as %2F %3F %23 %40 %3A %25"
)
_ON_THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})
_ID = re.compile(r"[A-Za-z0-9._+-]{1,120}@[A-Za-z0-9.-]{1,120}")
_HEADER = re.compile(r"X-[A-Za-z0-9-]{1,60}|References|In-Reply-To")
"""Headers that a letter may add to ours."""
_TYPE = re.compile(r"[a-z0-9.+-]{1,60}/[a-z0-9.+-]{1,60}")
_SIGNED = (b"from", b"to", b"subject", b"date", b"message-id", b"mime-version", b"content-type", b"auto-submitted")
_NOT_PERMANENT, _TOO_LARGE = 500, 552


@dataclass(frozen=True, slots=True)
class DkimKey:
    """A key that mail is signed with. `selector`: under it the public key is in DNS. `pem`: RSA, PKCS#1 or PKCS#8."""

    selector: str
    pem: bytes

    def __repr__(self) -> str:
        return f"DkimKey({self.selector!r})"


def read_dkim_key(path: Path, selector: str) -> DkimKey:
    """A key from its file. Raises UsageError when it cannot be used."""
    try:
        pem = path.read_bytes()
        dkim.sign(b"From: a@a.example\r\n\r\n", selector.encode("ascii"), b"a.example", pem)
    except (OSError, ValueError, dkim.DKIMException) as error:
        raise UsageError(
            detail="SAFELIGHT_DKIM_KEY takes a file with a private RSA key in PEM, and a selector"
        ) from error
    return DkimKey(selector, pem)


class SmtpMailer:
    """Hands mail to one server."""

    def __init__(
        self,
        url: str,
        sender: str,
        clock: Clock,
        *,
        name: str = "",
        key: DkimKey | None = None,
        context: ssl.SSLContext | None = None,
        seconds: float = SECONDS,
    ) -> None:
        """Nothing is connected by this.

        Args:
            url: `smtp://user:password@host:port`, with STARTTLS, or `smtps://`; user and port may be missing. A server
                on this very machine is spoken to without TLS, unless `context` is given.
            sender: address that the mail is from.
            clock: for the date of a letter.
            name: of the sender.
            key: to sign with; None for no signature.
            context: how the server's certificate is checked; the system's way by default.
            seconds: longest silence of the server.

        Raises:
            UsageError: the address of the server or of the sender cannot be used.
        """
        try:
            parts = urlsplit(url)
            port = parts.port or _PORTS[parts.scheme]
            more = parts.path or parts.query or parts.fragment
        except (ValueError, KeyError):
            more = "?"
        if more:  # raised out here, and without its cause: that would quote the address, with parts of the password
            raise UsageError(detail=_SHAPE)
        self._host, self._port, self._implicit = parts.hostname or "", port, parts.scheme == "smtps"
        self._user, self._password = unquote(parts.username or ""), unquote(parts.password or "")
        self._sender = mailbox(sender)
        if not self._host or not self._sender:
            raise UsageError(detail="mail needs a server, and SAFELIGHT_MAIL_FROM or SAFELIGHT_CONTACT as its sender")
        plain = self._host in _ON_THIS_MACHINE and not self._implicit and context is None
        self._context = None if plain else context or ssl.create_default_context()
        self._from = Address(line(name), addr_spec=self._sender)
        self._clock, self._key, self._seconds = clock, key, seconds
        self._answers = Answers()

    def send(self, letter: Letter) -> bytes:
        """See `ports.Mailer.send`."""
        message, connected = self._signed(self._written(letter)), False
        try:
            with self._server() as server:
                connected = True
                server.sendmail(self._sender, [letter.to], message)
        except smtplib.SMTPRecipientsRefused as error:
            raise self._refused(letter, *error.recipients[letter.to]) from error
        except smtplib.SMTPSenderRefused as error:  # before it knew who the letter is for
            cause = _cause(error.smtp_code, error.smtp_error)
            kind = MailRefusedError if error.smtp_code == _TOO_LARGE else MailDownError
            raise kind(to=letter.to, cause=cause, answer=error.smtp_code) from error
        except smtplib.SMTPDataError as error:
            raise self._refused(letter, error.smtp_code, error.smtp_error) from error
        except smtplib.SMTPResponseException as error:
            # Before it knew of the letter: it refuses us, which the operator can change.
            cause = f"the mail server does not take mail from us ({error.smtp_code})"
            raise MailDownError(to=letter.to, cause=cause, unsent=True) from error
        except OSError as error:  # all other errors of smtplib are such, and those of the network and of TLS
            cause = "the mail server does not answer as it should, or not in time, or without TLS"
            raise MailDownError(to=letter.to, cause=cause, unsent=not connected) from error
        self._answers.taken()
        return message

    def _refused(self, letter: Letter, code: int, words: bytes | str) -> MailDownError | MailRefusedError:
        """The error for a letter that was refused once its recipient was named."""
        about, cause = self._answers.refused(letter.to, code, _line(words), self._clock.now()), _cause(code, words)
        if about is About.THEM and code >= _NOT_PERMANENT:
            return MailRefusedError(to=letter.to, cause=cause, answer=code)
        alike = about is About.US
        return MailDownError(to=letter.to, cause=cause, answer=code, theirs=not alike, alike=alike)

    @contextmanager
    def _server(self) -> Iterator[smtplib.SMTP]:
        """A connection that mail may go over."""
        ours = self._sender.rpartition("@")[2]  # not this machine's name, which is nobody's business
        server: smtplib.SMTP
        if self._implicit:
            server = smtplib.SMTP_SSL(
                self._host, self._port, local_hostname=ours, timeout=self._seconds, context=self._context
            )
        else:
            server = smtplib.SMTP(self._host, self._port, ours, self._seconds)
        try:
            if self._context is not None and not self._implicit:
                server.starttls(context=self._context)
            if self._user:
                server.login(self._user, self._password)
            yield server
            with suppress(smtplib.SMTPException, OSError):  # the letter was taken: how it says goodbye is no matter
                server.quit()
        finally:
            server.close()

    def _written(self, letter: Letter) -> bytes:
        """The letter in the form of RFC 5322, every line ended by CRLF. Raises MailRefusedError when it cannot be."""
        added = dict(letter.headers)
        types = [kind for _, kind, _ in letter.attachments]
        if not letter.to or mailbox(letter.to) != letter.to:
            raise MailRefusedError(to=line(letter.to, 100), cause="it is no address")
        if not _ID.fullmatch(letter.id) or len(added) != len(letter.headers):
            raise MailRefusedError(to=letter.to, cause="its id or its headers are not in form")
        if not all(map(_HEADER.fullmatch, added)) or not all(map(_TYPE.fullmatch, types)):
            raise MailRefusedError(to=letter.to, cause="its headers or attachments are not in form")
        message = EmailMessage(policy=SMTP.clone(cte_type="7bit", max_line_length=76))
        message["From"] = self._from
        message["To"] = letter.to
        message["Subject"] = line(letter.subject, MAX_SUBJECT)
        message["Date"] = format_datetime(self._clock.now())
        message["Message-ID"] = f"<{letter.id}>"
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no absence notes, please
        for header, value in added.items():
            message[header] = line(value)
        message.set_content(letter.text.encode("utf-8", "replace").decode("utf-8"))
        for name, kind, data in letter.attachments:
            main, _, sub = kind.partition("/")
            message.add_attachment(data, main, sub, filename=line(name, 100))
        return message.as_bytes()

    def _signed(self, message: bytes) -> bytes:
        key = self._key
        if key is None:
            return message
        domain = self._sender.rpartition("@")[2].encode("ascii")
        signature: bytes = dkim.sign(
            message,
            key.selector.encode("ascii"),
            domain,
            key.pem,
            canonicalize=(b"relaxed", b"relaxed"),
            include_headers=[*_SIGNED, b"from"],  # a second From cannot be put in front
        )
        return signature + message


def _cause(code: int, words: bytes | str) -> str:
    return f"the mail server says {code} {_line(words)}"


def _line(words: bytes | str) -> str:
    return line(words.decode("utf-8", "replace") if isinstance(words, bytes) else words)
