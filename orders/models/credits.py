"""What was asked for and then taken back."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.fields import FreeCharField, PublicIdField
from core.models.base import BaseModel
from core.money import Money
from orders.models.invoices import Invoice, InvoiceLine
from orders.models.lines import LineFields, PartFields
from orders.models.orders import NUMBER_LENGTH


class CreditNote(BaseModel):
    """Takes back what an invoice asked for, in part or whole. It never moves money itself."""

    public_id = PublicIdField(_("public id"), prefix="cn")
    invoice = models.ForeignKey(
        Invoice, verbose_name=_("invoice"), on_delete=models.PROTECT, related_name="credit_notes"
    )
    number = models.CharField(_("number"), max_length=NUMBER_LENGTH, editable=False)
    amount = models.BigIntegerField(_("amount"), help_text=_("Minor units, tax included."))
    issued_on = models.DateField(_("date"))
    reason = FreeCharField(_("reason"), max_length=200, blank=True, default="")
    is_posted = models.BooleanField(
        _("in the ledger"), default=False, editable=False, help_text=_("Stands in the ledger.")
    )

    class Meta:
        verbose_name = _("credit note")
        verbose_name_plural = _("credit notes")
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="credit_note_positive"),
            models.UniqueConstraint(fields=["number"], name="credit_note_number_unique"),
        ]
        indexes = [
            models.Index(fields=["id"], condition=Q(is_posted=False), name="credit_note_to_post"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def money(self) -> Money:
        return Money(self.amount, self.invoice.currency)


class CreditNotePart(PartFields):
    """The share of one tax rate in a credit note. The parts add up to its amount."""

    credit_note = models.ForeignKey(
        CreditNote, on_delete=models.CASCADE, related_name="parts", db_index=False
    )

    class Meta(PartFields.Meta):
        constraints = [
            *PartFields.Meta.constraints,
            models.UniqueConstraint(fields=["credit_note", "vat_bp"], name="credit_note_part_rate"),
        ]


class CreditNoteLine(LineFields):
    """Pieces of one line of the invoice that a credit note takes back, where it names lines."""

    credit_note = models.ForeignKey(
        CreditNote,
        verbose_name=_("credit note"),
        on_delete=models.CASCADE,
        related_name="lines",
        db_index=False,
    )
    line = models.ForeignKey(
        InvoiceLine,
        verbose_name=_("invoice line"),
        on_delete=models.PROTECT,
        related_name="credited_lines",
    )

    class Meta(LineFields.Meta):
        verbose_name = _("credit note line")
        verbose_name_plural = _("credit note lines")
        constraints = [
            *LineFields.Meta.constraints,
            models.UniqueConstraint(
                fields=["credit_note", "position"], name="credit_note_line_position"
            ),
        ]
