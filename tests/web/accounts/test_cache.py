"""What processes remember together: JSON, and nothing goes before its time."""

import base64
import pickle
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from allauth.core.internal.ratelimit import consume
from django.core.cache import cache, caches
from django.db import connections
from django.test import RequestFactory
from django.utils import timezone

from safelight.adapter.store.opening import open_place
from safelight.web.accounts.cache import JsonDatabaseCache
from safelight.web.accounts.models import CacheEntry
from tests.databases import DATABASES, database


@pytest.fixture
def box(db: None) -> JsonDatabaseCache:
    del db
    return JsonDatabaseCache("default", {})


def expire(key: str) -> None:
    CacheEntry.objects.filter(cache_key=f":1:{key}").update(expires=timezone.now() - timedelta(seconds=1))


def test_the_service_uses_it() -> None:
    assert isinstance(caches["default"], JsonDatabaseCache)


@pytest.mark.parametrize("value", [[1.5, 2], "text", True, 7, None, {"a": [1]}])
def test_values_come_back(box: JsonDatabaseCache, value: Any) -> None:
    box.set("k", value)
    assert box.get("k", "none") == value
    box.set("k", [value])
    assert box.get("k") == [value]
    expire("k")
    assert box.get("k", "none") == "none"


def test_what_is_no_json_is_not_kept(box: JsonDatabaseCache) -> None:
    with pytest.raises(TypeError):
        box.set("k", object())
    assert box.get("k") is None


class Trap:
    """Runs code when it is un-pickled."""

    ran = False

    def __reduce__(self) -> Any:
        return setattr, (Trap, "ran", True)


def test_nothing_in_the_table_is_code(box: JsonDatabaseCache) -> None:
    trap = base64.b64encode(pickle.dumps(Trap())).decode()
    CacheEntry.objects.create(cache_key=":1:k", value=trap, expires=timezone.now() + timedelta(hours=1))
    assert box.get("k", "none") == "none"
    assert not Trap.ran


def test_only_one_adds(box: JsonDatabaseCache) -> None:
    assert box.add("k", 1)
    assert not box.add("k", 2)
    assert box.get("k") == 1
    expire("k")
    assert box.add("k", 3)
    assert box.get("k") == 3
    assert box.delete("k")
    assert not box.delete("k")
    assert not box.touch("k")


def test_entries_that_live_are_never_culled(box: JsonDatabaseCache) -> None:
    box.set("first", [1.0], timeout=300)
    for number in range(700):  # Django's own throws some away from 300 on
        box.add(str(number), True)
    box.set("forever", 1, timeout=None)
    expire("3")
    box._cull_due = 0
    box.set("last", 1)
    assert box.get("first") == [1.0]
    assert CacheEntry.objects.count() == 702  # less the one that had expired
    assert box.touch("first", 1)
    box.clear()
    assert CacheEntry.objects.count() == 0


def _limited(key: str) -> bool:
    request = RequestFactory().post("/")
    usage = consume(request, app="allauth.account", action="login_failed", config={"login_failed": "5/5m/key"}, key=key)
    return usage is None


@pytest.mark.usefixtures("db")
def test_failing_often_elsewhere_does_not_end_throttling() -> None:
    cache.clear()
    tried = [_limited("one") for _ in range(7)]
    assert tried == [False] * 5 + [True] * 2
    for number in range(400):
        _limited(f"other {number}")
    assert _limited("one")


def at_once(work: Callable[[int], Any]) -> list[Any]:
    """What comes of it in four threads, each with a connection of its own, as processes have them."""

    def alone(number: int) -> Any:
        try:
            return work(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        return list(pool.map(alone, range(4)))


@pytest.mark.usefixtures("committed_db")
def test_throttling_is_shared() -> None:
    limited = [one for some in at_once(lambda _: [_limited("shared") for _ in range(3)]) for one in some]
    assert (limited.count(False), limited.count(True)) == (5, 7)


def _add(place: str, key: str, number: int) -> bool:
    return JsonDatabaseCache(place, {}).add(key, number)


def _set(place: str, key: str, number: int) -> None:
    JsonDatabaseCache(place, {}).set(key, [number])


@pytest.mark.parametrize("kind", DATABASES)
@pytest.mark.usefixtures("db")
def test_of_all_processes_one_adds(kind: str, tmp_path: Path) -> None:
    with database(kind, tmp_path, "accounts") as target:
        place = open_place(target, "accounts")
        try:
            for key in "abcde":
                added = at_once(partial(_add, place, key))
                assert sorted(added) == [False, False, False, True]
                at_once(partial(_set, place, key))
                assert JsonDatabaseCache(place, {}).get(key) in ([0], [1], [2], [3])
            JsonDatabaseCache(place, {}).set("forever", "x", timeout=None)
            assert JsonDatabaseCache(place, {}).get("forever") == "x"
        finally:
            connections[place].close()
