"""Addresses of the payments app."""

from django.urls import path

from payments.views import pay, receipts, webhooks

app_name = "payments"
urlpatterns = [
    path("webhooks/<str:account_id>/", webhooks.receive, name="webhook"),
    path("pay/accessibility/", pay.accessibility, name="pay-accessibility"),
    path("pay/back/<slug:attempt_id>/", pay.come_back, name="back"),
    path("pay/<slug:session_id>/<slug:secret>/", pay.pay, name="pay"),
    path("pay/<slug:session_id>/<slug:secret>/state/", pay.state, name="pay-state"),
    path("pay/<slug:session_id>/<slug:secret>/opened/", pay.opened, name="pay-opened"),
    path("pay/<slug:session_id>/<slug:secret>/method/", pay.choose, name="pay-method"),
    path("pay/<slug:session_id>/<slug:secret>/onward/", pay.onward, name="pay-onward"),
    path("receipt/<slug:capture_id>/<slug:secret>/", receipts.receipt, name="receipt"),
    path("receipt/<slug:capture_id>/<slug:secret>.pdf", receipts.receipt_pdf, name="receipt-pdf"),
]
