"""What agents may type about customers and about themselves. The services decide what is right."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from core import pan
from core.errors import CardNumberRefused, DomainError
from core.models import User
from crm.models import ContactPoint, Customer
from crm.models.customers import NAME_LENGTH, Channel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from django_stubs_ext import StrOrPromise

# Where a service speaks of several values, a form has one field.
FIELD_OF = {"phones": "phone", "emails": "email"}
LONGEST_NOTE = 4000


def capitalised(*choices: tuple[str, StrOrPromise]) -> Callable[[], list[tuple[str, str]]]:
    """Choices as they stand alone in a form, read anew in each reader's language."""
    return lambda: [(value, capfirst(str(label))) for value, label in choices]


@contextmanager
def domain_errors_on(form: forms.BaseForm, default_field: str | None = None) -> Iterator[None]:
    """Show a refusal beside the field it is about, or above the form."""
    try:
        yield
    except DomainError as error:
        field = FIELD_OF.get(error.field, error.field)
        form.add_error(field if field in form.fields else default_field, str(error))


class CardShyForm(forms.Form):
    """A form that refuses card numbers in `structured` fields, and never shows one back."""

    structured: ClassVar[frozenset[str]] = frozenset()

    def full_clean(self) -> None:
        super().full_clean()
        if self.is_bound:
            self.data = {name: self._fit_to_show(name) for name in self.data}

    def clean(self) -> None:
        for name in self.structured & set(self.cleaned_data):
            if pan.looks_like_card(self.cleaned_data[name]):
                self.add_error(name, str(CardNumberRefused()))

    def _fit_to_show(self, name: str) -> str:
        field, value = self.fields.get(name), self.data.get(name, "")
        is_shown = field is not None and not field.widget.is_hidden
        return pan.mask(value) if is_shown else value


class CustomerForm(CardShyForm):
    """The details of a customer who is already known."""

    structured = frozenset({"business_id", "phone", "email"})

    kind = forms.ChoiceField(
        label=_("Kind"),
        choices=capitalised(*Customer.Kind.choices),
        widget=forms.RadioSelect,
        initial="person",
    )
    name = forms.CharField(
        label=_("Name"), max_length=NAME_LENGTH, widget=forms.TextInput({"autocomplete": "off"})
    )
    business_id = forms.CharField(
        label=_("Business ID"),
        required=False,
        max_length=20,
        help_text=_("For companies: 1234567-1."),
    )
    language = forms.ChoiceField(
        label=_("Language"),
        choices=capitalised(*Customer.Language.choices),
        help_text=_("Links, receipts and reminders are written in it."),
    )
    preferred_channel = forms.ChoiceField(
        label=_("Send links by"),
        choices=capitalised(("", _("as it suits")), *Channel.choices),
        required=False,
    )
    note = forms.CharField(
        label=_("Note"),
        required=False,
        max_length=LONGEST_NOTE,
        widget=forms.Textarea({"rows": 3}),
    )

    @classmethod
    def of(cls, customer: Customer) -> CustomerForm:
        """A form that shows the customer as it is now."""
        return cls(initial={name: getattr(customer, name) for name in cls.base_fields})


class NewCustomerForm(CustomerForm):
    """The details of somebody new, with the first ways to reach them."""

    operation = forms.RegexField(r"^cus_[0-9a-z]{26}$", widget=forms.HiddenInput)
    # What is typed first: whoever writes a caller down has both hands on the keys.
    name = forms.CharField(
        label=_("Name"),
        max_length=NAME_LENGTH,
        widget=forms.TextInput({"autocomplete": "off", "autofocus": True}),
    )
    call = forms.RegexField(r"^call_[0-9a-z]{26}$", widget=forms.HiddenInput, required=False)
    phone = forms.CharField(
        label=_("Phone"),
        required=False,
        max_length=40,
        widget=forms.TextInput({"inputmode": "tel"}),
    )
    email = forms.CharField(
        label=_("E-mail"),
        required=False,
        max_length=254,
        widget=forms.TextInput({"inputmode": "email"}),
    )

    field_order = [
        "operation", "call", "name", "phone", "email", "language", "kind",
        "business_id", "preferred_channel", "note",
    ]  # fmt: skip

    def details(self) -> dict[str, Any]:
        """What the service takes besides the ways to reach them."""
        return {name: self.cleaned_data[name] for name in CustomerForm.base_fields}


class NoteForm(CardShyForm):
    """What the next agent should know."""

    note = forms.CharField(
        label=_("What the next agent should know"),
        required=False,
        max_length=LONGEST_NOTE,
        widget=forms.Textarea({"rows": 8, "data-key": "n", "aria-keyshortcuts": "N"}),
        help_text=_("Never write a card number here: it would be masked."),
    )


class ContactPointForm(CardShyForm):
    """One more number or address."""

    structured = frozenset({"value"})

    kind = forms.ChoiceField(label=_("Kind"), choices=capitalised(*ContactPoint.Kind.choices))
    value = forms.CharField(label=_("Number or address"), max_length=254)
    label = forms.CharField(
        label=_("What it is"),
        required=False,
        max_length=60,
        help_text=_("For example: work, spouse, invoices."),
    )


class SettingsForm(forms.ModelForm):  # type: ignore[type-arg]  # no generic at run time
    """How the desk looks and listens for one person."""

    class Meta:
        model = User
        fields = ("language", "theme", "shortcuts_enabled")
        labels = {
            "language": _("Language"),
            "theme": _("Colours"),
            "shortcuts_enabled": _("Single keys press buttons"),
        }
        help_texts = {
            "shortcuts_enabled": _("Ctrl+K finds a customer either way."),
        }
        widgets = {"theme": forms.RadioSelect, "language": forms.RadioSelect}
