"""Small drawn pictures with fields, written in the form the programs write them, and read back as a user's file is."""

import io
import struct
from xml.sax.saxutils import escape

from PIL import Image, PngImagePlugin

from safelight.detect.generators import read_generators
from safelight.detect.metadata import read_blocks
from safelight.model.signal import Prompt, Signal

MIME = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp", "GIF": "image/gif"}

NAMESPACES = {
    "Iptc4xmpExt": "http://iptc.org/std/Iptc4xmpExt/2008-02-29/",
    "photoshop": "http://ns.adobe.com/photoshop/1.0/",
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "exif": "http://ns.adobe.com/exif/1.0/",
    "tiff": "http://ns.adobe.com/tiff/1.0/",
    "stEvt": "http://ns.adobe.com/xap/1.0/sType/ResourceEvent#",
    "TC260": "http://www.tc260.org.cn/ns/AIGC/1.0/",
}
IPTC = NAMESPACES["Iptc4xmpExt"]
XMP_KEYS = {
    name: f"{{{NAMESPACES[prefix]}}}{name}"
    for prefix, name in (
        ("xmp", "CreatorTool"),
        ("exif", "UserComment"),
        ("Iptc4xmpExt", "DigitalSourceType"),
        ("Iptc4xmpExt", "AISystemUsed"),
        ("Iptc4xmpExt", "AIPromptInformation"),
        ("photoshop", "Credit"),
    )
}
TERMS = "http://cv.iptc.org/newscodes/digitalsourcetype/"
_TAGS = {"ImageDescription": 0x010E, "Make": 0x010F, "Model": 0x0110, "Software": 0x0131, "Artist": 0x013B}
_IN_EXIF_IFD = {"UserComment": 0x9286, "MakerNote": 0x927C}
_ALT = {"dc:description", "exif:UserComment"}

Read = tuple[tuple[Signal, ...], tuple[Prompt, ...]]


def picture() -> Image.Image:
    return Image.linear_gradient("L").resize((24, 16)).convert("RGB")


def png(fields: dict[str, str], *, international: bool = False, xmp: bytes = b"", exif: bytes = b"") -> bytes:
    """PNG with one text chunk for each field: tEXt or iTXt."""
    info = PngImagePlugin.PngInfo()
    for key, text in fields.items():
        (info.add_itxt if international else info.add_text)(key, text)
    if xmp:
        info.add_itxt("XML:com.adobe.xmp", xmp.decode())
    return _save("PNG", pnginfo=info, **({"exif": exif} if exif else {}))


def jpeg(
    fields: dict[str, str] | None = None, *, xmp: bytes = b"", credit: str = "", comment: str = "", kind: str = "JPEG"
) -> bytes:
    """JPEG (or WebP) with Exif, XMP, an IPTC-IIM credit line and a comment."""
    options: dict[str, object] = {}
    if fields:
        options["exif"] = exif_of(fields)
    if xmp:
        options["xmp"] = xmp
    if comment:
        options["comment"] = comment.encode()
    data = _save(kind, **options)
    return _with_credit(data, credit) if credit else data


def webp(fields: dict[str, str]) -> bytes:
    return jpeg(fields, kind="WEBP")


def gif(comment: str) -> bytes:
    return _save("GIF", comment=comment.encode())


def exif_of(fields: dict[str, str]) -> bytes:
    """Exif data. UserComment is UTF-16 behind the mark `UNICODE`, as piexif and ImageSharp write it."""
    exif = Image.Exif()
    for name, text in fields.items():
        if name in _TAGS:
            exif[_TAGS[name]] = text
        elif name == "UserComment":
            exif.get_ifd(0x8769)[0x9286] = b"UNICODE\0" + text.encode("utf-16-be")
        else:
            exif.get_ifd(0x8769)[_IN_EXIF_IFD[name]] = text.encode()
    return exif.tobytes()


def xmp(properties: dict[str, str]) -> bytes:
    """An XMP packet with each property as an element; texts in languages as an alternative."""
    spaces = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in NAMESPACES.items())
    elements = "".join(
        f"<{name}><rdf:Alt><rdf:li xml:lang='x-default'>{escape(text)}</rdf:li></rdf:Alt></{name}>"
        if name in _ALT
        else f"<{name}>{escape(text)}</{name}>"
        for name, text in properties.items()
    )
    return (
        '<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
        f'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" {spaces}>'
        f'{elements}</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
    ).encode()


def declared(**properties: str) -> bytes:
    """JPEG with XMP; `Iptc4xmpExt__DigitalSourceType` names the property with that prefix."""
    return jpeg(xmp=xmp({name.replace("__", ":"): text for name, text in properties.items()}))


def read(data: bytes) -> Read:
    """The whole way: container, blocks, rules."""
    with Image.open(io.BytesIO(data)) as image:
        mime = MIME[str(image.format)]
    return read_generators(read_blocks(data, mime))


def _save(kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    picture().save(out, kind, **options)
    return out.getvalue()


def _with_credit(data: bytes, credit: str) -> bytes:
    """The JPEG with a Photoshop block whose IPTC-IIM part has dataset 2:110."""
    text = credit.encode()
    iim = struct.pack(">BBBH", 0x1C, 2, 110, len(text)) + text
    resource = b"8BIM" + struct.pack(">HHI", 0x0404, 0, len(iim)) + iim + b"\0" * (len(iim) % 2)
    body = b"Photoshop 3.0\0" + resource
    return data[:2] + b"\xff\xed" + struct.pack(">H", len(body) + 2) + body + data[2:]
