"""Routes of this part."""

from django.urls import URLPattern, URLResolver, include, path, re_path

from safelight.web.api import pages
from safelight.web.api.api import api
from safelight.web.api.door import patterns

urlpatterns: list[URLPattern | URLResolver] = [
    path("v1/", include(list(patterns(api)))),
    path("openapi.json", pages.openapi, name="openapi"),
    path("docs", pages.docs, name="api-docs"),
    re_path("", pages.nothing),
]
