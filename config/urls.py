"""Where each address leads. Every app brings its own."""

from django.contrib import admin
from django.urls import include, path

from config import health

urlpatterns = [
    # First what is asked most: deliveries of providers, and the customers' pay pages.
    path("", include("payments.urls")),
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("api/v1/", include("config.urls_api")),
    path("", include("core.urls")),
    path("", include("crm.urls")),
    path("", include("orders.urls")),
    path("reports/", include("reporting.urls")),
    path("training/", include("training.urls")),
]

handler400 = "config.refusals.bad_request"
handler500 = "config.refusals.server_error"
