"""Cards that an agent keys for a customer on the phone, on a page of the provider's own.

The last resort beside links, saved methods and the keypad: it needs a right of its own, a call on
the line, and the recording of that call paused (PCI DSS 3.3.1.2: a card's security code is not
kept after authorisation, a recording included). No number is ever typed into a page of ours.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils import timezone

from core import audit
from crm.models import Call
from payments import errors
from payments.models import CheckoutSession, PaymentAttempt
from payments.services import links
from payments.services.apply import conclude
from payments.services.checkout import Choice, start
from payments.services.payment import in_one_transaction, lock_payment

if TYPE_CHECKING:
    from core.models import User

VALID_FOR = timedelta(minutes=15)
METHOD = "card"
ON_THE_LINE = (Call.Status.ANSWERED, Call.Status.HELD)


@in_one_transaction
def open_page(
    *, intent_id: int, call: Call | None, actor: User, replaces_open_page: bool = False
) -> PaymentAttempt:
    """Reserve a page to key the card on; a worker asks the provider for it. Safe to repeat.

    Another way to pay that is open closes. Raises NoCallOnRecord, RecordingNotPaused,
    MethodNotOffered where no provider takes keyed cards, and what `open_link` raises.
    """
    refuse_unguarded(call)
    session = _open_session(intent_id)
    if session is None:
        payment = lock_payment(intent_id)
        session = CheckoutSession(
            intent=payment.intent,
            kind=CheckoutSession.Kind.KEYED,
            language=payment.intent.customer.language,
            expires_at=timezone.now() + VALID_FOR,
        )
        links.open_way(payment, session, actor=actor, replaces_open_page=replaces_open_page)
        conclude(payment)
    attempt, _ = start(session.pk, Choice(METHOD))
    return attempt


def page_for_agent(*, intent_id: int, call: Call | None, actor: User) -> str:
    """Return the address of the page, for the agent who opens it now, and put that on record.

    Asked again at each opening, for the recording may have gone on meanwhile. Raises
    NoCallOnRecord, RecordingNotPaused, and SessionNotOpen where there is no such page now.
    """
    refuse_unguarded(call)
    session = _open_session(intent_id)
    live = (
        session
        and PaymentAttempt.objects.filter(
            session=session, superseded_at=None, status=PaymentAttempt.Status.PENDING
        )
        .exclude(page_url="")
        .first()
    )
    if session is None or not live:
        raise errors.SessionNotOpen
    links.record_opened(session_id=session.pk)
    audit.record(actor, "checkout_session.keyed", session)
    return live.page_url


def refuse_unguarded(call: Call | None) -> None:
    """Raise NoCallOnRecord or RecordingNotPaused unless a card may be keyed during the call."""
    if call is None or call.status not in ON_THE_LINE:
        raise errors.NoCallOnRecord
    if call.recording == Call.Recording.ON:
        raise errors.RecordingNotPaused


def _open_session(intent_id: int) -> CheckoutSession | None:
    return CheckoutSession.objects.filter(
        intent=intent_id,
        kind=CheckoutSession.Kind.KEYED,
        status=CheckoutSession.Status.OPEN,
        expires_at__gt=timezone.now(),
    ).first()
