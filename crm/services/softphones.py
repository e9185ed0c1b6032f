"""The demo's telephone: it tells of made-up calls through the real door, over HTTP and signed.

Nothing of it exists where neither demo nor training is on.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from typing import TYPE_CHECKING, Final

import httpx
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from core import locks, signatures
from crm.models import Call, Extension, PhoneSystem
from crm.telephony.base import SIGNATURE_HEADER, TIMEOUT_S, Command

if TYPE_CHECKING:
    from core.models import User

NAME: Final = "Softphone"
PRACTICE_NAME: Final = "Practice"
OUR_NUMBER: Final = "+358942450000"

EVENT_OF = {
    Command.HOLD: "held",
    Command.RESUME: "resumed",
    Command.PAUSE_RECORDING: "recording_paused",
    Command.RESUME_RECORDING: "recording_resumed",
}


class SoftphoneFailed(Exception):
    """The door did not take an event."""


def is_here() -> bool:
    """Whether this installation has made-up calls."""
    return bool(settings.DEBUG or settings.TRAINING_MODE or settings.KUITTI_DEMO)


def ensure_system(*, is_practice: bool = False) -> PhoneSystem:
    """The softphone as a telephone system. Its commands come back to us. Safe to repeat.

    The one for practice rings in lessons; its calls find practice customers alone.
    """
    told = b"practice" if is_practice else b"softphone"
    secret = hmac.new(settings.SECRET_KEY.encode(), told, hashlib.sha256).hexdigest()
    control = settings.PUBLIC_URL + reverse(
        "crm:practice-control" if is_practice else "crm:softphone-control"
    )
    system, _ = PhoneSystem.objects.update_or_create(
        kind=PhoneSystem.Kind.GENERIC,
        is_practice=is_practice,
        name=PRACTICE_NAME if is_practice else NAME,
        defaults={"credentials": {"secret": secret, "control_url": control}},
    )
    return system


def ensure_extension(user: User, *, is_practice: bool = False) -> Extension:
    """A person's own softphone, named as they are. Safe to repeat."""
    name = PRACTICE_NAME if is_practice else NAME
    own = Extension.objects.filter(user=user, phone_system__is_practice=is_practice)
    known = own.filter(phone_system__name=name).select_related("phone_system").first()
    if known is not None:
        return known
    return Extension.objects.get_or_create(
        phone_system=ensure_system(is_practice=is_practice),
        number=f"soft-{user.pk}",
        defaults={"user": user},
    )[0]


def ring(extension: Extension, number: str, *, call: str = "") -> None:
    """Let somebody call. An empty number is withheld. A call with an id of ours rings once."""
    tell(
        extension.phone_system,
        call or f"soft-{secrets.token_hex(8)}",
        "ringing",
        **({"id": "ring"} if call else {}),
        direction="inbound",
        extension=extension.number,
        **{"from": number or "anonymous", "to": OUR_NUMBER},
    )


def dial(system: PhoneSystem, extension: str, number: str) -> None:
    """Let a person's softphone call somebody."""
    tell(
        system,
        f"soft-{secrets.token_hex(8)}",
        "ringing",
        direction="outbound",
        extension=extension,
        **{"from": OUR_NUMBER, "to": number},
    )


def carry_out(system: PhoneSystem, order: dict[str, str]) -> None:
    """Do what our own page asked of the telephone. Raises ValueError for what it cannot do."""
    command = Command(order.get("command", ""))
    if command is Command.DIAL:
        dial(system, order.get("extension", ""), order.get("number", ""))
    else:
        tell(system, order.get("call", ""), EVENT_OF[command])


def live(extension: Extension) -> list[Call]:
    """The calls that a person's softphone has not ended, the newest first."""
    own = Call.objects.filter(agent=extension.user_id, status__in=Call.LIVE)
    mine = own.filter(phone_system=extension.phone_system_id).select_related("customer")
    return list(mine.order_by("-pk")[:5])


def tell(system: PhoneSystem, call: str, event: str, **said: str) -> None:
    """Send one event through the door. Never call this inside a transaction."""
    locks.assert_no_transaction()
    news = {"call": call, "event": event, "at": timezone.now().isoformat(), **said}
    body = json.dumps(news).encode()
    headers = {
        "Content-Type": "application/json",
        SIGNATURE_HEADER: signatures.sign(body, system.credentials["secret"]),
    }
    address = settings.PUBLIC_URL + reverse("crm:call-door", args=[system.public_id])
    try:
        answer = httpx.post(address, content=body, headers=headers, timeout=TIMEOUT_S)
    except httpx.RequestError as error:
        raise SoftphoneFailed(type(error).__name__) from error
    if not answer.is_success:
        raise SoftphoneFailed(f"HTTP {answer.status_code}")
