"""Card terminals at a counter: an amount is pushed to one, and the customer pays there.

A push reaches the customer without a page of ours, so a lost answer blocks until the provider
has spoken. One payment at a time stands on a terminal.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import IntegrityError
from django.utils import timezone

from core import rows
from core.money import Money
from payments import errors
from payments.models import CheckoutSession, PaymentAttempt, ProviderOperation, Terminal
from payments.models.events import Source
from payments.providers.base import Capability
from payments.registry import provider_class
from payments.services import accounts, links
from payments.services.apply import conclude
from payments.services.facts import own_event
from payments.services.keypad_steps import live_attempt
from payments.services.payment import Payment, in_one_transaction, lock_payment
from payments.services.reserving import reserve

if TYPE_CHECKING:
    from core.models import User

VALID_FOR = timedelta(minutes=10)
METHOD = "card"
FIRST_READ = timedelta(seconds=10)
Kind = CheckoutSession.Kind


def offered(currency: str, *, is_practice: bool = False) -> list[Terminal]:
    """The terminals that take a currency now, those of healthy accounts first.

    Who practises is taken by accounts for practice, which have none yet.
    """
    usable = {
        one.pk: place
        for place, one in enumerate(accounts.taking_lately(currency, is_practice=is_practice))
        if "card" in one.methods
        and Capability.TERMINAL in provider_class(one.kind).manifest.capabilities
    }
    found = Terminal.objects.filter(is_active=True, account__in=usable).select_related("account")
    return sorted(found, key=lambda one: (usable[one.account_id], one.label))


def has_any(currency: str, *, is_practice: bool = False) -> bool:
    """Whether there is a terminal to offer: read at most every five seconds, to show."""
    takes = {one.pk for one in accounts.taking_lately(currency, is_practice=is_practice)}
    return any(one.account_id in takes for one in accounts.terminals_lately())


def push(
    *, intent_id: int, terminal: Terminal, actor: User, replaces_open_page: bool = False
) -> PaymentAttempt:
    """Reserve the push of what is left to a terminal. Safe to repeat: it stands there once.

    Another way to pay that is open closes. Raises TerminalNotOffered, TerminalBusy where another
    payment stands on it, and what `open_link` raises.
    """
    try:
        return _push(
            intent_id=intent_id,
            terminal=terminal,
            actor=actor,
            replaces_open_page=replaces_open_page,
        )
    except IntegrityError as error:  # Two pressed at once: the index lets one stand there.
        if "session_one_per_terminal" not in str(error):
            raise
        raise errors.TerminalBusy from error


@in_one_transaction
def _push(
    *, intent_id: int, terminal: Terminal, actor: User, replaces_open_page: bool = False
) -> PaymentAttempt:
    payment = lock_payment(intent_id)
    intent = payment.intent
    if terminal not in offered(intent.currency, is_practice=intent.customer.is_practice):
        raise errors.TerminalNotOffered
    session = next((one for one in payment.sessions if _stands_on(one, terminal)), None)
    if session is None:
        _refuse_busy(terminal, intent_id)
        session = CheckoutSession(
            intent=payment.intent,
            kind=Kind.TERMINAL,
            terminal=terminal,
            language=payment.intent.customer.language,
            expires_at=timezone.now() + VALID_FOR,
        )
        links.open_way(payment, session, actor=actor, replaces_open_page=replaces_open_page)
    attempt = live_attempt(payment, session) or _start(payment, session, terminal)
    conclude(payment)
    return attempt


def _start(payment: Payment, session: CheckoutSession, terminal: Terminal) -> PaymentAttempt:
    left = payment.left_to_charge()
    if payment.intent.blocked_by_unknown:
        raise errors.OutcomeStillUnknown
    if left <= 0:
        raise errors.AlreadyBeingPaid(left=Money(0, payment.intent.currency))
    attempt = PaymentAttempt(
        intent=payment.intent,
        session=session,
        call_id=session.call_id,
        account=terminal.account,
        method=METHOD,
        amount=left,
        currency=payment.intent.currency,
        page_expires_at=session.expires_at,
        poll_at=timezone.now() + FIRST_READ,
    )
    rows.insert(attempt)
    payment.attempts.append(attempt)
    payment.open_operations.append(reserve(ProviderOperation.Kind.PUSH, attempt=attempt))
    payment.add_step(
        own_event(
            intent_id=session.intent_id,
            account_id=None,
            subject=("session", session.public_id),
            status="started",
            source=Source.PAGE,
            cause=attempt.public_id,
            detail={"kind": session.kind, "terminal": terminal.label},
        )
    )
    return attempt


def _stands_on(session: CheckoutSession, terminal: Terminal) -> bool:
    is_open = session.status == CheckoutSession.Status.OPEN
    in_time = session.expires_at > timezone.now()
    return is_open and in_time and session.terminal_id == terminal.pk


def _refuse_busy(terminal: Terminal, intent_id: int) -> None:
    open_ones = CheckoutSession.objects.filter(
        terminal=terminal, status=CheckoutSession.Status.OPEN
    )
    if open_ones.exclude(intent=intent_id).exists():
        raise errors.TerminalBusy
