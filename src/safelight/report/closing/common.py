"""What several documents need: times, addresses, and words for how something was found."""

from datetime import UTC, datetime
from urllib.parse import SplitResult, quote, urlsplit

import msgspec

from safelight.model.case_events import Verdict
from safelight.model.decision import Outcome
from safelight.model.dossier import Dossier
from safelight.model.errors import DocumentError

_KEPT = "!#$%&'()*+,/:;=?@[]~-._"
_MATCHED = {
    Outcome.KNOWN: "hash_match",
    Outcome.NEAR: "hash_match",
    Outcome.DERIVED: "automated_scan",
    Outcome.LEAD: "automated_scan",
}


def stamp(at: datetime) -> str:
    """A time in UTC to the second, as RFC 3339 writes it."""
    return at.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def day(at: datetime) -> str:
    """Its day in UTC."""
    return at.astimezone(UTC).date().isoformat()


def uri(url: str) -> str:
    """A URL in characters of RFC 3986 alone: others in percent encoding, names of hosts in their ASCII form."""
    parts = urlsplit(url)
    host = host_of(parts)
    if host and not parts.netloc.isascii():
        netloc = parts.netloc.replace(parts.hostname or "", host, 1)
        url = SplitResult(parts.scheme, netloc, parts.path, parts.query, parts.fragment).geturl()
    return quote(url, safe=_KEPT)


def host_of(parts: SplitResult) -> str:
    """The host of a URL, lower-case and in ASCII."""
    host = parts.hostname or ""
    try:
        return host if host.isascii() else host.encode("idna").decode()
    except UnicodeError:
        return quote(host)


def must_be_confirmed(dossier: Dossier, what: str) -> None:
    """Raises DocumentError unless abuse was found, by people or by the very bytes of known items, and that stands."""
    if dossier.verdict is not Verdict.CONFIRMED:
        raise DocumentError(what=what, cause="the case is not confirmed")


def found_by(outcome: Outcome) -> str:
    """How an item was found, by what comparing said of it, in X-ARF's words.

    `hash_match`: its digest or perceptual hash is known; `automated_scan`: it was traced to a known item, or to its
    scene; `manual_review`: nothing matched, a person found it.
    """
    return _MATCHED.get(outcome, "manual_review")


def automated(outcome: Outcome) -> bool:
    """Whether comparing found it; else a person did."""
    return found_by(outcome) != "manual_review"


def kind_of(mime: str) -> str:
    """`image`, `video`, `audio` or `text`; `mixed` for anything else."""
    kind = mime.partition("/")[0]
    return kind if kind in {"image", "video", "audio", "text"} else "mixed"


def pretty(value: object) -> bytes:
    """A value as JSON that people can read, with a line break at its end."""
    return msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n"
