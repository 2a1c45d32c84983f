"""`safelight policy`: check, show, try and compare policies; people propose and approve them."""

import difflib
import json
from pathlib import Path

import click
import msgspec

from safelight.app import App
from safelight.cli.main import FOUND
from safelight.cli.person import AS, DIGEST, NOTE, act
from safelight.flow.policy import in_words
from safelight.flow.policy_file import policy_text
from safelight.flow.walk import display
from safelight.model.policy import Backtest, PolicyFlaw, PolicyState, PolicyVersion, Stage
from safelight.policy.rules.check import check as flaws_of
from safelight.policy.rules.default import DEFAULT
from safelight.policy.rules.facts import FACTS
from safelight.policy.rules.reading import read_policy
from safelight.policy.rules.withheld import withheld_in_cases, withheld_in_examples

_PATH = click.Path(path_type=Path)
_NUMBER = click.argument("number", type=click.IntRange(min=1))
_JSON = click.option("--json", "as_json", is_flag=True, help="JSON, one object a line.")
_SHOWN = 40
_SAID = 100


@click.group()
def policy() -> None:
    """Check, try and compare policies: rules that say what is to be done about a file or a case."""


@policy.command("check")
@click.argument("file", type=_PATH)
def check(file: Path) -> None:
    """Say all that is wrong with the policy in FILE. Exit codes: 0 nothing but warnings, 1 something."""
    text = policy_text(file)
    flaws = flaws_of(text)
    for flaw in flaws:
        for line in lines(flaw, text):
            click.echo(display(line))
    if flaws:
        raise SystemExit(FOUND)
    found = read_policy(text)[0]
    for warning in withheld_in_examples(found):
        click.echo(display(f"WARNING: {in_words(warning)}"))
    click.echo(f"{len(found.rules)} rules, and nothing wrong with them")


@policy.command("test")
@click.argument("file", type=_PATH)
def test(file: Path) -> None:
    """Try each rule of FILE on its examples. Exit codes: 0 all hold, 1 the policy has a flaw."""
    text = policy_text(file)
    flaws, rules = flaws_of(text), read_policy(text)[0].rules
    for rule in rules:
        own = [flaw for flaw in flaws if flaw.rule == rule.id]
        click.echo(display(f"{'FAILED' if own else 'ok':6} {rule.id}: {len(rule.examples)} examples"))
        for flaw in own:
            click.echo(display(f"       {in_words(flaw)}"))
    for flaw in flaws:
        if all(flaw.rule != rule.id for rule in rules):
            click.echo(display(in_words(flaw)))
    if flaws:
        raise SystemExit(FOUND)


@policy.command("show")
@click.argument("number", type=click.IntRange(min=1), required=False)
@click.option("--default", "default", is_flag=True, help="The policy that comes with the program, as a start.")
@click.pass_obj
def show(app: App, number: int | None, default: bool) -> None:
    """Print the policy in force, or the version of this NUMBER."""
    if default:
        click.echo(DEFAULT, nl=False)
        return
    if number is not None:
        click.echo(app.policies.version(number).text, nl=False)
        return
    in_force = app.policies.in_force()
    what = f"version {in_force.number}" if in_force else "the one that comes with Safelight"
    click.echo(f"in force: {what}", err=True)
    if trouble := app.policies.trouble():
        click.echo(display(f"TROUBLE: {trouble}"), err=True)
    click.echo(app.policies.text(), nl=False)


@policy.command("history")
@_JSON
@click.pass_obj
def history(app: App, as_json: bool) -> None:
    """Print all versions, the newest first: number, state, who proposed and who answered, notes, digest."""
    for version in app.policies.versions():
        click.echo(_object(version) if as_json else display(_line(version)))


@policy.command("shadow")
@click.pass_obj
def shadow(app: App) -> None:
    """Print what the version in shadow would have changed so far."""
    found = next((one for one in app.policies.versions() if one.state is PolicyState.SHADOW), None)
    if found is None:
        click.echo("no version is in shadow")
        return
    told = app.policies.shadowed(found.number)
    click.echo(f"version {found.number}: asked {told.asked:,} times, differed {told.differed:,} times")
    for kind, times in told.kinds.items():
        click.echo(display(f"{times:>8,}  {kind}"))


@policy.command("propose")
@click.argument("file", type=_PATH)
@click.option("--note", required=True, help="What changes, and why, in a few words.")
@click.option("--shadow", is_flag=True, help="To be asked beside the one in force, without effect.")
@AS
def propose(file: Path, note: str, shadow: bool, person: str) -> None:
    """Propose FILE as the policy. Another person approves it."""
    act("policy propose", person, file=str(file), note=note, shadow=shadow)


@policy.command("approve")
@_NUMBER
@NOTE
@DIGEST
@AS
def approve(number: int, note: str, digest: str, person: str) -> None:
    """Agree to the version of this NUMBER, which another person proposed, after reading how it differs."""
    act("policy approve", person, number=str(number), note=note, digest=digest)


@policy.command("refuse")
@_NUMBER
@click.option("--note", required=True, help="Why not.")
@AS
def refuse(number: int, note: str, person: str) -> None:
    """Do not agree to the version of this NUMBER; who proposed it may say so, too."""
    act("policy refuse", person, number=str(number), note=note)


@policy.command("retire")
@_NUMBER
@AS
def retire(number: int, person: str) -> None:
    """Ask the version of this NUMBER, which is in shadow, no more."""
    act("policy retire", person, number=str(number))


@policy.command("facts")
def facts() -> None:
    """Print all facts that rules can ask about."""
    for stage in Stage:
        click.echo(f"{stage}:")
        for name, fact in FACTS[stage].items():
            allowed = f": {', '.join(fact.allowed)}" if fact.allowed else ""
            click.echo(f"  {name} ({fact.kind}) {fact.about}{allowed}")


@policy.command("diff")
@click.argument("file", type=_PATH)
@click.pass_obj
def diff(app: App, file: Path) -> None:
    """Compare FILE with the policy in force. Exit codes: 0 the same, 1 different."""
    old, new = app.policies.text(), policy_text(file)
    different = list(difflib.unified_diff(old.splitlines(), new.splitlines(), "in force", str(file), lineterm=""))
    for line in different:
        click.echo(display(line))
    if different:
        raise SystemExit(FOUND)


@policy.command("backtest")
@click.argument("file", type=_PATH)
@click.option("--limit", "-n", default=1_000, type=click.IntRange(min=1), help="The latest so many decided cases.")
@click.pass_obj
def backtest(app: App, file: Path, limit: int) -> None:
    """Try FILE on past cases: what its rules match, what people found there, and what would change."""
    for line in table(app.policies.backtest(policy_text(file), limit, _say)):
        click.echo(display(line))


def lines(flaw: PolicyFlaw, text: str) -> list[str]:
    """A flaw for people: in words, then the line of the condition with the place underlined."""
    told = [in_words(flaw)]
    condition = next((rule.when for rule in read_policy(text)[0].rules if rule.id == flaw.rule), "")
    if flaw.end > flaw.start and condition:
        begin = condition.rfind("\n", 0, flaw.start) + 1
        line = condition[begin:].split("\n", 1)[0]
        width = max(1, min(flaw.end - flaw.start, len(line) - (flaw.start - begin)))
        told += [f"    {line}", f"    {' ' * (flaw.start - begin)}{'^' * width}"]
    return told


def table(found: Backtest) -> list[str]:
    """What a trial on past cases found."""
    told = [f"{found.cases:,} cases with {found.items:,} items; of {found.without_row:,} items no row is kept", ""]
    told.append(
        f"{'before':>7} {'matched':>8} {'confirmed':>10} {'not abuse':>10} {'undecided':>10} {'failed':>7}  rule"
    )
    told += [
        f"{rule.before:>7,} {rule.matched:>8,} {rule.confirmed:>10,} {rule.not_abuse:>10,} {rule.undecided:>10,}"
        f" {rule.failed:>7,}"
        f"  {rule.stage} {rule.rule}{' (in force alone)' if rule.gone else ''}"
        for rule in found.rules
    ]
    held = [(rule, one) for rule in found.rules for one in rule.withheld]
    told += [""] * bool(held)
    told += [f"{one.cases:,} of {rule.matched:,} times withheld from {rule.rule}: {one.action}" for rule, one in held]
    told += [f"WARNING: {in_words(warning)}" for warning in withheld_in_cases(found)]
    told += ["", f"{len(found.differing):,} differences from the policy in force"]
    told += [
        f"  {one.case} {one.stage}: {', '.join(one.now)} -> {', '.join(one.then)}" for one in found.differing[:_SHOWN]
    ]
    if len(found.differing) > _SHOWN:
        told.append(f"  and {len(found.differing) - _SHOWN:,} more")
    return told


def _line(version: PolicyVersion) -> str:
    answer = f", answered by {version.answered_by}" if version.answered_by else ""
    wanted = f" for {version.wanted}" if version.state is PolicyState.PROPOSED else ""
    note = version.note.replace("\n", " / ")
    told = f"{version.state + wanted:9} {version.at:%Y-%m-%d} by {version.by}{answer}: {note}"
    return f"{version.number:>5}  {told}  SHA-256 {version.sha256}"


def _object(version: PolicyVersion) -> str:
    """A version as JSON, without its text."""
    told: dict[str, object] = msgspec.to_builtins(version)
    del told["text"]
    return json.dumps(told)


def _say(done: int, whole: int) -> None:
    if done % _SAID == 0 or done == whole:
        click.echo(f"{done:,} of {whole:,} cases", err=True)
