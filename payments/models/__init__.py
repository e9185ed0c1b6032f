"""Tables of the money. Rows hold data and constraints; services write them."""

from payments.models.accounts import ProviderAccount
from payments.models.attempts import Cancellation, Capture, PaymentAttempt, ProviderReference
from payments.models.decisions import OutcomeDecision
from payments.models.errors import ErrorMapping, UnifiedError
from payments.models.events import PaymentEvent
from payments.models.instalments import InstalmentMandate, InstalmentRequest
from payments.models.intents import IntentItem, PaymentIntent
from payments.models.keypads import Keypad
from payments.models.ledger import LedgerAccount, Transfer
from payments.models.methods import PaymentMethod
from payments.models.moves import SurplusMove
from payments.models.operations import ProviderOperation
from payments.models.refunds import Dispute, Refund, RefundLine
from payments.models.sessions import CheckoutSession
from payments.models.terminals import Terminal
from payments.models.webhooks import WebhookBody, WebhookEvent

__all__ = [
    "Cancellation",
    "Capture",
    "CheckoutSession",
    "Dispute",
    "ErrorMapping",
    "InstalmentMandate",
    "InstalmentRequest",
    "IntentItem",
    "Keypad",
    "LedgerAccount",
    "OutcomeDecision",
    "PaymentAttempt",
    "PaymentEvent",
    "PaymentIntent",
    "PaymentMethod",
    "ProviderAccount",
    "ProviderOperation",
    "ProviderReference",
    "Refund",
    "RefundLine",
    "SurplusMove",
    "Terminal",
    "Transfer",
    "UnifiedError",
    "WebhookBody",
    "WebhookEvent",
]
