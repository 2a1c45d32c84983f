import bz2
import gzip
import io
import lzma
import random
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice

import pytest
import zstandard

from safelight.media import formats as f
from safelight.media.archive import Budget, Member, members, safe_name
from safelight.media.sniff import sniff
from safelight.model.errors import LimitExceededError, MediaError
from safelight.model.media import Limits
from tests.media.draw import LIMITS
from tests.media.pack import make_tar

FILES = [("a.txt", b"first" * 200), ("dir/b.txt", b"second" * 200), ("empty", b""), ("c.txt", b"x" * 512)]

PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "plain": bytes,
    "gzip": gzip.compress,
    "xz": lzma.compress,
    "bzip2": bz2.compress,
    "zstd": zstandard.ZstdCompressor().compress,
    "zstd in frames": lambda data: b"".join(
        zstandard.ZstdCompressor().compress(data[at : at + 700]) for at in range(0, len(data), 700)
    ),
    "gzip in members": lambda data: gzip.compress(data[:1000]) + gzip.compress(data[1000:]),
}
PACKED = {name: pack for name, pack in PACKERS.items() if name != "plain"}


def start(data: bytes, limits: Limits = LIMITS, *, skip: int = 0, budget: Budget | None = None) -> Iterator[Member]:
    return members(io.BytesIO(data), sniff(data), limits, skip=skip, budget=budget)


def contents(data: bytes, *, skip: int = 0) -> list[tuple[str, bytes | None]]:
    found = list(start(data, skip=skip))
    assert all(member.error is None for member in found)
    return [(member.name, member.data) for member in found]


@pytest.mark.parametrize("packer", PACKERS)
@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_contents(packer: str, form: int) -> None:
    assert contents(PACKERS[packer](make_tar(FILES, form))) == FILES


@pytest.mark.parametrize("packer", PACKERS)
@pytest.mark.parametrize("skip", [1, 3, 4, 7])
def test_skip(packer: str, skip: int) -> None:
    assert contents(PACKERS[packer](make_tar(FILES)), skip=skip) == FILES[skip:]


def test_passing_over_in_a_plain_tar_reads_nothing() -> None:
    budget = Budget(LIMITS)
    data = make_tar([("large", bytes(1_000_000)), ("small", b"x")])
    assert [member.name for member in start(data, skip=1, budget=budget)] == ["small"]
    assert budget.unpacked < 10_000


@pytest.mark.parametrize("packer", PACKED)
def test_every_unpacked_byte_is_counted_once(packer: str) -> None:
    data = make_tar(FILES)
    budget = Budget(LIMITS)
    list(start(PACKED[packer](data), budget=budget))
    assert 0.8 * sum(512 + len(content) for _, content in FILES) <= budget.unpacked <= len(data)


@pytest.mark.parametrize("packer", PACKED)
def test_single_compressed_file(packer: str) -> None:
    assert contents(PACKED[packer](b"just a text " * 300)) == [("content", b"just a text " * 300)]
    assert list(start(PACKED[packer](b"just a text"), skip=1)) == []


def test_gzip_knows_its_files_name() -> None:
    file = io.BytesIO()
    with gzip.GzipFile("photo.jpg", "wb", fileobj=file) as out:
        out.write(b"content")
    assert contents(file.getvalue()) == [("photo.jpg", b"content")]


def test_empty_contents() -> None:
    assert contents(gzip.compress(b"")) == [("content", b"")]
    empty = make_tar([])
    assert list(members(io.BytesIO(empty), f.TAR, LIMITS)) == []


def test_links_devices_and_folders() -> None:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        for name, kind in (
            ("folder", tarfile.DIRTYPE),
            ("soft", tarfile.SYMTYPE),
            ("hard", tarfile.LNKTYPE),
            ("pipe", tarfile.FIFOTYPE),
            ("disk", tarfile.BLKTYPE),
        ):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
    assert list(start(file.getvalue())) == [
        Member("soft", None, "a symbolic link: not followed"),
        Member("hard", None, "a hard link: not followed"),
        Member("pipe", None, "a device: not followed"),
        Member("disk", None, "a device: not followed"),
    ]


def test_unsafe_and_long_names() -> None:
    names = ["/abs", "../../up", "a\nb", "n" * 255, "n" * 5000, "grün/写真"]
    found = list(start(make_tar([(name, b"x") for name in names])))
    assert [member.name for member in found[:3]] == ["/abs", "../../up", "a\\x0ab"]
    assert found[3].name == "n" * 255
    assert found[4].name == safe_name("n" * 5000)
    assert found[5].name == "grün/写真"


def test_bytes_that_are_no_utf8_in_a_name() -> None:
    data = make_tar([("cafe_", b"x")], tarfile.USTAR_FORMAT)
    header = bytearray(data[:512].replace(b"cafe_", b"caf\xe9_"))
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    assert next(start(bytes(header) + data[512:])).name == "caf\\xe9_"


def test_sparse_members_are_filled() -> None:
    data = _sparse(10_000)
    (member,) = start(data)
    assert member.data is not None
    assert (len(member.data), member.data[:5], member.data[-10:]) == (10_000, b"start", bytes(10))


def test_sparse_bomb() -> None:
    (member,) = start(_sparse(1 << 33))
    assert member == Member("sparse", None, "unpacks to more than 1,073,741,824 bytes, the limit for one member")


def _sparse(size: int) -> bytes:
    """A PAX 1.0 sparse member of `size` bytes: five at the start, then a hole."""
    table = f"1\n0\n5\n{size}\n0\n".encode().replace(b"1\n", b"2\n", 1).ljust(512, b"\0")
    info = tarfile.TarInfo("sparse.stored")
    content = table + b"start"
    info.size = len(content)
    info.pax_headers = {
        "GNU.sparse.major": "1",
        "GNU.sparse.minor": "0",
        "GNU.sparse.name": "sparse",
        "GNU.sparse.realsize": str(size),
    }
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as archive:
        archive.addfile(info, io.BytesIO(content))
    return file.getvalue()


# Damage


@pytest.mark.parametrize("packer", ["plain", "gzip", "gzip in members", "xz", "zstd in frames"])
def test_cut_within_a_member(packer: str) -> None:
    noise = random.Random(1).randbytes(300_000)
    data = PACKERS[packer](make_tar([("a", b"1" * 3000), ("b", noise), ("c", b"3")]))
    walking = start(data[: int(len(data) * 0.6)])
    assert next(walking) == Member("a", b"1" * 3000)
    second = next(walking)
    assert (second.name, second.error) == ("b", "cut short")
    assert second.data
    assert len(second.data) > 0.2 * len(noise)
    assert noise.startswith(second.data)
    with pytest.raises(MediaError, match=r"unread|cut short|damaged"):
        next(walking)


@pytest.mark.parametrize("packer", ["bzip2", "zstd"])
def test_cut_within_the_only_block(packer: str) -> None:
    data = PACKERS[packer](make_tar([("a", random.Random(1).randbytes(20_000))]))
    (member,) = start(data[: len(data) // 2])
    assert (member.name, member.data, member.error) == ("content", None, "cut short")


def test_damaged_header_in_the_middle_names_the_loss() -> None:
    data = bytearray(make_tar([("a", b"1"), ("b", b"2"), ("c", b"3")], tarfile.USTAR_FORMAT))
    data[1024 + 150] ^= 0x55  # the checksum of b's header
    walking = start(bytes(data))
    assert next(walking).name == "a"
    with pytest.raises(MediaError, match="a damaged header after 1 members; the rest is unread"):
        next(walking)


def test_missing_end_blocks_are_fine() -> None:
    data = make_tar([("a", b"x" * 512)])
    assert contents(data[: data.index(b"x" * 512) + 512]) == [("a", b"x" * 512)]


@pytest.mark.parametrize("packer", PACKED)
def test_damaged_single_file(packer: str) -> None:
    data = PACKED[packer](b"".join(bytes([n % 251]) * (n % 7) for n in range(20_000)))
    (member,) = start(data[: len(data) // 2])
    assert member.error is not None
    assert member.name == "content"


def test_negative_size_does_not_loop_forever() -> None:
    """CVE-2025-8194: tarfile went back and forth on a header of negative size."""
    data = bytearray(make_tar([("a", b""), ("b", b"x")], tarfile.GNU_FORMAT))
    data[512 + 124 : 512 + 136] = b"\xff" + (2**88 - 1024).to_bytes(11, "big")
    data[512 + 148 : 512 + 156] = b" " * 8
    data[512 + 148 : 512 + 156] = b"%06o\0 " % sum(data[512:1024])
    walking = start(bytes(data))
    assert next(walking).name == "a"
    with pytest.raises(MediaError):
        list(islice(walking, 10))


# Limits


@pytest.mark.parametrize("packer", PACKERS)
def test_member_limit_passes_over_one(packer: str) -> None:
    data = PACKERS[packer](make_tar([("a", b"1"), ("large", bytes(9000)), ("c", b"3")]))
    found = list(start(data, replace(LIMITS, max_member_bytes=5000)))
    assert [member.error for member in found] == [
        None,
        "unpacks to more than 5,000 bytes, the limit for one member",
        None,
    ]


@pytest.mark.parametrize("packer", PACKED)
def test_archive_limit(packer: str) -> None:
    limits = replace(LIMITS, max_archive_bytes=200_000)
    walking = start(PACKED[packer](make_tar([("a", b"1"), ("zeros", bytes(1_000_000)), ("c", b"3")])), limits)
    assert next(walking).error is None
    assert "in total" in (next(walking).error or "")
    with pytest.raises(LimitExceededError, match="200,000 bytes in total"):
        next(walking)


@pytest.mark.parametrize("packer", PACKED)
def test_single_file_bomb(packer: str) -> None:
    limits = replace(LIMITS, max_member_bytes=100_000)
    (member,) = start(PACKED[packer](bytes(500_000)), limits)
    assert member == Member("content", None, "unpacks to more than 100,000 bytes, the limit for one member")


def test_count_limit() -> None:
    walking = start(make_tar([(str(n), b"") for n in range(9)]), replace(LIMITS, max_members=3))
    assert [next(walking).name for _ in range(3)] == ["0", "1", "2"]
    with pytest.raises(LimitExceededError):
        next(walking)


def test_a_giant_header_is_refused_before_it_is_read() -> None:
    info = tarfile.TarInfo("x")
    info.type, info.size = tarfile.GNUTYPE_LONGNAME, 1 << 34
    with pytest.raises(LimitExceededError, match="a header of more than 16,777,216 bytes"):
        list(start(info.tobuf(tarfile.GNU_FORMAT) + bytes(2048)))
