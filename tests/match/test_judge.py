import random
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.match.judge import Hit, best_of_each, exact_matches, near_hits, near_matches, suppress
from safelight.match.queries import Query
from safelight.model.bank import Bank, BankEntry, KnownHash
from safelight.model.fingerprint import View
from safelight.model.match import Match, MatchKind
from tests.golden_matches import cases, parse
from tests.report.clips import segment
from tests.rows import derivative_of, scene_of

BANK = Bank(1, "known", threshold=31, min_quality=50)
QUERIES = (
    Query("00" * 32, 100, 0, View.UPRIGHT, "original"),
    Query("01" * 32, 100, 0, View.UPRIGHT, "flip_x"),
)


def entry(name: str, hash_id: int, quality: int = 100) -> tuple[BankEntry, KnownHash]:
    known = KnownHash("pdq", f"{hash_id:064x}", quality, hash_id)
    return BankEntry(name, (known,), classification="c"), known


@pytest.mark.parametrize("case", cases("match/suppress.yml"), ids=lambda case: str(case["name"]))
def test_suppression(case: dict[str, Any]) -> None:
    marked = suppress([parse(short) for short in case["matches"]])
    assert {m.entry: m.suppressed_by for m in marked if m.suppressed_by} == case["suppressed"]


def test_the_strongest_match_comes_first() -> None:
    ordered = [
        parse("known/a exact 0"),
        parse("known/b exact 0"),
        parse("known/z near 0"),
        parse("known/a near 30"),
        derivative_of("known", "z", p_false_match=1e-12, log_ratio=9.0),
        derivative_of("known", "y", p_false_match=1e-9, log_ratio=30.0),
        derivative_of("known", "x", p_false_match=1e-9, log_ratio=20.0),
        derivative_of("known", "a", p_false_match=None, log_ratio=None),
        scene_of("known", "z", log_ratio=-3.0),
        scene_of("known", "a", log_ratio=-4.0),
    ]
    for seed in range(20):
        shuffled = random.Random(seed).sample(ordered, len(ordered))
        assert suppress(shuffled) == tuple(ordered)


short = st.builds(
    "{}/{} {}{}".format,
    st.sampled_from(["known", "benign"]),
    st.sampled_from("abc"),
    st.sampled_from(["exact 0", "near 4", "near 20", "derivative 8", "derivative 20", "shared_scene 30"]),
    st.sampled_from(["", " altered=0.01", " altered=0.3"]),
).map(lambda text: parse(f"{text} negative" if text.startswith("benign") else text))


@given(st.lists(short, max_size=6), st.randoms())
def test_suppression_does_not_depend_on_the_order_and_spares_the_rest(matches: list[Match], rng: random.Random) -> None:
    marked = suppress(matches)
    shuffled = suppress(rng.sample(matches, len(matches)))
    assert [(m.kind, m.suppressed_by is None) for m in shuffled] == [(m.kind, m.suppressed_by is None) for m in marked]
    for match in marked:
        if match.suppressed_by is not None:
            assert not match.negative
            assert match.kind is not MatchKind.EXACT
    if not any(m.negative for m in matches):
        assert all(m.suppressed_by is None for m in marked)


@given(st.lists(short.filter(lambda m: not m.negative), max_size=4), st.integers(0, 31))
def test_a_part_of_the_picture_never_hides_a_derivative_of_the_rest(matches: list[Match], distance: int) -> None:
    harmless = parse(f"benign/logo near {distance} negative altered=0.06")
    for match in suppress([*matches, harmless]):
        assert match.kind is not MatchKind.DERIVATIVE or match.suppressed_by is None


@pytest.mark.parametrize(
    ("benign", "explained"),
    [
        ({"time": 3.0}, True),
        ({"time": 3.5}, False),
        ({}, False),
        ({"segments": (segment((0, 90), 0),)}, False),
    ],
)
def test_a_frame_is_explained_only_by_the_same_frame(benign: dict[str, Any], explained: bool) -> None:
    shown = replace(parse("known/a near 9"), time=3.0)
    (first, *_rest) = suppress([shown, replace(parse("benign/logo near 0 negative"), **benign)])[::-1]
    assert first.entry == "a"
    assert (first.suppressed_by == "benign/logo") is explained


@pytest.mark.parametrize(
    ("benign", "explained"),
    [
        ({"segments": (segment((0, 60), 7),)}, True),
        ({"segments": (segment((0, 30), 7), segment((31, 60), 90))}, True),
        ({"segments": (segment((0, 56), 7),)}, False),
        ({"segments": (segment((40, 90), 7),)}, False),
        ({"time": 3.0}, False),
        ({}, False),
    ],
)
@pytest.mark.parametrize("short", ["known/a near 9", "known/a shared_scene 9"])
def test_stretches_are_explained_only_by_stretches_that_cover_them(
    benign: dict[str, Any], explained: bool, short: str
) -> None:
    """One harmless frame in it, or a harmless video around it, must not hide a known video."""
    shown = replace(parse(short), segments=(segment((2, 20), 0), segment((40, 60), 50)))
    found = suppress([shown, replace(parse("benign/logo near 0 negative"), **benign)])
    (first,) = (match for match in found if match.entry == "a")
    assert (first.suppressed_by == "benign/logo") is explained
    (farther,) = (
        match
        for match in suppress([shown, replace(parse("benign/logo near 10 negative"), **benign)])
        if match.entry == "a"
    )
    assert (farther.suppressed_by is not None) is (explained and "scene" in short)


@pytest.mark.parametrize(
    ("frame", "time", "explained"),
    [(3, None, True), (2, None, False), (0, None, False), (3, 1.0, False)],
)
@pytest.mark.parametrize("short", ["known/a near 9", "known/a derivative 9", "known/a shared_scene 9"])
def test_a_frame_of_an_animation_is_explained_only_by_the_same_frame(
    short: str, frame: int, time: float | None, explained: bool
) -> None:
    shown = replace(parse(short), frame=3)
    harmless = replace(parse("benign/logo near 0 negative altered=0.0"), frame=frame, time=time)
    (found,) = (match for match in suppress([shown, harmless]) if match.entry == "a")
    assert (found.suppressed_by == "benign/logo") is explained


def test_what_is_marked_stays_marked() -> None:
    marked = replace(parse("known/a near 9"), suppressed_by="benign/logo")
    assert suppress([marked]) == (marked,)


def test_of_several_matches_of_an_entry_one_that_nothing_explains_is_given() -> None:
    hidden = replace(parse("known/a near 2"), frame=1, suppressed_by="benign/logo")
    plain, farther = replace(parse("known/a near 20"), frame=2), replace(parse("known/a near 30"), frame=3)
    other = parse("known/b near 25")
    assert best_of_each([hidden, plain, other, farther]) == [plain, other]
    assert best_of_each([hidden, other]) == [hidden, other]
    assert best_of_each(()) == []


FRAMES = tuple(Query(f"{frame:064x}", 100, frame, View.UPRIGHT, "original") for frame in range(4))
frame_hits = st.lists(st.tuples(st.integers(0, 3), st.integers(1, 5), st.integers(0, 35)), max_size=12)


def near(known: list[Hit], benign: list[Hit]) -> list[Match]:
    """`known`, `benign`: of entries called by their hash id."""
    banks = (BANK, known), (replace(BANK, id=2, name="benign", negative=True), benign)
    entries = {number: entry(f"{number}", number) for number in range(1, 6)}
    return near_matches(FRAMES, [near_hits(bank, FRAMES, hits, entries, 100) for bank, hits in banks])


def test_a_harmless_look_alike_does_not_hide_what_another_frame_shows() -> None:
    known, benign = [(0, 1, 4), (2, 1, 20)], [(0, 2, 3)]
    seen = {(m.bank, m.entry): (m.frame, m.distance, m.suppressed_by) for m in near(known, benign)}
    assert seen == {("known", "1"): (2, 20, None), ("benign", "2"): (0, 3, None)}
    (hidden,) = (m for m in near(known[:1], benign) if not m.negative)
    assert (hidden.frame, hidden.suppressed_by) == (0, "benign/2")


@given(frame_hits, frame_hits)
def test_an_entry_is_explained_only_if_all_its_frames_are(known: list[Hit], benign: list[Hit]) -> None:
    counted = {entry: [hit for hit in known if hit[1] == entry and hit[2] <= 31] for entry in range(1, 6)}
    found = suppress(near(known, benign))
    for entry, hits in counted.items():
        told = [match for match in found if (match.bank, match.entry) == ("known", str(entry))]
        assert len(told) == bool(hits)
        open_ones = [bits for frame, _, bits in hits if all(of != frame or b > bits for of, _, b in benign)]
        for match in told:
            assert (match.suppressed_by is None) is bool(open_ones)
            assert match.distance == min(open_ones or [bits for _, _, bits in hits])


def matches_of(hits: list[Hit], entries: dict[int, tuple[BankEntry, KnownHash]], size: int = 10) -> list[Match]:
    return near_matches(QUERIES, [near_hits(BANK, QUERIES, hits, entries, size)])


def test_best_form_of_each_entry_is_kept_closest_first() -> None:
    entries = {7: entry("a", 7), 8: entry("a", 8), 9: entry("b", 9)}
    hits = [(0, 7, 20), (1, 7, 6), (1, 8, 10), (0, 9, 4)]
    matches = matches_of(hits, entries, size=1000)
    assert [(m.entry, m.distance, m.dihedral) for m in matches] == [("b", 4, "original"), ("a", 6, "flip_x")]
    assert all(m.kind is MatchKind.NEAR and m.classification == "c" for m in matches)


def test_a_tie_goes_to_the_more_direct_query() -> None:
    matches = matches_of([(1, 7, 6), (0, 7, 6)], {7: entry("a", 7)})
    assert matches[0].dihedral == "original"


@pytest.mark.parametrize(("quality", "distance", "found"), [(50, 31, 1), (49, 31, 0), (50, 32, 0)])
def test_threshold_and_quality_of_the_bank_decide(quality: int, distance: int, found: int) -> None:
    assert len(matches_of([(0, 7, distance)], {7: entry("a", 7, quality)})) == found


def test_entries_that_are_gone_do_not_match() -> None:
    assert matches_of([(0, 7, 0)], {}) == []


def test_exact_match_names_the_strongest_digest() -> None:
    a = BankEntry("a", ())
    found = [(BANK, a, KnownHash(kind, "ff")) for kind in ("md5", "sha256", "sha1")]
    assert [m.algorithm for m in exact_matches(found)] == ["sha256"]


@given(st.integers(0, 31), st.integers(1, 10**8), st.integers(0, 100))
def test_chance_grows_with_distance_and_size_and_falls_with_quality(distance: int, size: int, quality: int) -> None:
    def p(d: int, n: int) -> float:
        bank = Bank(1, "known", threshold=40, min_quality=0)
        match = near_matches(QUERIES, [near_hits(bank, QUERIES, [(0, 7, d)], {7: entry("a", 7, quality)}, n)])[0]
        assert match.p_false_match is not None
        return match.p_false_match

    assert 0 < p(distance, size) <= p(distance + 2, size)
    assert p(distance, size) < p(distance, 2 * size) < 1
