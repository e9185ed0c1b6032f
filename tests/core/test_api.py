"""The API's door: keys, permissions, pages, idempotency, and problems for everything refused."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404, JsonResponse
from django.utils import timezone
from rest_framework import exceptions, serializers
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory
from rest_framework.views import APIView

from core import api, context, policy, problems
from core.errors import CardNumberRefused, Conflict, InvalidInput
from core.models import ApiKey, AuditEvent, IdempotencyRecord
from tests.factories.core import agent

if TYPE_CHECKING:
    from django.http import HttpResponse
    from pytest_django import DjangoAssertNumQueries
    from rest_framework.request import Request

pytestmark = pytest.mark.django_db


class LineInput(serializers.Serializer[Any]):
    amount = serializers.IntegerField(min_value=1)


class ThingInput(serializers.Serializer[Any]):
    currency = serializers.CharField(max_length=3)
    lines = LineInput(many=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["currency"] == "XXX":
            raise serializers.ValidationError("That is no currency.")
        return attrs


class Things(APIView):
    permission_classes = [api.Needs(policy.REFUND)]

    def get(self, request: Request) -> Response:
        raise {
            "conflict": Conflict(),
            "field": InvalidInput("amount", "Too small."),
            "card": CardNumberRefused(field="customer.note"),
            "django404": Http404("secret detail"),
            "django403": PermissionDenied("secret detail"),
            "throttled": exceptions.Throttled(wait=7),
            "bug": ZeroDivisionError("a bug"),
        }[request.query_params["raise"]]

    def post(self, request: Request) -> Response:
        data = ThingInput(data=request.data)
        data.is_valid(raise_exception=True)
        with api.idempotent(request, "thg") as reservation:
            if not reservation.is_replay:
                AuditEvent.objects.create(object_id=reservation.public_id)
        return Response({"id": reservation.public_id, "is_replay": reservation.is_replay})


GOOD = {"currency": "EUR", "lines": [{"amount": 1}]}


def token(**values: Any) -> str:
    values = {"permissions": [policy.REFUND], "owner": None, **values}
    return api.issue_key(**{"name": "shop", **values, "owner": values["owner"] or agent()})[1]


def call(method: str, bearer: str, body: Any = None, path: str = "/things", **headers: str) -> Any:
    request = getattr(APIRequestFactory(), method)(
        path,
        data=body,
        format="json",
        headers={"Authorization": f"Bearer {bearer}", **headers},
    )
    response: HttpResponse = Things.as_view()(request)
    response.render()  # type: ignore[attr-defined]
    return response


def body_of(response: HttpResponse) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(response.content)
    return found


def test_a_key_opens_with_one_query(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    bearer = token()
    ApiKey.objects.update(last_used_at=timezone.now())

    with django_assert_num_queries(1):
        key = api.find_key(bearer)

    assert key is not None
    assert bearer.startswith(f"kui_{key.prefix}_")
    assert bearer.rpartition("_")[2] not in key.secret_hash


def test_the_last_use_is_written_once_a_minute(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    bearer = token()
    call("get", bearer, path="/things?raise=conflict")
    first = ApiKey.objects.get().last_used_at

    with django_assert_num_queries(1):
        call("get", bearer, path="/things?raise=conflict")

    assert first is not None
    assert ApiKey.objects.get().last_used_at == first


@pytest.mark.parametrize(
    "change",
    [
        {"expires_at": timezone.now() - timedelta(seconds=1)},
        {"revoked_at": timezone.now()},
        {"secret_hash": "0" * 64},
        {"prefix": "00000000"},
    ],
)
def test_a_key_that_ended_opens_nothing(change: dict[str, Any]) -> None:
    bearer = token()
    ApiKey.objects.update(**change)

    response = call("post", bearer, GOOD, **{"Idempotency-Key": "k1"})

    assert response.status_code == 401
    assert response["WWW-Authenticate"] == "Bearer"
    assert body_of(response)["code"] == "not_authenticated"
    assert not IdempotencyRecord.objects.exists()


@pytest.mark.parametrize("bearer", ["", "kui", "kui_", "kui_x", "kui__", "sk_a_b", "kui_a_b_c_d"])
def test_nonsense_opens_nothing(bearer: str) -> None:
    assert api.find_key(bearer) is None
    assert call("get", bearer, path="/things?raise=conflict").status_code == 401


def test_no_key_at_all_is_asked_for_one() -> None:
    request = APIRequestFactory().get("/things")

    response = Things.as_view()(request)

    assert response.status_code == 401
    assert response["WWW-Authenticate"] == "Bearer"


def test_a_key_without_the_permission_is_refused() -> None:
    response = call("post", token(permissions=[policy.SEARCH]), GOOD, **{"Idempotency-Key": "k1"})

    assert response.status_code == 403
    assert body_of(response)["code"] == "not_allowed"
    assert not IdempotencyRecord.objects.exists()


def test_a_request_repeated_with_its_key_makes_one_thing() -> None:
    bearer = token()

    first = call("post", bearer, GOOD, **{"Idempotency-Key": "k1"})
    second = call("post", bearer, GOOD, **{"Idempotency-Key": "k1"})

    assert first.data["is_replay"] is False
    assert second.data == {"id": first.data["id"], "is_replay": True}
    assert AuditEvent.objects.count() == 1


def test_a_request_without_a_key_is_refused() -> None:
    response = call("post", token(), GOOD)

    assert response.status_code == 400
    assert body_of(response)["code"] == "idempotency_key_missing"
    assert not AuditEvent.objects.exists()


def test_a_key_with_another_body_is_refused() -> None:
    bearer = token()
    call("post", bearer, GOOD, **{"Idempotency-Key": "k1"})

    response = call("post", bearer, {**GOOD, "currency": "SEK"}, **{"Idempotency-Key": "k1"})

    assert response.status_code == 422
    assert body_of(response)["code"] == "idempotency_key_reused"
    assert AuditEvent.objects.count() == 1


def test_every_wrong_field_is_pointed_at() -> None:
    response = call("post", token(), {"lines": [{"amount": 1}, {"amount": 0}]})

    problem = body_of(response)
    assert response.status_code == 422
    assert response["Content-Type"] == "application/problem+json"
    assert {(error["pointer"], error["code"]) for error in problem["errors"]} == {
        ("#/currency", "required"),
        ("#/lines/1/amount", "min_value"),
    }


def test_an_error_of_the_whole_body_points_at_the_whole_body() -> None:
    problem = body_of(call("post", token(), {**GOOD, "currency": "XXX"}))

    assert [error["pointer"] for error in problem["errors"]] == ["#"]
    assert problem["detail"] == "That is no currency."


def test_a_body_that_is_not_json_is_a_problem() -> None:
    request = APIRequestFactory().post(
        "/things",
        data="{",
        content_type="application/json",
        headers={"Authorization": f"Bearer {token()}"},
    )

    response = Things.as_view()(request)

    assert response.status_code == 400
    assert response.data["code"] == "body_unreadable"


@pytest.mark.parametrize(
    ("reason", "status", "code"),
    [
        ("conflict", 409, "conflict"),
        ("field", 422, "invalid_input"),
        ("card", 422, "card_number_refused"),
        ("django404", 404, "not_found"),
        ("django403", 403, "not_allowed"),
        ("throttled", 429, "too_many_requests"),
    ],
)
def test_every_refusal_is_a_problem(reason: str, status: int, code: str) -> None:
    with context.entered(context.RequestContext(request_id="req-12345")):
        response = call("get", token(), path=f"/things?raise={reason}")

    problem = body_of(response)
    assert response.status_code == problem["status"] == status
    assert problem["code"] == code
    assert problem["type"] == f"/docs/problems/{code}/"
    assert problem["request_id"] == "req-12345"
    assert problem["title"]
    assert "secret" not in problem["detail"]


def test_a_field_of_a_domain_error_is_pointed_at() -> None:
    problem = body_of(call("get", token(), path="/things?raise=card"))

    assert problem["errors"][0]["pointer"] == "#/customer/note"


def test_who_asks_too_often_is_told_how_long_to_wait() -> None:
    assert call("get", token(), path="/things?raise=throttled")["Retry-After"] == "7"


def test_a_method_that_is_not_there_is_a_problem() -> None:
    assert body_of(call("delete", token()))["code"] == "method_not_allowed"


def test_a_bug_is_not_dressed_up() -> None:
    with pytest.raises(ZeroDivisionError):
        call("get", token(), path="/things?raise=bug")


def test_other_views_answer_problems_too() -> None:
    response = problems.problem_response(InvalidInput("amount", "Too small."))

    assert isinstance(response, JsonResponse)
    assert response.status_code == 422
    assert response["Content-Type"] == "application/problem+json"
    assert body_of(response)["errors"][0]["pointer"] == "#/amount"


def test_the_key_is_the_actor_of_the_request() -> None:
    with context.entered(context.RequestContext()) as current:
        call("get", token(), path="/things?raise=conflict")

    assert current.actor == ApiKey.objects.get()


class Pages(APIView):
    permission_classes = [api.Needs(policy.REFUND)]

    def get(self, request: Request) -> Response:
        pages = api.CursorPages()
        rows = pages.paginate_queryset(AuditEvent.objects.all(), request, view=self)
        return pages.get_paginated_response([row.pk for row in rows or []])


def test_pages_follow_each_other_and_no_row_is_seen_twice() -> None:
    bearer = token()
    AuditEvent.objects.bulk_create([AuditEvent() for _ in range(5)])
    seen: list[int] = []
    url = "/pages?limit=2"

    while url:
        request = APIRequestFactory().get(url, headers={"Authorization": f"Bearer {bearer}"})
        page = Pages.as_view()(request).data
        seen += page["results"]
        AuditEvent.objects.create()
        url = page["next"]

    assert seen == sorted(seen, reverse=True)
    assert len(seen) == 5


def test_a_page_has_200_rows_at_most() -> None:
    AuditEvent.objects.bulk_create([AuditEvent() for _ in range(201)])
    request = APIRequestFactory().get(
        "/pages?limit=1000", headers={"Authorization": f"Bearer {token()}"}
    )

    assert len(Pages.as_view()(request).data["results"]) == 200
