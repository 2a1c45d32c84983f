"""A real mail server on this machine, for tests."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

Arrived = Callable[[str, EmailMessage], None]


@dataclass
class Inbox:
    """All mail that came, with whom it is for. `refuse`: addresses that take none; `down`: nobody's mail is taken."""

    arrived: Arrived = lambda _to, _mail: None
    port: int = 0
    mails: list[tuple[str, EmailMessage]] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    refuse: set[str] = field(default_factory=set)
    down: bool = False

    async def handle_RCPT(  # noqa: N802 - the name and the arguments are aiosmtpd's
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        del server, session, options
        if self.down:
            return "451 try again later"
        if address in self.refuse:
            return "550 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's
        del server, session
        content = envelope.content
        assert isinstance(content, bytes)
        mail = message_from_bytes(content, policy=default)
        assert isinstance(mail, EmailMessage)
        for to in envelope.rcpt_tos:
            self.mails.append((to, mail))
            self.raw.append(content)
            self.arrived(to, mail)
        return "250 OK"


@contextmanager
def running(inbox: Inbox) -> Iterator[Inbox]:
    """Have it listen; `inbox.port` is set."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        inbox.port = free.getsockname()[1]
    controller = Controller(inbox, hostname="127.0.0.1", port=inbox.port)
    controller.start()
    try:
        yield inbox
    finally:
        controller.stop()
