"""7z and RAR, by libarchive."""

import io
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from safelight.media.archive import Budget, Member, members, safe_name
from safelight.media.archives.libarchive import Reader
from safelight.media.sniff import sniff
from safelight.media.warm import warm_up
from safelight.model.errors import LimitExceededError, MediaError
from safelight.model.media import Limits
from tests.media.draw import LIMITS, encode, scene
from tests.media.pack import Files, make_7z, make_encrypted_7z, make_rar4, make_rar5

FILES = [("a.txt", b"first" * 200), ("dir/b.txt", b"second" * 200), ("empty", b""), ("c.txt", b"x" * 512)]
MAKERS: dict[str, Callable[[Files], bytes]] = {"7z": make_7z, "rar4": make_rar4, "rar5": make_rar5}


def start(data: bytes, limits: Limits = LIMITS, *, skip: int = 0, budget: Budget | None = None) -> Iterator[Member]:
    return members(io.BytesIO(data), sniff(data), limits, skip=skip, budget=budget)


def make(kind: str, files: Files) -> bytes:
    return MAKERS[kind](files)


@pytest.mark.parametrize("kind", MAKERS)
def test_contents(kind: str) -> None:
    found = list(start(make(kind, FILES)))
    assert sorted((member.name, member.data, member.error) for member in found) == sorted(
        (name, data, None) for name, data in FILES
    )


@pytest.mark.parametrize("method", ["store", "deflate", "lzma1", "lzma2", "ppmd", "zstd"])
def test_7z_methods(method: str) -> None:
    picture = encode(scene(), "BMP")
    (member,) = start(make_7z([("a.bmp", picture)], method))
    assert member == Member("a.bmp", picture)


@pytest.mark.parametrize("kind", MAKERS)
@pytest.mark.parametrize("skip", [1, 2, 5])
def test_skip(kind: str, skip: int) -> None:
    data = make(kind, FILES)
    assert list(start(data, skip=skip)) == list(start(data))[skip:]


@pytest.mark.parametrize("kind", MAKERS)
def test_unsafe_and_foreign_names(kind: str) -> None:
    warm_up()  # sets the character set
    names = ["/abs", "../up", "n" * 900] + ([] if kind == "rar4" else ["grün/写真.jpg"])
    found = {member.name for member in start(make(kind, [(name, b"x") for name in names]))}
    assert found >= set(names[3:]) | {"../up", safe_name("n" * 900)}


def test_folders_are_left_out() -> None:
    assert [member.name for member in start(make_7z([("folder/", b""), ("folder/a", b"x")]))] == ["folder/a"]


def test_links_are_named() -> None:
    found = list(start(make_rar5([("a", b"x")], links=["link"])))
    assert [(member.name, member.error) for member in found] == [("a", None), ("link", "a symbolic link: not followed")]


@pytest.mark.parametrize(
    "data", [make_rar5(FILES[:2], encrypted=True), make_rar4(FILES[:2], encrypted=True)], ids=["rar5", "rar4"]
)
def test_encrypted_rar(data: bytes) -> None:
    assert list(start(data)) == [Member("a.txt", None, "encrypted"), Member("dir/b.txt", None, "encrypted")]


def test_encrypted_7z() -> None:
    assert list(start(make_encrypted_7z())) == [Member("secret.jpg", None, "encrypted")]


def test_7z_that_is_cut_short_says_so() -> None:
    data = make_7z(FILES)
    for end in (8, 40, len(data) // 2, len(data) - 1):
        with pytest.raises(MediaError, match="damaged or cut short"):
            list(start(data[:end]))


@pytest.mark.parametrize("kind", ["rar4", "rar5"])
def test_rar_that_is_cut_short_keeps_what_came_before(kind: str) -> None:
    data = make(kind, FILES)
    walking = start(data[: data.index(b"second") + 300])
    assert next(walking).data == FILES[0][1]
    second = next(walking)
    assert (second.name, second.error) == ("dir/b.txt", "damaged or cut short")
    with pytest.raises(MediaError, match="after 2 members; the rest is unread"):
        next(walking)


@pytest.mark.parametrize("kind", ["rar4", "rar5"])
def test_damage_within_a_stored_rar_member_costs_no_other(kind: str) -> None:
    """libarchive does not compare the checksum of stored members, so the damage itself goes unsaid."""
    data = bytearray(make(kind, FILES))
    data[data.index(b"second") + 50] ^= 1
    found = {member.name: member.data for member in start(bytes(data))}
    assert found.keys() == {name for name, _ in FILES}
    assert found["a.txt"] == FILES[0][1]
    assert found["dir/b.txt"] != FILES[1][1]


def test_damaged_7z_content() -> None:
    data = bytearray(make_7z([("a", b"noise" + bytes(range(256)))], "store"))
    data[data.index(b"noise")] ^= 1
    (member,) = start(bytes(data))
    assert member.error is not None


def test_limits() -> None:
    for kind in MAKERS:
        data = make(kind, [("a", b"1"), ("large", bytes(9000)), ("c", b"3")])
        found = list(start(data, replace(LIMITS, max_member_bytes=5000)))
        assert [member.error is None for member in found] == [True, False, True]
        with pytest.raises(LimitExceededError, match="more than 2 members"):
            list(start(data, replace(LIMITS, max_members=2)))
        with pytest.raises(LimitExceededError, match="in total"):
            list(start(data, replace(LIMITS, max_archive_bytes=100)))


def test_passing_over_a_large_7z_member_is_not_free() -> None:
    limits = replace(LIMITS, max_member_bytes=5000, max_archive_bytes=20_000)
    walking = start(make_7z([("a", b"1"), ("large", bytes(30_000)), ("c", b"3")]), limits)
    assert next(walking).name == "a"
    with pytest.raises(LimitExceededError, match="in total"):
        list(walking)
    rar = start(make_rar5([("a", b"1"), ("large", bytes(30_000)), ("c", b"3")]), limits)
    assert [member.error is None for member in rar] == [True, False, True]


def test_a_failing_stream_is_an_error_not_a_crash() -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            if self.tell() > 100:
                raise OSError("gone")
            return super().read(size)

    with Reader(Broken(make_rar5([("a", bytes(200_000))])), "rar5") as reader:
        next(reader.entries())
        with pytest.raises(MediaError):
            list(iter(reader.read, b""))


def test_only_the_asked_format_is_read() -> None:
    with Reader(io.BytesIO(make_7z(FILES)), "rar5") as reader, pytest.raises(MediaError):
        next(reader.entries())


def test_many_readers_leave_nothing_open() -> None:
    data = make_7z(FILES)
    for _ in range(200):
        next(start(data))
    assert len(list(start(data))) == 4
