from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.adapter.sandbox.protocol import ProtocolError
from safelight.adapter.sandbox.validate import MAX_ITEMS, MAX_PATH, MAX_TEXT, MAX_WORDS, check_examination, check_path
from safelight.flow.walk import display
from safelight.media.archive import safe_name
from safelight.model.decision import Signal
from safelight.model.fingerprint import Digests, Fingerprint, Pdq, PdqPrint, View
from safelight.model.media import Limits, MediaFacts
from safelight.model.scan import Examination, Status

LIMITS = Limits(max_frames=5)
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


def prints(count: int) -> Examination:
    return replace(HONEST, fingerprint=replace(FINGERPRINT, prints=(PRINT,) * count))


def test_honest_results_pass() -> None:
    check_examination(HONEST, LIMITS)
    check_examination(Examination("x", Status.SKIPPED), LIMITS)


def test_deep_grey_frames_have_two_forms_of_three_views_each() -> None:
    check_examination(prints(6 * LIMITS.max_frames), LIMITS)
    check_examination(prints(6), Limits(max_frames=0))  # one frame is always looked at


def test_the_names_that_honest_workers_are_given_and_give_pass() -> None:
    longest = display("\udcff" * 4095)  # PATH_MAX, each byte shown as four characters
    check_path("!/".join([longest, *[safe_name("\U000e0001" * 65_535)] * 5]))
    check_path("a\u3000b/\u00a0")


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), st.text(st.characters(exclude_categories=[])))
def test_names_of_any_files_and_members_pass(path: str, member: str) -> None:
    check_path(f"{display(path)}!/{safe_name(member)}")


@pytest.mark.parametrize("character", ["\n", "\x1b", "\x9b", "\x7f", "\u202e", "\u2066", "\u200b", "\u2028", "\udc80"])
@pytest.mark.parametrize(
    "make",
    [
        lambda text: replace(HONEST, path=text),
        lambda text: replace(HONEST, error=text),
        lambda text: replace(HONEST, signals=(Signal(text, "x"),)),
        lambda text: replace(HONEST, signals=(Signal("x", text),)),
        lambda text: facts(mode=text),
        lambda text: facts(warnings=(text,)),
    ],
)
def test_characters_that_do_not_print_are_refused(make: Callable[[str], Examination], character: str) -> None:
    with pytest.raises(ProtocolError, match="an impossible "):
        check_examination(make(f"x{character}y"), LIMITS)


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
        lambda: prints(6 * LIMITS.max_frames + 1),
        lambda: replace(HONEST, signals=(Signal("x", "x" * MAX_TEXT),) * (MAX_WORDS // MAX_TEXT)),
        lambda: facts(warnings=("x" * MAX_TEXT,) * (MAX_WORDS // MAX_TEXT)),
        lambda: facts(warnings=("",) * (MAX_ITEMS + 1)),
    ],
)
def test_what_no_honest_worker_says_is_refused(make: Callable[[], Examination]) -> None:
    with pytest.raises(ProtocolError, match="an impossible "):
        check_examination(make(), LIMITS)
