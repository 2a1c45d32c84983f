"""What the SDK's short report leaves out and the answer needs: certificates' ends, times, what a hash leaves out."""

import json
import string
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from safelight.detect.buffer import Buffer
from safelight.detect.provenance.fields import items, mapping
from safelight.detect.provenance.locate import Located
from safelight.detect.provenance.names import moment

_MOST_EXCLUSIONS = 64
_DATA_HASH = "c2pa.hash.data"
_BASE64 = frozenset(string.ascii_letters.encode() + string.digits.encode() + b"+/= \t\r\n")


@dataclass(frozen=True, slots=True)
class Told:
    """What the SDK told of a store: `report` its `json`, `details` its `crjson`, `asked` when the clock was read."""

    report: str
    details: str
    asked: datetime


class Details:
    """The manifests of a store by label. What is not told here counts as the worst that it could be."""

    def __init__(self, told: Told) -> None:
        """Raises ValueError or RecursionError for what is no JSON."""
        self._asked = told.asked
        self._manifests: dict[str, Mapping[str, object]] = {}
        for one in items(mapping(json.loads(told.details)).get("manifests")):
            name = mapping(one).get("label")
            if isinstance(name, str):
                self._manifests[name] = mapping(one)

    def is_first_version(self, label: str) -> bool:
        """Whether the manifest is of the standard's first version, in which anybody's time stamp is taken."""
        return "claim.v2" not in self._of(label)

    def has_run_out(self, label: str) -> bool:
        """Whether the signer's certificate is past its end, a time stamp aside."""
        certificate = mapping(mapping(self._of(label).get("signature")).get("certificateInfo"))
        end = mapping(certificate.get("validity")).get("notAfter")
        try:
            told = datetime.fromisoformat(end if isinstance(end, str) else "")
        except ValueError:
            return True
        return (told if told.tzinfo else told.replace(tzinfo=UTC)) < self._asked

    def stamped_at(self, label: str) -> str:
        """The time that a time stamp tells, whoever made it; empty without one."""
        stamp = mapping(mapping(self._of(label).get("signature")).get("timeStampInfo"))
        return moment(stamp.get("timestamp"))

    def leaves_uncovered(self, bound: Iterable[str], data: Buffer, located: Located) -> bool:
        """Whether a hash that is taken to cover the file leaves out a byte that is not the store's.

        The room for a time stamp in a store is not signed. Who makes it smaller gets room for what they like inside of
        what the hash leaves out: another segment, chunk or element, which no signature covers.

        Args:
            bound: labels of the manifests whose hash of the file's bytes was found right.
            data: the whole file.
            located: where its store lies.
        """
        view = memoryview(data)
        for label in bound:
            hashes = [*self._hashes(label)]
            if not hashes or any(not _within(mapping(one).get("exclusions"), view, located) for one in hashes):
                return True
        return located.apart

    def _hashes(self, label: str) -> Iterator[object]:
        for name, assertion in mapping(self._of(label).get("assertions")).items():
            if name.partition("__")[0] == _DATA_HASH:
                yield assertion

    def _of(self, label: str) -> Mapping[str, object]:
        return self._manifests.get(label, {})


def _within(told: object, view: memoryview, located: Located) -> bool:
    """Whether all of the ranges lie within the store, or in what a directory says of where it is."""
    exclusions = items(told)
    if len(exclusions) > _MOST_EXCLUSIONS:
        return False
    for exclusion in exclusions:
        start, length = mapping(exclusion).get("start"), mapping(exclusion).get("length")
        if not isinstance(start, int) or not isinstance(length, int) or start < 0 or length < 0:
            return False
        places = [p for p in (*located.stores, *located.entries) if p.start <= start and start + length <= p.end]
        if not places:
            return False
        # An element may hold others, which are drawn: only the store's letters may be left out of it.
        if places[0].label.startswith("SVG") and not _BASE64.issuperset(view[start : start + length]):
            return False
    return True
