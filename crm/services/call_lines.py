"""A person's telephone as every page shows it: one statement, whatever rings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core import rows
from crm import owed
from crm.models import Call, Customer, PhoneSystem
from crm.services import calls

if TYPE_CHECKING:
    from core.models import User
    from core.money import Money

# Spelt out, because every page asks. A person without a call is one row without an id.
_LINE = """
    SELECT coalesce(line.version, 0) AS line_version,
           EXISTS (SELECT 1 FROM crm_extension e JOIN crm_phonesystem s ON s.id = e.phone_system_id
                    WHERE e.user_id = person.id AND s.is_enabled) AS has_phone,
           missed.who AS missed, c.*,
           k.public_id AS customer_public_id, k.name AS customer_name,
           s.kind AS system_kind, s.name AS system_name, s.credentials AS system_credentials
      FROM core_user person
      LEFT JOIN crm_agentline line ON line.user_id = person.id
      LEFT JOIN LATERAL (
           SELECT * FROM crm_call
            WHERE agent_id = person.id AND status IN ('ringing', 'answered', 'held')
              AND created_at > now() - %(lasts)s
              AND NOT (status = 'ringing' AND created_at < now() - %(rings)s)
            ORDER BY status = 'ringing', id DESC LIMIT 5) c ON true
      LEFT JOIN crm_customer k ON k.id = c.customer_id
      LEFT JOIN crm_phonesystem s ON s.id = c.phone_system_id
      LEFT JOIN LATERAL (
           SELECT coalesce(known.name, newest.their_number) AS who
             FROM (SELECT * FROM crm_call WHERE agent_id = person.id
                    ORDER BY id DESC LIMIT 1) newest
             LEFT JOIN crm_customer known ON known.id = newest.customer_id
            WHERE newest.status = 'failed' AND newest.ended_at > now() - interval '1 minute'
           ) missed ON true
     WHERE person.id = %(person)s
     ORDER BY c.status = 'ringing', c.id DESC
"""


@dataclass(frozen=True, slots=True)
class Line:
    """What a person's telephone does now.

    `pop` is the call that asks for attention, `missed` whoever was not reached just now.
    """

    version: int = 0
    has_phone: bool = False
    missed: str = ""
    current: Call | None = None
    pop: Call | None = None
    is_whole: bool = True
    candidates: tuple[Customer, ...] = ()
    owed: tuple[Money, ...] = ()

    @property
    def takes_commands(self) -> bool:
        """Whether the system of the present call can be asked to hold it or to pause."""
        call = self.current
        return call is not None and bool(call.phone_system.credentials.get("control_url"))

    @property
    def unnamed(self) -> Call | None:
        """The call whose caller nobody has named yet."""
        return self.pop if self.pop is not None and self.pop.customer_id is None else None


def line_of(user: User, *, is_whole: bool = True) -> Line:
    """Read a person's line: what is on it, what rings, and who may be calling.

    What is not whole lacks what takes another statement: who has the number, what is owed.
    """
    values = {"person": user.pk, "lasts": calls.LASTS_FOR, "rings": calls.RINGS_FOR}
    found: list[Any] = list(rows.fetch(Call, _LINE, values))
    live = [_with_others(call) for call in found if call.pk is not None]
    ringing_first = sorted(live, key=lambda call: call.status != Call.Status.RINGING)
    pop = next((call for call in ringing_first if _asks(call)), None)
    return Line(
        version=found[0].line_version,
        has_phone=found[0].has_phone,
        missed=found[0].missed or "",
        current=live[0] if live else None,
        pop=pop,
        is_whole=is_whole or pop is None,
        candidates=tuple(calls.candidates(pop)) if is_whole and pop and not pop.customer_id else (),
        owed=tuple(owed.by_customer(pop.customer_id))
        if is_whole and pop and pop.customer_id
        else (),
    )


def _with_others(call: Any) -> Call:
    """The call with its customer and its system, as the statement brought them."""
    known = (call.customer_id, call.customer_public_id, call.customer_name)
    call.customer = rows.build(Customer, ("id", "public_id", "name"), known) if known[0] else None
    system = (call.phone_system_id, call.system_kind, call.system_name, call.system_credentials)
    call.phone_system = rows.build(PhoneSystem, ("id", "kind", "name", "credentials"), system)
    made: Call = call
    return made


def _asks(call: Call) -> bool:
    """Whether somebody should look: it rings, or nobody knows who it is."""
    return call.status == Call.Status.RINGING or call.customer_id is None
