"""Who may do what: permissions as one enumeration, and the roles and key scopes that are given them.

A permission reads `<scope>:<resource>:<action>`. Nobody has one that is not listed here for a role or a scope of his:
what is not granted is denied. docs/access.md is generated from these tables.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Permission(StrEnum):
    """Everything that a route can ask for. Every route of the service asks for exactly one."""

    PUBLIC = "public:page:read"  # health, sign-in, the OpenAPI document: nothing that tells of content
    OWN_ACCOUNT = "account:own:manage"  # own password, second factors, sessions, exposure
    GATE_CHECK = "gate:item:check"
    ITEM_ADD = "gate:item:add"
    LOOKUP = "lookup:hash:match"
    ITEM_READ = "review:item:read"
    CASE_READ = "review:case:read"
    CASE_CLAIM = "review:case:claim"
    CASE_DECIDE = "review:case:decide"
    CASE_APPROVE = "review:case:approve"  # the second of two who agree on a grave action
    CASE_ROUTE = "review:case:route"
    APPEAL_OPEN = "review:appeal:open"
    APPEAL_DECIDE = "review:appeal:decide"
    MEDIA_REVEAL = "review:media:reveal"  # see pixels; second factor and a reason besides
    QUALITY_SEE = "review:quality:read"  # agreement figures, golden set
    BANK_READ = "curate:bank:read"
    BANK_WRITE = "curate:bank:write"
    EVIDENCE_EXPORT = "report:evidence:export"
    EVIDENCE_HOLD = "report:evidence:hold"
    EVIDENCE_DESTROY = "report:evidence:destroy"
    REPORT_READ = "report:filing:read"  # duties, reports, notices, where things are
    REPORT_PREPARE = "report:filing:prepare"
    REPORT_FILE = "report:filing:send"  # to an authority; step-up besides, and never by a machine
    TAKEDOWN_ADD = "report:location:add"
    TAKEDOWN_RUN = "report:notice:send"  # never by a machine that no person told to
    POLICY_READ = "policy:rules:read"
    POLICY_PROPOSE = "policy:rules:propose"
    POLICY_APPROVE = "policy:rules:approve"  # the second person
    LOG_READ = "audit:log:read"
    WELLNESS_TOTALS = "audit:wellness:read"  # sums over people, never one person's figures
    USER_MANAGE = "admin:user:manage"
    KEY_MANAGE = "admin:key:manage"
    HOOK_MANAGE = "admin:webhook:manage"
    HOOK_GRANT = "review:webhook:grant"  # let a server hear of cases
    JOB_MANAGE = "admin:job:manage"
    METRICS_READ = "admin:metrics:read"


class Role(StrEnum):
    """What a person is in the service; one may be several."""

    REVIEWER = "reviewer"
    SENIOR = "senior_reviewer"
    LEAD = "child_safety_lead"
    CURATOR = "curator"
    AUDITOR = "auditor"  # reads logs, never media
    INTEGRATOR = "integrator"
    ADMIN = "admin"


class Scope(StrEnum):
    """What an API key is for."""

    GATE = "gate"
    LOOKUP = "lookup"
    CURATE = "curate"
    REVIEW = "review"
    REPORT = "report"
    ADMIN = "admin"


_P = Permission
_SEE = (_P.ITEM_READ, _P.CASE_READ)
_REVIEW = (*_SEE, _P.CASE_CLAIM, _P.CASE_DECIDE, _P.APPEAL_OPEN, _P.MEDIA_REVEAL, _P.OWN_ACCOUNT)
_SENIOR = (*_REVIEW, _P.CASE_APPROVE, _P.CASE_ROUTE, _P.APPEAL_DECIDE, _P.QUALITY_SEE)
_EVIDENCE = (_P.EVIDENCE_EXPORT, _P.EVIDENCE_HOLD, _P.EVIDENCE_DESTROY)
_CLOSING = (_P.REPORT_READ, _P.REPORT_PREPARE, _P.TAKEDOWN_ADD)
_POLICY = (_P.POLICY_READ, _P.POLICY_PROPOSE, _P.POLICY_APPROVE)

ROLES: Final[dict[Role, frozenset[Permission]]] = {
    Role.REVIEWER: frozenset(_REVIEW),
    Role.SENIOR: frozenset((*_SENIOR, *_CLOSING, _P.TAKEDOWN_RUN, _P.POLICY_READ)),
    Role.LEAD: frozenset(
        (
            *(*_SENIOR, *_EVIDENCE, *_CLOSING, *_POLICY),
            *(_P.TAKEDOWN_RUN, _P.REPORT_FILE, _P.HOOK_GRANT, _P.BANK_READ, _P.LOG_READ, _P.WELLNESS_TOTALS),
        )
    ),
    Role.CURATOR: frozenset((_P.BANK_READ, _P.BANK_WRITE, _P.LOOKUP, _P.OWN_ACCOUNT)),
    Role.AUDITOR: frozenset(
        (_P.LOG_READ, _P.CASE_READ, _P.REPORT_READ, _P.POLICY_READ, _P.WELLNESS_TOTALS, _P.OWN_ACCOUNT)
    ),
    Role.INTEGRATOR: frozenset((_P.KEY_MANAGE, _P.HOOK_MANAGE, _P.JOB_MANAGE, _P.METRICS_READ, _P.OWN_ACCOUNT)),
    Role.ADMIN: frozenset(
        (_P.USER_MANAGE, _P.KEY_MANAGE, _P.HOOK_MANAGE, _P.JOB_MANAGE, _P.METRICS_READ, _P.LOG_READ, _P.OWN_ACCOUNT)
    ),
}
"""An admin runs the service and sees no media; who sees media does not manage people."""

SCOPES: Final[dict[Scope, frozenset[Permission]]] = {
    Scope.GATE: frozenset((_P.GATE_CHECK, _P.ITEM_ADD)),
    Scope.LOOKUP: frozenset((_P.LOOKUP,)),
    Scope.CURATE: frozenset((_P.BANK_READ, _P.BANK_WRITE)),
    Scope.REVIEW: frozenset((*_SEE, _P.CASE_ROUTE, _P.APPEAL_OPEN)),
    Scope.REPORT: frozenset((*_SEE, *_CLOSING, _P.POLICY_READ, _P.EVIDENCE_EXPORT, _P.EVIDENCE_HOLD)),
    Scope.ADMIN: frozenset((_P.METRICS_READ, _P.JOB_MANAGE, _P.HOOK_MANAGE, _P.LOG_READ)),
}
"""Machines never reveal, decide, approve, destroy, or send a report or a notice: people do."""

SECOND_FACTOR: Final = frozenset(Role) - {Role.INTEGRATOR}
"""Roles whose people cannot do anything before they have set up a second factor."""


class ActorKind(StrEnum):
    """What acts."""

    USER = "user"
    KEY = "key"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did something, as logs name them: by a number that says nothing about the person. `id` of SYSTEM is empty."""

    kind: ActorKind
    id: str = ""

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}" if self.id else str(self.kind)


SYSTEM = Actor(ActorKind.SYSTEM)


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks, and what they may. `name` is for people; it goes into no log."""

    actor: Actor
    permissions: frozenset[Permission]
    name: str = ""

    def may(self, permission: Permission) -> bool:
        """Whether this is granted. What anyone may, this one may, too."""
        return permission is Permission.PUBLIC or permission in self.permissions


def granted(roles: Iterable[Role] = (), scopes: Iterable[Scope] = ()) -> frozenset[Permission]:
    """All permissions of these roles and scopes."""
    return frozenset().union(*(ROLES[role] for role in roles), *(SCOPES[scope] for scope in scopes))


def apart(roles: Iterable[Role]) -> str:
    """Why these roles may not be one person's; empty when they may.

    Who sees media neither manages people nor audits: who guards what is done must have no part in it.
    """
    roles = frozenset(roles)
    seeing = sorted(role for role in roles if Permission.MEDIA_REVEAL in ROLES[role])
    guarding = sorted(roles & {Role.ADMIN, Role.AUDITOR})
    if not (seeing and guarding):
        return ""
    return f"{seeing[0]} sees media, so it cannot be one person with {' or '.join(guarding)}"
