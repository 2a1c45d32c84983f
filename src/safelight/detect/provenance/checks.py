"""What the SDK's checks amount to: is a manifest valid, is it trusted, and what failed.

The three answers of this package are kept apart here. The SDK's own state is not used: it calls a manifest invalid
whose signer's certificate has since run out, and trusts only where nobody's ingredient is untrusted.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from safelight.detect.buffer import Buffer
from safelight.detect.provenance.details import Details
from safelight.detect.provenance.fields import items, mapping, text
from safelight.detect.provenance.locate import Located
from safelight.detect.provenance.names import label as name_of
from safelight.detect.provenance.words import in_words
from safelight.model.provenance import UNCOVERED, Failure

STANDING = frozenset(
    {
        "signingCredential.untrusted",
        "signingCredential.expired",
        "signingCredential.revoked",
        "signingCredential.ocsp.revoked",
        "claimSignature.outsideValidity",
    }
)
"""Failures that speak of the signer's standing only: nothing was changed, so the manifest is valid, and untrusted."""

FORM = frozenset({"assertion.action.malformed", "assertion.metadata.disallowed"})
"""Failures to write what the standard wants written, as makers of wide reach do: nothing was changed, here neither."""

_BINDINGS = frozenset(
    f"assertion.{binding}.match" for binding in ("dataHash", "bmffHash", "boxesHash", "collectionHash")
)
# Left out of the hash of ISO base media files are always some boxes, so that is not told of them.
_WEAKENING = re.compile(
    r"timeStamp\..+|timeOfSigning\.outsideValidity|algorithm\.deprecated|assertion\.(data|boxes)Hash\.additionalExclusions.+"
)
_SUCCESS = (".validated", ".trusted", ".match", ".insideValidity", ".notRevoked", ".accessible")
_IDENTITY = "cawg."  # of assertions that say who is behind the signer; not looked at, and no part of C2PA's validity
_LABEL = re.compile(r"(?:self#jumbf=)?/c2pa/([^/]+)")
_PART = re.compile(r"/(c2pa\.assertions/)?([^/]+)\Z")
_LEGACY = "legacy timestamp"
_EXPIRED, _STAMP_UNTRUSTED = "signingCredential.expired", "timeStamp.untrusted"
_SIGNERS, _OTHERS = "[system_anchors]", "user_anchors"  # the names under which `sdk.settings` gives out anchors


@dataclass(frozen=True, slots=True)
class Check:
    """One check. `kind`: `success`, `informational` or `failure`; `manifest`: the label of the one it is about."""

    kind: str
    code: str
    manifest: str
    part: str
    note: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """Of one manifest."""

    valid: bool
    trusted: bool


class Checks:
    """All that was checked of a store."""

    def __init__(
        self, told: Mapping[str, object], active: str, details: Details, data: Buffer, located: Located
    ) -> None:
        """`told`: the reader's JSON; `active`: the label of the file's own manifest; `located`: where the store is."""
        results = mapping(told.get("validation_results"))
        self._active = active
        self._details = details
        self._own = list(_checks(results.get("activeManifest"), active))
        self._others = [
            check
            for delta in items(results.get("ingredientDeltas"))
            for check in _checks(mapping(delta).get("validationDeltas"), "")
        ]
        self._own += self._own_failures(data, located)

    def _own_failures(self, data: Buffer, located: Located) -> list[Check]:
        """What the SDK lets pass: bytes in the hash's gaps, and an end that only anybody's time stamp excuses."""
        everything = [*self._own, *self._others]
        bound = {c.manifest for c in everything if c.kind == "success" and c.code == "assertion.dataHash.match"}
        failures = []
        if self._details.leaves_uncovered(bound, data, located):
            failures.append(Check("failure", UNCOVERED, self._active, "", ""))
        told = any(check.code == _EXPIRED and check.manifest == self._active for check in everything)
        if not told and not self.is_stamped() and self._details.has_run_out(self._active):
            failures.append(Check("failure", _EXPIRED, self._active, "the signature", ""))
        return failures

    def of_file(self) -> Verdict:
        """Of the file's own manifest. What fails of an ingredient's counts, too: its hashes are part of this one."""
        everything = [*self._own, *self._others]
        # An addition to a manifest has no hash of the file: the one that it adds to has.
        bound = any(check.kind == "success" and check.code in _BINDINGS for check in everything)
        valid = bound and _holds(self._own, self._active) and not any(_breaks(check) for check in everything)
        return Verdict(valid, valid and _vouched(self._own, self._active))

    def of_ingredient(self, label: str, recorded: object, recorded_failures: object) -> Verdict:
        """Of an ingredient's own manifest. It is trusted only if the file's is: what was recorded is its signer's word.

        The SDK tells only what differs from what the file's signer recorded of it, so both are taken together. A
        failure counts wherever it stands; the signer is believed in what succeeded only as long as nothing failed.

        Args:
            label: of that manifest.
            recorded: its `validation_results` as the signer of the file recorded them.
            recorded_failures: its `validation_status`, in older manifests.
        """
        now = [check for check in (*self._own, *self._others) if check.manifest == label]
        then = [
            *_checks(mapping(recorded).get("activeManifest"), label),
            *(_check(_kind_of(status), status, label) for status in items(recorded_failures)),
        ]
        both = [*now, *(check for check in then if check.manifest == label)]
        valid = _holds(both, label) and not any(_breaks(check) for check in both)
        if not valid or not self.of_file().trusted:
            return Verdict(valid, trusted=False)
        stamped = not self._details.is_first_version(label) and _stamped(both, label)
        current = stamped or not self._details.has_run_out(label)
        return Verdict(valid, current and (_vouched(now, label) or _vouched(both, label, by="")))

    def failures(self, subject_of: Mapping[str, str]) -> Iterator[Failure]:
        """Everything that failed or weakens the answer, the file's own first, each once.

        Args:
            subject_of: label of a manifest -> whose it is, in words.
        """
        told = set[Failure]()
        for check in (*self._own, *self._others):
            code = _code_of_failure(check)
            if not code:
                continue
            subject = " of ".join(filter(None, (check.part, subject_of.get(check.manifest, "an ingredient"))))
            words, when = in_words(code), self._details.stamped_at(check.manifest)
            if code == _STAMP_UNTRUSTED and when:
                words = f"{words}; said to be signed at {when}, by nobody we know"
            failure = Failure(code, words, subject)
            if failure not in told:
                told.add(failure)
                yield failure

    def is_stamped(self) -> bool:
        """Whether the file's own manifest has a time stamp that fits its signature, of somebody who is vouched for."""
        fits = any(_succeeded(check, "timeStamp.validated", self._active) for check in self._own)
        return fits and _stamped(self._own, self._active)


def _checks(status: object, manifest: str) -> Iterator[Check]:
    for kind in ("success", "informational", "failure"):
        for told in items(mapping(status).get(kind)):
            yield _check(kind, told, manifest)


def _check(kind: str, told: object, manifest: str) -> Check:
    fields = mapping(told)
    url = fields.get("url")
    url = url if isinstance(url, str) else ""
    label, part = _LABEL.match(url), _PART.search(url)
    named = ""
    if part is not None and label is not None and part[2] != label[1]:
        named = (
            f"the assertion {name_of(part[2], '')}".rstrip()
            if part[1]
            else {"c2pa.signature": "the signature"}.get(part[2], "")
        )
    code = text(fields.get("code")) or "general.error"
    return Check(kind, code, label[1] if label else manifest, named, text(fields.get("explanation")))


def _holds(checks: Iterable[Check], manifest: str) -> bool:
    """Whether the signature of the manifest was checked and is right."""
    return any(_succeeded(check, "claimSignature.validated", manifest) for check in checks)


def _stamped(checks: Iterable[Check], manifest: str) -> bool:
    """Whether somebody vouches for the maker of a time stamp."""
    return any(_succeeded(c, "timeStamp.trusted", manifest) and not c.note.startswith(_LEGACY) for c in checks)


def _vouched(checks: list[Check], manifest: str, by: str = _SIGNERS) -> bool:
    """Whether the signer's certificate leads to an anchor of signers, and nothing speaks against it.

    `by`: what the reader's remark has to hold: the name of the anchors of signers. A remark that the signer recorded
    is in somebody else's words, but must not name the anchors that vouch for no signer.
    """
    trusted = any(
        _succeeded(check, "signingCredential.trusted", manifest) and by in check.note and _OTHERS not in check.note
        for check in checks
    )
    return trusted and not any(check.code in STANDING | FORM and check.manifest == manifest for check in checks)


def _succeeded(check: Check, code: str, manifest: str) -> bool:
    return check.kind == "success" and check.code == code and check.manifest == manifest


def _breaks(check: Check) -> bool:
    """Whether the check says that something is not as it was signed, or cannot be said to be."""
    return check.kind == "failure" and check.code not in STANDING | FORM and not check.code.startswith(_IDENTITY)


def _code_of_failure(check: Check) -> str:
    """The code to report the check under; empty for one that is no failure and weakens nothing."""
    if check.kind == "failure" or (check.kind == "informational" and _WEAKENING.fullmatch(check.code)):
        return check.code
    # Of manifests of the standard's first version, the SDK takes anybody's time stamp for trusted, and remarks on it.
    legacy = check.code == "timeStamp.trusted" and check.note.startswith(_LEGACY)
    return _STAMP_UNTRUSTED if legacy else ""


def _kind_of(status: object) -> str:
    """Which kind of check a status of an older manifest is, where only its code tells."""
    return "success" if text(mapping(status).get("code")).endswith(_SUCCESS) else "failure"
