"""The fields of one file, to be asked for by kind and key, and their JSON read within bounds."""

import json
import re
from collections.abc import Iterator
from typing import TypeAlias

from safelight.detect.metadata.blocks import MAX_TEXT, Block, BlockKind, Blocks

MAX_DEPTH = 64
"""Nesting of JSON that is read; graphs of ComfyUI stay below 20, and deeper text would exhaust the parser's stack."""

DC = "{http://purl.org/dc/elements/1.1/}"
EXIF = "{http://ns.adobe.com/exif/1.0/}"
IPTC_EXT = "{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}"
PHOTOSHOP = "{http://ns.adobe.com/photoshop/1.0/}"
EVENT = "{http://ns.adobe.com/xap/1.0/sType/ResourceEvent#}"
TIFF = "{http://ns.adobe.com/tiff/1.0/}"
XMP = "{http://ns.adobe.com/xap/1.0/}"

JsonObject: TypeAlias = dict[str, object]

_BRACKET = re.compile(r"[\[\]{}]")


class Fields:
    """All fields of a file in file order. Keys are compared without case, as writers differ in it."""

    def __init__(self, blocks: Blocks) -> None:
        self.all = blocks.blocks
        self._by_key: dict[tuple[BlockKind, str], list[Block]] = {}
        self._objects: dict[int, JsonObject | None] = {}
        for block in self.all:
            self._by_key.setdefault((block.kind, block.key.casefold()), []).append(block)

    def of(self, kind: BlockKind, *keys: str) -> Iterator[Block]:
        """The fields of one kind with one of these keys, key by key."""
        for key in keys:
            yield from self._by_key.get((kind, key.casefold()), ())

    def first(self, kind: BlockKind, key: str) -> Block | None:
        """The first field of this kind and key."""
        return next(self.of(kind, key), None)

    def parsed(self, block: Block) -> JsonObject | None:
        """The field's text as a JSON object; None when it is none. Read once for all rules."""
        if id(block) not in self._objects:
            self._objects[id(block)] = json_object(block.text)
        return self._objects[id(block)]

    def objects(self) -> Iterator[tuple[Block, JsonObject]]:
        """Every field that is a JSON object, with it."""
        for block in self.all:
            if (found := self.parsed(block)) is not None:
                yield block, found


def json_object(text: str) -> JsonObject | None:
    """The JSON object that is the whole text; None for anything else, for what is too long or nested too deeply."""
    text = text.strip().strip("\0")
    if not text.startswith("{") or not text.endswith("}") or len(text) > MAX_TEXT or _depth(text) > MAX_DEPTH:
        return None
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def unquoted(text: str) -> str:
    """The text without what stands in double quotes."""
    return "".join(text.replace("\\\\", "").replace('\\"', "").split('"')[::2])


def _depth(text: str) -> int:
    if text.count("{") + text.count("[") <= MAX_DEPTH:
        return 0
    depth = deepest = 0
    for bracket in _BRACKET.findall(unquoted(text)):
        depth += 1 if bracket in "{[" else -1
        deepest = max(deepest, depth)
        if deepest > MAX_DEPTH:
            break
    return deepest
