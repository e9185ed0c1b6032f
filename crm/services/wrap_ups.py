"""Wrapping up a call: outcome and note, drafted from what happened and kept while typed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from core import audit
from crm import wrapping
from crm.errors import NotYourCall, OutcomeNotOffered
from crm.models import Call, OutcomeCode, Task, WrapUp
from crm.models.tasks import TEXT_LENGTH
from crm.models.wrapping import NOTE_LENGTH
from crm.services import feedback, tasks

if TYPE_CHECKING:
    from datetime import datetime

    from core.models import User

WAITS_FOR = timedelta(minutes=30)
"""An agent is asked so long after a call; later the call's own page still takes the wrap-up."""

NEWEST_LOOKED_AT = 20

CODES = (
    ("paid", "Paid", "Maksettu", "Betald"),
    ("link_sent", "Link sent", "Linkki lähetetty", "Länk skickad"),
    ("promised", "Promised to pay", "Lupasi maksaa", "Lovade betala"),
    ("instalments", "Instalments agreed", "Maksusuunnitelma sovittu", "Avbetalning avtalad"),
    ("refunded", "Refunded", "Palautettu", "Återbetald"),
    ("answered_question", "Question answered", "Kysymykseen vastattu", "Fråga besvarad"),
    ("call_back", "To be called back", "Soitetaan takaisin", "Ska ringas upp"),
    ("not_reached", "Not reached", "Ei tavoitettu", "Inte nådd"),
)


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the wrap-up of a call shows: the codes, the one chosen or suggested, and the note."""

    call: Call
    codes: list[OutcomeCode]
    outcome: str
    note: str
    is_saved: bool


def waiting_for(user: User, *, practice_call: str = "") -> Call | None:
    """Return the newest of a person's calls that ended lately and is not wrapped up. One query.

    Who practises is asked of the call of their lesson alone, and nobody else of such calls.
    """
    own = Call.objects.filter(agent=user, phone_system__is_practice=bool(practice_call))
    if practice_call:
        own = own.filter(external_id=practice_call)
    newest = own.order_by("-pk").values("pk")[:NEWEST_LOOKED_AT]
    lately = Call.objects.filter(
        pk__in=newest,
        status=Call.Status.ENDED,
        answered_at__isnull=False,
        ended_at__gte=timezone.now() - WAITS_FOR,
    ).exclude(wrap_up__saved_at__isnull=False)
    return lately.select_related("customer").order_by("-pk").first()


def codes_for(call: Call) -> list[OutcomeCode]:
    """Return the codes of the call's queue, else those of every queue, in their order."""
    found = OutcomeCode.objects.filter(is_enabled=True, queue__in={"", call.our_number})
    codes = list(found.order_by("place", "pk"))
    own = [code for code in codes if code.queue]
    return own or codes


def proposal_of(call: Call) -> Proposal:
    """Return what was kept of the wrap-up, or what happened during the call where nothing was."""
    codes = codes_for(call)
    kept = WrapUp.objects.filter(call=call).select_related("outcome").first()
    if kept is not None:
        outcome = kept.outcome.key if kept.outcome else ""
        return Proposal(call, codes, outcome, kept.note, kept.saved_at is not None)
    deeds = wrapping.deeds_of(call)
    outcome = wrapping.suggested(call, deeds, codes)
    return Proposal(call, codes, outcome, wrapping.drafted(deeds), is_saved=False)


@transaction.atomic
def keep_draft(*, call: Call, outcome: str, note: str, actor: User) -> WrapUp:
    """Keep what is typed so far. A wrap-up that was saved is not made a draft again.

    Raises NotYourCall and OutcomeNotOffered.
    """
    _refuse_others(call, actor)
    kept, _ = WrapUp.objects.select_for_update(no_key=True).get_or_create(
        call=call, defaults={"agent": actor}
    )
    if kept.saved_at is None:
        _fill(kept, call, outcome, note)
        kept.save()
    return kept


@transaction.atomic
def save(
    *,
    call: Call,
    outcome: str,
    note: str,
    actor: User,
    call_back_at: datetime | None = None,
    unasked: str = "",
) -> WrapUp:
    """Save the wrap-up; it can be saved again with other words.

    With an instant the customer is to be called back by the agent: one task for one call. The
    customer is asked how the call went, unless `unasked` says why not: the first time decides.
    Raises NotYourCall, OutcomeNotOffered, and OutcomeNotOffered for none at all.
    """
    _refuse_others(call, actor)
    kept, _ = WrapUp.objects.select_for_update(no_key=True).get_or_create(
        call=call, defaults={"agent": actor}
    )
    _fill(kept, call, outcome, note)
    if kept.outcome is None:
        raise OutcomeNotOffered
    _keep(kept, kept.outcome, actor)
    feedback.ask(call=call, actor=actor, withheld=unasked)
    if call_back_at is not None:
        tasks.make_task(
            kind=Task.Kind.CALL_BACK,
            due_at=call_back_at,
            actor=actor,
            customer=call.customer,
            text=kept.note[:TEXT_LENGTH],
            assigned_to=actor,
            cause=call.public_id,
        )
    return kept


def ensure_codes() -> None:
    """Write the usual codes where there is none yet. What was changed stays as it is."""
    if OutcomeCode.objects.filter(queue="").exists():
        return
    OutcomeCode.objects.bulk_create(
        [
            OutcomeCode(key=key, place=place, name_en=english, name_fi=finnish, name_sv=swedish)
            for place, (key, english, finnish, swedish) in enumerate(CODES, start=1)
        ],
        ignore_conflicts=True,
    )


def _keep(kept: WrapUp, outcome: OutcomeCode, actor: User) -> None:
    what = "call.wrapped_up" if kept.saved_at is None else "call.wrap_up_changed"
    kept.saved_at = timezone.now()
    kept.save()
    audit.record(actor, what, kept.call, after={"outcome": outcome.key, "note": kept.note})


def _fill(kept: WrapUp, call: Call, outcome: str, note: str) -> None:
    kept.note = note[:NOTE_LENGTH]
    if not outcome:
        kept.outcome = None
        return
    kept.outcome = next((code for code in codes_for(call) if code.key == outcome), None)
    if kept.outcome is None:
        raise OutcomeNotOffered


def _refuse_others(call: Call, actor: User) -> None:
    if call.agent_id != actor.pk:
        raise NotYourCall
