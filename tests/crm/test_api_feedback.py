from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from core import policy
from tests.crm.test_api import Api
from tests.factories.feedback import answered, asked, caller, moved, talk, wrapped_up

pytestmark = pytest.mark.django_db


def test_the_list_tells_each_question_and_its_answer() -> None:
    question = answered(4, "Quick and friendly.")

    (row,) = Api(policy.VIEW_REPORTS).get("feedback").data["results"]

    assert row["customer"] == question.customer.public_id
    assert row["call"] == question.call.public_id
    assert (row["score"], row["words"], row["withheld"]) == (4, "Quick and friendly.", "")


def test_the_list_is_narrowed() -> None:
    good, open_one = answered(5), asked()
    poor = moved(answered(1), created_at=timezone.now() - timedelta(days=3))
    withheld = wrapped_up(talk(caller()), unasked="declined").feedback
    api = Api(policy.VIEW_REPORTS)

    def ids(**query: str) -> list[str]:
        return [row["id"] for row in api.get("feedback", **query).data["results"]]

    lately = (timezone.now() - timedelta(days=1)).isoformat()
    assert len(ids()) == 4
    assert ids(score="1") == [poor.public_id]
    assert ids(customer=good.customer.public_id) == [good.public_id]
    assert ids(call=good.call.public_id) == [good.public_id]
    assert set(ids(is_answered="false")) == {open_one.public_id, withheld.public_id}
    assert poor.public_id not in ids(created_at__gte=lately)
    assert ids(created_at__lt=lately) == [poor.public_id]


def test_who_may_not_see_reports_sees_none() -> None:
    answered(4)

    assert Api(policy.VIEW_CUSTOMER).get("feedback").status_code == 403
    assert Api(policy.VIEW_REPORTS).post("feedback", {"score": 5}).status_code == 405
