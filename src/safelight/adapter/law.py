"""Law packs in TOML files: those that came with the program, and an operator's own.

Every field is checked when a file is read, and what is wrong is named with its file and place. A pack with a flaw is
not used in part: what is left out of a law would be missed by nobody.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from functools import cached_property
from hashlib import sha256
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import msgspec

from safelight.model.codec import convert
from safelight.model.errors import LawPackError
from safelight.model.filing import Body
from safelight.model.law import (
    Coverage,
    Covered,
    DutyKind,
    LawPack,
    LawRule,
    Material,
    Scanning,
    Source,
    Trigger,
    Worked,
)
from safelight.model.signal import RuleStatus
from safelight.policy import durations, duties

MOST = 1 << 20
"""Bytes of the largest file that is read."""
_Text = Annotated[str, msgspec.Meta(min_length=1, max_length=2000, pattern=r"^[^\x00-\x1f\x7f]+\Z")]
_Id = Annotated[str, msgspec.Meta(max_length=40, pattern=r"^[a-z][a-z0-9-]*\Z")]
_Url = Annotated[str, msgspec.Meta(max_length=500, pattern=r"^(https?://[!-~]+)?\Z")]
_Taker = Annotated[str, msgspec.Meta(pattern=rf"^({'|'.join(Body)})?\Z")]


class _Shape(msgspec.Struct, forbid_unknown_fields=True):
    """A table of the file: it has these keys and no others."""


class _Source(_Shape):
    title: _Text
    url: _Url
    as_of: date


class _Covered(_Shape):
    material: Material
    answer: Coverage
    basis: _Text
    source: _Source
    status: RuleStatus
    when: _Text | None = None


class _Scanning(_Shape):
    answer: Coverage
    note: _Text
    source: _Source
    status: RuleStatus


class _Worked(_Shape):
    begins: datetime
    due: datetime | None = None
    applies: bool = True


class _Rule(_Shape, rename={"from_": "from"}):
    id: _Id
    kind: DutyKind
    trigger: Trigger
    title: _Text
    actor: _Text
    recipient: _Text
    words: _Text
    basis: _Text
    source: _Source
    status: RuleStatus
    deadline: str = ""
    materials: Annotated[tuple[Material, ...], msgspec.Meta(min_length=1)] = tuple(Material)
    from_: date | None = None
    until: date | None = None
    note: _Text | None = None
    taker: _Taker = ""
    examples: tuple[_Worked, ...] = ()
    any_content: bool = False


class _Pack(_Shape):
    id: _Id
    name: _Text
    as_of: date
    zone: str
    covered: tuple[_Covered, ...]
    scanning: _Scanning
    rules: tuple[_Rule, ...] = ()
    note: _Text | None = None
    within: tuple[_Id, ...] = ()


class TomlLaw:
    """`ports.LawBook` over files, read once. `folder`: an operator's own, if any."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder

    def packs(self) -> Mapping[str, LawPack]:
        """All packs by id. Raises LawPackError, which names the file and the place in it."""
        return self._packs

    @cached_property
    def _packs(self) -> Mapping[str, LawPack]:
        own = read_packs(self._folder) if self._folder else {}
        return dict(sorted({**_read_all(_shipped(), ""), **own}.items()))


def read_packs(path: Path) -> dict[str, LawPack]:
    """The packs of a folder, or of one file, by id. Raises LawPackError."""
    try:
        packs = _read_all(path, f"{path}/") if path.is_dir() else _read_all(path.parent, f"{path.parent}/", path.name)
    except OSError as error:
        raise LawPackError(path=path, place="file", cause=error.strerror or "it cannot be read") from error
    if not packs:
        raise LawPackError(path=path, place="folder", cause="it holds no file *.toml")
    return packs


def read_pack(name: str, text: bytes, path: str) -> LawPack:
    """A pack from what its file holds. `name`: of the file; `path`: as messages name it. Raises LawPackError."""
    if len(text) > MOST:
        raise LawPackError(path=path, place="file", cause=f"it is larger than {MOST:,} bytes")
    try:
        shape = convert(tomllib.loads(text.decode()), _Pack)
    except UnicodeDecodeError as error:
        raise LawPackError(path=path, place=f"byte {error.start}", cause="it is not UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        cause, _, place = str(error).removesuffix(")").partition(" (at ")
        raise LawPackError(path=path, place=place or "file", cause=cause) from error
    except msgspec.ValidationError as error:
        place, cause = _placed(str(error))
        raise LawPackError(path=path, place=place, cause=cause) from error
    pack = _pack(shape, sha256(text).hexdigest())
    for place, cause in _flaws(pack, name.removesuffix(".toml")):
        raise LawPackError(path=path, place=place, cause=cause)
    return pack


def _shipped() -> Traversable:
    return files("safelight") / "law"


def _read_all(folder: Traversable, prefix: str, only: str = "") -> dict[str, LawPack]:
    """All packs of a folder, or the one in this file of it. `prefix`: of names, in messages."""
    names = [only] if only else _names(folder)
    packs = [read_pack(name, (folder / name).read_bytes(), f"{prefix}{name}") for name in names]
    known = {name.removesuffix(".toml") for name in (*names, *_names(_shipped()))}
    for pack in packs:
        for number, other in enumerate(pack.within):
            if other == pack.id or other not in known:
                cause = f"there is no other pack {other!r}"
                raise LawPackError(path=f"{prefix}{pack.id}.toml", place=f"within[{number}]", cause=cause)
    return {pack.id: pack for pack in packs}


def _names(folder: Traversable) -> list[str]:
    return sorted(one.name for one in folder.iterdir() if one.name.endswith(".toml"))


def _placed(error: str) -> tuple[str, str]:
    """The place and the cause of what msgspec says: `CAUSE - at `$.rules[3].deadline``; an unknown key is the place."""
    cause, _, path = error.partition(" - at `")
    place = path.rstrip("`").removeprefix("$").removeprefix(".")
    if key := re.search(r"unknown field `(.*)`", cause):
        place, cause = f"{place}.{key[1]}".removeprefix("."), "there is no such key"
    elif key := re.search(r"missing required field `(.*)`", cause):
        place, cause = f"{place}.{key[1]}".removeprefix("."), "it is missing"
    return place or "file", cause


def _pack(shape: _Pack, digest: str) -> LawPack:
    return LawPack(
        id=shape.id,
        name=shape.name,
        as_of=shape.as_of,
        zone=shape.zone,
        covered=tuple(
            Covered(one.material, one.answer, one.basis, one.when or "", _source(one.source), one.status)
            for one in shape.covered
        ),
        scanning=Scanning(
            shape.scanning.answer, shape.scanning.note, _source(shape.scanning.source), shape.scanning.status
        ),
        rules=tuple(_rule(one) for one in shape.rules),
        note=shape.note or "",
        sha256=digest,
        within=shape.within,
    )


def _rule(shape: _Rule) -> LawRule:
    return LawRule(
        id=shape.id,
        kind=shape.kind,
        trigger=shape.trigger,
        title=shape.title,
        actor=shape.actor,
        recipient=shape.recipient,
        deadline=shape.deadline,
        words=shape.words,
        basis=shape.basis,
        source=_source(shape.source),
        status=shape.status,
        materials=shape.materials,
        from_=shape.from_,
        until=shape.until,
        note=shape.note or "",
        taker=shape.taker,
        examples=tuple(Worked(one.begins, one.due, one.applies) for one in shape.examples),
        any_content=shape.any_content,
    )


def _source(shape: _Source) -> Source:
    return Source(shape.title, shape.url, shape.as_of)


def _flaws(pack: LawPack, name: str) -> Iterator[tuple[str, str]]:
    """Places and causes of what types cannot say."""
    if pack.id != name:
        yield "id", f"the file is called {name}.toml"
    if not _is_zone(pack.zone):
        yield "zone", f"{pack.zone!r} is no IANA time zone"
        return
    if sorted(one.material for one in pack.covered) != sorted(Material):
        yield "covered", f"it says something of {', '.join(Material)}, of each once"
    for number, entry in enumerate(pack.covered):
        if (entry.answer is Coverage.SOME) != bool(entry.when):
            yield f"covered[{number}].when", "it is there when the answer is 'some', and only then"
    seen: set[str] = set()
    for number, rule in enumerate(pack.rules):
        if rule.id in seen:
            yield f"rules[{number}].id", f"there is another rule {rule.id!r}"
        seen.add(rule.id)
        for key, cause in _rule_flaws(pack, rule):
            yield f"rules[{number}].{key}", cause


def _rule_flaws(pack: LawPack, rule: LawRule) -> Iterator[tuple[str, str]]:
    if rule.from_ and rule.until and rule.until < rule.from_:
        yield "until", "it ends before it begins"
    if rule.taker and rule.kind is not DutyKind.REPORT and rule.trigger is not Trigger.REPORT:
        yield "taker", "it is for reports, and for what follows from them"
    try:
        if rule.deadline:
            durations.check(rule.deadline)
    except ValueError as error:
        yield "deadline", str(error)
        return
    if len(rule.examples) < 2:
        yield "examples", "a rule has at least two"
    if not any(example.applies for example in rule.examples):
        yield "examples", "in one of them at least the rule applies"
    for number, example in enumerate(rule.examples):
        if cause := _wrong(pack, rule, example):
            yield f"examples[{number}]", cause


def _wrong(pack: LawPack, rule: LawRule, example: Worked) -> str:
    """What is wrong with an example; empty for nothing."""
    if example.begins.tzinfo is None or (example.due is not None and example.due.tzinfo is None):
        return "times have an offset, as 2026-05-19T09:00:00-04:00"
    if duties.applies(pack, rule, duties.Began(rule.trigger, example.begins, rule.taker)) is not example.applies:
        return f"the rule is {'not ' if example.applies else ''}in force on that day"
    try:
        due = duties.due(pack, rule, example.begins) if example.applies else None
    except ValueError as error:
        return str(error)
    if due == example.due:
        return ""
    if due is None:
        return "due is not there where the rule names no time, or does not apply"
    there = example.due.isoformat() if example.due else "left out"
    return f"due is {due.astimezone(ZoneInfo(pack.zone)).isoformat()}, not {there}"


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (OSError, ValueError, LookupError):  # no zone; no name of one; a folder of them
        return False
    return True
