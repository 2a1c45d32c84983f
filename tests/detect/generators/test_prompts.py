"""No words of a prompt may be in anything that is shown, whatever the prompt and wherever it stands."""

import hashlib
import json
import string
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from safelight.detect import generators
from safelight.detect.generators import read_generators, stealth_signals
from safelight.detect.markers.stealth import Stealth
from safelight.detect.metadata import Block, BlockKind, Blocks
from safelight.model.signal import Place, Signal
from tests.detect.generators.files import IPTC, XMP_KEYS
from tests.detect.generators.samples import (
    DRAW_THINGS,
    EASY,
    FOOOCUS,
    GROK_SIGNATURE,
    INVOKE,
    NOVELAI,
    PROMPT,
    SETTINGS,
    UUID,
)

RUN = 12
OWN_WORDS = "".join(path.read_text("utf-8") for path in sorted(Path(generators.__file__).parent.glob("*.py")))
PLACE = Place("a place", 0, 9)

letters = string.ascii_letters + string.digits + " ,.:;-_(){}[]\"'\\/<>|\n" + "äß漢字\u202e\ud800\x00"
prompts = st.text(letters, min_size=RUN, max_size=80).filter(lambda text: len(text.strip()) >= RUN)


def forms(prompt: str) -> list[Block]:
    """The prompt in every form and field that a generator uses, and in fields that should not hold one."""
    quoted = json.dumps(prompt)
    nodes = {"1": {"class_type": prompt, "inputs": {"text": prompt}}, "2": {"class_type": "KSampler", "inputs": {}}}
    png = {
        "parameters": f"{prompt}\nNegative prompt: {prompt}\n{SETTINGS}, Model: {quoted}, Version: {prompt}",
        "prompt": json.dumps(nodes),
        "workflow": json.dumps({"nodes": [{"type": prompt}, {"type": "KSampler"}], "links": [], "extra": prompt}),
        "invokeai_metadata": json.dumps({**INVOKE, "positive_prompt": prompt, "app_version": prompt}),
        "sd-metadata": json.dumps({"app_id": "invoke-ai/InvokeAI", "app_version": prompt, "model_hash": prompt}),
        "Dream": f"{quoted} -s 50 -S 1 -W 512 -H 512 -C 7.5 -A {prompt}",
        "Description": f"{prompt} --ar 2:1 --v {prompt} Job ID: {UUID}",
        "Software": "NovelAI",
        "Source": f"NovelAI Diffusion V{prompt}",
        "Comment": json.dumps({**NOVELAI, "prompt": prompt, "request_type": prompt}),
        "Title": prompt,
        "AIGC": json.dumps({"Label": prompt, "ContentProducer": prompt, "ProduceID": prompt}),
        **{key: str(value) for key, value in EASY.items() if key != "prompt"},
    }
    exif = {
        "UserComment": json.dumps({**FOOOCUS, "prompt": prompt, "version": f"Fooocus v{prompt}"}),
        "ImageDescription": GROK_SIGNATURE,
        "Artist": UUID,
        "Software": f"GIMP {prompt}",
        "Make": f"Canon {prompt}",
        "XPComment": json.dumps({"sui_image_params": {"prompt": prompt, "swarm_version": prompt}}),
    }
    xmp = {
        "CreatorTool": "Draw Things",
        "UserComment": json.dumps({**DRAW_THINGS, "c": prompt}),
        "DigitalSourceType": prompt,
        "AISystemUsed": prompt,
        "AIPromptInformation": prompt,
        "Credit": prompt,
    }
    return [
        *(Block(BlockKind.PNG_TEXT, key, text, PLACE) for key, text in png.items()),
        *(Block(BlockKind.EXIF, key, text, PLACE) for key, text in exif.items()),
        *(Block(BlockKind.XMP, XMP_KEYS[key], text, PLACE) for key, text in xmp.items()),
        Block(BlockKind.IPTC, "Credit", prompt, PLACE),
        Block(BlockKind.COMMENT, "", f"GIMP {prompt}", PLACE),
    ]


def shown(signals: tuple[Signal, ...]) -> str:
    return "\n".join(
        f"{s.name} {s.detail} {s.generator} {s.figures} {[p.label for p in s.places]} {s.rule}" for s in signals
    )


def quoted(prompt: str, text: str, elsewhere: str) -> list[str]:
    """The prompt's runs that are in the text. A run of our own words, as hypothesis likes to try them, is no quote."""
    runs = {prompt[at : at + RUN] for at in range(len(prompt) - RUN + 1)}
    return [run for run in runs if run in text and run not in OWN_WORDS and run not in elsewhere]


@settings(max_examples=60)
@given(prompts)
def test_no_run_of_a_prompt_is_shown(prompt: str) -> None:
    signals, _ = read_generators(Blocks(tuple(forms(prompt))))

    other, _ = read_generators(Blocks(tuple(forms("q" * RUN))))
    assert len(signals) >= 15
    assert not quoted(prompt, shown(signals), shown(other))


@settings(max_examples=60)
@given(prompts)
def test_no_run_of_a_hidden_prompt_is_shown(prompt: str) -> None:
    for text in (prompt, json.dumps({"Software": "NovelAI", "Description": prompt, "Comment": prompt})):
        signals, held = stealth_signals(Stealth(text, "stealth_pnginfo", cut=False))

        assert signals
        assert held
        assert not quoted(prompt, shown(signals), "")


def test_a_quoted_prompt_would_be_noticed() -> None:
    signal = Signal("generator_x", f"settings of a run: {PROMPT[:RUN]}")

    assert PROMPT[:RUN] in quoted(PROMPT, shown((signal,)), "")


@given(prompts)
def test_a_prompt_is_stored_whole_with_its_hash(prompt: str) -> None:
    text = f"{prompt}\n{SETTINGS}"
    (signal,), (held,) = read_generators(Blocks((Block(BlockKind.PNG_TEXT, "parameters", text, PLACE),)))

    assert held.text == text.replace("\ud800", "?")
    assert held.sha256 == hashlib.sha256(held.text.encode()).hexdigest()
    assert signal.withheld is not None
    assert (signal.withheld.sha256, signal.withheld.characters) == (held.sha256, len(held.text))
    assert (held.place, held.cut) == (PLACE, False)


def test_the_prompt_of_a_declared_system_is_kept_apart() -> None:
    block = Block(BlockKind.XMP, f"{{{IPTC}}}AIPromptInformation", "a harbour at dusk", PLACE)

    (signal,), (held,) = read_generators(Blocks((block,)))

    assert signal.detail == "a prompt to an AI is declared"
    assert held.text == "a harbour at dusk"
