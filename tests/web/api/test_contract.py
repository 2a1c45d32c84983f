"""The whole OpenAPI document, held against the service: every answer is one that it documents."""

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from itertools import count
from typing import Any

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from safelight.model.access import SYSTEM, Permission, Principal, Scope
from safelight.model.bank import Bank
from safelight.model.errors import FetchError
from safelight.model.notice import RemovalRequest
from safelight.model.service import GateAnswer, GateVerdict, Item
from safelight.web.api import gate
from safelight.web.api.pages import document
from safelight.web.container import the_app
from tests.rows import row_of
from tests.web.api.conftest import KNOWN, NEAR, at_work

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    unsupported_method,
]
OPERATIONS = [
    (method.upper(), path)
    for path, methods in document()["paths"].items()
    for method in methods
    if method != "parameters"
]
EXAMPLES, SOAKED = 5, 300


class _Gate:
    """Says all that a gate can say."""

    def __init__(self) -> None:
        self.verdicts = iter(list(GateVerdict) * 1_000)

    async def check(self, *_asked: object) -> GateAnswer:
        return GateAnswer(next(self.verdicts), checked=True, row=row_of("upload"))


class _Fetcher:
    """Gets something of every other address."""

    def __init__(self) -> None:
        self.turn = count()

    def fetch(self, url: str) -> BytesIO:
        if next(self.turn) % 2:
            raise FetchError(cause="there is nothing")
        return BytesIO(url.encode())


@dataclass
class Place:
    """A service with things in it. `ids`: of what is there, by the name of the parameter."""

    schema: Any
    keys: tuple[str, ...]
    ids: Callable[[str], list[str]]


@pytest.fixture
def place(
    committed_db: None,
    key: Callable[..., str],
    listed: Bank,
    take: Callable[..., Item],
    monkeypatch: pytest.MonkeyPatch,
) -> Place:
    items = [take(b"1", NEAR), take(b"2", KNOWN), take(b"3")]
    made = _Gate()
    monkeypatch.setattr(gate, "the_gate", lambda: made)
    monkeypatch.setitem(vars(the_app()), "fetcher", _Fetcher())
    app = the_app()
    works = [at_work(item.case, item.id) for item in items if item.case]
    lead, said = Principal(SYSTEM, frozenset(Permission)), RemovalRequest(belief="nobody asked me")
    asked = [app.requests.receive(lead, item.case, item.id, said, item.created) for item in items if item.case]

    def ids(parameter: str) -> list[str]:
        families = [case.family for case in app.cases.cases() if case.family]
        return {
            "item_id": [item.id for item in items],
            "case_id": [case.id for case in app.cases.cases()],
            "family_id": families,
            "name": [bank.name for bank in app.store.banks()],
            "entry": ["a", "c/with a slash"],
            "pack_id": ["us", "eu"],
            "duty_id": [work.duty for work in works],
            "filing_id": [work.filing for work in works],
            "statement_id": [work.statement for work in works],
            "location_id": [work.location for work in works],
            "notice_id": [work.notice for work in works],
            "request_id": [made.id for made in asked],
        }.get(parameter, [])

    schema = schemathesis.openapi.from_dict(document())
    schema.app = get_wsgi_application()
    return Place(schema, (key(*Scope), key(Scope.GATE)), ids)


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_every_answer_is_documented(place: Place, method: str, path: str) -> None:
    _hold(place, method, path, EXAMPLES)


@pytest.mark.soak
@pytest.mark.timeout(3_000)
@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_every_answer_is_documented_for_long(place: Place, method: str, path: str) -> None:
    _hold(place, method, path, SOAKED)


def _hold(place: Place, method: str, path: str, examples: int) -> None:
    operation = place.schema[path][method]

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(
        case=operation.as_strategy(), who=st.sampled_from((None, *place.keys[1:], *[place.keys[0]] * 4)), data=st.data()
    )
    def held(case: Any, who: str | None, data: st.DataObject) -> None:
        for name in list(case.path_parameters or {}):
            # Always one number: what is there changes with every call, and what is drawn must not depend on it.
            chosen, there = data.draw(st.integers(0, 255)), place.ids(name)
            case.path_parameters[name] = [case.path_parameters[name], *there][chosen % (len(there) + 1)]
        case.headers = {
            k: v for k, v in (case.headers or {}).items() if k.lower() not in {"authorization", "x-api-key"}
        }
        headers = {"Authorization": f"Bearer {who}"} if who else {}
        response = case.call(headers=headers)
        case.validate_response(response, checks=CHECKS)
        if who is None:
            assert response.status_code in {401, 404}  # 404: no such address, whoever asks; see test_door for the rest

    held()
