"""Who may do what: lines that the tables must never cross."""

from itertools import combinations

import pytest

from safelight.model.access import (
    ROLES,
    SCOPES,
    SECOND_FACTOR,
    SYSTEM,
    Actor,
    ActorKind,
    Permission,
    Principal,
    Role,
    Scope,
    apart,
    granted,
)

FOR_PEOPLE = {
    Permission.MEDIA_REVEAL,
    Permission.CASE_CLAIM,
    Permission.CASE_DECIDE,
    Permission.CASE_APPROVE,
    Permission.APPEAL_DECIDE,
    Permission.EVIDENCE_DESTROY,
    Permission.USER_MANAGE,
    Permission.KEY_MANAGE,
    Permission.OWN_ACCOUNT,
}


@pytest.mark.parametrize("scope", Scope)
def test_machines_do_nothing_that_people_answer_for(scope: Scope) -> None:
    assert not SCOPES[scope] & FOR_PEOPLE


@pytest.mark.parametrize("role", Role)
def test_whoever_sees_media_needs_a_second_factor_and_guards_nobody(role: Role) -> None:
    if Permission.MEDIA_REVEAL in ROLES[role]:
        assert role in SECOND_FACTOR
        assert not ROLES[role] & {Permission.USER_MANAGE, Permission.KEY_MANAGE}


@pytest.mark.parametrize("role", [Role.ADMIN, Role.AUDITOR, Role.INTEGRATOR, Role.CURATOR])
def test_others_never_see_media(role: Role) -> None:
    assert not ROLES[role] & {Permission.MEDIA_REVEAL, Permission.EVIDENCE_EXPORT}


@pytest.mark.parametrize("role", Role)
def test_everybody_minds_the_own_account(role: Role) -> None:
    assert Permission.OWN_ACCOUNT in ROLES[role]


def test_every_permission_is_given_to_somebody() -> None:
    assert granted(Role, Scope) | {Permission.PUBLIC} == set(Permission)


def test_permissions_read_scope_resource_action() -> None:
    assert all(len(permission.split(":")) == 3 and all(permission.split(":")) for permission in Permission)


def test_granted_is_the_union() -> None:
    assert granted() == frozenset()
    assert granted([Role.CURATOR], [Scope.GATE]) == ROLES[Role.CURATOR] | SCOPES[Scope.GATE]


def test_what_is_not_granted_is_denied() -> None:
    nobody = Principal(SYSTEM, frozenset())
    assert [permission for permission in Permission if nobody.may(permission)] == [Permission.PUBLIC]


def test_roles_that_do_not_go_together() -> None:
    seeing = {Role.REVIEWER, Role.SENIOR, Role.LEAD}
    for pair in combinations(Role, 2):
        assert bool(apart(pair)) == bool(seeing & set(pair) and {Role.ADMIN, Role.AUDITOR} & set(pair)), pair
    assert apart(Role)
    assert not apart([])
    assert "reviewer" in apart([Role.ADMIN, Role.REVIEWER])


def test_actors_are_named_by_number() -> None:
    assert str(Actor(ActorKind.USER, "7")) == "user:7"
    assert str(SYSTEM) == "system"
