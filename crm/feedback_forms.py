"""What a customer may answer about a call."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.forms import CardShyForm
from crm.models.feedback import BEST, WORDS_LENGTH, WORST


class OneEndOfLine(forms.CharField):
    """Text in which a line ends with one character, as browsers count it while one types."""

    def to_python(self, value: Any) -> str | None:
        text = super().to_python(value)
        return text.replace("\r\n", "\n") if text else text


class FeedbackForm(CardShyForm):
    """A score from 1 to 5, and words if one wants to add some."""

    score = forms.TypedChoiceField(
        choices=[(score, score) for score in range(WORST, BEST + 1)],
        coerce=int,
        error_messages={
            "required": _("Choose a number from 1 to 5."),
            "invalid_choice": _("Choose a number from 1 to 5."),
        },
    )
    words = OneEndOfLine(
        required=False,
        max_length=WORDS_LENGTH,
        error_messages={"max_length": _("Write at most 500 characters.")},
    )

    @property
    def has_words(self) -> bool:
        """Whether the form that was sent had a place for words, also where it is empty."""
        return "words" in self.data
