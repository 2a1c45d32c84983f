"""Words and addresses that strangers wrote, made fit to be used or dropped."""

import re

_LOCAL = re.compile(r"[A-Za-z0-9#$&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9#$&'*+/=?^_`{|}~-]+)*")
"""Dot-atom (RFC 5322, 3.2.3), less `!` and `%`, by which mail was once sent on through others."""
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_NOWHERE = frozenset({"invalid", "localhost", "test", "local", "onion", "alt", "internal"})
"""Top-level domains for special use (RFC 6761, RFC 6762, RFC 7686, RFC 9476; `internal` by ICANN): no mail goes there,
and what answers to such a name here is not who it says. `example` leads nowhere, and is for examples."""
_HIDDEN = re.compile(r"redacted|withheld|not[ _.-]?disclosed|no-?reply|do-?not-?reply", re.IGNORECASE)
MAX_LINE = 200


def line(value: object, most: int = MAX_LINE) -> str:
    """A text as one line of printable characters, at most `most` of them; empty for anything else."""
    if not isinstance(value, str):
        return ""
    # What turns the writing direction is not printable to Python, so it becomes a space, too.
    printable = "".join(character if character.isprintable() else " " for character in value[: 4 * most])
    return " ".join(printable.split())[:most].rstrip()


def host_name(value: str) -> str:
    """A host name of at least two labels in its ASCII form (RFC 5891), lower case; empty for anything else."""
    try:
        name = value.rstrip(".").encode("idna").decode("ascii").lower()
    except UnicodeError:
        return ""
    labels = name.split(".")
    good = len(name) < 254 and len(labels) > 1 and all(map(_LABEL.fullmatch, labels)) and not labels[-1].isdigit()
    return name if good else ""


def mailbox(value: object) -> str:
    """One e-mail address that mail can be sent to; empty for several, for what is hidden, and for anything else."""
    if not isinstance(value, str) or len(value) > MAX_LINE or _HIDDEN.search(value):
        return ""
    local, at, domain = value.strip().rpartition("@")
    if not at or len(local) > 64 or not _LOCAL.fullmatch(local) or not (domain := host_name(domain)):
        return ""
    return f"{local}@{domain}" if domain.rpartition(".")[2] not in _NOWHERE else ""


def page(value: object) -> str:
    """An https URL for people; empty for anything else."""
    if not isinstance(value, str) or len(value) > 500 or not value.isascii() or not value.isprintable():
        return ""
    rest = value.removeprefix("https://")
    host = re.split(r"[/?#]", rest, maxsplit=1)[0].partition(":")[0]
    return value if rest != value and host_name(host) and not re.search(r'[\s"<>\\]', value) else ""
