"""Hashing and matching, as HMA 1.1 answers."""

import json
from typing import Any

from django.http import HttpRequest, HttpResponse

from safelight.web.container import the_app
from safelight.web.hma.answers import RefusedError, told
from safelight.web.hma.signals import Hit, checked, extent, hashes_of, kinds_of, matches_of


def hash_media(request: HttpRequest) -> HttpResponse:
    """The hashes of a file."""
    return told(hashes_of(request))


def raw_lookup(request: HttpRequest) -> HttpResponse:
    """Ids of the entries that a signal matches."""
    hits = matches_of(_given(request, "signal_type"), _given(request, "signal"), _banks(request))
    numbers = _numbers(hits)
    if not _truth(request, "include_distance"):
        return told({"matches": [numbers[hit] for hit in hits]})
    return told({"matches": [{"bank_content_id": numbers[hit], "distance": hit.distance} for hit in hits]})


def lookup(request: HttpRequest) -> HttpResponse:
    """What a signal, or a file, matches, by bank."""
    if request.method == "GET" and not request.GET.get("url"):
        return told(_by_bank(_given(request, "signal_type"), _given(request, "signal"), _banks(request)))
    hashes = hashes_of(request)
    found = {kind: _by_bank(kind, signal, _banks(request)) if signal else {} for kind, signal in hashes.items()}
    selected = request.GET.get("signal_type")
    return told(found.get(selected, {}) if selected and request.method == "GET" else found)


def compare(request: HttpRequest) -> HttpResponse:
    """Whether pairs of hashes match, and how far they are apart."""
    return told({kind: _compared(kind, pair) for kind, pair in body_of(request).items()})


def index_status(request: HttpRequest) -> HttpResponse:
    """How much can be found, by signal type."""
    size, newest = extent([bank for bank in the_app().store.banks() if bank.enabled])
    return told({kind: {"present": True, "built_to": newest, "size": size} for kind in kinds_of(request)})


def status(request: HttpRequest) -> HttpResponse:
    """It lives: indexes are opened by whoever asks first."""
    del request
    return HttpResponse("I-AM-ALIVE", content_type="text/plain")


def body_of(request: HttpRequest) -> dict[str, Any]:
    """The JSON object that a request brings. Raises RefusedError."""
    try:
        found = json.loads(request.body)
    except (ValueError, RecursionError) as error:
        raise RefusedError(400, "the body is not JSON") from error
    if not isinstance(found, dict):
        raise RefusedError(400, "the body is not a JSON object")
    return found


def _compared(kind: str, pair: object) -> list[object]:
    if not isinstance(pair, list) or len(pair) != 2 or not all(isinstance(one, str) for one in pair):
        raise RefusedError(400, "two hashes are compared")
    one, other = (checked(kind, signal) for signal in pair)
    if kind != "pdq":
        return [one == other, {}]
    distance = (int(one, 16) ^ int(other, 16)).bit_count()
    return [distance <= 31, {"distance": distance}]


def _by_bank(kind: str, signal: str, banks: frozenset[str] | None) -> dict[str, list[dict[str, object]]]:
    hits = matches_of(kind, signal, banks)
    numbers = _numbers(hits)
    found: dict[str, list[dict[str, object]]] = {}
    for hit in hits:
        found.setdefault(hit.bank, []).append({"bank_content_id": numbers[hit], "distance": hit.distance})
    return found


def _numbers(hits: list[Hit]) -> dict[Hit, int]:
    """The numbers by which HMA knows entries; those that were removed this moment are left out with their hits."""
    store = the_app().store
    names = {bank: [hit.entry for hit in hits if hit.bank == bank] for bank in {hit.bank for hit in hits}}
    ids = {bank: store.entry_ids(store.bank(bank), entries) for bank, entries in names.items()}
    hits[:] = [hit for hit in hits if hit.entry in ids[hit.bank]]
    return {hit: ids[hit.bank][hit.entry] for hit in hits}


def _given(request: HttpRequest, name: str) -> str:
    if (value := request.GET.get(name)) is None:
        raise RefusedError(400, f"{name} is required")
    return value


def _banks(request: HttpRequest) -> frozenset[str] | None:
    text = request.GET.get("banks")
    return frozenset(text.split(",")) if text else None


def _truth(request: HttpRequest, name: str) -> bool:
    value = request.GET.get(name, "false").lower()
    if value not in {"true", "1", "false", "0"}:
        raise RefusedError(400, "invalid boolean parameter - prefer true/false")
    return value in {"true", "1"}
