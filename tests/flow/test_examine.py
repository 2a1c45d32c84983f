import base64
import hashlib
import io
import tarfile
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps

from safelight.demo.draw import draw
from safelight.fingerprint.local import local_features, working_picture
from safelight.fingerprint.tiles import picture_tiles
from safelight.flow.examine import examine
from safelight.flow.mosaic import MOSAIC
from safelight.model.fingerprint import Digests, Fingerprint, View
from safelight.model.local import OF_KNOWN, OF_QUERY, TILES, LocalExamination, LocalRequest
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


def looked_at(picture: Image.Image, request: LocalRequest = OF_QUERY, **options: object) -> LocalExamination:
    (found,) = run(encoded(picture, **options), local=request)  # type: ignore[arg-type] # options of the encoder
    assert found.local is not None
    return found.local


@pytest.mark.parametrize("request_", [OF_QUERY, OF_KNOWN])
def test_local_features_are_those_of_the_working_picture(request_: LocalRequest) -> None:
    picture = draw(7, 900, 450)
    taken = looked_at(picture, request_)
    working = working_picture(np.asarray(picture), 1, request_.side)
    assert taken.working.grey.shape == (request_.side // 2, request_.side)
    assert (taken.working.width, taken.working.height) == (900, 450)
    assert np.array_equal(taken.working.grey, working.grey)
    assert 50 < len(taken.features.x) <= request_.keypoints
    assert np.array_equal(taken.features.descriptors, local_features(working.grey, request_.keypoints).descriptors)
    assert np.array_equal(taken.tiles.codes, picture_tiles(working.grey).codes)
    assert taken.tiles.quality.shape == (TILES,)


def test_local_features_and_pixels_come_only_when_asked_for(picture: bytes) -> None:
    (plain,) = run(picture)
    assert (plain.local, plain.pixels) == (None, None)
    (shown,) = run(picture, pixels=100)
    assert shown.local is None
    assert shown.pixels is not None
    assert replace(shown, pixels=None) == plain


def test_wanted_is_told_each_decoded_picture_with_what_is_known_of_it(nested: bytes) -> None:
    plain = run(nested, "outer.zip")
    told: list[Examination] = []

    def wanted(found: Examination) -> bool:
        told.append(found)
        return found.path.endswith("deep.png")

    found = run(nested, "outer.zip", local=OF_KNOWN, pixels=9, wanted=wanted)
    assert [replace(e, local=None) for e in told] == [e for e in plain if e.facts]
    assert all(e.local is not None and len(e.local.features.x) == 0 for e in told)
    assert [e.path for e in found if e.local and len(e.local.features.x)] == ["outer.zip!/inner.tar.gz!/deep.png"]
    assert [e.path for e in found if e.local] == [e.path for e in told]
    assert [e.path for e in found if e.pixels is not None] == [e.path for e in told]
    assert [replace(e, local=None, pixels=None) for e in found] == plain


def test_what_is_known_or_made_already_is_not_looked_at(picture: bytes, nested: bytes) -> None:
    def fail(_found: Examination) -> bool:
        raise AssertionError

    assert run(picture, known=lambda _digests: True, local=OF_QUERY, wanted=fail)
    assert len(run(nested, "outer.zip", skip=3, local=OF_QUERY, wanted=fail)) == 3
    assert run(picture, local=None, wanted=fail)


@pytest.mark.parametrize("size", [(64, 64), (1, 1), (3, 400), (5000, 1)])
def test_flat_and_tiny_pictures_are_looked_at_too(size: tuple[int, int]) -> None:
    told: list[Fingerprint | None] = []

    def wanted(found: Examination) -> bool:
        told.append(found.fingerprint)
        return True

    (found,) = run(encoded(Image.new("RGB", size, (10, 20, 30))), local=OF_QUERY, pixels=300, wanted=wanted)
    assert [fingerprint.prints for fingerprint in told if fingerprint] == [()]
    assert found.local is not None
    assert len(found.local.features.x) == 0
    assert found.pixels is not None
    assert max(found.pixels.shape[:2]) == min(max(size), 300)
    assert (found.pixels == (10, 20, 30)).all()


def test_a_truncated_picture_is_looked_at_too() -> None:
    data = encoded(draw(5, 400, 300), "JPEG", quality=85)
    (found,) = run(data[: len(data) * 2 // 3], "a.jpg", local=OF_QUERY)
    assert found.status is Status.DEGRADED
    assert found.local is not None


@pytest.mark.parametrize("orientation", range(1, 9))
def test_pictures_are_looked_at_as_displayed(orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = draw(6, 400, 300)
    shown = ImageOps.exif_transpose(Image.open(io.BytesIO(encoded(stored, "PNG", exif=exif))))
    (found,) = run(encoded(stored, "PNG", exif=exif), local=OF_QUERY, pixels=1000)
    assert found.pixels is not None
    assert np.array_equal(found.pixels, np.asarray(shown))
    assert found.pixels.flags.c_contiguous
    assert found.local is not None
    assert found.facts is not None
    assert (found.local.working.width, found.local.working.height) == (found.facts.width, found.facts.height)
    assert np.array_equal(found.local.working.grey, looked_at(shown).working.grey)


def test_pixels_are_reduced_by_averaging_and_never_enlarged() -> None:
    checks = np.indices((60, 80)).sum(axis=0) % 2 * 200
    picture = encoded(Image.fromarray(np.repeat(checks[..., None], 3, axis=2).astype(np.uint8)))
    (reduced,) = run(picture, pixels=40)
    assert reduced.pixels is not None
    assert reduced.pixels.shape == (30, 40, 3)
    assert (reduced.pixels == 100).all()
    (whole,) = run(picture, pixels=81)
    assert whole.pixels is not None
    assert whole.pixels.shape == (60, 80, 3)


def test_of_an_animation_the_first_frame_with_a_hash_is_looked_at() -> None:
    frames = [Image.new("RGB", (200, 150), (9, 9, 9)), draw(8, 200, 150), draw(9, 200, 150)]
    data = encoded(frames[0], "PNG", save_all=True, append_images=frames[1:])
    (found,) = run(data, local=OF_QUERY, pixels=200)
    assert found.fingerprint is not None
    assert found.fingerprint.main is not None
    assert found.fingerprint.main.frame == 1
    assert found.pixels is not None
    assert np.array_equal(found.pixels, np.asarray(frames[1]))
    assert found.local is not None
    assert np.array_equal(found.local.working.grey, looked_at(frames[1]).working.grey)
