"""Generators that write their settings as JSON or as PNG fields of their own: Fooocus, InvokeAI, NovelAI and others."""

from collections.abc import Iterator

from safelight.detect.generators.fields import EXIF, XMP, Fields, JsonObject, json_object
from safelight.detect.generators.findings import Finding, Known, rule
from safelight.detect.generators.quote import model_hash, version, with_version
from safelight.detect.metadata.blocks import Block, BlockKind
from safelight.model.signal import Says

FOOOCUS = Known(
    rule("fooocus_json", "program lllyasviel/Fooocus, modules/private_logger.py and meta_parser.py"),
    "generator_fooocus",
    "Fooocus",
    "JSON of the scheme `fooocus`: PNG text `parameters` beside `fooocus_scheme`, EXIF UserComment",
    (Says.AI_USED,),
)
INVOKEAI = Known(
    rule("invokeai", "program invoke-ai/InvokeAI, app/services/image_files/image_files_disk.py"),
    "generator_invokeai",
    "InvokeAI",
    "PNG text or container field `invokeai_metadata`, `invokeai_workflow`, `invokeai_graph` (JSON)",
    (Says.AI_MADE, Says.AI_EDITED, Says.AI_USED),
)
INVOKEAI_OLD = Known(
    rule("invokeai_2", "told by public readers: InvokeAI before version 3", confirmed=False),
    "generator_invokeai",
    "InvokeAI",
    "PNG text `sd-metadata` (JSON with `app_id`), `Dream` (a command with its options)",
    (Says.AI_MADE, Says.AI_USED),
)
NOVELAI = Known(
    rule("novelai", "program NovelAI/novelai-image-metadata, nai_meta.py and nai_meta_writer.py"),
    "generator_novelai",
    "NovelAI",
    "PNG text Software `NovelAI` with Comment (JSON); EXIF UserComment with the same as JSON",
    (Says.AI_MADE, Says.AI_EDITED, Says.AI_USED),
)
SWARMUI = Known(
    rule("swarmui", "program mcmonkeyprojects/SwarmUI, src/Text2Image/T2IParamInput.cs and src/Media/ImageFile.cs"),
    "generator_swarmui",
    "SwarmUI",
    "JSON with `sui_image_params`: PNG text `parameters`, EXIF UserComment",
    (Says.AI_MADE, Says.AI_USED),
)
EASY_DIFFUSION = Known(
    rule(
        "easydiffusion",
        "programs easydiffusion/easydiffusion, utils/save_utils.py, and easydiffusion/sdkit, file_utils.py",
    ),
    "generator_easydiffusion",
    "Easy Diffusion",
    "PNG text fields, or EXIF UserComment as JSON, of its own set of names",
    (Says.AI_MADE, Says.AI_USED),
)
DRAW_THINGS = Known(
    rule("drawthings_json", "told by public readers and writers of its XMP", confirmed=False),
    "generator_drawthings",
    "Draw Things",
    "XMP CreatorTool `Draw Things` with exif:UserComment (JSON)",
    (Says.AI_MADE, Says.AI_USED),
)
RULES = (FOOOCUS, INVOKEAI, INVOKEAI_OLD, NOVELAI, SWARMUI, EASY_DIFFUSION, DRAW_THINGS)

_TEXT_MADE = (Says.AI_MADE, "from a text")
_PICTURE_USED = (Says.AI_USED, "on a given picture")
_PART_DRAWN = (Says.AI_EDITED, "in which a part of a given picture was redrawn")
_NOT_SAID = (Says.AI_USED, "how far is not said")

_FOOOCUS_NAMES = frozenset({
    "adm_guidance", "base_model", "base_model_hash", "full_prompt", "full_negative_prompt", "metadata_scheme",
    "performance", "prompt_expansion", "refiner_switch", "sharpness",
})  # fmt: skip
_EASY_NAMES = frozenset({"use_stable_diffusion_model", "num_inference_steps", "guidance_scale"})
_EASY_LABELS = frozenset({"stable diffusion model", "guidance scale", "sampler", "steps", "seed"})
_INVOKE_KEYS = ("invokeai_metadata", "invokeai_workflow", "invokeai_graph")
_NOVELAI_REQUESTS = {
    "PromptGenerateRequest": _TEXT_MADE,
    "Img2ImgRequest": _PICTURE_USED,
    "NativeInfillingRequest": _PART_DRAWN,
}


def read(fields: Fields) -> Iterator[Finding]:
    """Findings of all programs of this module."""
    for block, found in fields.objects():
        yield from _fooocus(block, found)
        yield from _swarmui(block, found)
        yield from _easy_diffusion_json(block, found)
        yield from _novelai_json(block, found)
    yield from _invokeai(fields)
    yield from _novelai(fields)
    yield from _easy_diffusion(fields)
    yield from _draw_things(fields)


def _run(
    known: Known,
    how: tuple[Says, str],
    blocks: tuple[Block, ...],
    *,
    stated: object = "",
    hashed: object = "",
    withheld: tuple[Block, ...] | None = None,
) -> Finding:
    """A finding of settings, of a stated version and a model's hash; all its fields are withheld unless told which."""
    says, words = how
    detail = with_version(f"settings of a run of {known.generator}, {words}", version(stated), model_hash(hashed))
    return Finding(known, says, detail, blocks, blocks if withheld is None else withheld)


def _fooocus(block: Block, found: JsonObject) -> Iterator[Finding]:
    stated = found.get("version")
    named = isinstance(stated, str) and stated.startswith("Fooocus")
    if named or len(_FOOOCUS_NAMES & found.keys()) >= 5:
        number = stated.removeprefix("Fooocus ") if isinstance(stated, str) else ""
        # Its settings are the same for generating, enlarging and redrawing a part.
        yield _run(FOOOCUS, _NOT_SAID, (block,), stated=number, hashed=found.get("base_model_hash"))


def _swarmui(block: Block, found: JsonObject) -> Iterator[Finding]:
    settings = found.get("sui_image_params")
    if isinstance(settings, dict):
        given = "initimage" in settings or "maskimage" in settings
        yield _run(SWARMUI, _PICTURE_USED if given else _TEXT_MADE, (block,), stated=settings.get("swarm_version"))


def _easy_diffusion_json(block: Block, found: JsonObject) -> Iterator[Finding]:
    if found.keys() >= _EASY_NAMES:
        yield _run(EASY_DIFFUSION, _PICTURE_USED if "prompt_strength" in found else _TEXT_MADE, (block,))


def _easy_diffusion(fields: Fields) -> Iterator[Finding]:
    own = {block.key.casefold(): block for block in fields.all if block.kind is BlockKind.PNG_TEXT}
    if own.keys() >= _EASY_NAMES or own.keys() >= _EASY_LABELS:
        given = "prompt_strength" in own or "prompt strength" in own
        keys = ("use_stable_diffusion_model", "stable diffusion model")
        prompts = tuple(own[key] for key in ("prompt", "negative_prompt", "negative prompt") if key in own)
        blocks = tuple(own[key] for key in keys if key in own) + prompts
        yield _run(EASY_DIFFUSION, _PICTURE_USED if given else _TEXT_MADE, blocks, withheld=prompts)


def _invokeai(fields: Fields) -> Iterator[Finding]:
    for kind in (BlockKind.PNG_TEXT, BlockKind.CONTAINER):
        own = [(block, fields.parsed(block)) for block in fields.of(kind, *_INVOKE_KEYS)]
        blocks = tuple(block for block, found in own if found is not None or block.cut)
        if blocks:
            settings = own[0][1] or {}
            yield _run(
                INVOKEAI, _invoke_mode(settings.get("generation_mode")), blocks, stated=settings.get("app_version")
            )
    for block in fields.of(BlockKind.PNG_TEXT, "sd-metadata"):
        found = fields.parsed(block)
        if found is not None and found.get("app_id") == "invoke-ai/InvokeAI":
            image = found.get("image")
            mode = image.get("type") if isinstance(image, dict) else None
            how = _TEXT_MADE if mode == "txt2img" else _PICTURE_USED if mode == "img2img" else _NOT_SAID
            yield _run(INVOKEAI_OLD, how, (block,), stated=found.get("app_version"), hashed=found.get("model_hash"))
    for block in fields.of(BlockKind.PNG_TEXT, "Dream"):
        if sum(f" {option} " in block.text for option in ("-s", "-S", "-W", "-H", "-C", "-A")) >= 4:
            given = " -I" in block.text or " --init_img" in block.text
            yield _run(INVOKEAI_OLD, _PICTURE_USED if given else _TEXT_MADE, (block,))


def _invoke_mode(mode: object) -> tuple[Says, str]:
    if not isinstance(mode, str):
        return _NOT_SAID
    if mode.endswith("txt2img"):
        return _TEXT_MADE
    if mode.endswith("img2img"):
        return _PICTURE_USED
    return _PART_DRAWN if mode.endswith(("inpaint", "outpaint")) else _NOT_SAID


def _novelai(fields: Fields) -> Iterator[Finding]:
    """PNG text. Comment is a common key and a title may be about anything, so Software has to name it."""
    named = [block for block in fields.of(BlockKind.PNG_TEXT, "Software") if block.text.strip() == "NovelAI"]
    if not named:
        return
    comments = tuple(fields.of(BlockKind.PNG_TEXT, "Comment"))
    prompts = (*fields.of(BlockKind.PNG_TEXT, "Description"), *comments)
    settings = next((found for block in comments if (found := fields.parsed(block))), {})
    yield _of_novelai((*named, *prompts), prompts, settings, fields.first(BlockKind.PNG_TEXT, "Source"))


def _novelai_json(block: Block, found: JsonObject) -> Iterator[Finding]:
    if found.get("Software") == "NovelAI":
        comment = found.get("Comment")
        settings = json_object(comment) if isinstance(comment, str) else comment
        yield _of_novelai((block,), (block,), settings if isinstance(settings, dict) else {}, None)


def _of_novelai(
    blocks: tuple[Block, ...], prompts: tuple[Block, ...], settings: JsonObject, source: Block | None
) -> Finding:
    how = _NOVELAI_REQUESTS.get(str(settings.get("request_type")), _TEXT_MADE if settings else _NOT_SAID)
    model = source.text.rpartition(" V")[2].partition(" ")[0] if source else ""
    return _run(NOVELAI, how, blocks, stated=model, withheld=prompts)


def _draw_things(fields: Fields) -> Iterator[Finding]:
    tools = tuple(b for b in fields.of(BlockKind.XMP, f"{XMP}CreatorTool") if b.text.strip() == "Draw Things")
    comments = [*fields.of(BlockKind.XMP, f"{EXIF}UserComment"), *fields.of(BlockKind.EXIF, "UserComment")]
    for block in comments if tools else ():
        found = fields.parsed(block)
        if found is not None and {"c", "seed", "steps"} <= found.keys():
            how = _TEXT_MADE if found.get("strength", 1) == 1 else _PICTURE_USED
            yield _run(DRAW_THINGS, how, (*tools, block), withheld=(block,))
