"""Benign files that look like a generator's: none may be said to have anything to do with AI."""

import json

import pytest

from safelight.model.signal import Says
from tests.detect.generators.files import TERMS, declared, exif_of, gif, jpeg, png, read, webp, xmp
from tests.detect.generators.samples import UUID

DRAWN_GRAPH = {
    "nodes": [{"id": 1, "type": "person", "pos": [0, 1]}, {"id": 2, "type": "city", "pos": [1, 1]}],
    "links": [{"source": 1, "target": 2}],
}
OTHER_NODE_EDITOR = {
    "last_node_id": 2,
    "nodes": [{"id": 1, "type": "math/sum", "pos": [10, 10]}, {"id": 2, "type": "basic/watch", "pos": [90, 10]}],
    "links": [[1, 1, 0, 2, 0, "number"]],
    "version": 0.4,
}

LOOKALIKES = {
    "parameters of a plot": png({"parameters": "alpha=0.05, steps=100, seed=42, sampler=nuts, chains=4"}),
    "parameters of a plot as JSON": png({"parameters": json.dumps({"steps": 100, "seed": 42, "sampler": "nuts"})}),
    "parameters in the same words": png({"parameters": "Steps: 100, Seed: 42, Chains: 4, Warm-up: 50"}),
    "prompt of a form": png({"prompt": "Please enter your name and press return"}),
    "prompt as JSON": png({"prompt": json.dumps({"question": "How many?", "answers": ["1", "2"]})}),
    "workflow in words": png({"workflow": "scan, crop, save"}),
    "workflow of nodes without class_type": png({"workflow": json.dumps(DRAWN_GRAPH)}),
    "workflow of another node editor": png({"workflow": json.dumps(OTHER_NODE_EDITOR)}),
    "nodes with class_type that is no text": png({"prompt": json.dumps({"1": {"class_type": 5, "inputs": {}}})}),
    "nodes with class_type but no inputs": png({"prompt": json.dumps({"1": {"class_type": "Panel"}})}),
    "a recipe": png({"Description": "Steps: 3 of a recipe, Size: 20 cm, Seed: one cup of sesame"}),
    "a knitting pattern": jpeg({"ImageDescription": "Steps: 12, Seed: stitch, Size: 38x40, Gauge: 22"}),
    "a seed catalogue": jpeg({"UserComment": "Steps: 4, Seed: 12, Size: 10x20, Sampler bag included"}),
    "software with a generator's name in it": png({"Software": "Stable Diffusion Cookbook viewer"}),
    "software named like a painter": png({"Software": "Midjourneyman's Photo Organizer 2.1"}),
    "a caption about a generator": declared(dc__description="Talk on Midjourney and DALL-E at the library"),
    "a credit of a phone": declared(photoshop__Credit="Made with Google Pixel"),
    "a credit that only begins so": declared(
        photoshop__Credit="Made with Google AI Studio's help desk, photo by staff"
    ),
    "a slogan": jpeg(credit="Health, reimagined with AI"),
    "a camera": jpeg({"Make": "Canon", "Model": "Canon EOS 5D Mark IV", "Software": "Firmware 1.2.1"}),
    "a camera in WebP": webp({"Make": "Google", "Model": "Pixel 8 Pro"}),
    "a camera in PNG": png({}, exif=exif_of({"Make": "SONY", "Model": "ILCE-7M3"})),
    "a make with a colon": jpeg({"Make": "workflow: scanning", "Model": "prompt: none"}),
    "a print job": png({"Description": f"Poster A2, two copies. Job ID: {UUID}"}),
    "a print job with a number": png({"Description": "Poster --draft Job ID: 20391"}),
    "a signature without the pair": jpeg({"ImageDescription": "Signature: illegible", "Artist": UUID}),
    "an artist with a UUID": jpeg({"Artist": UUID, "ImageDescription": "A boat in the harbour"}),
    "algorithmic, not trained": declared(Iptc4xmpExt__DigitalSourceType=f"{TERMS}algorithmicMedia"),
    "a made-up source type": declared(Iptc4xmpExt__DigitalSourceType=f"{TERMS}notTrainedAlgorithmicMedia"),
    "a source type without its vocabulary": declared(Iptc4xmpExt__DigitalSourceType="trainedAlgorithmicMedia"),
    "no AI system": declared(Iptc4xmpExt__AISystemUsed="None", Iptc4xmpExt__AIPromptInformation="n/a"),
    "AIGC of another kind": png({"AIGC": json.dumps({"title": "Association of Inland Gardening Clubs"})}),
    "AIGC in words": png({"AIGC": "Label 1"}),
    "AIGC that may be": png({"AIGC": json.dumps({"Label": "2", "ContentProducer": "x", "ProduceID": "y"})}),
    "a Dream": png({"Dream": "I was on a boat - and it flew"}),
    "sd-metadata of an SD card": png({"sd-metadata": json.dumps({"card": "SDXC", "speed": "U3"})}),
    "comment as JSON": png({"Comment": json.dumps({"steps": 3, "seed": "fern", "scale": 1})}),
    "a NovelAI title": png({"Title": "NovelAI generated image of the week: an essay"}),
    "an editor": png({"Software": "Adobe Photoshop 26.9 (Windows)"}),
    "an editor's history": jpeg(
        xmp=xmp({"stEvt:softwareAgent": "Adobe Photoshop 26.9", "xmp:CreatorTool": "GIMP 2.10"})
    ),
    "settings of another product of ByteDance": jpeg({"UserComment": json.dumps({"data": {"product": "lv"}})}),
    "a GIF's comment": gif("Created with GIMP"),
    "a scanner": jpeg({"Make": "EPSON", "Model": "Perfection V600", "Software": "EPSON Scan 3.9"}),
}


@pytest.mark.parametrize("name", LOOKALIKES)
def test_a_lookalike_is_not_called_ai(name: str) -> None:
    signals, _ = read(LOOKALIKES[name])

    assert not {signal.says for signal in signals} & {Says.AI_MADE, Says.AI_EDITED, Says.AI_USED}


@pytest.mark.parametrize("name", [name for name in LOOKALIKES if "camera" in name or "scanner" in name])
def test_a_camera_is_never_evidence_that_a_camera_took_it(name: str) -> None:
    signals, _ = read(LOOKALIKES[name])

    assert [(signal.name, signal.says) for signal in signals if signal.name != "editor"] == [
        ("camera_named", Says.NOTHING)
    ]


def test_a_file_without_fields_says_nothing() -> None:
    assert read(png({})) == ((), ())
    assert read(jpeg()) == ((), ())
