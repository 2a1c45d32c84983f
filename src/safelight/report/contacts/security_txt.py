"""security.txt (RFC 9116): whom a site wants to be told. It is meant for flaws, and read by people who can act."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import unquote

from safelight.report.contacts.mailbox import mailbox, page

MAX_LINES = 1_000


@dataclass(frozen=True, slots=True)
class SecurityTxt:
    """What such a file says. `email`, `form`: the first of each, which is the preferred one. `flaw`: why not used."""

    email: str = ""
    form: str = ""
    flaw: str = ""


def read_security_txt(data: bytes, now: datetime) -> SecurityTxt:
    """The contacts of a file. One that is expired, or does not say until when it holds, gives none (2.5.5)."""
    contacts: list[str] = []
    expires: list[str] = []
    for text in _plain(data.decode("utf-8", "replace")):
        name, colon, value = text.partition(":")
        if colon and name.strip().lower() == "contact":
            contacts.append(value.strip())
        elif colon and name.strip().lower() == "expires":
            expires.append(value.strip())
    if not contacts:
        return SecurityTxt(flaw="it names no contact")
    until = _time(expires[0]) if len(expires) == 1 else None
    if until is None:
        return SecurityTxt(flaw="it does not say until when it holds")
    if until < now:
        return SecurityTxt(flaw="it has expired")
    mails = (mailbox(unquote(one[7:].partition("?")[0])) for one in contacts if one[:7].lower() == "mailto:")
    email = next(filter(None, mails), "")
    form = next(filter(None, map(page, contacts)), "")
    return SecurityTxt(email, form, "" if email or form else "its contacts cannot be used")


def _plain(text: str) -> list[str]:
    """Its lines without comments, and without the wrapping of a cleartext signature (RFC 9580, 7)."""
    lines = text.splitlines()[:MAX_LINES]
    if lines and lines[0].startswith("-----BEGIN PGP SIGNED MESSAGE-----"):
        begin = lines.index("") if "" in lines else 0
        end = next((at for at, one in enumerate(lines) if one.startswith("-----BEGIN PGP SIGNATURE")), len(lines))
        lines = [one.removeprefix("- ") for one in lines[begin:end]]
    return [one for one in lines if not one.startswith("#")]


def _time(text: str) -> datetime | None:
    try:
        time = datetime.fromisoformat(text.upper())
    except ValueError:
        return None
    return time if time.tzinfo is not None else None
