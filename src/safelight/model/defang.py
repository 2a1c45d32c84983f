"""URLs as people pass them on so that nobody follows them by accident, and as they are."""

import re
from typing import Final
from urllib.parse import urlsplit

LONGEST_URL: Final = 2_048
"""Characters of a URL that are taken."""
_WRITTEN: Final = re.compile(r"(h(?:tt|xx)ps?)(?:\[:\]//|\[://\]|:\[//\]|://)([^/?#]*)(.*)", re.DOTALL | re.IGNORECASE)
_DOT: Final = re.compile(r"\[\.\]|\(\.\)|\{\.\}|\[dot\]|\(dot\)", re.IGNORECASE)
_COLON: Final = re.compile(r"(?<=[^:])\[:\]")
_LIVE: Final = re.compile(r"([a-z][a-z0-9+.-]*(?=://))?(://|//|)([^/?#]*)(.*)", re.DOTALL | re.IGNORECASE)
_V6: Final = re.compile(r"(?<=\[)[0-9a-f.:]*:[^\]]*(?=\])|^[0-9a-f]*:[0-9a-f]*:[0-9a-f.:]*(?=%|$)", re.IGNORECASE)
"""An IPv6 address as a URL has it, in brackets, or alone."""
_TO_X: Final = str.maketrans("tT", "xX")


def defanged(url: str) -> str:
    """A URL, or a host alone, that nobody follows by accident: `hxxps://host[.]example/path`, `[2001[:]db8[:][:]1]`."""
    parts = _parts(url)
    scheme = re.sub("tt", lambda found: found[0].translate(_TO_X), parts[1] or "", count=1, flags=re.IGNORECASE)
    host = _V6.sub(lambda found: found[0].replace(":", "[:]"), parts[3])
    return f"{scheme}{parts[2]}{host.replace('.', '[.]')}{parts[4]}"


def _parts(url: str) -> re.Match[str]:
    """Scheme, what separates it from the host, host with port, and the rest: any text is made of these."""
    parts = _LIVE.fullmatch(url)
    assert parts is not None
    return parts


def refanged(text: str) -> str:
    """The URL that such a text stands for; any other text as it is. Only scheme and host are ever written otherwise."""
    parts = _WRITTEN.fullmatch(text)
    if parts is None:
        return text
    scheme = re.sub("xx", "TT" if parts[1].isupper() else "tt", parts[1], count=1, flags=re.IGNORECASE)
    return f"{scheme}://{_COLON.sub(':', _DOT.sub('.', parts[2]))}{parts[3]}"


def is_web_address(url: str) -> bool:
    """Whether this is an http or https URL of ASCII that a URL may hold, with a host, and not too long for anybody.

    One that names a user before its host is none: who reads it takes the user for the host.
    """
    if len(url) > LONGEST_URL or not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        return False
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.username is None and parts.port != 0
    except ValueError:
        return False


def read_url(text: str) -> str:
    """The web address that people wrote, as it is or as they pass it on. Raises ValueError, in words for them."""
    url = refanged(text.strip())
    if "@" in _parts(url)[3]:
        raise ValueError("it names a user before its host, as in user@host: write it without that, and check the host")
    if is_web_address(url):
        return url
    if not url.lower().startswith(("http://", "https://")):
        raise ValueError("write it with https:// or http://")
    if len(url) > LONGEST_URL:
        raise ValueError(f"it is longer than {LONGEST_URL:,} characters")
    if not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        raise ValueError("it has a space, or another character that a URL has only in escapes, as %20")
    raise ValueError("its host, or the port after it, is none")
