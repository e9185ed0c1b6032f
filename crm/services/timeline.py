"""What happened with a customer, the newest first, in words of the reader's language."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from django.db.models import Q
from django.utils.translation import get_language

from core import rows
from core.money import Money, format_money
from core.writing import reader_locale, write_day
from crm.models import TimelineEntry
from crm.services.actors import person_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from django_stubs_ext import StrOrPromise

    from crm.services.actors import Actor

MOST_ENTRIES = 100

_sentences: dict[str, StrOrPromise] = {}


class Told(TypedDict, total=False):
    """Who did it, what it is about (a public id), and ids and amounts for the sentence."""

    actor: Actor | None
    object_id: str
    data: Mapping[str, Any]


def register(kind: str, sentence: StrOrPromise) -> None:
    """Give the sentence for a kind of entry. Its %(x)s are filled from the entry's data.

    `amount` (minor units) is written as money of `currency`, `day` (ISO 8601) as a day.
    """
    _sentences[kind] = sentence


def entry_of(customer_id: int, kind: str, **told: Unpack[Told]) -> TimelineEntry:
    """Return an entry that is to be written in the transaction of what happened."""
    return TimelineEntry(
        customer_id=customer_id,
        kind=kind,
        actor=person_of(told.get("actor")),
        object_id=told.get("object_id", ""),
        data=dict(told.get("data", {})),
    )


def write(customer_id: int, kind: str, **told: Unpack[Told]) -> TimelineEntry:
    """Write an entry at once, in the transaction of what happened."""
    entry = entry_of(customer_id, kind, **told)
    rows.insert(entry)
    return entry


def keep(customer_id: int, kind: str, **told: Unpack[Told]) -> None:
    """Have one entry about an object: written now, or changed to what is known by now."""
    entry = entry_of(customer_id, kind, **told)
    known = TimelineEntry.objects.filter(customer_id=customer_id, object_id=entry.object_id)
    if not known.update(kind=kind, actor=entry.actor, data=entry.data):
        rows.insert(entry)


def forget(customer_id: int, object_id: str) -> None:
    """Take back what was told about an object that turned out not to be this customer's."""
    TimelineEntry.objects.filter(customer_id=customer_id, object_id=object_id).delete()


def write_all(entries: Iterable[TimelineEntry]) -> None:
    """Write many entries at once: for jobs of many customers."""
    rows.insert(*entries)


def newest(
    customer_id: int, *, limit: int = 30, before: TimelineEntry | None = None
) -> list[TimelineEntry]:
    """The newest entries, or those older than one, in one query. At most 100."""
    entries = TimelineEntry.objects.filter(customer_id=customer_id).select_related("actor")
    if before is not None:
        entries = entries.filter(Q(at__lt=before.at) | Q(at=before.at, pk__lt=before.pk))
    return list(entries.order_by("-at", "-id")[: min(limit, MOST_ENTRIES)])


def describe(entry: TimelineEntry) -> str:
    """The entry as a sentence; its bare kind where no app has registered one."""
    sentence = _sentences.get(entry.kind)
    if sentence is None:
        return entry.kind
    try:
        return str(sentence) % _readable(entry.data)
    except KeyError:  # an old entry lacks what the sentence has learnt to say
        return entry.kind


def _readable(data: Mapping[str, Any]) -> dict[str, Any]:
    told = dict(data)
    if "amount" in data and "currency" in data:
        money = Money(data["amount"], data["currency"])
        told["amount"] = format_money(money, get_language() or "en")
    if "day" in data:
        told["day"] = write_day(dt.date.fromisoformat(data["day"]), reader_locale())
    return told
