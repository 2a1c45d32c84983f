"""Rules that name the generator, the editor or the label from a file's text fields.

What they find are declarations: plain data that anyone can add, change or remove. That a file has none says nothing.
"""

from itertools import chain

from safelight.detect.generators import cameras, comfyui, infotext, labels, programs, services, stealth, tools
from safelight.detect.generators.fields import Fields
from safelight.detect.generators.findings import Known, gather
from safelight.detect.generators.stealth import stealth_signals
from safelight.detect.metadata.blocks import Blocks
from safelight.model.signal import Prompt, Signal

__all__ = ["RULES", "read_generators", "stealth_signals"]

_FAMILIES = (labels, comfyui, infotext, programs, services, tools, cameras)

RULES: tuple[Known, ...] = tuple(chain.from_iterable(family.RULES for family in (*_FAMILIES, stealth)))
"""Every rule, for the documentation."""


def read_generators(blocks: Blocks) -> tuple[tuple[Signal, ...], tuple[Prompt, ...]]:
    """What a file's fields say of how it was made, and the prompts that were found, apart.

    One signal for each rule and statement, with every place where it was found; declarations that contradict each
    other all stay. No signal holds words of a prompt: `Signal.withheld` names the first by its hash, and others of the
    same signal share a place with it. No field of a camera yields more than its name.
    """
    fields = Fields(blocks)
    return gather(chain.from_iterable(family.read(fields) for family in _FAMILIES))
