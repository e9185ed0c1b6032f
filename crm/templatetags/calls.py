"""What the templates show of telephones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import template
from django.utils import timezone

from crm.contact_values import phone_label
from crm.services import softphones
from crm.services.call_lines import Line, line_of

if TYPE_CHECKING:
    from django.template import Context

    from crm.models import Call

register = template.Library()

KEPT = "_kuitti_line"
WHOLE = frozenset({"crm:call-line", "crm:call-command"})


@register.simple_tag(takes_context=True)
def call_line(context: Context) -> Line:
    """The reader's own line, read once a page. A page asks for the rest of it afterwards."""
    request = context["request"]
    if not hasattr(request, KEPT):
        is_whole = request.resolver_match.view_name in WHOLE
        setattr(request, KEPT, line_of(request.user, is_whole=is_whole))
    kept: Line = getattr(request, KEPT)
    return kept


@register.simple_tag
def has_softphone() -> bool:
    """Whether there are made-up calls to practise with."""
    return softphones.is_here()


@register.filter
def seconds_of(call: Call) -> int:
    """How long a call lasts or lasted: from the answer, else from the first ring."""
    began_at = call.answered_at or call.ringing_at or call.created_at
    return max(0, int(((call.ended_at or timezone.now()) - began_at).total_seconds()))


@register.filter
def as_clock(seconds: int) -> str:
    """Seconds as 02:41, and 1:02:41 from an hour on."""
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes:02}:{rest:02}"


@register.filter
def caller(call: Call) -> str:
    """Who is on the line: the customer's name, else the number, else nothing."""
    return call.customer.name if call.customer else number(call)


@register.filter
def number(call: Call) -> str:
    """Their number with the spaces of its country; a short one as it is."""
    return as_number(call.their_number)


@register.filter
def as_number(text: str) -> str:
    """A number in E.164 with the spaces of its country; anything else as it is."""
    return phone_label(text) if text.startswith("+") else text
