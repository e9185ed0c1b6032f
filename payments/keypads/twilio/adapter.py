"""The gateway for Twilio: payments that an agent leads on a call (the Payments subresource).

https://www.twilio.com/docs/voice/api/payment-resource: one POST starts a session on the leg of
the customer, further ones ask for each field, and `Status=complete` sends what was keyed to the
pay connector. Without it nothing is charged, and a session ends with its call. There is no way
to read a session; its news come as callbacks, signed like every other of Twilio's.
"""

from __future__ import annotations

import hmac
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from core.money import EXPONENTS
from crm.telephony.twilio import HEADER, signature
from payments.keypads.base import Field, KeypadGateway, KeypadManifest, KeypadNews, Progress
from payments.keypads.twilio.connection import Connection
from payments.providers.base import Lookup, News, Reference, Snapshot, SubjectKind
from payments.providers.errors import (
    OutcomeUnknown,
    ProviderRejected,
    WebhookForged,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.money import Money
    from payments.keypads.base import CaptureAct, Delivery, FindCapture, StartCapture
    from payments.providers.base import Absent

MOST_PARAMETERS = 200
CALL = re.compile(r"CA[0-9a-f]{32}")
SESSION = re.compile(r"PK[0-9a-f]{32}")
CONFIRMATION = re.compile(r"(?:ch|pi)_[A-Za-z0-9]{8,100}")
LAST4 = re.compile(r"[xX*]+([0-9]{4})")
CAPTURES = {
    Field.CARD_NUMBER: "payment-card-number",
    Field.EXPIRY: "expiration-date",
    Field.SECURITY_CODE: "security-code",
    Field.POSTAL_CODE: "postal-code",
}
FIELDS = {name: field for field, name in CAPTURES.items()}
VALUES = {
    Field.CARD_NUMBER: "PaymentCardNumber",
    Field.EXPIRY: "ExpirationDate",
    Field.SECURITY_CODE: "SecurityCode",
    Field.POSTAL_CODE: "PaymentCardPostalCode",
}
ERRORS = {
    "timeout": "timeout",
    "invalid-card-number": "invalid_card_number",
    "invalid-card-type": "invalid_card_type",
    "invalid-date": "invalid_date",
    "invalid-security-code": "invalid_security_code",
    "invalid-postal-code": "invalid_postal_code",
    "input-matching-failed": "input_matching_failed",
}
BRANDS = frozenset({"visa", "mastercard", "amex", "maestro", "discover", "jcb", "diners-club"})
OVER = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})


class TwilioKeypad(KeypadGateway):
    """One Twilio account in PCI mode. Credentials: account_sid, auth_token, connector.

    And api_base, where it is not Twilio's own address.
    """

    manifest = KeypadManifest(
        kind="twilio",
        name="Twilio Pay",
        fields=(Field.CARD_NUMBER, Field.EXPIRY, Field.SECURITY_CODE),
        credentials=("account_sid", "auth_token", "connector"),
        names="twilio_payment",
        charges_at=frozenset({"stripe"}),
        # Digits of a pay session stand in no recording and no log of Twilio's (PCI mode).
        masks_tones=True,
        # A call is known by its first leg, which on a call we make is the agent's own.
        hears_dialled_calls=False,
        lookup=Lookup.REPLAY_KEY,
        consistent_after_s=60,
        longest_request_s=30,
    )

    def __init__(self, credentials: Mapping[str, str], *, timeout_s: float = 10) -> None:
        super().__init__(credentials, timeout_s=timeout_s)
        self._connection = Connection(credentials, timeout_s=timeout_s)

    def start(self, request: StartCapture) -> Snapshot:
        form = {
            "IdempotencyKey": request.key,
            "StatusCallback": request.callback_url,
            "ChargeAmount": major(request.amount),
            "Currency": request.amount.currency.lower(),
            "PaymentConnector": self.credentials["connector"],
            "PaymentMethod": "credit-card",
            "Description": request.description,
            "SecurityCode": "true",
            "PostalCode": "false",
            "Input": "dtmf",
        }
        made = self._connection.post(f"{path_of(request.call)}/Payments.json", form)
        return listening(request, session_of(made))

    def ask(self, request: CaptureAct) -> Snapshot:
        if request.field is None:
            raise ProviderRejected("No field was named.", code="invalid_request")
        return self._update(request, {"Capture": CAPTURES[request.field]})

    def confirm(self, request: CaptureAct) -> Snapshot:
        return self._update(request, {"Status": "complete"})

    def cancel(self, request: CaptureAct) -> Snapshot:
        self._update(request, {"Status": "cancel"})
        return over(request)

    def find(self, request: FindCapture) -> Snapshot | Absent:
        """Look at the call: with it ends every session whose charge was not asked for."""
        call = self._connection.get(f"{path_of(request.call)}.json")
        if request.was_confirmed or call.get("status") not in OVER:
            raise OutcomeUnknown("Twilio shows no sessions.", code="session_not_shown")
        return over(request)

    def parse(self, delivery: Delivery) -> KeypadNews | None:
        said = self._signed(delivery)
        if said.get("Result"):
            return _result(said)
        field = FIELDS.get(said.get("Capture", ""))
        if field is None:
            return None
        if said.get("ErrorType"):
            first = said["ErrorType"].split()[:1]
            return KeypadNews(Progress.AGAIN, field, code=ERRORS.get("".join(first), ""))
        digits = min(len(said.get(VALUES[field], "")), 19)
        if said.get("PartialResult", "").lower() == "true":
            return KeypadNews(Progress.DIGITS, field, digits=digits)
        return KeypadNews(Progress.ENTERED, field, digits=digits)

    def _update(self, request: CaptureAct, wanted: Mapping[str, str]) -> Snapshot:
        if not SESSION.fullmatch(request.reference):
            raise ProviderRejected("Twilio never named this session.", code="not_found")
        form = {
            "IdempotencyKey": request.key,
            "StatusCallback": request.callback_url,
            **wanted,
        }
        path = f"{path_of(request.call)}/Payments/{request.reference}.json"
        return listening(request, session_of(self._connection.post(path, form)))

    def _signed(self, delivery: Delivery) -> dict[str, str]:
        secret = self.credentials.get("auth_token", "")
        try:
            pairs = parse_qsl(
                delivery.body.decode(), keep_blank_values=True, max_num_fields=MOST_PARAMETERS
            )
        except ValueError as error:
            raise WebhookForged("The body is no form.") from error
        expected = signature(delivery.url, pairs, secret)
        given = delivery.headers.get(HEADER, "")
        if not secret or not hmac.compare_digest(expected.encode(), given.encode()):
            raise WebhookForged("The signature is wrong.")
        return dict(pairs)


def path_of(call: str) -> str:
    """The address of a call under the account. Raises ProviderRejected for no id of Twilio's."""
    if not CALL.fullmatch(call):
        raise ProviderRejected("This is no call of Twilio's.", code="call_unknown")
    return f"/Calls/{call}"


def major(amount: Money) -> str:
    """An amount in whole units, as Twilio wants it: 184.90."""
    exponent = EXPONENTS[amount.currency]
    return f"{Decimal(amount.minor).scaleb(-exponent):.{exponent}f}"


def session_of(made: Mapping[str, Any]) -> str:
    """The session of an answer. Raises OutcomeUnknown where it names none."""
    found = made.get("sid")
    if not isinstance(found, str) or not SESSION.fullmatch(found):
        raise OutcomeUnknown("The answer cannot be read.", code="unreadable")
    return found


def listening(request: StartCapture | CaptureAct, session: str) -> Snapshot:
    """Twilio listens: nothing was charged."""
    name = Reference(TwilioKeypad.manifest.names, session)
    return Snapshot(_attempt(request, "pending", (name,)))


def over(request: CaptureAct | FindCapture) -> Snapshot:
    """Twilio has stopped, and was never asked to charge."""
    return Snapshot(_attempt(request, "canceled", ()))


def _attempt(
    request: StartCapture | CaptureAct | FindCapture, status: str, names: tuple[Reference, ...]
) -> News:
    return News(
        kind=SubjectKind.ATTEMPT,
        status=status,
        amount=request.amount,
        references=names,
        our_id=request.attempt_id,
    )


def _result(said: Mapping[str, str]) -> KeypadNews:
    """How a session ended: charged, refused by the connector, or left without a charge."""
    last4 = LAST4.fullmatch(said.get("PaymentCardNumber", ""))
    brand = said.get("PaymentCardType", "")
    confirmation = CONFIRMATION.fullmatch(said.get("PaymentConfirmationCode", ""))
    if said["Result"] == "success":
        return KeypadNews(
            Progress.CHARGED,
            confirmation=confirmation[0] if confirmation else "",
            last4=last4[1] if last4 else "",
            brand=brand if brand in BRANDS else "",
        )
    if said["Result"] == "payment-connector-error":
        return KeypadNews(Progress.DECLINED, code="connector_error")
    return KeypadNews(Progress.ENDED)
