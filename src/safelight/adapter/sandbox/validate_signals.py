"""Looks at what a worker says of how a file was made, as `validate` does at the rest of a result.

A worker that a file has taken over may say anything of that file, so nothing here makes its words true: they are only
short, finite, printable, of this file, and asked for.
"""

import hashlib
import math
import re
from collections.abc import Iterable, Iterator

import numpy as np

from safelight.adapter.sandbox.bounds import MAX_SIDE, MAX_SIZE, is_text, require
from safelight.model.maps import Maps
from safelight.model.provenance import Ingredient, ManifestAction, Provenance
from safelight.model.scan import Examination
from safelight.model.signal import Place, Prompt, Signal, SignalKind, SignalRequest

MAX_ITEMS = 1000
"""Signals of a file; and of its manifest: actions, ingredients, failures, source types, places, all counted."""
MAX_WORDS = 64 << 10
"""Characters of all signals of a file, and of all that its manifest says."""
MAX_PROMPTS = 64
MAX_PROMPT_WORDS = 1 << 19
"""Characters of all prompts of a file."""
MAX_DEPTH = 64
"""Manifests inside manifests."""
MAX_FIGURES = 64
MAX_MAPS = 32
MAX_CELLS = 1 << 18
"""Squares of one map: those of 16 pixels of the largest picture that is drawn are fewer than half of that."""
MAX_COUNTS = 1 << 13

_MAP_NAME = re.compile(r"[a-z0-9_-]{1,40}")
_SHA256 = re.compile(r"[0-9a-f]{64}")


def check_signals(examination: Examination) -> None:
    """Raises ProtocolError for the first signal, manifest, hint or prompt that no honest worker would give."""
    require(len(examination.signals) <= MAX_ITEMS, "number of signals")
    for signal in examination.signals:
        _check_signal(signal)
    _check_words([text for signal in examination.signals for text in _words_of(signal)])
    if examination.provenance is not None:
        _check_provenance(examination.provenance)
    if examination.hint is not None:
        hint = examination.hint
        require(hint.score is None or 0 <= hint.score <= 1, "score")
        _check_words([hint.detector, hint.card, hint.reason])
    _check_prompts(examination)
    if examination.maps is not None:
        _check_maps(examination.maps)


def check_asked(examination: Examination, request: SignalRequest | None) -> None:
    """Raises ProtocolError for anything on how a file was made that nobody asked for."""
    declared, pixels, hint = (request.declared, request.pixels, request.hint) if request else (False, False, False)
    kinds = {signal.kind for signal in examination.signals}
    require(declared or examination.provenance is None, "manifest")
    require(declared or SignalKind.METADATA not in kinds, "signal")
    require(pixels or SignalKind.MARKER not in kinds, "signal")
    require(hint or examination.hint is None, "hint")
    require(declared or pixels or not examination.prompts, "prompt")
    require((request is not None and request.maps) or examination.maps is None, "map")


def _check_signal(signal: Signal) -> None:
    require(len(signal.places) <= MAX_ITEMS and len(signal.figures) <= MAX_FIGURES, "signal")
    require(all(map(math.isfinite, signal.figures.values())), "figure")
    _check_places(signal.places)
    if signal.withheld is not None:
        require(_SHA256.fullmatch(signal.withheld.sha256) and 0 <= signal.withheld.characters < MAX_SIZE, "signal")


def _words_of(signal: Signal) -> Iterator[str]:
    yield from (signal.name, signal.detail, signal.generator)
    yield from (place.label for place in signal.places)
    yield from signal.figures
    if signal.rule is not None:
        yield from (signal.rule.id, signal.rule.source, signal.rule.as_of)


def _check_provenance(found: Provenance) -> None:
    lists = (found.source_types, found.actions, found.failures, found.ingredients, found.places)
    nested = [found.actions, *(ingredient.actions for ingredient in found.ingredients)]
    nested_types = [ingredient.source_types for ingredient in found.ingredients]
    require(sum(map(len, (*lists, *nested, *nested_types))) <= MAX_ITEMS, "manifest")
    require(all(1 <= ingredient.depth <= MAX_DEPTH for ingredient in found.ingredients), "ingredient")
    _check_places(found.places)
    _check_words(_words_in(found))


def _words_in(found: Provenance) -> Iterator[str]:
    yield from (found.claim_generator, found.title, found.signer, found.issuer, found.signed_at, found.remote)
    yield from (found.cause, found.trust_list, found.trust_as_of, *found.source_types)
    yield from (place.label for place in found.places)
    yield from _action_words(found.actions)
    for failure in found.failures:
        yield from (failure.code, failure.words, failure.subject)
    for ingredient in found.ingredients:
        yield from _ingredient_words(ingredient)


def _ingredient_words(ingredient: Ingredient) -> Iterator[str]:
    yield from (ingredient.title, ingredient.media_type, ingredient.relationship, ingredient.claim_generator)
    yield from ingredient.source_types
    yield from _action_words(ingredient.actions)


def _action_words(actions: Iterable[ManifestAction]) -> Iterator[str]:
    for action in actions:
        yield from (action.name, action.source_type, action.agent, action.when, action.description)


def _check_prompts(examination: Examination) -> None:
    prompts = examination.prompts
    require(len(prompts) <= MAX_PROMPTS, "number of prompts")
    require(sum(len(prompt.text) for prompt in prompts) <= MAX_PROMPT_WORDS, "number of words")
    for prompt in prompts:
        _check_prompt(prompt)


def _check_prompt(prompt: Prompt) -> None:
    """Its text is the file's own and stays as it is; only its name must be the text's."""
    _check_places((prompt.place,))
    _check_words([prompt.place.label])
    require(_SHA256.fullmatch(prompt.sha256), "prompt")
    digest = hashlib.sha256(prompt.text.encode("utf-8", "surrogatepass")).hexdigest()
    require(prompt.cut or prompt.sha256 == digest, "prompt")


def _check_maps(maps: Maps) -> None:
    require(0 < maps.width < MAX_SIDE and 0 < maps.height < MAX_SIDE, "size in pixels")
    left, top, right, bottom = maps.area
    require(0 <= left < right <= maps.width and 0 <= top < bottom <= maps.height, "area of a map")
    require(len(maps.blocks) <= MAX_MAPS and len(maps.tables) <= MAX_MAPS, "number of maps")
    require(len({drawn.name for drawn in maps.blocks}) == len(maps.blocks), "number of maps")
    for drawn in maps.blocks:
        require(_MAP_NAME.fullmatch(drawn.name) and drawn.block > 0, "map")
        require(drawn.values.ndim == 2 and 0 < drawn.values.size <= MAX_CELLS, "map")
        require(not np.isinf(drawn.values).any(), "map")
        require(math.isfinite(drawn.low) and math.isfinite(drawn.high) and drawn.low < drawn.high, "scale of a map")
    require(len(maps.frequencies) <= 64, "number of frequencies")
    for found in maps.frequencies:
        require(0 <= found.across < 8 and 0 <= found.down < 8 and 0 < found.step < 1 << 16, "frequency")
        require(len(found.counts) <= MAX_COUNTS and all(0 <= n < MAX_SIZE for n in found.counts), "frequency")
        require(abs(found.first) < MAX_SIDE and math.isfinite(found.period), "frequency")
        require(math.isfinite(found.strength), "frequency")
    for table in maps.tables:
        require(len(table.values) == 64 and all(0 <= step < 1 << 16 for step in table.values), "table")
    said = [text for drawn in maps.blocks for text in (drawn.title, drawn.unit, drawn.caption)]
    _check_words([*said, maps.frequencies_caption, *maps.notes])


def _check_places(places: Iterable[Place]) -> None:
    require(all(0 <= place.start <= place.end < MAX_SIZE for place in places), "place")


def _check_words(texts: Iterable[str]) -> None:
    words = 0
    for text in texts:
        require(is_text(text), "text of a signal")
        words += len(text)
    require(words <= MAX_WORDS, "number of words")
