"""What a notice may say, out of the dossier of its case."""

from datetime import datetime

from safelight.model.dossier import Dossier, DossierPlace
from safelight.model.filing import Body
from safelight.model.notice import NoticeFacts, NoticeItem
from safelight.model.takedown import Location, Notice, NoticeState, Place

_THERE = frozenset({Place.PRESENT, Place.ALTERED, Place.MOVED})
_TOLD = frozenset(NoticeState) - {NoticeState.WAITING, NoticeState.FAILED}


def facts_of(dossier: Dossier, location: Location, told: Notice, due: datetime | None = None) -> NoticeFacts:
    """The facts of one notice about one URL; `due`: when an answer is asked for by. KeyError for an unknown item.

    Reports are those at NCMEC, the one body whose numbers hosts know.
    """
    item = dossier.item(location.item)
    returned = location.past[-1] if location.past else None
    before = (one for one in location.in_force if one.id != told.id and one.state in _TOLD)
    return NoticeFacts(
        reference=told.id,
        urls=(location.url,),
        items=(NoticeItem(item.id, item.sha256, item.md5),),
        seen=location.last_look if location.place in _THERE else None,
        due=due,
        basis=told.basis,
        classification=dossier.classification,
        artificialness=dossier.artificialness,
        reports=tuple(dossier.numbers(item.id, Body.NCMEC)),
        addresses=location.contacts.addresses if location.contacts else (),
        earlier=tuple(
            (one.contact.scope, one.sent) for one in before if one.sent and (returned is None or one.sent > returned)
        ),
        returned=returned,
        found=found_there(location, item.sha256),
    )


def found_there(location: Location, known: str) -> str:
    """SHA-256 of what was found there last, where those are not the known bytes; empty where they are, or not seen."""
    there = location.there
    return there.sha256 if there is not None and there.sha256 and there.sha256 != known else ""


def place_of(location: Location) -> DossierPlace:
    """Where it is, as documents say it."""
    return DossierPlace(
        location.id,
        location.item,
        location.url,
        location.added,
        location.place,
        location.last_look,
        location.gone,
        location.returned,
        location.contacts.addresses if location.contacts else (),
    )
