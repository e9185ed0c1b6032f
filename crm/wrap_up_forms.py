"""What may be typed about how a call ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.forms import CardShyForm
from crm.models import Feedback
from crm.models.wrapping import NOTE_LENGTH
from crm.task_forms import SOON, instant_of

if TYPE_CHECKING:
    from datetime import datetime


UNASKED = [(why.value, why.label) for why in Feedback.BY_AGENTS]
"""Why an agent may leave the question after this call unasked."""


class WrapUpForm(CardShyForm):
    """How a call ended, what should be known of it, and what follows for the customer."""

    outcome = forms.CharField(required=False, max_length=40)
    note = forms.CharField(required=False, max_length=NOTE_LENGTH, widget=forms.Textarea)
    call_back = forms.ChoiceField(
        label=_("Call back"), required=False, choices=[("", _("No")), *SOON]
    )
    unasked = forms.ChoiceField(
        label=_("Ask how it went"), required=False, choices=[("", _("Yes")), *UNASKED]
    )

    @property
    def words(self) -> dict[str, Any]:
        """What a draft keeps: outcome and note."""
        return {name: self.cleaned_data[name] for name in ("outcome", "note")}

    @property
    def call_back_at(self) -> datetime | None:
        """When to call back, or None."""
        chosen = self.cleaned_data["call_back"]
        return instant_of(chosen) if chosen else None
