"""Platforms with an interface of their own stand where a site would, and take what would be mail.

Neither who asks a directory nor who sends mail has to know: a platform is a contact with an address under
`platform.invalid` (RFC 6761: no such domain is ever there), and what is sent to such an address is handed to it.
No stranger's record makes such a contact: who is a platform, the operator says.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256
from urllib.parse import urlsplit

from safelight.model.errors import MailDownError, MailRefusedError
from safelight.model.takedown import Contact, Contacts, Scope
from safelight.ports import Directory, Letter, Mailer, Platform
from safelight.report.contacts.mailbox import host_name

_DOMAIN = "@platform.invalid"


class PlatformDirectory:
    """A `ports.Directory` to which platforms are the first of a site's contacts, in place of a guess."""

    def __init__(self, inner: Directory, platforms: Mapping[str, Platform]) -> None:
        """`platforms`: by name."""
        self._inner = inner
        self._platforms = platforms

    def find(self, url: str) -> Contacts:
        """See `ports.Directory.find`."""
        found = self._inner.find(url)
        host = host_name(urlsplit(url).hostname or "")
        own = tuple(
            Contact(Scope.SITE, name, name + _DOMAIN, how="platform", source=name)
            for name, platform in self._platforms.items()
            if host and platform.takes(host)
        )
        theirs = (one for one in found.contacts if one.how != "platform" and not one.email.lower().endswith(_DOMAIN))
        others = (one for one in theirs if not own or one.scope is not Scope.SITE or one.how != "guess")
        return replace(found, contacts=(*own, *others))


class PlatformMailer:
    """A `ports.Mailer` that hands platforms what is theirs."""

    def __init__(self, inner: Mailer, platforms: Mapping[str, Platform]) -> None:
        """`platforms`: by name."""
        self._inner = inner
        self._platforms = platforms

    def send(self, letter: Letter) -> bytes:
        """See `ports.Mailer.send`; for a platform, what it was given and its id of it, as JSON."""
        name = letter.to.removesuffix(_DOMAIN)
        if name == letter.to:
            return self._inner.send(letter)
        if name not in self._platforms:
            raise MailRefusedError(to=name, cause="this platform is not set up any more")
        try:
            number = self._platforms[name].tell(letter)
        except MailDownError as error:
            raise MailDownError(**error.details | {"theirs": True}) from error
        given = {
            "platform": name,
            "number": number,
            "id": letter.id,
            "subject": letter.subject,
            "text": letter.text,
            "attachments": [(title, kind, sha256(data).hexdigest()) for title, kind, data in letter.attachments],
        }
        return json.dumps(given, ensure_ascii=False).encode("utf-8", "replace")
