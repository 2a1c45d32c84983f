"""IANA's lists: fetched once a week, used when they are old, missed when there are none."""

from datetime import timedelta

import pytest

from safelight.adapter.directory.lists import BootstrapLists
from safelight.model.errors import FetchError
from tests.adapter.directory.world import World
from tests.fakes import FakeClock


def again(world: World, base: str = "lists/") -> BootstrapLists:
    return BootstrapLists(world.fetcher(), world.web.url(base), world.folder, world.clock)


def test_a_list_is_fetched_once_and_kept(world: World) -> None:
    said, flaw = world.lists.get("dns")
    assert flaw == ""
    assert again(world).get("dns") == (said, "")
    assert world.web.paths() == ["/lists/dns.json"]
    assert [path.name for path in world.folder.iterdir()] == ["dns.json"]


def test_a_week_later_it_is_fetched_anew(world: World) -> None:
    assert isinstance(world.clock, FakeClock)
    world.lists.get("dns")
    world.serve("dns", ["net"])
    world.clock.time += timedelta(days=7)
    said, flaw = world.lists.get("dns")
    assert (said["services"][0][0], flaw) == (["net"], "")


@pytest.mark.parametrize("answer", [(500, {}, b""), (200, {}, b"<html>"), (200, {}, b'{"services": 1}')])
def test_an_old_one_is_used_with_a_flaw_when_no_new_one_comes(
    world: World, answer: tuple[int, dict[str, str], bytes]
) -> None:
    assert isinstance(world.clock, FakeClock)
    said, _ = world.lists.get("dns")
    world.web.answers["/lists/dns.json"] = answer
    world.clock.time += timedelta(days=8)
    kept, flaw = world.lists.get("dns")
    assert kept == said
    assert "is of 2026-01-01" in flaw
    with pytest.raises(FetchError):
        again(world, "elsewhere/").get("dns")  # what came from another place is not taken for it


def test_without_any_list_there_is_an_error(world: World) -> None:
    del world.web.answers["/lists/asn.json"]
    with pytest.raises(FetchError, match="status 404"):
        world.lists.get("asn")


@pytest.mark.parametrize("content", ["", "[]", "{", '{"from": 1}', '{"from": "x", "fetched": 1, "list": {}}'])
def test_what_was_kept_and_is_broken_is_fetched_anew(world: World, content: str) -> None:
    said, _ = world.lists.get("dns")
    (world.folder / "dns.json").write_text(content, encoding="utf-8")
    assert world.lists.get("dns") == (said, "")
    assert len(world.web.asked) == 2


def test_a_folder_that_cannot_be_written_costs_time_only(world: World) -> None:
    world.folder.parent.mkdir(exist_ok=True)
    world.folder.write_text("a file in its place", encoding="utf-8")
    first, second = world.lists.get("dns"), world.lists.get("dns")
    assert first == second
    assert len(world.web.asked) == 2
