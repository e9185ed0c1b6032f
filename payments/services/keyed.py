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
from crm.services import calls
from payments import errors
from payments.models import CheckoutSession, PaymentAttempt, PaymentIntent
from payments.services import links
from payments.services.apply import conclude
from payments.services.checkout import Choice, start
from payments.services.payment import in_one_transaction, lock_payment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet

    from core.models import User

VALID_FOR = timedelta(minutes=15)
METHOD = "card"
ON_THE_LINE = (Call.Status.ANSWERED, Call.Status.HELD)


@in_one_transaction
def open_page(*, intent_id: int, actor: User, replaces_open_page: bool = False) -> PaymentAttempt:
    """Reserve a page to key the card on; a worker asks the provider for it. Safe to repeat.

    The page belongs to the call that is on the line. Another way to pay that is open closes.
    Raises NoCallOnRecord, RecordingNotPaused, CallOfSomebodyElse, MethodNotOffered where no
    provider takes keyed cards, and what `open_link` raises.
    """
    call = guard(list(calls.live_calls(actor)), _customer_of(intent_id))
    session = _open_session(intent_id, call)
    if session is None:
        payment = lock_payment(intent_id)
        session = CheckoutSession(
            intent=payment.intent,
            kind=CheckoutSession.Kind.KEYED,
            call=call,
            language=payment.intent.customer.language,
            expires_at=timezone.now() + VALID_FOR,
        )
        links.open_way(payment, session, actor=actor, replaces_open_page=replaces_open_page)
        conclude(payment)
    attempt, _ = start(session.pk, Choice(METHOD))
    return attempt


def page_for_agent(*, intent_id: int, actor: User) -> str:
    """Return the address of the page, for the agent who opens it now, and put that on record.

    Asked again at each opening, for the recording may have gone on meanwhile, or another call
    begun. Raises what `guard` does, and SessionNotOpen where this call has no such page now.
    """
    call = guard(list(calls.live_calls(actor)), _customer_of(intent_id))
    page = waiting_pages().filter(intent=intent_id, session__call=call).first()
    if page is None or page.session is None:
        raise errors.SessionNotOpen
    links.record_opened(session_id=page.session.pk)
    audit.record(actor, "checkout_session.keyed", page.session)
    return page.page_url


def asked_pages() -> QuerySet[PaymentAttempt]:
    """The attempts of open sessions for whose page the provider was asked, or that have it."""
    sessions = CheckoutSession.objects.payable(CheckoutSession.Kind.KEYED)
    return PaymentAttempt.objects.filter(
        session__in=sessions, status=PaymentAttempt.Status.PENDING, superseded_at=None
    )


def waiting_pages() -> QuerySet[PaymentAttempt]:
    """Those of them whose page an agent can key a card on now."""
    return asked_pages().exclude(page_url="").select_related("session")


def guard[C: Call](live: Sequence[C], customer_id: int) -> C:
    """Return the call during which a card may be keyed, of all that a person has live.

    Raises NoCallOnRecord where none is on the line, CallOfSomebodyElse where it is another
    customer's, and RecordingNotPaused while any of them is recorded: who consults a colleague
    goes back to a call whose recording runs.
    """
    call = call_on_line(live, customer_id)
    refuse_recorded(live)
    return call


def call_on_line[C: Call](live: Sequence[C], customer_id: int) -> C:
    """Return the call that is on the line, of all that a person has live.

    Raises NoCallOnRecord where none is, and CallOfSomebodyElse where it is another customer's.
    """
    call = next((one for one in live if one.status in ON_THE_LINE), None)
    if call is None:
        raise errors.NoCallOnRecord
    if call.customer_id not in {None, customer_id}:
        raise errors.CallOfSomebodyElse
    return call


def refuse_recorded(live: Sequence[Call]) -> None:
    """Raise RecordingNotPaused while any of a person's calls is recorded."""
    if any(one.recording == Call.Recording.ON for one in live):
        raise errors.RecordingNotPaused


def _customer_of(intent_id: int) -> int:
    return PaymentIntent.objects.values_list("customer_id", flat=True).get(pk=intent_id)


def _open_session(intent_id: int, call: Call) -> CheckoutSession | None:
    kind = CheckoutSession.Kind.KEYED
    return CheckoutSession.objects.payable(kind).filter(intent=intent_id, call=call).first()
