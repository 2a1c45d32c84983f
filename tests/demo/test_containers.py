"""What the writers write, other readers read."""

import io
import tarfile
import zipfile

import archi
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from safelight.demo.containers import encrypted_zip, png48, seven_zip, write_tar, write_zip

MEMBERS = {"a.txt": b"alpha", "folder/b.bin": bytes(range(256)) * 300, "naïve.txt": b"x"}


def test_zip() -> None:
    with zipfile.ZipFile(io.BytesIO(write_zip(MEMBERS))) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == MEMBERS


def test_tar() -> None:
    with tarfile.open(fileobj=io.BytesIO(write_tar(MEMBERS))) as archive:
        for info in archive:
            content = archive.extractfile(info)
            assert content is not None
            assert content.read() == MEMBERS[info.name]
        assert archive.getnames() == list(MEMBERS)


def test_seven_zip() -> None:
    found = {entry.filename: entry.read() for entry in archi.Archive(io.BytesIO(seven_zip(MEMBERS)))}
    assert found == MEMBERS


@given(
    st.dictionaries(
        st.text("abc/", min_size=1, max_size=9), st.binary(min_size=1, max_size=3000), min_size=1, max_size=5
    )
)
def test_seven_zip_of_anything(members: dict[str, bytes]) -> None:
    found = [entry.read() for entry in archi.Archive(io.BytesIO(seven_zip(members)))]
    assert found == list(members.values())


@given(st.binary(max_size=400), st.binary(min_size=1, max_size=9))
def test_encrypted_zip(data: bytes, password: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(encrypted_zip("locked.bin", data, password))) as archive:
        with pytest.raises(RuntimeError, match="encrypted"):
            archive.read("locked.bin")
        assert archive.read("locked.bin", password) == data


def test_png48() -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (7, 5, 3), dtype=np.uint8)
    data = png48(pixels)
    assert data[24:26] == b"\x10\x02"  # 16 bits a channel, RGB
    with Image.open(io.BytesIO(data)) as picture:
        assert np.array_equal(np.asarray(picture.convert("RGB")), pixels)
