import pytest

from safelight.match.families import FamilyTies
from safelight.model.family import DerivationEdge, EdgeKind, Evidence
from safelight.report.kinship import count_members, edge_words, evidence_words, more_edges, names
from tests.kin import edge, file, lead

A, B = "known/a.png", "known/b.png"


@pytest.mark.parametrize(
    ("kind", "under", "words"),
    [
        (EdgeKind.EXACT, A, "the same bytes"),
        (EdgeKind.EXACT, "f", "the same bytes"),
        (EdgeKind.NEAR, A, "near, direction not known: 12 of 256 bits differ, chance of a false match 3.0 \u00d7 10⁻⁹"),
        (
            EdgeKind.NEAR,
            "f",
            "near, direction not known: 12 of 256 bits differ, chance of a false match 3.0 \u00d7 10⁻⁹",
        ),
        (EdgeKind.DERIVATIVE, A, "derivative: 90 keypoints agree, chance of a false match 3.0 \u00d7 10⁻⁹"),
        (EdgeKind.DERIVATIVE, "f", "a source of it: 90 keypoints agree, chance of a false match 3.0 \u00d7 10⁻⁹"),
    ],
)
def test_an_edge_is_told_from_the_side_it_is_seen_from(kind: EdgeKind, under: str, words: str) -> None:
    assert edge_words(edge(1, A, kind, chance=3e-9), under) == words


def test_every_piece_of_evidence_has_its_words() -> None:
    evidence = Evidence(8, 1820, 1e-12, 0.314, 0.04, mirrored=True)
    assert evidence_words(evidence) == (
        "31.4 % replaced",
        "4.0 % under text, stickers or marks",
        "8 of 256 bits differ",
        "1,820 keypoints agree",
        "mirrored",
        "chance of a false match 1.0 \u00d7 10⁻¹²",
    )
    assert evidence_words(Evidence(altered=0.0, overlay=0.0)) == ()


def test_edges_outside_the_tree_belong_to_their_child() -> None:
    edges = [edge(1, A, EdgeKind.EXACT), edge(2, A), edge(1, B), edge(2, B, chance=0.5), edge(1, A, chance=0.1)]
    ties = FamilyTies()
    ties.add(edges, [lead(3, A)])
    (family,) = ties.families()
    assert more_edges(family) == {file(1): [edges[4]], file(2): [edges[3]]}
    assert names(family) == {A: A, B: B, **{file(n): file(n) for n in (1, 2, 3)}}
    assert count_members(family.members) == "2 known entries, 2 files"
    assert count_members(family.members[1:3]) == "1 known entry, 1 file"


def test_an_edge_without_evidence_is_its_relation_alone() -> None:
    assert edge_words(DerivationEdge(file(1), A, EdgeKind.DERIVATIVE), A) == "derivative"


def test_an_edge_of_a_video_says_how_much_of_it_and_when_most_was_replaced() -> None:
    evidence = Evidence(24, None, 2e-8, altered=0.245, seconds=52.0)
    assert evidence_words(evidence) == (
        "52 s of it",
        "up to 24.5 % replaced",
        "frames differ in 24 of 256 bits",
        "chance of a false match 2.0 \u00d7 10⁻⁸",
    )
    assert edge_words(DerivationEdge(file(1), A, EdgeKind.DERIVATIVE, evidence), A).startswith("derivative: 52 s of it")
