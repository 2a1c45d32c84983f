"""Tables of docs/law.md, from the law packs that come with the program."""

from collections.abc import Iterator

from safelight.adapter.law import TomlLaw
from safelight.model.law import Covered, LawPack, LawRule, Material, Source, Worked
from safelight.model.signal import RuleStatus
from tools.docs_tables import table

PACKS = tuple(TomlLaw().packs().values())


def coverage() -> str:
    """What counts where: a row for each pack."""
    rows = [(f"`{pack.id}`", pack.name, *(_answer(pack, material) for material in Material)) for pack in PACKS]
    return table(("id", "jurisdiction", "real", "altered", "fully synthetic"), rows)


def conditions() -> str:
    """What makes `some` a yes."""
    return "".join(
        f"- `{pack.id}`, {entry.material}: {entry.when} ({entry.basis}).\n"
        for pack in PACKS
        for entry in pack.covered
        if entry.when
    )


def rules() -> str:
    """Every rule of every pack."""
    header = ("rule", "what", "begins with", "who", "to whom", "by when", "basis")
    return table(header, (_rule(pack, rule) for pack in PACKS for rule in pack.rules))


def examples() -> str:
    """The worked examples of every rule."""
    rows = (
        (f"`{pack.id}/{rule.id}`", f"`{rule.deadline}`" if rule.deadline else "", one.begins.isoformat(), _end(one))
        for pack in PACKS
        for rule in pack.rules
        for one in rule.examples
    )
    return table(("rule", "deadline", "begins", "due, or kept until"), rows)


def scanning() -> str:
    """Whether private messages may be scanned."""
    rows = (
        (f"`{pack.id}`", _marked(str(pack.scanning.answer), pack.scanning.status), pack.scanning.note) for pack in PACKS
    )
    return table(("id", "answer", "note"), rows)


def sources() -> str:
    """Where each thing was read."""
    rows = (
        (f"`{pack.id}`", "; ".join(dict.fromkeys(_source(source) for source in _sources(pack))), pack.as_of, pack.note)
        for pack in PACKS
    )
    return table(("id", "read in", "gone through", "besides"), rows)


def _sources(pack: LawPack) -> Iterator[Source]:
    yield from (one.source for one in pack.covered)
    yield pack.scanning.source
    yield from (one.source for one in pack.rules)


def _source(source: Source) -> str:
    return f"[{source.title}]({source.url})" if source.url else source.title


def _answer(pack: LawPack, material: Material) -> str:
    entry: Covered = next(one for one in pack.covered if one.material is material)
    return _marked(str(entry.answer), entry.status)


def _end(example: Worked) -> str:
    if not example.applies:
        return "not in force"
    return example.due.isoformat() if example.due else "applies; no time is named"


def _rule(pack: LawPack, rule: LawRule) -> tuple[str, ...]:
    days = f", from {rule.from_}" if rule.from_ else ""
    when = f"{rule.words} (`{rule.deadline}`)" if rule.deadline else rule.words
    name = _marked(f"`{pack.id}/{rule.id}`", rule.status)
    return name, rule.title, str(rule.trigger), rule.actor, rule.recipient, when, rule.basis + days


def _marked(text: str, status: RuleStatus) -> str:
    return text if status is RuleStatus.CONFIRMED else f"{text} (unverified)"
