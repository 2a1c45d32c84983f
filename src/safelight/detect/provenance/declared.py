"""What one manifest declares of its file: actions, source types, program. Nothing here asks whether it is true."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from safelight.detect.provenance.fields import items, mapping
from safelight.detect.provenance.names import WITHHELD_ACTION, label, moment, program, source_type
from safelight.model.provenance import ManifestAction
from safelight.model.signal import Says
from safelight.model.source_types import SOURCE_TYPES, strongest

CREATED, OPENED = "c2pa.created", "c2pa.opened"

NON_EDITORIAL = frozenset(
    {
        "c2pa.converted",
        "c2pa.published",
        "c2pa.repackaged",
        "c2pa.transcoded",
        "c2pa.resized.proportional",
        "c2pa.enhanced",
        "c2pa.edited.metadata",
        "c2pa.watermarked",
        "c2pa.watermarked.bound",
        "c2pa.watermarked.unbound",
        "c2pa.redacted",
    }
)
"""Actions that leave the content as it is: `$non_editorial_actions` of C2PA's conformance programme, 2026-08-06."""

_AI = frozenset({Says.AI_MADE, Says.AI_EDITED, Says.AI_USED})
_ACTIONS = re.compile(r"c2pa\.actions(\.v\d+)?(__\d+)?")
_METADATA = re.compile(r"(c2pa\.metadata|cawg\.metadata|stds\.iptc(\.photo-metadata)?)(__\d+)?")
_FIELD = "Iptc4xmpExt:DigitalSourceType"
_WORST_LENGTH = 4096  # of a URI that is looked up


@dataclass(frozen=True, slots=True)
class _Step:
    """An action, or a template of some. `source_type`: exactly as written; `agents`: those that it may refer to."""

    name: str
    source_type: str
    told: Mapping[str, object]
    agents: Sequence[object]
    template: bool

    @property
    def says(self) -> Says:
        return SOURCE_TYPES.get(self.source_type, Says.NOTHING)

    def action(self) -> ManifestAction:
        """Fit to be shown."""
        index, agent = self.told.get("softwareAgentIndex"), self.told.get("softwareAgent")
        if agent is None and isinstance(index, int) and 0 <= index < len(self.agents):
            agent = self.agents[index]
        return ManifestAction(
            name=label(self.name, WITHHELD_ACTION),
            source_type=source_type(self.source_type),
            agent=program(agent),
            when=moment(self.told.get("when")),
        )


class Declared:
    """What one manifest declares by itself, without its ingredients."""

    def __init__(self, manifest: Mapping[str, object]) -> None:
        """`manifest`: its JSON, as the SDK writes it."""
        self._manifest = manifest
        self._assertions = [mapping(assertion) for assertion in items(manifest.get("assertions"))]
        self._steps = [*self._read_steps()]
        self._whole = [*self._read_metadata()]

    def actions(self) -> Iterator[ManifestAction]:
        """In the order in which they stand. Their descriptions, which may be prompts, are never told."""
        return (step.action() for step in self._steps if not step.template)

    @property
    def number_of_actions(self) -> int:
        """How many there are."""
        return sum(not step.template for step in self._steps)

    @property
    def source_types(self) -> list[str]:
        """Every source type, each once, fit to be shown."""
        written = [*self._whole, *(step.source_type for step in self._steps)]
        return list(dict.fromkeys(source_type(uri) for uri in written if uri))

    @property
    def claim_generator(self) -> str:
        """The program that wrote the manifest."""
        infos = items(self._manifest.get("claim_generator_info"))
        return program(infos[0] if infos else "") or program(self._manifest.get("claim_generator"))

    def says(self, parents: list[Says], components: list[Says], inputs: list[Says]) -> Says:
        """The strongest word on how the file was made.

        A source type tells of the whole file where it stands on `c2pa.created` or in signed metadata, or where nothing
        else tells where the file came from. On any other action, or of an ingredient, it tells of a part: what was
        made by AI is then AI_EDITED. Only a parent that was opened and not changed in content passes its word on.

        Args:
            parents: what the ingredients that the file was made from say.
            components: what the ingredients that were put into it say.
            inputs: what the ingredients that a process was only fed with say; AI in these is AI_USED.
        """
        names = {step.name for step in self._steps if not step.template}
        whole = [step.says for step in self._steps if step.name == CREATED]
        # Where the first action says by a known term what it is, metadata beside it does not make it a capture.
        vetoed = any(
            step.name == CREATED and SOURCE_TYPES.get(step.source_type, Says.CAPTURED) is not Says.CAPTURED
            for step in self._steps
        )
        beside = [SOURCE_TYPES.get(uri, Says.NOTHING) for uri in self._whole]
        whole += [says for says in beside if not (vetoed and says is Says.CAPTURED)]
        opened = [step.says for step in self._steps if step.name == OPENED]
        own = [step.says for step in self._steps if step.name not in {CREATED, OPENED}]
        if not parents and not names & {CREATED, OPENED}:
            whole, own = [*whole, *own], []
        if names <= NON_EDITORIAL | {OPENED}:
            whole += [*opened, *parents]
        else:
            own += [*opened, *(says for says in parents if says in _AI)]
        own += [says for says in components if says in _AI]
        used = [Says.AI_USED for says in inputs if says in _AI]
        return strongest([*whole, *map(_of_part, own), *used])

    def _read_steps(self) -> Iterator[_Step]:
        for assertion in self._assertions:
            kind = assertion.get("label")
            if not isinstance(kind, str) or not _ACTIONS.fullmatch(kind):
                continue
            data = mapping(assertion.get("data"))
            agents = items(data.get("softwareAgents"))
            for field, template in (("actions", False), ("templates", True)):
                for one in items(data.get(field)):
                    told = mapping(one)
                    name = told.get("action")
                    source_type = _uri(told.get("digitalSourceType"))
                    yield _Step(name if isinstance(name, str) else "", source_type, told, agents, template)

    def _read_metadata(self) -> Iterator[str]:
        """Source types in metadata that was signed with the manifest: these tell of the whole file.

        From the standard's second version on, a manifest tells what its signer made from what it only gathered, which
        anybody may have written.
        """
        first_version = self._manifest.get("claim_version") == 1
        for assertion in self._assertions:
            kind = assertion.get("label")
            if not first_version and assertion.get("created") is not True:
                continue
            if isinstance(kind, str) and _METADATA.fullmatch(kind):
                value = mapping(assertion.get("data")).get(_FIELD)
                for told in items(value) if isinstance(value, list) else (value,):
                    yield _uri(mapping(told).get("@id", told))


def most_telling(actions: Iterable[ManifestAction], most: int) -> tuple[ManifestAction, ...]:
    """At most so many actions, in their order: of each name one before others, what may change content before the rest.

    So that what a file was edited with is not pushed out of a list by repeating something harmless.
    """
    several = [*actions]
    if len(several) <= most:
        return tuple(several)
    first = dict[str, int]()
    for at, action in enumerate(several):
        first.setdefault(action.name, at)
    order = sorted(
        range(len(several)), key=lambda at: (first[several[at].name] != at, several[at].name in NON_EDITORIAL, at)
    )
    return tuple(several[at] for at in sorted(order[:most]))


def _uri(value: object) -> str:
    """As written, but for white space around it: some writers leave it there, and no URI has any."""
    return value[:_WORST_LENGTH].strip() if isinstance(value, str) else ""


def _of_part(says: Says) -> Says:
    return Says.AI_EDITED if says is Says.AI_MADE else says
