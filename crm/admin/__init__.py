"""The tables of customers and telephones in Django's admin."""

from crm.admin import customers, telephones

__all__ = ["customers", "telephones"]
