"""Addresses of the payments app."""

from django.urls import path

from payments.views import (
    approvals,
    card_page,
    decisions,
    link_code,
    panels,
    parked,
    pay,
    payments,
    rail,
    receipts,
    refunds,
    transfers,
    unknown,
    ways,
    webhooks,
)

app_name = "payments"
urlpatterns = [
    path("webhooks/<slug:account_id>/", webhooks.receive, name="webhook"),
    path("payments/", payments.index, name="list"),
    path("payments/review/", payments.review, name="review"),
    path("payments/parked/", parked.index, name="parked"),
    path("payments/parked/<int:event_id>/replay/", parked.replay, name="replay-webhook"),
    path("payments/approvals/", approvals.index, name="approvals"),
    path("payments/approvals/<slug:public_id>/approve/", approvals.approve, name="approve"),
    path("payments/approvals/<slug:public_id>/refuse/", approvals.refuse, name="refuse"),
    path("payments/approvals/<slug:public_id>/withdraw/", approvals.withdraw, name="withdraw"),
    path("payments/unknown/", unknown.index, name="unknown"),
    path("payments/unknown/<slug:public_id>/", unknown.decide, name="decide"),
    path(
        "payments/decisions/<slug:public_id>/approve/", decisions.approve, name="approve-decision"
    ),
    path("payments/decisions/<slug:public_id>/refuse/", decisions.refuse, name="refuse-decision"),
    path(
        "payments/decisions/<slug:public_id>/withdraw/",
        decisions.withdraw,
        name="withdraw-decision",
    ),
    path("payments/<slug:public_id>/", payments.detail, name="detail"),
    path("payments/<slug:public_id>/resend/", rail.resend, name="resend"),
    path("payments/<slug:public_id>/other/", rail.other, name="other"),
    path("payments/<slug:public_id>/code/", link_code.link_code_of, name="link-code"),
    path("payments/<slug:public_id>/cancel/", rail.cancel, name="cancel"),
    path("payments/<slug:public_id>/card-page/", card_page.card_page, name="card-page"),
    path("payments/<slug:public_id>/refund/", refunds.refund, name="refund"),
    path("customers/<slug:public_id>/pay/send/", panels.take, name="take"),
    path("customers/<slug:public_id>/pay/refresh/", panels.refresh, name="refresh-panel"),
    path("customers/<slug:public_id>/pay/promise/", ways.promise, name="promise"),
    path("customers/<slug:public_id>/pay/promise/make/", ways.make_promise, name="make-promise"),
    path("customers/<slug:public_id>/pay/transfer/", transfers.transfer, name="transfer"),
    path(
        "customers/<slug:public_id>/pay/transfer/expect/",
        transfers.expect_transfer,
        name="expect-transfer",
    ),
    path("customers/<slug:public_id>/pay/rail/", rail.rail, name="rail"),
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
