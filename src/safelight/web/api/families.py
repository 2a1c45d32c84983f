"""Families: what a picture comes from, and what comes from it."""

from django.http import Http404, HttpRequest
from ninja import Router

from safelight.flow.family import find_family
from safelight.model.access import Permission
from safelight.web.access import api_auth
from safelight.web.api.schemas import FamilyId, answers
from safelight.web.api.schemas_cases import BranchOut, EdgeOut, FamilyOut, LeadOut, MemberOut
from safelight.web.container import the_app

router = Router(tags=["families"])


@router.get(
    "/families/{family_id}",
    auth=api_auth(Permission.CASE_READ),
    response=answers(FamilyOut, 404),
    summary="A family",
)
def family(request: HttpRequest, family_id: FamilyId) -> FamilyOut:
    """The family that has this id, by all that the service and scans have found; its tree hangs on known items."""
    del request
    app = the_app()
    found = find_family(family_id, app.store, app.families)
    if found is None:
        raise Http404
    case = app.cases.case_of_family(found.id)
    return FamilyOut(
        id=found.id,
        members=[MemberOut(kind=m.kind, identity=m.identity, name=m.name, sha256=m.sha256) for m in found.members],
        edges=[
            EdgeOut(
                child=edge.child,
                parent=edge.parent,
                kind=edge.kind,
                distance=edge.evidence.distance,
                inliers=edge.evidence.inliers,
                p_false_match=edge.evidence.p_false_match,
                altered=edge.evidence.altered,
                mirrored=edge.evidence.mirrored,
            )
            for edge in found.edges
        ],
        tree=[BranchOut(item=branch.item, depth=branch.depth, under=branch.under) for branch in found.tree],
        leads=[LeadOut(item=lead.item, entry=lead.entry) for lead in found.leads],
        case_id=case.id if case else None,
    )
