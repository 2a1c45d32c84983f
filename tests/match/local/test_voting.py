"""The compiled search and vote do what the slow ones do."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from safelight.match.local import reference
from safelight.match.local.sketch import lists_of
from safelight.match.local.voting import ask, best, search, votes
from safelight.model.local import LocalFeatures
from tests.match.local.pictures import drawn, quantiser, seen, sketch


def some_of(features: LocalFeatures, kept: np.ndarray) -> LocalFeatures:
    fields = (getattr(features, name)[kept] for name in ("x", "y", "size", "angle", "descriptors"))
    return LocalFeatures(features.width, features.height, *fields)


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 5), st.booleans(), st.integers(1, 60), st.integers(0, 2**31))
def test_search_and_votes_equal_the_slow_ones(number: int, as_mirror: bool, count: int, seed: int) -> None:
    features = seen(drawn(number)).features
    kept = np.sort(np.random.default_rng(seed).choice(len(features.x), min(count, len(features.x)), replace=False))
    lists = lists_of([sketch(n) for n in range(6)])
    asked = ask(some_of(features, kept), quantiser(), as_mirror=as_mirror)
    hits = search(asked, lists)
    assert list(zip(hits.feature.tolist(), hits.slot.tolist(), hits.bits.tolist(), strict=True)) == reference.search(
        asked, lists
    )
    np.testing.assert_allclose(votes(asked, lists, hits), reference.votes(asked, lists, hits), rtol=1e-5, atol=1e-5)


def test_more_hits_than_there_is_room_for_are_all_found() -> None:
    lists = lists_of([sketch(1)] * 600)
    asked = ask(seen(drawn(1)).features, quantiser(), as_mirror=False)
    assert len(search(asked, lists).slot) == 600 * len(search(asked, lists_of([sketch(1)])).slot) > 1 << 16


def test_removed_pictures_get_no_votes() -> None:
    lists = lists_of([sketch(1), sketch(2)])
    asked = ask(seen(drawn(1)).features, quantiser(), as_mirror=False)
    hits = search(asked, lists)
    assert votes(asked, lists, hits)[0] > 20
    lists.live[0] = False
    assert votes(asked, lists, hits)[0] == 0


def test_the_picture_itself_gets_most_votes_and_its_mirror_image_when_mirrored() -> None:
    lists = lists_of([sketch(n) for n in range(6)])
    for number in range(6):
        for pixels, as_mirror in ((drawn(number), False), (np.ascontiguousarray(drawn(number)[:, ::-1]), True)):
            asked = ask(seen(pixels).features, quantiser(), as_mirror=as_mirror)
            counted = votes(asked, lists, search(asked, lists))
            assert best(counted, 1, 1.0).tolist() == [number]


def test_best_takes_the_lower_number_of_equals() -> None:
    assert best(np.array([1, 3, 3, 0.5], np.float32), 2, 1.0).tolist() == [1, 2]
    assert best(np.array([1, 3, 3, 0.5], np.float32), 5, 1.0).tolist() == [1, 2, 0]
