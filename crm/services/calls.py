"""Calls: taking in what a telephone system tells, and finding who is on the line."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Case, Subquery, Value, When
from django.utils import timezone

from core import audit, bell, live, locks, pan, policy, rows
from core.errors import CardNumberRefused
from core.locks import Rank
from crm.call_facts import Fact, join
from crm.contact_values import normalise_phone
from crm.errors import PhoneUnusable, PracticeApart
from crm.models import (
    AgentLine,
    Call,
    CallEvent,
    ContactPoint,
    Customer,
    Extension,
    PhoneSystem,
)
from crm.models.calls import NUMBER_LENGTH
from crm.services import timeline

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from django.db.models import QuerySet

    from core.models import User
    from core.money import Money
    from crm.services.actors import Actor
    from crm.telephony.base import CallNews

RINGS_FOR = timedelta(minutes=10)
LASTS_FOR = timedelta(hours=12)
"""A call whose end was never told is nobody's present call for longer than this."""

MOST_CANDIDATES = 20

JOINED = (
    "status", "recording", "agent_id", "direction", "their_number", "our_number",
    "ringing_at", "answered_at", "ended_at",
)  # fmt: skip

_GROW = """
    INSERT INTO crm_agentline (user_id, version) VALUES (%s, 1)
    ON CONFLICT (user_id) DO UPDATE SET version = crm_agentline.version + 1
    RETURNING version, (SELECT public_id FROM core_user WHERE id = user_id)
"""

taken_during: list[Callable[[Call], Money | None]] = []
"""What was taken during a call, as the app above registers it. The first answer counts."""

grown_during: list[Callable[[Sequence[int]], dict[int, int]]] = []
"""How much was made during calls, as the apps above register it: numbers that only grow."""


def register(
    *,
    grown: Callable[[Sequence[int]], dict[int, int]],
    taken: Callable[[Call], Money | None] | None = None,
) -> None:
    """Say how an app above knows what was made, and taken, during calls. Safe to repeat."""
    if taken is not None and taken not in taken_during:
        taken_during.append(taken)
    if grown not in grown_during:
        grown_during.append(grown)


@transaction.atomic
def take_event(*, system: PhoneSystem, news: CallNews) -> Call:
    """Add what a telephone system says of a call, and join the call anew. Safe to repeat.

    Order and repetition cannot matter. A number that one customer has names the customer; a
    customer whom a person chose stays. Raises CardNumberRefused and ImpossibleFact.
    """
    call = _locked(system, news.external_id)
    event = _event_of(call, system, news)
    if not rows.insert_once(event):
        return call
    before, number = call.agent_id, call.their_number
    _rejoin(call)
    if call.their_number != number and not call.is_customer_chosen:
        _name_by_number(call)
    call.version += 1
    call.save(update_fields=[*JOINED, "customer", "version"])
    _write_entry(call)
    tell_of(call)
    _tell({before, call.agent_id, event.agent_id})
    if not call.is_live:
        bell.ring_on_commit("ended_calls")
    return call


@transaction.atomic
def name_customer(*, call: Call, customer: Customer, actor: Actor) -> Call:
    """Say who is on the line. A person's word: no number changes it afterwards.

    Raises PracticeApart where only one of the two is made up for practice.
    """
    current = locks.one(Rank.CALL, Call.objects.filter(pk=call.pk))
    if call.phone_system.is_practice is not customer.is_practice:
        raise PracticeApart
    if current.customer_id == customer.pk and current.is_customer_chosen:
        return current
    if current.customer_id is not None:
        timeline.forget(current.customer_id, current.public_id)
    current.customer, current.is_customer_chosen = customer, True
    current.version += 1
    current.save(update_fields=["customer", "is_customer_chosen", "version"])
    audit.record(actor, "call.customer_named", current, after={"customer": customer.public_id})
    _write_entry(current)
    tell_of(current)
    _tell({current.agent_id})
    return current


def _name_by_number(call: Call) -> None:
    """Let the number say who it is. What was told of another customer's call is taken back."""
    found = only_candidate(call)
    if call.customer_id is not None and found != call.customer:
        timeline.forget(call.customer_id, call.public_id)
    call.customer = found


def live_calls(user: User) -> QuerySet[Call]:
    """What rings at a person or is on their line, the latter first, the newest first."""
    now = timezone.now()
    found = (
        Call.objects.filter(agent=user, status__in=Call.LIVE, created_at__gt=now - LASTS_FOR)
        .exclude(status=Call.Status.RINGING, created_at__lt=now - RINGS_FOR)
        .annotate(is_ringing=Case(When(status="ringing", then=Value(1)), default=Value(0)))
        .select_related("customer", "phone_system")
    )
    return found.order_by("is_ringing", "-pk")


def current_call(user: User) -> Call | None:
    """The call that a person is on, else the one that rings at them. One query."""
    return live_calls(user).first()


def calls_of(customer: Customer) -> QuerySet[Call]:
    """The calls of a customer, the newest first."""
    return Call.objects.filter(customer=customer).order_by("-pk")


def candidates(call: Call) -> list[Customer]:
    """The customers who have the number, by name. One query, none where the number is withheld.

    A practice call finds practice customers alone, and no other call finds them.
    """
    if not call.their_number:
        return []
    points = ContactPoint.objects.filter(
        kind=ContactPoint.Kind.PHONE, value=call.their_number
    ).values("customer")
    system = PhoneSystem.objects.filter(pk=call.phone_system_id)
    found = (
        Customer.objects.current()
        .filter(pk__in=points, is_practice=Subquery(system.values("is_practice")[:1]))
        .order_by("sort_key", "pk")
    )
    return list(found[:MOST_CANDIDATES])


def only_candidate(call: Call) -> Customer | None:
    """The customer who alone has the number."""
    found = candidates(call)
    return found[0] if len(found) == 1 else None


def line_versions(user: User, ids: Sequence[str]) -> dict[str, int]:
    """{topic: version} of a person's own line, for live screens. Nobody sees another's."""
    if user.public_id not in ids:
        return {}
    version = AgentLine.objects.filter(user=user).values_list("version", flat=True).first()
    return {f"calls:{user.public_id}": version or 0}


def call_versions(user: User, ids: Sequence[str]) -> dict[str, int]:
    """{topic: version} of single calls, for their pages."""
    if not policy.allows(user, policy.VIEW_CUSTOMER):
        return {}
    found = list(Call.objects.filter(public_id__in=ids))
    versions = versions_of(found)
    return {f"call:{call.public_id}": versions[call.pk] for call in found}


def versions_of(found: Sequence[Call]) -> dict[int, int]:
    """A number per call that grows with its events, and with what was made during it."""
    versions = {call.pk: call.version for call in found}
    for count in grown_during:
        for call_id, more in count(list(versions)).items():
            versions[call_id] += more
    return versions


def tell_of(call: Call) -> None:
    """Tell the call's page, once this is committed, that something was made during it."""
    live.publish_on_commit(f"call:{call.public_id}", lambda: _present_version(call.pk))


def _present_version(call_id: int) -> int:
    return versions_of([Call.objects.get(pk=call_id)])[call_id]


def _locked(system: PhoneSystem, external_id: str) -> Call:
    """The call of a system's id, made where it is new, kept from changing until the commit."""
    made = Call(phone_system=system, external_id=external_id)
    rows.insert_once(made)
    own = Call.objects.filter(phone_system=system, external_id=external_id)
    return locks.one(Rank.CALL, own)


def _event_of(call: Call, system: PhoneSystem, news: CallNews) -> CallEvent:
    agent_id = None
    if news.extension:
        own = Extension.objects.filter(phone_system=system, number=news.extension)
        agent_id = own.values_list("user_id", flat=True).first()
    key = f"{news.kind}|{news.key or f'{news.at.isoformat()}|{news.extension}'}"
    return CallEvent(
        call=call,
        kind=news.kind,
        at=news.at,
        extension=news.extension if news.extension.isprintable() else "",
        agent_id=agent_id,
        direction=news.direction,
        their_number=dialled(news.their_number),
        our_number=dialled(news.our_number),
        dedupe_key=hashlib.sha256(key.encode()).hexdigest(),
    )


def dialled(text: str) -> str:
    """A number as we keep it: in E.164 where it is one; nothing where there is none to call."""
    try:
        return normalise_phone(text)
    except CardNumberRefused:
        return ""
    except PhoneUnusable:
        digits = text.strip()[:NUMBER_LENGTH]
        return digits if digits.isdigit() and not pan.looks_like_card(digits) else ""


def _rejoin(call: Call) -> None:
    """Put onto the call what all its events add up to."""
    said = CallEvent.objects.filter(call=call).values_list(
        "kind", "at", "extension", "agent_id", "direction", "their_number", "our_number"
    )
    state = join([Fact(*one) for one in said])
    for name in JOINED:
        setattr(call, name, getattr(state, name))


def _write_entry(call: Call) -> None:
    """Tell the customer's timeline of a call that is over. What comes late makes it right."""
    if call.is_live or call.customer_id is None:
        return
    kind = _entry_kind(call)
    data: dict[str, int | str] = {"minutes": _minutes(call)}
    money = next((found for ask in taken_during if (found := ask(call))), None)
    if money and call.answered_at:
        kind += "_taken"
        data |= {"amount": money.minor, "currency": money.currency}
    timeline.keep(call.customer_id, kind, actor=call.agent, object_id=call.public_id, data=data)


def _entry_kind(call: Call) -> str:
    if call.answered_at is not None:
        return f"call.{call.direction}"
    return "call.missed" if call.is_missed else "call.failed"


def _minutes(call: Call) -> int:
    """Whole minutes begun, from the answer to the end."""
    if call.answered_at is None or call.ended_at is None:
        return 0
    return -(-max(0, int((call.ended_at - call.answered_at).total_seconds())) // 60)


def _tell(user_ids: Iterable[int | None]) -> None:
    """Let the lines of these people grow, in one order, and tell their screens."""
    for user_id in sorted({one for one in user_ids if one is not None}):
        ((version, public_id),) = rows.select(_GROW, [user_id])
        live.publish_on_commit(f"calls:{public_id}", version)
