"""`safelight family`: what an item comes from, and what comes from it, by all scans that were kept."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

import click
import msgspec
from rich.console import Console
from rich.text import Text
from rich.tree import Tree

from safelight.app import App
from safelight.cli.main import FOUND, NOTHING
from safelight.flow.family import find_family, forget_item
from safelight.flow.walk import display
from safelight.model.family import Family, FamilyMember, MemberKind
from safelight.report.kinship import LEADS, count_members, edge_words, evidence_words, more_edges, names

PLACES = 5
"""Further paths of one file that are printed; `--json` tells more."""


@click.command()
@click.argument("item")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.option("--forget", is_flag=True, help="Remove what is kept of ITEM: its paths, edges and leads.")
@click.pass_obj
def family(app: App, item: str, as_json: bool, forget: bool) -> None:
    """Print the family of ITEM as a tree: what it comes from, what comes from it, and by which evidence.

    ITEM is the path of a file, a SHA-256, BANK/ENTRY, or the id of a family from a scan's results.
    """
    if forget:
        forget_item(item, app.families)
        click.echo(f"nothing is kept of {display(item)}")
        return
    found = find_family(item, app.store, app.families)
    if as_json:
        click.echo(json.dumps({"item": display(item), "family": _object(found) if found else None}))
    elif found is None:
        click.echo(f"{display(item)}: in no family that is kept")
    else:
        _show(found, Console(highlight=False))
    raise SystemExit(FOUND if found and found.edges else NOTHING)


@dataclass(frozen=True, slots=True)
class _Node:
    """One member as it is printed."""

    depth: int
    member: FamilyMember
    why: str
    notes: tuple[str, ...]


def _object(found: Family) -> dict[str, object]:
    told: dict[str, object] = msgspec.to_builtins(found)
    edges = [msgspec.to_builtins(edge) | {"directed": edge.directed} for edge in found.edges]
    return told | {"edges": edges}


def _nodes(found: Family) -> Iterator[_Node]:
    members = {member.identity: member for member in found.members}
    shown, more = names(found), more_edges(found)
    for branch in found.tree:
        member = members[branch.item]
        why = "" if branch.edge is None else edge_words(found.edges[branch.edge], branch.under or "")
        also = (f"also {edge_words(edge, edge.parent)}: {shown[edge.parent]}" for edge in more.get(branch.item, ()))
        yield _Node(branch.depth, member, why, (*also, *_places(member)))


def _places(member: FamilyMember) -> Iterator[str]:
    others = [seen.path for seen in member.sightings if seen.path != member.name]
    for path in islice(others, PLACES):
        yield f"also at {path}"
    left = member.places - 1 - min(len(others), PLACES)
    if left > 0:
        yield f"and at {left:,} more place{'' if left == 1 else 's'}"


def _show(found: Family, console: Console) -> None:
    """A tree on a terminal; elsewhere, indented lines, one for each member and note."""
    head = f"family {found.id}: {count_members(found.members)}" if found.edges else "in no family that is kept"
    console.print(head, soft_wrap=True, markup=False)
    if console.is_terminal:
        console.print(_tree(found))
    else:
        for node in _nodes(found):
            indent = "  " * node.depth
            console.out(f"{indent}{display(f'{node.member.name}: {node.why}' if node.why else node.member.name)}")
            for note in node.notes:
                console.out(f"{indent}    {display(note)}")
    if found.leads:
        console.print(f"see also ({LEADS.lower()}):", soft_wrap=True, markup=False)
        shown = names(found)
        for lead in found.leads:
            ends, words = f"{shown[lead.item]} and {shown[lead.entry]}", ", ".join(evidence_words(lead.evidence))
            console.out(f"  {display(': '.join(filter(None, (ends, words))))}")


def _tree(found: Family) -> Tree:
    """The members as `rich` draws them; text is taken as it is, never as markup."""
    path: list[Tree] = []
    for node in _nodes(found):
        label = Text(display(node.member.name), style="bold" if node.member.kind is MemberKind.KNOWN else "")
        for line in filter(None, (node.why, *node.notes)):
            label.append(f"\n{display(line)}", style="dim")
        del path[node.depth :]
        path.append(path[-1].add(label) if path else Tree(label))
    return path[0]
