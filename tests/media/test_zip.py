import ctypes
import errno
import io
import struct
import zipfile
from dataclasses import replace

import pytest

from safelight.media import formats as f
from safelight.media.archive import Budget, Member, members
from safelight.media.archives import member as member_module
from safelight.media.sniff import sniff
from safelight.model.errors import LimitExceededError, MediaError
from safelight.model.media import Limits
from tests.media.draw import LIMITS, encode, scene
from tests.media.pack import make_zip

FILES = [("a.txt", b"first" * 50), ("dir/b.txt", b"second" * 50), ("c.txt", b"third" * 50)]


def walk(data: bytes, limits: Limits = LIMITS, *, skip: int = 0, budget: Budget | None = None) -> list[Member]:
    return list(members(io.BytesIO(data), f.ZIP, limits, skip=skip, budget=budget))


def contents(found: list[Member]) -> list[tuple[str, bytes | None]]:
    return [(member.name, member.data) for member in found]


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_methods(method: int) -> None:
    found = walk(make_zip(FILES, method))
    assert contents(found) == FILES
    assert [member.error for member in found] == [None, None, None]


def test_empty_archive() -> None:
    assert walk(make_zip([])) == []


def test_directories_are_left_out_and_do_not_count() -> None:
    data = make_zip([("dir/", b""), *FILES, ("dir/sub/", b"")])
    assert contents(walk(data)) == FILES
    assert contents(walk(data, skip=1)) == FILES[1:]


@pytest.mark.parametrize("skip", [0, 1, 2, 3, 9])
def test_skip(skip: int) -> None:
    assert contents(walk(make_zip(FILES), skip=skip)) == FILES[skip:]


def test_empty_member_is_empty_not_missing() -> None:
    assert walk(make_zip([("empty", b"")])) == [Member("empty", b"")]


def test_it_is_lazy() -> None:
    budget = Budget(LIMITS)
    walking = members(io.BytesIO(make_zip(FILES)), f.ZIP, LIMITS, budget=budget)
    next(walking)
    assert (budget.entries, budget.unpacked) == (1, len(FILES[0][1]))


def test_prefixed_archive() -> None:
    assert contents(walk(b"MZ a program that unpacks itself" + make_zip(FILES))) == FILES


def test_members_of_members() -> None:
    picture = encode(scene(32, 32), "PNG")
    inner = make_zip([("deep.png", picture)])
    (outer,) = walk(make_zip([("inner.zip", inner)]))
    (deep,) = members(outer.stream(), sniff(outer.data or b""), LIMITS)
    assert deep == Member("deep.png", picture)


def test_unsafe_names_are_only_names() -> None:
    names = ["/etc/passwd", "../../up", "a\x1b[31mb", "grün.jpg", "写真.jpg", "x" * 5000]
    found = walk(make_zip([(name, b"x") for name in names]))
    assert [member.name for member in found[:5]] == ["/etc/passwd", "../../up", "a\\x1b[31mb", "grün.jpg", "写真.jpg"]
    assert len(found[5].name) < 1100
    assert all(member.data == b"x" for member in found)


def test_old_names_are_read_as_cp437() -> None:
    data = make_zip([("gr_n.txt", b"x")]).replace(b"gr_n", b"gr\x81n")
    assert walk(data)[0].name == "grün.txt"


def test_a_damaged_member_costs_only_itself() -> None:
    data = bytearray(make_zip(FILES, zipfile.ZIP_STORED))
    data[data.index(b"second")] ^= 1
    first, second, third = walk(bytes(data))
    assert (first.data, third.data) == (FILES[0][1], FILES[2][1])
    assert second.error == "damaged: its checksum does not match"
    assert second.data is not None
    assert second.data[1:] == FILES[1][1][1:]


def test_a_damaged_stream_gives_what_came_before() -> None:
    payload = bytes(range(256)) * 40
    data = bytearray(make_zip([("a", payload), ("b", b"fine")]))
    data[100:110] = b"\xff" * 10
    first, second = walk(bytes(data))
    assert first.error is not None
    assert second == Member("b", b"fine")


def test_a_damaged_local_header_costs_only_its_member() -> None:
    data = bytearray(make_zip(FILES))
    data[data.index(b"PK\x03\x04", 10)] = 0
    first, second, third = walk(bytes(data))
    assert (first.data, second.data, third.data) == (FILES[0][1], None, FILES[2][1])
    assert second.error == "damaged (BadZipFile)"


def test_encrypted_members_are_named() -> None:
    data = bytearray(make_zip(FILES))
    for signature, offset in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        at = data.index(signature, data.index(signature) + 4)  # the second member's headers
        data[at + offset] |= 1
    assert [member.error for member in walk(bytes(data))] == [None, "encrypted", None]


def test_unsupported_method_is_named() -> None:
    data = bytearray(make_zip([("a", b"abc")]))
    for signature, offset in ((b"PK\x01\x02", 10), (b"PK\x03\x04", 8)):
        at = data.index(signature)
        data[at + offset : at + offset + 2] = struct.pack("<H", 97)
    assert walk(bytes(data)) == [Member("a", None, "uses a method that is not supported")]


def test_symbolic_links_are_named_and_not_followed() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        info = zipfile.ZipInfo("link")
        info.create_system, info.external_attr = 3, 0o120777 << 16
        archive.writestr(info, "/etc/passwd")
    assert walk(file.getvalue()) == [Member("link", None, "a symbolic link: not followed")]


def test_without_central_directory_the_local_headers_are_walked() -> None:
    data = make_zip(FILES)
    walking = members(io.BytesIO(data[: data.index(b"PK\x01\x02")]), f.ZIP, LIMITS)
    assert contents([next(walking), next(walking), next(walking)]) == FILES
    with pytest.raises(MediaError, match="no readable directory; by local headers: damaged or cut short after 3 mem"):
        next(walking)


def test_cut_in_the_middle_of_a_member() -> None:
    data = make_zip(FILES, zipfile.ZIP_STORED)
    walking = members(io.BytesIO(data[: data.index(b"second") + 20]), f.ZIP, LIMITS)
    assert next(walking).data == FILES[0][1]
    second = next(walking)
    assert (second.name, second.error) == ("dir/b.txt", "damaged or cut short")
    with pytest.raises(MediaError):
        next(walking)


def test_one_undecodable_name_does_not_hide_the_others() -> None:
    data = make_zip([("caf_é.txt", b"x"), *FILES]).replace("é".encode(), b"\xff\xfe")
    ctypes.set_errno(errno.ENOMEM)  # left over from some allocation: libarchive must not take it for its own
    walking = members(io.BytesIO(data), f.ZIP, LIMITS)
    found = [next(walking) for _ in range(4)]
    assert [member.data for member in found] == [b"x", *(content for _, content in FILES)]


def test_nothing_but_a_signature() -> None:
    with pytest.raises(MediaError, match=r"damaged|cut short"):
        walk(b"PK\x03\x04")


# Limits


def test_member_limit() -> None:
    small = replace(LIMITS, max_member_bytes=260)
    found = walk(make_zip(FILES), small)
    assert [member.error is None for member in found] == [True, False, True]
    assert found[1].error == "unpacks to more than 260 bytes, the limit for one member"


def test_member_limit_does_not_trust_the_header() -> None:
    data = bytearray(make_zip([("a", bytes(5_000_000))]))
    at = data.index(b"PK\x01\x02")
    data[at + 24 : at + 28] = struct.pack("<I", 100)
    (found,) = walk(bytes(data), replace(LIMITS, max_member_bytes=1000))
    # zipfile stops at the size stated; the checksum then fails
    assert found.error is not None
    assert len(found.data or b"") <= 1000


def test_archive_limit_ends_the_walk() -> None:
    walking = members(io.BytesIO(make_zip(FILES)), f.ZIP, replace(LIMITS, max_archive_bytes=300))
    assert next(walking).error is None
    assert next(walking).error == "unpacks to more than 300 bytes in total; the rest is not read"
    with pytest.raises(LimitExceededError, match="more than 300 bytes in total"):
        next(walking)


def test_count_limit_ends_the_walk() -> None:
    data = make_zip([(str(number), b"") for number in range(10)])
    walking = members(io.BytesIO(data), f.ZIP, replace(LIMITS, max_members=4))
    assert [next(walking).name for _ in range(4)] == ["0", "1", "2", "3"]
    with pytest.raises(LimitExceededError, match="more than 4 members"):
        next(walking)


def test_nested_archives_share_a_budget() -> None:
    limits = replace(LIMITS, max_members=4)
    budget = Budget(limits)
    inner = make_zip([("1", b""), ("2", b"")])
    outer, *_ = walk(make_zip([("inner.zip", inner), ("x", b"")]), limits, budget=budget)
    with pytest.raises(LimitExceededError):
        list(members(outer.stream(), f.ZIP, limits, budget=budget)) + walk(inner, limits, budget=budget)


def test_a_bomb_stops_early(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(member_module, "BOMB_FROM", 1 << 20)
    budget = Budget(LIMITS)
    (found,) = walk(make_zip([("zeros", bytes(8 << 20))]), budget=budget)
    assert found == Member("zeros", None, "unpacks to more than 250 times its size: a decompression bomb")
    assert budget.unpacked <= 3 << 20


def test_overlapping_members_as_in_a_zip_bomb() -> None:
    """Fifield's construction in small: the first member's data reach over the second's header."""
    kernel = make_zip([("b", b"kernel " * 30)], zipfile.ZIP_STORED)
    local = kernel[: kernel.index(b"PK\x01\x02")]
    wrapper = local[:18] + struct.pack("<II", len(local), len(local)) + local[26:30] + b"a"
    first = bytearray(kernel[kernel.index(b"PK\x01\x02") : kernel.index(b"PK\x05\x06")])
    second = bytearray(first)
    first[20:28] = struct.pack("<II", len(local), len(local))
    first[46:47] = b"a"
    second[42:46] = struct.pack("<I", len(wrapper))
    directory = bytes(first + second)
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 2, 2, len(directory), len(wrapper) + len(local), 0)
    a, b = walk(wrapper + local + directory + end)
    assert a == Member("a", None, "overlaps the next member, as in a zip bomb")
    assert b.data == b"kernel " * 30


def test_two_names_for_one_content() -> None:
    data = make_zip([("one", b"same")], zipfile.ZIP_STORED)
    at, end = data.index(b"PK\x01\x02"), data.index(b"PK\x05\x06")
    entry = data[at:end]
    directory = entry + entry.replace(b"one", b"two")
    tail = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 2, 2, len(directory), at, 0)
    names = [(member.name, member.data, member.error) for member in walk(data[:at] + directory + tail)]
    assert names[0] == ("one", b"same", None)
    assert names[1][0] == "two"
    assert names[1][2] is not None  # its local header has the other name
