"""Drawn pictures that say of themselves how they were made, each as the programs named write it.

What they say is not true of these drawings, and that is the point: anyone can write it, so it is told as declared.
"""

import json
import struct
from collections.abc import Iterator, Mapping
from functools import partial

from PIL import Image, PngImagePlugin

from safelight.demo.oddities import Draw, Made
from safelight.demo.variants import Picture, encode, jpeg
from safelight.model.assessment import Artificialness
from safelight.model.decision import Outcome

_PROMPT = "a lighthouse on a hill, watercolour"
_INFOTEXT = f"{_PROMPT}\nNegative prompt: text\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 12, Size: 640x480"
_GRAPH = {
    "3": {"class_type": "KSampler", "inputs": {"seed": 12, "steps": 20, "denoise": 1.0, "positive": ["6", 0]}},
    "4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "model.safetensors"}},
    "5": {"class_type": "EmptyLatentImage", "inputs": {"width": 640, "height": 480, "batch_size": 1}},
    "6": {"class_type": "CLIPTextEncode", "inputs": {"text": _PROMPT, "clip": ["4", 1]}},
    "9": {"class_type": "SaveImage", "inputs": {"images": ["3", 0]}},
}
_LABEL = {"Label": "1", "ContentProducer": "001", "ProduceID": "12", "ReservedCode1": "", "ContentPropagator": ""}
_SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/"
_XMP = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF
 xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""
 xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
 Iptc4xmpExt:DigitalSourceType="{}"/></rdf:RDF></x:xmpmeta><?xpacket end="w"?>"""
_SOFTWARE, _USER_COMMENT, _EXIF_IFD = 0x0131, 0x9286, 0x8769


def declared(picture: Draw) -> Iterator[Made]:
    """Files with a declaration, or with a thumbnail of something else; all of them unrelated to the bank."""
    made, altered, unknown = Artificialness.FULLY_SYNTHETIC, Artificialness.PARTIALLY_ALTERED, Artificialness.UNKNOWN
    file = partial(Made, expect=Outcome.CLEAR)
    yield file(
        "declared/graph.png",
        _png(picture(700), {"prompt": json.dumps(_GRAPH)}),
        why="names ComfyUI, by the graph that it saves",
        made=made,
    )
    yield file(
        "declared/settings.png",
        _png(picture(701), {"parameters": _INFOTEXT}),
        why="names a web UI, by its settings as text",
        made=made,
    )
    comment = b"UNICODE\0" + _INFOTEXT.encode("utf-16-be")
    yield file(
        "declared/settings.jpg",
        _jpeg(picture(702), {_EXIF_IFD: {_USER_COMMENT: comment}}),
        why="the same settings in EXIF",
        made=made,
    )
    yield file(
        "declared/label.png",
        _png(picture(703), {"AIGC": json.dumps(_LABEL)}),
        why="labelled as the Chinese standard asks, which does not tell how far it was made by AI",
        made=Artificialness.HYBRID,
    )
    yield file(
        "declared/source-type.jpg",
        _jpeg(picture(704), {}, xmp=_XMP.format(_SOURCE_TYPE + "trainedAlgorithmicMedia").encode()),
        why="its IPTC source type says that a trained model made it",
        made=made,
    )
    yield file(
        "declared/algorithmic.jpg",
        _jpeg(picture(705), {}, xmp=_XMP.format(_SOURCE_TYPE + "algorithmicMedia").encode()),
        why="its IPTC source type says that a program made it, which is not a trained model",
        made=unknown,
    )
    yield file(
        "declared/editor.jpg",
        _jpeg(picture(706), {_SOFTWARE: "GIMP 2.10.34"}),
        why="names an editor, which says nothing on what is shown",
        made=unknown,
    )
    yield file(
        "declared/old-thumbnail.jpg",
        _with_thumbnail(_pasted_over(picture(707), picture(708)), picture(707)),
        why="its embedded thumbnail shows what was there before a part was pasted over",
        made=altered,
    )
    yield file(
        "declared/other-thumbnail.jpg",
        _with_thumbnail(picture(709), picture(710)),
        why="its embedded thumbnail shows another picture: one of the two is from elsewhere, and nobody can tell which",
        made=unknown,
    )


def _png(picture: Picture, texts: dict[str, str]) -> bytes:
    chunks = PngImagePlugin.PngInfo()
    for key, text in texts.items():
        chunks.add_text(key, text)
    return encode(picture, "PNG", pnginfo=chunks, compress_level=1)


def _jpeg(picture: Picture, fields: Mapping[int, object], xmp: bytes = b"") -> bytes:
    exif = Image.Exif()
    exif.update(fields)
    return encode(picture, "JPEG", quality=88, exif=exif, xmp=xmp)


def _pasted_over(picture: Picture, other: Picture) -> Picture:
    """The picture with a patch of the other in it."""
    left, top = picture.width // 4, picture.height // 4
    result = picture.copy()
    result.paste(other.crop((left, top, 3 * left, 3 * top)), (left, top))
    return result


def _with_thumbnail(picture: Picture, other: Picture) -> bytes:
    """A JPEG whose EXIF holds a thumbnail of the other picture."""
    small = jpeg(other.resize((160, 160 * other.height // other.width)), 75)
    first = struct.pack("<HHHII", 1, 0x0112, 3, 1, 1)  # orientation: upright
    at = 8 + len(first) + 4
    second = struct.pack("<HHHIIHHII", 2, 0x0201, 4, 1, at + 30, 0x0202, 4, 1, len(small))
    tiff = b"II*\0" + struct.pack("<I", 8) + first + struct.pack("<I", at) + second + bytes(4) + small
    return encode(picture, "JPEG", quality=88, exif=b"Exif\0\0" + tiff)
