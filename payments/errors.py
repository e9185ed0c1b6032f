"""What can go wrong with a payment, in words an agent can read aloud."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.errors import DomainError


class ProviderNotInstalled(DomainError):
    """An account names a kind of provider that no installed adapter serves."""

    code = "provider_not_installed"
    status = 500
    message = _("No connection to the provider “%(kind)s” is installed.")


class AmountNotPositive(DomainError):
    code = "amount_not_positive"
    status = 422
    field = "amount"
    message = _("The amount must be greater than zero.")


class CurrencyNotOwed(DomainError):
    code = "currency_not_owed"
    status = 422
    field = "currency"
    message = _("These items are in %(owed)s, so they cannot be paid in %(currency)s.")


class MoreThanOwed(DomainError):
    code = "more_than_owed"
    status = 422
    field = "amount"
    message = _("Only %(owed)s is owed. Confirm that the customer wants to pay %(amount)s.")


class ItemNotOpen(DomainError):
    code = "item_not_open"
    status = 422
    field = "items"
    message = _("Invoice %(number)s is not open any more. Choose the items again.")


class ItemOfSomebodyElse(DomainError):
    code = "item_of_somebody_else"
    status = 422
    field = "items"
    message = _("Invoice %(number)s belongs to another customer.")


class OrderOfSomebodyElse(DomainError):
    code = "order_of_somebody_else"
    status = 422
    field = "order"
    message = _("Order %(number)s belongs to another customer.")


class AlreadyPaid(DomainError):
    code = "already_paid"
    message = _("This is already paid.")


class AlreadyCanceled(DomainError):
    code = "already_canceled"
    message = _("This payment was cancelled. Start a new one.")


class AlreadyBeingPaid(DomainError):
    code = "already_being_paid"
    message = _("%(left)s can still be asked for; the rest is paid or on its way.")


class NoCallOnRecord(DomainError):
    code = "no_call_on_record"
    message = _(
        "A card is keyed only during a call that is on the line. Take or make the call first."
    )


class CallOfSomebodyElse(DomainError):
    code = "call_of_somebody_else"
    message = _("The call on your line is with another customer.")


class RecordingNotPaused(DomainError):
    code = "recording_not_paused"
    message = _("This call is being recorded. Pause the recording first, then key the card.")


class NoKeypadOnCall(DomainError):
    code = "no_keypad_on_call"
    message = _("The customer’s keys cannot be heard on this call. Send a link instead.")


class KeypadNotComplete(DomainError):
    code = "keypad_not_complete"
    message = _("The customer has not keyed everything yet. Nothing was charged.")


class TerminalNotOffered(DomainError):
    code = "terminal_not_offered"
    message = _("This terminal does not take the payment now. Choose another one.")


class TerminalBusy(DomainError):
    code = "terminal_busy"
    message = _("Another payment stands on this terminal. Finish it, or choose another one.")


class OutcomeStillUnknown(DomainError):
    code = "outcome_unknown"
    message = _(
        "Do not retry yet: the provider has not answered and the money may have moved."
        " The answer is asked for again automatically."
    )


class LinkStillPayable(DomainError):
    code = "link_still_payable"
    message = _(
        "The customer may still pay on the page that is open, until %(until)s."
        " Confirm that you want to do this anyway."
    )


class SessionNotOpen(DomainError):
    code = "session_not_open"
    message = _("This link is no longer open.")


class NoWayToSend(DomainError):
    code = "no_way_to_send"
    status = 422
    field = "destination"
    message = _("Choose a phone number or an e-mail address to send the link to.")


class NoAccountToPayTo(DomainError):
    code = "no_account_to_pay_to"
    message = _("No bank account is named to which customers could pay.")


class MethodNotOffered(DomainError):
    code = "method_not_offered"
    status = 422
    field = "method"
    message = _("This way to pay is not offered for this payment.")


class OldPageStillOpen(DomainError):
    code = "old_page_still_open"
    message = _("The payment you started is still open. Finish it, or try again in a moment.")


class TooManyDeclines(DomainError):
    code = "too_many_declines"
    status = 429
    message = _("Too many refused payments. Please try again in ten minutes.")


class ProviderDidNotAnswer(DomainError):
    code = "provider_did_not_answer"
    status = 503
    message = _("The payment service does not answer just now. Nothing was charged.")


class ProviderRefusedRequest(DomainError):
    code = "provider_refused"
    status = 502
    message = _("The payment service did not accept this. Nothing was charged.")


class CaptureNotNamed(DomainError):
    code = "capture_not_named"
    status = 422
    field = "capture"
    message = _("This payment was taken in several parts. Name the capture to refund.")


class RefundExceedsCapture(DomainError):
    code = "refund_exceeds_capture"
    status = 422
    field = "amount"
    message = _("Only %(left)s is left to refund.")


class RefundAboveLimit(DomainError):
    code = "refund_above_limit"
    status = 403
    field = "amount"
    message = _("You may refund up to %(limit)s at a time. Ask a colleague with a higher limit.")


class RefundAboveDayLimit(DomainError):
    code = "refund_above_day_limit"
    status = 403
    field = "amount"
    message = _("You have %(left)s left of today’s refund limit of %(limit)s.")


class RefundAboveEveryLimit(DomainError):
    code = "refund_above_every_limit"
    status = 403
    field = "amount"
    message = _("Nobody may approve more than %(limit)s at a time.")


class OwnRequest(DomainError):
    code = "own_request"
    status = 403
    message = _("You asked for this yourself, so somebody else has to decide.")


class NotOwnRequest(DomainError):
    code = "not_own_request"
    status = 403
    message = _("Only who asked for it can withdraw it.")


class AlreadyDecided(DomainError):
    code = "already_decided"
    message = _("This was decided already: %(status)s.")


class RefusalNeedsReason(DomainError):
    code = "refusal_needs_reason"
    status = 422
    field = "reason"
    message = _("Write why it is refused.")


class RefundNeedsReason(DomainError):
    code = "refund_needs_reason"
    status = 422
    field = "reason"
    message = _("Write why the money is given back.")


class LinesMissing(DomainError):
    code = "refund_lines_missing"
    status = 422
    field = "lines"
    message = _("Choose what is given back.")


class LinesOfSeveralInvoices(DomainError):
    code = "refund_lines_of_several_invoices"
    status = 422
    field = "lines"
    message = _("Choose lines of one invoice that this payment pays.")


class LineAlreadyGivenBack(DomainError):
    code = "refund_line_given_back"
    status = 422
    field = "lines"
    message = _("Of “%(line)s” only %(left)s can still be given back.")


class LinesNotPaid(DomainError):
    code = "refund_lines_not_paid"
    status = 422
    field = "lines"
    message = _("This payment pays only %(left)s of the invoice that can be given back by line.")


class MoveExceedsSurplus(DomainError):
    code = "move_exceeds_surplus"
    status = 422
    field = "amount"
    message = _("Only %(left)s of this payment is free.")


class MoveExceedsInvoice(DomainError):
    code = "move_exceeds_invoice"
    status = 422
    field = "amount"
    message = _("Only %(left)s is open on invoice %(number)s.")


class MoveAboveLimit(DomainError):
    code = "move_above_limit"
    status = 403
    field = "amount"
    message = _("You may move up to %(limit)s at a time. Ask a colleague with a higher limit.")


class MoveAboveDayLimit(DomainError):
    code = "move_above_day_limit"
    status = 403
    field = "amount"
    message = _("You have %(left)s left of what you may move today, %(limit)s.")


class MoveAboveEveryLimit(DomainError):
    code = "move_above_every_limit"
    status = 403
    field = "amount"
    message = _("Nobody may move more than %(limit)s at a time.")


class MoveNotWhole(DomainError):
    code = "move_not_whole"
    message = _("Only %(left)s of it still stands on the invoice: the rest was given back.")


class OutcomeKnown(DomainError):
    code = "outcome_known"
    message = _("The provider has answered meanwhile, so there is nothing left to decide.")


class DecisionTooEarly(DomainError):
    code = "decision_too_early"
    message = _("The answer may still come by itself. Decide after %(until)s.")


class DecisionWaits(DomainError):
    code = "decision_waits"
    message = _("Somebody has said already what became of this. A second person has to approve it.")


class DecisionNeedsReason(DomainError):
    code = "decision_needs_reason"
    status = 422
    field = "reason"
    message = _("Write how you know what became of it.")


class CaptureExceedsAuthorised(DomainError):
    code = "capture_exceeds_authorised"
    status = 422
    field = "amount"
    message = _("Only %(left)s is left to take.")


class CannotCancelPaid(DomainError):
    code = "cannot_cancel_paid"
    message = _("Money was already taken, so this cannot be cancelled. Refund it instead.")


class UnknownSubject(Exception):
    """The provider speaks of something that no row of ours has, or not yet."""
