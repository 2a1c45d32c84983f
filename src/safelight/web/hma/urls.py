"""Routes that answer as HMA 1.1 does, where SAFELIGHT_HMA is on."""

from django.urls import path

from safelight.model.access import Permission
from safelight.web.hma import curation, views
from safelight.web.hma.answers import route

_ASK, _READ, _WRITE, _OPEN = Permission.LOOKUP, Permission.BANK_READ, Permission.BANK_WRITE, Permission.PUBLIC

_CONTENT = "c/bank/<str:name>/content/<int:number>"

urlpatterns = [
    path("h/hash", route(GET=(_ASK, views.hash_media), POST=(_ASK, views.hash_media))),
    path("m/raw_lookup", route(GET=(_ASK, views.raw_lookup))),
    path("m/lookup", route(GET=(_ASK, views.lookup), POST=(_ASK, views.lookup))),
    path("m/compare", route(POST=(_ASK, views.compare))),
    path("m/index/status", route(GET=(_ASK, views.index_status))),
    path("c/banks", route(GET=(_READ, curation.banks), POST=(_WRITE, curation.add_bank))),
    path(
        "c/bank/<str:name>",
        route(GET=(_READ, curation.bank), PUT=(_WRITE, curation.change), DELETE=(_WRITE, curation.drop)),
    ),
    path("c/bank/<str:name>/content", route(POST=(_WRITE, curation.add_content))),
    path("c/bank/<str:name>/signal", route(POST=(_WRITE, curation.add_signal))),
    path(
        _CONTENT,
        route(GET=(_READ, curation.content), DELETE=(_WRITE, curation.drop_content), PUT=(_WRITE, curation.not_here)),
    ),
    path("c/signal_type", route(GET=(_READ, curation.signal_types))),
    path("c/signal_type/index", route(GET=(_READ, curation.signal_type_index))),
    path("c/signal_type/<str:name>", route(PUT=(_WRITE, curation.not_here))),
    path("c/content_type", route(GET=(_READ, curation.content_types))),
    path("c/exchanges", route(GET=(_READ, curation.exchanges), POST=(_WRITE, curation.not_here))),
    path("c/exchanges/apis", route(GET=(_READ, curation.exchanges))),
    path("status", route(GET=(_OPEN, views.status))),
    path("status/live", route(GET=(_OPEN, views.status))),
]
