"""HMA's words for hashes: signal types `pdq` and `video_md5`, content types `photo` and `video`."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO

from django.http import HttpRequest

from safelight.match.queries import Query
from safelight.model.bank import Bank, KnownHash
from safelight.model.fingerprint import Digests
from safelight.model.match import MatchKind
from safelight.ports import ExamineJob
from safelight.web.api.uploads import of_url
from safelight.web.container import the_app
from safelight.web.hma.answers import RefusedError

TYPES = {"pdq": "photo", "video_md5": "video"}
"""Signal types, each with the content type that it is made of."""
LENGTHS = {"pdq": 64, "video_md5": 32}
"""Hexadecimal digits of each."""
MIN_QUALITY = 50
"""PDQ quality under which HMA gives no hash."""


@dataclass(frozen=True, slots=True)
class Hit:
    """An entry that a signal matched. `distance`: as HMA writes it, a text; empty for exact matches."""

    bank: str
    entry: str
    distance: str


def checked(kind: str, signal: str) -> str:
    """A signal in lower case. Raises RefusedError."""
    if kind not in TYPES:
        raise RefusedError(400, f"No such SignalType '{kind}'")
    signal = signal.strip().lower()
    if len(signal) != LENGTHS[kind] or set(signal) - set("0123456789abcdef"):
        raise RefusedError(400, f"invalid signal: {LENGTHS[kind]} hexadecimal digits are a {kind}")
    return signal


def kinds_of(request: HttpRequest) -> list[str]:
    """The signal type that a request names, or all. Raises RefusedError."""
    kinds = [request.GET["signal_type"]] if "signal_type" in request.GET else list(TYPES)
    if unknown := [kind for kind in kinds if kind not in TYPES]:
        raise RefusedError(400, f"No such signal type '{unknown[0]}'")
    return kinds


def extent(banks: Sequence[Bank]) -> tuple[int, int]:
    """How many entries these banks have, and the number of their newest change."""
    return sum(bank.entries for bank in banks), max(map(the_app().store.last_change, banks), default=0)


def matches_of(kind: str, signal: str, banks: frozenset[str] | None) -> list[Hit]:
    """What a signal matches in the enabled banks (in these, if given), nearest first; not in known-benign ones."""
    signal = checked(kind, signal)
    if kind == "pdq":
        [found] = the_app().live.lookup([[Query(signal, 100)]], [None])
    else:
        [found] = the_app().live.lookup([[]], [Digests(md5=signal, sha1="", sha256="", size=0)])
    return [
        Hit(match.bank, match.entry, "" if match.kind is MatchKind.EXACT else str(match.distance))
        for match in found
        if match.counts and (banks is None or match.bank in banks)
    ]


def hashes_of(request: HttpRequest) -> dict[str, str]:
    """The hashes of the file that a request brings or names, by signal type.

    Raises RefusedError, FetchError, BusyError.
    """
    wanted = [name.strip() for name in request.GET.get("types", "").split(",") if name.strip()]
    if unknown := [name for name in wanted if name not in TYPES]:
        raise RefusedError(400, f"signal type '{unknown[0]}' doesn't exist or is disabled")
    if request.method == "POST" and request.FILES:
        if sum(len(request.FILES.getlist(name)) for name in request.FILES) > 1:
            raise RefusedError(400, "Only one file allowed per request")
        [(content, upload)] = request.FILES.items()
        with os.fdopen(os.memfd_create("upload", os.MFD_CLOEXEC), "w+b") as file:
            file.writelines(upload.chunks())  # type: ignore[union-attr]  # one file, as was just made sure
            file.seek(0)
            found = _examined(content, file)
    elif url := request.GET.get("url"):
        content = request.GET.get("content_type", "")
        with of_url(request, url) as file:
            found = _examined(content, file)
    else:
        raise RefusedError(400, "Neither `url` nor multipart file upload was received")
    return {name: value for name, value in found.items() if not wanted or name in wanted}


def _examined(content: str, file: BinaryIO) -> dict[str, str]:
    if content and content not in TYPES.values():
        raise RefusedError(400, f"no such content_type: '{content}'")
    *_, examined = the_app().standing_examiner.examine(file, ExamineJob(0, "", "upload")).result()
    if examined.fingerprint is None:
        raise RefusedError(400, f"the file cannot be hashed: {examined.error or examined.status}")
    is_video = content == "video" or (not content and examined.mime.startswith("video/"))
    if is_video:
        return {"video_md5": examined.fingerprint.digests.md5}
    main = examined.fingerprint.main
    return {"pdq": main.pdq.hash if main is not None and main.pdq.quality >= MIN_QUALITY else ""}


def known_hash(kind: str, signal: str) -> KnownHash:
    """A signal as an entry of a bank keeps it. Raises RefusedError."""
    signal = checked(kind, signal)
    return KnownHash("pdq", signal, 100) if kind == "pdq" else KnownHash("md5", signal)
