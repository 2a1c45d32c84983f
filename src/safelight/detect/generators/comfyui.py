"""Graphs of ComfyUI: the executed one (`prompt`) and the drawn one (`workflow`), in PNG text, EXIF or a container.

Animated WebP hold `prompt:{…}` in EXIF Model and `workflow:{…}` in Make. A graph with a sampler was made to generate;
one without may only enlarge or combine pictures.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from safelight.detect.generators.fields import Fields, JsonObject, json_object
from safelight.detect.generators.findings import Finding, Known, rule
from safelight.detect.metadata.blocks import Block
from safelight.model.signal import Says

GRAPH = Known(
    rule("comfyui_graph", "program comfyanonymous/ComfyUI, comfy_api/latest/_ui.py ImageSaveHelper; real files seen"),
    "generator_comfyui",
    "ComfyUI",
    "JSON of nodes with `class_type`, or of a drawn graph with ComfyUI's own nodes: PNG text `prompt`, `workflow`; "
    "EXIF Make, Model, … with these prefixes; container fields",
    (Says.AI_MADE, Says.AI_USED, Says.NOTHING),
)
RULES = (GRAPH,)

_PREFIXED = re.compile(r"\s*(?:prompt|workflow):(?=\s*\{)", re.IGNORECASE)
_EXECUTED = re.compile(r'"class_type"\s*:\s*"([^"\\]{1,100})"')
_DRAWN = re.compile(r'"type"\s*:\s*"([^"\\]{1,100})"')

# Nodes that nearly every graph has one of, and no other node editor: nodes.py of ComfyUI.
_CORE = frozenset({
    "KSampler", "KSamplerAdvanced", "SamplerCustom", "SamplerCustomAdvanced", "CheckpointLoaderSimple", "VAEDecode",
    "CLIPTextEncode", "VAEEncode", "VAELoader", "UNETLoader", "CLIPLoader", "DualCLIPLoader", "EmptyLatentImage",
    "SaveImage", "PreviewImage", "LoadImage", "SaveAnimatedWEBP", "SaveAnimatedPNG", "ImageUpscaleWithModel",
    "UpscaleModelLoader", "ImageScale",
})  # fmt: skip
_SAMPLES = re.compile(r"sampler", re.IGNORECASE)
_LOADS_GENERATOR = re.compile(r"(?:checkpoint|unet|diffusion|gguf).*loader|loader.*(?:checkpoint|unet)", re.IGNORECASE)
_LOADS_PICTURE = re.compile(r"load_?(?:image|video)|vae_?encode|image_?load", re.IGNORECASE)
# Nodes that ask a service for the picture, as comfy_api_nodes of ComfyUI names them.
_SERVICE = re.compile(
    r"OpenAI(?:Dalle|GPTImage|VideoSora)\d|Ideogram\w|FluxPro\w*Node$|StabilityStableImage|"
    r"(?:Gemini|Kling|Luma|Minimax|Pixverse|Recraft|Runway|Veo|Vidu)\w*(?:Image|Video)\w*Node$"
)


@dataclass(frozen=True, slots=True)
class _Graph:
    """The types of a graph's nodes, and whether it is the one that ran."""

    nodes: list[str] = field(default_factory=list)
    executed: bool = False


def read(fields: Fields) -> Iterator[Finding]:
    """At most one finding: the graphs of a file are forms of one and the same."""
    found = [(block, graph) for block in fields.all if (graph := _graph(fields, block)).nodes]
    if found:
        # What ran counts more than what was drawn, which may have branches that were switched off.
        nodes = max((graph for _, graph in found), key=lambda graph: (graph.executed, len(graph.nodes))).nodes
        blocks = tuple(block for block, _ in found)
        says, words = _how(set(nodes))
        detail = f"a graph of ComfyUI with {len(nodes)} node{'s' * (len(nodes) != 1)}: {words}"
        yield Finding(GRAPH, says, detail, blocks, blocks, {"nodes": float(len(nodes))})


def _graph(fields: Fields, block: Block) -> _Graph:
    """The graph that the field holds; one without nodes when it holds none."""
    prefix = _PREFIXED.match(block.text)
    if prefix is None and not block.text.lstrip().startswith("{"):
        return _Graph()
    if block.cut:
        return _cut_graph(block.text)
    found = json_object(block.text[prefix.end() :]) if prefix else fields.parsed(block)
    return _whole_graph(found) if found else _Graph()


def _whole_graph(graph: JsonObject) -> _Graph:
    executed = [
        node["class_type"]
        for node in graph.values()
        if isinstance(node, dict) and _is_type(node.get("class_type")) and isinstance(node.get("inputs"), dict)
    ]
    if executed:
        return _Graph(executed, executed=True)
    drawn = graph.get("nodes")
    if isinstance(drawn, list) and isinstance(graph.get("links"), list):
        types = [node["type"] for node in drawn if isinstance(node, dict) and _is_type(node.get("type"))]
        return _Graph([] if _CORE.isdisjoint(types) else types)
    # Some savers put both graphs into one field, as objects or as text.
    for key in ("prompt", "workflow"):
        inner = graph.get(key)
        found = json_object(inner) if isinstance(inner, str) else inner
        if isinstance(found, dict) and found.keys().isdisjoint({"prompt", "workflow"}):
            within = _whole_graph(found)
            if within.nodes:
                return within
    return _Graph()


def _is_type(name: object) -> bool:
    # Names are searched by patterns, whose cost grows with the square of the length.
    return isinstance(name, str) and len(name) <= 100


def _cut_graph(text: str) -> _Graph:
    """Of a graph that was cut off, and so is no JSON any more: the types that stand in it."""
    if executed := _EXECUTED.findall(text):
        return _Graph(executed, executed=True)
    drawn = _DRAWN.findall(text) if '"links"' in text or '"nodes"' in text else []
    return _Graph([] if _CORE.isdisjoint(drawn) else drawn)


def _how(types: set[str]) -> tuple[Says, str]:
    sampled = any(map(_SAMPLES.search, types)) or any(map(_SERVICE.match, types))
    given = any(map(_LOADS_PICTURE.search, types))
    if sampled and not given:
        return Says.AI_MADE, "it generates a picture"
    if sampled:
        return Says.AI_USED, "it generates a picture and was given one"
    if any(map(_LOADS_GENERATOR.search, types)):
        return Says.AI_USED, "it loads a generative model; how far that was used is not known"
    return Says.NOTHING, "none of its nodes is known to generate"
