"""The API's addresses of orders, for tests of this app alone."""

from django.urls import include, path

from orders.urls_api import routes

urlpatterns = [path("api/v1/", include((routes, "api")))]
