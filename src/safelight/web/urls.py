"""Routes of the service."""

from django.urls import include, path

urlpatterns = [
    path("", include("safelight.web.ops.urls")),
    path("api/", include("safelight.web.api.urls")),
    path("", include("safelight.web.hma.urls")),
    path("accounts/", include("safelight.web.accounts.urls")),
    path("", include("safelight.web.hooks.urls")),
    path("", include("safelight.web.console.urls")),
]

handler400 = "safelight.web.ops.errors.bad_request"
handler403 = "safelight.web.ops.errors.forbidden"
handler404 = "safelight.web.ops.errors.not_found"
handler500 = "safelight.web.ops.errors.failed"
