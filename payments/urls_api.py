"""The addresses of payments in the API. They are included under the namespace `api`."""

from django.urls import path

from payments.api import (
    captures,
    checkout_sessions,
    decisions,
    events,
    instalment_plans,
    moves,
    payment_intents,
    refunds,
)

routes = [
    path("payment-intents", payment_intents.PaymentIntentsView.as_view(), name="payment-intents"),
    path(
        "payment-intents/<public_id:public_id>",
        payment_intents.PaymentIntentView.as_view(),
        name="payment-intent",
    ),
    path(
        "payment-intents/<public_id:public_id>/cancel",
        payment_intents.CancelPaymentIntentView.as_view(),
        name="cancel-payment-intent",
    ),
    path(
        "payment-intents/<public_id:public_id>/capture",
        captures.CapturePaymentIntentView.as_view(),
        name="capture-payment-intent",
    ),
    path(
        "checkout-sessions",
        checkout_sessions.CheckoutSessionsView.as_view(),
        name="checkout-sessions",
    ),
    path(
        "checkout-sessions/<public_id:public_id>",
        checkout_sessions.CheckoutSessionView.as_view(),
        name="checkout-session",
    ),
    path(
        "checkout-sessions/<public_id:public_id>/close",
        checkout_sessions.CloseCheckoutSessionView.as_view(),
        name="close-checkout-session",
    ),
    path("refunds", refunds.RefundsView.as_view(), name="refunds"),
    path("refunds/<public_id:public_id>", refunds.RefundView.as_view(), name="refund"),
    path(
        "refunds/<public_id:public_id>/approve",
        refunds.ApproveRefundView.as_view(),
        name="approve-refund",
    ),
    path(
        "refunds/<public_id:public_id>/refuse",
        refunds.RefuseRefundView.as_view(),
        name="refuse-refund",
    ),
    path(
        "refunds/<public_id:public_id>/withdraw",
        refunds.WithdrawRefundView.as_view(),
        name="withdraw-refund",
    ),
    path("surplus-moves", moves.MovesView.as_view(), name="surplus-moves"),
    path("surplus-moves/<public_id:public_id>", moves.MoveView.as_view(), name="surplus-move"),
    path(
        "surplus-moves/<public_id:public_id>/approve",
        moves.ApproveMoveView.as_view(),
        name="approve-move",
    ),
    path(
        "surplus-moves/<public_id:public_id>/refuse",
        moves.RefuseMoveView.as_view(),
        name="refuse-move",
    ),
    path(
        "surplus-moves/<public_id:public_id>/withdraw",
        moves.WithdrawMoveView.as_view(),
        name="withdraw-move",
    ),
    path(
        "surplus-moves/<public_id:public_id>/take-back",
        moves.TakeBackMoveView.as_view(),
        name="take-back-move",
    ),
    path("operations", decisions.OperationsView.as_view(), name="operations"),
    path("operations/<public_id:public_id>", decisions.OperationView.as_view(), name="operation"),
    path("decisions", decisions.DecisionsView.as_view(), name="decisions"),
    path("decisions/<public_id:public_id>", decisions.DecisionView.as_view(), name="decision"),
    path(
        "decisions/<public_id:public_id>/approve",
        decisions.ApproveDecisionView.as_view(),
        name="approve-decision",
    ),
    path(
        "decisions/<public_id:public_id>/refuse",
        decisions.RefuseDecisionView.as_view(),
        name="refuse-decision",
    ),
    path(
        "decisions/<public_id:public_id>/withdraw",
        decisions.WithdrawDecisionView.as_view(),
        name="withdraw-decision",
    ),
    path("instalment-plans", instalment_plans.PlansView.as_view(), name="instalment-plans"),
    path(
        "instalment-plans/<public_id:public_id>",
        instalment_plans.PlanView.as_view(),
        name="instalment-plan",
    ),
    path(
        "instalment-plans/<public_id:public_id>/withdraw",
        instalment_plans.WithdrawPlanView.as_view(),
        name="withdraw-instalment-plan",
    ),
    path("events", events.EventsView.as_view(), name="events"),
]
