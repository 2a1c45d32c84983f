"""The settings text of Stable Diffusion web UIs: a prompt, then `Steps: N, Sampler: …, CFG scale: …, Seed: …`.

AUTOMATIC1111's web UI made it; Forge, SD.Next, Fooocus, Draw Things and the site Civitai write dialects of it. It is
known by its structure alone: the key `parameters` says nothing, as plotting tools and forms use it too.
"""

import re
from collections import deque
from collections.abc import Iterator

from safelight.detect.generators.fields import XMP, Fields, unquoted
from safelight.detect.generators.findings import Finding, Known, rule
from safelight.detect.generators.quote import model_hash, version, with_version
from safelight.detect.metadata.blocks import Block, BlockKind
from safelight.model.signal import Says

_WHERE = "the structure of the settings, in any text field"
_SAYS = (Says.AI_MADE, Says.AI_USED)

A1111 = Known(
    rule("infotext_a1111", "program AUTOMATIC1111/stable-diffusion-webui, modules/processing.py create_infotext"),
    "generator_a1111",
    "Stable Diffusion web UI (AUTOMATIC1111)",
    f"{_WHERE}; `Version: v1.…`",
    _SAYS,
)
FORGE = Known(
    rule("infotext_forge", "program lllyasviel/stable-diffusion-webui-forge, modules/images.py and processing.py"),
    "generator_forge",
    "Stable Diffusion web UI Forge",
    f"{_WHERE}; `Version: f…` or `neo…`",
    _SAYS,
)
SDNEXT = Known(
    rule("infotext_sdnext", "program vladmandic/sdnext, modules/processing_info.py and modules/image/save.py"),
    "generator_sdnext",
    "SD.Next",
    f"{_WHERE}; `App: SD.Next`",
    (*_SAYS, Says.AI_EDITED),
)
FOOOCUS = Known(
    rule("infotext_fooocus", "program lllyasviel/Fooocus, modules/meta_parser.py A1111MetadataParser"),
    "generator_fooocus",
    "Fooocus",
    f"{_WHERE}; `Version: Fooocus v…`",
    _SAYS,
)
COMFYUI = Known(
    rule("infotext_comfyui", "told by public readers: savers for ComfyUI write Version: ComfyUI", confirmed=False),
    "generator_comfyui",
    "ComfyUI",
    f"{_WHERE}; `Version: ComfyUI`",
    _SAYS,
)
CIVITAI = Known(
    rule("infotext_civitai", "told by public readers: pictures made on civitai.com", confirmed=False),
    "generator_civitai",
    "Civitai",
    f"{_WHERE}; `Civitai resources`",
    _SAYS,
)
DRAW_THINGS = Known(
    rule("infotext_drawthings", "told by public readers and writers of its XMP", confirmed=False),
    "generator_drawthings",
    "Draw Things",
    f"{_WHERE}; `Guidance Scale`, and XMP CreatorTool `Draw Things`",
    _SAYS,
)
OTHER = Known(
    rule(
        "infotext_other", "the structure alone, as AUTOMATIC1111's create_infotext writes it; the program is not named"
    ),
    "generator_infotext",
    "Stable Diffusion web UI or a compatible program",
    _WHERE,
    _SAYS,
)
RULES = (A1111, FORGE, SDNEXT, FOOOCUS, COMFYUI, CIVITAI, DRAW_THINGS, OTHER)

_START = re.compile(r"(?:^|[\s,])(Steps: ?\d{1,5},)")
_LONGEST_LINE = 8192
_TRIES = 3
"""Places at the end of a text that are tried as the settings line; a prompt may hold the same words."""

_SIZE = re.compile(r"\d{2,5}x\d{2,5}", re.ASCII)
_HIRES = ("Hires upscale", "Hires upscaler", "Hires steps", "Hires resize", "First pass size")
_MASKED = ("Mask blur", "Inpaint area", "Masked content", "Masked area padding", "Mask mode", "Conditional mask weight")
_FROM_PICTURE = ("Init image hash", "Init image size", "Image CFG scale")
_VERSIONS = (
    (re.compile(r"Fooocus v"), FOOOCUS),
    (re.compile(r"ComfyUI$"), COMFYUI),
    (re.compile(r"f\d|neo|forge"), FORGE),
    (re.compile(r"v?1\.\d"), A1111),
)

Settings = dict[str, str]


def read(fields: Fields) -> Iterator[Finding]:
    """One finding for each text that holds such settings."""
    for block in fields.all:
        if "Steps:" not in block.text or fields.parsed(block) is not None or (block.cut and block.text[:1] == "{"):
            continue
        if settings := settings_of(block.text):
            yield finding(fields, block, settings)


def settings_of(text: str) -> Settings:
    """The settings by name; empty when the text does not have their structure: steps, a seed and two of the others."""
    for start in reversed(deque(_START.finditer(text), _TRIES)):
        line = text[start.start(1) : start.start(1) + _LONGEST_LINE].splitlines()[0]
        settings: Settings = {}
        for part in unquoted(line).split(","):
            name, _, value = part.strip().partition(":")
            settings.setdefault(name, value.strip())
        scale = any(name in settings for name in ("CFG scale", "Guidance Scale", "Distilled CFG Scale"))
        others = ("Sampler" in settings, scale, bool(_SIZE.fullmatch(settings.get("Size", ""))))
        if settings.get("Seed", "").isdecimal() and sum(others) >= 2:
            return settings
    return {}


def finding(fields: Fields, block: Block, settings: Settings) -> Finding:
    """What the settings say, and which program wrote them."""
    known = _program(fields, settings)
    says, how = _how(known, settings)
    stated = settings.get("Version", "").removeprefix("Fooocus ").removeprefix("neo-")
    words = f"settings of a run of {known.generator}, {how}"
    return Finding(
        known, says, with_version(words, version(stated), model_hash(settings.get("Model hash"))), (block,), (block,)
    )


def _program(fields: Fields, settings: Settings) -> Known:
    stated = settings.get("Version", "")
    named = next((known for pattern, known in _VERSIONS if pattern.match(stated)), OTHER)
    if settings.get("App") == "SD.Next":
        return SDNEXT
    if "Civitai resources" in settings and named in {A1111, OTHER}:
        return CIVITAI
    if named is OTHER and "Guidance Scale" in settings and _is_draw_things(fields):
        return DRAW_THINGS
    return named


def _is_draw_things(fields: Fields) -> bool:
    return any(block.text.strip() == "Draw Things" for block in fields.of(BlockKind.XMP, f"{XMP}CreatorTool"))


def _how(known: Known, settings: Settings) -> tuple[Says, str]:
    """Whether a picture was given to the model. Denoising is also stated for the second pass of an enlargement."""
    operations = settings.get("Operations", "")
    if known is SDNEXT and "inpaint" in operations:
        return Says.AI_EDITED, "in which a part of a given picture was redrawn"
    if any(name in settings for name in _MASKED):
        return Says.AI_USED, "on a given picture, perhaps only on a part of it"
    from_picture = "Denoising strength" in settings and not any(name in settings for name in _HIRES)
    weak = known is DRAW_THINGS and settings.get("Strength", "1.0") not in {"1", "1.0"}
    if from_picture or weak or "img2img" in operations or any(name in settings for name in _FROM_PICTURE):
        return Says.AI_USED, "on a given picture"
    return Says.AI_MADE, "from a text"
