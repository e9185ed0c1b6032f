from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from core.errors import CardNumberRefused, NotFound
from core.models import AuditEvent
from crm.errors import (
    BusinessIdUnusable,
    ChoiceUnknown,
    ExternalIdTaken,
    NameMissing,
    PhoneUnusable,
)
from crm.models import (
    ContactPoint,
    Customer,
    ExternalId,
    OutgoingMessage,
    SearchKey,
    TimelineEntry,
)
from crm.services import consents, contact_points
from crm.services.customers import create_customer, set_external_id, update_customer
from crm.services.rows import get_customer
from tests.factories.core import agent
from tests.factories.crm import CustomerFactory, PhoneFactory

pytestmark = pytest.mark.django_db

CARD = "4111 1111 1111 1111"


def test_a_customer_is_findable_by_all_that_is_given() -> None:
    customer = create_customer(
        name="Matti  Virtanen",
        phones=["040 123 4567", "+358401234567", "050 7654321"],
        emails=["Matti@Example.com"],
        external_ids={"webshop": "K-77"},
        actor=agent(),
    )

    assert customer.name == "Matti Virtanen"
    assert customer.sort_key == "virtanen matti"
    assert set(customer.search_keys.values_list("kind", "key", "label")) == {
        ("name", "matti virtanen", ""),
        ("turned", "virtanen matti", ""),
        ("phone", "358401234567", "+358 40 1234567"),
        ("phone", "358507654321", "+358 50 7654321"),
        ("email", "matti@example.com", ""),
        ("external", "k77", "webshop:K-77"),
    }
    mains = customer.contact_points.filter(is_primary=True).values_list("value", flat=True)
    assert set(mains) == {"+358401234567", "matti@example.com"}
    assert AuditEvent.objects.filter(action="customer.created").count() == 1
    assert TimelineEntry.objects.get().kind == "customer.created"


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"name": "  "}, NameMissing),
        ({"name": "A", "kind": "robot"}, ChoiceUnknown),
        ({"name": "A", "language": "de"}, ChoiceUnknown),
        ({"name": "A", "business_id": "1234567-8"}, BusinessIdUnusable),
        ({"name": "A", "phones": ["12"]}, PhoneUnusable),
        ({"name": "A", "phones": [CARD]}, CardNumberRefused),
        ({"name": "A", "emails": ["4111111111111111@example.com"]}, CardNumberRefused),
        ({"name": "A", "external_ids": {"webshop": CARD}}, CardNumberRefused),
        ({"name": "A", "preferred_method": CARD}, CardNumberRefused),
    ],
)
def test_what_cannot_be_read_makes_no_customer(
    values: dict[str, object], error: type[Exception]
) -> None:
    actor = agent()

    with pytest.raises(error):
        create_customer(actor=actor, **values)  # type: ignore[arg-type]

    assert not Customer.objects.exists()
    assert not SearchKey.objects.exists()
    assert not AuditEvent.objects.exists()


def test_a_card_number_in_name_or_note_is_masked_before_anything_is_kept() -> None:
    customer = create_customer(name=f"Matti {CARD}", note=f"card {CARD}", actor=agent())

    assert customer.name == "Matti ••••1111"
    for kept in (*customer.search_keys.values_list("key", "label"), (customer.note,)):
        assert "4111" not in " ".join(kept)
    assert Customer.objects.get().note == "card ••••1111"


def test_an_external_id_belongs_to_one_customer() -> None:
    first = create_customer(name="A", external_ids={"webshop": "7"}, actor=agent())
    second = create_customer(name="B", actor=agent())

    with pytest.raises(ExternalIdTaken, match="webshop"):
        set_external_id(customer=second, source="webshop", value="7", actor=agent())

    assert ExternalId.objects.get().customer == first
    assert set_external_id(customer=first, source="webshop", value="7", actor=agent()).pk
    assert ExternalId.objects.count() == 1


def test_a_new_name_replaces_the_old_keys_and_the_order() -> None:
    customer = create_customer(name="Liisa Korhonen", actor=agent())

    update_customer(customer, name="Liisa Åberg", language="sv", actor=agent())

    customer.refresh_from_db()
    assert (customer.sort_key, customer.language) == ("{berg liisa", "sv")
    assert set(customer.search_keys.values_list("key", flat=True)) == {"liisa aberg", "aberg liisa"}


def test_what_is_already_so_writes_nothing() -> None:
    customer = create_customer(name="Liisa Korhonen", actor=agent())
    events, changed = AuditEvent.objects.count(), customer.updated_at

    update_customer(customer, name="Liisa Korhonen", actor=agent())

    customer.refresh_from_db()
    assert (AuditEvent.objects.count(), customer.updated_at) == (events, changed)


def test_several_customers_may_share_a_number() -> None:
    first, second = CustomerFactory.create(phone="+358401234567"), CustomerFactory.create()

    contact_points.add_contact_point(
        customer=second, kind="phone", value="0401234567", actor=agent()
    )

    owners = ContactPoint.objects.filter(value="+358401234567").values_list("customer", flat=True)
    assert set(owners) == {first.pk, second.pk}


def test_adding_a_number_again_changes_nothing() -> None:
    point = PhoneFactory.create()

    again = contact_points.add_contact_point(
        customer=point.customer, kind="phone", value="040 1234567", actor=agent()
    )

    assert again == point
    assert AuditEvent.objects.count() == 0


def test_when_the_main_number_goes_the_oldest_other_becomes_the_main_one() -> None:
    main = PhoneFactory.create()
    others = [
        contact_points.add_contact_point(
            customer=main.customer, kind="phone", value=value, actor=agent()
        )
        for value in ("050 1111111", "050 2222222")
    ]

    contact_points.remove_contact_point(point=main, actor=agent())
    contact_points.remove_contact_point(point=main, actor=agent())

    assert main.customer.contact_points.get(is_primary=True) == others[0]
    keys = main.customer.search_keys.filter(kind="phone").values_list("key", flat=True)
    assert set(keys) == {"358501111111", "358502222222"}


def test_another_number_can_be_made_the_main_one() -> None:
    main = PhoneFactory.create()
    other = contact_points.add_contact_point(
        customer=main.customer, kind="phone", value="050 1111111", actor=agent()
    )

    contact_points.make_main(point=other, actor=agent())

    assert main.customer.contact_points.get(is_primary=True) == other


def test_the_latest_word_on_a_purpose_holds_and_the_earlier_ones_stay() -> None:
    customer = CustomerFactory.create()
    for is_given in (True, False):
        consents.record_consent(
            customer=customer,
            purpose="marketing_sms",
            is_given=is_given,
            evidence="said on the phone",
            actor=agent(),
        )

    assert not consents.has_consent(customer, "marketing_sms")
    assert not consents.standing_consents(customer)["marketing_sms"].is_given
    assert customer.consents.count() == 2


def test_an_unknown_purpose_is_refused() -> None:
    customer = CustomerFactory.create()

    with pytest.raises(ChoiceUnknown):
        consents.record_consent(
            customer=customer, purpose="everything", is_given=True, evidence="", actor=agent()
        )

    assert not customer.consents.exists()


def test_an_id_that_nobody_has_is_not_found() -> None:
    with pytest.raises(NotFound):
        get_customer("cus_none")


def test_the_database_itself_refuses_a_second_owner_of_an_external_id() -> None:
    first, second = CustomerFactory.create(), CustomerFactory.create()
    ExternalId.objects.create(customer=first, source="webshop", value="7")

    with pytest.raises(IntegrityError), transaction.atomic():
        ExternalId.objects.create(customer=second, source="webshop", value="7")


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (lambda customer: PhoneFactory.create(customer=customer, value="4222222222222"), "value"),
        (
            lambda customer: ExternalId.objects.create(customer=customer, source="a", value=CARD),
            "value",
        ),
        (
            lambda customer: OutgoingMessage.objects.create(
                cause="c", kind="k", channel="sms", destination=CARD, language="fi"
            ),
            "destination",
        ),
    ],
)
def test_structured_fields_refuse_a_card_number_by_the_bare_orm(make: object, field: str) -> None:
    customer = CustomerFactory.create()

    with pytest.raises(CardNumberRefused) as refusal, transaction.atomic():
        make(customer)  # type: ignore[operator]

    assert refusal.value.field == field
    assert not ContactPoint.objects.exists()
    assert not ExternalId.objects.exists()
    assert not OutgoingMessage.objects.exists()


def test_free_fields_mask_a_card_number_by_the_bare_orm() -> None:
    customer = CustomerFactory.create(name=CARD, note=CARD, street=CARD)
    PhoneFactory.create(customer=customer, label=CARD)
    TimelineEntry.objects.create(customer=customer, kind="k", data={"said": [CARD], "n": 4})
    Customer.objects.update(town=CARD)

    with connection.cursor() as cursor:
        for table in ("crm_customer", "crm_contactpoint", "crm_timelineentry", "crm_searchkey"):
            cursor.execute(f"SELECT string_agg(t::text, ' ') FROM {table} t")
            assert "4111" not in cursor.fetchone()[0]


def test_making_a_customer_costs_the_same_statements_however_many_contacts() -> None:
    actor = agent()

    def statements(count: int) -> int:
        phones = [f"+35840100000{number}" for number in range(count)]
        with CaptureQueriesContext(
            connection,
        ) as queries:
            create_customer(name="Aino Mäkinen", phones=phones, actor=actor)
        return len(queries)

    assert statements(1) == statements(8) <= 10
