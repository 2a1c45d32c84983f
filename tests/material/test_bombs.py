"""Bombs are cheap to make, small on disk, and are what they say they are."""

import io
import os
import stat
import time
import warnings
import zipfile
import zlib
from pathlib import Path

import pytest
from PIL import Image

from safelight.media.sniff import HEAD_BYTES, sniff
from tests.material import archive_bombs, picture_bombs
from tests.material.archive_bombs import Entry, raw_zip
from tests.material.bombs import make_bombs
from tests.material.picture_bombs import deflated_zeros

ALL = {name: make for name, make, *_ in (*picture_bombs.BOMBS, *archive_bombs.BOMBS)}


def test_all_bombs(tmp_path: Path) -> None:
    began = time.process_time()
    bombs = make_bombs(tmp_path, heavy=True)
    assert time.process_time() - began < 15  # 2 seconds measured
    assert len({bomb.name for bomb in bombs}) == len(bombs)
    assert all(os.path.lexists(bomb.path) and bomb.expect and bomb.note for bomb in bombs)
    light = [bomb for bomb in bombs if not bomb.heavy]
    assert len(light) >= 45
    assert sum(os.lstat(bomb.path).st_size for bomb in light) < 40e6
    sparse = next(bomb for bomb in bombs if bomb.name == "sparse-5gb").path.stat()
    assert sparse.st_size == 5 << 30
    assert sparse.st_blocks * 512 < 1 << 20
    kinds = {bomb.name: stat.S_IFMT(os.lstat(bomb.path).st_mode) for bomb in bombs}
    assert kinds["fifo"] == stat.S_IFIFO
    assert kinds["socket"] == stat.S_IFSOCK
    assert kinds["dangling-link"] == stat.S_IFLNK
    assert kinds.get("device", stat.S_IFCHR) == stat.S_IFCHR
    assert max(len(os.fsencode(path.name)) for path in tmp_path.iterdir()) == 255


@pytest.mark.parametrize("name", [name for name in ALL if name.endswith("-pixels." + name.rpartition(".")[2])])
def test_pixel_bombs_are_of_their_type(name: str) -> None:
    media_type = sniff(ALL[name]()[:HEAD_BYTES])
    assert f".{name.rpartition('.')[2]}" in media_type.suffixes


def test_claimed_pixels() -> None:
    for name in ("png-pixels.png", "gif-pixels.gif", "jpeg-pixels.jpg", "webp-pixels.webp", "tiff-pixels.tiff"):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with pytest.raises(Image.DecompressionBombError):
                Image.open(io.BytesIO(ALL[name]())).load()


def test_gif_has_20_000_frames() -> None:
    with Image.open(io.BytesIO(ALL["gif-frames.gif"]())) as picture:
        assert getattr(picture, "n_frames", 0) == 20_000
        values = []
        for number in (0, 1, 2, 3):
            picture.seek(number)
            values.append(picture.convert("L").getpixel((2, 2)))
        assert values == [0, 255, 0, 255]


def test_repeated_block_unpacks_to_zeros() -> None:
    for size in (1 << 20, 5 << 20):
        assert zlib.decompress(deflated_zeros(size)) == bytes(size)


def test_zip_of_zeros_claims_10_gib() -> None:
    with zipfile.ZipFile(io.BytesIO(ALL["zip-zeros.zip"]())) as archive:
        info = archive.infolist()[0]
        assert info.file_size == 10 << 30
        with archive.open(info) as content:
            assert content.read(1 << 20) == bytes(1 << 20)


def test_raw_zip_writes_true_archives_too() -> None:
    data = raw_zip([Entry(b"a.txt", b"alpha", 5, 0, zlib.crc32(b"alpha")), Entry(b"b.txt", method=0)])
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        assert archive.read("a.txt") == b"alpha"


def test_nested_zip_is_fifty_deep() -> None:
    data, depth = ALL["zip-nested-50.zip"](), 0
    while data.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            data = archive.read(archive.namelist()[0])
        depth += 1
    assert depth == 50
    assert data.startswith(b"\xff\xd8")
