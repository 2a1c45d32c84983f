from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from safelight.adapter.sandbox.bounds import MAX_TEXT
from safelight.adapter.sandbox.protocol import ProtocolError
from safelight.adapter.sandbox.validate import (
    MAX_ITEMS,
    MAX_PATH,
    MAX_WORDS,
    check_arrays,
    check_examination,
    check_path,
)
from safelight.flow.walk import display
from safelight.media.archive import safe_name
from safelight.model.fingerprint import Digests, Fingerprint, Pdq, PdqPrint, View
from safelight.model.local import OF_KNOWN, OF_QUERY, TILES, LocalExamination, LocalRequest
from safelight.model.media import Limits, MediaFacts
from safelight.model.scan import Examination, Status
from safelight.model.signal import Signal
from safelight.model.tiles import TileHashes
from tests.adapter.sandbox.hostile_worker import local_examination

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
        lambda: facts(codec="\x1b]0;x\x07"),
        lambda: facts(codec="h264" * 40),
        lambda: facts(mode="x" * 128),
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
        lambda: facts(warnings=("x" * MAX_TEXT,) * (MAX_WORDS // MAX_TEXT + 1)),
        lambda: facts(warnings=("",) * (MAX_ITEMS + 1)),
    ],
)
def test_what_no_honest_worker_says_is_refused(make: Callable[[], Examination]) -> None:
    with pytest.raises(ProtocolError, match="an impossible "):
        check_examination(make(), LIMITS)


REQUEST = LocalRequest(48, 20)
TAKEN = local_examination(REQUEST)


def looked_at(taken: LocalExamination = TAKEN, pixels: NDArray[np.uint8] | None = None) -> Examination:
    return replace(HONEST, local=taken, pixels=pixels)


def working(**changes: object) -> Examination:
    return looked_at(replace(TAKEN, working=replace(TAKEN.working, **changes)))  # type: ignore[arg-type] # wrong on purpose


def features(**changes: object) -> Examination:
    return looked_at(replace(TAKEN, features=replace(TAKEN.features, **changes)))  # type: ignore[arg-type] # wrong on purpose


def tile_hashes(count: int = TILES, quality: int = 100) -> Examination:
    tiles = TileHashes(np.zeros((count, 32), dtype=np.uint8), np.full(count, quality, dtype=np.uint8))
    return looked_at(replace(TAKEN, tiles=tiles))


def with_one(name: str, value: float) -> Examination:
    """One keypoint's number is another."""
    values = getattr(TAKEN.features, name).copy()
    values[7] = value
    return features(**{name: values})


@pytest.mark.parametrize("request_", [OF_KNOWN, OF_QUERY, REQUEST, LocalRequest(2, 0)])
def test_local_features_as_asked_for_pass(request_: LocalRequest) -> None:
    check_arrays(looked_at(local_examination(request_)), request_, 0)
    check_arrays(HONEST, request_, 0)
    check_arrays(HONEST, None, 0)


def test_the_edges_of_the_ranges_pass() -> None:
    for name, value in [("x", 0), ("x", 48), ("y", 24), ("size", 1), ("size", 4 * 48), ("angle", 2 * np.pi)]:
        check_arrays(with_one(name, value), REQUEST, 0)


@pytest.mark.parametrize("shape", [(1, 1, 3), (64, 20, 3), (20, 64, 3)])
def test_pixels_as_asked_for_pass(shape: tuple[int, ...]) -> None:
    check_arrays(looked_at(pixels=np.zeros(shape, dtype=np.uint8)), REQUEST, 64)


@pytest.mark.parametrize("shape", [(65, 20, 3), (20, 65, 3), (20, 20), (20, 20, 4), (0, 20, 3), (20, 0, 3)])
def test_other_pixels_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ProtocolError, match="an impossible size of pixels"):
        check_arrays(looked_at(pixels=np.zeros(shape, dtype=np.uint8)), REQUEST, 64)


def test_what_nobody_asked_for_is_refused() -> None:
    with pytest.raises(ProtocolError, match="local features that nobody asked for"):
        check_arrays(looked_at(), None, 0)
    with pytest.raises(ProtocolError, match="an impossible size of pixels"):
        check_arrays(replace(HONEST, pixels=np.zeros((1, 1, 3), dtype=np.uint8)), REQUEST, 0)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e30, -0.5])
@pytest.mark.parametrize("name", ["x", "y", "size"])
def test_keypoints_outside_of_the_picture_are_refused(name: str, value: float) -> None:
    with pytest.raises(ProtocolError, match="an impossible keypoint"):
        check_arrays(with_one(name, value), REQUEST, 0)


@pytest.mark.parametrize("bits", [0x7F800001, 0x7FA00000, 0x7FC00000, 0xFFC00000, 0xFF800001])
def test_no_form_of_not_a_number_passes_or_warns(bits: int) -> None:
    values = TAKEN.features.angle.copy()
    values.view(np.uint32)[3] = bits
    with pytest.raises(ProtocolError, match="an impossible keypoint's angle"):
        check_arrays(features(angle=values), REQUEST, 0)


@pytest.mark.parametrize(
    "make",
    [
        lambda: looked_at(local_examination(replace(REQUEST, side=49))),
        lambda: looked_at(local_examination(replace(REQUEST, keypoints=21))),
        lambda: working(grey=np.zeros((24, 48, 1), dtype=np.uint8)),
        lambda: working(grey=np.zeros(48, dtype=np.uint8)),
        lambda: working(grey=np.zeros((0, 48), dtype=np.uint8)),
        lambda: working(width=47),
        lambda: working(height=-1),
        lambda: working(width=1 << 31),
        lambda: features(width=47),
        lambda: features(height=25),
        lambda: features(x=TAKEN.features.x[:19]),
        lambda: features(y=TAKEN.features.y.reshape(20, 1)),
        lambda: features(size=np.zeros(0, dtype=np.float32)),
        lambda: features(descriptors=TAKEN.features.descriptors[:19]),
        lambda: features(descriptors=TAKEN.features.descriptors.reshape(-1)),
        lambda: features(descriptors=np.zeros((20, 127), dtype=np.uint8)),
        lambda: with_one("x", 48.01),
        lambda: with_one("y", 24.01),
        lambda: with_one("size", 0),
        lambda: with_one("size", 4 * 48 + 1),
        lambda: with_one("angle", 6.2832),
        lambda: with_one("angle", -6.2832),
        lambda: tile_hashes(quality=101),
        lambda: tile_hashes(count=16),
        lambda: tile_hashes(count=0),
    ],
)
def test_local_features_that_no_honest_worker_gives_are_refused(make: Callable[[], Examination]) -> None:
    with pytest.raises(ProtocolError, match="an impossible "):
        check_arrays(make(), REQUEST, 0)
