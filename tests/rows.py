"""Rows and examinations for tests, with everything that does not matter filled in."""

import random

from safelight.model.decision import Signal
from safelight.model.fingerprint import Digests, Fingerprint, Pdq, PdqPrint, View
from safelight.model.scan import Examination, ScanRow, Status
from safelight.policy.decide import decide


def digests_of(number: int) -> Digests:
    return Digests(f"{number:032x}", f"{number:040x}", f"{number:064x}", 1000 + number)


def fingerprint_of(number: int) -> Fingerprint:
    forms = tuple(random.Random(number).randbytes(256)[32 * form : 32 * form + 32].hex() for form in range(8))
    return Fingerprint(digests_of(number), (PdqPrint(0, View.UPRIGHT, Pdq(forms, 100)),))


def examination_of(path: str, number: int | None = None, *signals: Signal, error: str | None = None) -> Examination:
    status = Status.UNREADABLE if error else Status.OK
    fingerprint = None if number is None else fingerprint_of(number)
    return Examination(path, status, "image/png", None, fingerprint, signals, error)


def row_of(path: str, number: int | None = None, *signals: Signal) -> ScanRow:
    sha256 = None if number is None else digests_of(number).sha256
    return ScanRow(
        schema=1,
        path=path,
        sha256=sha256,
        md5=None,
        sha1=None,
        size=5,
        status=Status.OK,
        mime="image/png",
        width=1,
        height=1,
        pdq=None,
        pdq_quality=None,
        decision=decide(Status.OK, ()),
        matches=(),
        signals=signals,
        error=None,
    )
