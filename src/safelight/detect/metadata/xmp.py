"""XMP packets, read by expat with every door shut: no DTD, no entities, bounded in bytes, tags and depth.

Sources: XMP specification part 1 (ISO 16684-1), section 7 (RDF/XML), and part 3 for packets.

Namespaces are resolved here and not by expat: it would repeat a namespace's name for every tag and attribute, which
lets a packet of 1 MB grow to gigabytes. So packets that do not declare a prefix can be read as well.
"""

from xml.parsers import expat

from safelight.detect.metadata.blocks import MAX_TEXT, BlockKind
from safelight.detect.metadata.decode import decode_utf16
from safelight.detect.metadata.gather import MAX_KEY, Gather, Span
from safelight.detect.text import shown
from safelight.model.signal import Place

MAX_PACKET = 1 << 20
"""Bytes read of one packet."""
MAX_DEPTH = 64
"""Depth of tags up to which properties are read."""

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_SYNTAX = frozenset({"about", "ID", "nodeID", "parseType", "datatype", "bagID", "type", "li"})
_BLANK = b" \t\r\n\0"
_PACKET, _NODE, _MENDED = 30, 2, 64  # units of work for a packet, for a tag or attribute; bytes mended in one
_FIRST_PIECE = 1 << 15
_DOCTYPE = b"<!DOCTYPE"  # needed to declare anything; case matters in XML


def read_xmp(gather: Gather, span: Span, where: str) -> None:
    """Every property of the packet at `span` that has text: as an attribute, an element, an item or a resource.

    Keys are "{namespace}name" ("name" or "prefix:name" where no namespace is declared): of items in arrays that of
    the array, of fields in structures that of the field. Places are those of the property's own bytes if the packet is
    a run of valid UTF-8 in the file, else those of the packet. Of XML that breaks off, what comes before is kept.
    """
    if gather.full or not gather.work(_PACKET):
        return
    raw, cut = gather.take(span, MAX_PACKET)
    if cut:
        gather.odd(f"{where}: the packet is longer than is read")
    data, exact = _utf8(gather, raw)
    lead = len(data) - len(data.lstrip(_BLANK))
    data = data.strip(_BLANK)
    at = data.find(_DOCTYPE)
    if at >= 0:
        gather.odd(f"{where}: XML declares a document type, which XMP does not have: not read from there")
        data = data[:at]
    base = span.start + lead if exact and span.origin is None else None
    _parse(data, _Packet(gather, span, where, base), whole=not cut)


def _utf8(gather: Gather, raw: bytes) -> tuple[bytes, bool]:
    """The packet as UTF-8, and whether its bytes are still where they were."""
    head = raw[:2]
    if head in {b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<"}:
        return decode_utf16(raw, "<" if head[1:] == b"\0" else ">").encode(), False
    try:
        raw.decode()
    except UnicodeDecodeError:
        return (raw.decode("utf-8", "replace").encode() if gather.work(len(raw) // _MENDED) else b""), False
    return raw, True


def _parse(data: bytes, packet: "_Packet", *, whole: bool) -> None:
    gather, where = packet.gather, packet.where
    parser = expat.ParserCreate("utf-8")  # whatever the packet says of its encoding: `_utf8` has seen to it
    parser.buffer_text = True
    parser.ordered_attributes = True
    parser.StartElementHandler = packet.start
    parser.EndElementHandler = packet.end
    parser.CharacterDataHandler = packet.characters
    packet.parser = parser
    at, size = 0, _FIRST_PIECE
    try:
        while at < len(data):
            piece = data[at : at + size]
            if not gather.work(_NODE * (piece.count(b"<") + piece.count(b"="))):
                return
            parser.Parse(piece, False)
            # Twice as much each time: expat starts a tag anew with every piece until it has all of it.
            at, size = at + size, max(at + size, _FIRST_PIECE)
        if whole:
            parser.Parse(b"", True)
    except expat.ExpatError as error:
        gather.odd(f"{where}: XML breaks off: {expat.ErrorString(error.code)}")
    finally:
        packet.flush(max(parser.CurrentByteIndex, 0))
        packet.parser = None  # no ring of references: the file's view must be free at once
        if packet.deep:
            gather.odd(f"{where}: tags deeper than {MAX_DEPTH} are not read")


class _Node:
    """An open tag. `key`, `name`: of the property its text belongs to. `text`: None once it has tags within."""

    __slots__ = ("key", "name", "prefixes", "start", "text")

    def __init__(self, key: str, name: str, start: int, prefixes: list[str]) -> None:
        self.key, self.name, self.start, self.prefixes = key, name, start, prefixes
        self.text: list[str] | None = []


class _Packet:
    """What expat calls."""

    def __init__(self, gather: Gather, span: Span, where: str, base: int | None) -> None:
        self.gather, self.span, self.where, self.base = gather, span, where, base
        self.parser: expat.XMLParserType | None = None
        self.deep = False
        self._depth = 0
        self._open: list[_Node] = []
        self._bound: dict[str, list[str]] = {}
        self._waiting: list[tuple[str, str, str]] = []  # attributes (key, name, text), whose tag's end is not yet known
        self._waiting_from = 0

    def start(self, tag: str, attributes: list[str]) -> None:
        at = self._index()
        self.flush(at)
        self._depth += 1
        if self._depth > MAX_DEPTH:
            self.deep = True
            return
        above = self._open[-1] if self._open else None
        if above:
            above.text = None
        pairs = list(zip(attributes[::2], attributes[1::2], strict=True))
        prefixes = self._bind(pairs)
        uri, local = self._resolve(tag)
        key, name = (above.key, above.name) if above and uri == RDF else (_key(uri, local), tag)
        self._open.append(_Node(key, name, at, prefixes))
        self._waiting_from = at
        for attribute, value in pairs:
            if value and not attribute.startswith(("xml:", "xmlns:")) and attribute != "xmlns":
                self._attribute(attribute, value, key, name)

    def end(self, _: str) -> None:
        at = self._index()
        self.flush(at)
        self._depth -= 1
        if self._depth >= MAX_DEPTH:
            return
        node = self._open.pop()
        for prefix in node.prefixes:
            self._bound[prefix].pop()
        text = "".join(node.text or ())
        if text and not text.isspace():
            self._add(node.key, node.name, text, node.start, at)

    def characters(self, text: str) -> None:
        if self._depth == len(self._open) and self._open and self._open[-1].text is not None:
            self._open[-1].text.append(text)

    def flush(self, end: int) -> None:
        """Hands on the attributes of the last tag, which ends before `end` (an offset in the packet)."""
        for key, name, text in self._waiting:
            self._add(key, name, text, self._waiting_from, end)
        self._waiting.clear()

    def _bind(self, pairs: list[tuple[str, str]]) -> list[str]:
        """Takes in the namespaces a tag declares; returns their prefixes."""
        prefixes = []
        for attribute, value in pairs:
            if attribute.startswith("xmlns") and attribute[5:6] in {"", ":"}:
                prefixes.append(attribute[6:])
                self._bound.setdefault(attribute[6:], []).append(value[:MAX_KEY])
        return prefixes

    def _resolve(self, name: str) -> tuple[str, str]:
        """Namespace and local name; the namespace is empty if none is declared, and the name then whole."""
        prefix, _, local = name.rpartition(":")
        bound = self._bound.get(prefix)
        return (bound[-1], local) if bound and bound[-1] else ("", name)

    def _attribute(self, attribute: str, value: str, key: str, name: str) -> None:
        if ":" in attribute:
            uri, local = self._resolve(attribute)
        else:
            uri, local = "", attribute  # a namespace without prefix does not hold for attributes
        if uri == RDF or not uri:
            if local in {"resource", "value"}:  # the property's own value
                self._waiting.append((key, name, value))
                return
            if local in _SYNTAX:
                return
        self._waiting.append((_key(uri, local), attribute, value))

    def _add(self, key: str, name: str, text: str, start: int, end: int) -> None:
        label = f"{self.where} {shown(name)}"
        place = self.span.place(label) if self.base is None else Place(label, self.base + start, self.base + end)
        self.gather.add(BlockKind.XMP, key, text[: MAX_TEXT + 1], place)

    def _index(self) -> int:
        assert self.parser is not None
        return self.parser.CurrentByteIndex


def _key(uri: str, local: str) -> str:
    return f"{{{uri}}}{local}"[:MAX_KEY] if uri else local[:MAX_KEY]
