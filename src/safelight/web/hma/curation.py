"""Banks and their content, as HMA 1.1 answers. An entry's number is HMA's `bank_content_id`."""

import json
from contextlib import suppress
from typing import Any
from uuid import uuid4

from django.http import HttpRequest, HttpResponse

from safelight.flow.banks import change_bank, create_bank, delete_bank, remove_entries
from safelight.model.bank import Bank, BankEntry, KnownHash
from safelight.model.errors import UnknownBankError
from safelight.web.api.bank_changes import changing, refuse_benign
from safelight.web.container import the_app
from safelight.web.hma.answers import RefusedError, told
from safelight.web.hma.signals import TYPES, extent, hashes_of, kinds_of, known_hash
from safelight.web.hma.views import body_of

_KINDS = {"pdq": "pdq", "md5": "video_md5"}


def banks(request: HttpRequest) -> HttpResponse:
    """All banks."""
    del request
    return told([_bank(bank) for bank in the_app().store.banks()])


def add_bank(request: HttpRequest) -> HttpResponse:
    """A new bank."""
    given = body_of(request)
    if not isinstance(name := given.get("name"), str):
        raise RefusedError(400, "name is required")
    with changing(request, "created", name):
        made = create_bank(the_app().store, name)
        if not _enabled(given, default=True):
            made = change_bank(the_app().store, name, enabled=False)
    return told(_bank(made), 201)


def bank(request: HttpRequest, name: str) -> HttpResponse:
    """One bank."""
    del request
    return told(_bank(_found(name)))


def change(request: HttpRequest, name: str) -> HttpResponse:
    """Rename a bank, enable or disable it."""
    given, found = body_of(request), _found(name)
    if "name" in given and given["name"] != name:
        raise RefusedError(400, "banks are not renamed: indexes and families are named after them")
    refuse_benign(request, found)
    enabled = _enabled(given, default=found.enabled)
    with changing(request, "changed", name) as details:
        details["enabled"] = str(enabled)
        changed = change_bank(the_app().store, name, enabled=enabled)
    return told(_bank(changed))


def drop(request: HttpRequest, name: str) -> HttpResponse:
    """Delete a bank; one that is not there is as good as deleted."""
    app = the_app()
    with suppress(UnknownBankError), changing(request, "deleted", name) as details:
        details["entries"] = str(app.store.bank(name).entries)
        delete_bank(app.store, app.room, app.features, app.families, name, app.kept_shortlists(), app.clips)
    return told({"message": "Done"})


def add_content(request: HttpRequest, name: str) -> HttpResponse:
    """Add a file's hashes; the file itself is not kept."""
    found = _found(name)
    metadata = _metadata(request)
    signals = {kind: value for kind, value in hashes_of(request).items() if value}
    return told(_added(request, found, signals, metadata))


def add_signal(request: HttpRequest, name: str) -> HttpResponse:
    """Add hashes."""
    found, given = _found(name), body_of(request)
    note = given.pop("note", "")
    return told(_added(request, found, given, {"note": str(note)} if note else {}))


def content(request: HttpRequest, name: str, number: int) -> HttpResponse:
    """One entry."""
    found, entry = _content(name, number)
    answer: dict[str, Any] = {
        "id": number,
        "disable_until_ts": 0,
        "original_media_uri": entry.metadata.get("content_uri"),
        "bank": _bank(found),
    }
    if request.GET.get("include_signals") in {"true", "1"}:
        answer["signals"] = {_KINDS[one.kind]: one.value for one in entry.hashes if one.kind in _KINDS}
    if request.GET.get("include_metadata") in {"true", "1"}:
        answer["metadata"] = {name: value for name, value in entry.metadata.items() if name != "note"}
    if note := entry.metadata.get("note"):
        answer["note"] = note
    return told(answer)


def drop_content(request: HttpRequest, name: str, number: int) -> HttpResponse:
    """Remove an entry."""
    app = the_app()
    found = _found(name)
    if not app.store.existing(found, [number]):
        return told({"deleted": 0})
    _, entry = _content(name, number)
    shortlists = app.kept_shortlists()
    with changing(request, "entries_removed", name) as details:
        details["count"] = "1"
        remove_entries(app.store, app.room, app.features, app.families, name, [entry.name], shortlists, app.clips)
    return told({"deleted": 1})


def not_here(request: HttpRequest, **_of: object) -> HttpResponse:
    """What Safelight does elsewhere, or not at all."""
    del request
    raise RefusedError(501, "not offered through this face; see docs/hma.md")


def signal_types(request: HttpRequest) -> HttpResponse:
    """The kinds of hashes."""
    del request
    return told([{"name": kind, "enabled_ratio": 1.0} for kind in TYPES])


def content_types(request: HttpRequest) -> HttpResponse:
    """The kinds of files."""
    del request
    return told([{"name": kind, "enabled": True} for kind in TYPES.values()])


def signal_type_index(request: HttpRequest) -> HttpResponse:
    """Indexes are brought up to date when they are asked, so none is ever behind."""
    size, newest = extent(the_app().store.banks())
    state = {
        "db_size": size,
        "index_size": size,
        "index_out_of_date": False,
        "newest_db_item": newest,
        "index_built_to": newest,
    }
    return told(dict.fromkeys(kinds_of(request), state))


def exchanges(request: HttpRequest) -> HttpResponse:
    """None: lists are imported, not fetched through this face."""
    del request
    return told([])


def _found(name: str) -> Bank:
    try:
        return the_app().store.bank(name)
    except UnknownBankError as error:
        raise RefusedError(404, f"bank '{name}' not found") from error


def _content(name: str, number: int) -> tuple[Bank, BankEntry]:
    found = _found(name)
    entry = the_app().store.by_entry_ids([number]).get(number)
    if entry is None or not the_app().store.existing(found, [number]):
        raise RefusedError(404, f"content '{number}' not found")
    return found, entry


def _bank(bank: Bank) -> dict[str, object]:
    return {"name": bank.name, "matching_enabled_ratio": 1.0 if bank.enabled else 0.0}


def _enabled(given: dict[str, Any], *, default: bool) -> bool:
    """What HMA says by a ratio. A bank here is either matched against or not."""
    if (ratio := given.get("enabled_ratio")) is not None:
        try:
            return float(ratio) > 0
        except (TypeError, ValueError) as error:
            raise RefusedError(400, f"Invalid float: {str(ratio)[:20]!r}") from error
    return given.get("enabled", default) in {True, "true", "1"}


def _metadata(request: HttpRequest) -> dict[str, str]:
    text = request.POST.get("metadata") or request.GET.get("metadata") or "{}"
    try:
        given = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise RefusedError(400, "metadata should be a json object") from error
    if not isinstance(given, dict):
        raise RefusedError(400, "metadata should be a json object")
    if unexpected := sorted(set(given) - {"content_id", "content_uri", "json"}):
        raise RefusedError(400, f"metadata contains unexpected keys: {', '.join(unexpected)}")
    kept = {name: value if isinstance(value, str) else json.dumps(value) for name, value in given.items()}
    if note := request.POST.get("note") or request.GET.get("note"):
        kept["note"] = note[:255]
    return kept


def _added(request: HttpRequest, bank: Bank, signals: dict[str, Any], metadata: dict[str, str]) -> dict[str, object]:
    refuse_benign(request, bank)
    if not signals:
        raise RefusedError(400, "No signals given")
    hashes: list[KnownHash] = []
    for kind, value in signals.items():
        if not isinstance(value, str):
            raise RefusedError(400, f"Invalid {kind} signal: it is not a text")
        hashes.append(known_hash(kind, value))
    entry = BankEntry(f"hma-{uuid4().hex}", tuple(hashes), source="hma", metadata=metadata)
    with changing(request, "entries_added", bank.name) as details:
        details["count"] = "1"
        the_app().store.add(bank, [entry])
    number = the_app().store.entry_ids(bank, [entry.name])[entry.name]
    return {"id": number, "signals": {_KINDS[one.kind]: one.value for one in hashes}}
