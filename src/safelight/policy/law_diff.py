"""What differs between law packs: every field by its place, so that a new version can be read before it is used."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from safelight.model.law import LawPack


@dataclass(frozen=True, slots=True)
class Difference:
    """One field. `place`: as `us.rules[preserve].deadline`. `before`, `after`: empty where it is not there."""

    place: str
    before: str
    after: str


def differences(old: Mapping[str, LawPack], new: Mapping[str, LawPack]) -> tuple[Difference, ...]:
    """Every field that is not the same, in the order of packs and fields."""
    before, after = dict(_fields(old)), dict(_fields(new))
    places = sorted({**before, **after}, key=lambda place: place.partition(".")[0])
    return tuple(
        Difference(place, before.get(place, ""), after.get(place, ""))
        for place in places
        if before.get(place, "") != after.get(place, "")
    )


def _fields(packs: Mapping[str, LawPack]) -> Iterator[tuple[str, str]]:
    for name in sorted(packs):
        pack = msgspec.to_builtins(packs[name])
        del pack["sha256"]
        yield from _flat(name, pack)


def _flat(place: str, value: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401 - whatever a pack holds
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _flat(f"{place}.{key.rstrip('_')}", inner)
    elif isinstance(value, (list, tuple)):
        for number, inner in enumerate(value):
            name = inner.get("id") or inner.get("material") or number if isinstance(inner, dict) else number
            yield from _flat(f"{place}[{name}]", inner)
    elif value not in {None, ""}:
        yield place, str(value)
