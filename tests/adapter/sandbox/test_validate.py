from collections.abc import Callable
from dataclasses import replace

import pytest

from safelight.adapter.sandbox.protocol import ProtocolError
from safelight.adapter.sandbox.validate import MAX_ITEMS, MAX_PATH, MAX_TEXT, check_examination
from safelight.model.decision import Signal
from safelight.model.fingerprint import Digests, Fingerprint, Pdq, PdqPrint, View
from safelight.model.media import MediaFacts
from safelight.model.scan import Examination, Status

FACTS = MediaFacts("image/png", 64, 64, warnings=("odd",))
PRINT = PdqPrint(0, View.CONTENT, Pdq(("f" * 64,) * 8, 100), (0, 0, 9, 9))
FINGERPRINT = Fingerprint(Digests("a" * 32, "b" * 40, "c" * 64, 0), (PRINT,))
HONEST = Examination(
    path="a.zip!/x.png",
    status=Status.OK,
    mime="application/vnd.rar; version=5",
    facts=FACTS,
    fingerprint=FINGERPRINT,
    signals=(Signal("name", "detail"),),
    error="error",
    thumbnail="A" * 1024,
)


def facts(**changes: object) -> Examination:
    return replace(HONEST, facts=replace(FACTS, **changes))  # type: ignore[arg-type] # wrong on purpose


def digests(**changes: object) -> Examination:
    return replace(HONEST, fingerprint=replace(FINGERPRINT, digests=replace(FINGERPRINT.digests, **changes)))  # type: ignore[arg-type] # wrong on purpose


def a_print(**changes: object) -> Examination:
    return replace(HONEST, fingerprint=replace(FINGERPRINT, prints=(replace(PRINT, **changes),)))  # type: ignore[arg-type] # wrong on purpose


def test_honest_results_pass() -> None:
    check_examination(HONEST)
    check_examination(Examination("x", Status.SKIPPED))


@pytest.mark.parametrize(
    "make",
    [
        lambda: replace(HONEST, path=""),
        lambda: replace(HONEST, path="x" * (MAX_PATH + 1)),
        lambda: replace(HONEST, mime="image/png\n"),
        lambda: replace(HONEST, error="x" * (MAX_TEXT + 1)),
        lambda: replace(HONEST, thumbnail="A" * 1023),
        lambda: replace(HONEST, thumbnail="<script>" + "A" * 1016),
        lambda: replace(HONEST, signals=(Signal("x", "x"),) * (MAX_ITEMS + 1)),
        lambda: replace(HONEST, signals=(Signal("x", "x" * (MAX_TEXT + 1)),)),
        lambda: facts(width=0),
        lambda: facts(height=-1),
        lambda: facts(width=1 << 40),
        lambda: facts(orientation=9),
        lambda: facts(frames=-1),
        lambda: facts(mime="\u00e4"),
        lambda: facts(warnings=("x" * (MAX_TEXT + 1),)),
        lambda: digests(md5="A" * 32),
        lambda: digests(sha1="b" * 39),
        lambda: digests(sha256="c" * 64 + "\n"),
        lambda: digests(size=-1),
        lambda: digests(size=1 << 64),
        lambda: a_print(pdq=Pdq(("f" * 64,) * 7, 100)),
        lambda: a_print(pdq=Pdq(("g" * 64,) * 8, 100)),
        lambda: a_print(pdq=Pdq(("f" * 64,) * 8, 101)),
        lambda: a_print(frame=-1),
        lambda: a_print(box=(0, 0, -1, 0)),
        lambda: replace(HONEST, fingerprint=replace(FINGERPRINT, prints=(PRINT,) * (MAX_ITEMS + 1))),
    ],
)
def test_what_no_honest_worker_says_is_refused(make: Callable[[], Examination]) -> None:
    with pytest.raises(ProtocolError, match="an impossible "):
        check_examination(make())
