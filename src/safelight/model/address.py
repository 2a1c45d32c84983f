"""Addresses of the web: which two texts name the same place.

Sources: RFC 3986, section 6.2, for what all readers of URLs agree on; the URL Standard (url.spec.whatwg.org) for what
browsers do besides, above all with hosts (sections 3.5 and 4.4). No library of ours does both: httpx removes dot
segments, but knows no host by another spelling and decodes nothing.
"""

import re
from functools import lru_cache
from ipaddress import AddressValueError, IPv6Address
from typing import Final
from urllib.parse import quote, unquote

_PARTS: Final = re.compile(r"([A-Za-z]+)://([^/?#]*)([^?#]*)(\?[^#]*)?(?:#(.*))?", re.DOTALL)
_AUTHORITY: Final = re.compile(r"(?:(?P<user>.*)@)?(?P<host>\[[^\]]*\]|[^:@]*)(?::(?P<port>[0-9]*))?", re.DOTALL)
_DEFAULT: Final = {"http": 80, "https": 443}
_LONGEST_PORT: Final = 5

_PLAIN: Final = re.compile(r"[A-Za-z0-9._~-]*")
"""Characters that mean nothing but themselves (RFC 3986, section 2.3)."""
_ESCAPE: Final = re.compile(r"%([0-9A-Fa-f]{2})")
_CUT_SHORT: Final = re.compile(r"%[0-9A-Fa-f]?\Z")
_KEPT: Final = "!#$%&'()*+,/:;=?@[\\]^{|}`<>\""
_OF_PATH, _OF_QUERY, _OF_FRAGMENT, _OF_USER = '"<>^`{}', "\"<>'", '"<>`', '"<>^`{|}[\\];=/?@'
"""What browsers escape in each part, besides spaces, controls and what is not ASCII (URL Standard, section 1.3)."""

_DOMAIN: Final = re.compile(r"[^\x00-\x20\x7f-\U0010ffff#%/:<>?@\[\\\]^|]+")
"""A host in ASCII, of characters that it may have (URL Standard, section 3.1)."""
_NUMBER: Final = re.compile(r"(?P<hex>0x)(?P<sixteen>[0-9a-f]*)|0(?P<eight>[0-7]+)|(?P<ten>0|[1-9][0-9]*)")
_MOST_DIGITS: Final = 11
"""Of a number below 2 ** 32, whether in base 8, 10 or 16."""


@lru_cache(4096)  # the URLs of a case are compared with one another, again and again
def canonical(url: str) -> str:
    """A URL as all its spellings have it, to be compared and for nothing else. Of its own answer it changes nothing.

    As RFC 3986, section 6.2, has it: scheme and host in lower case; escapes of plain characters (letters, digits and
    `-._~`) are those characters, and other escapes have capitals; `.` and `..` in the path are followed; the scheme's
    own port, and a path that is empty but for `/`, are left out. As browsers have it: what a URL cannot hold is
    escaped, a host may be in escapes, IPv4 addresses may be in other bases and of fewer parts, IPv6 addresses
    abbreviated, and a user without name and password is none. As DNS has it, a dot at the end of a host says nothing.
    As CGI has it (RFC 3875, section 4.1.7), no query is one that is empty. A fragment counts where it may name what is
    shown, for which scripts read it: see `_shown`.

    Nothing else makes two texts one: a host may take any two paths, or two orders of a query, for different ones. So is
    all that readers differ about, as backslashes are. What is no address of the web, or has no host, stays as it is.

    Rows of `adapter.closing` keep a hash of it: who changes what it answers has to hash those anew.
    """
    parts = _PARTS.fullmatch(url)
    scheme = parts[1].lower() if parts else ""
    authority = _AUTHORITY.fullmatch(parts[2]) if parts and scheme in _DEFAULT else None
    if parts is None or authority is None or not authority["host"] or "\\" in parts[2] + parts[3]:
        return url
    digits = authority["port"] or ""
    number = digits.lstrip("0")
    usual = not digits or (len(number) <= _LONGEST_PORT and int(number or 0) == _DEFAULT[scheme])
    port = "" if usual else f":{number or 0}"
    path = _followed([_escaped(part, _OF_PATH) for part in parts[3].split("/")[1:]])
    query = _escaped(parts[4] or "", _OF_QUERY) if parts[4] != "?" else ""
    shown = _shown(_escaped(parts[5] or "", _OF_FRAGMENT), alone=path == "/" and not query)
    return f"{scheme}://{_user(authority['user'] or '')}{_host(authority['host'])}{port}{path}{query}{shown}"


def host_of(url: str) -> str:
    """The host of an address of the web as all its spellings have it, IPv6 without brackets; empty for none."""
    parts = _PARTS.fullmatch(url)
    authority = _AUTHORITY.fullmatch(parts[2]) if parts else None
    return _host(authority["host"]).strip("[]") if authority else ""


def _shown(fragment: str, *, alone: bool) -> str:
    """The fragment with its `#`, unless it can only be a mark within what the rest names.

    A name such as `top` is one, but after a host alone (`alone`): there nothing else says what is shown. All others may
    name a file or a page, as `!id!key` and `/route` do. What follows `:~:` is for the browser alone, no script gets it
    (URL Fragment Text Directives, section 3.2).
    """
    fragment = fragment.partition(":~:")[0]
    return f"#{fragment}" if fragment and (alone or not _PLAIN.fullmatch(fragment)) else ""


def _followed(parts: list[str]) -> str:
    """A path without dot segments (RFC 3986, section 5.2.4)."""
    kept = list[str]()
    for part in parts:
        if part == "..":
            kept = kept[:-1]
        elif part != ".":
            kept.append(part)
    ends = parts[-1:] in ([".."], ["."])
    return "/" + "/".join([*kept, ""] if ends else kept)


def _escaped(text: str, also: str) -> str:
    """A text with escapes only where they mean something, all in capitals, and everywhere that browsers make them."""

    def plain(found: re.Match[str]) -> str:
        character = chr(int(found[1], 16))
        # After a sign that escapes nothing it would become part of an escape that nobody wrote.
        cut = _CUT_SHORT.search(text, max(0, found.start() - 2), found.start())
        return found[0].upper() if cut or not _PLAIN.fullmatch(character) else character

    kept = "".join(set(_KEPT) - set(also))
    return quote(_ESCAPE.sub(plain, text), kept, errors="surrogatepass")


def _user(text: str) -> str:
    name, _, password = text.partition(":")
    both = _escaped(name, _OF_USER) + (f":{_escaped(password, _OF_USER)}" if password else "")
    return f"{both}@" if both else ""


def _host(text: str) -> str:
    """A host as browsers read it. One that they refuse is in lower case, and else as it was."""
    text = text.lower()
    if text[:1] == "[":
        try:  # a zone is no part of a URL; and its text, as `str` has it, is another in other versions of Python
            return text if "%" in text else f"[{IPv6Address(text[1:-1]).packed.hex(':', 2)}]"
        except AddressValueError:
            return text
    name = unquote(text, errors="surrogateescape").lower()
    if not _DOMAIN.fullmatch(name):
        return text
    parts = name.removesuffix(".").split(".")
    if parts[-1].isdigit() or _NUMBER.fullmatch(parts[-1]):
        return _ipv4(parts) or text
    return ".".join(parts) if parts != [""] and parts[-1] else text


def _ipv4(parts: list[str]) -> str:
    """An address of one to four numbers, of which the last fills what is left of it; empty for none."""
    numbers = list(map(_number, parts))
    *before, last = numbers
    if len(numbers) > 4 or any(not 0 <= one < 256 for one in before) or not 0 <= last < 256 ** (5 - len(numbers)):
        return ""
    value = last + sum(one << 8 * (3 - place) for place, one in enumerate(before))
    return ".".join(map(str, value.to_bytes(4)))


def _number(text: str) -> int:
    """In base 16 after `0x`, which alone is nought, in base 8 after `0`; -1 for none, and for what is too large."""
    found = _NUMBER.fullmatch(text)
    if found is None:
        return -1
    base = 16 if found["hex"] else 8 if found["eight"] else 10
    digits = (found["sixteen"] or found["eight"] or found["ten"] or "").lstrip("0")
    return int(digits or "0", base) if len(digits) <= _MOST_DIGITS else -1
