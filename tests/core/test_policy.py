"""Who may do what, cell by cell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from core import policy
from core.models import Role, RoleLimit, User
from core.money import Money
from core.policy import Permission
from tests.factories.core import ApiKeyFactory, UserFactory, agent, auditor

if TYPE_CHECKING:
    from pytest_django import DjangoAssertNumQueries

# One column a role: agent, senior agent, supervisor, finance, admin, auditor.
ORDER = [
    Role.AGENT,
    Role.SENIOR_AGENT,
    Role.SUPERVISOR,
    Role.FINANCE,
    Role.ADMIN,
    Role.AUDITOR,
]
MATRIX = {
    "search": "yyyyyy",
    "view_customer": "yyyyyy",
    "edit_customer": "yyy-y-",
    "merge_customer": "-yy-y-",
    "view_order": "yyyyyy",
    "edit_order": "yyyy--",
    "view_payment": "yyyyyy",
    "take_payment": "yyy---",
    "cancel_payment": "yyyy--",
    "refund": "yyyy--",
    "move_surplus": "yyyy--",
    "key_card": "-yy---",
    "use_keypad": "yyy---",
    "arrange_payment": "yyyy--",
    "edit_task": "yyyy--",
    "approve_refund": "--yy--",
    "decide_outcome": "-yyy--",
    "approve_outcome": "--yy--",
    "export": "--yyyy",
    "view_reports": "-yyyyy",
    "view_training": "--y---",
    "administer": "----y-",
    "view_audit": "--y-yy",
    "replay_webhook": "--yyy-",
}
CELLS = [
    (role, permission, MATRIX[permission][column] == "y")
    for permission in MATRIX
    for column, role in enumerate(ORDER)
]


def test_the_matrix_is_complete() -> None:
    assert set(MATRIX) == set(Permission)
    assert set(policy.ROLES) == set(Role)


@pytest.mark.parametrize(("role", "permission", "is_allowed"), CELLS)
def test_each_role_may_do_what_the_matrix_says(
    role: Role, permission: Permission, *, is_allowed: bool
) -> None:
    assert policy.allows(User(role=role), permission) is is_allowed


def test_whoever_is_gone_or_nobody_may_do_nothing() -> None:
    for nobody in (User(role=Role.SUPERVISOR, is_active=False), AnonymousUser(), None):
        assert not any(policy.allows(nobody, permission) for permission in Permission)


def test_the_superuser_flag_opens_nothing() -> None:
    user = User(role=Role.AUDITOR, is_superuser=True)

    assert not policy.allows(user, policy.REFUND)


@pytest.mark.django_db
def test_a_key_may_do_what_it_lists_and_no_more() -> None:
    key = ApiKeyFactory.create(permissions=["refund"], role=Role.SUPERVISOR)

    allowed = [permission for permission in Permission if policy.allows(key, permission)]

    assert allowed == [policy.REFUND]


@pytest.mark.django_db
def test_a_key_ends_with_its_owner() -> None:
    key = ApiKeyFactory.create(permissions=["refund"], owner__is_active=False)

    assert not policy.allows(key, policy.REFUND)


def test_every_role_that_moves_money_exports_or_administers_needs_a_second_factor() -> None:
    assert all(policy.moves_money(role) for role in Role)
    assert not policy.moves_money("nobody")


@pytest.mark.django_db
def test_default_limits_are_written_once_and_then_left_alone() -> None:
    limit = RoleLimit.objects.get(role=Role.AGENT, currency="EUR")
    limit.per_refund = 1
    limit.save(update_fields=["per_refund"])
    count = RoleLimit.objects.count()

    policy.ensure_role_limits()

    assert policy.refund_limit(agent(), "EUR").at_once == Money(1, "EUR")
    assert RoleLimit.objects.count() == count


@pytest.mark.django_db
def test_limits_come_from_the_role_with_one_query(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    key = ApiKeyFactory.create(role=Role.FINANCE)

    with django_assert_num_queries(1):
        limits = policy.refund_limit(key, "EUR")

    assert limits == (Money(500_000, "EUR"), Money(5_000_000, "EUR"))


@pytest.mark.django_db
@pytest.mark.parametrize(("role", "currency"), [(Role.AUDITOR, "EUR"), (Role.AGENT, "JPY")])
def test_where_no_limit_is_written_nothing_may_be_refunded(role: Role, currency: str) -> None:
    limits = policy.refund_limit(UserFactory.create(role=role), currency)

    assert limits == (Money(0, currency), Money(0, currency))


@pytest.mark.django_db
def test_a_row_of_a_key_carries_its_owner() -> None:
    key, person = ApiKeyFactory.create(), agent()

    assert policy.person_of(key) == key.owner
    assert policy.person_of(person) == person


@policy.needs(policy.REFUND)
def refund_page(request: HttpRequest) -> HttpResponse:
    return HttpResponse("refunded")


@policy.public
def open_page(request: HttpRequest) -> HttpResponse:
    return HttpResponse("hello")


def asked(user: User | AnonymousUser, **headers: str) -> HttpRequest:
    request = RequestFactory().get("/pay/", headers=headers)
    request.user = user
    return request


def test_views_say_what_they_need() -> None:
    assert getattr(refund_page, "permission", "") == policy.REFUND
    assert getattr(open_page, "permission", "") == policy.PUBLIC
    assert refund_page.__name__ == "refund_page"


@pytest.mark.django_db
def test_a_view_lets_in_whoever_is_allowed() -> None:
    assert refund_page(asked(agent())).content == b"refunded"


@pytest.mark.django_db
def test_a_view_refuses_whoever_is_not_allowed() -> None:
    with pytest.raises(PermissionDenied):
        refund_page(asked(auditor()))


def test_a_view_sends_strangers_to_the_sign_in_page_and_back() -> None:
    response = refund_page(asked(AnonymousUser()))

    assert response.status_code == 302
    assert response["Location"] == "/accounts/login/?next=/pay/"


@pytest.mark.parametrize("headers", [{"HX-Request": "true"}, {"Sec-Fetch-Mode": "cors"}])
def test_a_fragment_of_a_stranger_moves_the_whole_page(headers: dict[str, str]) -> None:
    response = refund_page(asked(AnonymousUser(), **headers))

    assert response.status_code == 401
    assert response["HX-Redirect"] == "/accounts/login/"
