"""The pages of orders and invoices."""

from django.urls import path

from orders.views import pages, plans, promises

app_name = "orders"
urlpatterns = [
    path("orders/<slug:public_id>/", pages.order_page, name="order"),
    path("invoices/<slug:public_id>/", pages.invoice_page, name="invoice"),
    path("invoices/<slug:public_id>/pdf/", pages.invoice_document, name="invoice-pdf"),
    path("instalments/<slug:public_id>/", plans.plan_page, name="plan"),
    path("instalments/<slug:public_id>/withdraw/", plans.withdraw, name="withdraw-plan"),
    path("promises/<slug:public_id>/withdraw/", promises.withdraw, name="withdraw-promise"),
]
