from crm.models.calls import AgentLine, Call, CallEvent, Extension, PhoneSystem
from crm.models.consents import Consent
from crm.models.customers import ContactPoint, Customer, CustomerMerge, ExternalId
from crm.models.feedback import Feedback
from crm.models.messages import OutgoingMessage
from crm.models.search import SearchKey
from crm.models.tasks import Task
from crm.models.timeline import TimelineEntry
from crm.models.wrapping import OutcomeCode, WrapUp

__all__ = [
    "AgentLine",
    "Call",
    "CallEvent",
    "Consent",
    "ContactPoint",
    "Customer",
    "CustomerMerge",
    "Extension",
    "ExternalId",
    "Feedback",
    "OutcomeCode",
    "OutgoingMessage",
    "PhoneSystem",
    "SearchKey",
    "Task",
    "TimelineEntry",
    "WrapUp",
]
