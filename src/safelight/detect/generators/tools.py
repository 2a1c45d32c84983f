"""Programs that a file names as its maker: generators, which say something, and editors, which say nothing.

A name counts only if it is the whole field, a version aside: a caption or a title that mentions a generator is no
declaration. Retouching with an editor does not make a picture generated, and the editor may have been used by anyone.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from safelight.detect.generators.fields import EVENT, TIFF, XMP, Fields
from safelight.detect.generators.findings import Finding, Known, rule
from safelight.detect.generators.quote import version, with_version
from safelight.detect.metadata.blocks import Block, BlockKind
from safelight.model.signal import Says

_TOOL_FIELDS = (
    "EXIF Software or Make, PNG text Software, XMP CreatorTool, Software or softwareAgent, IPTC Originating "
    "Program, QuickTime software: the whole field"
)
_TOLD = "told by public readers; no file of it was seen"


@dataclass(frozen=True, slots=True)
class Tool:
    """A generator by the names that fields hold. `names`: a pattern for the whole field, without its version."""

    known: Known
    names: re.Pattern[str]


def _tool(name: str, generator: str, names: str, source: str = "") -> Tool:
    told = rule(f"named_{name}", source or _TOLD, confirmed=bool(source))
    known = Known(told, f"generator_{name}", generator, _TOOL_FIELDS, (Says.AI_USED,))
    return Tool(known, re.compile(rf"(?:{names})(?:[ /:-]*(v?\d[\w.]{{0,15}}))?", re.IGNORECASE))


GENERATORS = (
    _tool("midjourney", "Midjourney", "midjourney"),
    _tool("openai", "OpenAI (ChatGPT, DALL·E, Sora)", r"(?:openai )?(?:dall[·-]?e|chatgpt|gpt-image|sora)|openai"),
    _tool("firefly", "Adobe Firefly", r"adobe firefly(?: image| video)?"),
    _tool("google", "Google AI", r"google (?:ai|gemini|imagen|veo)|(?:made|edited) with google ai"),
    _tool("grok", "xAI Grok", r"grok (?:ai|aurora|imagine)|xai(?: grok)?"),
    _tool("meta", "Meta AI", "meta ai"),
    _tool("microsoft", "Microsoft Designer, Bing Image Creator", "microsoft designer|bing image creator"),
    _tool("ideogram", "Ideogram", r"ideogram(?: ai|\.ai)?"),
    _tool("leonardo", "Leonardo.Ai", r"leonardo[. ]ai"),
    _tool("recraft", "Recraft", r"recraft(?: ai|\.ai)?"),
    _tool("reve", "Reve", r"reve\.com|reve image"),
    _tool("aphrodite", "Aphrodite AI", "aphrodite ai"),
    _tool("flux", "Black Forest Labs FLUX", r"black forest labs(?: api)?|flux(?:\.[12])?(?:[ -](?:dev|pro|schnell))"),
    _tool("stability", "Stability AI", "stability ai|dreamstudio"),
    _tool("stable_diffusion", "Stable Diffusion", r"stable[ -]?diffusion(?: xl| web ?ui)?|automatic1111"),
    _tool(
        "novelai",
        "NovelAI",
        "novelai",
        "program NovelAI/novelai-image-metadata; read so by lllyasviel/stable-diffusion-webui-forge",
    ),
    _tool("fooocus", "Fooocus", "fooocus", "program lllyasviel/Fooocus, modules/meta_parser.py get_exif"),
    _tool("invokeai", "InvokeAI", "invoke ?ai"),
    _tool("comfyui", "ComfyUI", "comfy ?ui"),
    _tool("swarmui", "SwarmUI", "(?:stable)?swarm ?ui"),
    _tool("drawthings", "Draw Things", "draw things"),
    _tool("dreamina", "Dreamina (ByteDance)", "dreamina|jimeng"),
    _tool("kling", "Kling AI", "kling(?: ai)?"),
)

EDITOR = Known(
    rule("editor", "the names the programs write; a list kept here"),
    "editor",
    "",
    "EXIF Software or ImageEditingSoftware, PNG text Software, XMP CreatorTool, Software or softwareAgent, IPTC "
    "Originating Program, QuickTime software, JPEG or GIF comment: how it begins",
    (Says.NOTHING,),
)
RULES = (*(tool.known for tool in GENERATORS), EDITOR)

# What a field begins with, and the name we give it. Longer names first where one begins like another.
_EDITORS = tuple(
    (start.casefold(), name)
    for start, name in (
        ("Adobe Photoshop Lightroom", "Adobe Lightroom"),
        ("Adobe Lightroom", "Adobe Lightroom"),
        ("Adobe Photoshop Express", "Adobe Photoshop Express"),
        ("Adobe Photoshop Elements", "Adobe Photoshop Elements"),
        ("Adobe Photoshop", "Adobe Photoshop"),
        ("Photoshop", "Adobe Photoshop"),
        ("Adobe ImageReady", "Adobe ImageReady"),
        ("Adobe Illustrator", "Adobe Illustrator"),
        ("Adobe Premiere", "Adobe Premiere"),
        ("Adobe After Effects", "Adobe After Effects"),
        ("Adobe Express", "Adobe Express"),
        ("GIMP", "GIMP"),
        ("Created with GIMP", "GIMP"),
        ("Krita", "Krita"),
        ("www.inkscape.org", "Inkscape"),
        ("Inkscape", "Inkscape"),
        ("darktable", "darktable"),
        ("RawTherapee", "RawTherapee"),
        ("digiKam", "digiKam"),
        ("Shotwell", "Shotwell"),
        ("gThumb", "gThumb"),
        ("ImageMagick", "ImageMagick"),
        ("GraphicsMagick", "GraphicsMagick"),
        ("Picasa", "Google Picasa"),
        ("Snapseed", "Snapseed"),
        ("Google Photos", "Google Photos"),
        ("Affinity Photo", "Affinity Photo"),
        ("Affinity Designer", "Affinity Designer"),
        ("paint.net", "paint.net"),
        ("Pixelmator", "Pixelmator"),
        ("Photopea", "Photopea"),
        ("Canva", "Canva"),
        ("PicsArt", "PicsArt"),
        ("Capture One", "Capture One"),
        ("DxO", "DxO"),
        ("ACDSee", "ACDSee"),
        ("ACD Systems", "ACDSee"),
        ("Corel PaintShop", "Corel PaintShop Pro"),
        ("PaintShop Pro", "Corel PaintShop Pro"),
        ("PhotoScape", "PhotoScape"),
        ("XnView", "XnView"),
        ("IrfanView", "IrfanView"),
        ("FastStone", "FastStone"),
        ("Microsoft Windows Photo", "Microsoft Windows Photos"),
        ("Windows Photo Editor", "Microsoft Windows Photos"),
        ("Microsoft Photo", "Microsoft Photos"),
        ("Paint.NET", "paint.net"),
        ("Meitu", "Meitu"),
        ("BeautyPlus", "BeautyPlus"),
        ("FaceApp", "FaceApp"),
        ("Facetune", "Facetune"),
        ("VSCO", "VSCO"),
        ("Luminar", "Luminar"),
        ("Topaz", "Topaz Labs"),
        ("PhotoDirector", "PhotoDirector"),
        ("CapCut", "CapCut"),
        ("Instagram", "Instagram"),
    )
)  # fmt: skip
_AFTER_NAME = re.compile(r"[^\d]{0,24}?(?=\d)")


def read(fields: Fields) -> Iterator[Finding]:
    """Generators and editors that the file names as its maker."""
    makers = (
        *fields.of(BlockKind.EXIF, "Software", "ImageEditingSoftware"),
        *fields.of(BlockKind.PNG_TEXT, "Software"),
        *fields.of(BlockKind.XMP, f"{XMP}CreatorTool", f"{TIFF}Software", f"{EVENT}softwareAgent"),
        *fields.of(BlockKind.IPTC, "Originating Program"),
        *fields.of(BlockKind.CONTAINER, "software", "com.apple.quicktime.software", "\N{COPYRIGHT SIGN}swr"),
    )
    for block in (*makers, *fields.of(BlockKind.EXIF, "Make"), *fields.of(BlockKind.XMP, f"{TIFF}Make")):
        yield from _generator(block)
    for block in (*makers, *fields.of(BlockKind.COMMENT, "")):
        yield from _editor(block)


def named(text: str) -> Known | None:
    """The generator whose name is the whole text, a version aside."""
    name = text.strip(" \0")
    return next((tool.known for tool in GENERATORS if tool.names.fullmatch(name)), None) if len(name) <= 64 else None


def _generator(block: Block) -> Iterator[Finding]:
    known = named(block.text)
    if known:
        number = version(block.text.strip(" \0").rpartition(" ")[2])
        words = f"{known.generator} is named as the program that made or changed it"
        yield Finding(known, Says.AI_USED, with_version(words, number), (block,))


def _editor(block: Block) -> Iterator[Finding]:
    text = block.text.strip(" \0")[:128]
    lower = text.casefold()
    for start, name in _EDITORS:
        if lower.startswith(start) and not lower[len(start) : len(start) + 1].isalpha():
            gap = _AFTER_NAME.match(text, len(start))
            number = version(text[gap.end() :]) if gap else ""
            yield Finding(EDITOR, Says.NOTHING, with_version(f"the editor {name} is named", number), (block,))
            return
