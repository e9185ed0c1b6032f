"""What the templates of every app write with: money, days, phones, panels and permissions."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django import template
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from core import demo, policy
from core.money import Money
from core.writing import reader_locale, write_money, write_short_day, write_time, write_whole_day
from crm import help as helping
from crm import methods, palette
from crm.contact_values import phone_label
from crm.services import timeline

if TYPE_CHECKING:
    from django.template import Context

    from crm.models import ContactPoint, TimelineEntry
    from crm.panels import Built

register = template.Library()


@register.filter
def money(value: Money | None) -> str:
    """An amount with its currency, as the reader writes it. Nothing stays nothing."""
    return write_money(value) if value is not None else ""


@register.filter
def day(value: dt.date | dt.datetime | None) -> str:
    """A short day, "3 Nov"; the year only where it is another one."""
    if value is None:
        return ""
    if isinstance(value, dt.datetime):
        value = timezone.localtime(value).date()
    return write_short_day(value, reader_locale())


@register.filter
def long_day(value: dt.datetime) -> str:
    """The whole day, "Sunday 22 November 2026"."""
    return write_whole_day(timezone.localdate(value), reader_locale())


@register.filter
def clock(value: dt.datetime) -> str:
    """The time of day, "14:30"."""
    return write_time(value, reader_locale())


@register.filter
def phone(value: str) -> str:
    """An E.164 number with the spaces of its country."""
    return phone_label(value)


@register.filter
def contact(point: ContactPoint) -> SafeString:
    """A number or address of a customer, written so that it breaks where eyes expect it."""
    if point.kind == "phone":
        return format_html('<span class="nowrap">{}</span>', phone_label(point.value))
    name, _, domain = point.value.partition("@")
    return format_html("{}<wbr>@{}", name, domain)


@register.filter
def way_to_pay(method: str) -> str:
    """The name of a way to pay."""
    return methods.name_of(method)


@register.simple_tag(takes_context=True)
def allowed(context: Context, permission: str) -> bool:
    """Whether the reader may do this. For showing only: the views decide for themselves."""
    user = context.get("user")
    return user is not None and policy.allows(user, policy.Permission(permission))


@register.simple_tag(takes_context=True)
def places_by_chord(context: Context) -> list[palette.Act]:
    """The pages that keys lead the reader to from anywhere."""
    user = context.get("user")
    if user is None or not user.is_authenticated:
        return []
    return [act for act in palette.acts_for(user) if act.keys]


@register.simple_tag(takes_context=True)
def help_here(context: Context) -> str:
    """The address of the help of the present page; of all help where none is about it."""
    request = context.get("request")
    match = request.resolver_match if request is not None else None
    tab = str(match.kwargs.get("tab", "")) if match else ""
    name = helping.name_for(match.view_name, tab) if match else ""
    return reverse("crm:help-screen", args=[name]) if name else reverse("crm:help")


@register.simple_tag
def demo_logins() -> list[dict[str, str]]:
    """One login per role while this is a demo, with the password that everybody knows."""
    return [
        {"username": user.username, "password": demo.PASSWORD, "label": user.get_role_display()}
        for user in demo.logins()
    ]


@register.simple_tag(takes_context=True)
def show_panel(context: Context, built: Built) -> SafeString:
    """A panel that an upper app built, rendered with this page's request."""
    html = render_to_string(built.template, dict(built.context), context.get("request"))
    return mark_safe(html)  # noqa: S308  # rendered by a template, which escaped it


@register.filter
def sentence(entry: TimelineEntry) -> str:
    """What happened, as a sentence."""
    return timeline.describe(entry)
