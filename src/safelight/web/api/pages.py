"""What is public of the API: its OpenAPI document, a page to read it on, and that nothing is at other addresses."""

from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt

from safelight.model.access import Permission
from safelight.web.access import requires
from safelight.web.api.api import api
from safelight.web.api.problem import METHOD, NOT_FOUND, kinds, problem


@cache
def document() -> dict[str, Any]:
    """The OpenAPI document; it is the same for everybody, whatever they may."""
    return dict(api.get_openapi_schema())


@csrf_exempt  # so that all errors are told in the same way: nothing is done here
@requires(Permission.PUBLIC)
def openapi(request: HttpRequest) -> HttpResponse:
    """The document, for programs."""
    return _not_read(request) or JsonResponse(document())


@csrf_exempt
@requires(Permission.PUBLIC)
def docs(request: HttpRequest) -> HttpResponse:
    """The document, for people: a plain page, without a script or anything from elsewhere."""
    if refused := _not_read(request):
        return refused
    told: dict[str, Any] = {"title": api.title, "version": api.version, "description": api.description}
    return render(request, "api/docs.html", {**told, "groups": list(_groups().items()), "kinds": list(kinds())})


@csrf_exempt
@requires(Permission.PUBLIC)
def nothing(request: HttpRequest) -> HttpResponse:
    """The answer of addresses below the API's where there is nothing."""
    return problem(request, NOT_FOUND, "see the OpenAPI document at /api/openapi.json")


def _not_read(request: HttpRequest) -> HttpResponse | None:
    """The refusal of methods that do not read."""
    if request.method in {"GET", "HEAD"}:
        return None
    return problem(request, METHOD, "see Allow", headers={"Allow": "GET, HEAD"})


def _groups() -> dict[str, list[dict[str, Any]]]:
    """Operations by their tag, in the order of the document."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for path, methods in document()["paths"].items():
        for method, operation in methods.items():
            told = {"method": method.upper(), "path": path}
            body = operation.get("requestBody", {}).get("content", {})
            told |= {
                "id": operation["operationId"],
                "summary": operation["summary"],
                "text": operation["description"].partition("\n\nPermission")[0],
                "permission": operation["x-permission"],
                "parameters": operation["parameters"],
                "bodies": [{"type": kind, "schema": _name(one["schema"])} for kind, one in body.items()],
                "answers": [
                    {"status": status, "schema": [_name(one["schema"]) for one in answer.get("content", {}).values()]}
                    for status, answer in operation["responses"].items()
                ],
            }
            groups.setdefault((operation.get("tags") or ["other"])[0], []).append(told)
    return groups


def _name(schema: dict[str, Any]) -> str:
    return str(schema.get("$ref", schema.get("title", ""))).rpartition("/")[2]
