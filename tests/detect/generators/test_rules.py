"""What holds of all rules, and the bounds of reading."""

import gzip
import hashlib
import json
import re
import struct
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.detect.generators import RULES, read_generators, stealth_signals
from safelight.detect.generators.fields import MAX_DEPTH, json_object, unquoted
from safelight.detect.generators.findings import MAX_PLACES, MAX_PROMPT_TEXT, MAX_PROMPTS
from safelight.detect.generators.infotext import settings_of
from safelight.detect.generators.quote import camera_model, model_hash, producer_code, version
from safelight.detect.markers.stealth import Stealth, read_stealth
from safelight.detect.metadata import Block, BlockKind, Blocks
from safelight.detect.metadata.blocks import MAX_ALL, MAX_TEXT
from safelight.model.signal import Forgeable, Place, RuleStatus, Says, Signal, SignalKind
from tests.detect.generators.files import TERMS, XMP_KEYS, declared, read
from tests.detect.generators.samples import AIGC, INVOKE, NOVELAI, PROMPT, SAMPLES, SETTINGS, SWARM, WORKFLOW, graph


def block(key: str, text: str, kind: BlockKind = BlockKind.PNG_TEXT, at: int = 10, *, cut: bool = False) -> Block:
    return Block(kind, key, text, Place("a place", at, at + 10), cut)


def signals_of(*blocks: Block) -> tuple[Signal, ...]:
    return read_generators(Blocks(blocks))[0]


def test_rules_are_told_apart_and_have_sources() -> None:
    ids = [known.rule.id for known in RULES]

    assert len(ids) == len(set(ids)) >= 45
    for known in RULES:
        assert re.fullmatch(r"[a-z0-9_]+", known.signal)
        assert known.rule.source
        assert re.fullmatch(r"\d{4}-\d\d-\d\d", known.rule.as_of)
        assert known.says
        assert ("told by" in known.rule.source or "guess" in known.rule.source) == (
            known.rule.status is RuleStatus.UNVERIFIED
        )


def test_findings_stay_within_what_their_rules_say() -> None:
    says = {known.rule.id: known.says for known in RULES}
    generators = {known.rule.id: known.generator for known in RULES}
    found = [signal for sample in SAMPLES for signal in read(sample.data)[0]]

    for signal in found:
        assert signal.rule is not None
        assert signal.says in says[signal.rule.id]
        assert signal.generator == generators[signal.rule.id]
    seen = {signal.rule.id for signal in found if signal.rule}
    named = {known.rule.id for known in RULES if known.rule.id.startswith("named_")}
    assert {known.rule.id for known in RULES} - seen - named == {"stealth_text"}


def test_one_finding_in_several_places_is_one_signal() -> None:
    text = f"{PROMPT}\n{SETTINGS}"

    (signal,), prompts = read_generators(
        Blocks((block("parameters", text), block("UserComment", text, BlockKind.EXIF, at=50)))
    )

    assert [place.start for place in signal.places] == [10, 50]
    assert [prompt.place.start for prompt in prompts] == [10]


def test_places_are_bounded() -> None:
    (signal,) = signals_of(*(block("Software", "GIMP 2.10", at=n) for n in range(500)))

    assert len(signal.places) == MAX_PLACES


def test_declarations_that_contradict_each_other_all_stay() -> None:
    terms = ("trainedAlgorithmicMedia", "digitalCapture", "algorithmicMedia", "digitalArt")
    key = XMP_KEYS["DigitalSourceType"]

    signals = signals_of(*(block(key, f"{TERMS}{term}", BlockKind.XMP, at=n) for n, term in enumerate(terms)))

    assert [signal.says for signal in signals] == [Says.AI_MADE, Says.CAPTURED, Says.DRAWN, Says.DRAWN]
    assert all(term in signal.detail for term, signal in zip(terms, signals, strict=True))


@pytest.mark.parametrize(("scheme", "says"), [("http", Says.AI_MADE), ("https", Says.AI_MADE), ("ftp", Says.NOTHING)])
def test_a_source_type_counts_as_a_whole_uri(scheme: str, says: Says) -> None:
    uri = f"{scheme}://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"

    ((signal,), _) = read(declared(Iptc4xmpExt__DigitalSourceType=uri))

    assert signal.says is says


def test_settings_are_found_behind_a_prompt_that_holds_the_same_words() -> None:
    prompt = 'a sign that reads "Steps: 5, Seed: 3, Size: 9x9", Steps: 7,'

    settings = settings_of(f"{prompt}\n{SETTINGS}")

    assert settings["Steps"] == "20"
    assert settings["Seed"] == "965400086"


def test_words_in_quotes_are_no_settings() -> None:
    settings = settings_of(f'x\n{SETTINGS}, Raw prompt: "foo, Mask blur: 4, \\"Denoising strength: 1", Clip skip: 2')

    assert "Mask blur" not in settings
    assert "Denoising strength" not in settings
    assert settings["Clip skip"] == "2"


@pytest.mark.parametrize("missing", ["Sampler: DPM++ 2M Karras, ", "CFG scale: 7, ", "Size: 512x512, "])
def test_settings_may_lack_one_of_three(missing: str) -> None:
    assert settings_of(SETTINGS.replace(missing, ""))
    assert not settings_of(SETTINGS.replace(missing, "").replace("Seed: 965400086, ", ""))


def test_a_graph_that_was_cut_off_is_still_named() -> None:
    executed, drawn = json.dumps(graph()), json.dumps(WORKFLOW)

    assert [s.says for s in signals_of(block("prompt", executed[:-20], cut=True))] == [Says.AI_MADE]
    assert [s.says for s in signals_of(block("workflow", drawn[:-20], cut=True))] == [Says.AI_MADE]
    assert signals_of(block("prompt", executed[:-20])) == ()


def test_the_graph_that_ran_counts_more_than_the_drawn_one() -> None:
    off = {"id": 7, "type": "LoadImage", "mode": 4}
    drawn = {**WORKFLOW, "nodes": [*[off] * 9, *WORKFLOW["nodes"]]}
    fields = (block("workflow", json.dumps(drawn)), block("prompt", json.dumps(graph()), at=30))

    assert [s.says for s in signals_of(fields[0])] == [Says.AI_USED]
    assert [(s.says, len(s.places)) for s in signals_of(*fields)] == [(Says.AI_MADE, 2)]


def test_a_prompt_in_a_graph_cannot_add_nodes_to_it() -> None:
    nodes = {"1": {"class_type": "SaveImage", "inputs": {"text": '"class_type": "KSampler"'}}}
    text = json.dumps(nodes)

    assert [s.says for s in signals_of(block("prompt", text))] == [Says.NOTHING]
    assert [s.says for s in signals_of(block("prompt", text, cut=True))] == [Says.NOTHING]


@given(
    st.recursive(
        st.none() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
def test_json_is_read_as_the_library_reads_it(value: object) -> None:
    assert json_object(f" {json.dumps({'x': value})}\n") == {"x": value}
    assert json_object(json.dumps([value])) is None


def test_deep_or_broken_json_is_no_object() -> None:
    deep = '{"a":' * MAX_DEPTH + "1" + "}" * MAX_DEPTH
    deeper = '{"a":' * (MAX_DEPTH + 1) + "1" + "}" * (MAX_DEPTH + 1)
    brackets_in_words = json.dumps({"a": "[" * 1000, "b": ["\\" * 3 + '"{' * 500]})

    assert json_object(deep) is not None
    assert json_object(deeper) is None
    assert json_object('{"a":' + "[" * 100_000 + "]" * 100_000 + "}") is None
    assert json_object(brackets_in_words) is not None
    assert json_object('{"a": ' + "9" * 5000 + "}") is None
    assert json_object('{"a": }') is None
    assert json_object("{" + " " * MAX_TEXT + "}") is None


@given(st.lists(st.text('ab,\\"', max_size=8), max_size=6))
def test_quoted_parts_are_left_out(parts: list[str]) -> None:
    text = "x".join(json.dumps(part) for part in parts)

    assert unquoted(text) == "x" * max(len(parts) - 1, 0)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("v1.10.1", "v1.10.1"), ("f2.0.1v1.10.1-previous", "f2.0.1"), ("2.10.34 (Linux)", "2.10.34"), ("26.9", "26.9")],
)
def test_versions(text: str, expected: str) -> None:
    assert version(text) == expected


@pytest.mark.parametrize(
    "text", ["", "v", "1", "a boat", "1.2.3.4.5.6", "12345.6", None, 1.5, "\N{CIRCLED DIGIT ONE}.2"]
)
def test_what_is_no_version(text: object) -> None:
    assert version(text) == ""


def test_hashes_codes_and_models() -> None:
    assert model_hash("6CE0161689B3853ACAA0") == "6ce0161689"
    assert model_hash("a boat") == model_hash("12ab") == model_hash(7) == ""
    assert producer_code("00119144030008867405X210002") == "00119144030008867405X210002"
    assert producer_code("ABOATONAHILL123456") == producer_code("") == producer_code(None) == ""
    assert camera_model("Canon EOS 5D Mark IV") == "Canon EOS 5D Mark IV"
    assert camera_model("DMC-LX100\0") == "DMC-LX100"
    assert camera_model('prompt:{"3": {}}') == camera_model("a boat on a hill at dusk, 7") == camera_model("boat") == ""


def test_hidden_text_is_read_by_the_same_rules() -> None:
    hidden = {
        "generator_novelai": json.dumps({"Software": "NovelAI", "Comment": json.dumps(NOVELAI)}),
        "generator_a1111": f"{PROMPT}\n{SETTINGS}, Version: v1.9.3",
        "generator_swarmui": json.dumps(SWARM),
        "stealth_text": PROMPT,
    }
    for name, text in hidden.items():
        (signal,), (prompt,) = stealth_signals(Stealth(text, "stealth_pngcomp", cut=False))

        assert signal.name == name
        assert (signal.kind, signal.forgeable) == (SignalKind.MARKER, Forgeable.PUBLIC_CODE)
        assert signal.places == (prompt.place,)
        assert "alpha" in signal.detail
        assert (prompt.text, prompt.cut) == (text, False)


def test_a_whole_file_s_fields_in_hidden_text_are_read() -> None:
    text = json.dumps({"parameters": f"{PROMPT}\n{SETTINGS}, Version: v1.9.3", "extras": "none"})

    ((signal,), _) = stealth_signals(Stealth(text, "stealth_rgbinfo", cut=False))

    assert signal.name == "generator_a1111"
    assert "colours" in signal.detail


def test_a_mark_of_hidden_text_without_text_is_still_told() -> None:
    (signal,), prompts = stealth_signals(Stealth("", "stealth_pngcomp", cut=True))

    assert (signal.name, signal.says, signal.withheld) == ("stealth_text", Says.NOTHING, None)
    assert "damaged" in signal.detail
    assert prompts == ()


def test_text_hidden_in_pixels_is_found_all_the_way() -> None:
    text = json.dumps({"Software": "NovelAI", "Description": PROMPT, "Comment": json.dumps(NOVELAI)})
    packed = gzip.compress(text.encode(), mtime=0)
    bits = np.unpackbits(np.frombuffer(b"stealth_pngcomp" + struct.pack(">I", 8 * len(packed)) + packed, np.uint8))
    alpha = np.full((64, 96), 255, np.uint8)
    columns = alpha.T.copy().reshape(-1)
    columns[: bits.size] = 0xFE | bits
    alpha = columns.reshape(96, 64).T

    stealth = read_stealth(np.zeros((64, 96, 3), np.uint8), alpha)

    assert stealth is not None
    assert [(s.name, s.says) for s in stealth_signals(stealth)[0]] == [("generator_novelai", Says.AI_MADE)]


def test_prompts_are_bounded_in_number_and_length() -> None:
    texts = [f"{n} {'boat ' * 200}\n{SETTINGS}" for n in range(100)]
    _, many = read_generators(Blocks(tuple(block(f"p{n}", text, at=n) for n, text in enumerate(texts))))
    long = [f"{n} {'x' * (MAX_TEXT - 200)}\n{SETTINGS}" for n in range(3)]
    (signal,), few = read_generators(Blocks(tuple(block(f"p{n}", text, at=n) for n, text in enumerate(long))))

    assert len(many) == MAX_PROMPTS
    assert sum(len(prompt.text) for prompt in few) == MAX_PROMPT_TEXT
    assert [prompt.cut for prompt in few] == [False, True]
    assert few[1].sha256 == hashlib.sha256(long[1].encode()).hexdigest()
    assert long[1].startswith(few[1].text)
    assert signal.withheld is not None
    assert signal.withheld.sha256 == few[0].sha256


def test_containers_of_videos_are_read_by_the_same_rules() -> None:
    kind = BlockKind.CONTAINER
    samples = {
        "label_tc260": block("AIGC", json.dumps({"AIGC": AIGC}), kind),
        "generator_comfyui": block("prompt", json.dumps(graph()), kind),
        "generator_invokeai": block("invokeai_metadata", json.dumps(INVOKE), kind),
        "generator_infotext": block("comment", f"{PROMPT}\n{SETTINGS}", kind),
        "camera_named": block("com.apple.quicktime.make", "Apple", kind),
        "editor": block("com.apple.quicktime.software", "CapCut 3.1", kind),
        "generator_openai": block("software", "Sora", kind),
    }

    assert {name: signals_of(field)[0].name for name, field in samples.items()} == {name: name for name in samples}


@pytest.mark.parametrize("name", ["Midjourney", "DALL-E 3", "ChatGPT-4o", "Adobe Firefly Image 4", "Reve.com", "xAI"])
def test_a_generator_is_named_by_the_whole_field_only(name: str) -> None:
    def says(text: str) -> list[Says]:
        return [signal.says for signal in signals_of(block("Software", text, BlockKind.EXIF))]

    assert says(name) == says(f" {name.upper()}\0") == [Says.AI_USED]
    assert says(f"not {name}") == says(f"{name} fan club") == says(f"x{name}") == says(name * 20) == []


HOSTILE = {
    "quotes": '"' * MAX_TEXT,
    "escaped quotes": '{"a": "' + '\\"' * (MAX_TEXT // 2 - 10) + '"}',
    "braces": "{" * (MAX_TEXT - 1) + "}",
    "brackets": '{"a":' + "[]," * (MAX_TEXT // 3 - 10) + "1}",
    "steps": "Steps: 1, " * (MAX_TEXT // 10),
    "steps and seeds": ("Steps: 1, Seed: 1, Sampler: x, " * MAX_TEXT)[:MAX_TEXT],
    "one long line": "Steps: 1, " + "a" * MAX_TEXT,
    "commas": "Steps: 1, " + "," * (MAX_TEXT - 20),
    "job": "--v " * (MAX_TEXT // 4 - 20) + f"Job ID: {'a' * 8}",
    "class types": '{"1": ' + '"class_type": "' * (MAX_TEXT // 20) + "}",
    "a long class type": json.dumps({"1": {"class_type": "checkpoint" * 20_000, "inputs": {}}}),
    "long class types": json.dumps({n: {"class_type": "KlingVideo" * 9, "inputs": {}} for n in range(1900)}),
    "spaces": " " * MAX_TEXT,
    "signature": "Signature: " + "a" * (MAX_TEXT - 20),
    "hashes": "Model hash: " + "a" * (MAX_TEXT - 20),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_costs_little(name: str) -> None:
    keys = (("parameters", BlockKind.PNG_TEXT), ("Description", BlockKind.PNG_TEXT), ("UserComment", BlockKind.EXIF))
    blocks = [block(key, HOSTILE[name][:MAX_TEXT], kind) for key, kind in keys]
    blocks.append(block("prompt", HOSTILE[name][:MAX_TEXT], cut=True))
    assert sum(len(b.text) for b in blocks) <= MAX_ALL
    start = time.process_time()

    signals = signals_of(*blocks)

    assert time.process_time() - start < 5
    assert not {signal.says for signal in signals} & {Says.AI_MADE, Says.AI_EDITED}
    assert len(signals) <= 1
