"""The tables of the kernel."""

from core.models.audit import AuditEvent, Seal
from core.models.base import BaseModel
from core.models.keys import ApiKey, RoleLimit
from core.models.records import IdempotencyRecord, JobRun
from core.models.users import Role, User

__all__ = [
    "ApiKey",
    "AuditEvent",
    "BaseModel",
    "IdempotencyRecord",
    "JobRun",
    "Role",
    "RoleLimit",
    "Seal",
    "User",
]
