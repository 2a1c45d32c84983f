from hashlib import sha256

import pytest

from safelight.model.codec import from_json, to_json
from safelight.model.family import (
    DerivationEdge,
    EdgeKind,
    Evidence,
    Family,
    FamilyMember,
    MemberKind,
    bank_of,
    entry_identity,
    family_id,
    identity_key,
    kind_of,
    member_order,
)

FILE = "ab" * 32


@pytest.mark.parametrize(
    ("identity", "kind", "bank"),
    [
        ("known/a.png", MemberKind.KNOWN, "known"),
        ("known/folder/a.png", MemberKind.KNOWN, "known"),
        ("known/", MemberKind.KNOWN, "known"),
        (FILE, MemberKind.FILE, ""),
    ],
)
def test_an_identity_tells_what_it_names(identity: str, kind: MemberKind, bank: str) -> None:
    assert (kind_of(identity), bank_of(identity)) == (kind, bank)


def test_entries_come_before_files_and_each_by_name() -> None:
    assert sorted([FILE, "z/1", "0" * 64, "a/2", "a/1"], key=member_order) == ["a/1", "a/2", "z/1", "0" * 64, FILE]


def test_ids_can_be_computed_by_anybody() -> None:
    identity = entry_identity("known", "boats/ü.png")
    digest = sha256("known/boats/ü.png".encode()).hexdigest()
    assert family_id(identity) == digest[:16]
    assert identity_key(identity).hex() == digest[:32]


def test_members_are_named_by_their_bytes_or_their_place_in_a_bank() -> None:
    assert FamilyMember(MemberKind.KNOWN, "known/a.png").identity == "known/a.png"
    assert FamilyMember(MemberKind.FILE, "/x.png", FILE).identity == FILE


def test_only_derivatives_have_a_direction() -> None:
    assert [DerivationEdge(FILE, "known/a", kind).directed for kind in EdgeKind] == [False, True, False]


def test_a_family_survives_json() -> None:
    edge = DerivationEdge(FILE, "known/a", EdgeKind.DERIVATIVE, Evidence(inliers=9, affine=(1, 0, 0.5, 0, 1, -3)))
    family = Family("0" * 16, (FamilyMember(MemberKind.FILE, "/x", FILE),), (edge,))
    assert from_json(to_json(family), Family) == family
