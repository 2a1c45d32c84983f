"""Labels that a standard or a law defines: IPTC's Digital Source Type and AI fields, and China's AIGC label."""

from collections.abc import Iterator

from safelight.detect.generators.fields import EXIF, IPTC_EXT, TIFF, Fields, JsonObject, json_object
from safelight.detect.generators.findings import Finding, Known, rule
from safelight.detect.generators.quote import producer_code
from safelight.detect.generators.tools import named
from safelight.detect.metadata.blocks import Block, BlockKind
from safelight.model.signal import Says
from safelight.model.source_types import SOURCE_TYPES

_TC260 = "{http://www.tc260.org.cn/ns/AIGC/1.0/}AIGC"

SOURCE_TYPE = Known(
    rule(
        "source_type_iptc", "IPTC Photo Metadata Standard 2025.1, Digital Source Type; IPTC NewsCodes digitalsourcetype"
    ),
    "source_type_iptc",
    "",
    "XMP Iptc4xmpExt:DigitalSourceType, or the older DigitalSourcefileType: a term of the vocabulary, exactly",
    tuple(Says),
)
AI_SYSTEM = Known(
    rule("ai_system_iptc", "IPTC Photo Metadata Standard 2025.1: AI System Used, AI Prompt Information"),
    "ai_system_iptc",
    "",
    "XMP Iptc4xmpExt:AISystemUsed, AISystemVersionUsed, AIPromptInformation",
    (Says.AI_USED,),
)
AIGC = Known(
    rule("tc260_aigc", "TC260-PG-20258A for GB 45438-2025 (XMP); HarmonyOS guide (EXIF); a real file (PNG text)"),
    "label_tc260",
    "",
    "JSON with `Label` 1 (is AI-generated or AI-synthesised): XMP TC260:AIGC, PNG text or container field `AIGC`, EXIF "
    'UserComment or ImageDescription `{"AIGC":…}`',
    (Says.AI_USED,),
)
AIGC_MAYBE = Known(
    rule("tc260_aigc_maybe", "values 2 and 3 as told by public readers of GB 45438-2025", confirmed=False),
    "label_tc260",
    "",
    "the same, with `Label` 2 (may be) or 3 (suspected), or another value",
    (Says.NOTHING,),
)
RULES = (SOURCE_TYPE, AI_SYSTEM, AIGC, AIGC_MAYBE)

_NEWS_CODES = "http://cv.iptc.org/newscodes/digitalsourcetype/"
_AIGC_NAMES = frozenset({"Label", "ContentProducer", "ProduceID", "ContentPropagator", "PropagateID"})
_NO_ANSWER = frozenset(
    {"", "no", "none", "n/a", "na", "null", "false", "0", "-", "unknown", "undefined", "not applicable"}
)
_LABELS = {
    "1": (AIGC, Says.AI_USED, "China's AI label says that it was made or altered by AI"),
    "2": (AIGC_MAYBE, Says.NOTHING, "China's AI label says that it may have been made by AI"),
    "3": (AIGC_MAYBE, Says.NOTHING, "China's AI label says that it is suspected to have been made by AI"),
}


def read(fields: Fields) -> Iterator[Finding]:
    """Findings of all labels of this module."""
    yield from _source_types(fields)
    yield from _ai_system(fields)
    yield from _aigc(fields)


def _source_types(fields: Fields) -> Iterator[Finding]:
    for block in fields.of(BlockKind.XMP, f"{IPTC_EXT}DigitalSourceType", f"{IPTC_EXT}DigitalSourcefileType"):
        uri = block.text.strip()
        if uri.startswith("digsrctype:"):  # the term's short form in the NewsCodes
            uri = _NEWS_CODES + uri.removeprefix("digsrctype:")
        says = SOURCE_TYPES.get(uri)
        if says is None:
            words, term = "its digital source type is declared by a term that the vocabulary does not have", ""
        else:
            term = uri.rpartition("/")[2]
            words = f"its digital source type is declared as {term}"
        yield Finding(SOURCE_TYPE, says or Says.NOTHING, words, (block,), variant=term)


def _ai_system(fields: Fields) -> Iterator[Finding]:
    systems = tuple(b for b in fields.of(BlockKind.XMP, f"{IPTC_EXT}AISystemUsed") if _is_answer(b))
    prompts = tuple(b for b in fields.of(BlockKind.XMP, f"{IPTC_EXT}AIPromptInformation") if _is_answer(b))
    if systems or prompts:
        known = next((found for block in systems if (found := named(block.text))), None)
        if known:
            words = f"an AI system is declared: {known.generator}"
        else:
            words = (
                "an AI system is declared, which we have no name for" if systems else "a prompt to an AI is declared"
            )
        unnamed = tuple(block for block in systems if not named(block.text))
        yield Finding(AI_SYSTEM, Says.AI_USED, words, (*systems, *prompts), (*prompts, *unnamed))


def _is_answer(block: Block) -> bool:
    return block.text.strip().casefold() not in _NO_ANSWER


def _aigc(fields: Fields) -> Iterator[Finding]:
    for block in fields.of(BlockKind.XMP, _TC260):
        yield from _label(block, _inner(fields.parsed(block)), named_so=True)
    for kind in (BlockKind.PNG_TEXT, BlockKind.CONTAINER):
        for block in fields.of(kind, "AIGC"):
            yield from _label(block, _inner(fields.parsed(block)))
    carriers = (
        *fields.of(BlockKind.EXIF, "UserComment", "ImageDescription"),
        *fields.of(BlockKind.XMP, f"{EXIF}UserComment", f"{TIFF}ImageDescription"),
        *fields.of(BlockKind.COMMENT, ""),
        *fields.of(BlockKind.PNG_TEXT, "UserComment"),
    )
    for block in carriers:
        found = fields.parsed(block)
        if found is None and block.text.startswith("AIGC{"):
            found = {"AIGC": json_object(block.text.removeprefix("AIGC"))}
        if found is not None and "AIGC" in found:
            yield from _label(block, _inner(found))


def _inner(found: JsonObject | None) -> JsonObject | None:
    inner = found.get("AIGC") if found else None
    return inner if isinstance(inner, dict) else found


def _label(block: Block, found: JsonObject | None, *, named_so: bool = False) -> Iterator[Finding]:
    """A label, if it has fields of the standard; XMP's property is the standard's own and needs none."""
    if found is None or not (named_so or len(_AIGC_NAMES & found.keys()) >= 2):
        return
    unknown = (AIGC_MAYBE, Says.NOTHING, "it carries China's AI label with a value that the standard does not know")
    known, says, words = _LABELS.get(str(found.get("Label")).strip(), unknown)
    producer = producer_code(found.get("ContentProducer"))
    yield Finding(known, says, f"{words}, producer {producer}" if producer else words, (block,))
