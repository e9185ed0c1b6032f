"""The kernel's own tables in Django's admin, and what the tables of every app are made of."""

from core.admin import keys, people, records
from core.admin.tables import (
    AuditedAdmin,
    EstimatedCountPaginator,
    FoundById,
    GuardedForm,
    ReadOnlyAdmin,
    ReadOnlyRows,
)

__all__ = [
    "AuditedAdmin",
    "EstimatedCountPaginator",
    "FoundById",
    "GuardedForm",
    "ReadOnlyAdmin",
    "ReadOnlyRows",
    "keys",
    "people",
    "records",
]
