"""The ledger: accounts with kept balances, and transfers that cannot be unbalanced."""

from __future__ import annotations

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.fields import XidField
from core.money import Money


class LedgerAccount(models.Model):
    """One account in one currency. Its sums are kept by the database as transfers arrive.

    `key` is `code:CURRENCY:owner`; the owner is `c<customer>`, `a<account>.<part>`, a VAT
    rate in basis points, or empty. Amounts are minor units.
    """

    key = models.CharField(_("key"), max_length=80, unique=True)
    code = models.CharField(_("code"), max_length=32)
    currency = models.CharField(_("currency"), max_length=3)
    owner = models.CharField(_("owner"), max_length=40, blank=True, default="")
    debits = models.BigIntegerField(_("debits"), default=0, editable=False)
    credits = models.BigIntegerField(_("credits"), default=0, editable=False)

    class Meta:
        verbose_name = _("ledger account")
        verbose_name_plural = _("ledger accounts")
        constraints = [
            models.CheckConstraint(
                condition=Q(debits__gte=0) & Q(credits__gte=0), name="ledger_sums_not_negative"
            ),
        ]
        indexes = [models.Index(fields=["owner", "code"], name="ledger_owner")]

    def __str__(self) -> str:
        return self.key

    @property
    def balance(self) -> Money:
        """Debits less credits."""
        return Money(self.debits - self.credits, self.currency)


class Transfer(models.Model):
    """One posting: an amount from the credit account to the debit account. Append-only.

    A correction is a transfer the other way. `source` makes a posting happen once.
    """

    source = models.CharField(_("source"), max_length=160, unique=True)
    subject = models.CharField(_("what it is about"), max_length=40)
    pair = models.CharField(_("pair of accounts"), max_length=60)
    debit = models.ForeignKey(
        LedgerAccount, verbose_name=_("debit account"), on_delete=models.PROTECT, related_name="+"
    )
    credit = models.ForeignKey(
        LedgerAccount, verbose_name=_("credit account"), on_delete=models.PROTECT, related_name="+"
    )
    is_reverse = models.BooleanField(_("reversed"), default=False)
    amount = models.BigIntegerField(_("amount"))
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    xid = XidField(_("transaction"))

    class Meta:
        verbose_name = _("transfer")
        verbose_name_plural = _("transfers")
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="transfer_amount_positive"),
            models.CheckConstraint(
                condition=~Q(debit=models.F("credit")), name="transfer_two_accounts"
            ),
        ]
        indexes = [
            models.Index(fields=["subject", "pair"], name="transfer_subject"),
            models.Index(fields=["xid", "id"], name="transfer_by_xid"),
            models.Index(
                fields=["created_at"],
                name="transfer_takings",
                condition=Q(pair__in=["captured", "refunded", "disputed"]),
            ),
            BrinIndex(fields=["created_at"], name="transfer_day", autosummarize=True),
        ]

    def __str__(self) -> str:
        return self.source
