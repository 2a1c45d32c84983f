"""The messages that public programs embed by invisible-watermark's `dwtDct`, and what it takes to call one present."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from safelight.model.signal import Rule, Says

_AS_OF = "2026-11-21"


@dataclass(frozen=True, slots=True)
class Payload:
    """One message, and the rule for saying that a picture carries it.

    `message`: its bits, as 0s and 1s. `generator`: the models whose programs embed it. `says`: what its presence says.
    `needed`: the likeness (`dwt_dct.Reading`) from which on it is present. `seen`, `bits_seen`: the largest likeness
    and the most agreeing bits in the 1,388 unmarked pictures of `safelight bench signals` and 2,000 more drawn ones,
    among which are patterns that repeat as often as the message does; see docs/markers.md for chance alone.
    """

    name: str
    message: str
    generator: str
    says: Says
    needed: float
    seen: float
    bits_seen: int
    rule: Rule

    @property
    def bits(self) -> NDArray[np.uint8]:
        """uint8, (number of bits,), 0 or 1."""
        return np.frombuffer(self.message.encode("ascii"), np.uint8) - ord("0")


def _bytes(text: str) -> str:
    return "".join(f"{byte:08b}" for byte in text.encode("ascii"))


PAYLOADS: tuple[Payload, ...] = (
    Payload(
        name="marker_sdxl",
        message=f"{0xB3EC907BB19E:b}",
        generator="Stable Diffusion XL",
        says=Says.AI_USED,
        needed=0.70,
        seen=0.48,
        bits_seen=36,
        rule=Rule(
            "dwtdct-sdxl",
            "huggingface/diffusers, src/diffusers/pipelines/stable_diffusion_xl/watermark.py",
            _AS_OF,
        ),
    ),
    Payload(
        name="marker_flux",
        # Their programs take the digits of a number, and so lose the two zeros that it begins with.
        message=f"{0x2AFE879CF52E:b}",
        generator="FLUX",
        says=Says.AI_USED,
        needed=0.70,
        seen=0.51,
        bits_seen=36,
        rule=Rule("dwtdct-flux", "black-forest-labs/flux, src/flux/util.py", _AS_OF),
    ),
    Payload(
        name="marker_sd1",
        message=_bytes("StableDiffusionV1"),
        generator="Stable Diffusion 1",
        says=Says.AI_USED,
        needed=0.65,
        seen=0.51,
        bits_seen=100,
        rule=Rule("dwtdct-sd1", "CompVis/stable-diffusion, scripts/txt2img.py", _AS_OF),
    ),
    Payload(
        name="marker_sd2",
        message=_bytes("SDV2"),
        generator="Stable Diffusion 2",
        says=Says.NOTHING,  # 32 bits are few: it may support other evidence, and is none by itself
        needed=0.85,
        seen=0.64,
        bits_seen=26,
        rule=Rule("dwtdct-sd2", "Stability-AI/stablediffusion, scripts/txt2img.py", _AS_OF),
    ),
)
"""All that are looked for. Their order is that of signals."""
