"""Cameras and phones that a file names. It says nothing of whether a camera took the picture.

The fields are plain text that any tool writes (ComfyUI even puts its graphs there), and they outlive every edit.
"""

from collections.abc import Iterator

from safelight.detect.generators.fields import TIFF, Fields
from safelight.detect.generators.findings import Finding, Known, rule
from safelight.detect.generators.quote import camera_model
from safelight.detect.metadata.blocks import Block, BlockKind
from safelight.detect.text import clean
from safelight.model.signal import Says

CAMERA = Known(
    rule("camera_named", "Exif 3.0 (CIPA DC-008), Make and Model; the makers' names are a list kept here"),
    "camera_named",
    "",
    "EXIF, XMP or QuickTime Make and Model, of a maker on our list",
    (Says.NOTHING,),
)
RULES = (CAMERA,)

_MAKERS = {
    name.casefold(): name
    for name in (
        "Agfa", "Apple", "Arashi Vision", "Asus", "BlackBerry", "Canon", "Casio", "Contax", "DJI", "Eastman Kodak",
        "Epson", "Fairphone", "FLIR", "Fujifilm", "Garmin", "GE", "Google", "GoPro", "Hasselblad", "Honor", "HP", "HTC",
        "Huawei", "Insta360", "JVC", "Kodak", "Konica", "Kyocera", "Leica", "Lenovo", "LG", "Mamiya", "Meizu",
        "Minolta", "Motorola", "NIKON", "Nintendo", "Nokia", "Nothing", "OM Digital Solutions", "Olympus", "OnePlus",
        "OPPO", "Palm", "Panasonic", "Pentax", "Phase One", "Polaroid", "Raspberry Pi", "Razer", "realme", "RED",
        "Ricoh", "Rollei", "Samsung", "Sanyo", "Sharp", "Sigma", "Sony", "TCL", "Toshiba", "vivo", "Xiaomi", "YI",
        "ZTE",
    )
}  # fmt: skip


def read(fields: Fields) -> Iterator[Finding]:
    """The camera or phone, if its maker is one we know. A maker's name may have a company's form after it."""
    makes = _of(fields, "Make")
    models = _of(fields, "Model")
    for block in makes:
        maker = _maker(clean(block.text, 64))
        if maker:
            own = [model for model in models if model.kind is block.kind]
            name = next((found for model in own if (found := camera_model(model.text))), "")
            named = name if name.casefold().startswith(maker.casefold()) else f"{maker} {name}".strip()
            yield Finding(CAMERA, Says.NOTHING, f"a camera or phone is named: {named}", (block, *own))


def _of(fields: Fields, name: str) -> tuple[Block, ...]:
    return (
        *fields.of(BlockKind.EXIF, name),
        *fields.of(BlockKind.XMP, f"{TIFF}{name}"),
        *fields.of(BlockKind.CONTAINER, f"com.apple.quicktime.{name}"),
    )


def _maker(text: str) -> str:
    words = text.casefold().replace(",", " ").split()[:4]
    return next((_MAKERS[start] for n in range(len(words), 0, -1) if (start := " ".join(words[:n])) in _MAKERS), "")
