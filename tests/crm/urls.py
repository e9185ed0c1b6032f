"""The API's addresses of customers, for tests of this app alone."""

from django.urls import include, path

from crm.urls_api import routes

urlpatterns = [path("api/v1/", include((routes, "api")))]
