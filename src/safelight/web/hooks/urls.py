"""Routes of the webhooks' pages."""

from django.urls import path, re_path

from safelight.web.hooks import views

app_name = "hooks"
urlpatterns = [
    path("webhooks", views.endpoints, name="endpoints"),
    path("webhooks/cases", views.hearing, name="hearing"),
    re_path(r"^webhooks/(?P<number>[0-9]{1,18})/cases/(?P<what>grant|withdraw)$", views.grant, name="grant"),
    path("webhooks/<int:number>", views.endpoint, name="endpoint"),
    re_path(r"^webhooks/(?P<number>[0-9]{1,18})/(?P<what>rotate|test|enable|remove)$", views.change, name="change"),
]
