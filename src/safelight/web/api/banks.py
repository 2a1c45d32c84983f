"""Banks and their entries: kept by curators, read by partners as a feed."""

from itertools import islice

from django.http import HttpRequest
from ninja import Router, Status
from ninja.decorators import decorate_view

from safelight.flow import banks as flow
from safelight.model.access import Permission
from safelight.model.bank import Bank, BankEntry, KnownHash
from safelight.web.access import api_auth
from safelight.web.api.bank_changes import changing, refuse_benign
from safelight.web.api.cursors import Cursor, Limit, opened, sealed
from safelight.web.api.idempotency import idempotent
from safelight.web.api.problem import INVALID, ProblemError
from safelight.web.api.schemas import BankName, EntryName, answers
from safelight.web.api.schemas_banks import (
    AddedOut,
    BankChange,
    BankIn,
    BankOut,
    BanksOut,
    EntriesIn,
    EntriesOut,
    EntryIn,
    EntryOut,
    HashOut,
)
from safelight.web.container import the_app

router = Router(tags=["banks"])
_READ, _WRITE = api_auth(Permission.BANK_READ), api_auth(Permission.BANK_WRITE)


@router.get("/banks", auth=_READ, response=answers(BanksOut), summary="All banks")
def banks(request: HttpRequest) -> BanksOut:
    """All banks, by name."""
    del request
    return BanksOut(banks=list(map(_bank, the_app().store.banks())))


@router.post("/banks", auth=_WRITE, response=answers(BankOut, 400, 409, status=201), summary="Make a bank")
@decorate_view(idempotent)
def create_bank(request: HttpRequest, new: BankIn) -> Status[BankOut]:
    """Make an empty bank. Known-benign ones (`negative`) are made by people, on the server."""
    refuse_benign(request, negative=new.negative)
    with changing(request, "created", new.name):
        made = flow.create_bank(the_app().store, new.name, **new.model_dump(exclude={"name"}))
    return Status(201, _bank(made))


@router.get("/banks/{name}", auth=_READ, response=answers(BankOut, 404), summary="A bank")
def bank(request: HttpRequest, name: BankName) -> BankOut:
    """A bank and its settings."""
    del request
    return _bank(the_app().store.bank(name))


@router.patch("/banks/{name}", auth=_WRITE, response=answers(BankOut, 400, 404), summary="Change a bank")
def change_bank(request: HttpRequest, name: BankName, change: BankChange) -> BankOut:
    """Change the settings that are given. Known-benign banks (`negative`) are changed by people, on the server."""
    options = change.model_dump(exclude_none=True)
    with changing(request, "changed", name) as details:
        refuse_benign(request, the_app().store.bank(name), negative=change.negative)
        changed = flow.change_bank(the_app().store, name, **options)
        details |= {option: str(value) for option, value in options.items() if option != "description"}
    return _bank(changed)


@router.delete("/banks/{name}", auth=_WRITE, response=answers(None, 404, status=204), summary="Remove a bank")
def delete_bank(request: HttpRequest, name: BankName) -> Status[None]:
    """Remove a bank with all that is kept of it."""
    app = the_app()
    shortlists = app.kept_shortlists()
    with changing(request, "deleted", name) as details:
        details["entries"] = str(app.store.bank(name).entries)
        flow.delete_bank(app.store, app.room, app.features, app.families, name, shortlists, app.clips)
    return Status(204, None)


@router.get("/banks/{name}/entries", auth=_READ, response=answers(EntriesOut, 404), summary="Entries of a bank")
def entries(request: HttpRequest, name: BankName, cursor: Cursor = None, limit: Limit = 100) -> EntriesOut:
    """A page of entries, the oldest first, and which hashes went since the page before.

    To follow a bank, keep the last cursor and ask again: new entries come at the end, and `removed` names the hashes,
    by their ids, of those that are gone. What expires is told by `expires`.
    """
    del request
    store = the_app().store
    found = store.bank(name)
    listing = f"entries.{found.id}"
    after, step = opened(listing, cursor, [0, store.last_change(found)])
    page = list(islice(store.entries(found, after), limit + 1))
    kept = page[:limit]
    changes = store.changes(found, step, flow.PAGE)
    place = [kept[-1].id if kept else after, changes[-1].seq if changes else step]
    return EntriesOut(
        entries=list(map(_entry, kept)),
        removed=[change.hash_id for change in changes if change.pdq is None],
        more=len(page) > limit or len(changes) == flow.PAGE,
        next_cursor=sealed(listing, place),
    )


@router.post(
    "/banks/{name}/entries",
    auth=_WRITE,
    response=answers(AddedOut, 400, 404, 409, 413, status=201),
    summary="Add entries by their hashes",
)
@decorate_view(idempotent)
def add_entries(request: HttpRequest, name: BankName, new: EntriesIn) -> Status[AddedOut]:
    """Add entries. They are found by look-ups from then on; pictures that were altered, by their media alone.

    To known-benign banks, people add on the server.
    """
    app = the_app()
    found = app.store.bank(name)
    refuse_benign(request, found)
    known = [_known(number, entry) for number, entry in enumerate(new.entries)]
    with changing(request, "entries_added", name) as details:
        added, present = app.store.add(found, known)
        details["count"] = str(added)
    flow.sync_index(app.store, app.room, found)
    return Status(201, AddedOut(added=added, present=present))


@router.delete(
    "/banks/{name}/entries/{path:entry}",
    auth=_WRITE,
    response=answers(None, 404, status=204),
    summary="Remove an entry",
)
def delete_entry(request: HttpRequest, name: BankName, entry: EntryName) -> Status[None]:
    """Remove an entry with all that is kept of it."""
    app = the_app()
    shortlists = app.kept_shortlists()
    with changing(request, "entries_removed", name) as details:
        details["count"] = "1"
        flow.remove_entries(app.store, app.room, app.features, app.families, name, [entry], shortlists, app.clips)
    return Status(204, None)


def _bank(one: Bank) -> BankOut:
    return BankOut(
        name=one.name,
        threshold=one.threshold,
        min_quality=one.min_quality,
        enabled=one.enabled,
        negative=one.negative,
        description=one.description,
        entries=one.entries,
        local=one.local,
    )


def _entry(one: BankEntry) -> EntryOut:
    return EntryOut(
        name=one.name,
        hashes=[HashOut(id=h.id, kind=h.kind, value=h.value, quality=h.quality) for h in one.hashes],
        classification=one.classification,
        source=one.source,
        expires=one.expires,
        metadata=one.metadata,
    )


def _known(number: int, one: EntryIn) -> BankEntry:
    """The entry, checked for what its schema cannot say."""
    digests = {"md5": one.md5, "sha1": one.sha1, "sha256": one.sha256}
    hashes = [KnownHash("pdq", code, one.quality) for code in dict.fromkeys(one.pdq)]
    hashes += [KnownHash(kind, value) for kind, value in digests.items() if value is not None]
    if not hashes:
        where = {"where": ["body", "entries", str(number)], "what": "it has no hash"}
        raise ProblemError(INVALID, "something in the request cannot be used", [where])
    return BankEntry(one.name, tuple(hashes), one.classification, one.source, one.expires, dict(one.metadata))
