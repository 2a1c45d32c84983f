"""Words that the CyberTipline takes, exactly, and texts made fit for its XML.

Source: CyberTipline Reporting API documentation, last updated 2025-06-11, and its XSD of 2025-11.
"""

import re
import unicodedata
from datetime import UTC, datetime
from typing import Final

from safelight.model.errors import DocumentError

INCIDENTS: Final = (
    "Child Pornography (possession, manufacture, and distribution)",
    "Child Sex Trafficking",
    "Child Sex Tourism",
    "Child Sexual Molestation",
    "Misleading Domain Name",
    "Misleading Words or Digital Images on the Internet",
    "Online Enticement of Children for Sexual Acts",
    "Unsolicited Obscene Material Sent to a Child",
)
"""Kinds of incident; the first one is meant where nobody says otherwise."""
REPORT_ANNOTATIONS: Final = (
    "sextortion",
    "csamSolicitation",
    "minorToMinorInteraction",
    "spam",
    "sadisticOnlineExploitation",
)
"""What a report as a whole may be marked with."""
GENERATIVE: Final = "generativeAi"
"""The annotation that follows from the finding alone; nobody sets it by hand."""
FILE_ANNOTATIONS: Final = (
    "animeDrawingVirtualHentai",
    "potentialMeme",
    "viral",
    "possibleSelfProduction",
    "physicalHarm",
    "violenceGore",
    "bestiality",
    "liveStreaming",
    "infant",
    GENERATIVE,
)
"""What a file may be marked with."""

MARK: Final = "\N{HORIZONTAL ELLIPSIS}"
"""Ends a text that was cut."""
_ILLEGAL = re.compile(r"[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_JOINER = "\N{ZERO WIDTH JOINER}"
_MOST_MARKS = 32  # on one character; more are no writing


def clean(text: str, limit: int | None = None) -> str:
    """A text that XML 1.0 can hold, of at most `limit` UTF-16 code units.

    What XML cannot hold (control characters, lone surrogates) becomes U+FFFD, which is seen. A text that is too long
    is cut before a whole character, accents and all, and ends with MARK. Code units, because the receiver's limits are
    of a program that may count those; so no text is longer than allowed by any count of characters.
    """
    text = _ILLEGAL.sub("\N{REPLACEMENT CHARACTER}", text)
    if limit is None or _units(text) <= limit:
        return text
    end = used = 0
    while used + _units(text[end]) <= limit - 1:
        used += _units(text[end])
        end += 1
    for _ in range(_MOST_MARKS):
        if end and (_clings(text[end]) or text[end - 1] == _JOINER):
            end -= 1
    return text[:end] + MARK


def fits(text: str, limit: int) -> bool:
    """Whether a text, as `clean` leaves it, is within a limit."""
    return _units(_ILLEGAL.sub("\N{REPLACEMENT CHARACTER}", text)) <= limit


def moment(time: datetime) -> str:
    """A time as the XML has it, in UTC. Raises DocumentError for one without a zone, and beyond the calendar."""
    if time.tzinfo is None:
        raise DocumentError(what="a time", cause=f"{time.isoformat()} has no zone")
    try:
        return time.astimezone(UTC).isoformat().replace("+00:00", "Z")
    except OverflowError as error:
        raise DocumentError(what="a time", cause=f"{time.isoformat()} is not in the calendar") from error


def _units(text: str) -> int:
    return len(text) + sum(char > "\uffff" for char in text)


def _clings(char: str) -> bool:
    """Whether it belongs to the character before it."""
    return char == _JOINER or unicodedata.category(char) in {"Mn", "Mc", "Me"}
