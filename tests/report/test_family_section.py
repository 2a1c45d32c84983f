import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.flow.family import FamilyLabels
from safelight.match.families import FamilyTies
from safelight.model.family import EdgeKind, Family, FamilyMember, MemberKind
from safelight.report import family_section
from safelight.report.family_section import DEEPEST, ShownFamily, leads, shares, tally, tree
from tests.kin import edge, file, lead
from tests.report.clips import VIDEOS
from tests.report.kindred import CROP, FERRY, KINDRED, TOWER, altered, close, families, found, labelled, scene
from tests.report.samples import summary
from tests.report.test_html import HOSTILE, Page, page

ROWS = labelled(KINDRED)


def shown() -> Page:
    labels = FamilyLabels(KINDRED)
    totals = summary(ROWS, families=labels.count, largest_family=labels.largest)
    return page(ROWS, totals, families=families(ROWS))


def test_each_family_is_a_group_with_its_tally() -> None:
    drawn = shown()
    assert [attrs["id"] for tag, attrs in drawn.tags if attrs.get("class") == "family"] == [
        f"family-{family.id}" for family in families(ROWS)
    ]
    for words in ("30 near", "3 exact copies, 3 derivatives, 2 near", "1 exact copy, 1 near"):
        assert drawn.texts[words]
    assert drawn.texts["the largest has 30 files"]
    for name in (FERRY, CROP, TOWER, "/evidence/disk-7/maps and plans/collage.png"):
        assert drawn.texts[name]


def test_every_file_says_why_it_is_there() -> None:
    text = shown().text
    for words in (
        "31.0 % replaced, 182 keypoints agree, chance of a false match 3.0",
        "8.0 % replaced, 241 keypoints agree, mirrored",
        "also at /evidence/disk-7/inbox/IMG_0042.jpeg",
        "also near, direction not known: 18 of 256 bits differ",
        "See also. Same scene, another picture: leads for people, joined to nothing.",
        "/evidence/disk-7/boats/same quay.jpeg",
    ):
        assert words in text


def test_rows_lead_to_their_family() -> None:
    drawn = shown()
    linked = {attrs["href"] for tag, attrs in drawn.tags if tag == "a" and attrs.get("href", "") != "#files"}
    assert linked == {f"#family-{family.id}" for family in families(ROWS)}
    unlisted = page(ROWS, summary(ROWS))
    assert ROWS[0].family is not None
    assert unlisted.texts[ROWS[0].family] > 1
    assert [attrs for tag, attrs in unlisted.tags if tag == "a"] == [{"class": "skip", "href": "#files"}]
    assert "id" not in {name for tag, attrs in unlisted.tags for name in attrs if attrs.get("id") == "families"}


def test_families_not_listed_are_counted() -> None:
    assert "2 of 9 families are listed" in page(ROWS, summary(ROWS, families=9), families=families(ROWS)[:2]).text
    assert "families are listed" not in shown().text


def test_rows_left_out_are_counted() -> None:
    group = replace(families(ROWS)[0], left=1234)
    text = page(ROWS, summary(ROWS), families=[group]).text
    assert "1,234 more rows of this family are in" in text
    assert f'"family": "{group.id}"' in text


class Nested(Page):
    """The lists inside each other, as (depth, text of the item)."""

    def __init__(self, source: str) -> None:
        self.items: list[list[object]] = []
        super().__init__(f"<table>{source}</table>")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        super().handle_starttag(tag, attrs)
        if tag == "li":
            self.items.append([self._open.count("ul") - 1, ""])

    def handle_data(self, data: str) -> None:
        if self.items:
            self.items[-1][1] = f"{self.items[-1][1]}{data}"


def family_of(*edges: object, members: dict[str, FamilyMember] | None = None) -> Family:
    ties = FamilyTies()
    ties.add(edges)  # type: ignore[arg-type]  # edges of tests.kin
    (family,) = ties.families(members)
    return family


EDGES = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), min_size=1, max_size=30)


@given(EDGES, st.booleans())
def test_the_lists_are_nested_as_the_tree_is(pairs: list[tuple[int, int]], root: bool) -> None:
    ties = FamilyTies()
    ties.add(edge(one, f"known/{other}") for one, other in pairs)
    for family in ties.families():
        listed = Nested(str(tree(family, root=root))).items
        branches = family.tree if root else family.tree[1:]
        assert [depth for depth, _ in listed] == [min(one.depth - (not root), DEEPEST) for one in branches]
        assert all(one.item in str(text) for one, (_, text) in zip(branches, listed, strict=True))


def test_what_hangs_deeper_says_under_what() -> None:
    chain = [edge(n, f"known/{n + k:02}") for n in range(9) for k in (0, 1)]
    listed = Nested(str(tree(family_of(*random.Random(2).sample(chain, len(chain))), root=True))).items
    assert max(int(str(depth)) for depth, _ in listed) == DEEPEST
    assert sum("hangs under" in str(text) for _, text in listed) == len(listed) - DEEPEST - 1


def test_the_replaced_share_is_drawn_to_scale() -> None:
    drawn = [attrs for _, attrs in shown().tags if attrs.get("class") == "o-derivative" and "x" not in attrs]
    assert {attrs["width"] for attrs in drawn} >= {"31.0%", "8.0%", "52.0%", "61.0%"}
    unknown = edge(1, "known/a", EdgeKind.DERIVATIVE, altered=None)
    assert "altered-share" not in tree(family_of(unknown), root=True)


def test_tally_and_bar_tell_the_same() -> None:
    group = ShownFamily("0" * 16, {EdgeKind.NEAR: 1, EdgeKind.EXACT: 3}, ())
    assert tally(group) == "3 exact copies, 1 near"
    assert [part.split('"')[0] for part in str(shares(group)).split('width="')[2:]] == ["75.0%", "0.0%", "25.0%"]


def test_many_leads_are_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(family_section, "MAX_LEADS", 2)
    ties = FamilyTies()
    ties.add([edge(1, "known/a")], [lead(n, "known/a") for n in range(2, 7)])
    assert "and 3 more" in leads(ties.families())
    assert leads([family_of(edge(1, "known/a"))]) == ""


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_stay_text(name: str) -> None:
    entry = f"known/{name}"
    rows = labelled(
        [
            replace(found(1, "x", altered(entry, 0.2, 9), close("known/b", 3)), path=name),
            replace(found(2, "x", close("known/b", 3), scene(entry, 9)), path=name + name),
            replace(found(1, "x", altered(entry, 0.2, 9)), path=f"again {name}"),
        ]
    )
    listed = families(rows)
    assert [group.size for group in listed] == [3]
    drawn = page(rows, summary(rows), families=listed)
    assert {tag for tag, _ in drawn.tags} == {tag for tag, _ in shown().tags}
    plain = Nested(str(tree(listed[0].parts[0], root=True)))
    assert len(plain.items) == 4


def test_members_without_places_are_shown_by_their_digest() -> None:
    member = FamilyMember(MemberKind.FILE, file(1), file(1))
    assert file(1) in tree(family_of(edge(1, "known/a"), members={file(1): member}), root=True)


def test_clips_and_stills_stand_in_one_tree() -> None:
    """A compilation joins its sources; a still of a known video hangs under it."""
    rows = labelled(VIDEOS)
    (family,) = families(rows)
    (part,) = family.parts
    depth = {branch.item: branch.depth for branch in part.tree}
    by_name = {member.name: depth[member.identity] for member in part.members}
    source = by_name["partner-list/harbour at dawn.mp4"]
    assert by_name["/evidence/disk-7/inbox/still from a video.png"] == source + 1
    assert "benign-drawings/boats/ferry.webm" in by_name
    text = page(rows, families=families(rows)).text
    assert "47 s of it, up to 24.5 % replaced, frames differ in 24 of 256 bits" in text
    assert "1 min 32 s of it" in text
