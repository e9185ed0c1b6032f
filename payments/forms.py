"""What agents may type about payments. The services decide what is right."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from core import pan
from core.errors import CardNumberRefused, DomainError
from core.ids import make_public_id
from core.money import EXPONENTS, Money, MoneyError
from core.writing import reader_locale, write_money
from crm.contact_values import normalise_email, normalise_phone
from payments import errors
from payments.keypads.base import Field
from payments.models import OutcomeDecision
from payments.services.destinations import EMAIL, SMS, Destination

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from crm.models import Customer
    from orders.models import Invoice, InvoiceLine
    from payments.desk import Refundable

DEFAULT_CURRENCY = "EUR"
LARGEST = 10**13
LONGEST_AMOUNT = 40
OPERATION = re.compile(r"op_[0-9a-z]{26}")


def new_operation() -> str:
    """Mint the id under which a form is carried out once, however often it is sent."""
    return make_public_id("op")


def read_amount(text: str, currency: str) -> Money:
    """Read what was typed in the reader's locale. Raises ValidationError, for a card number too."""
    if pan.looks_like_card(text):
        raise forms.ValidationError(str(CardNumberRefused()), code="card_number")
    try:
        money = Money.parse(text, currency, reader_locale())
    except MoneyError:
        money = None
    if money is None or money.minor > LARGEST:
        example = write_money(Money(1250, currency))
        raise forms.ValidationError(
            gettext("Write the amount as %(example)s.") % {"example": example}
        )
    return money


class ActForm(forms.Form):
    """A form that is carried out once. `refusal` is what stood in the way, if anything did."""

    operation = forms.RegexField(OPERATION, widget=forms.HiddenInput)
    refusal: DomainError | None = None

    @contextmanager
    def refusals(self, default_field: str | None = None) -> Iterator[None]:
        """Show a refusal beside the field it is about, or above the form."""
        try:
            yield
        except DomainError as error:
            self.refusal = error
            self.add_error(error.field if error.field in self.fields else default_field, str(error))

    @property
    def status(self) -> int:
        """The HTTP status of the answer: 200, 422 for what was typed, else the refusal's own."""
        if self.refusal is not None and self.refusal.status in {403, 409}:
            return self.refusal.status
        return 422 if self.errors else 200

    @property
    def sentences(self) -> list[str]:
        """Everything that stands in the way, in words."""
        return [str(text) for texts in self.errors.values() for text in texts]

    def kept(self, name: str) -> str:
        """What was typed into a field, to be shown again; a card number in it is masked."""
        return pan.mask(str(self.data.get(name, "")))


class ItemsForm(ActForm):
    """What is ticked on the Pay panel, and an amount: what every way to pay begins with."""

    items = forms.MultipleChoiceField(
        required=False,
        error_messages={
            "invalid_choice": _("One of the items is not open any more. Choose the items again.")
        },
    )
    currency = forms.ChoiceField(choices=[(code, code) for code in sorted(EXPONENTS)])
    amount = forms.CharField(
        max_length=LONGEST_AMOUNT,
        error_messages={"required": _("Choose what is paid, or write an amount.")},
    )

    def __init__(self, *args: Any, open_items: Sequence[Invoice], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.open_items = open_items
        items = self.fields["items"]
        assert isinstance(items, forms.MultipleChoiceField)  # noqa: S101 - for the type checker
        items.choices = [(invoice.public_id, invoice.number) for invoice in open_items]

    @property
    def ticked(self) -> set[str]:
        """The public ids that were ticked, whether they are still open or not."""
        return set(self.data.getlist("items")) if isinstance(self.data, QueryDict) else set()

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if "items" not in data or "currency" not in data or "amount" not in data:
            return data
        self.chosen = [one for one in self.open_items if one.public_id in data["items"]]
        for invoice in self.chosen:
            if invoice.currency != data["currency"]:
                error = errors.CurrencyNotOwed(owed=invoice.currency, currency=data["currency"])
                self.add_error("items", str(error))
                return data
        try:
            self._read(data)
        except forms.ValidationError as error:
            self.add_error("amount", error)
        return data

    def _read(self, data: dict[str, Any]) -> None:
        data["money"] = read_amount(data["amount"], data["currency"])


class PaymentForm(ItemsForm):
    """The Pay panel: items, an amount, and where the link goes or what is charged.

    The amount on the screen is the amount that is sent. Where nobody changed it by hand and
    the items come to another sum by now, the form is refused and shows the new sum.
    """

    shown = forms.CharField(required=False, max_length=LONGEST_AMOUNT)
    destination = forms.CharField(required=False, max_length=300)
    saved_method = forms.CharField(required=False, max_length=40)
    is_keyed = forms.BooleanField(required=False)
    is_keypad = forms.BooleanField(required=False)
    allows_surplus = forms.BooleanField(required=False)
    replaces_open_page = forms.BooleanField(required=False)

    def _read(self, data: dict[str, Any]) -> None:
        owed = Money(sum(one.open_amount for one in self.chosen), data["currency"])
        data["money"] = read_amount(data["amount"], data["currency"])
        is_by_hand = data["amount"] != data["shown"]
        if not is_by_hand and self.chosen and data["money"] != owed:
            words = gettext("The items now come to %(sum)s. Send again if that is right.")
            raise forms.ValidationError(words % {"sum": write_money(owed)})


class TransferForm(ItemsForm):
    """What is paid by bank transfer, and where its figures are sent, if anywhere."""

    destination = forms.CharField(required=False, max_length=300)
    replaces_open_page = forms.BooleanField(required=False)


class TerminalForm(ItemsForm):
    """What is paid at a card terminal, and at which."""

    terminal = forms.CharField(max_length=40, error_messages={"required": _("Choose a terminal.")})
    replaces_open_page = forms.BooleanField(required=False)


class PromiseForm(ItemsForm):
    """By when the customer promises to pay, and where it is confirmed, if anywhere."""

    due_on = forms.DateField(
        input_formats=["%Y-%m-%d"],
        error_messages={"required": _("Choose a day."), "invalid": _("Choose a day.")},
    )
    destination = forms.CharField(required=False, max_length=300)


class DestinationForm(ActForm):
    """Where else a link goes: a known place, or a number or address that is typed."""

    destination = forms.CharField(required=False, max_length=300)
    typed = forms.CharField(
        label=_("Another number or e-mail"),
        required=False,
        max_length=254,
        widget=forms.TextInput({"autocomplete": "off"}),
        help_text=_("Only this link goes there. To keep it, edit the customer."),
    )
    wants_new_link = forms.BooleanField(required=False)
    replaces_open_page = forms.BooleanField(required=False)

    def place(self, customer: Customer, places: Sequence[Destination]) -> Destination:
        """The place that was chosen or typed. Raises NoWayToSend and what reading one raises."""
        typed = self.cleaned_data["typed"].strip()
        return read_place(typed, customer) if typed else chosen_place(self, places)


def chosen_place(form: ActForm, places: Sequence[Destination]) -> Destination:
    """The known place whose key was sent. Raises NoWayToSend for any other."""
    wanted = form.cleaned_data["destination"]
    found = next((place for place in places if key_of(place) == wanted), None)
    if found is None:
        raise errors.NoWayToSend
    return found


def key_of(place: Destination) -> str:
    """What a button sends for a place."""
    return f"{place.channel}:{place.address}"


def read_place(typed: str, customer: Customer) -> Destination:
    """A typed number or address. Raises PhoneUnusable, EmailUnusable and CardNumberRefused."""
    try:
        if "@" in typed:
            return Destination(EMAIL, normalise_email(typed), customer.language)
        return Destination(SMS, normalise_phone(typed), customer.language)
    except DomainError as error:
        error.field = "typed"
        raise


class RefusalForm(ActForm):
    """Why somebody's request is refused."""

    reason = forms.CharField(
        label=_("Why not"),
        max_length=200,
        error_messages={"required": _("Write why it is refused.")},
    )


class DecisionForm(ActForm):
    """What became of an operation that is unknown, and how one knows."""

    outcome = forms.ChoiceField(
        choices=OutcomeDecision.Outcome.choices,
        error_messages={"required": _("Choose whether it was carried out.")},
    )
    reason = forms.CharField(
        max_length=200, error_messages={"required": _("Write how you know what became of it.")}
    )
    seen = forms.CharField(max_length=200, required=False)


class MoveForm(ActForm):
    """How much of a payment's free money goes to which invoice."""

    invoice = forms.ChoiceField(
        error_messages={
            "required": _("Choose an invoice."),
            "invalid_choice": _("This invoice is not open any more. Choose another one."),
        }
    )
    amount = forms.CharField(max_length=LONGEST_AMOUNT)

    def __init__(
        self, *args: Any, invoices: Sequence[Invoice], currency: str, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.currency = currency
        self.invoices = {one.public_id: one for one in invoices}
        invoice = self.fields["invoice"]
        assert isinstance(invoice, forms.ChoiceField)  # noqa: S101 - for the type checker
        invoice.choices = [(one.public_id, one.number) for one in invoices]

    def clean_amount(self) -> Money:
        return read_amount(self.cleaned_data["amount"], self.currency)


class FieldForm(ActForm):
    """Which field the customer keys once more."""

    field = forms.ChoiceField(choices=[(field.value, field.value) for field in Field])


class LinesForm(ActForm):
    """How many pieces of each line go back, and why. `seen` is the amount that was shown."""

    reason = forms.CharField(
        max_length=200, error_messages={"required": _("Write why the money is given back.")}
    )
    seen = forms.CharField(max_length=20, required=False)

    def __init__(self, *args: Any, lines: Sequence[InvoiceLine], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.names = {f"line-{line.pk}": line.pk for line in lines}
        for name, line in zip(self.names, lines, strict=True):
            self.fields[name] = forms.IntegerField(
                label=line.description, min_value=0, max_value=line.quantity, required=False
            )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        data["pieces"] = {pk: data.get(name) or 0 for name, pk in self.names.items()}
        return data


class RefundForm(ActForm):
    """How much goes back, and why."""

    capture = forms.ChoiceField(label=pgettext_lazy("money of a payment", "From"))
    amount = forms.CharField(
        label=_("Amount"),
        max_length=LONGEST_AMOUNT,
        widget=forms.TextInput({"inputmode": "decimal"}),
    )
    reason = forms.CharField(
        label=_("Why"),
        max_length=200,
        widget=forms.TextInput({"autocomplete": "off"}),
        error_messages={"required": _("Write why the money is given back.")},
    )
    wants_credit_note = forms.BooleanField(
        label=_("Write a credit note"),
        required=False,
        help_text=_("Without it the invoice is open again."),
    )

    def __init__(self, *args: Any, refundable: Sequence[Refundable], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.refundable = {one.capture.public_id: one for one in refundable}
        capture = self.fields["capture"]
        assert isinstance(capture, forms.ChoiceField)  # noqa: S101 - for the type checker
        capture.choices = [
            (public_id, write_money(one.left)) for public_id, one in self.refundable.items()
        ]
        if sum(bool(one.left) for one in refundable) <= 1:
            capture.widget = forms.HiddenInput()

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if "capture" in data and "amount" in data:
            try:
                currency = self.refundable[data["capture"]].capture.currency
                data["money"] = read_amount(data["amount"], currency)
            except forms.ValidationError as error:
                self.add_error("amount", error)
        return data
