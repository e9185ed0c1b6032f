"""Where one may go from anywhere, and what one may do where one is: what Ctrl+K offers.

Every app registers its own places. The acts of a page are its buttons that carry a key; the
browser names those that can be pressed now, so that nothing is offered that the page does not
offer itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.urls import reverse

from core import pan, policy
from crm.spelling import fold

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django_stubs_ext import StrOrPromise

    from core.models import User
    from core.policy import Permission

MOST_ACTS = 40
LONGEST_NAME = 120


@dataclass(frozen=True, slots=True)
class Place:
    """A page one may go to. `chord` are keys pressed one after the other, such as "g p".

    A place of a customer has the customer's public id in its address. `field` is the key of
    what has the focus on arrival.
    """

    view: str
    name: StrOrPromise
    permission: Permission | None = None
    chord: str = ""
    is_of_customer: bool = False
    arguments: tuple[str, ...] = ()
    field: str = ""

    def address(self, customer_id: str = "") -> str:
        """Where it is. A place of a customer needs the customer."""
        before = (customer_id,) if self.is_of_customer else ()
        path = reverse(self.view, args=[*before, *self.arguments])
        return f"{path}#key-{self.field}" if self.field else path


@dataclass(frozen=True, slots=True)
class Act:
    """One line of the palette: an address to go to, or a key of the page to press."""

    name: str
    keys: tuple[str, ...]
    address: str = ""
    press: str = ""

    def answers(self, words: Iterable[str]) -> bool:
        """Whether every word that was typed begins a word of the name."""
        own = fold(self.name).split()
        return all(any(mine.startswith(word) for mine in own) for word in words)


_places: dict[tuple[int, str, tuple[str, ...], str], Place] = {}


def register(order: int, place: Place) -> None:
    """Offer a place from everywhere; lower orders stand first. Safe to repeat."""
    _places[order, place.view, place.arguments, place.field] = place


def places_for(user: User, *, of_customer: bool = False) -> list[Place]:
    """The places this person may see, in their order. Asks no database."""
    return [
        place
        for _key, place in sorted(_places.items(), key=lambda item: item[0])
        if place.is_of_customer is of_customer
        and (place.permission is None or policy.allows(user, place.permission))
    ]


def acts_for(
    user: User, *, path: str = "", customer_id: str = "", on_page: Iterable[str] = ()
) -> list[Act]:
    """What the page offers, then what its customer's other pages do, then where one may go."""
    acts = [_pressed(text) for text in list(on_page)[:MOST_ACTS] if text[1:2] == " "]
    # Tabs have figures; what one does there has letters and stands first.
    acts.sort(key=lambda act: not act.press.isalpha())
    if customer_id:
        acts += [
            Act(str(place.name), (), address=place.address(customer_id))
            for place in places_for(user, of_customer=True)
            if place.address(customer_id).partition("#")[0] != path
        ]
    return acts + [
        Act(str(place.name), tuple(place.chord.upper().split()), address=place.address())
        for place in places_for(user)
        if place.address() != path
    ]


def _pressed(text: str) -> Act:
    """An act of the page, as the browser names it: its key, a space, its name."""
    key, name = text[0], pan.mask(text[2 : LONGEST_NAME + 2])
    return Act(name, (key.upper(),), press=key)


def answering(acts: Iterable[Act], term: str) -> list[Act]:
    """The acts that a term names; all of them for none. Numbers name customers, not acts."""
    words = fold(term).split()
    if not any(character.isalpha() for character in term) and words:
        return []
    return [act for act in acts if act.answers(words)]
