"""Pay links: opening, sending, sending again and closing the customer's way to pay."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from core import audit, policy, rows
from core.ids import make_public_id
from core.link_secrets import is_secret_for, secret_for
from core.money import Money
from crm.services import messages
from crm.services.timeline import write as tell
from payments import errors
from payments.models import CheckoutSession, PaymentIntent
from payments.models.events import Source
from payments.services import settling
from payments.services.apply import conclude
from payments.services.during import call_id_of
from payments.services.facts import own_event
from payments.services.payment import Payment, in_one_transaction, lock_payment

if TYPE_CHECKING:
    from core.models import ApiKey, User
    from crm.services.actors import Actor
    from payments.models import PaymentEvent
    from payments.services.destinations import Destination

VALID_FOR = timedelta(hours=24)
Status = CheckoutSession.Status
Kind = CheckoutSession.Kind
MESSAGES: dict[str, str] = {Kind.LINK: "payment_link", Kind.BANK: "bank_transfer"}


def secret_of(session: CheckoutSession) -> str:
    """Return the secret of a link. It changes with the session's turn."""
    return secret_for(_told(session))


def is_secret_of(session: CheckoutSession, secret: str) -> bool:
    """Say whether a secret opens the session."""
    return is_secret_for(_told(session), secret)


def _told(session: CheckoutSession) -> str:
    return f"{session.public_id}:{session.turn}"


def address_of(session: CheckoutSession) -> str:
    """Return the link's full address. Make it only when it is sent or shown."""
    path = reverse("payments:pay", args=[session.public_id, secret_of(session)])
    return f"{settings.PUBLIC_URL}{path}"


@transaction.atomic
def address_to_show(*, intent_id: int, actor: User) -> str:
    """Return the address of the link that is open, to be shown now; that it was is on record.

    Raises SessionNotOpen.
    """
    session = CheckoutSession.objects.payable(Kind.LINK).filter(intent=intent_id).first()
    if session is None:
        raise errors.SessionNotOpen
    audit.record(actor, "checkout_session.shown", session)
    return address_of(session)


@in_one_transaction
def open_link(
    *,
    intent_id: int,
    actor: Actor,
    destination: Destination | None,
    valid_for: timedelta = VALID_FOR,
    replaces_open_page: bool = False,
    public_id: str = "",
) -> CheckoutSession:
    """Open the customer's way to pay and queue its message; an older link closes.

    Without a destination the address is only shown. Raises AlreadyPaid, AlreadyCanceled,
    OutcomeStillUnknown, and LinkStillPayable where the customer reached a provider's page
    that can still be paid, unless replacing it was confirmed.
    """
    payment = lock_payment(intent_id)
    session = CheckoutSession(
        intent=payment.intent,
        language=(destination.language if destination else payment.intent.customer.language),
        channel=destination.channel if destination else "",
        destination=destination.address if destination else "",
        expires_at=timezone.now() + valid_for,
    )
    if public_id:
        session.public_id = public_id
    open_way(payment, session, actor=actor, replaces_open_page=replaces_open_page)
    if destination is not None:
        _queue(payment, session, cause=session.public_id)
    tell(
        payment.intent.customer_id,
        "payment_link_sent",
        actor=actor,
        object_id=payment.intent.public_id,
        data={"amount": payment.intent.amount, "currency": payment.intent.currency},
    )
    conclude(payment)
    return session


def open_way(
    payment: Payment,
    session: CheckoutSession,
    *,
    actor: Actor,
    replaces_open_page: bool = False,
) -> None:
    """Let a new session be the payment's way to pay, and close the one before.

    The caller holds the payment's lock and concludes it. Raises what `open_link` does.
    """
    _refuse_unpayable(payment)
    settling.close_open(payment)
    settling.refuse_open_page(payment, confirmed=replaces_open_page)
    if payment.left_to_charge() <= 0:
        raise errors.AlreadyBeingPaid(left=Money(0, payment.intent.currency))
    session.call_id = call_id_of(actor, session.call)
    rows.insert(session)
    payment.sessions.append(session)
    payment.add_step(_step(session, "created", Source.PAGE))
    audit.record(actor, "checkout_session.opened", session)


def _refuse_unpayable(payment: Payment) -> None:
    intent = payment.intent
    if intent.status == PaymentIntent.Status.SUCCEEDED:
        raise errors.AlreadyPaid
    if payment.is_canceled:
        raise errors.AlreadyCanceled
    if intent.blocked_by_unknown:
        raise errors.OutcomeStillUnknown


@in_one_transaction
def resend_link(
    *, session_id: int, actor: User | ApiKey, destination: Destination
) -> CheckoutSession:
    """Send an open link again, to the same or another place. Raises SessionNotOpen."""
    intent_id = CheckoutSession.objects.values_list("intent_id", flat=True).get(pk=session_id)
    payment = lock_payment(intent_id)
    session = _open_session(payment, session_id)
    session.channel = destination.channel
    session.destination = destination.address
    session.save(update_fields=["channel", "destination"])
    _queue(payment, session, cause=make_public_id("rs"))
    audit.record(actor, "checkout_session.resent", session)
    conclude(payment)
    return session


@in_one_transaction
def close_link(*, session_id: int, actor: User | ApiKey) -> CheckoutSession:
    """Close a link. Money that comes all the same still pays. Safe to repeat."""
    intent_id = CheckoutSession.objects.values_list("intent_id", flat=True).get(pk=session_id)
    payment = lock_payment(intent_id)
    session = next(s for s in payment.sessions if s.pk == session_id)
    if session.status == Status.OPEN:
        close_session(payment, session, actor=actor)
        conclude(payment)
    return session


def close_session(payment: Payment, session: CheckoutSession, *, actor: User | ApiKey) -> None:
    """Close an open way to pay because somebody wants it, which is told and on record.

    The caller holds the payment's lock and concludes it.
    """
    settling.close(payment, session)
    payment.add_step(_step(session, "closed", Source.OPERATOR, actor=policy.person_of(actor)))
    audit.record(actor, "checkout_session.closed", session)


@in_one_transaction
def expire_link(*, session_id: int) -> None:
    """Close a link whose time is over. Safe to repeat, refuses an earlier instant."""
    intent_id = CheckoutSession.objects.values_list("intent_id", flat=True).get(pk=session_id)
    payment = lock_payment(intent_id)
    session = next(s for s in payment.sessions if s.pk == session_id)
    if session.status != Status.OPEN or session.expires_at > timezone.now():
        return
    settling.close(payment, session)
    if session.status == Status.CLOSED:
        session.status = Status.EXPIRED
        session.save(update_fields=["status"])
    payment.add_step(_step(session, "expired", Source.CLOCK))
    conclude(payment)


@in_one_transaction
def record_opened(*, session_id: int) -> None:
    """The customer's own browser said that the page is open. Told once."""
    intent_id = CheckoutSession.objects.values_list("intent_id", flat=True).get(pk=session_id)
    payment = lock_payment(intent_id)
    session = next(s for s in payment.sessions if s.pk == session_id)
    if session.opened_at is None:
        session.opened_at = timezone.now()
        session.save(update_fields=["opened_at"])
        payment.add_step(_step(session, "opened", Source.PAGE))
        conclude(payment)


@in_one_transaction
def record_message_status(
    *, session_public_id: str, message_id: str, status: str, detail: str = ""
) -> None:
    """The message gateway told what became of the link's message."""
    found = CheckoutSession.objects.filter(public_id=session_public_id)
    row = found.values_list("intent_id", "pk").first()
    if row is None:
        return
    payment = lock_payment(row[0])
    session = next(s for s in payment.sessions if s.pk == row[1])
    event = _step(session, status, Source.GATEWAY, cause=message_id)
    event.detail = {"message": message_id, "channel": session.channel, "error": detail}
    if payment.add_step(event):
        conclude(payment)


def _open_session(payment: Payment, session_id: int) -> CheckoutSession:
    session = next(s for s in payment.sessions if s.pk == session_id)
    if session.status != Status.OPEN or session.expires_at <= timezone.now():
        raise errors.SessionNotOpen
    return session


def _queue(payment: Payment, session: CheckoutSession, *, cause: str) -> None:
    messages.queue(
        cause=cause,
        kind=MESSAGES[session.kind],
        channel=session.channel,
        destination=session.destination,
        customer_id=payment.intent.customer_id,
        language=session.language,
        data={"session": session.public_id},
    )
    payment.add_step(_step(session, "queued", Source.PAGE, cause=cause))


def _step(
    session: CheckoutSession,
    status: str,
    source: Source,
    *,
    cause: str = "",
    actor: User | None = None,
) -> PaymentEvent:
    return own_event(
        intent_id=session.intent_id,
        account_id=None,
        subject=("session", session.public_id),
        status=status,
        source=source,
        cause=cause,
        detail={"channel": session.channel, "kind": session.kind},
        actor=actor,
    )
