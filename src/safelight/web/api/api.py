"""The API, put together, and its OpenAPI document."""

from collections.abc import Iterator
from typing import Any

from ninja import NinjaAPI, Router
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation

from safelight import __version__
from safelight.model.access import Permission
from safelight.web.access import api_auth
from safelight.web.api import (
    banks,
    cases,
    duties,
    families,
    feeds,
    filings,
    gate,
    idempotency,
    items,
    lookup,
    policy,
    problem,
    removals,
    statements,
    takedowns,
)
from safelight.web.api.schemas import ALWAYS, Problem
from safelight.web.hooks import api as webhooks

PREFIX = "/api/v1/"
_PROBLEM = "#/components/schemas/Problem"
_SECURITY = {
    "bearer": {"type": "http", "scheme": "bearer"},
    "key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
}
_IDEMPOTENCY_KEY = {
    "in": "header",
    "name": idempotency.HEADER,
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": idempotency.LONGEST, "pattern": "^[!-~]+$"},
    "description": "the same request under the same key gets the same answer for 24 hours, and is done once",
}
_DESCRIPTION = (
    "Hand in files, look hashes up, keep banks, follow cases. Every error is a problem (RFC 9457); every answer has "
    "the request's id in `X-Request-Id`. Without the permission that an operation names, the answer is the same "
    "whether or not there is anything."
)


class SafelightAPI(NinjaAPI):
    """Completes the document with what is the same for all operations."""

    def get_openapi_schema(self, **_where: object) -> OpenAPISchema:
        """The document. Problems have their media type; operations say what they ask for."""
        document = super().get_openapi_schema(path_prefix=PREFIX)
        schema = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        document["components"]["schemas"] |= {**schema.pop("$defs", {}), "Problem": schema}
        document["components"]["securitySchemes"] = _SECURITY
        for method, path, operation in self._each():
            told = document["paths"][PREFIX.rstrip("/") + path][method.lower()]
            _complete(told, operation)
        return document

    def operations(self) -> list[tuple[str, str, Permission, str]]:
        """Method, path below `PREFIX`, permission and summary of every operation, in the order of the document."""
        return [(method, path, _permission(one), one.summary or "") for method, path, one in self._each()]

    def _each(self) -> Iterator[tuple[str, str, Operation]]:
        for bound in self._get_bound_routers():
            for path, view in bound.path_operations.items():
                for operation in view.operations:
                    for method in operation.methods:
                        yield method, _joined(bound.prefix, path), operation


def _permission(operation: Operation) -> Permission:
    return next(auth.permission for auth in operation.auth_callbacks if isinstance(auth, api_auth))


def _joined(prefix: str, path: str) -> str:
    """A path as the document writes it: no names of converters."""
    whole = "/".join(("", *(part for part in (*prefix.split("/"), *path.split("/")) if part)))
    return "/".join(
        "{" + part.strip("{}").rpartition(":")[2] + "}" if part.startswith("{") else part for part in whole.split("/")
    )


def _complete(told: dict[str, Any], operation: Operation) -> None:
    """Say of an operation what it shares with others."""
    permission = _permission(operation)
    decorators = getattr(operation, "_run_decorators", ())
    if any(getattr(one, "func", one) is idempotency.idempotent for one in decorators):
        told["parameters"].append(_IDEMPOTENCY_KEY)
    told["security"] = [{name: []} for name in _SECURITY]
    told["x-permission"] = permission.value
    told["description"] = f"{told.get('description', '')}\n\nPermission: `{permission.value}`".strip()
    responses = told["responses"]
    named = any(parameter["in"] == "path" for parameter in told["parameters"])
    for status in (*ALWAYS, *((400, 413) if "requestBody" in told else ()), *((404,) if named else ())):
        responses.setdefault(status, {"description": Problem.__doc__ or ""})
    for status, response in responses.items():
        own = [one["schema"].get("$ref", "") for one in response.get("content", {}).values()]
        if isinstance(status, int) and status >= 400 and not any(map(_is_answer, own)):
            response["content"] = {problem.MEDIA_TYPE: {"schema": {"$ref": _PROBLEM}}}


def _is_answer(reference: str) -> bool:
    """Whether this is the schema of an answer that is no problem, as 451 of the gate."""
    return reference not in {"", _PROBLEM}


def _made() -> SafelightAPI:
    made = SafelightAPI(
        title="Safelight", version=__version__, description=_DESCRIPTION, openapi_url=None, docs_url=None
    )
    problem.register(made)
    parts: tuple[Router, ...] = (
        items.router,
        lookup.router,
        banks.router,
        cases.router,
        families.router,
        feeds.router,
        duties.router,
        removals.router,
        filings.router,
        takedowns.router,
        policy.router,
        statements.router,
    )
    made.add_router("", gate.router)
    for router in parts:
        made.add_router("", router)
    made.add_router("/webhooks", webhooks.router)
    return made


api = _made()
"""The one of this process."""
