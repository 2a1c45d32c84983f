"""One file for each form that each program writes, and what is to be found in it.

Made up from the programs' own code or, for rules that are only told by others, from what they tell; benign words only.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from safelight.model.signal import Says
from tests.detect.generators.files import TERMS, declared, exif_of, gif, jpeg, png, webp, xmp

PROMPT = "a lighthouse of glass on a hill of blue moss, morning fog over the quiet bay"
NEGATIVE = "blurry, watermark, low quality"
HASH = "6ce0161689b3853acaa03779ec93eafe75a02f4ced659bee03f50797806fa2fa"
UUID = "a7421d2f-b262-44f9-977c-ac23e9c7d3e3"

SETTINGS = "Steps: 20, Sampler: DPM++ 2M Karras, CFG scale: 7, Seed: 965400086, Size: 512x512, Model hash: 6ce0161689"


@dataclass(frozen=True)
class Sample:
    name: str
    data: bytes
    expected: frozenset[tuple[str, Says]]
    generator: str = ""
    words: str = ""  # a part of the detail
    prompts: int = 0


def infotext(rest: str) -> str:
    return f"{PROMPT}\nNegative prompt: {NEGATIVE}\n{SETTINGS}, {rest}"


def graph(*, given: bool = False, sampler: bool = True) -> dict[str, object]:
    """A graph as ComfyUI runs it."""
    nodes: dict[str, object] = {
        "4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "v1-5-pruned.safetensors"}},
        "6": {"class_type": "CLIPTextEncode", "inputs": {"text": PROMPT, "clip": ["4", 1]}},
        "9": {"class_type": "SaveImage", "inputs": {"filename_prefix": "ComfyUI"}},
    }
    if sampler:
        nodes["3"] = {"class_type": "KSampler", "inputs": {"seed": 8566257, "steps": 20, "denoise": 0.87}}
    if given:
        nodes["10"] = {"class_type": "LoadImage", "inputs": {"image": "example.png"}}
    return nodes


ENLARGE = {
    "1": {"class_type": "LoadImage", "inputs": {"image": "boat.png"}},
    "2": {"class_type": "UpscaleModelLoader", "inputs": {"model_name": "4x.pth"}},
    "3": {"class_type": "ImageUpscaleWithModel", "inputs": {"image": ["1", 0]}},
    "4": {"class_type": "SaveImage", "inputs": {"images": ["3", 0]}},
}
WORKFLOW: dict[str, Any] = {
    "last_node_id": 9,
    "last_link_id": 9,
    "nodes": [
        {"id": 3, "type": "KSampler", "pos": [863, 186], "widgets_values": [1, "fixed", 20, 8, "euler"]},
        {"id": 6, "type": "CLIPTextEncode", "pos": [415, 186], "widgets_values": [PROMPT]},
    ],
    "links": [[1, 4, 0, 3, 0, "MODEL"]],
    "version": 0.4,
}
FOOOCUS = {
    "adm_guidance": "(1.5, 0.8, 0.3)",
    "base_model": "juggernautXL_v8",
    "base_model_hash": HASH[:10],
    "full_prompt": [PROMPT],
    "full_negative_prompt": [NEGATIVE],
    "metadata_scheme": "fooocus",
    "performance": "Speed",
    "prompt": PROMPT,
    "refiner_switch": 0.5,
    "sampler": "dpmpp_2m_sde_gpu",
    "sharpness": 2.0,
    "steps": 30,
    "version": "Fooocus v2.5.5",
}
NOVELAI = {
    "prompt": PROMPT,
    "steps": 28,
    "scale": 5.0,
    "seed": 3246,
    "sampler": "k_euler_ancestral",
    "uc": NEGATIVE,
    "request_type": "PromptGenerateRequest",
    "signed_hash": "nM6vZLFGJWW7SH2xc4lpRY9sJGbPQKXaUzhUVX==",
}
SWARM = {"sui_image_params": {"prompt": PROMPT, "model": "sd_xl_base_1.0", "steps": 20, "swarm_version": "0.9.7.2"}}
INVOKE = {"generation_mode": "sdxl_txt2img", "positive_prompt": PROMPT, "app_version": "5.6.0", "steps": 30}
INVOKE_OLD = {"model": "stable diffusion", "model_hash": HASH, "app_id": "invoke-ai/InvokeAI", "app_version": "v2.2.4"}
EASY = {
    "prompt": PROMPT,
    "negative_prompt": NEGATIVE,
    "seed": 12,
    "use_stable_diffusion_model": "sd-v1-4",
    "sampler_name": "euler_a",
    "num_inference_steps": 25,
    "guidance_scale": 7.5,
}
DRAW_THINGS = {"c": PROMPT, "uc": NEGATIVE, "seed": 1172910896, "steps": 8, "scale": 4.5, "strength": 1}
AIGC = {
    "Label": "1",
    "ContentProducer": "001191110102MACQD9K64010000",
    "ProduceID": "A2012",
    "ReservedCode1": "",
    "ContentPropagator": "",
    "PropagateID": "",
    "ReservedCode2": "",
}
DREAMINA = {
    "aigc_info": {"aigc_label_type": 0, "source_info": "dreamina"},
    "data": {"os": "web", "product": "dreamina", "exportType": "generation", "pictureId": "0"},
}
GROK_SIGNATURE = "Signature: " + "c2FmZWxpZ2h0" * 12 + "=="


def one(name: str, says: Says) -> frozenset[tuple[str, Says]]:
    return frozenset({(name, says)})


def with_(fields: Mapping[str, object], **more: object) -> str:
    return json.dumps({**fields, **more})


SAMPLES = (
    Sample(
        "a1111 png", png({"parameters": infotext("Model: v1-5-pruned, Version: v1.10.1")}),
        one("generator_a1111", Says.AI_MADE), "Stable Diffusion web UI (AUTOMATIC1111)",
        "version v1.10.1, model hash 6ce0161689", 1,
    ),
    Sample(
        "a1111 jpeg", jpeg({"UserComment": infotext("Version: v1.9.3-4-g801b72b9")}),
        one("generator_a1111", Says.AI_MADE), words="from a text", prompts=1,
    ),
    Sample(
        "a1111 webp", webp({"UserComment": infotext("Version: 1.6.0")}),
        one("generator_a1111", Says.AI_MADE), prompts=1,
    ),
    Sample(
        "a1111 gif", gif(infotext("Version: v1.10.1")), one("generator_a1111", Says.AI_MADE), prompts=1,
    ),
    Sample(
        "a1111 hires", png({"parameters": infotext("Denoising strength: 0.7, Hires upscale: 2, Version: v1.6.0")}),
        one("generator_a1111", Says.AI_MADE), prompts=1,
    ),
    Sample(
        "a1111 img2img", png({"parameters": infotext("Denoising strength: 0.75, Version: v1.6.0")}),
        one("generator_a1111", Says.AI_USED), words="on a given picture", prompts=1,
    ),
    Sample(
        "a1111 inpaint", png({"parameters": infotext("Denoising strength: 0.75, Mask blur: 4, Version: v1.6.0")}),
        one("generator_a1111", Says.AI_USED), words="perhaps only on a part", prompts=1,
    ),
    Sample(
        "unnamed web ui", png({"parameters": infotext("Clip skip: 2")}),
        one("generator_infotext", Says.AI_MADE), prompts=1,
    ),
    Sample(
        "forge", png({"parameters": infotext("Version: f2.0.1v1.10.1-previous-635-gf5330788")}),
        one("generator_forge", Says.AI_MADE), "Stable Diffusion web UI Forge", "version f2.0.1", 1,
    ),
    Sample(
        "sdnext",
        png({"parameters": f"{PROMPT}\nNegative prompt: \nSteps: 10, Size: 1024x1024, Sampler: DPM++ SDE, Seed: 666, "
             "CFG scale: 6, App: SD.Next, Version: 8b73cb6, Operations: txt2img, Model hash: 335da0800c"}),
        one("generator_sdnext", Says.AI_MADE), "SD.Next", "model hash 335da0800c", 1,
    ),
    Sample(
        "sdnext inpaint", png({"parameters": infotext("App: SD.Next, Operations: inpaint")}),
        one("generator_sdnext", Says.AI_EDITED), words="a part of a given picture was redrawn", prompts=1,
    ),
    Sample(
        "civitai",
        jpeg({"UserComment": infotext('Created Date: 2025-11-28T09:18:43Z, Civitai resources: [{"type":"checkpoint",'
              '"modelVersionId":2442439}], Civitai metadata: {}')}),
        one("generator_civitai", Says.AI_MADE), "Civitai", prompts=1,
    ),
    Sample(
        "comfyui saver", png({"parameters": infotext("Version: ComfyUI")}),
        one("generator_comfyui", Says.AI_MADE), "ComfyUI", prompts=1,
    ),
    Sample(
        "fooocus a1111 scheme", png({"parameters": infotext("Version: Fooocus v2.5.5"), "fooocus_scheme": "a1111"}),
        one("generator_fooocus", Says.AI_MADE), "Fooocus", "version v2.5.5", 1,
    ),
    Sample(
        "fooocus png", png({"parameters": json.dumps(FOOOCUS), "fooocus_scheme": "fooocus"}),
        one("generator_fooocus", Says.AI_USED), "Fooocus", "version v2.5.5, model hash 6ce0161689", 1,
    ),
    Sample(
        "fooocus jpeg",
        jpeg({"UserComment": json.dumps(FOOOCUS), "Software": "Fooocus v2.5.5", "MakerNote": "fooocus"}),
        one("generator_fooocus", Says.AI_USED), prompts=1,
    ),
    Sample(
        "comfyui png", png({"prompt": json.dumps(graph()), "workflow": json.dumps(WORKFLOW)}),
        one("generator_comfyui", Says.AI_MADE), "ComfyUI", "4 nodes", 2,
    ),
    Sample(
        "comfyui png, drawn graph only", png({"workflow": json.dumps(WORKFLOW)}),
        one("generator_comfyui", Says.AI_MADE), prompts=1,
    ),
    Sample(
        "comfyui given", png({"prompt": json.dumps(graph(given=True))}),
        one("generator_comfyui", Says.AI_USED), words="was given one", prompts=1,
    ),
    Sample(
        "comfyui webp", webp({"Model": f"prompt:{json.dumps(graph())}", "Make": f"workflow:{json.dumps(WORKFLOW)}"}),
        one("generator_comfyui", Says.AI_MADE), prompts=2,
    ),
    Sample(
        "comfyui webp, description", webp({"ImageDescription": f"Workflow:{json.dumps(WORKFLOW)}"}),
        one("generator_comfyui", Says.AI_MADE), prompts=1,
    ),
    Sample(
        "comfyui in one field",
        jpeg({"UserComment": json.dumps({"prompt": json.dumps(graph()), "workflow": WORKFLOW})}),
        one("generator_comfyui", Says.AI_MADE), words="4 nodes", prompts=1,
    ),
    Sample(
        "comfyui enlarging", png({"prompt": json.dumps(ENLARGE)}),
        one("generator_comfyui", Says.NOTHING), words="none of its nodes is known to generate", prompts=1,
    ),
    Sample(
        "comfyui without sampler", png({"prompt": json.dumps(graph(sampler=False))}),
        one("generator_comfyui", Says.AI_USED), words="loads a generative model", prompts=1,
    ),
    Sample(
        "comfyui service",
        png({"prompt": json.dumps({"1": {"class_type": "OpenAIDalle3", "inputs": {"prompt": PROMPT}}})}),
        one("generator_comfyui", Says.AI_MADE), prompts=1,
    ),
    Sample(
        "invokeai", png({"invokeai_metadata": json.dumps(INVOKE), "invokeai_graph": '{"nodes": {}, "edges": []}'}),
        one("generator_invokeai", Says.AI_MADE), "InvokeAI", "version 5.6.0", 2,
    ),
    Sample(
        "invokeai inpaint", png({"invokeai_metadata": with_(INVOKE, generation_mode="inpaint")}),
        one("generator_invokeai", Says.AI_EDITED), prompts=1,
    ),
    Sample(
        "invokeai img2img", png({"invokeai_metadata": with_(INVOKE, generation_mode="flux_img2img")}),
        one("generator_invokeai", Says.AI_USED), prompts=1,
    ),
    Sample(
        "invokeai 2", png({"sd-metadata": with_(INVOKE_OLD, image={"type": "txt2img", "steps": 50})}),
        one("generator_invokeai", Says.AI_MADE), words="version v2.2.4, model hash 6ce0161689", prompts=1,
    ),
    Sample(
        "invokeai 2 dream", png({"Dream": f'"{PROMPT}" -s 50 -S 1618033988 -W 512 -H 512 -C 7.5 -A k_lms'}),
        one("generator_invokeai", Says.AI_MADE), prompts=1,
    ),
    Sample(
        "novelai",
        png({"Title": "NovelAI generated image", "Description": PROMPT, "Software": "NovelAI",
             "Source": "NovelAI Diffusion V4.5 4BDE2A90", "Generation time": "4.1", "Comment": json.dumps(NOVELAI)}),
        frozenset({("generator_novelai", Says.AI_MADE), ("generator_novelai", Says.AI_USED)}), "NovelAI",
        "from a text, version 4.5", 2,
    ),
    Sample(
        "novelai redrawn",
        webp({"UserComment": json.dumps({"Software": "NovelAI", "Description": PROMPT, "Comment":
              with_(NOVELAI, request_type="NativeInfillingRequest")})}),
        one("generator_novelai", Says.AI_EDITED), prompts=1,
    ),
    Sample(
        "swarmui", png({"parameters": json.dumps(SWARM)}),
        one("generator_swarmui", Says.AI_MADE), "SwarmUI", "version 0.9.7.2", 1,
    ),
    Sample(
        "swarmui given", jpeg({"UserComment": json.dumps({"sui_image_params": {"prompt": PROMPT, "initimage": "x"}})}),
        one("generator_swarmui", Says.AI_USED), prompts=1,
    ),
    Sample(
        "easy diffusion", png({key: str(value) for key, value in EASY.items()}),
        one("generator_easydiffusion", Says.AI_MADE), "Easy Diffusion", prompts=2,
    ),
    Sample(
        "easy diffusion, labels",
        png({"Prompt": PROMPT, "Negative Prompt": NEGATIVE, "Seed": "1", "Stable Diffusion model": "sd-v1-4",
             "Sampler": "ddim", "Steps": "25", "Guidance Scale": "7.5", "Prompt Strength": "0.8"}),
        one("generator_easydiffusion", Says.AI_USED), prompts=2,
    ),
    Sample(
        "easy diffusion jpeg", jpeg({"UserComment": json.dumps(EASY)}),
        one("generator_easydiffusion", Says.AI_MADE), prompts=1,
    ),
    Sample(
        "draw things",
        png({}, xmp=xmp({
            "xmp:CreatorTool": "Draw Things", "exif:UserComment": json.dumps(DRAW_THINGS),
            "dc:description": f"{PROMPT}\n-{NEGATIVE}\nSteps: 8, Sampler: UniPC Trailing, Guidance Scale: 4.5, "
            "Seed: 1172910896, Size: 640x480, Model: flux_1_schnell_q5p.ckpt, Strength: 1.0",
        })),
        frozenset({("generator_drawthings", Says.AI_MADE), ("generator_drawthings", Says.AI_USED)}),
        "Draw Things", prompts=2,
    ),
    Sample(
        "midjourney", png({"Description": f"{PROMPT} --ar 2:1 --v 6.1 Job ID: {UUID}", "Author": "someone"}),
        one("generator_midjourney", Says.AI_MADE), "Midjourney", "version 6.1", 1,
    ),
    Sample(
        "midjourney with guid",
        png({"Description": f"{PROMPT} Job ID: {UUID}"}, xmp=xmp({
            "Iptc4xmpExt:DigImageGUID": UUID, "Iptc4xmpExt:DigitalSourceType": f"{TERMS}trainedAlgorithmicMedia",
        })),
        frozenset({("generator_midjourney", Says.AI_MADE), ("source_type_iptc", Says.AI_MADE)}), prompts=1,
    ),
    Sample(
        "grok", jpeg({"Artist": UUID, "ImageDescription": GROK_SIGNATURE}),
        one("generator_grok", Says.AI_USED), "xAI Grok", "not checked",
    ),
    Sample(
        "google edited",
        declared(photoshop__Credit="Edited with Google AI",
                 Iptc4xmpExt__DigitalSourceType=f"{TERMS}compositeWithTrainedAlgorithmicMedia"),
        frozenset({("generator_google", Says.AI_EDITED), ("source_type_iptc", Says.AI_EDITED)}),
    ),
    Sample(
        "google made, iim", jpeg(credit="Made with Google AI"), one("generator_google", Says.AI_MADE), "Google AI",
    ),
    Sample("meta", jpeg(credit="Imagined with AI"), one("generator_meta", Says.AI_MADE), "Meta AI"),
    Sample(
        "dreamina", jpeg({"UserComment": json.dumps(DREAMINA)}), one("generator_dreamina", Says.AI_MADE),
    ),
    Sample(
        "tc260 xmp", declared(TC260__AIGC=json.dumps(AIGC)),
        one("label_tc260", Says.AI_USED), words="producer 001191110102MACQD9K64010000",
    ),
    Sample("tc260 png", png({"AIGC": json.dumps(AIGC)}), one("label_tc260", Says.AI_USED)),
    Sample("tc260 exif", jpeg({"UserComment": json.dumps({"AIGC": AIGC})}), one("label_tc260", Says.AI_USED)),
    Sample("tc260 comment", jpeg(comment=f"AIGC{json.dumps(AIGC)}"), one("label_tc260", Says.AI_USED)),
    Sample(
        "tc260 suspected", png({"AIGC": with_(AIGC, Label="3")}),
        one("label_tc260", Says.NOTHING), words="suspected",
    ),
    Sample(
        "source type", declared(Iptc4xmpExt__DigitalSourceType=f"{TERMS}trainedAlgorithmicMedia"),
        one("source_type_iptc", Says.AI_MADE), words="trainedAlgorithmicMedia",
    ),
    Sample(
        "source type, short", declared(Iptc4xmpExt__DigitalSourceType="digsrctype:compositeSynthetic"),
        one("source_type_iptc", Says.AI_EDITED),
    ),
    Sample(
        "source type, older name", declared(Iptc4xmpExt__DigitalSourcefileType=f"{TERMS}digitalCapture"),
        one("source_type_iptc", Says.CAPTURED),
    ),
    Sample(
        "ai system", declared(Iptc4xmpExt__AISystemUsed="ChatGPT", Iptc4xmpExt__AIPromptInformation=PROMPT),
        one("ai_system_iptc", Says.AI_USED), words="OpenAI", prompts=1,
    ),
    Sample(
        "ai system without a name here", declared(Iptc4xmpExt__AISystemUsed="Brand New Painter"),
        one("ai_system_iptc", Says.AI_USED), words="no name for", prompts=1,
    ),
    Sample("firefly", declared(xmp__CreatorTool="Adobe Firefly 2.0"), one("generator_firefly", Says.AI_USED)),
    Sample("dall-e", jpeg({"Software": "DALL·E 3".replace("·", "-")}), one("generator_openai", Says.AI_USED)),
    Sample("ideogram", jpeg({"Make": "Ideogram AI"}), one("generator_ideogram", Says.AI_USED), "Ideogram"),
    Sample("designer", jpeg({"Software": "Microsoft Designer"}), one("generator_microsoft", Says.AI_USED)),
    Sample(
        "history", declared(stEvt__softwareAgent="Adobe Firefly", xmp__CreatorTool="Adobe Photoshop 26.9 (Windows)"),
        frozenset({("generator_firefly", Says.AI_USED), ("editor", Says.NOTHING)}),
    ),
    Sample(
        "photoshop", jpeg({"Software": "Adobe Photoshop CC 2019 (Macintosh)"}), one("editor", Says.NOTHING),
        words="Adobe Photoshop",
    ),
    Sample(
        "gimp", png({"Software": "GIMP 2.10.34"}), one("editor", Says.NOTHING),
        words="GIMP is named, version 2.10.34",
    ),
    Sample(
        "camera", jpeg({"Make": "NIKON CORPORATION", "Model": "NIKON D90", "Software": "Ver.1.00"}),
        one("camera_named", Says.NOTHING), words="NIKON D90",
    ),
    Sample(
        "phone in a png", png({}, exif=exif_of({"Make": "Apple", "Model": "iPhone 14 Pro"})),
        one("camera_named", Says.NOTHING), words="Apple iPhone 14 Pro",
    ),
)  # fmt: skip
