"""Which events met which states: what no schedule reaches is a gap of the harness."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from payments import lifecycle
from payments.services.facts import as_facts
from payments.services.payment import Payment
from tests.moneysim.patches import Patches

if TYPE_CHECKING:
    from collections.abc import Iterable

    from payments.models import PaymentEvent

NEW = "new"


def all_cells() -> set[str]:
    """Every state of every subject, with every event that could come then."""
    return {
        f"{kind}: {state} + {event}"
        for kind, ranks in lifecycle.RANKS.items()
        for state in (NEW, *ranks)
        for event in ranks
    }


class Coverage:
    """Notes the cell of each fact as it is added."""

    def __init__(self) -> None:
        self.cells: set[str] = set()
        self._patches = Patches()

    def __enter__(self) -> Self:
        add: Any = Payment.add

        def noting(payment: Payment, events: Iterable[PaymentEvent]) -> Any:
            coming = list(events)
            facts = as_facts(payment.events)
            for event in coming:
                if event.subject_kind in lifecycle.RANKS:
                    own = [one for one in facts if one.subject == event.subject_id]
                    state = lifecycle.join_subject(own).status if own else NEW
                    self.cells.add(f"{event.subject_kind}: {state} + {event.status}")
            return add(payment, coming)

        self._patches.set(Payment, "add", noting)
        return self

    def __exit__(self, *_: object) -> None:
        self._patches.undo()
