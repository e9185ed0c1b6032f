"""What may be typed about tasks, and what their list can be narrowed by."""

from __future__ import annotations

from datetime import datetime, timedelta

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.forms import capitalised
from crm.models import Task
from crm.models.tasks import TEXT_LENGTH

MORNING = 9
WRITTEN_BY_PEOPLE = (Task.Kind.CALL_BACK, Task.Kind.FOLLOW_UP)


def tomorrow_morning() -> datetime:
    """Nine o'clock of the next day, where the business is."""
    return morning_in(1)


def morning_in(days: int) -> datetime:
    """Nine o'clock so many days from now."""
    day = timezone.localtime() + timedelta(days=days)
    return day.replace(hour=MORNING, minute=0, second=0, microsecond=0)


class TaskForm(forms.Form):
    """A task that a person writes down."""

    operation = forms.RegexField(r"^task_[0-9a-z]{26}$", widget=forms.HiddenInput)
    kind = forms.ChoiceField(
        label=_("Kind"),
        choices=capitalised(*((kind.value, kind.label) for kind in WRITTEN_BY_PEOPLE)),
        widget=forms.RadioSelect,
        initial=Task.Kind.CALL_BACK,
    )
    text = forms.CharField(
        label=_("What to do"),
        max_length=TEXT_LENGTH,
        required=False,
        widget=forms.Textarea({"rows": 2}),
        help_text=_("Never write a card number here: it would be masked."),
    )
    due_at = forms.DateTimeField(
        label=_("When"),
        widget=forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    is_mine = forms.BooleanField(label=_("I do it myself"), required=False, initial=True)


class Whose(forms.Form):
    """Which tasks the list shows. What cannot be read shows what waits for the reader."""

    WAITING, MINE, UNASSIGNED, ALL = "", "mine", "unassigned", "all"
    whose = forms.ChoiceField(
        label=_("Whose"),
        required=False,
        choices=[
            (WAITING, _("Mine and nobody’s")),
            (MINE, _("Mine")),
            (UNASSIGNED, _("Nobody’s")),
            (ALL, _("Everybody’s")),
        ],
    )
    overdue = forms.BooleanField(label=_("Overdue"), required=False)


HOUR, TOMORROW, WEEK = "hour", "tomorrow", "week"
SOON = [(HOUR, _("In an hour")), (TOMORROW, _("Tomorrow morning")), (WEEK, _("In a week"))]


def instant_of(chosen: str) -> datetime:
    """The instant of a choice: in an hour, tomorrow morning, or in a week's morning."""
    if chosen == HOUR:
        return timezone.now() + timedelta(hours=1)
    return morning_in(1 if chosen == TOMORROW else 7)


class SnoozeForm(forms.Form):
    """Until when a task is put off."""

    until = forms.ChoiceField(choices=SOON)

    def instant(self) -> datetime:
        """The instant that was chosen."""
        return instant_of(self.cleaned_data["until"])
