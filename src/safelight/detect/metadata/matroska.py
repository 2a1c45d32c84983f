"""Text fields of Matroska and WebM files: tags, and the names of title and programs.

Sources: RFC 8794 (EBML), sections 4 to 6; RFC 9559 (Matroska), sections 5.1.2 and 5.1.8.
"""

from collections.abc import Iterator

from safelight.detect.metadata.blocks import BlockKind
from safelight.detect.metadata.decode import decode
from safelight.detect.metadata.gather import MAX_KEY, Gather, Span
from safelight.detect.text import shown

_SEGMENT, _INFO, _TAGS, _TAG, _SIMPLE_TAG = 0x18538067, 0x1549A966, 0x1254C367, 0x7373, 0x67C8
_TAG_NAME, _TAG_STRING = 0x45A3, 0x4487
_INFO_TEXTS = {0x7BA9: "Title", 0x4D80: "MuxingApp", 0x5741: "WritingApp"}
_DEEPEST = 8  # tags within tags


def read_matroska(gather: Gather) -> None:
    """Title, MuxingApp and WritingApp of Info, and all SimpleTags with text; keys as the file has them.

    Elements of unknown length (live recordings) end the walk: what follows cannot be stepped over.
    """
    for kind, body in _elements(gather, gather.file):
        if kind != _SEGMENT:
            continue
        for inner, part in _elements(gather, body):
            if inner == _INFO:
                for field, value in _elements(gather, part):
                    if field in _INFO_TEXTS:
                        _add(gather, _INFO_TEXTS[field], value, "Matroska Info")
            elif inner == _TAGS:
                for tag, tagged in _elements(gather, part):
                    if tag == _TAG:
                        _tags(gather, tagged, 0)


def _tags(gather: Gather, span: Span, depth: int) -> None:
    for kind, body in _elements(gather, span):
        if kind != _SIMPLE_TAG:
            continue
        name = ""
        for field, value in _elements(gather, body):
            if field == _TAG_NAME:
                name = decode(value.head(MAX_KEY))
            elif field == _TAG_STRING:
                _add(gather, name, value, "Matroska tag")
        if depth < _DEEPEST:
            _tags(gather, body, depth + 1)


def _add(gather: Gather, key: str, value: Span, where: str) -> None:
    data, cut = gather.take(value)
    label = f"{where} {shown(key)}"
    gather.add(BlockKind.CONTAINER, key, decode(data, cut=cut), value.place(label), cut=cut)


def _elements(gather: Gather, span: Span) -> Iterator[tuple[int, Span]]:
    """The elements in `span`: identifier and data. One of unknown length is given up to the end, as the last."""
    view, at = span.view, span.start
    while at + 2 <= span.end and gather.step():
        kind_bytes = 9 - view[at].bit_length()
        size_at = at + kind_bytes
        if kind_bytes > 4 or size_at >= span.end:
            break
        size_bytes = 9 - view[size_at].bit_length()
        start = size_at + size_bytes
        if size_bytes > 8 or start > span.end:
            break
        size = int.from_bytes(view[size_at:start], "big") & ((1 << 7 * size_bytes) - 1)
        unknown = size == (1 << 7 * size_bytes) - 1
        end = span.end if unknown else start + size
        if end > span.end:
            gather.odd("Matroska element is longer than what holds it")
        yield int.from_bytes(view[at:size_at], "big"), span.part(start, end)
        at = end
