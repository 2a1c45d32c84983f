"""The manifests of a store as a tree: what the file was made from, and what that was made from."""

from collections.abc import Iterator, Mapping

from safelight.detect.provenance.checks import Checks
from safelight.detect.provenance.declared import Declared, most_telling
from safelight.detect.provenance.fields import items, mapping
from safelight.detect.provenance.names import media_type, title
from safelight.model.provenance import Ingredient
from safelight.model.signal import Says

MOST_DEPTH = 8
"""Generations of ingredients that are followed."""

_MOST_VISITED = 500  # ingredients: a store may name one manifest from many places, whose walk would grow beyond bounds
_MOST_ACTIONS, _MOST_SOURCE_TYPES = 8, 5  # of an ingredient
_PARENT, _INPUT = "parentOf", "inputTo"
_RELATIONSHIPS = frozenset({_PARENT, _INPUT, "componentOf"})


class Family:
    """The file's own manifest and those of its ingredients."""

    def __init__(self, told: Mapping[str, object], checks: Checks) -> None:
        """`told`: the reader's JSON."""
        self._manifests = mapping(told.get("manifests"))
        self._checks = checks
        self._declared: dict[str, Declared] = {}
        self._says: dict[str, Says] = {}

    def declared(self, label: str) -> Declared:
        """What the manifest of that label declares by itself."""
        if label not in self._declared:
            self._declared[label] = Declared(mapping(self._manifests.get(label)))
        return self._declared[label]

    def says(self, label: str, depth: int = 0) -> Says:
        """What the manifest says of its file, with its ingredients down to `MOST_DEPTH` generations.

        Worked out once for each manifest; one that is its own ancestor says nothing more the second time.
        """
        if label in self._says or depth > MOST_DEPTH:
            return self._says.get(label, Says.NOTHING)
        self._says[label] = Says.NOTHING
        by: dict[str, list[Says]] = {name: [] for name in _RELATIONSHIPS}
        for told in items(mapping(self._manifests.get(label)).get("ingredients")):
            ingredient = mapping(told)
            of = _label_of(ingredient)
            by[_relationship_of(ingredient)].append(self.says(of, depth + 1) if of in self._manifests else Says.NOTHING)
        self._says[label] = self.declared(label).says(by[_PARENT], by["componentOf"], by[_INPUT])
        return self._says[label]

    def ingredients(self, label: str) -> Iterator[Ingredient]:
        """All ingredients of a manifest, theirs after each; at most some hundreds."""
        stack: list[tuple[int, Mapping[str, object], tuple[str, ...]]]
        stack = [(1, told, (label,)) for told in reversed(self._told(label))]
        for _ in range(_MOST_VISITED):
            if not stack:
                return
            depth, told, path = stack.pop()
            of = _label_of(told)
            yield self._ingredient(told, of, depth)
            if of in self._manifests and of not in path and depth < MOST_DEPTH:
                stack += [(depth + 1, one, (*path, of)) for one in reversed(self._told(of))]

    def subjects(self, active: str) -> dict[str, str]:
        """Label of each manifest -> whose it is, in words."""
        return {label: "this file" if label == active else "an ingredient" for label in self._manifests}

    def _told(self, label: str) -> list[Mapping[str, object]]:
        return [mapping(told) for told in items(mapping(self._manifests.get(label)).get("ingredients"))]

    def _ingredient(self, told: Mapping[str, object], label: str, depth: int) -> Ingredient:
        own = label in self._manifests
        declared = self.declared(label) if own else None
        recorded = told.get("validation_results"), told.get("validation_status")
        verdict = self._checks.of_ingredient(label, *recorded) if own else None
        return Ingredient(
            title=title(told.get("title")),
            media_type=media_type(told.get("format")),
            relationship=_relationship_of(told),
            depth=depth,
            says=self.says(label) if own else Says.NOTHING,
            source_types=tuple(declared.source_types[:_MOST_SOURCE_TYPES]) if declared else (),
            actions=most_telling(declared.actions(), _MOST_ACTIONS) if declared else (),
            claim_generator=declared.claim_generator if declared else "",
            valid=verdict.valid if verdict else None,
            trusted=verdict.trusted if verdict else None,
        )


def _label_of(ingredient: Mapping[str, object]) -> str:
    label = ingredient.get("active_manifest")
    return label if isinstance(label, str) else ""


def _relationship_of(ingredient: Mapping[str, object]) -> str:
    """As declared; an unknown one counts as a part, the most that it could be without being all of it."""
    told = ingredient.get("relationship")
    return told if isinstance(told, str) and told in _RELATIONSHIPS else "componentOf"
