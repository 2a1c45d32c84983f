from hypothesis import given
from hypothesis import strategies as st

from safelight.match.unions import Unions

PAIRS = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=40)


def slowly(pairs: list[tuple[int, int]]) -> dict[int, set[int]]:
    """The obvious way: every set written out, and merged by reading all of them."""
    sets: list[set[int]] = []
    for pair in pairs:
        touched = [one for one in sets if one & set(pair)]
        sets = [one for one in sets if not one & set(pair)] + [set(pair).union(*touched)]
    return {item: one for one in sets for item in one}


@given(PAIRS)
def test_sets_are_those_of_the_obvious_way(pairs: list[tuple[int, int]]) -> None:
    unions = Unions[int](int)
    for number, (one, other) in enumerate(pairs):
        apart = other not in slowly([*pairs[:number], (one, one)])[one]
        assert unions.join(one, other) is apart
    for item, members in slowly(pairs).items():
        assert item in unions
        assert unions.name(item) == min(members)


@given(PAIRS, st.randoms(use_true_random=False))
def test_names_do_not_depend_on_the_order_of_joins(pairs: list[tuple[int, int]], rng: object) -> None:
    shuffled = list(pairs)
    rng.shuffle(shuffled)  # type: ignore[attr-defined]  # a random.Random, by the strategy
    one, other = Unions[int](lambda item: -item), Unions[int](lambda item: -item)
    for pair in pairs:
        one.join(*pair)
    for pair in shuffled:
        other.join(*reversed(pair))
    assert [one.name(item) for item in range(31)] == [other.name(item) for item in range(31)]


def test_an_item_not_seen_is_alone() -> None:
    unions = Unions[str](len)
    assert "abc" not in unions
    assert unions.name("abc") == "abc"
    assert unions.join("abc", "z")
    assert unions.name("abc") == "z"
