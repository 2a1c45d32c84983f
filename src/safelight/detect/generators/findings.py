"""What a rule found, and how findings become signals and prompts."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import islice

from safelight.detect.metadata.blocks import Block
from safelight.model.signal import Forgeable, Prompt, Rule, RuleStatus, Says, Signal, SignalKind, Withheld

AS_OF = "2026-11-22"
"""The day on which the sources of the rules were last read."""
MAX_PLACES = 16
"""Places kept of one signal; a hostile file may repeat a field without end."""
MAX_PROMPTS = 32
MAX_PROMPT_TEXT = 1 << 18
"""Prompts kept, and their characters in all: half of what a worker may hand on of a file."""


@dataclass(frozen=True, slots=True)
class Known:
    """One rule as data, and what its row in docs/generators.md says.

    `signal`: the stable `Signal.name`. `generator`: the program as people know it, empty when the rule names none.
    `where`: which fields it looks at. `says`: everything that its findings may say.
    """

    rule: Rule
    signal: str
    generator: str
    where: str
    says: tuple[Says, ...]
    forgeable: Forgeable = Forgeable.ANYONE


@dataclass(frozen=True, slots=True)
class Finding:
    """One trace of one rule. `detail`: our words only. `withheld`: fields that hold a prompt, never to be shown.

    `variant`: our word for what sets it apart from other findings of the rule that say the same; they are not merged.
    """

    known: Known
    says: Says
    detail: str
    blocks: tuple[Block, ...]
    withheld: tuple[Block, ...] = ()
    figures: dict[str, float] = field(default_factory=dict)
    variant: str = ""


def rule(name: str, source: str, *, confirmed: bool = True) -> Rule:
    """A rule as read on `AS_OF`; not `confirmed` when its source is only told by others."""
    return Rule(name, source, AS_OF, RuleStatus.CONFIRMED if confirmed else RuleStatus.UNVERIFIED)


def gather(findings: Iterable[Finding]) -> tuple[tuple[Signal, ...], tuple[Prompt, ...]]:
    """Signals in order of first sight, one for each rule and statement, and the prompts, each text once.

    A trace in several places is one signal with several places; it keeps the words of the first. Findings that
    contradict each other all stay.
    """
    merged: dict[tuple[str, Says, str], list[Finding]] = {}
    for finding in findings:
        merged.setdefault((finding.known.rule.id, finding.says, finding.variant), []).append(finding)
    prompts: dict[str, Prompt] = {}
    signals = []
    for group in merged.values():
        held = [_prompt(block) for finding in group for block in finding.withheld]
        for prompt in held:
            prompts.setdefault(prompt.sha256, prompt)
        signals.append(_signal(group, Withheld(held[0].sha256, len(held[0].text)) if held else None))
    return tuple(signals), tuple(_bounded(prompts.values()))


def _bounded(prompts: Iterable[Prompt]) -> Iterator[Prompt]:
    """The prompts as far as they fit the bounds; the last may be cut, and keeps the hash of all of it."""
    room = MAX_PROMPT_TEXT
    for prompt in islice(prompts, MAX_PROMPTS):
        fits = len(prompt.text) <= room
        if room and prompt.text:
            yield prompt if fits else replace(prompt, text=prompt.text[:room], cut=True)
        room -= min(room, len(prompt.text))


def _signal(group: list[Finding], withheld: Withheld | None) -> Signal:
    first = group[0]
    places = dict.fromkeys(block.place for finding in group for block in finding.blocks)
    return Signal(
        name=first.known.signal,
        detail=first.detail,
        kind=SignalKind.METADATA,
        says=first.says,
        generator=first.known.generator,
        places=tuple(places)[:MAX_PLACES],
        forgeable=first.known.forgeable,
        rule=first.known.rule,
        figures=first.figures,
        withheld=withheld,
    )


def _prompt(block: Block) -> Prompt:
    # A half surrogate has no UTF-8; what cannot be stored is not part of the evidence.
    text = block.text.encode("utf-8", "replace").decode("utf-8")
    return Prompt(hashlib.sha256(text.encode()).hexdigest(), block.place, text, block.cut)
