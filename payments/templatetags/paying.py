"""What the templates of payments write with, beside `desk`."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from babel.numbers import format_decimal
from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.timesince import timesince
from django.utils.translation import gettext as _

from core.money import Money, exponent
from core.writing import reader_locale, write_money, write_time
from crm.templatetags.desk import day
from payments.clocks import clock_of
from payments.method_names import label_of, name_of
from payments.rail_words import DEEDS, LEDGER, REVIEW_REASONS, STATUSES, SUBJECTS

if TYPE_CHECKING:
    from django.utils.safestring import SafeString

    from payments.models import LedgerAccount, PaymentIntent, PaymentMethod
    from payments.views.rail_context import Told

register = template.Library()

JUST_NOW = dt.timedelta(minutes=1)


@register.filter
def major(value: Money) -> str:
    """An amount as a bank's form takes it: figures alone."""
    places = exponent(value.currency)
    pattern = f"0.{'0' * places}" if places else "0"
    return format_decimal(value.major, pattern, locale=reader_locale())


TONES = {
    "succeeded": "paid",
    "done": "paid",
    "moved": "paid",
    "won": "paid",
    "authorised": "paid",
    "requires_action": "wait",
    "processing": "wait",
    "requires_capture": "wait",
    "partially_paid": "wait",
    "pending": "wait",
    "created": "wait",
    "sent": "wait",
    "requested": "wait",
    "awaiting_approval": "wait",
    "needs_response": "fail",
    "declined": "fail",
    "failed": "fail",
    "lost": "fail",
    "unknown": "unknown",
}


@register.filter
def tone(status: str) -> str:
    """The colour of a status, as `components/tag.html` names it."""
    return TONES.get(status, "")


@register.filter
def tone_of(intent: PaymentIntent) -> str:
    """The colour of a payment's status; its own where an outcome is unknown."""
    return "unknown" if intent.blocked_by_unknown else tone(intent.status)


@register.filter
def minor(amount: int, currency: str) -> str:
    """Minor units of a currency, written as money."""
    return write_money(Money(int(amount), currency)) if currency else ""


@register.filter
def method_name(method: str) -> str:
    """The name of a way to pay, as it stands at the beginning of a cell."""
    return capfirst(name_of(method))


@register.filter
def method_label(method: PaymentMethod) -> str:
    """A saved way to pay: Visa ·· 4242."""
    return label_of(method)


@register.filter
def review_reason(code: str) -> str:
    """Why a person should look, in words."""
    return str(REVIEW_REASONS.get(code, code))


@register.filter
def subject_word(kind: str) -> str:
    """What an event is about, in a word."""
    return str(SUBJECTS.get(kind, kind))


@register.filter
def status_word(status: str) -> str:
    """The status that an event tells, in a word."""
    return str(STATUSES.get(status, status))


@register.filter
def deed_word(action: str) -> str:
    """What somebody did, as the audit names it, in words."""
    return str(DEEDS.get(action, action))


@register.filter
def ledger_word(account: LedgerAccount) -> str:
    """What an account of the ledger holds, in words."""
    return str(LEDGER.get(account.code, account.code))


@register.filter
def moment(value: dt.datetime | None) -> str:
    """A time today, or a day and its time."""
    if value is None:
        return ""
    local = timezone.localtime(value)
    clock = write_time(value, reader_locale())
    return clock if local.date() == timezone.localdate() else f"{day(value)} {clock}"


@register.filter
def age(value: dt.datetime) -> str:
    """How long ago it was, to the minute."""
    if timezone.now() - value < JUST_NOW:
        return _("just now")
    return _("%(time)s ago") % {"time": timesince(value)}


@register.filter
def second(value: dt.datetime) -> str:
    """A day and its time to the second."""
    return f"{day(value)} {write_time(value, reader_locale(), seconds=True)}"


@register.filter
def works_for(told: Told) -> SafeString:
    """How long the link still works; a script counts it down."""
    return _counting_down(told.works_for, told.rail.expires_at)


@register.filter
def held_for(told: Told) -> SafeString:
    """How long the goods are still kept; a script counts it down."""
    return _counting_down(told.held_for, told.held_until)


def _counting_down(left: int | None, until: dt.datetime | None) -> SafeString:
    return format_html(
        '<span class="amount" data-countdown="{}" data-countdown-until="{}">{}</span>',
        left or 0,
        until.isoformat() if until else "",
        clock_of(left or 0),
    )


@register.filter
def countdown(told: Told) -> SafeString:
    """The seconds until the provider is asked again; a script counts them down."""
    until = told.rail.hold.until.isoformat() if told.rail.hold and told.rail.hold.until else ""
    return format_html(
        '<b class="amount" data-countdown="{}" data-countdown-until="{}">{}</b>',
        told.seconds,
        until,
        told.clock,
    )
