"""Two customers who are one: merging them, and taking it back exactly.

Every table that points to a customer is registered here by the app that owns it. Merging
re-points the rows and remembers their ids; undoing moves back those rows and no others.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Exists, Model, OuterRef
from django.utils import timezone

from core import audit, locks
from core.locks import Rank
from crm.errors import LaterMergeExists, MergeAlreadyUndone, MergeRefused, PracticeApart
from crm.models import ContactPoint, Customer, CustomerMerge
from crm.search import keys
from crm.services import contact_points, timeline
from crm.services.actors import person_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from crm.services.actors import Actor

# With some hundred rows an UPDATE by list of ids is fast; a customer with more needs several.
IDS_PER_UPDATE = 5_000


@dataclass(frozen=True, slots=True)
class Pointer:
    """One foreign key to a customer. `unique_with` names the fields unique within a customer."""

    model: type[Model]
    field: str
    rank: Rank | None
    unique_with: tuple[str, ...]

    @property
    def name(self) -> str:
        return f"{self.model._meta.label}.{self.field}"  # noqa: SLF001 - the documented way

    def movable(self, source_id: int, target_id: int) -> list[int]:
        """The rows of the source, locked, but for those that the target already has."""
        rows = self.model._default_manager.filter(**{self.field: source_id})  # noqa: SLF001
        if self.unique_with:
            same = {field: OuterRef(field) for field in self.unique_with}
            rows = rows.exclude(
                Exists(
                    self.model._default_manager.filter(  # noqa: SLF001
                        **{self.field: target_id}, **same
                    )
                )
            )
        if self.rank is not None:
            return [row.pk for row in locks.rows(self.rank, rows)]
        return list(rows.order_by("pk").values_list("pk", flat=True))

    def point(self, ids: Sequence[int], *, now: int, then: int) -> None:
        """Re-point these rows from one customer to another; rows that moved since stay."""
        for start in range(0, len(ids), IDS_PER_UPDATE):
            self.model._default_manager.filter(  # noqa: SLF001
                pk__in=ids[start : start + IDS_PER_UPDATE], **{self.field: now}
            ).update(**{self.field: then})


_pointers: dict[str, Pointer] = {}

on_change: list[Callable[[CustomerMerge], None]] = []
"""Functions called after a merge and after its undoing, in the same transaction."""


def register(
    model: type[Model],
    field: str,
    *,
    rank: Rank | None = None,
    unique_with: tuple[str, ...] = (),
) -> None:
    """Let a merge re-point `model.field`. Give the rank where the table has one in core.locks."""
    pointer = Pointer(model, field, rank, unique_with)
    _pointers[pointer.name] = pointer


def registered() -> list[Pointer]:
    """Every foreign key that follows a merge, in the order in which its rows are locked."""
    return sorted(_pointers.values(), key=lambda pointer: (pointer.rank or 0, pointer.name))


@transaction.atomic
def merge_customers(*, source: Customer, target: Customer, actor: Actor) -> CustomerMerge:
    """Let the source become the target: all that was the source's is the target's from now on.

    The source keeps its row and its public id, which leads to the target. Raises MergeRefused,
    and PracticeApart where only one of them is made up for practice.
    """
    source, target = _both(source.pk, target.pk)
    if source.is_merged or target.is_merged:
        raise MergeRefused
    if source.is_practice is not target.is_practice:
        raise PracticeApart
    demoted = _demote(source, target)
    moved: dict[str, list[int]] = {}
    for pointer in registered():
        moved[pointer.name] = pointer.movable(source.pk, target.pk)
        pointer.point(moved[pointer.name], now=source.pk, then=target.pk)
    _set_successor(source, target)
    merge = CustomerMerge.objects.create(
        source=source, target=target, merged_by=person_of(actor), moved=moved, demoted=demoted
    )
    _tell(merge, "customer.merged", actor)
    return merge


@transaction.atomic
def unmerge_customers(merge: CustomerMerge, actor: Actor) -> None:
    """Take a merge back: the rows that it moved return, and no others.

    Raises MergeAlreadyUndone, and LaterMergeExists where another merge was built on this one.
    """
    source, target = _both(merge.source_id, merge.target_id)
    current = CustomerMerge.objects.get(pk=merge.pk)
    if current.undone_at is not None:
        raise MergeAlreadyUndone
    _refuse_if_built_upon(current, source, target)
    for pointer in registered():
        ids = current.moved.get(pointer.name, [])
        pointer.point(ids, now=target.pk, then=source.pk)
    _set_successor(source, None)
    _restore_mains(source, current.demoted)
    for customer in (source, target):
        contact_points.ensure_main(customer)
        keys.write_all(keys.own_keys(customer))
    current.undone_at, current.undone_by = timezone.now(), person_of(actor)
    current.save(update_fields=["undone_at", "undone_by"])
    _tell(current, "customer.unmerged", actor)


def _both(source_id: int, target_id: int) -> tuple[Customer, Customer]:
    wanted = Customer.objects.filter(pk__in={source_id, target_id})
    rows = {row.pk: row for row in locks.rows(Rank.CUSTOMER, wanted)}
    if len(rows) != 2:  # noqa: PLR2004 - a merge is of two
        raise MergeRefused
    return rows[source_id], rows[target_id]


def _demote(source: Customer, target: Customer) -> list[int]:
    """Where both have a main phone or e-mail, that of the target stays the main one."""
    taken = target.contact_points.filter(is_primary=True).values("kind")
    mains = source.contact_points.filter(is_primary=True, kind__in=taken)
    ids = list(mains.order_by("pk").values_list("pk", flat=True))
    ContactPoint.objects.filter(pk__in=ids).update(is_primary=False)
    return ids


def _restore_mains(source: Customer, demoted: Sequence[int]) -> None:
    """Make the former main ones main again, unless the source has got others meanwhile."""
    for point in source.contact_points.filter(pk__in=demoted):
        source.contact_points.filter(kind=point.kind, is_primary=True).update(is_primary=False)
        source.contact_points.filter(pk=point.pk).update(is_primary=True)


def _refuse_if_built_upon(merge: CustomerMerge, source: Customer, target: Customer) -> None:
    later = CustomerMerge.objects.filter(target=target, undone_at=None, pk__gt=merge.pk)
    if source.merged_into_id != target.pk or target.is_merged or later.exists():
        raise LaterMergeExists


def _set_successor(source: Customer, target: Customer | None) -> None:
    source.merged_into = target
    source.updated_at = timezone.now()
    source.save(update_fields=["merged_into", "updated_at"])


def _tell(merge: CustomerMerge, what: str, actor: Actor) -> None:
    data: dict[str, Any] = {"source": merge.source.public_id, "target": merge.target.public_id}
    timeline.write(merge.target_id, what, actor=actor, object_id=merge.public_id, data=data)
    audit.record(actor, what, merge, after=data)
    for function in on_change:
        function(merge)
