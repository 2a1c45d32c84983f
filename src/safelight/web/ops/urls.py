"""Routes of this part."""

from django.urls import URLPattern, URLResolver, path, re_path

from safelight.web.ops import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", views.healthz, name="ops_healthz"),
    path("readyz", views.readyz, name="ops_readyz"),
    path("version", views.version, name="ops_version"),
    path("metrics", views.metrics, name="ops_metrics"),
    path("jobs", views.jobs, name="ops_jobs"),
    re_path(r"^jobs/(?P<action>retry|drop)$", views.job_action, name="ops_job_action"),
]
