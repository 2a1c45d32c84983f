"""The policy, for programs to read. People change it, two of them, in the console."""

from django.http import HttpRequest
from ninja import Router

from safelight.model.access import Permission
from safelight.model.policy import PolicyVersion
from safelight.web.access import api_auth
from safelight.web.api.schemas import answers
from safelight.web.api.schemas_takedown import PolicyOut, PolicyVersionOut, PolicyVersionsOut
from safelight.web.container import the_app

router = Router(tags=["policy"])

_READ = api_auth(Permission.POLICY_READ)


@router.get("/policy", auth=_READ, response=answers(PolicyOut), summary="The policy in force")
def policy(request: HttpRequest) -> PolicyOut:
    """The rules that are asked about files and cases, as they were written."""
    del request
    policies = the_app().policies
    version = policies.in_force()
    return PolicyOut(version=_version(version) if version else None, text=policies.text(), trouble=policies.trouble())


@router.get("/policy/versions", auth=_READ, response=answers(PolicyVersionsOut), summary="Versions of the policy")
def versions(request: HttpRequest) -> PolicyVersionsOut:
    """The history of the policy: what was proposed, and what came of it. Who did is in the log."""
    del request
    return PolicyVersionsOut(versions=list(map(_version, the_app().policies.versions())))


def _version(one: PolicyVersion) -> PolicyVersionOut:
    return PolicyVersionOut.model_validate(one, from_attributes=True)
