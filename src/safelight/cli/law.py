"""`safelight law`: what the law packs say, whether one is sound, and what differs between two."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import click
import msgspec

from safelight.app import App
from safelight.flow.walk import display
from safelight.model.errors import UsageError
from safelight.model.law import LawPack, LawRule, Worked

LATER = "nobody has gone through it for more than 180 days"


@click.group()
def law() -> None:
    """Law as data: who has to do what by when. Not legal advice; an unverified rule informs and drives nothing."""


@law.command()
@click.argument("name", metavar="[ID]", default="")
@click.option("--rule", metavar="RULE", help="Only this rule, with its examples.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.pass_obj
def show(app: App, name: str, rule: str | None, as_json: bool) -> None:
    """List the packs, or show one of them. Those that SAFELIGHT_JURISDICTIONS names are marked."""
    packs = app.law.packs()
    if name and name not in packs:
        raise UsageError(detail=f"no law pack is called {name!r}; known: {', '.join(packs)}")
    if rule and not name:
        raise UsageError(detail="--rule needs the pack that it is in")
    rules = [one for one in packs[name].rules if one.id == rule] if rule else []
    if rule and not rules:
        known = ", ".join(one.id for one in packs[name].rules) or "none"
        raise UsageError(detail=f"{name} has no rule {rule!r}; it has: {known}")
    shown = [packs[name]] if name else list(packs.values())
    if as_json:
        for one in rules or shown:
            click.echo(json.dumps(msgspec.to_builtins(one)))
    elif rules:
        _say(_rule(rules[0], examples=True))
    elif name:
        _say(_pack(shown[0]))
    else:
        chosen = {pack.id for pack in app.jurisdictions}
        _say(f"{'*' if pack.id in chosen else ' '} {_head(pack)}" for pack in shown)
    _remind(app, {pack.id: pack for pack in shown})


@law.command()
@click.argument("folder", metavar="[FOLDER]", type=click.Path(path_type=Path), required=False)
@click.pass_obj
def check(app: App, folder: Path | None) -> None:
    """Read the packs in force, or those of a folder or one file, and try their examples.

    The first flaw is named with its file and place, and ends the command with exit code 41.
    """
    packs = app.law_at(folder) if folder else app.law.packs()
    if not folder:
        _ = app.jurisdictions  # raises for a setting that names no pack
    _say(f"{pack.id}: sound, {len(pack.rules)} rules" for pack in packs.values())
    _remind(app, packs)


@law.command()
@click.argument("before")
@click.argument("after")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.pass_obj
def diff(app: App, before: str, after: str, as_json: bool) -> None:
    """Show every field that differs. Each side is the id of a pack in force, a file, or a folder.

    Exit code 0: nothing differs; 1: something does.
    """
    from safelight.policy.law_diff import differences  # noqa: PLC0415 - only this command needs it

    found = differences(_side(app, before), _side(app, after))
    for one in found:
        if as_json:
            click.echo(json.dumps(msgspec.to_builtins(one)))
        else:
            _say((f"{one.place}", *(f"- {one.before}",) * bool(one.before), *(f"+ {one.after}",) * bool(one.after)))
    click.get_current_context().exit(int(bool(found)))


def _side(app: App, side: str) -> Mapping[str, LawPack]:
    if side in app.law.packs():
        return {side: app.law.packs()[side]}
    return app.law_at(Path(side))


def _head(pack: LawPack) -> str:
    return f"{pack.id}  {pack.name}, as of {pack.as_of}, {len(pack.rules)} rules, days in {pack.zone}"


def _pack(pack: LawPack) -> Iterator[str]:
    yield _head(pack)
    yield from (f"within: {name}" for name in pack.within)
    if pack.note:
        yield pack.note
    yield ""
    for entry in pack.covered:
        when = f", when {entry.when}" if entry.when else ""
        yield f"{entry.material}: {entry.answer}{when} ({entry.basis}; {entry.status})"
    yield f"scanning private messages: {pack.scanning.answer} ({pack.scanning.status}). {pack.scanning.note}"
    for rule in pack.rules:
        yield ""
        yield from _rule(rule)


def _rule(rule: LawRule, *, examples: bool = False) -> Iterator[str]:
    yield f"{rule.id}  {rule.title} ({rule.status})"
    yield f"  {rule.kind} on {rule.trigger}: {rule.actor} -> {rule.recipient}"
    yield f"  {rule.words}{f' ({rule.deadline})' if rule.deadline else ''}"
    days = [f"from {rule.from_}"] * bool(rule.from_) + [f"until {rule.until}"] * bool(rule.until)
    yield f"  {rule.basis}{''.join(f', {day}' for day in days)}"
    yield f"  source: {rule.source.title}{f' {rule.source.url}' if rule.source.url else ''}, {rule.source.as_of}"
    if rule.note:
        yield f"  {rule.note}"
    if examples:
        yield from (f"  {one.begins.isoformat()} -> {_end(one)}" for one in rule.examples)


def _end(example: Worked) -> str:
    """What an example comes to."""
    if not example.applies:
        return "not in force"
    return example.due.isoformat() if example.due else "applies; the law names no time"


def _say(lines: Iterator[str] | tuple[str, ...]) -> None:
    for line in lines:
        click.echo(display(line))


def _remind(app: App, packs: Mapping[str, LawPack]) -> None:
    from safelight.policy.duties import stale  # noqa: PLC0415 - it loads time zones

    for name in stale(packs, app.clock.now().date()):
        click.echo(f"{name}: {LATER}; see whether the law has changed", err=True)
