import base64
import hashlib
import io
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from safelight.demo.draw import draw
from safelight.flow.examine import MOSAIC, examine
from safelight.model.fingerprint import Digests, View
from safelight.model.media import Limits
from safelight.model.scan import Examination, Status

LIMITS = Limits()


def encoded(picture: Image.Image, form: str = "PNG", **options: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, form, **options)
    return out.getvalue()


def zipped(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def tarred(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def run(data: bytes, name: str = "file", **options: object) -> list[Examination]:
    return list(examine(name, io.BytesIO(data), LIMITS, **options))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def picture() -> bytes:
    return encoded(draw(3, 320, 240))


@pytest.fixture(scope="module")
def nested(picture: bytes) -> bytes:
    inner = tarred({"deep.png": picture, "broken.png": picture[:40]})
    return zipped({"a.png": encoded(draw(4, 320, 240)), "inner.tar.gz": inner, "notes.txt": b"words"})


def test_a_picture(picture: bytes) -> None:
    (found,) = run(picture, "a.png")
    assert found.status is Status.OK
    assert found.fingerprint is not None
    assert found.fingerprint.digests.sha256 == hashlib.sha256(picture).hexdigest()
    assert found.facts is not None
    assert (found.facts.width, found.facts.height) == (320, 240)
    assert found.fingerprint.main is not None
    assert found.fingerprint.main.pdq.quality > 50
    assert found.signals == ()


def test_a_file_is_mapped_and_gives_the_same(picture: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(picture)
    with path.open("rb") as stream:
        assert list(examine("a.png", stream, LIMITS)) == run(picture, "a.png")


def test_archives_are_walked_in_place_members_first(nested: bytes) -> None:
    found = run(nested, "outer.zip")
    assert [(e.path, e.status.value) for e in found] == [
        ("outer.zip!/a.png", "ok"),
        ("outer.zip!/inner.tar.gz!/deep.png", "ok"),
        ("outer.zip!/inner.tar.gz!/broken.png", "unreadable"),
        ("outer.zip!/inner.tar.gz", "ok"),
        ("outer.zip!/notes.txt", "unsupported"),
        ("outer.zip", "ok"),
    ]
    assert found[2].error
    assert found[-1].fingerprint is not None
    assert found[-1].fingerprint.digests.md5 == hashlib.md5(nested).hexdigest()


def test_every_skip_takes_up_the_walk_where_it_stopped(nested: bytes) -> None:
    whole = run(nested, "outer.zip")
    for skip in range(len(whole) + 1):
        assert run(nested, "outer.zip", skip=skip) == whole[skip:]


def test_begin_names_what_is_being_worked_on(nested: bytes) -> None:
    begun: list[str] = []
    run(nested, "outer.zip", begin=begun.append)
    assert begun[0] == "outer.zip"
    assert "outer.zip!/inner.tar.gz!/deep.png" in begun
    assert begun.index("outer.zip!/inner.tar.gz") < begun.index("outer.zip!/inner.tar.gz!/deep.png")


def test_what_is_known_is_not_decoded(picture: bytes, nested: bytes) -> None:
    asked: list[Digests] = []

    def known(digests: Digests) -> bool:
        asked.append(digests)
        return True

    (found,) = run(picture, known=known)
    assert found.facts is None
    assert found.fingerprint is not None
    assert found.fingerprint.prints == ()
    (whole,) = run(nested, "outer.zip", known=known)
    assert whole.path == "outer.zip"
    assert [d.size for d in asked] == [len(picture), len(nested)]


def test_name_that_disagrees_is_a_signal(picture: bytes) -> None:
    (found,) = run(picture, "holiday.jpg")
    assert [signal.name for signal in found.signals] == ["name_mismatch"]


@pytest.mark.parametrize("size", [(64, 64), (1, 1), (3, 400)])
def test_flat_pictures_are_said_to_be_unhashable(size: tuple[int, int]) -> None:
    (found,) = run(encoded(Image.new("RGB", size, (10, 20, 30))))
    assert found.status is Status.OK
    assert found.fingerprint is not None
    assert found.fingerprint.prints == ()
    assert [signal.name for signal in found.signals] == ["unhashable"]


def test_empty_file_says_so() -> None:
    (found,) = run(b"")
    assert (found.status, found.error) == (Status.UNREADABLE, "empty file")


def test_truncated_picture_is_degraded(picture: bytes) -> None:
    data = encoded(draw(5, 400, 300), "JPEG", quality=85)
    (found,) = run(data[: len(data) * 2 // 3], "a.jpg")
    assert found.status is Status.DEGRADED
    assert found.fingerprint is not None
    assert found.fingerprint.prints


def test_orientation_gives_upright_and_raw_prints() -> None:
    upright = draw(6, 400, 300)
    exif = Image.Exif()
    exif[0x0112] = 6
    stored = upright.transpose(Image.Transpose.ROTATE_90)
    (turned,) = run(encoded(stored, "PNG", exif=exif))
    (plain,) = run(encoded(upright))
    assert turned.facts is not None
    assert plain.fingerprint is not None
    assert turned.fingerprint is not None
    assert (turned.facts.width, turned.facts.height, turned.facts.orientation) == (400, 300, 6)
    assert turned.fingerprint.main is not None
    assert plain.fingerprint.main is not None
    assert turned.fingerprint.main.pdq.hash == plain.fingerprint.main.pdq.hash
    (raw,) = run(encoded(stored))
    assert raw.fingerprint is not None
    assert raw.fingerprint.main is not None
    prints = {p.view: p.pdq.hash for p in turned.fingerprint.prints}
    assert prints[View.RAW] == raw.fingerprint.main.pdq.hash


def test_depth_is_limited(picture: bytes) -> None:
    data = picture
    for level in range(LIMITS.max_depth + 1):
        data = zipped({f"{level}.bin": data})
    found = run(data, "z")
    assert any(e.error and "nested deeper" in e.error for e in found)
    assert not any(e.facts for e in found)


def test_member_count_is_limited_over_all_levels() -> None:
    inner = zipped({f"{n}.txt": b"x" for n in range(60)})
    data = zipped({f"{n}.zip": inner for n in range(3)})
    found = list(examine("z", io.BytesIO(data), Limits(max_members=100)))
    assert found[-1].path == "z"
    assert found[-1].error
    assert len(found) < 110


def test_mosaic_is_sixteen_square_mean_colours() -> None:
    halves = Image.new("RGB", (64, 32), (255, 0, 0))
    halves.paste((0, 0, 255), (32, 0, 64, 32))
    (found,) = run(encoded(halves), thumbnail=True)
    cells = np.frombuffer(base64.b64decode(found.thumbnail or ""), dtype=np.uint8).reshape(MOSAIC, MOSAIC, 3)
    assert (cells[:, : MOSAIC // 2] == (255, 0, 0)).all()
    assert (cells[:, MOSAIC // 2 :] == (0, 0, 255)).all()
