"""The ledger, to be looked at: accounts with their balances, and the transfers between them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from core.admin import FoundById, ReadOnlyAdmin
from core.money import Money
from core.writing import write_money
from payments.admin.columns import money_column
from payments.models import LedgerAccount, Transfer

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest

debits = money_column("debits", _("debits"))
credits_ = money_column("credits", _("credits"))


@admin.register(LedgerAccount)
class LedgerAccountAdmin(ReadOnlyAdmin):
    """Accounts, found by the beginning of their key: `provider-clearing:EUR`."""

    list_display = ["key", debits, credits_, "balance_money"]
    search_fields = ["key__startswith"]
    search_help_text = _("By the beginning of the key, such as provider-clearing:EUR")
    shown = ["key", "code", "currency", "owner", debits, credits_]

    @admin.display(description=_("balance"))
    def balance_money(self, account: LedgerAccount) -> str:
        return write_money(account.balance)


@admin.register(Transfer)
class TransferAdmin(FoundById):
    """Postings, append-only. Found by the id of what they are about."""

    columns_of_ids = dict.fromkeys(("cap", "re", "dp", "inv", "cn"), "subject")
    list_display = ["created_at", "subject", "pair", "debit", "credit", "amount_money"]
    list_filter = [("created_at", admin.DateFieldListFilter)]
    list_select_related = ["debit", "credit"]
    shown = [
        *("created_at", "subject", "pair", "debit", "credit", "amount_money", "is_reverse"),
        *("source", "xid"),
    ]

    @admin.display(description=_("amount"), ordering="amount")
    def amount_money(self, transfer: Transfer) -> str:
        return write_money(Money(transfer.amount, transfer.debit.currency))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        del request
        term = search_term.strip()
        return (queryset.filter(subject=term) if term else queryset), False
