"""Routes about people and keys."""

from django.urls import path

from safelight.web.access import requires
from safelight.web.accounts import entry, go_on, key_pages, own, people_pages
from safelight.web.accounts.routes import ALLAUTH

urlpatterns = [
    *(path(route.path, requires(route.permission)(route.view), name=route.name) for route in ALLAUTH),
    path("", own.home, name="accounts_home"),
    path("sessions/end/", own.sign_out_everywhere, name="accounts_end_sessions"),
    path("go-on/<str:token>/", go_on.go_on, name="accounts_go_on"),
    path("link/<str:token>/", entry.open_link, name="accounts_link"),
    path("people/", people_pages.people, name="accounts_people"),
    path("people/<int:pk>/", people_pages.person, name="accounts_person"),
    path("people/<int:pk>/invite/", people_pages.invite, name="accounts_invite"),
    path("people/<int:pk>/activate/", people_pages.activate, name="accounts_activate"),
    path("people/<int:pk>/deactivate/", people_pages.deactivate, name="accounts_deactivate"),
    path("keys/", key_pages.keys, name="accounts_keys"),
    path("keys/<int:pk>/rotate/", key_pages.rotate, name="accounts_rotate_key"),
    path("keys/<int:pk>/revoke/", key_pages.revoke, name="accounts_revoke_key"),
]
