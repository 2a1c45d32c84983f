"""Mutants are deterministic, small, distinct from what they were made of, and cover every format."""

import io
import zlib

import archi
import pytest
from PIL import Image

from safelight.media.sniff import HEAD_BYTES, sniff
from safelight.model.media import MediaKind
from tests.material.mutate import MOST_BYTES, MUTATIONS, mutants, with_right_checksums
from tests.material.seeds import seeds, write_rar5


@pytest.mark.parametrize("name", sorted(seeds()))
def test_seeds_are_small_and_known(name: str) -> None:
    data = seeds()[name]
    assert len(data) <= 10_240
    assert sniff(data[:HEAD_BYTES]).kind is not MediaKind.OTHER


def test_rar5_is_read_by_libarchive() -> None:
    members = {"one.txt": b"first", "two/three.bin": bytes(300)}
    found = {entry.filename: entry.read() for entry in archi.Archive(io.BytesIO(write_rar5(members)))}
    assert found == members


def test_same_seed_same_mutants() -> None:
    first = list(mutants(7, 60))
    assert first == list(mutants(7, 60))
    assert [m.data for m in first] != [m.data for m in mutants(8, 60)]


def test_every_format_meets_every_mutation() -> None:
    made = list(mutants(3, len(seeds()) * len(MUTATIONS)))
    pairs = {m.note.partition(",")[0] for m in made}
    assert pairs == {f"{kind} of {name}" for kind in MUTATIONS for name in seeds()}
    assert len({m.name for m in made}) == len(made)
    for mutant in made:
        source = seeds()[mutant.note.partition(",")[0].partition(" of ")[2]]
        assert mutant.data != source
        assert len(mutant.data) <= MOST_BYTES


def test_extra_seeds_take_part() -> None:
    made = list(mutants(3, len(seeds()) + 1, {"own.heic": bytes(64)}))
    assert made[-1].note.endswith(" of own.heic")


def test_checksums_are_made_right() -> None:
    whole = seeds()["rgb.png"]
    broken = bytearray(whole)
    broken[29:33] = bytes(4)  # IHDR's checksum
    assert with_right_checksums(bytes(broken)) == whole
    assert with_right_checksums(whole[:40]) == whole[:40]
    wider = bytearray(whole)
    wider[19] ^= 1
    with Image.open(io.BytesIO(with_right_checksums(bytes(wider)))) as picture:
        assert picture.size == (49, 36)
    assert zlib.crc32(whole[12:29]).to_bytes(4, "big") == whole[29:33]
