import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.match.families import MAX_EDGES, FamilyTies, edge_strength, lone_family, relations_of
from safelight.model.family import (
    NO_EVIDENCE,
    DerivationEdge,
    EdgeKind,
    Evidence,
    Family,
    FamilyMember,
    Lead,
    MemberKind,
    entry_identity,
    family_id,
)
from safelight.model.match import Match, MatchKind
from safelight.model.region import AlteredRegion, RegionBasis
from tests.kin import edge, file, lead
from tests.report.clips import HARBOUR
from tests.rows import row_of

ENTRIES = tuple(f"{bank}/{name}" for bank in ("known", "list") for name in ("a.png", "b.png", "sub/c.png"))
EDGE = st.builds(
    edge,
    st.integers(0, 7),
    st.sampled_from(ENTRIES),
    st.sampled_from(EdgeKind),
    chance=st.sampled_from([0.0, 1e-12, 1e-3, None]),
)
LEAD = st.builds(lead, st.integers(0, 9), st.sampled_from(ENTRIES), inliers=st.integers(10, 12))


def families(edges: list[DerivationEdge], leads: list[Lead] | None = None) -> tuple[Family, ...]:
    ties = FamilyTies()
    ties.add(edges, leads or [])
    return ties.families()


def match_of(kind: MatchKind, bank: str = "known", entry: str = "a.png", **other: object) -> Match:
    values = {"algorithm": "pdq", "distance": 12 if kind is MatchKind.NEAR else None, **other}
    return Match(bank=bank, entry=entry, kind=kind, **values)  # type: ignore[arg-type]  # tests name the fields


class TestOrder:
    @given(st.lists(EDGE, max_size=25), st.lists(LEAD, max_size=6), st.integers())
    def test_any_order_and_any_split_give_equal_families(
        self, edges: list[DerivationEdge], leads: list[Lead], seed: int
    ) -> None:
        expected, rng = families(edges, leads), random.Random(seed)
        ties = FamilyTies()
        left, left_leads = rng.sample(edges, len(edges)), rng.sample(leads, len(leads))
        while left or left_leads:
            cut = rng.randint(0, len(left))
            ties.add(left[:cut], left_leads[:2])
            left, left_leads = left[cut:], left_leads[2:]
            if rng.random() < 0.5:
                ties.families()  # looking in between changes nothing
        assert ties.families() == expected

    @given(st.lists(EDGE, max_size=25))
    def test_telling_edges_again_changes_nothing(self, edges: list[DerivationEdge]) -> None:
        assert families([*edges, *reversed(edges)]) == families(edges)

    def test_of_two_tellings_the_stronger_is_kept(self) -> None:
        strong, weak = edge(1, "known/a.png", chance=1e-9), edge(1, "known/a.png", chance=1e-3)
        for told in ([strong, weak], [weak, strong]):
            assert families(told)[0].edges == (strong,)
        closer = lead(1, "known/a.png", inliers=40)
        for leads in ([closer, lead(1, "known/a.png")], [lead(1, "known/a.png"), closer]):
            assert families([strong], leads)[0].leads == (closer,)

    def test_evidence_that_is_as_strong_is_chosen_by_its_values(self) -> None:
        one = edge(1, "known/a.png", EdgeKind.DERIVATIVE, altered=0.2)
        other = edge(1, "known/a.png", EdgeKind.DERIVATIVE, altered=0.3)
        assert edge_strength(one) == edge_strength(other)
        assert families([one, other]) == families([other, one])


def slowly(edges: list[DerivationEdge]) -> set[frozenset[str]]:
    """The obvious way to the members: a set for each edge, merged as long as two of them meet."""
    parts = [{one.child, one.parent} for one in edges]
    for _ in edges:
        for part in list(parts):
            meeting = [other for other in parts if other & part]
            parts = [other for other in parts if not other & part] + [set().union(*meeting)]
    return {frozenset(part) for part in parts}


@given(st.lists(EDGE, max_size=25))
def test_members_are_those_of_the_obvious_way(edges: list[DerivationEdge]) -> None:
    found = families(edges)
    assert {frozenset(member.identity for member in one.members) for one in found} == slowly(edges)
    assert sum(len(one.edges) for one in found) == len({(e.child, e.parent, e.kind) for e in edges})


@given(st.lists(EDGE, min_size=1, max_size=25))
def test_the_tree_reaches_every_member_once_along_strong_edges(edges: list[DerivationEdge]) -> None:
    for family in families(edges):
        assert sorted(branch.item for branch in family.tree) == sorted(member.identity for member in family.members)
        root, *others = family.tree
        assert (root.item, root.depth, root.under, root.edge) == (family.members[0].identity, 0, None, None)
        seen = {root.item: root}
        for branch in others:
            assert branch.under is not None
            assert branch.edge is not None
            used = family.edges[branch.edge]
            assert {used.child, used.parent} == {branch.item, branch.under}
            assert branch.depth == seen[branch.under].depth + 1
            seen[branch.item] = branch
        # No edge outside the tree is stronger than one it would close a circle with: what makes the tree the strongest.
        tree = {branch.edge for branch in others}
        for number, one in enumerate(family.edges):
            if number not in tree:
                assert max(way(family, one.child, one.parent)) < number
        assert list(family.edges) == sorted(family.edges, key=edge_strength)


def way(family: Family, start: str, end: str) -> list[int]:
    """The edges between two members along the tree."""
    branches = {branch.item: branch for branch in family.tree}

    def up(item: str) -> list[int]:
        numbers = []
        while (branch := branches[item]).under is not None:
            assert branch.edge is not None
            numbers.append(branch.edge)
            item = branch.under
        return numbers

    return sorted(set(up(start)) ^ set(up(end)))


def test_a_long_chain_is_no_deeper_than_memory() -> None:
    edges = [edge(n, f"known/{n + k:05}") for n in range(3000) for k in (0, 1)]
    (family,) = families(random.Random(1).sample(edges, len(edges)))
    assert family.tree[-1].depth == 6000


class TestLeads:
    def test_a_shared_scene_never_joins(self) -> None:
        edges = [edge(1, "known/a.png"), edge(2, "known/b.png")]
        shared = [lead(1, "known/b.png"), lead(3, "known/a.png")]
        one, other = families(edges, shared)
        assert {m.identity for m in one.members} == {"known/a.png", file(1)}
        assert {m.identity for m in other.members} == {"known/b.png", file(2)}
        assert set(one.leads) == set(shared)
        assert other.leads == (shared[0],)
        assert {m.identity for m in one.beside} == {"known/b.png", file(3)}
        assert [m.identity for m in other.beside] == [file(1)]

    @given(st.lists(EDGE, max_size=12), st.lists(LEAD, max_size=12))
    def test_leads_change_nothing_but_what_is_beside(self, edges: list[DerivationEdge], leads: list[Lead]) -> None:
        with_leads = families(edges, leads)
        assert tuple(replace(one, leads=(), beside=()) for one in with_leads) == families(edges)
        for one in with_leads:
            inside = {member.identity for member in one.members}
            assert all({one.item, one.entry} & inside for one in one.leads)
            assert not inside & {member.identity for member in one.beside}

    def test_leads_alone_make_no_family(self) -> None:
        assert families([], [lead(1, "known/a.png")]) == ()
        lone = lone_family(file(1), [lead(1, "known/a.png", 5), lead(1, "known/b.png", 50)], {})
        assert (lone.id, lone.edges, [branch.item for branch in lone.tree]) == (family_id(file(1)), (), [file(1)])
        assert [one.entry for one in lone.leads] == ["known/b.png", "known/a.png"]


class TestNames:
    def test_files_that_join_do_not_change_the_id(self) -> None:
        edges = [edge(n, "known/b.png") for n in range(20)]
        ids = {families(edges[: n + 1])[0].id for n in range(20)}
        assert ids == {family_id("known/b.png")}
        assert len(ids.pop()) == 16

    def test_two_families_that_turn_out_to_be_one_keep_one_of_their_ids(self) -> None:
        edges = [edge(1, "known/a.png"), edge(2, "known/b.png")]
        before = {one.id for one in families(edges)}
        (after,) = families([*edges, edge(2, "known/a.png")])
        assert after.id in before
        assert after.id == family_id("known/a.png")

    def test_members_come_with_what_is_known_of_them(self) -> None:
        told = FamilyMember(MemberKind.FILE, "/files/1.jpg", file(1), (), 3)
        ties = FamilyTies()
        ties.add([edge(1, "known/a.png"), edge(2, "known/a.png")])
        (family,) = ties.families({file(1): told, file(9): told})
        assert family.members[0] == FamilyMember(MemberKind.KNOWN, "known/a.png")
        assert set(family.members[1:]) == {told, FamilyMember(MemberKind.FILE, file(2), file(2))}


def region(**other: object) -> AlteredRegion:
    values = {"area": 0.31, "bbox": (1, 2, 3, 4), "basis": RegionBasis.KEYPOINTS, "overlay": 0.04, **other}
    return AlteredRegion(**values)  # type: ignore[arg-type]  # tests name the fields


class TestRelations:
    def test_evidence_of_a_derivative(self) -> None:
        affine = (1.0, 0.0, 3.0, 0.0, 1.0, 4.0)
        derived = match_of(
            MatchKind.DERIVATIVE,
            inliers=182,
            affine=affine,
            mirrored=True,
            p_false_match=1e-12,
            altered_region=region(),
        )
        found = relations_of(replace(row_of("/files/1.jpg", 1), matches=(derived,)))
        assert found is not None
        assert found.path == "/files/1.jpg"
        (made,) = found.edges
        assert made == DerivationEdge(
            found.sha256,
            "known/a.png",
            EdgeKind.DERIVATIVE,
            Evidence(None, 182, 1e-12, 0.31, 0.04, mirrored=True, affine=affine),
        )
        assert made.directed

    def test_evidence_of_a_video(self) -> None:
        relations = relations_of(replace(row_of("a.mp4", 1), matches=(HARBOUR,)))
        assert relations is not None
        (found,) = relations.edges
        assert found.directed
        assert (found.evidence.seconds, found.evidence.distance) == (47.0, 24)
        assert found.evidence.altered == pytest.approx(0.245)

    def test_direction_of_near_and_exact_is_not_known(self) -> None:
        near = match_of(MatchKind.NEAR, dihedral="flip_y", p_false_match=1e-7)
        exact = match_of(MatchKind.EXACT, entry="b.png", algorithm="sha256", distance=0)
        found = relations_of(replace(row_of("x", 1), matches=(near, exact)))
        assert found is not None
        assert found.edges == (
            DerivationEdge(found.sha256, "known/b.png", EdgeKind.EXACT, NO_EVIDENCE),
            DerivationEdge(
                found.sha256, "known/a.png", EdgeKind.NEAR, Evidence(distance=12, p_false_match=1e-7, mirrored=True)
            ),
        )
        assert not any(one.directed for one in found.edges)

    @pytest.mark.parametrize("kind", MatchKind)
    def test_known_benign_and_suppressed_matches_say_nothing(self, kind: MatchKind) -> None:
        benign = match_of(kind, bank="benign", negative=True)
        suppressed = match_of(kind, suppressed_by="benign/a.png")
        assert relations_of(replace(row_of("x", 1), matches=(benign, suppressed))) is None
        joined = relations_of(replace(row_of("x", 1), matches=(benign, match_of(kind, entry="b.png"))))
        assert joined is not None
        told = [one.parent for one in joined.edges] + [one.entry for one in joined.leads]
        assert told == ["known/b.png"]

    def test_a_shared_scene_is_a_lead(self) -> None:
        found = relations_of(replace(row_of("x", 1), matches=(match_of(MatchKind.SHARED_SCENE, inliers=31),)))
        assert found is not None
        assert found.edges == ()
        assert found.leads == (Lead(found.sha256, "known/a.png", Evidence(inliers=31)),)

    def test_rows_without_bytes_or_matches_say_nothing(self) -> None:
        assert relations_of(row_of("x", 1)) is None
        assert relations_of(replace(row_of("x"), matches=(match_of(MatchKind.NEAR),))) is None

    def test_of_a_crowd_the_strongest_are_kept(self) -> None:
        crowd = [match_of(MatchKind.NEAR, entry=f"{n}", distance=n % 31) for n in range(MAX_EDGES + 50)]
        scenes = [match_of(MatchKind.SHARED_SCENE, entry=f"{n}", inliers=n) for n in range(MAX_EDGES + 50)]
        found = relations_of(replace(row_of("x", 1), matches=(*crowd, *scenes)))
        assert found is not None
        assert len(found.edges) == len(found.leads) == MAX_EDGES
        distances = [one.evidence.distance or 0 for one in found.edges]
        assert distances == sorted(n % 31 for n in range(MAX_EDGES + 50))[:MAX_EDGES]
        assert found.leads[0].entry == entry_identity("known", str(MAX_EDGES + 49))
