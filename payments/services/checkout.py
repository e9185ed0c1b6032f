"""The customer chooses how to pay, and is taken to the provider's own page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils import timezone

from core import locks, rows
from core.link_secrets import secret_for
from core.money import Money
from payments import errors
from payments.models import (
    CheckoutSession,
    PaymentAttempt,
    PaymentEvent,
    PaymentIntent,
    ProviderAccount,
    ProviderOperation,
)
from payments.models.events import Source
from payments.providers.base import Capability
from payments.registry import provider_class
from payments.services import accounts, declines, saved_methods, settling
from payments.services.apply import conclude
from payments.services.facts import own_event
from payments.services.payment import Payment, in_one_transaction, lock_payment
from payments.services.reserving import reserve
from payments.services.waiting import send_within

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

PAGE_VALID_FOR = timedelta(hours=2)
LONGEST_WAIT_S = 3.0
UNDER_WAY = (PaymentAttempt.Status.PENDING, PaymentAttempt.Status.UNKNOWN)


def accounts_for(intent: PaymentIntent) -> list[ProviderAccount]:
    """Return the accounts that take the intent, the healthy and preferred ones first."""
    return accounts.taking(intent.currency, is_practice=intent.customer.is_practice)


def methods_of(accounts: Iterable[ProviderAccount]) -> list[str]:
    """Return the methods that some of the accounts takes, in their order."""
    return list(dict.fromkeys(method for account in accounts for method in account.methods))


def can_keep_card(accounts: Iterable[ProviderAccount]) -> bool:
    """Say whether some of the accounts takes cards and can keep one for later."""
    return any(
        "card" in account.methods
        and Capability.SAVED_METHODS in provider_class(account.kind).manifest.capabilities
        for account in accounts
    )


def taking_keyed(accounts: Iterable[ProviderAccount]) -> list[ProviderAccount]:
    """Return the accounts on whose page an agent may key the card of a customer on the phone."""
    return [
        account
        for account in accounts
        if "card" in account.methods
        and Capability.MOTO in provider_class(account.kind).manifest.capabilities
    ]


def client_digest(address: str) -> str:
    """Return a keyed digest of a client's address, so that addresses are never stored."""
    return secret_for(f"client:{address}")


@dataclass(frozen=True, slots=True)
class Choice:
    """How the customer wants to pay. `client` is `client_digest` of their address."""

    method: str
    client: str = ""
    saves_method: bool = False


def choose_method(
    *, session_id: int, method: str, client: str = "", saves_method: bool = False
) -> PaymentAttempt:
    """Take the customer to a provider's page for the method; the attempt has its `page_url`.

    Choosing the same method again returns to its page. Another method first closes the old
    page; where that is not confirmed the old way stays. After five declines in ten minutes
    neither is given out. A provider that was never reached is replaced by the next that
    takes the method. Never call this inside a transaction.

    Raises SessionNotOpen, AlreadyPaid, MethodNotOffered, OldPageStillOpen,
    OutcomeStillUnknown, TooManyDeclines and ProviderDidNotAnswer.
    """
    locks.assert_no_transaction()
    if saves_method:
        saved_methods.note_consent(_intent_that_takes(session_id, method))
    choice = Choice(method, client, saves_method)
    _close_other_page(session_id, choice)
    tried: list[int] = []
    while True:
        attempt, operation = start(session_id, choice, tried)
        if operation is not None:
            send_within(operation.pk, LONGEST_WAIT_S)
            (attempt,) = rows.read(PaymentAttempt, "WHERE id = %s", [attempt.pk])
        if attempt.page_url and attempt.status in UNDER_WAY:
            return attempt
        if attempt.status != PaymentAttempt.Status.NOT_EXECUTED:
            raise errors.ProviderDidNotAnswer
        tried.append(attempt.account_id)


def _intent_that_takes(session_id: int, method: str) -> PaymentIntent:
    """Return the link's intent with its customer. Raises MethodNotOffered where nobody takes it."""
    intent = PaymentIntent.objects.select_related("customer").get(sessions=session_id)
    if method not in methods_of(accounts_for(intent)):
        raise errors.MethodNotOffered
    return intent


@in_one_transaction
def start(
    session_id: int, choice: Choice, tried: Iterable[int] = ()
) -> tuple[PaymentAttempt, ProviderOperation | None]:
    """Reserve a new attempt and its page, or return the live one of the same method.

    Nothing is sent here. Raises what `choose_method` does of what stands in the way.
    """
    payment, session = _open(session_id, choice.client)
    live = _live_attempt(payment, session)
    if live is not None:
        if live.method != choice.method:
            raise errors.OldPageStillOpen
        return live, None
    left = payment.left_to_charge()
    if left <= 0:
        raise errors.AlreadyBeingPaid(left=Money(0, payment.intent.currency))
    attempt = PaymentAttempt(
        intent=payment.intent,
        session=session,
        call_id=session.call_id,
        account=_account_for(payment.intent, session, choice.method, tried),
        method=choice.method,
        saves_method=choice.saves_method,
        amount=left,
        currency=payment.intent.currency,
        page_expires_at=_page_until(session),
        client_digest=choice.client,
        poll_at=timezone.now() + timedelta(seconds=10),
    )
    rows.insert(attempt)
    payment.attempts.append(attempt)
    operation = reserve(ProviderOperation.Kind.CREATE, attempt=attempt)
    payment.open_operations.append(operation)
    payment.add_step(_chosen(session, attempt))
    conclude(payment)
    return attempt, operation


def _page_until(session: CheckoutSession) -> datetime:
    """Two hours; a page on which an agent keys a card ends with its session."""
    if session.kind == CheckoutSession.Kind.KEYED:
        return session.expires_at
    return timezone.now() + PAGE_VALID_FOR


def _open(session_id: int, client: str) -> tuple[Payment, CheckoutSession]:
    """Lock the payment of a link that can be paid now. Raises what stands in the way."""
    intent_id = CheckoutSession.objects.values_list("intent_id", flat=True).get(pk=session_id)
    payment = lock_payment(intent_id)
    session = next(s for s in payment.sessions if s.pk == session_id)
    if payment.intent.status == PaymentIntent.Status.SUCCEEDED:
        raise errors.AlreadyPaid
    is_over = session.expires_at <= timezone.now()
    if session.status != CheckoutSession.Status.OPEN or is_over or payment.is_canceled:
        raise errors.SessionNotOpen
    if payment.intent.blocked_by_unknown:
        raise errors.OutcomeStillUnknown
    declines.refuse_resting(session, client)
    return payment, session


def _live_attempt(payment: Payment, session: CheckoutSession) -> PaymentAttempt | None:
    own = (a for a in payment.attempts if a.session_id == session.pk and a.is_live)
    return next(own, None)


def _close_other_page(session_id: int, choice: Choice) -> None:
    """Close the page of another method and wait for the provider's word on it."""
    live = PaymentAttempt.objects.filter(
        session=session_id, status__in=PaymentAttempt.LIVE, superseded_at=None
    )
    # Seen without a lock, which most customers need not wait for: `_start` looks again with it.
    if not live.exclude(method=choice.method).exists():
        return
    # A method that nobody takes must not cost the customer the page they have.
    _intent_that_takes(session_id, choice.method)
    operation_id = _reserve_closing(session_id, choice)
    if operation_id is not None:
        send_within(operation_id, LONGEST_WAIT_S)


@in_one_transaction
def _reserve_closing(session_id: int, choice: Choice) -> int | None:
    payment, session = _open(session_id, choice.client)
    live = _live_attempt(payment, session)
    if live is None or live.method == choice.method:
        return None
    return settling.ask_to_close(payment, live).pk


def _account_for(
    intent: PaymentIntent, session: CheckoutSession, method: str, tried: Iterable[int]
) -> ProviderAccount:
    found = accounts_for(intent)
    if session.kind == CheckoutSession.Kind.KEYED:
        found = taking_keyed(found)
    for account in found:
        if method in account.methods and account.pk not in tried:
            return account
    raise errors.ProviderDidNotAnswer if tried else errors.MethodNotOffered


def _chosen(session: CheckoutSession, attempt: PaymentAttempt) -> PaymentEvent:
    return own_event(
        intent_id=session.intent_id,
        account_id=None,
        subject=("session", session.public_id),
        status="method_chosen",
        source=Source.PAGE,
        cause=attempt.public_id,
        detail={
            "method": attempt.method,
            "attempt": attempt.public_id,
            "kind": session.kind,
        },
    )
