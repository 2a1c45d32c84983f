"""Sites and apps that mark what they make by a sentence or a pair of fields."""

import re
from collections.abc import Iterator

from safelight.detect.generators.fields import DC, IPTC_EXT, PHOTOSHOP, Fields, JsonObject
from safelight.detect.generators.findings import Finding, Known, rule
from safelight.detect.generators.quote import with_version
from safelight.detect.metadata.blocks import Block, BlockKind
from safelight.model.signal import Says

MIDJOURNEY = Known(
    rule("midjourney_job", "told by its users with exiftool, and by public readers", confirmed=False),
    "generator_midjourney",
    "Midjourney",
    "PNG text or XMP Description, EXIF ImageDescription: `Job ID:` with a UUID at its end, and its options before it "
    "or the same UUID in XMP DigImageGUID",
    (Says.AI_MADE,),
)
GROK = Known(
    rule("grok_signature", "told by public readers: downloads of Grok", confirmed=False),
    "generator_grok",
    "xAI Grok",
    "EXIF ImageDescription `Signature: ` with Base64, and EXIF Artist with a UUID; the signature is not checked, as "
    "its key is not public",
    (Says.AI_USED,),
)
GOOGLE_EDITED = Known(
    rule("google_credit_edited", "Google, The Keyword, 2024-10-24, on Google Photos, as the press quotes it"),
    "generator_google",
    "Google AI",
    "IPTC or XMP Credit, exactly `Edited with Google AI`",
    (Says.AI_EDITED,),
)
GOOGLE_MADE = Known(
    rule("google_credit_made", "told by the press and public readers: Gemini, Imagen, Pixel Studio", confirmed=False),
    "generator_google",
    "Google AI",
    "IPTC or XMP Credit, exactly `Made with Google AI`, `Made by Google AI` or `AI-Generated with Google`",
    (Says.AI_MADE,),
)
META = Known(
    rule("meta_credit", "Meta newsroom, 2024-02-06, has the words; that Credit holds them is a guess", confirmed=False),
    "generator_meta",
    "Meta AI",
    "IPTC or XMP Credit, exactly `Imagined with AI` or `Imagined with Meta AI`",
    (Says.AI_MADE,),
)
DREAMINA = Known(
    rule("dreamina_export", "told by others who print a real file's fields", confirmed=False),
    "generator_dreamina",
    "Dreamina (ByteDance)",
    "EXIF UserComment or ImageDescription, container field (JSON): product `dreamina` with exportType `generation`, or "
    "aigc_label_type 1 or 2",
    (Says.AI_MADE, Says.AI_USED),
)
RULES = (MIDJOURNEY, GROK, GOOGLE_EDITED, GOOGLE_MADE, META, DREAMINA)

_UUID = r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}"
_JOB = re.compile(rf"Job ID: ?({_UUID})\s*$", re.IGNORECASE)
_OPTION = re.compile(r"(?:^|\s)--(?:v|ar|niji|stylize|s|chaos|c|seed|style|raw|profile|sref|q|quality|weird|tile) ?")
_MODEL = re.compile(r"(?:^|\s)--(?:v|version|niji) (\d(?:\.\d)?)(?=\s|$)")
_UUID_ONLY = re.compile(_UUID, re.IGNORECASE)
_SIGNATURE = re.compile(r"Signature: [A-Za-z0-9+/]{64,}={0,2}")

_CREDITS: dict[str, tuple[Known, Says, str]] = {
    "edited with google ai": (GOOGLE_EDITED, Says.AI_EDITED, "the credit line says that it was edited with Google AI"),
    "made with google ai": (GOOGLE_MADE, Says.AI_MADE, "the credit line says that it was made with Google AI"),
    "made by google ai": (GOOGLE_MADE, Says.AI_MADE, "the credit line says that it was made with Google AI"),
    "ai-generated with google": (GOOGLE_MADE, Says.AI_MADE, "the credit line says that it was made with Google AI"),
    "imagined with ai": (META, Says.AI_MADE, "the credit line has the words that Meta AI uses"),
    "imagined with meta ai": (META, Says.AI_MADE, "the credit line names Meta AI"),
}


def read(fields: Fields) -> Iterator[Finding]:
    """Findings of all services of this module."""
    yield from _midjourney(fields)
    yield from _grok(fields)
    for block in (*fields.of(BlockKind.IPTC, "Credit"), *fields.of(BlockKind.XMP, f"{PHOTOSHOP}Credit")):
        if entry := _CREDITS.get(" ".join(block.text.split()).casefold()):
            known, says, words = entry
            yield Finding(known, says, words, (block,))
    for block, found in fields.objects():
        yield from _dreamina(block, found)


def _midjourney(fields: Fields) -> Iterator[Finding]:
    descriptions = (
        *fields.of(BlockKind.PNG_TEXT, "Description"),
        *fields.of(BlockKind.XMP, f"{DC}description"),
        *fields.of(BlockKind.EXIF, "ImageDescription"),
    )
    guids = {block.text.strip().casefold() for block in fields.of(BlockKind.XMP, f"{IPTC_EXT}DigImageGUID")}
    for block in descriptions:
        job = _JOB.search(block.text[-200:])
        if job and (job[1].casefold() in guids or _OPTION.search(block.text)):
            model = _MODEL.search(block.text)
            # "6" is a version of Midjourney, but too short for the common pattern.
            number = model[1] if model else ""
            words = "the description is that of a job of Midjourney"
            yield Finding(MIDJOURNEY, Says.AI_MADE, with_version(words, number), (block,), (block,))


def _grok(fields: Fields) -> Iterator[Finding]:
    artists = [b for b in fields.of(BlockKind.EXIF, "Artist") if _UUID_ONLY.fullmatch(b.text.strip(" \0"))]
    for block in fields.of(BlockKind.EXIF, "ImageDescription") if artists else ():
        if _SIGNATURE.fullmatch(block.text.strip(" \0")):
            words = "a signature and an identifier in the form that xAI Grok writes; the signature was not checked"
            yield Finding(GROK, Says.AI_USED, words, (block, *artists))


def _dreamina(block: Block, found: JsonObject) -> Iterator[Finding]:
    data, info = found.get("data", found), found.get("aigc_info", found)
    if isinstance(data, dict) and data.get("product") == "dreamina" and data.get("exportType") == "generation":
        yield Finding(DREAMINA, Says.AI_MADE, "the app's export note says: Dreamina, generated", (block,))
    elif isinstance(info, dict) and info.get("aigc_label_type") in {1, 2}:
        yield Finding(DREAMINA, Says.AI_USED, "an app of ByteDance labelled it as made with AI", (block,))
