"""Where upper apps hang their panels on pages of crm, without crm knowing them.

A panel is a template, the name of a URL that takes the customer's public id, or a builder: a
function that reads what the panel needs and names its template. Builders render with the page.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django.http import HttpRequest

    from crm.models import Customer

type Builder = Callable[[HttpRequest, Customer | None], Built | None]


class Slot(StrEnum):
    """The places that others may fill. MAIN is the customer's tab Pay; DESK has no customer."""

    MAIN = "customer-main"
    ORDERS = "customer-orders"
    RAIL = "customer-rail"
    SIDE = "customer-side"
    DESK = "desk"


@dataclass(frozen=True, slots=True)
class Built:
    """What a builder answers. `is_open` says that something waits there to be paid."""

    template: str
    context: Mapping[str, Any] = field(default_factory=dict)
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class Panel:
    """One panel of a slot: a template (it ends in .html), the name of a URL, or a builder."""

    order: int
    source: str | Builder

    @property
    def is_template(self) -> bool:
        return isinstance(self.source, str) and (
            self.source.endswith(".html") or ".html#" in self.source
        )


_panels: dict[Slot, dict[str | Builder, Panel]] = {slot: {} for slot in Slot}


def register(slot: str, source: str | Builder, order: int) -> None:
    """Show a panel in a slot; lower orders stand first. Refuses slots that do not exist."""
    _panels[Slot(slot)][source] = Panel(order, source)


def in_slot(slot: str) -> list[Panel]:
    """The panels of a slot in their order."""
    return sorted(_panels[Slot(slot)].values(), key=lambda panel: panel.order)
