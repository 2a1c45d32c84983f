"""The split: nothing measured was fitted on, nothing asked for is indexed, and digests decide."""

import hashlib
from collections.abc import Sequence

import pytest

from safelight.bench.derivative.edits import EDITS
from safelight.bench.derivative.pictures import Picture, drawings
from safelight.bench.derivative.queries import POSITIVE, SAME_SCENE, UNRELATED, plan
from safelight.bench.derivative.split import Split, divide, is_for_fitting


def named(names: Sequence[str]) -> list[Picture]:
    return [Picture(name, hashlib.sha256(name.encode()).hexdigest(), drawn=0) for name in names]


PHOTOS = named([f"folder/{kind}_{number}.jpg" for number in range(300) for kind in ("clothing", "hill")])
MORE = named([f"more/{number}.jpg" for number in range(20)])


def divided(seed: int = 1, sources: int = 50) -> Split:
    return divide(PHOTOS, MORE, seed=seed, sources=sources, same_scene="clothing_*")


def test_every_picture_has_one_use() -> None:
    split = divided()
    parts = (split.fit, split.index, split.same_scene, split.unrelated)
    keys = [one.key for part in parts for one in part]
    assert sorted(keys) == sorted(one.key for one in (*PHOTOS, *MORE))
    assert len(split.same_scene) + len(split.unrelated) - len(MORE) == 150
    assert 160 < len(split.fit) < 240
    assert split.sources == split.index[:50]
    assert {one.key for one in split.outsiders} == set(keys) - {one.key for one in split.index}


def test_a_quarter_is_held_out_even_of_few() -> None:
    for count in (8, 9, 10, 11, 30):
        split = divide(PHOTOS[:count], [], seed=1, sources=5, same_scene="x")
        assert len(split.unrelated) >= 0.25 * count


def test_scenes_are_told_apart_by_name() -> None:
    split = divided()
    assert {one.key.split("/")[1].split("_")[0] for one in split.same_scene} == {"clothing"}
    assert not any("clothing" in one.key for one in split.unrelated)
    assert set(MORE) <= set(split.unrelated)


def test_the_third_for_fitting_is_fixed_and_the_rest_is_not() -> None:
    first, second = divided(1), divided(2)
    assert first.fit == second.fit == tuple(one for one in PHOTOS if is_for_fitting(one.digest))
    assert set(first.index) != set(second.index)
    assert set(first.sources) != set(second.sources)


def test_the_order_of_the_folder_does_not_matter() -> None:
    turned = divide(PHOTOS[::-1], MORE, seed=1, sources=50, same_scene="clothing_*")
    assert turned.index == divided().index
    assert set(turned.same_scene) == set(divided().same_scene)


def test_the_plan_asks_for_every_source_in_every_edit() -> None:
    split = divided(sources=7)
    planned = plan(split, 1, 4)
    positive = [group for group in planned if group[0].group == POSITIVE]
    assert [[query.edit for query in group] for group in positive] == [list(EDITS)] * 7
    for name, pictures in ((SAME_SCENE, split.same_scene), (UNRELATED, split.unrelated)):
        asked = [group for group in planned if group[0].group == name]
        assert [group[0].picture for group in asked] == list(pictures)
        assert all(len({query.edit for query in group}) == 4 for group in asked)
    names = [query.name for group in planned for query in group]
    assert len(names) == len(set(names))
    assert planned == plan(split, 1, 4)
    assert planned != plan(split, 2, 4)


def test_nothing_indexed_gets_into_a_query_of_another_picture() -> None:
    split = divided()
    indexed = set(split.index)
    for group in plan(split, 3, 4):
        for query in group:
            assert len(set(query.others)) == EDITS[query.edit].others
            assert query.picture not in query.others
            assert not indexed & set(query.others)


def test_queries_are_edits_of_their_picture() -> None:
    drawn = drawings(12)
    split = divide(drawn, [], seed=1, sources=1, same_scene="x")
    query = next(query for query in plan(split, 1, 1)[0] if query.edit == "rr20")
    made, again = query.make(), query.make()
    assert made.pixels.shape == query.picture.load().shape
    assert made.replaced.mean() == pytest.approx(0.2, abs=0.01)
    assert (made.pixels == again.pixels).all()
