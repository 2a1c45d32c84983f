"""Look-ups by hash: what partners ask who must not send media."""

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from ninja import Router

from safelight.match import queries
from safelight.model.access import Permission
from safelight.model.fingerprint import Digests
from safelight.model.match import Match
from safelight.web.access import api_auth
from safelight.web.api.schemas import HitOut, LookupIn, LookupOut, Query, ResultOut, answers
from safelight.web.container import the_app

router = Router(tags=["lookup"])


@router.post(
    "/lookup", auth=api_auth(Permission.LOOKUP), response=answers(LookupOut, 400, 404, 413), summary="Look hashes up"
)
def lookup(request: HttpRequest, asked: LookupIn) -> HttpResponse:
    """What the banks hold of these hashes: by digest exactly, by PDQ within each bank's threshold.

    Nothing is kept of what was asked. An idempotency key means nothing here: asking twice changes nothing.
    """
    del request
    every = the_app().live.lookup([_codes(one) for one in asked.queries], [_digests(one) for one in asked.queries])
    found = [[match for match in matches if not asked.banks or match.bank in asked.banks] for matches in every]
    sources = _sources({(match.bank, match.entry) for matches in found for match in matches})
    results = zip(asked.queries, found, strict=True)
    told = LookupOut(
        results=[ResultOut(id=one.id, matches=[_hit(match, sources) for match in matches]) for one, matches in results]
    )
    return HttpResponse(told.model_dump_json(), content_type="application/json")  # it need not be checked once more


def _codes(one: Query) -> Sequence[queries.Query]:
    return [] if one.pdq is None else [queries.Query(one.pdq, one.quality)]


def _digests(one: Query) -> Digests | None:
    if not (one.md5 or one.sha1 or one.sha256):
        return None
    return Digests(one.md5 or "", one.sha1 or "", one.sha256 or "", 0)


def _sources(entries: set[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """Where each of these entries comes from, by two queries for each bank."""
    store, found = the_app().store, {}
    for bank in the_app().live.banks() if entries else ():
        ids = store.entry_ids(bank, [entry for name, entry in entries if name == bank.name])
        kept = store.by_entry_ids(ids.values())
        found.update({(bank.name, entry): kept[number].source for entry, number in ids.items() if number in kept})
    return found


def _hit(match: Match, sources: dict[tuple[str, str], str]) -> HitOut:
    source = sources.get((match.bank, match.entry))
    return HitOut(
        match_type=match.kind,
        algorithm=match.algorithm,
        bank=match.bank,
        entry=match.entry,
        classification=match.classification,
        sources=[source] if source else [],
        distance=match.distance,
        p_false_match=match.p_false_match,
        negative=match.negative,
        suppressed_by=match.suppressed_by,
    )
