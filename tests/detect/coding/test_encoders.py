"""Encoders, by files written as they write them."""

from safelight.detect.coding import encoders, read_coding
from safelight.detect.coding.encoders import Encoder, identify
from safelight.detect.coding.jpeg import read_structure
from safelight.detect.coding.quality import CHROMA, LUMA, scaled
from safelight.model.signal import Says, Signal, SignalKind
from tests.detect.coding.pictures import jpeg, photo
from tests.detect.coding.test_jpeg import segment

PICTURE = photo(3, 64, 48)


def encoder(data: bytes) -> Encoder:
    structure = read_structure(data)
    assert structure is not None
    found = identify(structure)
    assert found is not None
    return found


def with_tables(*tables: tuple[int, ...]) -> bytes:
    return jpeg(PICTURE, -1, qtables=[list(table) for table in tables])


def as_adobe(data: bytes) -> bytes:
    """The file as Photoshop would have written it: its own segments, and all tables in one."""
    structure = read_structure(data)
    assert structure is not None
    places = [at for at in range(len(data)) if data[at : at + 2] == b"\xff\xdb"]
    tables = segment(0xDB, b"".join(data[at + 4 : at + 69] for at in places))
    marks = segment(0xED, b"Photoshop 3.0\0") + segment(0xEE, b"Adobe\0\x64\0\0\0\0\x01")
    return b"\xff\xd8" + marks + tables + data[places[-1] + 69 :]


def test_libjpeg_and_its_defaults() -> None:
    found = encoder(jpeg(PICTURE))
    assert found.rule is encoders.IJG_RULE
    assert "quality 75, the defaults of libjpeg and Pillow" in found.words
    assert "defaults" not in encoder(jpeg(PICTURE, 90)).words
    assert "defaults" not in encoder(jpeg(PICTURE, 75, subsampling=0)).words
    assert "quality 90:" in encoder(jpeg(PICTURE[..., 0], 90)).words


def test_two_qualities_are_told_apart() -> None:
    assert "quality 90, colour 70" in encoder(with_tables(scaled(LUMA, 90), scaled(CHROMA, 70))).words


def test_nearly_standard_tables_are_a_library_of_its_own() -> None:
    odd = (8, *scaled(CHROMA, 75)[1:])
    found = encoder(with_tables(scaled(LUMA, 75), odd))
    assert not found.known
    assert "quality 75 but for one step:" in found.words


def test_pillow_presets_and_save_for_web() -> None:
    for setting, preset in encoders._WEB.values():
        data = jpeg(PICTURE, preset)
        assert f"`{preset}`" in encoder(data).words
        found = encoder(as_adobe(data))
        assert found.words == f"Adobe Photoshop, Save for web, quality {setting}"


def test_photoshop_settings() -> None:
    for preset, setting in (("low", 3), ("medium", 5), ("high", 8), ("maximum", 10)):
        data = jpeg(PICTURE, preset)
        assert encoder(as_adobe(data)).words == f"Adobe Photoshop or Lightroom, setting {setting} of 12"
        assert encoder(data).words.endswith("written as libjpeg does")


def test_mozjpeg() -> None:
    table = scaled(encoders._MOZJPEG, 80)
    assert encoder(with_tables(table, table)).words == "mozjpeg at quality 80"
    assert encoder(with_tables(table, scaled(CHROMA, 80))).rule is encoders.OTHER_RULE


def test_the_top_of_all_scales_is_the_most_common_one() -> None:
    assert encoder(jpeg(PICTURE, 100)).rule is encoders.IJG_RULE


def test_comments_of_libgd_and_ffmpeg() -> None:
    data = jpeg(PICTURE, 82, comment="CREATOR: gd-jpeg v1.0 (using IJG JPEG v80), quality = 82\n\u202e")
    found = encoder(data)
    assert found.rule is encoders.GD_RULE
    assert "quality = 82" in found.words
    assert found.words.isprintable()
    assert encoder(jpeg(PICTURE, comment="Lavc60.31.102")).words == "FFmpeg: “Lavc60.31.102”"


def test_other_tables_are_not_named() -> None:
    found = encoder(with_tables((5,) * 64, (9,) * 64))
    assert not found.known
    assert "a camera, a phone or an encoder of its own" in found.words


def test_no_tables_no_encoder() -> None:
    structure = read_structure(b"\xff\xd8\xff\xd9")
    assert structure is not None
    assert identify(structure) is None


def test_a_digest_means_one_thing() -> None:
    assert len(encoders._SAVED) == 36
    assert not encoders._SAVED.keys() & encoders._WEB.keys()


def test_the_signal_says_nothing_of_how_the_picture_was_made() -> None:
    (signal,) = read_coding(memoryview(jpeg(PICTURE, 99, progressive=True)), "image/jpeg")
    assert isinstance(signal, Signal)
    assert (signal.name, signal.kind, signal.says) == ("encoder", SignalKind.CODING, Says.NOTHING)
    assert "4:2:0, progressive, near-lossless, tables " in signal.detail
    assert signal.figures["quality"] == signal.figures["chroma_quality"] == 99
    assert signal.figures["exact"] == 1


def test_other_types_and_broken_files_give_no_signal() -> None:
    assert read_coding(jpeg(PICTURE), "image/gif") == ()
    assert read_coding(b"\xff\xd8\xff\xd9", "image/jpeg") == ()
    assert read_coding(b"", "image/jpeg") == ()
