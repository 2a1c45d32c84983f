"""Text that a decoder found in the pixels' lowest bits, read by the rules for fields."""

import dataclasses

from safelight.detect.generators import infotext, programs
from safelight.detect.generators.fields import Fields, json_object
from safelight.detect.generators.findings import Finding, Known, gather, rule
from safelight.detect.markers.stealth import Stealth
from safelight.detect.metadata.blocks import MAX_TEXT, Block, BlockKind, Blocks
from safelight.model.signal import Forgeable, Place, Prompt, Says, Signal, SignalKind

UNNAMED = Known(
    rule(
        "stealth_text",
        "programs NovelAI/novelai-image-metadata, lllyasviel/stable-diffusion-webui-forge modules/stealth_infotext.py",
    ),
    "stealth_text",
    "",
    "text in the lowest bits of the pixels that no other rule knows",
    (Says.NOTHING,),
    Forgeable.PUBLIC_CODE,
)
RULES = (UNNAMED,)


def stealth_signals(stealth: Stealth) -> tuple[tuple[Signal, ...], tuple[Prompt, ...]]:
    """What hidden text says: settings of NovelAI or SwarmUI (JSON) or of a web UI; one unnamed signal for other text.

    The places have no range of bytes, as the bits lie all over the pixels.
    """
    place = Place(f"pixels, {stealth.where}", 0, 0)
    block = Block(BlockKind.PNG_TEXT, "parameters", stealth.text[:MAX_TEXT], place, stealth.cut)
    fields = Fields(Blocks((block, *_within(block))))
    findings = [*programs.read(fields), *infotext.read(fields)]
    if not findings:
        words = "hidden text of no form that we know" if block.text else "the mark of hidden text, which is damaged"
        findings = [Finding(UNNAMED, Says.NOTHING, words, (block,), (block,) if block.text else ())]
    signals, prompts = gather(findings)
    return tuple(map(_hidden, signals)), prompts


def _hidden(signal: Signal) -> Signal:
    detail = f"{signal.detail}; in the {signal.places[0].label.removeprefix('pixels, ')}"
    return dataclasses.replace(signal, kind=SignalKind.MARKER, detail=detail, forgeable=Forgeable.PUBLIC_CODE)


def _within(block: Block) -> tuple[Block, ...]:
    """Fields that the text holds as JSON, as savers put a whole file's fields there."""
    found = json_object(block.text) or {}
    if found.get("Software") == "NovelAI":
        return ()
    return tuple(
        Block(BlockKind.PNG_TEXT, key, value, block.place) for key, value in found.items() if isinstance(value, str)
    )
