"""What is asked after a lesson."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class FeedbackForm(forms.Form):
    """Two questions, each answered once."""

    clarity = forms.TypedChoiceField(
        label=_("Was it clear what to do?"),
        choices=[(str(number), str(number)) for number in range(1, 6)],
        coerce=int,
        widget=forms.RadioSelect,
    )
    missing = forms.CharField(
        label=_("What was missing?"),
        required=False,
        max_length=1_000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
