"""Who may do what. Every view and API action names one permission; roles are lists of them."""

from __future__ import annotations

from enum import StrEnum
from functools import wraps
from inspect import iscoroutinefunction
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url

from core.models import ApiKey, Role, RoleLimit, User
from core.money import Money

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.contrib.auth.models import AnonymousUser
    from django.http import HttpResponseBase

    type Principal = User | ApiKey | AnonymousUser | None
    type View = Callable[..., Any]


class Permission(StrEnum):
    """Everything that can be allowed. An API key lists these as its scopes."""

    SEARCH = "search"
    VIEW_CUSTOMER = "view_customer"
    EDIT_CUSTOMER = "edit_customer"
    MERGE_CUSTOMER = "merge_customer"
    EDIT_TASK = "edit_task"
    VIEW_ORDER = "view_order"
    EDIT_ORDER = "edit_order"
    VIEW_PAYMENT = "view_payment"
    TAKE_PAYMENT = "take_payment"
    CANCEL_PAYMENT = "cancel_payment"
    REFUND = "refund"
    MOVE_SURPLUS = "move_surplus"
    KEY_CARD = "key_card"
    USE_KEYPAD = "use_keypad"
    ARRANGE_PAYMENT = "arrange_payment"
    APPROVE_REFUND = "approve_refund"
    DECIDE_OUTCOME = "decide_outcome"
    APPROVE_OUTCOME = "approve_outcome"
    EXPORT = "export"
    VIEW_REPORTS = "view_reports"
    VIEW_TRAINING = "view_training"
    ADMINISTER = "administer"
    VIEW_AUDIT = "view_audit"
    REPLAY_WEBHOOK = "replay_webhook"


SEARCH = Permission.SEARCH
VIEW_CUSTOMER = Permission.VIEW_CUSTOMER
EDIT_CUSTOMER = Permission.EDIT_CUSTOMER
MERGE_CUSTOMER = Permission.MERGE_CUSTOMER
EDIT_TASK = Permission.EDIT_TASK
VIEW_ORDER = Permission.VIEW_ORDER
EDIT_ORDER = Permission.EDIT_ORDER
VIEW_PAYMENT = Permission.VIEW_PAYMENT
TAKE_PAYMENT = Permission.TAKE_PAYMENT
CANCEL_PAYMENT = Permission.CANCEL_PAYMENT
REFUND = Permission.REFUND
MOVE_SURPLUS = Permission.MOVE_SURPLUS
KEY_CARD = Permission.KEY_CARD
USE_KEYPAD = Permission.USE_KEYPAD
ARRANGE_PAYMENT = Permission.ARRANGE_PAYMENT
APPROVE_REFUND = Permission.APPROVE_REFUND
DECIDE_OUTCOME = Permission.DECIDE_OUTCOME
APPROVE_OUTCOME = Permission.APPROVE_OUTCOME
EXPORT = Permission.EXPORT
VIEW_REPORTS = Permission.VIEW_REPORTS
VIEW_TRAINING = Permission.VIEW_TRAINING
ADMINISTER = Permission.ADMINISTER
VIEW_AUDIT = Permission.VIEW_AUDIT
REPLAY_WEBHOOK = Permission.REPLAY_WEBHOOK

PUBLIC = "public"
SIGNED_IN = "signed_in"

_SEEING = frozenset({SEARCH, VIEW_CUSTOMER, VIEW_ORDER, VIEW_PAYMENT})
_SERVING = (
    _SEEING
    | {EDIT_CUSTOMER, EDIT_TASK, EDIT_ORDER}
    | {TAKE_PAYMENT, CANCEL_PAYMENT, REFUND, MOVE_SURPLUS, ARRANGE_PAYMENT, USE_KEYPAD}
)
_LEADING = _SERVING | {KEY_CARD, DECIDE_OUTCOME, MERGE_CUSTOMER, VIEW_REPORTS}

ROLES: dict[str, frozenset[Permission]] = {
    Role.AGENT: _SERVING,
    Role.SENIOR_AGENT: _LEADING,
    Role.SUPERVISOR: _LEADING
    | {APPROVE_REFUND, APPROVE_OUTCOME, EXPORT, VIEW_AUDIT, REPLAY_WEBHOOK, VIEW_TRAINING},
    Role.FINANCE: _SEEING
    | {EDIT_TASK, EDIT_ORDER, CANCEL_PAYMENT, REFUND, APPROVE_REFUND, ARRANGE_PAYMENT}
    | {MOVE_SURPLUS, DECIDE_OUTCOME, APPROVE_OUTCOME}
    | {EXPORT, VIEW_REPORTS, REPLAY_WEBHOOK},
    # Who sets the limits does not move the money.
    Role.ADMIN: _SEEING
    | {EDIT_CUSTOMER, MERGE_CUSTOMER, EXPORT, VIEW_REPORTS}
    | {ADMINISTER, VIEW_AUDIT, REPLAY_WEBHOOK},
    Role.AUDITOR: _SEEING | {EXPORT, VIEW_REPORTS, VIEW_AUDIT},
}

_NEEDS_SECOND_FACTOR = frozenset(
    {TAKE_PAYMENT, CANCEL_PAYMENT, REFUND, MOVE_SURPLUS, APPROVE_REFUND}
    | {DECIDE_OUTCOME, APPROVE_OUTCOME}
    | {KEY_CARD, USE_KEYPAD, EXPORT, ADMINISTER}
)

# Whole units per refund or move and per business day, until an administrator says otherwise.
_DEFAULT_LIMITS = {
    Role.AGENT: (100, 500),
    Role.SENIOR_AGENT: (500, 2_000),
    Role.SUPERVISOR: (2_000, 10_000),
    Role.FINANCE: (5_000, 50_000),
}
_UNITS_OF_LIMITS = {"EUR": 1, "USD": 1, "GBP": 1, "SEK": 10, "NOK": 10, "DKK": 10}


class SignedInRequest(HttpRequest):
    """A request behind `needs`: its user is somebody."""

    user: User


class Limits(NamedTuple):
    """How much one person may let go at once, and on one business day."""

    at_once: Money
    per_day: Money


def allows(principal: Principal, permission: Permission) -> bool:
    """Say whether the person or key may do it. The superuser flag opens nothing here."""
    if isinstance(principal, ApiKey):
        return principal.is_active and permission in principal.permissions
    if isinstance(principal, User):
        return principal.is_active and permission in ROLES.get(principal.role, frozenset())
    return False


def moves_money(role: str) -> bool:
    """Say whether the role can move money, export or administer: it needs a second factor."""
    return bool(ROLES.get(role, frozenset()) & _NEEDS_SECOND_FACTOR)


def person_of(principal: User | ApiKey) -> User:
    """Give the person whose name a row carries: for a key, the one who answers for it."""
    return principal.owner if isinstance(principal, ApiKey) else principal


def refund_limit(principal: User | ApiKey, currency: str) -> Limits:
    """Give the limits of the principal's role. Where none is written nothing may be refunded."""
    return _limits(principal, currency, ("per_refund", "per_day"))


def move_limit(principal: User | ApiKey, currency: str) -> Limits:
    """Give the limits of moving surplus. Where none is written nothing may be moved."""
    return _limits(principal, currency, ("per_move", "moves_per_day"))


def _limits(principal: User | ApiKey, currency: str, columns: tuple[str, str]) -> Limits:
    found = RoleLimit.objects.filter(role=principal.role, currency=currency)
    at_once, per_day = found.values_list(*columns).first() or (0, 0)
    return Limits(Money(at_once, currency), Money(per_day, currency))


def highest_refund(permission: Permission, currency: str) -> Money:
    """Give the most that any role with the permission may refund at once."""
    return _highest(permission, currency, "per_refund")


def highest_move(permission: Permission, currency: str) -> Money:
    """Give the most that any role with the permission may move at once."""
    return _highest(permission, currency, "per_move")


def _highest(permission: Permission, currency: str, column: str) -> Money:
    roles = [role for role, allowed in ROLES.items() if permission in allowed]
    limits = RoleLimit.objects.filter(role__in=roles, currency=currency)
    return Money(max(limits.values_list(column, flat=True), default=0), currency)


def ensure_role_limits() -> None:
    """Write the default limits that are missing. Those that were changed stay as they are."""
    RoleLimit.objects.bulk_create(
        [
            RoleLimit(
                role=role,
                currency=currency,
                per_refund=Money.of_major(str(once * units), currency).minor,
                per_day=Money.of_major(str(daily * units), currency).minor,
                per_move=Money.of_major(str(once * units), currency).minor,
                moves_per_day=Money.of_major(str(daily * units), currency).minor,
            )
            for role, (once, daily) in _DEFAULT_LIMITS.items()
            for currency, units in _UNITS_OF_LIMITS.items()
        ],
        ignore_conflicts=True,
    )


def needs(permission: Permission) -> Callable[[View], View]:
    """Guard a view: signed in, and allowed. Refuses with the sign-in page or 403."""
    return _guarded(permission, lambda user: allows(user, permission))


def needs_sign_in(view: View) -> View:
    """Guard a view that every signed-in person may see, such as their own settings."""
    return _guarded(SIGNED_IN, lambda user: user.is_active)(view)


def public(view: View) -> View:
    """Mark a view as open to everybody. It must guard itself: by a signature, or by a secret."""
    view.permission = PUBLIC  # type: ignore[attr-defined]
    return view


def _guarded(permission: str, is_allowed: Callable[[User], bool]) -> Callable[[View], View]:
    def decorate(view: View) -> View:
        if iscoroutinefunction(view):

            @wraps(view)
            async def guarded_async(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
                user = await request.auser()
                refusal = _refusal(request, cast("User", user), is_allowed)
                return refusal or await view(request, *args, **kwargs)

            guarded: View = guarded_async
        else:

            @wraps(view)
            def guarded_sync(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
                return _refusal(request, request.user, is_allowed) or view(request, *args, **kwargs)

            guarded = guarded_sync
        guarded.permission = permission  # type: ignore[attr-defined]
        return guarded

    return decorate


def _refusal(
    request: HttpRequest, user: User | AnonymousUser, is_allowed: Callable[[User], bool]
) -> HttpResponseBase | None:
    if not user.is_authenticated:
        return sign_in_first(request)
    if not is_allowed(user):
        raise PermissionDenied
    return None


def sign_in_first(request: HttpRequest, *, page: str = "account_login") -> HttpResponseBase:
    """Send the browser to a page it must pass first.

    A fragment or a stream cannot go there: it is answered 401, and htmx moves the whole page.
    """
    is_page = request.headers.get("Sec-Fetch-Mode", "navigate") == "navigate"
    if request.headers.get("HX-Request") or not is_page:
        return HttpResponse(status=401, headers={"HX-Redirect": resolve_url(page)})
    return redirect_to_login(request.get_full_path(), resolve_url(page))
