"""What agents may type about instalments. The services decide what is right."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from orders.models import InstalmentPlan
from payments.forms import ItemsForm

WHOLE_NUMBER = _("Write how many parts, such as 3.")
UNUSABLE = ("required", "invalid", "min_value", "max_value")
CHOOSE_A_DAY = _("Choose a day.")


class PlanForm(ItemsForm):
    """In how many parts, from which day on, how each is paid, and where that is confirmed.

    A saved method needs the customer's word: that the sentence was read, and they agreed.
    """

    parts = forms.IntegerField(
        min_value=0,
        max_value=99,
        error_messages=dict.fromkeys(UNUSABLE, WHOLE_NUMBER),
    )
    first_on = forms.DateField(
        input_formats=["%Y-%m-%d"],
        error_messages={"required": CHOOSE_A_DAY, "invalid": CHOOSE_A_DAY},
    )
    rhythm = forms.ChoiceField(choices=InstalmentPlan.Rhythm.choices)
    saved_method = forms.CharField(required=False, max_length=40)
    has_agreed = forms.BooleanField(required=False)
    destination = forms.CharField(required=False, max_length=300)
    replaces_open_page = forms.BooleanField(required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if data.get("saved_method") and not data.get("has_agreed"):
            self.add_error("has_agreed", _("Read the sentence to the customer, and tick it."))
        return data
