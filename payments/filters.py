"""What payments can be looked for by. Everything stands in the address."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from django import forms
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from payments.method_names import NAMES, name_of
from payments.models import PaymentAttempt, PaymentIntent

if TYPE_CHECKING:
    from datetime import date

    from django.db.models import QuerySet


def _statuses() -> list[tuple[str, str]]:
    words = [(value, capfirst(str(label))) for value, label in PaymentIntent.Status.choices]
    return [("", str(_("Any"))), *words]


def _methods() -> list[tuple[str, str]]:
    return [("", str(_("Any"))), *((method, capfirst(name_of(method))) for method in NAMES)]


class PaymentFilter(forms.Form):
    """Status, method, days, and whether a person should look. What cannot be read is ignored."""

    status = forms.ChoiceField(label=_("Status"), choices=_statuses, required=False)
    method = forms.ChoiceField(label=_("Paid by"), choices=_methods, required=False)
    since = forms.DateField(
        label=_("From"), required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )
    until = forms.DateField(
        label=_("To"), required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )
    review = forms.BooleanField(label=_("Needs a look"), required=False)

    @property
    def is_used(self) -> bool:
        """Whether anything was looked for."""
        self.full_clean()
        return any(self.cleaned_data.values())

    def apply(self, rows: QuerySet[PaymentIntent]) -> QuerySet[PaymentIntent]:
        """Those of the rows that were looked for."""
        self.full_clean()
        wanted = self.cleaned_data
        if wanted.get("status"):
            rows = rows.filter(status=wanted["status"])
        if wanted.get("method"):
            tried = PaymentAttempt.objects.filter(intent=OuterRef("pk"), method=wanted["method"])
            rows = rows.filter(Exists(tried))
        if wanted.get("since"):
            rows = rows.filter(created_at__gte=_start_of(wanted["since"]))
        if wanted.get("until"):
            rows = rows.filter(created_at__lt=_start_of(wanted["until"] + timedelta(days=1)))
        if wanted.get("review"):
            rows = rows.filter(needs_review=True)
        return rows


def _start_of(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
