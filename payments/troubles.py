"""What an agent is told while a way to pay, or a provider, does not work well."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from payments.method_names import name_of
from payments.services import health
from payments.services.health import Level

if TYPE_CHECKING:
    from payments.services.health import MethodHealth


@dataclass(frozen=True, slots=True)
class Trouble:
    """One line: a tag, what it means for the agent, and what to say where that helps."""

    tone: str
    tag: str
    note: str
    say: str = ""


def of_currency(currency: str, *, is_practice: bool = False) -> list[Trouble]:
    """Tell of ways to pay that do not work well, then of accounts that others stand in for."""
    methods = health.of_methods(currency, is_practice=is_practice)
    well = [one.method for one in methods if one.level is Level.WELL]
    bad = [_of_method(one, well) for one in methods if one.level is not Level.WELL]
    return [*bad, *_of_accounts([one for one in methods if one.relief])]


def everywhere() -> dict[Trouble, list[str]]:
    """Tell of every currency in use: what is said of several is said once, with all of them."""
    found: dict[Trouble, list[str]] = {}
    for currency in health.everywhere():
        for trouble in of_currency(currency):
            found.setdefault(trouble, []).append(currency)
    return found


def _of_method(one: MethodHealth, well: list[str]) -> Trouble:
    tone, tag = _state(name_of(one.method), one.level)
    if not well:
        return Trouble(tone, tag, _("No other way to pay works now. Offer an invoice."))
    names = ", ".join(name_of(method) for method in well)
    return Trouble(
        tone,
        tag,
        _("Works now: %(methods)s.") % {"methods": names},
        _("Would another way to pay suit you? %(method)s works well right now.")
        % {"method": name_of(well[0])},
    )


def _of_accounts(relieved: list[MethodHealth]) -> list[Trouble]:
    """Say of each account in trouble once who takes its methods instead."""
    lines: dict[str, Trouble] = {}
    for one in relieved:
        for name, level in one.troubled.items():
            tone, tag = _state(name, level)
            note = _("Payments go through %(other)s instead. You need do nothing.")
            lines.setdefault(name, Trouble(tone, tag, note % {"other": one.relief}))
    return list(lines.values())


def _state(name: str, level: Level) -> tuple[str, str]:
    if level is Level.DOWN:
        return "fail", _("%(name)s does not answer") % {"name": name}
    return "wait", _("%(name)s is unsteady") % {"name": name}
