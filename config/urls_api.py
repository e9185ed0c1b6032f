"""Version 1 of the API: what each app offers, under one namespace."""

from django.urls import path, re_path

from core import api_pages
from crm.urls_api import routes as crm_routes
from orders.urls_api import routes as orders_routes
from payments.urls_api import routes as payments_routes

app_name = "api"
urlpatterns = [
    *crm_routes,
    *orders_routes,
    *payments_routes,
    path("openapi.json", api_pages.description, name="description"),
    path("docs/", api_pages.reference, name="reference"),
    re_path("^(?P<path>.*)$", api_pages.nothing_here, name="nothing"),
]
