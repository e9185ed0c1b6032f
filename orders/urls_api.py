"""The addresses of orders in the API. They are included under the namespace `api`."""

from django.urls import path

from orders.api import invoices, orders, promises

routes = [
    path("orders", orders.OrdersView.as_view(), name="orders"),
    path("orders/<public_id:public_id>", orders.OrderView.as_view(), name="order"),
    path(
        "orders/<public_id:public_id>/cancel", orders.CancelOrderView.as_view(), name="cancel-order"
    ),
    path("invoices", invoices.InvoicesView.as_view(), name="invoices"),
    path("invoices/<public_id:public_id>", invoices.InvoiceView.as_view(), name="invoice"),
    path(
        "invoices/<public_id:public_id>/pdf", invoices.InvoicePdfView.as_view(), name="invoice-pdf"
    ),
    path("promises", promises.PromisesView.as_view(), name="promises"),
    path("promises/<public_id:public_id>", promises.PromiseView.as_view(), name="promise"),
    path(
        "promises/<public_id:public_id>/withdraw",
        promises.WithdrawPromiseView.as_view(),
        name="withdraw-promise",
    ),
    path("products", orders.ProductsView.as_view(), name="products"),
]
