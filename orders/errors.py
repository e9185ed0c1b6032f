"""What can go wrong with orders and invoices, in words fit for an agent.

DomainError
├── InvalidInput
│   ├── LinesMissing
│   ├── LineUnusable        a quantity, a price or a tax rate that cannot be
│   ├── CurrencyUnusable
│   ├── AmountUnusable      zero, negative, or in another currency than the invoice
│   ├── NothingToInvoice
│   └── DueDateTooEarly
├── OrderNotOpen
├── OrderHasMoney           refund first, then cancel
├── OutOfStock              fewer pieces are free than were asked for
├── CreditExceedsOpen
├── AlreadyArranged         an invoice waits for another promise, or is paid in instalments
├── PromiseEnded            kept or broken: it cannot be withdrawn any more
├── PlanEnded               completed, broken or withdrawn: nothing more can be done with it
└── ArrangementUnusable     the invoices, the amount or the day that it cannot be about
    ├── NothingToArrange
    ├── InvoiceNotTheirs
    ├── InvoiceSettled
    ├── InvoiceInOtherCurrency
    ├── MoreThanOpen
    ├── PromiseDayUnusable
    ├── PartsUnusable       too few or too many, or less than the smallest coin each
    ├── FirstDayUnusable
    └── PlanTooLong
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.errors import DomainError, InvalidInput


class LinesMissing(InvalidInput):
    code = "lines_missing"
    message = _("Add at least one line.")
    field = "lines"


class LineUnusable(InvalidInput):
    """`position` says which line, counted from one."""

    code = "line_unusable"
    message = _("Line %(position)s has a quantity, a price or a VAT rate that is not possible.")
    field = "lines"


class ProductUnusable(InvalidInput):
    code = "product_unusable"
    message = _("Line %(position)s names a product that is not on sale in this currency.")
    field = "lines"


class CurrencyUnusable(InvalidInput):
    code = "currency_unusable"
    message = _("%(currency)s is not a currency.")
    field = "currency"


class AmountUnusable(InvalidInput):
    code = "amount_unusable"
    message = _("Give an amount above zero in %(currency)s.")
    field = "amount"


class NothingToInvoice(InvalidInput):
    code = "nothing_to_invoice"
    message = _("The total is zero, so there is nothing to invoice.")
    field = "lines"


class DueDateTooEarly(InvalidInput):
    code = "due_date_too_early"
    message = _("The due date cannot be before the date of the invoice.")
    field = "due_on"


class OrderNotOpen(DomainError):
    code = "order_not_open"
    message = _("Order %(number)s is already invoiced or cancelled.")


class OrderHasMoney(DomainError):
    code = "order_has_money"
    message = _("%(paid)s has been paid for order %(number)s. Refund it before you cancel.")


class OutOfStock(DomainError):
    """`available` says how many pieces are free just now."""

    code = "out_of_stock"
    message = _("Only %(available)s of %(product)s can be ordered just now.")
    field = "lines"


class CreditExceedsOpen(DomainError):
    code = "credit_exceeds_open"
    message = _("Only %(left)s of invoice %(number)s is open.")


class AlreadyArranged(DomainError):
    code = "already_arranged"
    message = _(
        "Invoice %(number)s waits for a promise or instalments already. Withdraw that first."
    )
    field = "invoices"


class PromiseEnded(DomainError):
    code = "promise_ended"
    message = _("This promise was kept or broken meanwhile. It cannot be withdrawn.")


class PlanEnded(DomainError):
    code = "plan_ended"
    message = _("These instalments were paid, broken or withdrawn meanwhile.")


class ArrangementUnusable(InvalidInput):
    """What the refusals below have in common. Never raised itself."""


class NothingToArrange(ArrangementUnusable):
    code = "nothing_to_arrange"
    message = _("Choose the invoices that this is about.")
    field = "invoices"


class InvoiceNotTheirs(ArrangementUnusable):
    code = "invoice_not_theirs"
    message = _("Invoice %(number)s belongs to another customer.")
    field = "invoices"


class InvoiceSettled(ArrangementUnusable):
    code = "invoice_settled"
    message = _("Nothing of invoice %(number)s is open.")
    field = "invoices"


class InvoiceInOtherCurrency(ArrangementUnusable):
    code = "invoice_in_other_currency"
    message = _("Invoice %(number)s is in %(currency)s.")
    field = "invoices"


class MoreThanOpen(ArrangementUnusable):
    code = "more_than_open"
    message = _("Only %(left)s of these invoices is open.")
    field = "amount"


class PromiseDayUnusable(ArrangementUnusable):
    code = "promise_day_unusable"
    message = _("Choose a day from today to %(days)s days ahead.")
    field = "due_on"


class PartsUnusable(ArrangementUnusable):
    code = "parts_unusable"
    message = _("Choose from %(fewest)s to %(most)s parts.")
    field = "parts"


class FirstDayUnusable(ArrangementUnusable):
    code = "first_day_unusable"
    message = _("The first part cannot be due before today.")
    field = "first_on"


class PlanTooLong(ArrangementUnusable):
    code = "plan_too_long"
    message = _("The last part would be due more than %(days)s days ahead. Choose fewer parts.")
    field = "parts"
