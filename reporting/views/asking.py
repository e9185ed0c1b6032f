"""What readers ask for in the address of a list. What cannot be meant is not found."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from django.http import Http404

from payments.models import ProviderAccount

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crm.views.requests import AgentRequest

CODE = re.compile(r"[A-Za-z0-9_-]{1,40}")


def one_of(request: AgentRequest, name: str, known: Iterable[str]) -> str:
    """Read a choice. An unknown one would show other rows than were counted: it is not found."""
    asked = request.GET.get(name, "")
    if asked and asked not in known:
        raise Http404
    return asked


def code(request: AgentRequest, name: str) -> str:
    """Read a currency, a method or an id. What cannot be one is not found."""
    asked = request.GET.get(name, "")
    if asked and not CODE.fullmatch(asked):
        raise Http404
    return asked


def provider_name(account: str) -> str:
    """Name a provider account. Raises Http404 where there is none of that id."""
    if not account:
        return ""
    name = ProviderAccount.objects.filter(public_id=account).values_list("name", flat=True).first()
    if name is None:
        raise Http404
    return name
