"""Which program may have written a JPEG, by its tables, sampling and order of markers. Never proof: tables are public.

An encoder says nothing of who took a picture, nor whether it is real. Cameras and phones have tables of their own, and
no list of them is complete or current, so none is kept: what is not known is said to be not known.
"""

from collections.abc import Callable
from dataclasses import dataclass

from safelight.detect.coding.jpeg import JpegStructure
from safelight.detect.coding.quality import CHROMA, LUMA, Steps, estimate, scaled
from safelight.detect.text import clean
from safelight.model.signal import Rule

AS_OF = "2026-11-22"
_DIGESTS = "ExifTool (exiftool/exiftool @38bdbac), lib/Image/ExifTool/JPEGDigest.pm"

IJG_RULE = Rule("encoder-ijg", "libjpeg jcparam.c; ITU-T T.81 annex K.1", AS_OF)
ADOBE_RULE = Rule("encoder-adobe", f"{_DIGESTS}: Photoshop CS2, Lightroom 1.4 and 2.1", AS_OF)
WEB_RULE = Rule("encoder-adobe-web", f"Pillow, PIL/JpegPresets.py; {_DIGESTS}: Save for web", AS_OF)
MOZJPEG_RULE = Rule("encoder-mozjpeg", "mozilla/mozjpeg @0123dd2, jcparam.c: base table 3, the default", AS_OF)
GD_RULE = Rule("encoder-gd", "libgd, src/gd_jpeg.c: comment `CREATOR: gd-jpeg`", AS_OF)
FFMPEG_RULE = Rule("encoder-ffmpeg", "FFmpeg, libavcodec/mjpegenc_common.c: comment LIBAVCODEC_IDENT", AS_OF)
OTHER_RULE = Rule("encoder-other", "none of the tables above", AS_OF)
SOURCES = (IJG_RULE, ADOBE_RULE, WEB_RULE, MOZJPEG_RULE, GD_RULE, FFMPEG_RULE, OTHER_RULE)
"""What the names rest on."""

# Digests (see JpegStructure.digest) of the tables of settings 0 to 12; Lightroom 1.4 exports with the same.
_PHOTOSHOP = (
    "683506a889c78d9bc230a0c7ee5f62f3",
    "bc490651af6592cd1dbbbc4fa2cfa1fb",
    "ce4286d9f07999524c3c7472b065c5ab",
    "cbfbfef12aead8841585ef605c789b9f",
    "a0772e73dec2bdc4057c27da47bff376",
    "7ef06dbde538346b8b01c6b538ca70c6",
    "0ff225f58a214f79d1d85d78f6f5dab8",
    "8a8603650fa5ae5fdcf4b2eaf0b23638",
    "44f583ed6b65cb8ba915ec5df051616c",
    "de94c5591bafc7456ccaef430271b907",
    "a6841b35e9ffefa5d83a0445dddd2621",
    "6e3f6a3a5a1eae6155331d42d6f968dd",
    "5379e0133d4439b6f7c7039fc7f7734f",
)
_PHOTOSHOP_GREY = (
    "3b0b5975a0e1c9d732c93e1b37a6978b",
    "f4d19ed563e2d0519d6a547088771ddb",
    "e9ef286567fd84a1f479b35ca00db43c",
    "b39cafdb459a42749be3f6459a596677",
    "b3f215deea48e982e205619af279205f",
    "fccd63ce166e198065eaae05c8d78407",
    "0a50266ad8d1dff11c90cd1480c0a2be",
    "6579941db0216f41f0a20de9b626538a",
    "57aa47876e10c6b4f35ecb8889e55ad9",
    "076598d43c5186f6d7a1020b64b93625",
    "37132e8ea81137fdf26ce30926ab8100",
    "46f55ee294723cee9faa816549b3cfa7",
    "7b83284f61decf47ab3f8f7361c18943",
)
# Lightroom 2.1, where it differs: settings 3 to 12 of the same thirteen.
_LIGHTROOM = (
    "8453391d3adf377c46a1a0cee08c35c3",
    "f8ede291b1272576d1580e333d30103e",
    "de0fb6d13e12e8df26140dd74691bf0f",
    "0d5b0af72561f68c671731f22d9e41e2",
    "b9fd15fd52408af5ea2a5045227233d8",
    "27472e3714251402d5509438505611c3",
    "34a599dff2b6aaed12143938b7374f2f",
    "5c508e529d045b6f0c800e29ba2d6ab5",
    "42bfe52476bf07f1ed0e6451903cc9ee",
    "4c3c425b4024b68c0de03904a825bc35",
)
_SAVED = {
    **{digest: f"Adobe Photoshop or Lightroom, setting {n} of 12" for n, digest in enumerate(_PHOTOSHOP)},
    **{digest: f"Adobe Photoshop, setting {n} of 12, grey" for n, digest in enumerate(_PHOTOSHOP_GREY)},
    **{digest: f"Adobe Lightroom, setting {n} of 12" for n, digest in enumerate(_LIGHTROOM, 3)},
}
# Photoshop's "Save for web" at the settings that have names; Pillow ships these tables as presets.
_WEB = {
    "301158b292e3232856a765486da26fa6": (10, "web_low"),
    "45148ae63b12ccaa6fb5a487ca7620e9": (30, "web_medium"),
    "6123a3685e1012af5a0d024de1ce0304": (60, "web_high"),
    "51879d6e5178d2282d5e8276ed4e2439": (80, "web_very_high"),
    "234d8f310d75effc9f77beb1d3847f49": (100, "web_maximum"),
}
# fmt: off
_MOZJPEG: Steps = (
    16, 16, 16, 18, 25, 37, 56, 85,
    16, 17, 20, 27, 34, 40, 53, 75,
    16, 20, 24, 31, 43, 62, 91, 135,
    18, 27, 31, 40, 53, 74, 106, 156,
    25, 34, 43, 53, 69, 94, 131, 189,
    37, 40, 62, 74, 94, 124, 169, 238,
    56, 53, 91, 106, 131, 169, 226, 311,
    85, 75, 135, 156, 189, 238, 311, 418,
)
# fmt: on
_FEW = 4  # steps of both tables that may differ from a standard table for it to be told as nearly that one
_PLAIN_ORDER = ("DQT", "SOF", "DHT", "SOS")


@dataclass(frozen=True, slots=True)
class Encoder:
    """Who may have written the file, in words, and what that rests on. `known`: a rule names it."""

    words: str
    rule: Rule
    known: bool = True


def identify(structure: JpegStructure) -> Encoder | None:
    """The encoder of a JPEG; None when it has no quantisation table to go by."""
    if structure.luma is None:
        return None
    return next(filter(None, (rule(structure) for rule in _RULES)), None) or Encoder(
        "not one of the known libraries: a camera, a phone or an encoder of its own", OTHER_RULE, known=False
    )


def _by_comment(structure: JpegStructure) -> Encoder | None:
    for comment in structure.comments:
        if comment.startswith(b"CREATOR: gd-jpeg"):
            return Encoder(f"libgd, as PHP uses: “{clean(comment.decode('latin-1'), 70)}”", GD_RULE)
        if comment.startswith(b"Lavc"):
            return Encoder(f"FFmpeg: “{clean(comment.decode('latin-1'), 30)}”", FFMPEG_RULE)
    return None


def _by_adobe(structure: JpegStructure) -> Encoder | None:
    if (words := _SAVED.get(structure.digest)) is None:
        return None
    if not _has_adobe_marks(structure) and _written_plainly(structure):
        return Encoder(f"tables of {words}, written as libjpeg does", ADOBE_RULE)
    return Encoder(words, ADOBE_RULE)


def _by_web_preset(structure: JpegStructure) -> Encoder | None:
    if (found := _WEB.get(structure.digest)) is None:
        return None
    setting, preset = found
    if _written_plainly(structure) and not _has_adobe_marks(structure):
        return Encoder(f"Pillow preset `{preset}`, or tables of Photoshop's Save for web {setting}", WEB_RULE)
    return Encoder(f"Adobe Photoshop, Save for web, quality {setting}", WEB_RULE)


def _by_mozjpeg(structure: JpegStructure) -> Encoder | None:
    luma, chroma = structure.luma, structure.chroma
    assert luma is not None
    if (chroma is not None and chroma.values != luma.values) or len(set(luma.values)) < 4:
        return None  # a flat table is the same at the top of any scale
    quality = estimate(luma, _MOZJPEG)
    return Encoder(f"mozjpeg at quality {quality.value}", MOZJPEG_RULE) if quality.exact else None


def _by_ijg(structure: JpegStructure) -> Encoder | None:
    luma, chroma = structure.luma, structure.chroma
    assert luma is not None
    light = estimate(luma, LUMA)
    colour = estimate(chroma, CHROMA) if chroma is not None else light
    if not (light.exact and colour.exact):
        return _nearly_ijg(structure, light.value, colour.value)
    same = light.value == colour.value or (chroma is not None and chroma.values == scaled(CHROMA, light.value))
    setting = f"quality {light.value}" if same else f"quality {light.value}, colour {colour.value}"
    words = f"libjpeg's standard tables at {setting}"
    if same and light.value == 75 and structure.sampling == "4:2:0" and _written_plainly(structure):
        words += ", the defaults of libjpeg and Pillow"
    return Encoder(f"{words}: what most programs, web services and apps write", IJG_RULE)


def _nearly_ijg(structure: JpegStructure, light: int, colour: int) -> Encoder | None:
    luma, chroma = structure.luma, structure.chroma
    assert luma is not None
    pairs = [*zip(luma.values, scaled(LUMA, light), strict=True)]
    if chroma is not None:
        pairs += zip(chroma.values, scaled(CHROMA, colour), strict=True)
    if (others := sum(step != usual for step, usual in pairs)) > _FEW:
        return None
    steps = "one step" if others == 1 else f"{others} steps"
    words = f"libjpeg's standard tables at quality {light} but for {steps}: a library of its own"
    return Encoder(words, OTHER_RULE, known=False)


def _has_adobe_marks(structure: JpegStructure) -> bool:
    """An Adobe or Photoshop segment."""
    return structure.adobe_transform is not None or "APP13" in structure.markers


def _written_plainly(structure: JpegStructure) -> bool:
    """JFIF, a segment for each table, and the order of markers in which libjpeg writes."""
    kinds = [marker[:3] for marker in structure.markers if not marker.startswith(("APP", "COM", "DRI"))]
    order = tuple(kind for at, kind in enumerate(kinds) if at == 0 or kinds[at - 1] != kind)
    return structure.jfif is not None and set(structure.table_segments) == {1} and order == _PLAIN_ORDER


_RULES: tuple[Callable[[JpegStructure], Encoder | None], ...] = (
    _by_comment,
    _by_adobe,
    _by_web_preset,
    _by_ijg,
    _by_mozjpeg,
)
