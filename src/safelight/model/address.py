"""Addresses of the web: which two texts name the same place."""

import re
from typing import Final

_PARTS: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://([^/?#]*)([^?#]*)(\?[^#]*)?(?:#.*)?", re.DOTALL)
_AUTHORITY: Final = re.compile(r"(?P<user>.*@)?(?P<host>\[[^\]]*\]|[^:@]*)(?::(?P<port>[0-9]*))?", re.DOTALL)
_DEFAULT: Final = {"http": 80, "https": 443}
_LONGEST_PORT: Final = 5


def canonical(url: str) -> str:
    """A URL as all its spellings have it, to be compared and for nothing else (RFC 3986, section 6.2).

    Scheme and host are in lower case; the scheme's own port, the fragment, and a query that is empty are left out; a
    path that is empty is `/`. Nothing else is touched: a host may take any two paths for different ones. What is no
    address with a host stays as it is.
    """
    parts = _PARTS.fullmatch(url)
    authority = _AUTHORITY.fullmatch(parts[2]) if parts else None
    if parts is None or authority is None or not authority["host"]:
        return url
    scheme, digits = parts[1].lower(), authority["port"] or ""
    number = digits.lstrip("0")
    usual = not digits or (len(number) <= _LONGEST_PORT and int(number or 0) == _DEFAULT.get(scheme))
    port = "" if usual else f":{number or 0}"
    query = "" if parts[4] in {None, "?"} else parts[4]
    return f"{scheme}://{authority['user'] or ''}{authority['host'].lower()}{port}{parts[3] or '/'}{query}"
