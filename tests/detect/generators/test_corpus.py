"""Real files: every one with a generator's fields is named, and none of a camera is called AI."""

from pathlib import Path

import pytest

from safelight.detect.generators import read_generators
from safelight.detect.metadata import read_blocks
from safelight.model.signal import Says, Signal

MIME = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".webp": "image/webp"}
AI = {Says.AI_MADE, Says.AI_EDITED, Says.AI_USED}

# Reviewed by hand. The four without a generator carry no field of one: a depth map, a photograph of a camera given to
# unCLIP, and two JPEGs that the example videos started from.
NAMED = {
    "comfyui__area_composition__workflow_night_evening_day_morning.png": Says.AI_MADE,
    "comfyui__controlnet__depth_t2i_adapter.png": Says.AI_USED,
    "comfyui__controlnet__mixing_controlnets.png": Says.AI_USED,
    "comfyui__controlnet__shark_depthmap.png": None,
    "comfyui__img2img__img2img_workflow.png": Says.AI_USED,
    "comfyui__mochi__mochi_simple_checkpoint.webp": Says.AI_MADE,
    "comfyui__sdturbo__sdxlturbo_example.png": Says.AI_MADE,
    "comfyui__unclip__sunset.png": None,
    "area_composition__morning_day_evening_night.png": Says.AI_MADE,
    "inpaint__inpain_model_cat.png": Says.AI_USED,
    "ltxv__fox.jpg": None,
    "ltxv__island.jpg": None,
    "mochi__mochi_text_to_video_example.webp": Says.AI_MADE,
    "sd3__sd3.5_simple_example.png": Says.AI_MADE,
    "sd3__sd3_simple_example.png": Says.AI_MADE,
}


def signals_of(path: Path) -> tuple[Signal, ...]:
    return read_generators(read_blocks(path.read_bytes(), MIME[path.suffix.lower()]))[0]


@pytest.mark.shared
def test_every_file_with_a_generator_s_fields_is_named(shared: Path) -> None:
    folders = (shared / "corpus/provenance/generators", shared / "corpus/synthetic/ai_comfyui")
    files = sorted(path for folder in folders for path in folder.iterdir())

    found = {path.name: [s for s in signals_of(path) if s.name == "generator_comfyui"] for path in files}

    assert {name: signals[0].says if signals else None for name, signals in found.items()} == NAMED
    assert all(len(signal.places) == 2 and signal.withheld for signals in found.values() for signal in signals)


@pytest.mark.shared
def test_no_photograph_is_called_ai(shared: Path) -> None:
    folders = (shared / "corpus/photos", shared / "corpus/synthetic/real_objects")
    files = [path for folder in folders for path in folder.iterdir() if path.suffix.lower() in MIME]

    called = [path.name for path in files if {signal.says for signal in signals_of(path)} & AI]

    assert len(files) >= 900
    assert called == []
