from crm.models.consents import Consent
from crm.models.customers import ContactPoint, Customer, CustomerMerge, ExternalId
from crm.models.messages import OutgoingMessage
from crm.models.search import SearchKey
from crm.models.timeline import TimelineEntry

__all__ = [
    "Consent",
    "ContactPoint",
    "Customer",
    "CustomerMerge",
    "ExternalId",
    "OutgoingMessage",
    "SearchKey",
    "TimelineEntry",
]
