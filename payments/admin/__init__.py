"""The tables of the money in Django's admin. Only contracts and the error map can be changed."""

from payments.admin import (
    accounts,
    errors,
    instalments,
    keypads,
    ledger,
    money,
    terminals,
    webhooks,
)

__all__ = [
    "accounts",
    "errors",
    "instalments",
    "keypads",
    "ledger",
    "money",
    "terminals",
    "webhooks",
]
