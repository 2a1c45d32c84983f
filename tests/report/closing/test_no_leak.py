"""No document holds media, a reviewer, a note, a path or a place in the vault: they are planted all around, and sought.

The dossier is built as the service builds it, from a log in which each of these things stands.
"""

import base64
import io
import json
import zipfile

import pytest

from safelight.model.dossier import Document
from safelight.model.filing import Body
from safelight.report.closing.bundles import documents
from safelight.report.closing.case_uco import case_document
from safelight.report.closing.summary import content, summary
from safelight.report.closing.vics import vics
from safelight.report.closing.xarf import xarf_document
from tests.closing import MEDIA, NOTE, PLANTED, REVIEWERS, World
from tests.report.closing.dossiers import AT

SECRETS = (*PLANTED, NOTE, *REVIEWERS)


def everything(world: World) -> list[Document]:
    found = world.dossier()
    place = found.places[0]
    made = [
        xarf_document(found, place.item, place, "0195558d-0000-7000-8000-0000000000aa", AT),
        case_document(found, AT),
        Document("vics.json", "application/json", b"".join(vics([found]))),
        summary(found, AT),
        Document("summary.json", "application/json", json.dumps(content(found, AT)).encode()),
        *(one for body in (Body.CYBERTIP_CA, Body.NCA, Body.POLICE) for one in documents(body, found, AT)),
    ]
    told = world.statements().make(None, world.case, found.items[0].id)
    made.append(Document("statement.txt", "text/plain", told.text.encode()))
    bodies = world.statements().database(world.began, world.clock.now())
    return [*made, *(Document("tdb.json", "application/json", json.dumps(body).encode()) for body in bodies)]


def forms(secret: str) -> tuple[bytes, ...]:
    raw = secret.encode()
    return raw, base64.b64encode(raw)[:-4], raw.hex().encode(), json.dumps(secret)[1:-1].encode()


@pytest.fixture(scope="module")
def made() -> list[Document]:
    return everything(World())


def test_the_world_holds_what_is_sought() -> None:
    """Else the search below would find nothing for the wrong reason."""
    world = World()
    held = repr([*world.cases.entries, *world.cases.kept_items.values()])
    held += str([str(one.event.actor) for one in world.cases.entries])
    assert [secret for secret in SECRETS if secret not in held] == []


@pytest.mark.parametrize("secret", SECRETS)
def test_no_document_holds_it(made: list[Document], secret: str) -> None:
    holding = [(one.name, form) for one in made for form in forms(secret) if form in one.content]
    assert holding == []


def test_no_document_holds_media(made: list[Document]) -> None:
    pieces = [MEDIA, base64.b64encode(MEDIA)[:-4], MEDIA.hex().encode(), MEDIA.hex().upper().encode()]
    assert [one.name for one in made for piece in pieces if piece in one.content] == []


def test_all_kinds_were_searched(made: list[Document]) -> None:
    assert len({one.name for one in made}) == 11
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        for number, one in enumerate(made):
            file.writestr(f"{number}-{one.name}", one.content)
    assert packed.tell() > 10_000
