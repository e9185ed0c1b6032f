"""Version 1 of the API: what each app offers, under one namespace."""

from crm.urls_api import routes as crm_routes
from orders.urls_api import routes as orders_routes
from payments.urls_api import routes as payments_routes

app_name = "api"
urlpatterns = [*crm_routes, *orders_routes, *payments_routes]
