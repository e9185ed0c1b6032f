"""The tour of each role: a few stops on the desk, each at something that is really there.

A stop whose place a reader does not have is left out by the page. The last one leads on to the
training floor where there is one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from core.models import Role, User

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

MOST_STOPS = 8
"""Who is shown more remembers none of it."""

Tour = User.Tour

OF_ROLES = {
    Role.AGENT: Tour.AGENT,
    Role.SENIOR_AGENT: Tour.AGENT,
    Role.FINANCE: Tour.FINANCE,
    Role.AUDITOR: Tour.FINANCE,
    Role.SUPERVISOR: Tour.SUPERVISOR,
    Role.ADMIN: Tour.SUPERVISOR,
}


@dataclass(frozen=True, slots=True)
class Stop:
    """One place of the desk, as `data-tour` names it, and what is said about it."""

    at: str
    title: StrOrPromise
    text: StrOrPromise


SEARCH = Stop(
    "search",
    _("Everything begins here"),
    _(
        "Ctrl K from anywhere, also while you type. Write what the customer says, and Enter opens"
        " them; or a word of what you want to do, and Enter does it."
    ),
)
HELP = Stop(
    "help",
    _("Help is one key away"),
    _(
        "F1 opens the help of the screen you are on, and Esc leads back to where you were. The"
        " question mark lists every key that does something now."
    ),
)
YOURS = Stop(
    "menu",
    _("This is yours"),
    _(
        "Language, colours, keys and your second factor. This tour can be taken again from the"
        " page of all help: G, then H."
    ),
)
TASKS = Stop(
    "tasks",
    _("What is still to be done"),
    _(
        "Call-backs and follow-ups, what is due first at the top. D says that one is done, U takes"
        " that back. G, then T, leads there from anywhere."
    ),
)

TOURS: dict[str, tuple[Stop, ...]] = {
    Tour.AGENT: (
        SEARCH,
        Stop(
            "calls",
            _("When it rings"),
            _(
                "The caller appears under the bar with what they owe, and opens here by itself."
                " After the call its wrap-up stands above the page: Enter saves it."
            ),
        ),
        Stop(
            "new",
            _("Every button shows its key"),
            _("N writes down somebody new. Keys work wherever you are not typing."),
        ),
        Stop(
            "waiting",
            _("From the link to the money"),
            _(
                "On a customer's page L sends a pay link. You see it being opened and paid, with"
                " what you can say. Links that are not paid yet wait here."
            ),
        ),
        TASKS,
        Stop(
            "payments",
            _("Every payment"),
            _(
                "What was asked for and what became of it. F gives money back within your limits;"
                " above them a second person decides."
            ),
        ),
        HELP,
        YOURS,
    ),
    Tour.FINANCE: (
        SEARCH,
        Stop(
            "payments",
            _("Every payment"),
            _(
                "With everything that was said about it, and its lines in the ledger. What needs a"
                " look is a list of its own: where money and what was agreed differ."
            ),
        ),
        Stop(
            "waiting",
            _("What waits"),
            _(
                "Links that are not paid yet. Refunds above somebody's limit stand beside them: G,"
                " then A, opens those that wait for you, and A approves one."
            ),
        ),
        Stop(
            "takings",
            _("The money of a day"),
            _("What came and went back, by method and provider. Every number opens its rows."),
        ),
        Stop(
            "now",
            _("What goes on now"),
            _("Requests without an answer, deliveries that wait, and how providers do."),
        ),
        TASKS,
        HELP,
        YOURS,
    ),
    Tour.SUPERVISOR: (
        Stop(
            "now",
            _("Your shift at this moment"),
            _(
                "Calls, people, money and what waits for a person, at most five seconds old. Every"
                " number opens the rows that it counts."
            ),
        ),
        Stop(
            "takings",
            _("The money of a day"),
            _(
                "What came and went back. G, then F, shows how calls went, as customers said; G,"
                " then O, what is owed."
            ),
        ),
        Stop(
            "payments",
            _("Where you decide"),
            _(
                "Refunds above an agent's limit wait for you: G, then A. A approves, N refuses with"
                " a reason. Nobody decides about their own."
            ),
        ),
        TASKS,
        Stop(
            "calls",
            _("What your agents see"),
            _(
                "A caller opens here by itself, with what is owed. After the call a wrap-up is"
                " drafted from what happened, and the customer is asked how it went."
            ),
        ),
        SEARCH,
        HELP,
        YOURS,
    ),
}


def name_for(user: User) -> str:
    """The name of the tour for somebody's role."""
    return OF_ROLES[Role(user.role)]


def stops_for(user: User) -> tuple[Stop, ...]:
    """The stops of the tour for somebody's role, in their order."""
    return TOURS[name_for(user)]


def is_due(user: User) -> bool:
    """Whether somebody has not seen the tour of their role yet. Another role has another tour."""
    return user.tour_taken != name_for(user)
