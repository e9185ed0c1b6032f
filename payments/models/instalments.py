"""How the parts of instalment plans are asked for: by a charge that was allowed, or by a link."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.fields import FreeCharField
from core.models.base import BaseModel
from payments.models.intents import PaymentIntent
from payments.models.methods import PaymentMethod

LONGEST_SENTENCE = 500


class InstalmentMandate(BaseModel):
    """A customer's word that a saved method may be charged for the parts of one plan.

    `sentence` is what was read to the customer, word by word; `agreed_at` is when they said yes.
    """

    plan = models.OneToOneField(
        "orders.InstalmentPlan",
        verbose_name=_("instalment plan"),
        on_delete=models.PROTECT,
        related_name="mandate",
    )
    method = models.ForeignKey(
        PaymentMethod,
        verbose_name=_("saved payment method"),
        on_delete=models.PROTECT,
        related_name="mandates",
    )
    sentence = FreeCharField(_("what was agreed to"), max_length=LONGEST_SENTENCE)

    class Meta:
        verbose_name = _("mandate for instalments")
        verbose_name_plural = _("mandates for instalments")


class InstalmentRequest(BaseModel):
    """That one part of a plan was asked for, and by which payment. There is one, ever.

    The unique key on the instalment is the last guard against asking twice; `followed_at` is
    when a charge that came to nothing was followed by a link and a task.
    """

    class Kind(models.TextChoices):
        LINK = "link", _("link")
        CHARGE = "charge", _("charge of the saved method")

    instalment = models.OneToOneField(
        "orders.Instalment",
        verbose_name=_("instalment"),
        on_delete=models.PROTECT,
        related_name="request",
    )
    intent = models.OneToOneField(
        PaymentIntent,
        verbose_name=_("payment intent"),
        on_delete=models.PROTECT,
        related_name="instalment_request",
    )
    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    followed_at = models.DateTimeField(_("followed up"), null=True, blank=True)

    class Meta:
        verbose_name = _("request for an instalment")
        verbose_name_plural = _("requests for instalments")
        indexes = [
            models.Index(
                fields=["id"],
                condition=models.Q(kind="charge", followed_at=None),
                name="instalment_charge_to_follow",
            ),
        ]
