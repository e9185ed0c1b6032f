"""What becomes of a payment's messages, told on its rail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from payments.services import links

if TYPE_CHECKING:
    from crm.models import OutgoingMessage


def tell(message: OutgoingMessage) -> None:
    """Add the message's new status to the rail of the link that it carries."""
    if message.kind in links.MESSAGES.values():
        links.record_message_status(
            session_public_id=message.data["session"],
            message_id=message.public_id,
            status=message.status,
            detail=message.error,
        )
